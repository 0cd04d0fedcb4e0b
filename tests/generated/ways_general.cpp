// Values of any type: constants, names and their fields, choices, calls, elements.
#include <fmt/format.h>

#include <algorithm>

#include "tests/generated/unit_writer.h"
#include "tests/generated/values.h"

namespace writ::tests {

using ir::Kind;

std::string UnitWriter::value(TypeId type, int depth, Place place) {
  --budget_;
  const TypeId shape = types_.shape(type);
  if (type != shape) return bounded(type, depth, place);
  if (depth <= 0 || budget_ <= 0 || bytes_.exhausted()) return leaf(type, place);
  Ways ways;
  add_general(ways, type, depth - 1, place);
  add_by_kind(ways, type, depth - 1, place);
  add_builtins(ways, shape, depth - 1);
  return choose(ways);
}

// The checker holds constants against bounds, also those behind a name. What a function gives is none.
std::string UnitWriter::bounded(TypeId type, int depth, Place place) {
  if (depth <= 0 || bytes_.exhausted() || bytes_.chance(40)) return constant(type, place);
  return anchored(types_.shape(type), value(types_.shape(type), depth, Place::kTyped));
}

std::string UnitWriter::leaf(TypeId type, Place place) {
  const std::vector<std::string> known = reads(types_.shape(type));
  if (known.empty() || !bytes_.chance(75)) return constant(type, place);
  const std::string text = bytes_.pick(known);
  // A chain goes on behind its end, and through brackets too.
  const bool is_open = place == Place::kFree && text.find("?.") != std::string::npos;
  return is_open ? anchored(types_.shape(type), text) : text;
}

std::string UnitWriter::constant(TypeId type, Place place) {
  if (types_.kind(type) == Kind::kInt && types_[type].bound.empty() && !leaning_.limits && bytes_.chance(80)) {
    return std::to_string(bytes_.below(10));
  }
  const Literal made = literal(make_value(bytes_, type, types_, Fidelity::kLiteral), type, types_);
  return made.ambiguous && place == Place::kFree ? anchored(types_.shape(type), made.text) : made.text;
}

// A function that gives back what it is given: its parameter says the type.
std::string UnitWriter::anchored(TypeId type, const std::string& text) {
  auto found = std::ranges::find(anchors_, type, &std::pair<TypeId, std::string>::first);
  if (found == anchors_.end()) {
    const std::string name = fresh('f');
    declare(Declaration::Kind::kFunction, name,
            fmt::format("fn {}(x: {}) -> {} = x\n", name, types_.text(type), types_.text(type)));
    found = anchors_.insert(anchors_.end(), {type, name});
  }
  return fmt::format("{}({})", found->second, text);
}

std::vector<std::string> UnitWriter::reads(TypeId shape) {
  std::vector<std::string> out;
  for (const Variable& variable : scope_) add_reads(out, variable.name, variable.type, shape, 2);
  return out;
}

void UnitWriter::add_reads(std::vector<std::string>& out, const std::string& text, TypeId type, TypeId shape,
                           int depth) {
  if (types_.shape(type) == shape) out.push_back(text);
  const bool is_optional = types_.kind(type) == Kind::kOptional;
  const TypeId inner = types_.inner(type);
  if (depth == 0 || types_.kind(inner) != Kind::kRecord) return;
  const ir::RecordType record = types_.record_type(types_[inner].decl);
  for (const ir::Field& field : record.fields) {
    const TypeId found = is_optional ? types_.as_optional(types_.shape(field.type)) : field.type;
    add_reads(out, text + (is_optional ? "?." : ".") + field.name, found, shape, depth - 1);
  }
}

void UnitWriter::add_general(Ways& ways, TypeId type, int depth, Place place) {
  const TypeId shape = types_.shape(type);
  const bool is_optional = types_.kind(type) == Kind::kOptional;
  ways.add(4, [=, this] { return leaf(type, place); });
  ways.add(2, [=, this] {
    const std::string condition = value(types_.plain(Kind::kBool), depth, Place::kTyped);
    const std::string then = value(type, depth, place);
    return fmt::format("({} ? {} : {})", condition, then, value(type, depth, place));
  });
  ways.add(is_optional ? 0 : 2, [=, this] {
    const std::string maybe = value(types_.optional(shape), depth, Place::kFree);
    return fmt::format("({} ?? {})", maybe, value(type, depth, place));
  });
  // These hold their values to the type of the place, also where that is a guess from the other operand.
  ways.add(1, [=, this] {
    const std::string text = bytes_.chance(50) ? match(type, depth) : "(" + decide(type, depth) + ")";
    return place == Place::kTyped ? text : anchored(shape, text);
  });
  ways.add(is_optional ? 0 : 1, [=, this] { return element(shape, depth); });
  ways.add(has_field(shape) ? 1 : 0, [=, this] { return field(shape, depth); });
  for (const Function& each : functions_) {
    if (types_.shape(each.result) != shape) continue;
    ways.add(3, [&each, depth, this] { return fmt::format("{}({})", each.name, arguments(each.parameters, depth)); });
  }
  for (const HostFunction& each : world_.host_functions()) {
    if (!each.result || types_.shape(*each.result) != shape) continue;
    ways.add(leaning_.host ? 4 : 1,
             [&each, depth, this] { return fmt::format("{}({})", each.name, arguments(each.parameters, depth)); });
  }
  if (is_optional) add_optional(ways, type, depth, place);
}

void UnitWriter::add_optional(Ways& ways, TypeId type, int depth, Place place) {
  const TypeId inner = types_[type].first;
  ways.add(place == Place::kTyped ? 3 : 0, [=, this] { return value(inner, depth, Place::kTyped); });
  ways.add(2, [=, this] {
    const std::string list = value(types_.list(types_.shape(inner)), depth, Place::kFree);
    return fmt::format("{}[?{}]", list, value(types_.plain(Kind::kInt), depth, Place::kTyped));
  });
  ways.add(2, [=, this] {
    const TypeId key = types_.plain(bytes_.chance(50) ? Kind::kString : Kind::kInt);
    const std::string map = value(types_.map(key, types_.shape(inner)), depth, Place::kFree);
    return fmt::format("{}[?{}]", map, value(key, depth, Place::kTyped));
  });
}

std::string UnitWriter::arguments(const std::vector<TypeId>& parameters, int depth) {
  std::string text;
  for (const TypeId type : parameters) text += (text.empty() ? "" : ", ") + value(type, depth, Place::kTyped);
  return text;
}

std::string UnitWriter::element(TypeId type, int depth) {
  const bool of_list = bytes_.chance(50);
  const TypeId key = types_.plain(of_list || bytes_.chance(30) ? Kind::kInt : Kind::kString);
  const std::string holder = value(of_list ? types_.list(type) : types_.map(key, type), depth, Place::kFree);
  return fmt::format("{}[{}]", holder, value(key, depth, Place::kTyped));
}

bool UnitWriter::has_field(TypeId shape) {
  return std::ranges::any_of(world_.records(), [&](ir::RecordId id) {
    const ir::RecordType record = types_.record_type(id);
    return std::ranges::any_of(record.fields, [&](const auto& each) { return types_.shape(each.type) == shape; });
  });
}

std::string UnitWriter::field(TypeId type, int depth) {
  std::vector<std::pair<TypeId, std::string>> found;
  for (const ir::RecordId id : world_.records()) {
    const ir::RecordType record = types_.record_type(id);
    for (const ir::Field& each : record.fields) {
      if (types_.shape(each.type) == type) found.emplace_back(types_.record(id), each.name);
    }
  }
  const auto& [record, name] = bytes_.pick(found);
  return fmt::format("{}.{}", value(record, depth, Place::kFree), name);
}

// ---- match -------------------------------------------------------------------------------------

std::string UnitWriter::match(TypeId type, int depth) {
  static constexpr Kind kSubjects[] = {Kind::kInt, Kind::kString, Kind::kBool, Kind::kEnum, Kind::kOptional};
  const Kind kind = bytes_.pick(kSubjects);
  TypeId subject = 0;
  if (kind == Kind::kEnum) {
    subject = types_.enumeration(0);
  } else if (kind == Kind::kOptional) {
    subject = types_.optional(world_.scalar(bytes_));
  } else {
    subject = types_.plain(kind);
  }
  const std::string text = value(subject, depth, Place::kFree);
  return fmt::format("(match {} {{ {} }})", text, patterns(kind, subject, type, depth));
}

std::string UnitWriter::patterns(Kind kind, TypeId subject, TypeId type, int depth) {
  const auto arm = [&](std::string_view pattern) {
    return fmt::format("{} => {}, ", pattern, value(type, depth, Place::kTyped));
  };
  if (kind == Kind::kBool) return arm("true") + arm("false");
  if (kind == Kind::kEnum) return bytes_.chance(50) ? arm("free") + arm("paid | staff") : arm("Plan.paid") + arm("_");
  if (kind == Kind::kInt) return arm("0 | 1") + arm("-1") + arm("_");
  if (kind == Kind::kString) return arm("\"a\" | \"abc\"") + arm("\"\"") + arm("_");
  const std::string name = fresh('v');
  scope_.push_back({name, types_[subject].first, false});
  const std::string some = arm(fmt::format("some({})", name));
  scope_.pop_back();
  return some + arm("absent");
}

// ---- decide ------------------------------------------------------------------------------------

std::string UnitWriter::decide(TypeId type, int depth) {
  const std::size_t outside = scope_.size();
  std::string text = "decide { " + rules(type, depth, true, 0);
  const std::string last = value(type, depth, Place::kTyped);
  text += fmt::format("else {} \"r{}\" }}", last, next_reason_++);
  scope_.resize(outside);
  return text;
}

std::string UnitWriter::rules(TypeId type, int depth, bool reasons, int nesting) {
  std::string text;
  const std::uint32_t count = 1 + bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (nesting < 2 && bytes_.chance(20)) {
      const TypeId record = types_.record(bytes_.pick(world_.records()));
      const std::string rows = value(types_.list(record), depth, Place::kFree);
      const std::string name = fresh('v');
      const std::size_t outside = scope_.size();
      scope_.push_back({name, record, false});
      text += fmt::format("for {} in {} {{ ", name, rows);
      if (reasons && bytes_.chance(50)) {
        const std::string answer = value(type, depth, Place::kTyped);
        text +=
            fmt::format("{} {}.name when {}; ", answer, name, value(types_.plain(Kind::kBool), depth, Place::kTyped));
      } else {
        text += rules(type, depth, reasons, nesting + 1);
      }
      text += "}; ";
      scope_.resize(outside);
      continue;
    }
    if (bytes_.chance(15)) text += binding(depth, /*may_change=*/false) + "; ";
    const std::string answer = value(type, depth, Place::kTyped);
    const std::string reason = reasons && bytes_.chance(60) ? fmt::format(" \"r{}\"", next_reason_++) : "";
    text += fmt::format("{}{} when {}; ", answer, reason, value(types_.plain(Kind::kBool), depth, Place::kTyped));
  }
  return text;
}

}  // namespace writ::tests
