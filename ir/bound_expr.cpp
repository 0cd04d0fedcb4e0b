#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "ir/bound_walk.h"
#include "ir/cost.h"
#include "stdlib/builtin.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::ir {
namespace {

/// The charge of so many bytes, one unit for each 1 << shift.
Most by_bytes(const Most& bytes, int shift) {
  if (!bytes.is_bounded()) return bytes;
  return {.value = bytes.value >> shift};
}

bool is_text(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }

/// cost::index_slots of a table that large would overflow long after any quota.
constexpr std::int64_t kMostEntries = std::int64_t{1} << 40;

Most table_bytes(const Most& entries, std::int64_t stride) {
  const Most* const operands[] = {&entries};
  const bool fits = entries.value <= kMostEntries;
  return most_of(fits ? cost::table_bytes(entries.value, stride) : kNoBound, operands);
}

}  // namespace

ExtentPtr BoundWalk::evaluate(const Expr& expr) {
  if (!state_) return nothing(expr.type);
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (++steps_ > support::limits::kProofSteps || here < stack_end_) throw TooLarge{};
  return std::visit([&](const auto& node) { return value_of(node, expr); }, expr.node);
}

std::vector<ExtentPtr> BoundWalk::evaluate_all(const std::vector<ExprPtr>& exprs) {
  std::vector<ExtentPtr> values;
  values.reserve(exprs.size());
  for (const ExprPtr& expr : exprs) values.push_back(evaluate(*expr));
  return values;
}

ExtentPtr BoundWalk::joined(const std::vector<ExtentPtr>& values, TypeId type) {
  ExtentPtr all = nothing(type);
  for (const ExtentPtr& value : values) all = join(all, value);
  return all;
}

// ---- leaves, records, optionals ----------------------------------------------------------------

ExtentPtr BoundWalk::value_of(const ConstantRef& node, const Expr& /*expr*/) { return constant(node.id); }
ExtentPtr BoundWalk::value_of(const KnobRef& node, const Expr& /*expr*/) { return constant(config_.values[node.id]); }
ExtentPtr BoundWalk::value_of(const LocalRef& node, const Expr& expr) {
  const ExtentPtr& local = state_->locals[node.id];
  return local != nullptr ? local : nothing(expr.type);
}

ExtentPtr BoundWalk::value_of(const FieldGet& node, const Expr& /*expr*/) {
  return evaluate(*node.record)->parts[node.field];
}

ExtentPtr BoundWalk::value_of(const CheckBound& node, const Expr& /*expr*/) {
  return narrowed(evaluate(*node.value), node.bounded, types_);
}

ExtentPtr BoundWalk::value_of(const OptionalNone& /*node*/, const Expr& expr) { return nothing(expr.type); }
ExtentPtr BoundWalk::value_of(const OptionalSome& node, const Expr& /*expr*/) {
  return make_extent({}, {evaluate(*node.value)});
}
ExtentPtr BoundWalk::value_of(const OptionalIsPresent& node, const Expr& expr) {
  evaluate(*node.value);
  return nothing(expr.type);
}
ExtentPtr BoundWalk::value_of(const OptionalGet& node, const Expr& /*expr*/) { return evaluate(*node.value)->parts[0]; }

ExtentPtr BoundWalk::value_of(const RecordMake& node, const Expr& expr) {
  std::vector<ExtentPtr> fields = evaluate_all(node.fields);
  take({.value = types_.storage(expr.type).size}, expr.place);
  return make_extent({}, std::move(fields));
}

// ---- operators and branches --------------------------------------------------------------------

ExtentPtr BoundWalk::value_of(const Operate& node, const Expr& expr) {
  const ExtentPtr first = evaluate(*node.operands[0]);
  const ExtentPtr second = node.operands.size() > 1 ? evaluate(*node.operands[1]) : first;
  const Range& a = first->range;
  const Range& b = second->range;
  switch (node.op) {
    case Op::kIntAdd:
    case Op::kUintAdd:
      return make_extent(a + b);
    case Op::kIntSubtract:
      return make_extent(a + -b);
    case Op::kUintSubtract:
      return make_extent({.up = (a + -b).up, .down = {}});
    case Op::kIntMultiply:
    case Op::kUintMultiply:
      return make_extent(a * b);
    case Op::kIntDivide:
    case Op::kUintDivide:
      return make_extent(a / b);
    case Op::kIntRemainder:
    case Op::kUintRemainder:
      return make_extent(a % b);
    case Op::kIntNegate:
      return make_extent(-a);
    case Op::kOrderIntUint:
    case Op::kOrderIntDouble:
    case Op::kOrderUintDouble:
      return make_extent(Range::between(-1, 2));
    case Op::kStringEqual:
    case Op::kStringLess:
    case Op::kStringLessEqual:
    case Op::kStringGreater:
    case Op::kStringGreaterEqual:
      charge(by_bytes(smaller(a.up, b.up), cost::kCompareShift), expr.place);
      return nothing(expr.type);
    case Op::kStringBytes:
    case Op::kListSize:
    case Op::kTableSize:
      return make_extent({.up = a.up, .down = {}});
    case Op::kBoolNot:
    case Op::kWordEqual:
    case Op::kIntLess:
    case Op::kIntLessEqual:
    case Op::kIntGreater:
    case Op::kIntGreaterEqual:
    case Op::kUintLess:
    case Op::kUintLessEqual:
    case Op::kUintGreater:
    case Op::kUintGreaterEqual:
    case Op::kDoubleAdd:
    case Op::kDoubleSubtract:
    case Op::kDoubleMultiply:
    case Op::kDoubleDivide:
    case Op::kDoubleNegate:
    case Op::kDoubleEqual:
    case Op::kDoubleLess:
    case Op::kDoubleLessEqual:
    case Op::kDoubleGreater:
    case Op::kDoubleGreaterEqual:
    case Op::kIpEqual:
    case Op::kCidrEqual:
    case Op::kIpInCidr:
    case Op::kCidrInCidr:
      return nothing(expr.type);
  }
  WRIT_UNREACHABLE();
}

ExtentPtr BoundWalk::value_of(const Select& node, const Expr& /*expr*/) {
  evaluate(*node.condition);
  Flow other = state_;
  const ExtentPtr then = evaluate(*node.then);
  std::swap(state_, other);
  const ExtentPtr otherwise = evaluate(*node.otherwise);
  join_into(state_, other);
  return join(then, otherwise);
}

ExtentPtr BoundWalk::value_of(const Do& node, const Expr& /*expr*/) {
  run(node.body);
  return evaluate(*node.value);
}

// ---- collections -------------------------------------------------------------------------------

ExtentPtr BoundWalk::value_of(const ListMake& node, const Expr& expr) {
  const std::vector<ExtentPtr> elements = evaluate_all(node.elements);
  const TypeId element = types_[expr.type].first;
  const auto count = static_cast<std::int64_t>(elements.size());
  take({.value = count * types_.stride(element)}, expr.place);
  return make_extent(Range::exactly(count), {joined(elements, element)});
}

void BoundWalk::charge_lookup(const ExtentPtr& key, TypeId type, PlaceId place) {
  if (is_text(types_.kind(type))) charge(by_bytes(key->range.up, cost::kLookupShift), place);
}

ExtentPtr BoundWalk::value_of(const SetMake& node, const Expr& expr) {
  const std::vector<ExtentPtr> keys = evaluate_all(node.elements);
  const TypeId type = types_[expr.type].first;
  for (const ExtentPtr& key : keys) charge_lookup(key, type, expr.place);
  const Most count{.value = static_cast<std::int64_t>(keys.size())};
  take(table_bytes(count, types_.entry_layout(expr.type).stride), expr.place);
  return make_extent(Range::size(count), {joined(keys, type)});
}

ExtentPtr BoundWalk::value_of(const MapMake& node, const Expr& expr) {
  std::vector<ExtentPtr> keys;
  std::vector<ExtentPtr> values;
  for (const auto& [key, value] : node.entries) {
    keys.push_back(evaluate(*key));
    values.push_back(evaluate(*value));
  }
  const Type type = types_[expr.type];
  for (const ExtentPtr& key : keys) charge_lookup(key, type.first, expr.place);
  const Most count{.value = static_cast<std::int64_t>(keys.size())};
  take(table_bytes(count, types_.entry_layout(expr.type).stride), expr.place);
  return make_extent(Range::size(count), {joined(keys, type.first), joined(values, type.second)});
}

ExtentPtr BoundWalk::value_of(const TableOf& node, const Expr& expr) {
  const ExtentPtr keys = evaluate(*node.keys);
  const ExtentPtr values = node.values != nullptr ? evaluate(*node.values) : nullptr;
  const Most& count = keys->range.up;
  const Most* const operands[] = {&count};
  const std::int64_t keys_fuel = count.value <= kMostEntries ? cost::keys_fuel(count.value) : kNoBound;
  charge(most_of(keys_fuel, operands), expr.place);
  if (is_text(types_.kind(types_[expr.type].first))) {
    charge(times(count, by_bytes(keys->parts[0]->range.up, cost::kLookupShift)), expr.place);
  }
  take(table_bytes(count, types_.entry_layout(expr.type).stride), expr.place);
  std::vector<ExtentPtr> parts{keys->parts[0]};
  if (values != nullptr) parts.push_back(values->parts[0]);
  return make_extent(Range::size(count), std::move(parts));
}

ExtentPtr BoundWalk::value_of(const ListGet& node, const Expr& /*expr*/) {
  const ExtentPtr list = evaluate(*node.list);
  evaluate(*node.index);
  return list->parts[0];
}

ExtentPtr BoundWalk::look_up(const Expr& table, const Expr& key, PlaceId place) {
  const ExtentPtr found = evaluate(table);
  const ExtentPtr wanted = evaluate(key);
  charge_lookup(wanted, types_[table.type].first, place);
  return found;
}

ExtentPtr BoundWalk::value_of(const MapGet& node, const Expr& expr) {
  return look_up(*node.map, *node.key, expr.place)->parts[1];
}

ExtentPtr BoundWalk::value_of(const MapFind& node, const Expr& expr) {
  return make_extent({}, {look_up(*node.map, *node.key, expr.place)->parts[1]});
}

ExtentPtr BoundWalk::value_of(const TableHas& node, const Expr& expr) {
  look_up(*node.table, *node.key, expr.place);
  return nothing(expr.type);
}

ExtentPtr BoundWalk::value_of(const ConstantHas& node, const Expr& expr) {
  charge_lookup(evaluate(*node.key), types_[node.constant->type].first, expr.place);
  return nothing(expr.type);
}

ExtentPtr BoundWalk::value_of(const InNetworks& node, const Expr& expr) {
  evaluate(*node.address);
  return nothing(expr.type);
}

// ---- calls -------------------------------------------------------------------------------------

namespace {

/// Of a list, as fuel and memory of built-ins count them.
constexpr std::int64_t kElementBytes = 16;

/// Bytes of an argument as fuel rules count them. `prepared`: the cost of what the call's constant was made into.
Most charged_bytes(const stdlib::Type& type, const ExtentPtr& argument, std::int64_t prepared) {
  if (stdlib::is_prepared(type.reading)) return {.value = prepared};
  if (is_text(type.kind)) return argument->range.up;
  return type.kind == Kind::kList ? times(argument->range.up, {.value = kElementBytes}) : Most{};
}

/// What sorting a list reads: its elements and their texts, once for each binary digit of their number.
Most sorting_bytes(const stdlib::Type& type, const ExtentPtr& list) {
  const Most& count = list->range.up;
  if (!count.is_bounded()) return count;
  Most each{.value = kElementBytes};
  if (is_text(type.element)) each = each + list->parts[0]->range.up;
  const auto rounds = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(count.value)));
  return times(times(count, each), {.value = rounds});
}

/// What the row's rule takes before the function works.
Most rule_fuel(const stdlib::Builtin& row, const std::vector<ExtentPtr>& arguments, const auto& bytes) {
  const stdlib::FuelRule& rule = row.fuel;
  using enum stdlib::FuelRule::Basis;
  switch (rule.basis) {
    case kNone:
      return {};
    case kFirst:
      return by_bytes(bytes(0), rule.shift);
    case kSecond:
      return by_bytes(bytes(1), rule.shift);
    case kSmaller:
      return by_bytes(smaller(bytes(0), bytes(1)), rule.shift);
    case kSum:
      return by_bytes(bytes(0) + bytes(1), rule.shift);
    case kProduct:
      return by_bytes(times(bytes(0) + Most{.value = 1}, bytes(1)), rule.shift);
    case kSorting:
      return by_bytes(sorting_bytes(row.parameters[0], arguments[0]), rule.shift);
  }
  WRIT_UNREACHABLE();
}

Most builtin_fuel(const stdlib::Builtin& row, const std::vector<ExtentPtr>& arguments, std::int64_t prepared) {
  const auto bytes = [&](std::size_t i) { return charged_bytes(row.parameters[i], arguments[i], prepared); };
  const Most fuel = rule_fuel(row, arguments, bytes);
  if (row.fuel.more == nullptr) return fuel;
  const Most first = bytes(0);
  const Most second = bytes(1);
  const Most* const operands[] = {&first, &second};
  return fuel + most_of((*row.fuel.more)(first.value, second.value), operands);
}

using ArgumentArray = std::array<stdlib::ArgumentSize, stdlib::kMaxParameters>;

/// The rule's answer, and how it follows from an argument that a loop lets grow.
Most made_size(const stdlib::Builtin& row, const ArgumentArray& sizes, const std::vector<ExtentPtr>& arguments,
               std::span<const Most* const> operands) {
  const auto rule = [&](const ArgumentArray& array) {
    return (*row.makes.most)(std::span(array).first(row.parameter_count));
  };
  Most most = most_of(rule(sizes), operands);
  if (!row.makes.additive) return most;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Most& argument = arguments[i]->range.up;
    if (argument.origin == 0) continue;
    ArgumentArray without = sizes;
    without[i].most = 0;
    const std::int64_t rest = rule(without);
    if (rest == kNoBound) continue;
    most.origin = argument.origin;
    most.growth = stdlib::plus(argument.growth, rest);
    most.floor = stdlib::plus(argument.floor, rest);
    return narrowed(most, kNoBound);  // which forgets what says nothing
  }
  return most;
}

}  // namespace

ExtentPtr BoundWalk::value_of(const BuiltinCall& node, const Expr& expr) {
  const stdlib::Builtin& row = stdlib::builtins()[node.id];
  const std::vector<ExtentPtr> arguments = evaluate_all(node.arguments);
  const std::int64_t prepared = stdlib::takes_prepared(row) ? prepared_.cost(node.reading) : 0;
  charge(builtin_fuel(row, arguments, prepared), expr.place);
  ArgumentArray sizes{};
  std::vector<const Most*> operands;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Extent& argument = *arguments[i];
    sizes[i] = {.most = argument.range.up.value, .low = argument.range.low(), .each = 0};
    operands.push_back(&argument.range.up);
    if (argument.parts.empty()) continue;
    sizes[i].each = argument.parts[0]->range.up.value;
    operands.push_back(&argument.parts[0]->range.up);
  }
  if (row.makes.most == nullptr) {
    return unknown(expr.type, fmt::format("the answer of `{}`", row.name), std::nullopt);
  }
  const Most most = made_size(row, sizes, arguments, operands);
  const bool is_list = row.result.kind == Kind::kList;
  if (row.makes.is_made) take(is_list ? times(most, {.value = kElementBytes}) : most, expr.place);
  if (row.makes.pays) charge(by_bytes(most, stdlib::kOutputShift), expr.place);
  return made_value(row, sizes, most, expr.type);
}

/// What a built-in with a rule gives.
ExtentPtr BoundWalk::made_value(const stdlib::Builtin& row, std::span<const stdlib::ArgumentSize> sizes,
                                const Most& most, TypeId id) {
  const Type& type = types_[id];
  if (type.kind == Kind::kOptional) return make_extent({}, {made_value(row, sizes, most, type.first)});
  if (type.kind == Kind::kList) {
    const Most* const operands[] = {&most};
    return make_extent(Range::size(most), {make_extent(Range::size(most_of((*row.makes.each)(sizes), operands)))});
  }
  Range range = Range::size(most);
  if (row.makes.low != nullptr) range.down = Range::exactly((*row.makes.low)(sizes)).down;
  return make_extent(range);
}

ExtentPtr BoundWalk::value_of(const FunctionCall& node, const Expr& expr) {
  std::vector<ExtentPtr> arguments = evaluate_all(node.arguments);
  const ExtentPtr result = call(node.id, std::move(arguments), expr.place);
  return result != nullptr ? result : nothing(expr.type);
}

ExtentPtr BoundWalk::value_of(const HostCall& node, const Expr& expr) {
  const HostFunctionDecl& decl = program_.host_functions[node.id];
  evaluate_all(node.arguments);
  charge(decl.cost, expr.place);
  if (!decl.result) return nothing(expr.type);
  const ExtentPtr answer = unknown(*decl.result, fmt::format("the answer of `{}`", decl.full_name()), decl.span);
  return narrowed(answer, *decl.result, types_);
}

}  // namespace writ::ir
