#include <algorithm>
#include <array>

#include "frontend/checker.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

namespace {

/// What a method of an optional makes of it.
enum class Make : std::uint8_t { kValueOr, kEither, kIsThere, kValue, kMapped, kFlat };

}  // namespace

/// CEL's methods of an optional. They ask the optional itself, where the others would ask what it holds.
struct Checker::OptionalMethod {
  std::string_view name;
  Make make;
  std::size_t arguments;
  std::string_view example;
};

std::span<const Checker::OptionalMethod> Checker::optional_methods() {
  static constexpr std::array<OptionalMethod, 6> kMethods = {{
      {"orValue", Make::kValueOr, 1, "o.orValue(default), which is o ?? default"},
      {"or", Make::kEither, 1, "o.or(other), which is o ?? other"},
      {"hasValue", Make::kIsThere, 0, "o.hasValue(), which is o != absent"},
      {"value", Make::kValue, 0, "o.value(), which traps when o is absent"},
      {"optMap", Make::kMapped, 2, "o.optMap(x, x + 1)"},
      {"optFlatMap", Make::kFlat, 2, "o.optFlatMap(x, x.?name)"},
  }};
  return kMethods;
}

const Checker::OptionalMethod* Checker::find_optional_method(std::string_view name) {
  const auto methods = optional_methods();
  const auto found = std::ranges::find(methods, name, &OptionalMethod::name);
  return found == methods.end() ? nullptr : &*found;
}

std::vector<std::string_view> Checker::optional_method_names() {
  std::vector<std::string_view> names;
  for (const OptionalMethod& method : optional_methods()) names.push_back(method.name);
  return names;
}

// ---- fields and keys that may be missing ---------------------------------------------------------

/// has(x.f): whether x.?f is there.
ExprPtr Checker::check_has(const ast::Expr& expression, const ast::Call& call) {
  const Span span = expression.span;
  const bool one = call.arguments.size() == 1 && !call.arguments[0].name && !call.fill;
  const auto* member = one ? std::get_if<ast::Member>(&call.arguments[0].value->node) : nullptr;
  if (member == nullptr) {
    return wrong(Code::kWrongArguments, span, "`has` asks for a field, or for a map's key in the form of one",
                 "has(x.name); of any key: key in m");
  }
  ExprPtr object = check(*member->object);
  if (!object) return nullptr;
  const TypeId boolean_type = types().plain(Kind::kBool);
  if (has_names(object)) {
    ExprPtr key = key_of(member->field);
    if (is_constant_collection(*object)) {
      return make(boolean_type, span, ir::ConstantHas{std::move(key), std::move(object)});
    }
    return make(boolean_type, span, ir::TableHas{std::move(object), std::move(key)});
  }
  ExprPtr found;
  if (is(object, Kind::kOptional)) {
    found = map_optional(std::move(object), span,
                         [&](ExprPtr inner) { return asked_field(std::move(inner), member->field, span); });
  } else {
    found = named_field(std::move(object), member->field, span);
    if (found && !is(found, Kind::kOptional)) {
      return wrong(Code::kNotOptional, member->field.span,
                   "`" + member->field.text + "` is " + text(types().shape(found->type)) + " and is never absent",
                   "ask for its value, such as " + member->field.text + " != …");
    }
  }
  return found ? make(boolean_type, span, ir::OptionalIsPresent{std::move(found)}) : nullptr;
}

/// x.?f: a record's field, or a map's value by that key; absent where the map has no such key.
ExprPtr Checker::asked_field(ExprPtr object, const ast::Name& name, Span span) {
  if (!has_names(object)) {
    ExprPtr found = named_field(std::move(object), name, span);
    return !found || is(found, Kind::kOptional) ? std::move(found) : some(std::move(found), span);
  }
  const TypeId value_type = types()[object->type].second;
  if (types().kind(value_type) == Kind::kOptional) {
    return wrong(Code::kNestedOptional, name.span, "a map of optionals has no `.?`: there is no T??");
  }
  return make(types().optional(value_type), span, ir::MapFind{std::move(object), key_of(name)});
}

// ---- optional.of and its like --------------------------------------------------------------------

ExprPtr Checker::check_optional_function(const ast::Call& call, const ast::Name& name, std::optional<TypeId> expected,
                                         Span span) {
  const bool is_none = name.text == "none";
  const bool unless_it_is_zero = name.text == "ofNonZeroValue";
  if (!is_none && !unless_it_is_zero && name.text != "of") {
    return wrong(Code::kUnknownFunction, name.span, "no function `optional." + name.text + "`",
                 "there are optional.of(x), optional.ofNonZeroValue(x) and optional.none()");
  }
  if (call.fill || call.arguments.size() != (is_none ? 0 : 1) || (!is_none && call.arguments[0].name)) {
    return wrong(Code::kWrongArguments, span,
                 "`optional." + name.text + "` takes " + plural(is_none ? 0 : 1, "argument"));
  }
  if (is_none) return absent(expected, span);
  const ast::Expr& written = *call.arguments[0].value;
  ExprPtr value = check(written, expected);
  if (!value) return nullptr;
  if (is(value, Kind::kOptional)) {
    return wrong(Code::kNestedOptional, written.span, "this is " + text(value->type) + " already, and there is no T??",
                 "drop `optional." + name.text + "`");
  }
  return unless_it_is_zero ? unless_zero(std::move(value), written.span, span) : some(std::move(value), span);
}

/// Absent for what `..` gives a field in a test: zero, empty, false, the epoch.
ExprPtr Checker::unless_zero(ExprPtr value, Span written, Span span) {
  const TypeId type = types().shape(value->type);
  Held held = hold(std::move(value), span);
  ExprPtr is_zero;
  switch (types().kind(type)) {
    case Kind::kString:
    case Kind::kBytes:
      is_zero = operate(Op::kWordEqual, types().plain(Kind::kBool), span,
                        operate(Op::kStringBytes, types().plain(Kind::kInt), span, held.get()), integer(0, span));
      break;
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
      is_zero = operate(Op::kWordEqual, types().plain(Kind::kBool), span, size_of(held.get(), span), integer(0, span));
      break;
    default: {
      auto nothing = zero(type);
      if (!nothing) {
        return wrong(Code::kBadOperand, written, "no value of " + text(type) + " is its zero",
                     "say which one counts as absent: x == … ? absent : x");
      }
      is_zero = equal_values(held.get(), constant(type, *std::move(nothing), span), span);
    }
  }
  if (!is_zero) return nullptr;
  ExprPtr there = some(held.get(), span);
  ExprPtr nothing = none(there->type, span);
  ExprPtr value_or_none = select(std::move(is_zero), std::move(nothing), std::move(there), span);
  return with_setup(std::move(held.setup), std::move(value_or_none), span);
}

// ---- methods -------------------------------------------------------------------------------------

ExprPtr Checker::check_optional_method(const ast::Call& call, const ast::Member& member, const OptionalMethod& method,
                                       std::optional<TypeId> expected, Span span) {
  const bool named = std::ranges::any_of(call.arguments, [](const auto& each) { return each.name.has_value(); });
  if (call.fill || named || call.arguments.size() != method.arguments) {
    return wrong(Code::kWrongArguments, member.field.span,
                 "`" + member.field.text + "` takes " + plural(method.arguments, "argument"),
                 std::string(method.example));
  }
  if (method.make == Make::kValueOr) {
    const ast::Expr& instead = *call.arguments[0].value;
    ExprPtr value = coalesce(*member.object, instead, expected, span);
    if (!value || !is(value, Kind::kOptional)) return value;
    return wrong(Code::kOptionalHere, instead.span, "`orValue` needs a value, and this may be absent",
                 "write `or`, which gives an optional");
  }
  if (method.make == Make::kEither) return either(*member.object, *call.arguments[0].value, expected, span);
  const bool same_inside = method.make == Make::kValue && expected;
  ExprPtr optional = check(*member.object, same_inside ? std::optional(types().as_optional(*expected)) : std::nullopt);
  if (!optional) return nullptr;
  if (!is(optional, Kind::kOptional)) {
    return wrong(Code::kNotOptional, member.field.span,
                 "`" + member.field.text + "` asks an optional, and " + text(types().shape(optional->type)) +
                     " is never absent");
  }
  if (method.make == Make::kIsThere) {
    return make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{std::move(optional)});
  }
  if (method.make == Make::kValue) return value_or_trap(std::move(optional), span);
  return made_of_value(std::move(optional), call, method, expected, span);
}

/// first.or(second): both optionals of one type, and each may say it.
ExprPtr Checker::either(const ast::Expr& first, const ast::Expr& second, std::optional<TypeId> expected, Span span) {
  if (expected) expected = types().as_optional(types().shape(*expected));
  ExprPtr otherwise;
  if (!expected && needs_expected(first)) {
    otherwise = check(second);
    if (!otherwise) return nullptr;
    expected = types().as_optional(otherwise->type);
  }
  ExprPtr optional = check(first, expected);
  if (optional && !is(optional, Kind::kOptional)) {
    return wrong(Code::kNotOptional, first.span,
                 "`or` asks an optional, and " + text(types().shape(optional->type)) + " is never absent");
  }
  if (optional && !otherwise) otherwise = check(second, optional->type);
  if (!optional || !otherwise) return nullptr;
  otherwise = convert(std::move(otherwise), optional->type, second.span, "the other of `or` is", first.span);
  if (!otherwise) return nullptr;
  Held held = hold(std::move(optional), span);
  ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
  ExprPtr value = select(std::move(present), held.get(), std::move(otherwise), span);
  return with_setup(std::move(held.setup), std::move(value), span);
}

/// o.value(). Where it is absent a bound is broken that lets only 1 through; what stands behind that gives the type.
ExprPtr Checker::value_or_trap(ExprPtr optional, Span span) {
  const TypeId inner = types()[optional->type].first;
  const TypeId shape = types().shape(inner);
  Held held = hold(std::move(optional), span);
  const TypeId one = types().with_bound(types().plain(Kind::kInt), ir::Bound{.low = 1, .high = 1});
  ir::Body refuse;
  refuse.push_back(
      {place(span), ir::Evaluate{make(types().plain(Kind::kInt), span,
                                      ir::CheckBound{integer(0, span), one, runtime::Trap::kInvalidArgument})}});
  ExprPtr never =
      make(shape, span, ir::ListGet{constant(types().list(shape), ir::Value{ir::Sequence{}}, span), integer(0, span)});
  ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
  ExprPtr value = select(std::move(present), read(make(inner, span, ir::OptionalGet{held.get()})),
                         with_setup(std::move(refuse), std::move(never), span), span);
  return with_setup(std::move(held.setup), std::move(value), span);
}

/// o.optMap(x, e) and o.optFlatMap(x, e).
ExprPtr Checker::made_of_value(ExprPtr optional, const ast::Call& call, const OptionalMethod& method,
                               std::optional<TypeId> expected, Span span) {
  const ast::Expr& bound = *call.arguments[0].value;
  const auto* name = std::get_if<ast::NameRef>(&bound.node);
  if (name == nullptr) {
    return wrong(Code::kWrongArguments, bound.span,
                 "`" + std::string(method.name) + "` takes a name for the value, and what is made of it",
                 std::string(method.example));
  }
  const ast::Expr& written = *call.arguments[1].value;
  const bool is_flat = method.make == Make::kFlat;
  if (is_flat && expected) expected = types().as_optional(types().shape(*expected));
  const NameScope scope(context());
  bool is_optional = false;
  ExprPtr value = map_optional(std::move(optional), span, [&](ExprPtr inner) -> ExprPtr {
    const TypeId type = inner->type;
    ir::Body bind;
    const ir::LocalId local = new_local(name->name, type, bound.span);
    declare_local({name->name, bound.span}, local, false);
    bind.push_back(assign(local, std::move(inner), span));
    ExprPtr made = check(written, expected);
    if (!made) return nullptr;
    is_optional = is(made, Kind::kOptional);
    return with_setup(std::move(bind), std::move(made), span);
  });
  if (!value || is_optional == is_flat) return value;
  return is_flat ? wrong(Code::kNotOptional, written.span, "`optFlatMap` makes an optional, and this is never absent",
                         "write `optMap`")
                 : wrong(Code::kNestedOptional, written.span, "`optMap` would make an optional of an optional",
                         "write `optFlatMap`");
}

}  // namespace writ::frontend
