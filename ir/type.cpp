#include "ir/type.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "stdlib/convert.h"
#include "stdlib/time.h"
#include "support/check.h"

namespace writ::ir {
namespace {

constexpr Kind kLastPlain = Kind::kCidr;

constexpr std::uint32_t round_up(std::uint32_t value, std::uint32_t align) {
  return (value + align - 1) / align * align;
}

/// One end of a bound, as the kind that it bounds is written.
std::string bound_end(Kind kind, std::int64_t end) {
  switch (kind) {
    case Kind::kUint:
      return fmt::to_string(static_cast<std::uint64_t>(end));
    case Kind::kDouble:
      return stdlib::format_double(std::bit_cast<double>(end));
    case Kind::kDuration:
      return stdlib::format_duration(end);
    case Kind::kTimestamp:
      return stdlib::format_timestamp(end);
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
      return fmt::to_string(end);
  }
  WRIT_UNREACHABLE();
}

std::string bound_text(const Type& type) {
  if (type.bound.empty()) return "";
  const auto end = [&](std::optional<std::int64_t> value) {
    return value ? bound_end(type.kind, *value) : std::string();
  };
  return fmt::format("({}..{})", end(type.bound.low), end(type.bound.high));
}

std::string_view plain_name(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kTimestamp:
      return "timestamp";
    case Kind::kDuration:
      return "duration";
    case Kind::kIp:
      return "ip";
    case Kind::kCidr:
      return "cidr";
    case Kind::kEnum:
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
      break;
  }
  WRIT_UNREACHABLE();
}

template <typename Range, typename Name>
std::optional<std::uint32_t> position(const Range& range, Name name, std::string_view wanted) {
  const auto found = std::ranges::find(range, wanted, name);
  if (found == range.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - range.begin());
}

}  // namespace

std::optional<std::uint32_t> RecordType::field(std::string_view wanted) const {
  return position(fields, &Field::name, wanted);
}

std::optional<std::uint32_t> EnumType::enumerator(std::string_view wanted) const {
  return position(enumerators, std::identity{}, wanted);
}

Types::Types() {
  // INVARIANT: a plain type's id is its kind's number.
  for (auto kind = 0; kind <= static_cast<int>(kLastPlain); ++kind) {
    intern({.kind = static_cast<Kind>(kind)});
  }
}

TypeId Types::plain(Kind kind) const {
  WRIT_CHECK(kind <= kLastPlain);
  return static_cast<TypeId>(kind);
}

TypeId Types::with_bound(TypeId type, Bound bound) {
  Type bounded = types_[type];
  bounded.bound = bound;
  return intern(bounded);
}

TypeId Types::intern(const Type& type) {
  const auto [entry, is_new] = ids_.try_emplace(type, static_cast<TypeId>(types_.size()));
  if (is_new) types_.push_back(type);
  return entry->second;
}

TypeId Types::shape(TypeId id) {
  Type type = types_[id];
  type.bound = {};
  switch (type.kind) {
    case Kind::kMap:
      type.second = shape(type.second);
      [[fallthrough]];
    case Kind::kList:
    case Kind::kSet:
    case Kind::kOptional:
      type.first = shape(type.first);
      break;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
    case Kind::kRecord:
      break;
  }
  return intern(type);
}

RecordId Types::add_record(RecordType record) {
  records_.push_back(std::move(record));
  return static_cast<RecordId>(records_.size() - 1);
}

EnumId Types::add_enum(EnumType enumeration) {
  enums_.push_back(std::move(enumeration));
  return static_cast<EnumId>(enums_.size() - 1);
}

void Types::lay_out(RecordId id) {
  RecordType& record = records_[id];
  std::uint32_t end = 0;
  record.align = 1;
  for (Field& field : record.fields) {
    const Storage at = storage(field.type);
    field.offset = round_up(end, at.align);
    end = field.offset + at.size;
    record.align = std::max(record.align, at.align);
  }
  // As in C++, a record without fields still has an address of its own.
  record.size = round_up(std::max(end, 1U), record.align);
}

Storage Types::storage(TypeId id) const {
  const Type& type = types_[id];
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kEnum:
      return {.size = 1, .align = 1};
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return {.size = 8, .align = 8};
    case Kind::kString:
    case Kind::kBytes:
      return {.size = sizeof(runtime::StringStorage), .align = 8};
    case Kind::kList:
      return {.size = sizeof(runtime::ListStorage), .align = 8};
    case Kind::kIp:
      return {.size = sizeof(runtime::Ip), .align = 8};
    case Kind::kCidr:
      return {.size = sizeof(runtime::Cidr), .align = 8};
    case Kind::kSet:
    case Kind::kMap:
      return {.size = sizeof(runtime::Table), .align = 8};
    case Kind::kRecord:
      return {.size = records_[type.decl].size, .align = records_[type.decl].align};
    case Kind::kOptional: {
      if (optional_is_address(kind(type.first))) return {.size = 8, .align = 8};
      // The layout of std::optional: the value, then one byte that says whether it is there.
      const Storage inner = storage(type.first);
      return {.size = round_up(inner.size + 1, inner.align), .align = inner.align};
    }
  }
  WRIT_UNREACHABLE();
}

std::uint32_t Types::words(TypeId id) const {
  const Type& type = types_[id];
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kEnum:
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kMap:
      return 1;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kIp:
      return 2;
    case Kind::kCidr:
      return 3;
    case Kind::kOptional:
      return optional_is_address(kind(type.first)) ? 1 : words(type.first) + 1;
  }
  WRIT_UNREACHABLE();
}

std::uint32_t Types::stride(TypeId element) const {
  return storage(element).size;  // sizes are multiples of their alignment
}

Types::EntryLayout Types::entry_layout(TypeId set_or_map) const {
  const Type& type = types_[set_or_map];
  const Storage key = storage(type.first);
  if (type.kind == Kind::kSet) return {.value_offset = key.size, .stride = key.size};
  WRIT_CHECK(type.kind == Kind::kMap);
  const Storage value = storage(type.second);
  const std::uint32_t offset = round_up(key.size, value.align);
  return {.value_offset = offset, .stride = round_up(offset + value.size, std::max(key.align, value.align))};
}

std::string Types::text(TypeId id) const {
  const Type& type = types_[id];
  const auto named = [&]() -> std::string {
    switch (type.kind) {
      case Kind::kEnum:
        return enums_[type.decl].name;
      case Kind::kRecord:
        return records_[type.decl].name;
      case Kind::kList:
        return fmt::format("list<{}>", text(type.first));
      case Kind::kSet:
        return fmt::format("set<{}>", text(type.first));
      case Kind::kMap:
        return fmt::format("map<{}, {}>", text(type.first), text(type.second));
      case Kind::kOptional:
        return text(type.first) + "?";
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kIp:
      case Kind::kCidr:
        return std::string(plain_name(type.kind));
    }
    WRIT_UNREACHABLE();
  };
  return named() + bound_text(type);
}

}  // namespace writ::ir
