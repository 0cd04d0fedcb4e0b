#include "ir/image.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "ir/cost.h"
#include "runtime/table.h"
#include "support/check.h"

namespace writ::ir {
namespace {

constexpr std::size_t kFirstBlockBytes = 4096;

template <typename T>
T read_at(const std::byte* address) {
  T value;
  std::memcpy(&value, address, sizeof value);
  return value;
}
template <typename T>
void write_at(std::byte* address, const T& value) {
  std::memcpy(address, &value, sizeof value);
}

std::uint64_t word(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

/// SAFETY: words that stand for addresses were made by this file, the arena or the host, as abi.h says.
const std::byte* address_of(std::uint64_t word) { return reinterpret_cast<const std::byte*>(word); }

// ---- values into memory ------------------------------------------------------------------------

class Writer {
 public:
  Writer(Image& image, const Types& types, bool sorted, std::uint64_t seed)
      : image_(image), types_(types), sorted_(sorted), seed_(seed) {}

  Words words(const Value& value, TypeId id) {
    const Type& type = types_[id];
    switch (type.kind) {
      case Kind::kBool:
        return {static_cast<std::uint64_t>(std::get<bool>(value.node))};
      case Kind::kInt:
      case Kind::kTimestamp:
      case Kind::kDuration:
        return {static_cast<std::uint64_t>(std::get<std::int64_t>(value.node))};
      case Kind::kUint:
        return {std::get<UintValue>(value.node).value};
      case Kind::kDouble:
        return {std::bit_cast<std::uint64_t>(std::get<double>(value.node))};
      case Kind::kEnum:
        return {std::get<EnumValue>(value.node).number};
      case Kind::kString:
      case Kind::kBytes:
        return text(std::get<std::string>(value.node));
      case Kind::kIp: {
        const auto& ip = std::get<runtime::Ip>(value.node);
        return {ip.high, ip.low};
      }
      case Kind::kCidr: {
        const auto& cidr = std::get<runtime::Cidr>(value.node);
        return {cidr.network.high, cidr.network.low, static_cast<std::uint64_t>(cidr.prefix)};
      }
      case Kind::kList:
        return list(std::get<Sequence>(value.node).items, type.first);
      case Kind::kRecord:
      case Kind::kSet:
      case Kind::kMap: {
        std::byte* const memory = image_.allocate(types_.storage(id).size);
        put(memory, value, id);
        return {word(memory)};
      }
      case Kind::kOptional:
        return optional(value, type.first);
    }
    WRIT_UNREACHABLE();
  }

  /// Writes the value into its storage at `address`.
  void put(std::byte* address, const Value& value, TypeId id) {
    const Type& type = types_[id];
    if (type.kind == Kind::kRecord) {
      const RecordType& record = types_.record_type(type.decl);
      const auto& items = std::get<Sequence>(value.node).items;
      WRIT_CHECK(items.size() == record.fields.size());
      for (std::size_t i = 0; i < items.size(); ++i) {
        put(address + record.fields[i].offset, items[i], record.fields[i].type);
      }
    } else if (type.kind == Kind::kSet || type.kind == Kind::kMap) {
      write_at(address, table(value, id));
    } else {
      store(address, words(value, id), id, types_);
    }
  }

 private:
  Words text(const std::string& text) {
    std::byte* const memory = image_.allocate(text.size());
    std::memcpy(memory, text.data(), text.size());
    return {word(memory), text.size()};
  }

  Words list(const std::vector<Value>& items, TypeId element) {
    const std::size_t stride = types_.stride(element);
    std::byte* const memory = image_.allocate(items.size() * stride);
    for (std::size_t i = 0; i < items.size(); ++i) put(memory + i * stride, items[i], element);
    return {word(memory), items.size()};
  }

  Words optional(const Value& value, TypeId inner) {
    if (std::holds_alternative<AbsentValue>(value.node)) return {};
    Words result = words(value, inner);
    if (!optional_is_address(types_.kind(inner))) result[types_.words(inner)] = 1;
    return result;
  }

  /// The entries and the index in memory of their own; gives the header.
  runtime::Table table(const Value& value, TypeId id) {
    const Type& type = types_[id];
    const auto layout = types_.entry_layout(id);
    const auto count = static_cast<std::int64_t>(size(value));
    std::byte* const memory = image_.allocate(static_cast<std::size_t>(cost::table_bytes(count, layout.stride)));
    std::byte* const entries = memory + cost::kTableBytes;
    for (std::int64_t i = 0; i < count; ++i) {
      put(entries + i * layout.stride, key(value, i), type.first);
      if (type.kind == Kind::kMap) {
        put(entries + i * layout.stride + layout.value_offset,
            std::get<Entries>(value.node).items[static_cast<std::size_t>(i)].value, type.second);
      }
    }
    if (sorted_) {
      check_ascending(value, count);
      const bool linear = count <= cost::kLinearEntries;
      return {.entries = entries, .size = count, .index = nullptr, .index_mask = linear ? 0 : runtime::kSortedTable};
    }
    const bool built =
        runtime::table_build(memory, count, {types_.kind(type.first), layout.value_offset, layout.stride}, seed_, true);
    WRIT_CHECK(built);  // INVARIANT: a Value's sets and maps hold no key twice
    return read_at<runtime::Table>(memory);
  }

  static std::size_t size(const Value& value) {
    if (const auto* set = std::get_if<Sequence>(&value.node)) return set->items.size();
    return std::get<Entries>(value.node).items.size();
  }
  static const Value& key(const Value& value, std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    if (const auto* set = std::get_if<Sequence>(&value.node)) return set->items[at];
    return std::get<Entries>(value.node).items[at].key;
  }
  static void check_ascending(const Value& value, std::int64_t count) {
    for (std::int64_t i = 1; i < count; ++i) {
      WRIT_CHECK(key_order(key(value, i - 1), key(value, i)) < 0);
    }
  }

  Image& image_;
  const Types& types_;
  bool sorted_;
  std::uint64_t seed_;
};

// ---- values out of memory ----------------------------------------------------------------------

Value read_list(const Words& words, TypeId element, const Types& types) {
  Sequence result;
  const std::size_t stride = types.stride(element);
  for (std::uint64_t i = 0; i < words[1]; ++i) {
    const std::byte* const at = address_of(words[0]) + i * stride;
    result.items.push_back(read_value(load(at, element, types), element, types));
  }
  return {std::move(result)};
}

Value read_record(const std::byte* address, RecordId id, const Types& types) {
  Sequence result;
  for (const Field& field : types.record_type(id).fields) {
    result.items.push_back(read_value(load(address + field.offset, field.type, types), field.type, types));
  }
  return {std::move(result)};
}

Value read_set(const runtime::Table& table, TypeId element, const Types& types) {
  return read_list({word(table.entries), static_cast<std::uint64_t>(table.size)}, element, types);
}

Value read_map(const runtime::Table& table, TypeId id, const Types& types) {
  const Type& type = types[id];
  const auto layout = types.entry_layout(id);
  Entries result;
  for (std::int64_t i = 0; i < table.size; ++i) {
    const std::byte* const at = table.entries + i * layout.stride;
    result.items.push_back(
        {.key = read_value(load(at, type.first, types), type.first, types),
         .value = read_value(load(at + layout.value_offset, type.second, types), type.second, types)});
  }
  return {std::move(result)};
}

/// Whether the words of a T? hold a T.
bool is_present(const Words& words, TypeId inner, const Types& types) {
  return words[optional_is_address(types.kind(inner)) ? 0 : types.words(inner)] != 0;
}

}  // namespace

std::byte* Image::allocate(std::size_t bytes) {
  const std::size_t rounded = (bytes + 7) / 8 * 8;
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < rounded) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const std::size_t doubled = blocks_.empty() ? kFirstBlockBytes : blocks_.back().size * 2;
    const std::size_t size = std::max(rounded, doubled);
    blocks_.push_back({.data = std::make_unique_for_overwrite<std::byte[]>(size), .size = size});
  }
  std::byte* const start = blocks_[block_].data.get() + used_;
  used_ += rounded;
  std::memset(start, 0, rounded);
  return start;
}

void Image::reset() {
  block_ = 0;
  used_ = 0;
}

std::size_t Image::bytes() const {
  std::size_t sum = 0;
  for (const Block& block : blocks_) sum += block.size;
  return sum;
}

Words write_value(Image& image, const Value& value, TypeId type, const Types& types, bool sorted, std::uint64_t seed) {
  return Writer(image, types, sorted, seed).words(value, type);
}

Words load(const std::byte* address, TypeId id, const Types& types) {
  const Type& type = types[id];
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kEnum:
      return {read_at<std::uint8_t>(address)};
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return {read_at<std::uint64_t>(address)};
    case Kind::kString:
    case Kind::kBytes: {
      const auto text = read_at<runtime::StringStorage>(address);
      return {word(text.data), static_cast<std::uint64_t>(text.size)};
    }
    case Kind::kList: {
      const auto list = read_at<runtime::ListStorage>(address);
      return {word(list.data), static_cast<std::uint64_t>(list.size)};
    }
    case Kind::kIp: {
      const auto ip = read_at<runtime::Ip>(address);
      return {ip.high, ip.low};
    }
    case Kind::kCidr: {
      const auto cidr = read_at<runtime::Cidr>(address);
      return {cidr.network.high, cidr.network.low, static_cast<std::uint64_t>(cidr.prefix)};
    }
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kMap:
      return {word(address)};
    case Kind::kOptional: {
      if (optional_is_address(types.kind(type.first))) return {read_at<std::uint64_t>(address)};
      if (read_at<std::uint8_t>(address + types.storage(type.first).size) == 0) return {};
      Words words = load(address, type.first, types);
      words[types.words(type.first)] = 1;
      return words;
    }
  }
  WRIT_UNREACHABLE();
}

void store(std::byte* address, const Words& words, TypeId id, const Types& types) {
  const Type& type = types[id];
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kEnum:
      return write_at(address, static_cast<std::uint8_t>(words[0]));
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return write_at(address, words[0]);
    case Kind::kString:
    case Kind::kBytes:
      return write_at(address, runtime::StringStorage{static_cast<std::int64_t>(words[1]),
                                                      reinterpret_cast<const char*>(address_of(words[0]))});
    case Kind::kList:
      return write_at(address, runtime::ListStorage{address_of(words[0]), static_cast<std::int64_t>(words[1])});
    case Kind::kIp:
      return write_at(address, runtime::Ip{words[0], words[1]});
    case Kind::kCidr:
      return write_at(address, runtime::Cidr{{words[0], words[1]}, static_cast<std::int64_t>(words[2])});
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kMap:
      // What is stored is shallow: immutable values may share what they point to.
      std::memcpy(address, address_of(words[0]), types.storage(id).size);
      return;
    case Kind::kOptional: {
      if (optional_is_address(types.kind(type.first))) return write_at(address, words[0]);
      const bool present = is_present(words, type.first, types);
      store(address, present ? words : Words{}, type.first, types);
      write_at(address + types.storage(type.first).size, static_cast<std::uint8_t>(present));
      return;
    }
  }
  WRIT_UNREACHABLE();
}

Value read_value(const Words& words, TypeId id, const Types& types) {
  const Type& type = types[id];
  switch (type.kind) {
    case Kind::kBool:
      return {words[0] != 0};
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return {static_cast<std::int64_t>(words[0])};
    case Kind::kUint:
      return {UintValue{words[0]}};
    case Kind::kDouble:
      return {std::bit_cast<double>(words[0])};
    case Kind::kEnum:
      return {EnumValue{static_cast<std::uint32_t>(words[0])}};
    case Kind::kString:
    case Kind::kBytes:
      return {std::string(reinterpret_cast<const char*>(address_of(words[0])), words[1])};
    case Kind::kIp:
      return {runtime::Ip{words[0], words[1]}};
    case Kind::kCidr:
      return {runtime::Cidr{{words[0], words[1]}, static_cast<std::int64_t>(words[2])}};
    case Kind::kList:
      return read_list(words, type.first, types);
    case Kind::kRecord:
      return read_record(address_of(words[0]), type.decl, types);
    case Kind::kSet:
      return read_set(read_at<runtime::Table>(address_of(words[0])), type.first, types);
    case Kind::kMap:
      return read_map(read_at<runtime::Table>(address_of(words[0])), id, types);
    case Kind::kOptional:
      if (!is_present(words, type.first, types)) return {AbsentValue{}};
      return read_value(words, type.first, types);
  }
  WRIT_UNREACHABLE();
}

}  // namespace writ::ir
