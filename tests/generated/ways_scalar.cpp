// Values by kind: truths, numbers, texts, times.
#include <fmt/format.h>

#include "tests/generated/unit_writer.h"
#include "tests/generated/values.h"

namespace writ::tests {

using ir::Kind;

void UnitWriter::add_by_kind(Ways& ways, TypeId type, int depth, Place place) {
  switch (types_.kind(type)) {
    case Kind::kBool:
      return add_bool(ways, depth);
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      return add_number(ways, types_.shape(type), depth);
    case Kind::kString:
    case Kind::kBytes:
      return add_text(ways, types_.shape(type), depth);
    case Kind::kTimestamp:
    case Kind::kDuration:
      return add_time(ways, types_.shape(type), depth);
    case Kind::kRecord:
      return add_record(ways, type, depth);
    case Kind::kList:
      return add_list(ways, type, depth, place);
    case Kind::kSet:
      return add_set(ways, type, depth, place);
    case Kind::kMap:
      return add_map(ways, type, depth, place);
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
    case Kind::kOptional:
      return;
  }
}

std::string UnitWriter::infix(const char* op, TypeId left, TypeId right, int depth) {
  const std::string before = value(left, depth, Place::kFree);
  return fmt::format("({} {} {})", before, op, value(right, depth, Place::kFree));
}

// ---- truths ------------------------------------------------------------------------------------

void UnitWriter::add_bool(Ways& ways, int depth) {
  const TypeId truth = types_.plain(Kind::kBool);
  ways.add(1, [=, this] { return fmt::format("(!{})", value(truth, depth, Place::kFree)); });
  ways.add(3, [=, this] { return infix(bytes_.chance(50) ? "&&" : "||", truth, truth, depth); });
  ways.add(3, [=, this] {
    const TypeId type = world_.any_type(bytes_, 2);
    return infix(bytes_.chance(70) ? "==" : "!=", type, type, depth);
  });
  ways.add(3, [=, this] { return membership(depth); });
  ways.add(4, [=, this] { return quantifier(depth); });
  ways.add(1, [=, this] {
    const TypeId type = types_.as_optional(world_.any_type(bytes_, 1));
    const char* const op = bytes_.chance(50) ? "==" : "!=";
    return fmt::format("({} {} absent)", value(type, depth, Place::kFree), op);
  });
  add_comparisons(ways, depth);
}

void UnitWriter::add_comparisons(Ways& ways, int depth) {
  static constexpr const char* kOps[] = {"<", "<=", ">", ">="};
  static constexpr Kind kNumbers[] = {Kind::kInt, Kind::kUint, Kind::kDouble};
  static constexpr Kind kOrdered[] = {Kind::kInt,  Kind::kString,   Kind::kUint,      Kind::kDouble,
                                      Kind::kBool, Kind::kDuration, Kind::kTimestamp, Kind::kBytes};
  ways.add(4, [=, this] {
    const TypeId type = types_.plain(bytes_.pick(kOrdered));
    return infix(bytes_.pick(kOps), type, type, depth);
  });
  ways.add(1, [=, this] { return infix(bytes_.pick(kOps), types_.enumeration(1), types_.enumeration(1), depth); });
  // Of two kinds, by exact value. A literal would take the left one's kind, inside of `c ? 5 : n` too.
  ways.add(1, [=, this] {
    const char* const op = bytes_.chance(70) ? bytes_.pick(kOps) : "==";
    const std::string left = value(types_.plain(bytes_.pick(kNumbers)), depth, Place::kFree);
    const TypeId kind = types_.plain(bytes_.pick(kNumbers));
    return fmt::format("({} {} {})", left, op, anchored(kind, value(kind, depth, Place::kTyped)));
  });
}

std::string UnitWriter::membership(int depth) {
  static constexpr Kind kRanges[] = {Kind::kInt, Kind::kDuration, Kind::kString};
  Ways ways;
  ways.add(2, [=, this] {
    const Collection held = collection(depth);
    const TypeId element = types_[held.type].first;
    if (types_.kind(element) == Kind::kOptional) return fmt::format("({}.size() > 0)", held.text);
    return fmt::format("({} in {})", value(element, depth, Place::kFree), held.text);
  });
  ways.add(2, [=, this] {
    const TypeId element = world_.scalar(bytes_);
    return fmt::format("({} in {})", value(element, depth, Place::kFree), constant(types_.list(element), Place::kFree));
  });
  ways.add(1, [=, this] {
    const TypeId type = types_.plain(bytes_.pick(kRanges));
    const std::string middle = value(type, depth, Place::kFree);
    const std::string low = value(type, 1, Place::kFree);
    const std::string high = bytes_.chance(70) ? value(type, 1, Place::kFree) : "";
    return fmt::format("({} in {}..{})", middle, low, high.empty() ? "" : "(" + high + ")");
  });
  ways.add(1, [=, this] {
    const TypeId left = types_.plain(bytes_.chance(60) ? Kind::kIp : Kind::kCidr);
    return infix("in", left, types_.plain(Kind::kCidr), depth);
  });
  ways.add(1, [=, this] {
    const TypeId networks = types_.list(types_.plain(Kind::kCidr));
    return fmt::format("({} in {})", value(types_.plain(Kind::kIp), depth, Place::kFree),
                       constant(networks, Place::kFree));
  });
  return choose(ways);
}

// ---- numbers -----------------------------------------------------------------------------------

// Where limits are not sought the right operand is mostly small: else nearly every program would end in `overflow`.
std::string UnitWriter::arithmetic(const char* op, TypeId type, int depth) {
  const std::string left = value(type, depth, Place::kFree);
  if (leaning_.limits || bytes_.chance(40)) {
    return fmt::format("({} {} {})", left, op, value(type, depth, Place::kFree));
  }
  const Kind kind = types_.kind(type);
  return fmt::format("({} {} {}{})", left, op, 1 + bytes_.below(9),
                     kind == Kind::kUint     ? "u"
                     : kind == Kind::kDouble ? ".5"
                                             : "");
}

void UnitWriter::add_number(Ways& ways, TypeId type, int depth) {
  const Kind kind = types_.kind(type);
  for (const char* op : {"+", "-", "*", "/", "%"}) {
    if (kind == Kind::kDouble && *op == '%') continue;
    ways.add(1, [=, this] { return arithmetic(op, type, depth); });
  }
  ways.add(kind == Kind::kUint ? 0 : 1, [=, this] { return fmt::format("(-{})", value(type, depth, Place::kFree)); });
  if (kind != Kind::kInt) return;
  ways.add(3, [=, this] {
    static constexpr Kind kSized[] = {Kind::kString, Kind::kBytes};
    const std::string held =
        bytes_.chance(50) ? collection(depth).text : value(types_.plain(bytes_.pick(kSized)), depth, Place::kFree);
    return held + ".size()";
  });
  ways.add(1, [=, this] { return infix("/", types_.plain(Kind::kDuration), types_.plain(Kind::kDuration), depth); });
}

// ---- texts -------------------------------------------------------------------------------------

void UnitWriter::add_text(Ways& ways, TypeId type, int depth) {
  ways.add(leaning_.texts ? 3 : 1, [=, this] { return infix("+", type, type, depth); });
  ways.add(types_.kind(type) == Kind::kString ? 2 : 0, [=, this] { return formatted(depth); });
}

// A hole holds neither quotes nor braces.
std::string UnitWriter::formatted(int depth) {
  static constexpr Kind kShown[] = {Kind::kInt, Kind::kString, Kind::kUint, Kind::kDouble, Kind::kBool, Kind::kIp};
  std::string text = "f\"";
  const std::uint32_t count = 1 + bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TypeId type = types_.plain(bytes_.pick(kShown));
    const std::string hole = value(type, depth > 1 ? 1 : 0, Place::kFree);
    text += hole.find_first_of("\"'{") == std::string::npos ? fmt::format("{{{}}},", hole) : "-{{}}";
  }
  return text + "\"";
}

// ---- times -------------------------------------------------------------------------------------

void UnitWriter::add_time(Ways& ways, TypeId type, int depth) {
  const TypeId length = types_.plain(Kind::kDuration);
  const TypeId moment = types_.plain(Kind::kTimestamp);
  const TypeId number = types_.plain(Kind::kInt);
  ways.add(2, [=, this] { return infix(bytes_.chance(50) ? "+" : "-", type, length, depth); });
  if (type == moment) return;
  ways.add(1, [=, this] { return infix("-", moment, moment, depth); });
  ways.add(1, [=, this] { return infix(bytes_.chance(50) ? "*" : "/", length, number, depth); });
  ways.add(1, [=, this] { return fmt::format("(-{})", value(length, depth, Place::kFree)); });
}

}  // namespace writ::tests
