// Statements of blocks.
#include <fmt/format.h>

#include <algorithm>

#include "tests/generated/unit_writer.h"

namespace writ::tests {

using ir::Kind;

namespace {

constexpr int kDeepestLoop = 3;

std::string margin(int indent) { return std::string(static_cast<std::size_t>(indent) * 2, ' '); }

}  // namespace

// What a block declares is gone behind it.
std::string UnitWriter::block(TypeId result, int depth, int indent) {
  const std::size_t outside = scope_.size();
  std::string text;
  const std::uint32_t count = 1 + bytes_.below(3);
  for (std::uint32_t i = 0; i < count; ++i) text += margin(indent) + statement(result, depth, indent) + "\n";
  if (indent > 1) scope_.resize(outside);
  return text;
}

std::string UnitWriter::statement(TypeId result, int depth, int indent) {
  if (depth <= 0 || budget_ <= 0 || bytes_.exhausted()) return binding(0);
  Ways ways;
  ways.add(4, [=, this] { return binding(depth); });
  ways.add(4, [=, this] { return assignment(depth); });
  ways.add(3, [=, this] { return conditional(result, depth - 1, indent); });
  ways.add(leaning_.loops ? 6 : 2, [=, this] { return loop(result, depth - 1, indent); });
  ways.add(leaning_.loops ? 2 : 1, [=, this] { return while_loop(result, depth - 1, indent); });
  ways.add(leaning_.host ? 3 : 1, [=, this] { return emission(depth - 1); });
  ways.add(1, [=, this] {
    const std::string condition = value(types_.plain(Kind::kBool), depth, Place::kTyped);
    return fmt::format("if {} {{ return {} }}", condition, value(result, depth - 1, Place::kTyped));
  });
  ways.add(loops_ > 0 ? 2 : 0, [=, this] {
    const char* const leave = bytes_.chance(50) ? "break" : "continue";
    return fmt::format("if {} {{ {} }}", value(types_.plain(Kind::kBool), depth, Place::kTyped), leave);
  });
  return choose(ways);
}

std::string UnitWriter::binding(int depth, bool may_change) {
  const TypeId type = world_.any_type(bytes_, 2);
  const bool assignable = may_change && bytes_.chance(60);
  const std::string text = value(type, depth, Place::kTyped);
  const std::string name = fresh('v');
  scope_.push_back({name, type, assignable});
  return fmt::format("{} {}: {} = {}", assignable ? "var" : "let", name, types_.text(type), text);
}

std::string UnitWriter::assignment(int depth) {
  std::vector<Variable> targets;
  std::ranges::copy_if(scope_, std::back_inserter(targets), [](const Variable& each) { return each.assignable; });
  if (targets.empty()) return binding(depth);
  const Variable target = bytes_.pick(targets);
  const Kind kind = types_.kind(target.type);
  const char* op = "=";
  const bool has_difference =
      kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble || kind == Kind::kDuration;
  if ((has_difference || kind == Kind::kString || kind == Kind::kBytes) && bytes_.chance(60)) op = "+=";
  if (has_difference && bytes_.chance(30)) op = "-=";
  return fmt::format("{} {} {}", target.name, op, value(target.type, depth, Place::kTyped));
}

std::string UnitWriter::conditional(TypeId result, int depth, int indent) {
  const std::string end = margin(indent) + "}";
  std::string text;
  if (bytes_.chance(30)) {
    const TypeId shape = types_.as_optional(world_.any_type(bytes_, 1));
    const std::string maybe = value(shape, depth, Place::kFree);
    const std::string name = fresh('v');
    scope_.push_back({name, types_[shape].first, false});
    text = fmt::format("if let {} = {} {{\n{}{}", name, maybe, block(result, depth, indent + 1), end);
    scope_.pop_back();
  } else {
    const std::string condition = value(types_.plain(Kind::kBool), depth, Place::kTyped);
    text = fmt::format("if {} {{\n{}{}", condition, block(result, depth, indent + 1), end);
  }
  if (bytes_.chance(40)) text += fmt::format(" else {{\n{}{}", block(result, depth, indent + 1), end);
  return text;
}

std::string UnitWriter::loop(TypeId result, int depth, int indent) {
  if (loops_ == kDeepestLoop) return assignment(depth);
  const std::size_t outside = scope_.size();
  std::string names = fresh('v');
  std::string over;
  if (bytes_.chance(30)) {
    const std::string low = value(types_.plain(Kind::kInt), 0, Place::kTyped);
    over = fmt::format("{}..({})", low, value(types_.plain(Kind::kInt), 1, Place::kTyped));
    scope_.push_back({names, types_.plain(Kind::kInt), false});
  } else {
    const Collection held = collection(depth);
    over = held.text;
    const ir::Type type = types_[held.type];
    if (type.kind != Kind::kSet && bytes_.chance(50)) {
      const std::string second = fresh('v');
      scope_.push_back({names, type.kind == Kind::kMap ? type.first : types_.plain(Kind::kInt), false});
      scope_.push_back({second, type.kind == Kind::kMap ? type.second : type.first, false});
      names += ", " + second;
    } else {
      scope_.push_back({names, type.first, false});
    }
  }
  ++loops_;
  std::string text =
      fmt::format("for {} in {} {{\n{}{}}}", names, over, block(result, depth, indent + 1), margin(indent));
  --loops_;
  scope_.resize(outside);
  return text;
}

// Most count down; a few go on as long as something holds, which may be for ever.
std::string UnitWriter::while_loop(TypeId result, int depth, int indent) {
  if (loops_ == kDeepestLoop) return assignment(depth);
  const std::string count = fresh('v');
  const std::string condition = value(types_.plain(Kind::kBool), depth, Place::kTyped);
  const bool counts = bytes_.chance(85);
  ++loops_;
  const std::string inner = block(result, depth, indent + 1);
  --loops_;
  const std::string edge = margin(indent);
  return fmt::format("var {} = {}\n{}while {} {{\n{}  {}\n{}{}}}", count, bytes_.below(12), edge,
                     counts ? fmt::format("{} > 0", count) : condition, edge,
                     counts ? fmt::format("{} -= 1", count) : fmt::format("{} += 1", count), inner, edge);
}

std::string UnitWriter::emission(int depth) {
  std::vector<const HostFunction*> found;
  for (const HostFunction& each : world_.host_functions()) {
    if (each.effect == ir::Effect::kEmits) found.push_back(&each);
  }
  const HostFunction& each = *bytes_.pick(found);
  return fmt::format("{}({})", each.name, arguments(each.parameters, depth));
}

}  // namespace writ::tests
