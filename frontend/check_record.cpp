#include <algorithm>
#include <bit>

#include "frontend/checker.h"
#include "support/check.h"

namespace writ::frontend {

using ir::Kind;

// ---- records: literals, copies with changes, and what a test's `..` fills in ---------------------

/// A known value outside its field's bounds is a mistake that need not wait for a call. Tests make such records on purpose.
bool Checker::keeps_bound(const ir::Expr& value, const ir::Field& field, const ast::Argument& argument) {
  const auto known = known_value(value);
  if (!known || context().place == Place::kTest) return true;
  const auto broken = broken_bound(*known, field.type);
  if (!broken) return true;
  error(Code::kOutOfBounds, argument.value->span, "this value lies outside of " + text(*broken))
      .labels.push_back({field.span, "field `" + field.name + "` is declared here"});
  return false;
}

/// The named values at their fields' places in `fields`; `setup` holds what must be evaluated first, since values are evaluated
/// as they are written. False where one is wrong.
bool Checker::check_fields(std::span<const ast::Argument> arguments, ir::RecordId id, std::vector<ExprPtr>& fields,
                           ir::Body& setup) {
  const std::string record_name = types().record_type(id).name;
  bool good = true;
  bool in_order = true;
  std::size_t last = 0;
  for (const ast::Argument& argument : arguments) {
    if (!argument.name) {
      wrong(Code::kWrongArguments, argument.value->span, "the fields of a record are named",
            record_name + "(" + types().record_type(id).fields.front().name + ": …)");
      return false;
    }
    const auto index = types().record_type(id).field(argument.name->text);
    if (!index) {
      std::vector<std::string_view> names;
      for (const ir::Field& f : types().record_type(id).fields) names.emplace_back(f.name);
      const auto guess = support::nearest(argument.name->text, names);
      wrong(Code::kUnknownField, argument.name->span,
            "record " + record_name + " has no field `" + argument.name->text + "`", did_you_mean(guess));
      good = false;
      continue;
    }
    if (fields[*index]) {
      wrong(Code::kDuplicate, argument.name->span, "field `" + argument.name->text + "` is given twice");
      good = false;
      continue;
    }
    in_order = in_order && *index >= last;
    last = *index;
    const TypeId type = types().shape(types().record_type(id).fields[*index].type);
    fields[*index] = check_as(*argument.value, type, "field `" + argument.name->text + "` is");
    good = good && fields[*index] && keeps_bound(*fields[*index], types().record_type(id).fields[*index], argument);
  }
  if (!good || in_order) return good;
  for (const ast::Argument& argument : arguments) {  // hold each in its turn
    const auto index = types().record_type(id).field(argument.name->text);
    Held held = hold(std::move(fields[*index]), argument.value->span);
    for (ir::Stmt& statement : held.setup) setup.push_back(std::move(statement));
    fields[*index] = held.get();
  }
  return true;
}

ExprPtr Checker::check_record(const ast::Expr& expression, const ast::Call& call, ir::RecordId id) {
  const Span span = expression.span;
  const std::size_t count = types().record_type(id).fields.size();
  const std::string record_name = types().record_type(id).name;
  std::vector<ExprPtr> fields(count);
  ir::Body setup;
  if (!check_fields(call.arguments, id, fields, setup)) return nullptr;
  std::string missing;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (fields[i]) continue;
    const ir::Field field = types().record_type(id).fields[i];
    if (types().kind(field.type) == Kind::kOptional) {
      fields[i] = none(types().shape(field.type), span);
    } else if (field.initial) {
      fields[i] = constant_ref(*field.initial, span);
    } else if (call.fill) {
      const auto zero = zero_value(field.type, span, field.name);
      if (!zero) return nullptr;
      fields[i] = constant_ref(*zero, span);
    } else {
      missing += (missing.empty() ? "`" : ", `") + field.name + "`";
    }
  }
  if (!missing.empty()) {
    return wrong(
        Code::kMissingField, span, "this " + record_name + " lacks " + missing,
        context().place == Place::kTest ? "name every field, or end with `..` to fill the rest" : "name every field");
  }
  if (call.fill && context().place != Place::kTest) {
    return wrong(Code::kWrongArguments, span, "`..` fills records in tests only", "name every field");
  }
  const TypeId type = types().record(id);
  if (setup.empty()) {
    if (auto values = known_values(fields)) return made_of_constants(type, ir::Value{std::move(*values)}, span);
  }
  return with_setup(std::move(setup), make(type, span, ir::RecordMake{std::move(fields)}), span);
}

/// r with (f: v): the record with some fields changed. The other fields are copied, not read, so no bound is checked.
ExprPtr Checker::check_with(const ast::Expr& expression, const ast::With& with) {
  const Span span = expression.span;
  ExprPtr object = check(*with.object);
  if (!object) return nullptr;
  if (!is(object, Kind::kRecord)) {
    return wrong(
        Code::kBadOperand, with.object->span,
        "`with` changes fields of a record, and this is " + text(types().shape(object->type)),
        is(object, Kind::kOptional) ? "settle what holds when it is absent first: (… ?? default) with (…)" : "");
  }
  const TypeId type = types().shape(object->type);
  const ir::RecordId id = types()[type].decl;
  Held held = hold(std::move(object), span);
  std::vector<ExprPtr> fields(types().record_type(id).fields.size());
  ir::Body setup = std::move(held.setup);
  if (!check_fields(with.fields, id, fields, setup)) return nullptr;
  for (std::uint32_t i = 0; i < fields.size(); ++i) {
    if (fields[i]) continue;
    const TypeId of = types().shape(types().record_type(id).fields[i].type);
    fields[i] = make(of, span, ir::FieldGet{held.get(), i});
  }
  return with_setup(std::move(setup), make(type, span, ir::RecordMake{std::move(fields)}), span);
}

/// What `..` gives a field: zero, empty, the epoch, 0.0.0.0, or the nearest value in bounds.
std::optional<ir::ConstantId> Checker::zero_value(TypeId type, Span span, std::string_view field) {
  auto value = zero(type);
  if (!value) {
    error(Code::kMissingField, span, "`..` cannot choose an enumerator: `" + std::string(field) + "` must be given");
    return std::nullopt;
  }
  program_.constants.push_back({types().shape(type), std::move(*value)});
  return static_cast<ir::ConstantId>(program_.constants.size() - 1);
}

std::optional<ir::Value> Checker::zero(TypeId type) {
  const ir::Type known = types()[type];
  const auto nearest_number = [&] {
    std::int64_t number = 0;
    if (known.bound.low) number = std::max(number, *known.bound.low);
    if (known.bound.high) number = std::min(number, *known.bound.high);
    return number;
  };
  switch (known.kind) {
    case Kind::kBool:
      return ir::Value{false};
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return ir::Value{nearest_number()};
    case Kind::kUint:
      return ir::Value{ir::UintValue{static_cast<std::uint64_t>(nearest_number())}};
    case Kind::kDouble: {
      double number = 0;
      if (known.bound.low) number = std::max(number, std::bit_cast<double>(*known.bound.low));
      if (known.bound.high) number = std::min(number, std::bit_cast<double>(*known.bound.high));
      return ir::Value{number};
    }
    case Kind::kString:
    case Kind::kBytes:
      return ir::Value{std::string(static_cast<std::size_t>(known.bound.low.value_or(0)), ' ')};
    case Kind::kIp:
      return ir::Value{runtime::Ip{0, 0x0000'FFFF'0000'0000U}};
    case Kind::kCidr:
      return ir::Value{runtime::Cidr{{0, 0x0000'FFFF'0000'0000U}, 128}};
    case Kind::kEnum:
      return std::nullopt;
    case Kind::kRecord: {
      ir::Sequence out;
      for (const ir::Field& field : types().record_type(known.decl).fields) {
        if (field.initial) {
          out.items.push_back(program_.constants[*field.initial].value);
          continue;
        }
        auto value = zero(field.type);
        if (!value) return std::nullopt;
        out.items.push_back(std::move(*value));
      }
      return ir::Value{std::move(out)};
    }
    case Kind::kList:
    case Kind::kSet:
      return ir::Value{ir::Sequence{}};
    case Kind::kMap:
      return ir::Value{ir::Entries{}};
    case Kind::kOptional:
      return ir::Value{ir::AbsentValue{}};
  }
  WRIT_UNREACHABLE();
}

}  // namespace writ::frontend
