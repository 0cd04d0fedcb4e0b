#include <fmt/format.h>

#include <algorithm>

#include "ir/bound_walk.h"
#include "support/check.h"
#include "support/overloaded.h"

namespace writ::ir {

ExtentPtr BoundWalk::constant(ConstantId id) {
  ExtentPtr& known = constants_[id];
  if (known == nullptr) {
    const Constant& constant = config_.constant(program_, id);
    known = of_value(constant.value, constant.type);
  }
  return known;
}

ExtentPtr BoundWalk::of_value(const Value& value, TypeId id) {
  const Type& type = types_[id];
  if (type.kind == Kind::kOptional) {
    const bool is_absent = std::holds_alternative<AbsentValue>(value.node);
    return make_extent({}, {is_absent ? nothing(type.first) : of_value(value, type.first)});
  }
  const auto all = [&](const std::vector<Value>& items) {
    ExtentPtr element = nothing(type.first);
    for (const Value& item : items) element = join(element, of_value(item, type.first));
    return make_extent(Range::exactly(static_cast<std::int64_t>(items.size())), {element});
  };
  return std::visit(
      support::Overloaded{[&](std::int64_t number) { return make_extent(Range::exactly(number)); },
                          [&](const UintValue& number) {
                            return make_extent(Range::exactly(static_cast<std::int64_t>(
                                std::min<std::uint64_t>(number.value, static_cast<std::uint64_t>(kNoBound)))));
                          },
                          [&](const std::string& text) {
                            return make_extent(Range::size({.value = static_cast<std::int64_t>(text.size())}));
                          },
                          [&](const Sequence& sequence) {
                            if (type.kind != Kind::kRecord) return all(sequence.items);
                            const RecordType& record = types_.record_type(type.decl);
                            std::vector<ExtentPtr> fields;
                            for (std::size_t i = 0; i < record.fields.size(); ++i) {
                              fields.push_back(of_value(sequence.items[i], record.fields[i].type));
                            }
                            return make_extent({}, std::move(fields));
                          },
                          [&](const Entries& entries) {
                            ExtentPtr key = nothing(type.first);
                            ExtentPtr held = nothing(type.second);
                            for (const Entry& entry : entries.items) {
                              key = join(key, of_value(entry.key, type.first));
                              held = join(held, of_value(entry.value, type.second));
                            }
                            return make_extent(Range::exactly(static_cast<std::int64_t>(entries.items.size())),
                                               {key, held});
                          },
                          [&](const auto& /*of one size*/) { return make_extent({}); }},
      value.node);
}

ExtentPtr BoundWalk::nothing(TypeId id) {
  ExtentPtr& known = nothings_[id];
  if (known != nullptr) return known;
  const Type& type = types_[id];
  std::vector<ExtentPtr> parts;
  switch (type.kind) {
    case Kind::kRecord:
      for (const Field& field : types_.record_type(type.decl).fields) parts.push_back(nothing(field.type));
      break;
    case Kind::kMap:
      parts = {nothing(type.first), nothing(type.second)};
      break;
    case Kind::kList:
    case Kind::kSet:
    case Kind::kOptional:
      parts = {nothing(type.first)};
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
      break;
  }
  return nothings_[id] = make_extent({}, std::move(parts));
}

ExtentPtr BoundWalk::unknown_record(RecordId id) {
  const auto known = records_.find(id);
  if (known != records_.end()) return known->second;
  const RecordType& record = types_.record_type(id);
  std::vector<ExtentPtr> fields;
  for (const Field& field : record.fields) {
    fields.push_back(unknown(field.type, fmt::format("`{}.{}`", record.name, field.name), field.span));
  }
  return records_[id] = make_extent({}, std::move(fields));
}

ExtentPtr BoundWalk::unknown(TypeId id, const std::string& name, std::optional<support::Span> declared) {
  const Type& type = types_[id];
  const auto no_bound = [&](std::string_view example) {
    const bool is_declared = !type.bound.empty();
    return without_bound(
        factor({.what = fmt::format("{} {}", name, is_declared ? "is not held against its bound here" : "has no bound"),
                .help = is_declared ? "read it by itself, which checks it: list.map(x, x)"
                                    : fmt::format("give it one where it is declared: {}", example),
                .declared = declared}));
  };
  const auto element = [&](TypeId of, std::string_view what) {
    return unknown(of, fmt::format("{} of {}", what, name), declared);
  };
  switch (type.kind) {
    case Kind::kRecord:
      return unknown_record(type.decl);
    case Kind::kOptional:
      return make_extent({}, {unknown(type.first, name, declared)});
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration: {
      const Most most = no_bound("int(0..100)");
      return make_extent({.up = most, .down = most});
    }
    case Kind::kUint:
      return make_extent(Range::size(no_bound("uint(0..100)")));
    case Kind::kString:
    case Kind::kBytes:
      return make_extent(Range::size(no_bound("string(..64)")));
    case Kind::kList:
    case Kind::kSet:
      return make_extent(Range::size(no_bound("list<int>(..32)")), {element(type.first, "an element")});
    case Kind::kMap:
      return make_extent(Range::size(no_bound("map<string(..64), int>(..32)")),
                         {element(type.first, "a key"), element(type.second, "a value")});
    case Kind::kBool:
    case Kind::kDouble:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
      return make_extent({});
  }
  WRIT_UNREACHABLE();
}

}  // namespace writ::ir
