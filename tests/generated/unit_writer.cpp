#include "tests/generated/unit_writer.h"

#include <fmt/format.h>

#include "tests/generated/values.h"

namespace writ::tests {

using ir::Kind;

namespace {

constexpr int kParameterWords = 14;  // of 16 that a slot may take

/// How a TOML document says a value; empty for what it does not here.
std::string document_text(const ir::Value& value, ir::TypeId type, const ir::Types& types) {
  switch (types.kind(type)) {
    case Kind::kBool:
    case Kind::kInt:
      return ir::literal_text(value, type, types);
    case Kind::kDuration:
      return "\"" + ir::literal_text(value, type, types) + "\"";
    default:
      return "";
  }
}

}  // namespace

WrittenUnit write_unit(World& world, ByteSource& bytes, std::string name) {
  return UnitWriter(world, bytes).write(std::move(name));
}

WrittenUnit UnitWriter::write(std::string slot_name) {
  WrittenUnit unit;
  unit_ = &unit;
  unit.slot.name = std::move(slot_name);
  leaning_ = {
      .loops = bytes_.chance(40), .texts = bytes_.chance(40), .limits = bytes_.chance(30), .host = bytes_.chance(30)};
  write_knobs();
  write_constants();
  const std::uint32_t count = 1 + bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bytes_.chance(15)) {
      write_recursive_function();
    } else {
      write_function();
    }
  }
  write_slot(unit);
  unit_ = nullptr;
  return unit;
}

void UnitWriter::declare(Declaration::Kind kind, const std::string& name, std::string text) {
  unit_->declarations.push_back({.kind = kind, .name = name, .text = std::move(text)});
}

std::string UnitWriter::choose(Ways& ways) {
  int total = 0;
  for (const Way& way : ways) total += way.weight;
  int drawn = static_cast<int>(bytes_.below(static_cast<std::size_t>(total)));
  for (const Way& way : ways) {
    drawn -= way.weight;
    if (drawn < 0) return way.write();
  }
  return ways.front().write();
}

void UnitWriter::write_knobs() {
  const std::uint32_t count = bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TypeId type = world_.any_type(bytes_, 2);
    const ir::Value initial = make_value(bytes_, type, types_, Fidelity::kLiteral);
    Knob knob{.name = fresh('k'), .text = {}, .assigned = {}};
    knob.text = fmt::format("{}: {} = {}", knob.name, types_.text(type), literal(initial, type, types_).text);
    if (bytes_.chance(40)) {
      knob.assigned = document_text(make_value(bytes_, type, types_, Fidelity::kLiteral), type, types_);
    }
    scope_.push_back({knob.name, type, false});
    unit_->knobs.push_back(std::move(knob));
  }
}

void UnitWriter::write_constants() {
  const std::uint32_t count = bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TypeId type = world_.any_type(bytes_, 2);
    const std::string name = fresh('c');
    const std::string text = literal(make_value(bytes_, type, types_, Fidelity::kLiteral), type, types_).text;
    declare(Declaration::Kind::kConstant, name, fmt::format("const {}: {} = {}\n", name, types_.text(type), text));
    scope_.push_back({name, type, false});
  }
}

std::string UnitWriter::body(TypeId result) {
  allow(40);
  if (bytes_.chance(50)) return " {\n" + block(result, 3, 1) + "  return " + value(result, 3, Place::kTyped) + "\n}\n";
  return " = " + (bytes_.chance(30) ? decide(result, 4) : value(result, 5, Place::kTyped)) + "\n";
}

void UnitWriter::write_function() {
  Function made{.name = fresh('f'), .parameters = {}, .result = world_.any_type(bytes_, 2)};
  const std::size_t outside = scope_.size();
  std::string parameters;
  const std::uint32_t count = bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TypeId type = world_.any_type(bytes_, 2);
    const std::string name = fresh('v');
    parameters += (i == 0 ? "" : ", ") + name + ": " + types_.text(type);
    made.parameters.push_back(type);
    scope_.push_back({name, type, false});
  }
  std::string text =
      fmt::format("fn {}({}) -> {}{}", made.name, parameters, types_.text(made.result), body(made.result));
  scope_.resize(outside);
  declare(Declaration::Kind::kFunction, made.name, std::move(text));
  functions_.push_back(std::move(made));
}

// Counts its first parameter down; how deep it goes is the caller's.
void UnitWriter::write_recursive_function() {
  const TypeId number = types_.plain(Kind::kInt);
  Function made{.name = fresh('f'), .parameters = {number}, .result = world_.any_type(bytes_, 1)};
  const std::string name = fresh('v');
  const std::size_t outside = scope_.size();
  scope_.push_back({name, number, false});
  allow(20);
  const std::string ground = value(made.result, 2, Place::kTyped);
  functions_.push_back(made);
  const std::string step = fmt::format("{}({} - 1)", made.name, name);
  scope_.push_back({step, made.result, false});
  const std::string above = value(made.result, 2, Place::kTyped);
  scope_.resize(outside);
  declare(Declaration::Kind::kFunction, made.name,
          fmt::format("fn {}({}: int) -> {} = {} <= 0 ? {} : {} == 1 ? {} : {}\n", made.name, name,
                      types_.text(made.result), name, ground, name, above, step));
}

void UnitWriter::write_slot(WrittenUnit& unit) {
  Slot& slot = unit.slot;
  slot.result = world_.bounded_type(bytes_, 2);
  slot.otherwise = bytes_.chance(30)
                       ? "host"
                       : literal(make_value(bytes_, slot.result, types_, Fidelity::kLiteral), slot.result, types_).text;
  std::string names;
  int words = 0;
  const std::uint32_t count = 2 + bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TypeId type = i == 0 ? types_.record(bytes_.pick(world_.records())) : world_.bounded_type(bytes_, 2);
    words += static_cast<int>(types_.words(type));
    if (words > kParameterWords) break;
    const std::string parameter = fmt::format("p{}", i);
    slot.parameters.push_back({.name = parameter, .type = type});
    const std::string name = fresh('v');
    names += (i == 0 ? "" : ", ") + name;
    scope_.push_back({name, type, false});
  }
  declare(Declaration::Kind::kSlot, slot.name, fmt::format("slot {}({}){}", slot.name, names, body(slot.result)));
}

}  // namespace writ::tests
