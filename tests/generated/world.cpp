#include "tests/generated/world.h"

#include <fmt/format.h>

#include <utility>

namespace writ::tests {
namespace {

using ir::Kind;
using ir::TypeId;

constexpr Kind kScalars[] = {Kind::kInt,   Kind::kBool,      Kind::kString,   Kind::kUint, Kind::kDouble,
                             Kind::kBytes, Kind::kTimestamp, Kind::kDuration, Kind::kIp,   Kind::kCidr};
// The most frequent ones of programs stand more than once.
constexpr Kind kOften[] = {Kind::kInt, Kind::kString, Kind::kBool, Kind::kInt, Kind::kString};
constexpr Kind kKeys[] = {Kind::kString, Kind::kInt,      Kind::kIp,   Kind::kUint,
                          Kind::kCidr,   Kind::kDuration, Kind::kBytes};

std::string parameters_text(const std::vector<ir::Local>& parameters, const ir::Types& types) {
  std::string text;
  for (const ir::Local& each : parameters) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", each.name, types.text(each.type));
  }
  return text;
}

}  // namespace

World::World(ByteSource bytes) {
  for (const Kind kind : kScalars) scalars_.push_back(types_.plain(kind));
  scalars_.push_back(types_.enumeration(types_.add_enum({.name = "Plan", .enumerators = {"free", "paid", "staff"}})));
  scalars_.push_back(types_.enumeration(
      types_.add_enum({.name = "Level", .ordered = true, .enumerators = {"low", "middle", "high", "top"}})));
  const std::uint32_t records = 2 + bytes.below(2);
  for (std::uint32_t i = 0; i < records; ++i) add_record(bytes);
  add_host_functions(bytes);
}

TypeId World::scalar(ByteSource& bytes) {
  if (bytes.chance(45)) return types_.plain(bytes.pick(kOften));
  return bytes.pick(scalars_);
}

TypeId World::key_type(ByteSource& bytes) { return types_.plain(bytes.pick(kKeys)); }

TypeId World::any_type(ByteSource& bytes, int depth) {
  if (depth <= 0 || bytes.chance(40)) return scalar(bytes);
  switch (bytes.below(6)) {
    case 0:
    case 1:
      return types_.list(any_type(bytes, depth - 1));
    case 2:
      return types_.map(key_type(bytes), any_type(bytes, depth - 1));
    case 3:
      return types_.set(key_type(bytes));
    case 4:
      return records_.empty() ? scalar(bytes) : types_.record(bytes.pick(records_));
    default:
      return types_.as_optional(any_type(bytes, depth - 1));
  }
}

TypeId World::bounded_type(ByteSource& bytes, int depth) {
  const TypeId type = any_type(bytes, depth);
  if (bytes.chance(55)) return type;
  switch (types_.kind(type)) {
    case Kind::kInt:
      return bytes.chance(50) ? types_.with_bound(type, {.low = 0, .high = 100})
                              : types_.with_bound(type, {.low = -5, .high = {}});
    case Kind::kDuration:
      return types_.with_bound(type, {.low = 0, .high = 86'400'000'000'000});
    case Kind::kString:
    case Kind::kBytes:
      return types_.with_bound(type, {.low = {}, .high = bytes.chance(50) ? 64 : 8});
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
      return types_.with_bound(type, {.low = {}, .high = bytes.chance(50) ? 4 : 16});
    case Kind::kBool:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
    case Kind::kRecord:
    case Kind::kOptional:
      return type;
  }
  return type;
}

void World::add_record(ByteSource& bytes) {
  ir::RecordType record{.name = fmt::format("Rec{}", records_.size())};
  const std::uint32_t fields = 2 + bytes.below(5);
  // The first ones are a row's name and number, which rules over rows look at.
  record.fields.push_back({.name = "name", .type = types_.plain(Kind::kString)});
  for (std::uint32_t i = 0; i < fields; ++i) {
    record.fields.push_back({.name = fmt::format("f{}", i), .type = bounded_type(bytes, 2)});
  }
  records_.push_back(types_.add_record(std::move(record)));
}

void World::add_host_functions(ByteSource& bytes) {
  const TypeId number = types_.plain(Kind::kInt);
  const TypeId text = types_.plain(Kind::kString);
  host_functions_ = {
      {.name = "cap.now", .effect = ir::Effect::kReads, .parameters = {}, .result = types_.plain(Kind::kTimestamp)},
      {.name = "cap.name",
       .effect = ir::Effect::kReads,
       .parameters = {number},
       .result = types_.with_bound(text, {.low = {}, .high = 8})},
      {.name = "cap.look", .effect = ir::Effect::kReads, .parameters = {text}, .result = bounded_type(bytes, 1)},
      {.name = "cap.twice", .effect = ir::Effect::kPure, .parameters = {number}, .result = number},
      {.name = "cap.find",
       .effect = ir::Effect::kReads,
       .parameters = {text, number},
       .result = bounded_type(bytes, 2)},
      {.name = "cap.note",
       .effect = ir::Effect::kEmits,
       .parameters = {types_.with_bound(text, {.low = {}, .high = 64})},
       .result = std::nullopt},
      {.name = "cap.tell",
       .effect = ir::Effect::kEmits,
       .parameters = {bounded_type(bytes, 1), number},
       .result = std::nullopt}};
}

std::string World::schema_text(const std::vector<Slot>& slots) const {
  std::string text = "schema s\n";
  for (ir::EnumId id = 0; id < types_.enum_count(); ++id) {
    const ir::EnumType& type = types_.enum_type(id);
    text += fmt::format("{}enum {} {{ {} }}\n", type.ordered ? "ordered " : "", type.name,
                        fmt::join(type.enumerators, ", "));
  }
  for (const ir::RecordId id : records_) {
    const ir::RecordType& type = types_.record_type(id);
    text += fmt::format("record {} {{\n", type.name);
    for (const ir::Field& field : type.fields) text += fmt::format("  {}: {}\n", field.name, types_.text(field.type));
    text += "}\n";
  }
  text += "capability cap {\n";
  for (const HostFunction& each : host_functions_) {
    std::vector<ir::Local> parameters;
    for (const TypeId type : each.parameters) {
      parameters.push_back({.name = fmt::format("p{}", parameters.size()), .type = type});
    }
    const char* const effect = each.effect == ir::Effect::kPure    ? "pure"
                               : each.effect == ir::Effect::kReads ? "reads"
                                                                   : "emits";
    text += fmt::format("  {} fn {}({}){} cost 20\n", effect, each.name.substr(4), parameters_text(parameters, types_),
                        each.result ? " -> " + types_.text(*each.result) : "");
  }
  text += "}\n";
  for (const Slot& slot : slots) {
    text += fmt::format("slot {}({}) -> {} else {}\n", slot.name, parameters_text(slot.parameters, types_),
                        types_.text(slot.result), slot.otherwise);
  }
  return text + fmt::format("tier all {{ grants cap  fuel {}  memory {}B  stack 2KiB }}\n", kTierFuel, kTierMemory);
}

}  // namespace writ::tests
