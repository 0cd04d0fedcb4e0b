// Values by kind: records, lists, sets, maps, and what macros make of them.
#include <fmt/format.h>

#include <utility>

#include "tests/generated/unit_writer.h"

namespace writ::tests {

using ir::Kind;

/// At most so many elements of a literal that are computed.
constexpr std::uint32_t kElements = 3;

std::string UnitWriter::separated(int count, const std::function<std::string()>& each) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + each();
  return text;
}

// ---- what is gone through ----------------------------------------------------------------------

UnitWriter::Collection UnitWriter::collection(int depth) {
  std::vector<Collection> known;
  for (const Variable& variable : scope_) {
    const TypeId shape = types_.shape(variable.type);
    const Kind kind = types_.kind(shape);
    if (kind == Kind::kList || kind == Kind::kSet || kind == Kind::kMap) known.push_back({variable.name, shape});
    if (kind != Kind::kRecord) continue;
    const ir::RecordType record = types_.record_type(types_[shape].decl);
    for (const ir::Field& field : record.fields) {
      const Kind inner = types_.kind(field.type);
      if (inner != Kind::kList && inner != Kind::kSet && inner != Kind::kMap) continue;
      known.push_back({variable.name + "." + field.name, types_.shape(field.type)});
    }
  }
  if (!known.empty() && bytes_.chance(60)) return bytes_.pick(known);
  const TypeId key = types_.plain(bytes_.chance(50) ? Kind::kString : Kind::kInt);
  TypeId type = types_.list(world_.any_type(bytes_, 1));
  if (bytes_.chance(25)) type = types_.set(key);
  if (bytes_.chance(25)) type = types_.map(key, world_.scalar(bytes_));
  return {value(type, depth, Place::kFree), type};
}

std::string UnitWriter::with_element(TypeId collection, bool two, const std::function<std::string()>& inner) {
  const std::size_t outside = scope_.size();
  const ir::Type type = types_[collection];
  std::string names = fresh('v');
  if (two) {
    const std::string second = fresh('v');
    scope_.push_back({names, type.kind == Kind::kMap ? type.first : types_.plain(Kind::kInt), false});
    scope_.push_back({second, type.kind == Kind::kMap ? type.second : type.first, false});
    names += ", " + second;
  } else {
    scope_.push_back({names, type.first, false});
  }
  // Macros are loops: values inside are made of little, so that loops inside loops stay payable.
  std::string text = names + ", " + inner();
  scope_.resize(outside);
  return text;
}

std::string UnitWriter::quantifier(int depth) {
  const TypeId truth = types_.plain(Kind::kBool);
  if (bytes_.chance(20)) {
    const TypeId type = types_.as_optional(world_.any_type(bytes_, 1));
    const std::string held = value(type, depth, Place::kFree);
    const char* const name = bytes_.chance(50) ? "exists" : "all";
    const std::string variable = fresh('v');
    scope_.push_back({variable, types_[type].first, false});
    std::string text = fmt::format("{}.{}({}, {})", held, name, variable, value(truth, depth, Place::kTyped));
    scope_.pop_back();
    return text;
  }
  static constexpr const char* kNames[] = {"exists", "all", "exists_one"};
  const Collection held = collection(depth);
  const char* const name = bytes_.pick(kNames);
  const bool two = types_.kind(held.type) != Kind::kSet && bytes_.chance(40);
  return fmt::format("{}.{}({})", held.text, name,
                     with_element(held.type, two, [&] { return value(truth, depth, Place::kTyped); }));
}

// ---- records -----------------------------------------------------------------------------------

void UnitWriter::add_record(Ways& ways, TypeId type, int depth) {
  const ir::RecordType record = types_.record_type(types_[type].decl);
  ways.add(3, [=, this] {
    std::string fields;
    for (const ir::Field& field : record.fields) {
      fields +=
          fmt::format("{}{}: {}", fields.empty() ? "" : ", ", field.name, value(field.type, depth, Place::kTyped));
    }
    return fmt::format("{}({})", record.name, fields);
  });
  ways.add(2, [=, this] {
    const std::string before = value(type, depth, Place::kFree);
    const ir::Field& field = bytes_.pick(record.fields);
    return fmt::format("({} with ({}: {}))", before, field.name, value(field.type, depth, Place::kTyped));
  });
}

// ---- lists -------------------------------------------------------------------------------------

void UnitWriter::add_list(Ways& ways, TypeId type, int depth, Place place) {
  const TypeId element = types_.shape(types_[type].first);
  const TypeId truth = types_.plain(Kind::kBool);
  ways.add(3, [=, this] {
    const int count = static_cast<int>(1 + bytes_.below(kElements));
    return "[" + separated(count, [&] { return value(types_[type].first, depth, place); }) + "]";
  });
  ways.add(1, [=, this] { return infix("+", types_.list(element), types_.list(element), depth); });
  ways.add(2, [=, this] {
    const std::string from = value(types_.list(element), depth, Place::kFree);
    return fmt::format("{}.filter({})", from, with_element(types_.list(element), bytes_.chance(30), [&] {
                         return value(truth, depth, Place::kTyped);
                       }));
  });
  // The new elements stand where nothing says their type.
  ways.add(2, [=, this] {
    const Collection from = collection(depth);
    const bool if_some = bytes_.chance(30);
    return fmt::format("{}.map({})", from.text, with_element(from.type, false, [&] {
                         const std::string condition = if_some ? value(truth, depth, Place::kTyped) + ", " : "";
                         return condition + value(element, depth, Place::kFree);
                       }));
  });
  ways.add(1, [=, this] {
    Collection from = collection(depth);
    if (types_.kind(from.type) == Kind::kSet) return value(types_.list(element), depth, place);
    return fmt::format("{}.transformList({})", from.text,
                       with_element(from.type, true, [&] { return value(element, depth, Place::kFree); }));
  });
  ways.add(place == Place::kTyped ? 1 : 0, [=, this] {
    const std::size_t outside = scope_.size();
    std::string text = "(collect { " + rules(element, depth, false, 0) + "})";
    scope_.resize(outside);
    return text;
  });
}

// ---- sets and maps -----------------------------------------------------------------------------

void UnitWriter::add_set(Ways& ways, TypeId type, int depth, Place place) {
  const TypeId element = types_[type].first;
  ways.add(3, [=, this] {
    const int count = static_cast<int>(1 + bytes_.below(kElements));
    return "{" + separated(count, [&] { return value(element, depth, place); }) + "}";
  });
}

void UnitWriter::add_map(Ways& ways, TypeId type, int depth, Place place) {
  const TypeId key = types_[type].first;
  const TypeId held = types_.shape(types_[type].second);
  const TypeId truth = types_.plain(Kind::kBool);
  const TypeId shape = types_.shape(type);
  ways.add(3, [=, this] {
    const int count = static_cast<int>(1 + bytes_.below(kElements));
    // A key that stands twice is an error as long as both are constants.
    bool is_first = true;
    return "{" +
           separated(count,
                     [&] {
                       const bool maybe = types_.kind(held) != Kind::kOptional && bytes_.chance(15);
                       std::string name = value(key, depth, place);
                       if (!std::exchange(is_first, false)) name = anchored(key, name);
                       return fmt::format("{}{}: {}", maybe ? "?" : "", name,
                                          value(maybe ? types_.optional(held) : types_[type].second, depth,
                                                maybe ? Place::kFree : place));
                     }) +
           "}";
  });
  ways.add(1, [=, this] {
    const std::string from = value(shape, depth, Place::kFree);
    return fmt::format("{}.filter({})", from,
                       with_element(shape, true, [&] { return value(truth, depth, Place::kTyped); }));
  });
  ways.add(1, [=, this] {
    const TypeId source = types_.map(key, world_.scalar(bytes_));
    const std::string from = value(source, depth, Place::kFree);
    const bool if_some = bytes_.chance(30);
    return fmt::format("{}.transformMap({})", from, with_element(source, true, [&] {
                         const std::string condition = if_some ? value(truth, depth, Place::kTyped) + ", " : "";
                         return condition + value(held, depth, Place::kFree);
                       }));
  });
  ways.add(1, [=, this] {
    Collection from = collection(depth);
    if (types_.kind(from.type) == Kind::kSet) return value(shape, depth, place);
    return fmt::format("{}.transformMapEntry({})", from.text, with_element(from.type, true, [&] {
                         const std::string name = value(key, depth, Place::kFree);
                         return fmt::format("{{{}: {}}}", name, value(held, depth, Place::kFree));
                       }));
  });
}

}  // namespace writ::tests
