#include <algorithm>
#include <array>

#include "frontend/checker.h"
#include "stdlib/builtin.h"
#include "support/check.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

namespace {

/// What a function takes beside its receiver.
enum class Takes : std::uint8_t {
  kNothing,
  kPosition,
  kTwoPositions,
  kElement,
  kItsLike,
  kNameAndKey,
  kTwoCollections
};

std::size_t count_of(Takes takes) {
  switch (takes) {
    case Takes::kNothing:
      return 0;
    case Takes::kPosition:
    case Takes::kElement:
    case Takes::kItsLike:
      return 1;
    case Takes::kTwoPositions:
    case Takes::kNameAndKey:
    case Takes::kTwoCollections:
      return 2;
  }
  WRIT_UNREACHABLE();
}

}  // namespace

/// A call while its loops are put together. Every operand is held, so that it can be read more than once.
struct Checker::ListCall {
  const ast::Call& call;
  Span name;  // of the function
  Span span;
  std::vector<Held> operands = {};  // the receiver first
  ir::Body body = {};

  [[nodiscard]] ExprPtr get(std::size_t operand = 0) const { return operands[operand].get(); }
};

/// A function of lists or sets that the checker writes as loops, so that no engine has code for it.
struct Checker::ListFunction {
  std::string_view name;
  std::optional<Kind> receiver;  // none: called by its whole name, `sets.contains(a, b)`
  Takes takes;
  ExprPtr (Checker::*make)(ListCall& of);  // the value, behind the statements that it adds to the body
  std::string_view example;
};

std::span<const Checker::ListFunction> Checker::list_functions() {
  constexpr auto kList = Kind::kList;
  constexpr auto kSet = Kind::kSet;
  static constexpr std::array<ListFunction, 19> kFunctions = {{
      {"sort", kList, Takes::kNothing, &Checker::sorted, "xs.sort()"},
      {"sortBy", kList, Takes::kNameAndKey, &Checker::sorted_by, "xs.sortBy(x, x.name)"},
      {"min", kList, Takes::kNothing, &Checker::least, "xs.min() ?? 0"},
      {"max", kList, Takes::kNothing, &Checker::greatest, "xs.max() ?? 0"},
      {"sum", kList, Takes::kNothing, &Checker::sum, "xs.sum()"},
      {"first", kList, Takes::kNothing, &Checker::first, "xs.first() ?? 0"},
      {"last", kList, Takes::kNothing, &Checker::last, "xs.last() ?? 0"},
      {"indexOf", kList, Takes::kElement, &Checker::index_of, "xs.indexOf(x)"},
      {"slice", kList, Takes::kTwoPositions, &Checker::slice, "xs.slice(0, 2)"},
      {"reverse", kList, Takes::kNothing, &Checker::reversed, "xs.reverse()"},
      {"distinct", kList, Takes::kNothing, &Checker::distinct, "xs.distinct()"},
      {"flatten", kList, Takes::kNothing, &Checker::flattened, "[[1], [2, 3]].flatten()"},
      {"union", kSet, Takes::kItsLike, &Checker::set_union, "a.union(b)"},
      {"intersect", kSet, Takes::kItsLike, &Checker::intersection, "a.intersect(b)"},
      {"difference", kSet, Takes::kItsLike, &Checker::difference, "a.difference(b)"},
      {"lists.range", std::nullopt, Takes::kPosition, &Checker::numbers_below, "lists.range(3), which is [0, 1, 2]"},
      {"sets.contains", std::nullopt, Takes::kTwoCollections, &Checker::holds_all, "sets.contains(all, some)"},
      {"sets.equivalent", std::nullopt, Takes::kTwoCollections, &Checker::same_elements, "sets.equivalent(a, b)"},
      {"sets.intersects", std::nullopt, Takes::kTwoCollections, &Checker::shares_elements, "sets.intersects(a, b)"},
  }};
  return kFunctions;
}

std::vector<std::string_view> Checker::list_function_names(bool methods) {
  std::vector<std::string_view> names;
  for (const ListFunction& function : list_functions()) {
    if (function.receiver.has_value() == methods) names.push_back(function.name);
  }
  return names;
}

const Checker::ListFunction* Checker::find_list_function(std::string_view name) {
  const auto functions = list_functions();
  const auto found = std::ranges::find(functions, name, &ListFunction::name);
  return found == functions.end() ? nullptr : &*found;
}

/// The function, if it is called in this way: on a receiver of this kind, or on none.
const Checker::ListFunction* Checker::list_function_for(std::string_view name, const ExprPtr& receiver) {
  const ListFunction* const function = find_list_function(name);
  const auto kind = receiver ? std::optional(types().kind(receiver->type)) : std::nullopt;
  return function != nullptr && function->receiver == kind ? function : nullptr;
}

// ---- calls ---------------------------------------------------------------------------------------

ExprPtr Checker::check_list_function(const ast::Call& call, const ListFunction& function, const ast::Name& name,
                                     ExprPtr receiver, Span span) {
  const bool named = std::ranges::any_of(call.arguments, [](const auto& each) { return each.name.has_value(); });
  const std::size_t wanted = count_of(function.takes);
  if (call.fill || named || call.arguments.size() != wanted) {
    return wrong(Code::kWrongArguments, name.span, "`" + name.text + "` takes " + plural(wanted, "argument"),
                 std::string(function.example));
  }
  auto operands = list_operands(call, function, name, std::move(receiver));
  if (operands.empty()) return nullptr;
  ListCall of{.call = call, .name = name.span, .span = span};
  for (ExprPtr& operand : operands) {
    of.operands.push_back(hold(std::move(operand), span));
    for (ir::Stmt& statement : of.operands.back().setup) of.body.push_back(std::move(statement));
  }
  ExprPtr value = (this->*function.make)(of);
  return value ? with_setup(std::move(of.body), std::move(value), span) : nullptr;
}

/// The receiver and the arguments that are values; none where one is wrong.
std::vector<ExprPtr> Checker::list_operands(const ast::Call& call, const ListFunction& function, const ast::Name& name,
                                            ExprPtr receiver) {
  std::vector<ExprPtr> operands;
  const auto add = [&](ExprPtr value) {
    if (value) operands.push_back(std::move(value));
  };
  const auto add_as = [&](TypeId type, std::size_t argument) {
    add(check_as(*call.arguments[argument].value, type, "an argument of `" + name.text + "` is"));
  };
  const std::optional<ir::Type> type = receiver ? std::optional(types()[receiver->type]) : std::nullopt;
  const TypeId shape = receiver ? types().shape(receiver->type) : TypeId{};
  if (receiver) add(std::move(receiver));
  const std::size_t before = operands.size();
  switch (function.takes) {
    case Takes::kNothing:
    case Takes::kNameAndKey:
      return operands;
    case Takes::kPosition:
    case Takes::kTwoPositions:
      for (std::size_t i = 0; i < call.arguments.size(); ++i) add_as(types().plain(Kind::kInt), i);
      break;
    case Takes::kElement:
      add_as(types().shape(type->first), 0);
      break;
    case Takes::kItsLike:
      add_as(shape, 0);
      break;
    case Takes::kTwoCollections: {
      auto [a, b] = two_collections(call, name);
      add(std::move(a));
      add(std::move(b));
      break;
    }
  }
  if (operands.size() != before + call.arguments.size()) operands.clear();
  return operands;
}

/// Two lists or sets, which may be one of each, with elements of one type. A literal takes it from the other.
std::pair<ExprPtr, ExprPtr> Checker::two_collections(const ast::Call& call, const ast::Name& name) {
  const std::array<const ast::Expr*, 2> written = {call.arguments[0].value.get(), call.arguments[1].value.get()};
  const std::size_t one = needs_expected(*written[0]) && !needs_expected(*written[1]) ? 1 : 0;
  std::array<ExprPtr, 2> values;
  values[one] = check(*written[one]);
  if (!values[one]) return {};
  std::optional<TypeId> expected;
  if (is(values[one], Kind::kList) || is(values[one], Kind::kSet)) {
    const TypeId element = types().shape(types()[values[one]->type].first);
    const bool is_list = std::holds_alternative<ast::ListLiteral>(written[1 - one]->node);
    expected = is_list ? types().list(element) : types().set(element);
  }
  values[1 - one] = check(*written[1 - one], expected);
  if (!values[1 - one]) return {};
  for (std::size_t i = 0; i < 2; ++i) {
    const ExprPtr& value = values[i];
    if (is(value, Kind::kList) || is(value, Kind::kSet)) continue;
    wrong(Code::kTypeMismatch, written[i]->span,
          "`" + name.text + "` takes lists and sets, and this is " + text(types().shape(value->type)),
          is(value, Kind::kOptional) ? "it may be absent: give a default with `??`" : "");
    return {};
  }
  if (!same(types()[values[0]->type].first, types()[values[1]->type].first)) {
    wrong(Code::kTypeMismatch, written[1]->span,
          "`" + name.text + "` compares elements of one type, and these are " + text(types().shape(values[0]->type)) +
              " and " + text(types().shape(values[1]->type)));
    return {};
  }
  return {std::move(values[0]), std::move(values[1])};
}

/// `x.sum()` of what is no list, or `sort(xs)`.
ExprPtr Checker::wrong_list_call(const ListFunction& function, const ast::Name& name, std::optional<TypeId> receiver) {
  const std::string what = function.receiver == Kind::kSet ? "a set" : "a list";
  if (!receiver) {
    return wrong(Code::kNotAMethod, name.span, "`" + name.text + "` is called on " + what,
                 std::string(function.example));
  }
  const Kind kind = types().kind(*receiver);
  if (kind == Kind::kOptional && types().kind(types().inner(*receiver)) == function.receiver) {
    return wrong(Code::kOptionalHere, name.span, "this is " + text(types().shape(*receiver)) + ": it may be absent",
                 "write `?." + name.text + "(…)`, or give a default with `??`");
  }
  return wrong(Code::kWrongArguments, name.span,
               "`" + name.text + "` is called on " + what + ", and this is " + text(types().shape(*receiver)),
               kind == Kind::kSet && function.receiver == Kind::kList ? "make a list of it: s.map(x, x)" : "");
}

// ---- pieces --------------------------------------------------------------------------------------

TypeId Checker::element_of(const ListCall& of, std::size_t operand) { return types()[of.get(operand)->type].first; }

/// An element by its position, which lies inside.
ExprPtr Checker::element_at(const ListCall& of, ExprPtr position) {
  return read(make(element_of(of), of.span, ir::ListGet{of.get(), std::move(position)}));
}

/// The loop over a list or set; its element in a local of its own.
Checker::EachLoop Checker::each_of(ExprPtr over, Span span) {
  const bool is_list = is(over, Kind::kList);
  const ir::LocalId each = new_local("", types()[over->type].first, span);
  EachLoop out{.element = each, .loop = {.place = place(span), .node = ir::Break{}}};
  if (is_list) {
    out.loop.node = ir::ForList{std::move(over), each, std::nullopt, {}, 0};
  } else {
    out.loop.node = ir::ForTable{std::move(over), each, std::nullopt, {}, 0};
  }
  return out;
}
ir::Body& Checker::EachLoop::body() {
  auto* list = std::get_if<ir::ForList>(&loop.node);
  return list != nullptr ? list->body : std::get<ir::ForTable>(loop.node).body;
}

/// Appends every element of `over`, a list or set.
ir::Stmt Checker::append_all(const Growing& out, ExprPtr over) {
  EachLoop loop = each_of(std::move(over), out.span);
  loop.body().push_back(append(out, local_ref(loop.element, out.span)));
  return std::move(loop.loop);
}

/// The list with its elements read: an element that has a bound is held against it before it is used. Without bounds itself.
ExprPtr Checker::read_elements(ListCall& of) {
  if (types()[element_of(of)].bound.empty()) return of.get();
  const Growing out = growing(element_of(of), of.span);
  of.body.push_back(begin(out, size_of(of.get(), of.span)));
  of.body.push_back(append_all(out, of.get()));
  return local_ref(out.list, of.span);
}

/// Traps where the condition holds: what it gives then breaks a bound that lets only 1 through.
ir::Stmt Checker::refuse_if(ExprPtr condition, Span span) {
  const TypeId int_type = types().plain(Kind::kInt);
  const TypeId one = types().with_bound(int_type, ir::Bound{.low = 1, .high = 1});
  ExprPtr number = select(std::move(condition), integer(0, span), integer(1, span), span);
  return {place(span),
          ir::Evaluate{make(int_type, span, ir::CheckBound{std::move(number), one, runtime::Trap::kInvalidArgument})}};
}

ExprPtr Checker::add_ints(ExprPtr a, ExprPtr b, Span span) {
  return operate(Op::kIntAdd, types().plain(Kind::kInt), span, std::move(a), std::move(b));
}
ExprPtr Checker::subtract_ints(ExprPtr a, ExprPtr b, Span span) {
  return operate(Op::kIntSubtract, types().plain(Kind::kInt), span, std::move(a), std::move(b));
}
ExprPtr Checker::last_position(const ListCall& of) {
  return subtract_ints(size_of(of.get(), of.span), integer(1, of.span), of.span);
}

// ---- one value of a list -------------------------------------------------------------------------

ExprPtr Checker::sum(ListCall& of) {
  const TypeId shape = types().shape(element_of(of));
  const Kind kind = types().kind(shape);
  if (!is_number(kind) && kind != Kind::kDuration) {
    return wrong(Code::kBadOperand, of.name, "no `sum` for " + text(types().shape(of.get()->type)),
                 kind == Kind::kString ? "join the texts: xs.join()" : "add a number of each: xs.map(x, …).sum()");
  }
  const ir::LocalId total = new_local("", shape, of.span);
  of.body.push_back(assign(total, constant(shape, *zero(shape), of.span), of.span));
  EachLoop loop = each_of(of.get(), of.span);
  ExprPtr more = arithmetic(local_ref(total, of.span), local_ref(loop.element, of.span), ast::BinaryOp::kAdd, of.span);
  loop.body().push_back(assign(total, std::move(more), of.span));
  of.body.push_back(std::move(loop.loop));
  return local_ref(total, of.span);
}

ExprPtr Checker::least(ListCall& of) { return extreme(of, ast::BinaryOp::kLess); }
ExprPtr Checker::greatest(ListCall& of) { return extreme(of, ast::BinaryOp::kGreater); }

/// The first element that is `better` than all before it.
ExprPtr Checker::extreme(ListCall& of, ast::BinaryOp better) {
  const Span span = of.span;
  const TypeId shape = types().shape(element_of(of));
  if (!has_order(shape, of.name)) return nullptr;
  const TypeId optional = types().optional(shape);
  const ir::LocalId best = new_local("", optional, span);
  of.body.push_back(assign(best, none(optional, span), span));
  EachLoop loop = each_of(of.get(), span);
  const auto each = [&] { return local_ref(loop.element, span); };
  if (types().kind(shape) == Kind::kDouble) {
    ExprPtr is_nan = negate(equal_values(each(), each(), span), span);
    loop.body().push_back(refuse_if(std::move(is_nan), span));
  }
  ExprPtr known = make(shape, span, ir::OptionalGet{local_ref(best, span)});
  ExprPtr is_better = ordering(each(), std::move(known), better, span);
  ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{local_ref(best, span)});
  ir::Body take;
  take.push_back(assign(best, some(each(), span), span));
  ExprPtr taken = select(std::move(present), std::move(is_better), boolean(true, span), span);
  loop.body().push_back({place(span), ir::If{std::move(taken), std::move(take), {}}});
  of.body.push_back(std::move(loop.loop));
  return local_ref(best, span);
}

ExprPtr Checker::first(ListCall& of) { return one_end(of, integer(0, of.span)); }
ExprPtr Checker::last(ListCall& of) { return one_end(of, last_position(of)); }

ExprPtr Checker::one_end(ListCall& of, ExprPtr position) {
  const TypeId shape = types().shape(element_of(of));
  if (types().kind(shape) == Kind::kOptional) {
    return wrong(Code::kNestedOptional, of.name, "an element of this list may be absent itself, and there is no T??",
                 "take it by its position: xs[0]");
  }
  ExprPtr is_there =
      operate(Op::kIntGreater, types().plain(Kind::kBool), of.span, size_of(of.get(), of.span), integer(0, of.span));
  ExprPtr there = some(element_at(of, std::move(position)), of.span);
  ExprPtr nothing = none(there->type, of.span);
  return select(std::move(is_there), std::move(there), std::move(nothing), of.span);
}

ExprPtr Checker::index_of(ListCall& of) {
  const ir::LocalId found = new_local("", types().plain(Kind::kInt), of.span);
  of.body.push_back(assign(found, integer(-1, of.span), of.span));
  EachLoop loop = each_of(of.get(), of.span);
  const ir::LocalId index = new_local("", types().plain(Kind::kInt), of.span);
  std::get<ir::ForList>(loop.loop.node).index = index;
  ir::Body hit;
  hit.push_back(assign(found, local_ref(index, of.span), of.span));
  hit.push_back({place(of.span), ir::Break{}});
  ExprPtr is_it = equal_values(local_ref(loop.element, of.span), of.get(1), of.span);
  if (!is_it) return nullptr;
  loop.body().push_back({place(of.span), ir::If{std::move(is_it), std::move(hit), {}}});
  of.body.push_back(std::move(loop.loop));
  return local_ref(found, of.span);
}

// ---- lists of a list -----------------------------------------------------------------------------

/// A list of what `element` makes of each number from `low` up to `high`; `count` is high - low.
ExprPtr Checker::listed(ListCall& of, TypeId type, ExprPtr count, std::pair<ExprPtr, ExprPtr> range,
                        const std::function<ExprPtr(ExprPtr)>& element) {
  const Growing out = growing(type, of.span);
  const ir::LocalId number = new_local("", types().plain(Kind::kInt), of.span);
  of.body.push_back(begin(out, std::move(count)));
  ir::Body turn;
  turn.push_back(append(out, element(local_ref(number, of.span))));
  of.body.push_back(
      {place(of.span), ir::ForRange{std::move(range.first), std::move(range.second), number, std::move(turn), 0}});
  return local_ref(out.list, of.span);
}

ExprPtr Checker::reversed(ListCall& of) {
  return listed(of, element_of(of), size_of(of.get(), of.span), {integer(0, of.span), size_of(of.get(), of.span)},
                [&](ExprPtr i) { return element_at(of, subtract_ints(last_position(of), std::move(i), of.span)); });
}

ExprPtr Checker::slice(ListCall& of) {
  const TypeId boolean_type = types().plain(Kind::kBool);
  const auto is_above = [&](ExprPtr a, ExprPtr b) {
    return operate(Op::kIntGreater, boolean_type, of.span, std::move(a), std::move(b));
  };
  const auto yes = [&] { return boolean(true, of.span); };
  ExprPtr is_outside = select(
      is_above(integer(0, of.span), of.get(1)), yes(),
      select(is_above(of.get(1), of.get(2)), yes(), is_above(of.get(2), size_of(of.get(), of.span)), of.span), of.span);
  of.body.push_back(refuse_if(std::move(is_outside), of.span));
  return listed(of, element_of(of), subtract_ints(of.get(2), of.get(1), of.span), {of.get(1), of.get(2)},
                [&](ExprPtr i) { return element_at(of, std::move(i)); });
}

/// A number below zero makes an empty list, as in CEL.
ExprPtr Checker::numbers_below(ListCall& of) {
  const TypeId int_type = types().plain(Kind::kInt);
  ExprPtr is_some = operate(Op::kIntGreater, types().plain(Kind::kBool), of.span, of.get(), integer(0, of.span));
  ExprPtr count = select(std::move(is_some), of.get(), integer(0, of.span), of.span);
  return listed(of, int_type, std::move(count), {integer(0, of.span), of.get()}, [](ExprPtr i) { return i; });
}

ExprPtr Checker::flattened(ListCall& of) {
  const TypeId inner = types().shape(element_of(of));
  if (types().kind(inner) != Kind::kList) {
    return wrong(Code::kBadOperand, of.name, "no `flatten` for " + text(types().shape(of.get()->type)),
                 "it joins the lists in a list: [[1], [2, 3]].flatten()");
  }
  const ir::LocalId count = new_local("", types().plain(Kind::kInt), of.span);
  of.body.push_back(assign(count, integer(0, of.span), of.span));
  EachLoop counting = each_of(of.get(), of.span);
  ExprPtr size = size_of(local_ref(counting.element, of.span), of.span);
  counting.body().push_back(assign(count, add_ints(local_ref(count, of.span), std::move(size), of.span), of.span));
  of.body.push_back(std::move(counting.loop));
  const Growing out = growing(types()[inner].first, of.span);
  of.body.push_back(begin(out, local_ref(count, of.span)));
  EachLoop lists = each_of(of.get(), of.span);
  lists.body().push_back(append_all(out, local_ref(lists.element, of.span)));
  of.body.push_back(std::move(lists.loop));
  return local_ref(out.list, of.span);
}

/// By a set where the elements can be its keys; others are looked for among those that are kept.
ExprPtr Checker::distinct(ListCall& of) {
  const Span span = of.span;
  const TypeId shape = types().shape(element_of(of));
  const Growing out = growing(shape, span);
  if (is_key(shape)) {
    Held set = hold(make(types().set(shape), span, ir::TableOf{read_elements(of), nullptr}), span);
    for (ir::Stmt& statement : set.setup) of.body.push_back(std::move(statement));
    of.body.push_back(begin(out, size_of(set.get(), span)));
    of.body.push_back(append_all(out, set.get()));
    return local_ref(out.list, span);
  }
  of.body.push_back(begin(out, size_of(of.get(), span)));
  EachLoop loop = each_of(of.get(), span);
  ExprPtr is_known = is_member(local_ref(loop.element, span), local_ref(out.list, span), span);
  if (!is_known) return nullptr;
  ir::Body keep;
  keep.push_back(append(out, local_ref(loop.element, span)));
  loop.body().push_back({place(span), ir::If{negate(std::move(is_known), span), std::move(keep), {}}});
  of.body.push_back(std::move(loop.loop));
  return local_ref(out.list, span);
}

// ---- order ---------------------------------------------------------------------------------------

/// Whether values of this type have an order, which is that of `<`; an error at `span` where not.
bool Checker::has_order(TypeId type, Span span) {
  switch (types().kind(type)) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return true;
    case Kind::kEnum:
      if (types().enum_type(types()[type].decl).ordered) return true;
      wrong(Code::kNotOrdered, span, "enum " + text(type) + " has no order",
            "declare it as `ordered enum " + text(type) + "`");
      return false;
    case Kind::kOptional:
      wrong(Code::kOptionalHere, span, "values that may be absent have no order: " + text(types().shape(type)),
            "give a default with `??`: xs.map(x, x ?? …)");
      return false;
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kRecord:
      wrong(Code::kBadOperand, span, "values of type " + text(types().shape(type)) + " have no order",
            "sort by something that has one: xs.sortBy(x, …)");
      return false;
  }
  WRIT_UNREACHABLE();
}

/// A key of a kind that sortOrder takes, in the same order: a bool and an enumerator become numbers.
ExprPtr Checker::sort_key(ExprPtr key, Span span) {
  const TypeId int_type = types().plain(Kind::kInt);
  const TypeId type = types().shape(key->type);
  if (types().kind(type) == Kind::kBool) {
    return select(std::move(key), integer(1, span), integer(0, span), span);
  }
  if (types().kind(type) != Kind::kEnum) return key;
  ir::Entries numbers;
  const std::size_t count = types().enum_type(types()[type].decl).enumerators.size();
  for (std::uint32_t i = 0; i < count; ++i) {
    numbers.items.push_back({ir::Value{ir::EnumValue{i}}, ir::Value{std::int64_t{i}}});
  }
  ExprPtr all = constant(types().map(type, int_type), ir::Value{std::move(numbers)}, span);
  return make(int_type, span, ir::MapGet{std::move(all), std::move(key)});
}

ExprPtr Checker::sorted(ListCall& of) {
  const TypeId shape = types().shape(element_of(of));
  if (!has_order(shape, of.name)) return nullptr;
  const Kind kind = types().kind(shape);
  if (kind != Kind::kBool && kind != Kind::kEnum) return in_order(of, read_elements(of));
  const Growing keys = growing(types().plain(Kind::kInt), of.span);
  EachLoop loop = each_of(of.get(), of.span);
  loop.body().push_back(append(keys, sort_key(local_ref(loop.element, of.span), of.span)));
  of.body.push_back(begin(keys, size_of(of.get(), of.span)));
  of.body.push_back(std::move(loop.loop));
  return in_order(of, local_ref(keys.list, of.span));
}

/// xs.sortBy(x, key)
ExprPtr Checker::sorted_by(ListCall& of) {
  const ast::Expr& bound = *of.call.arguments[0].value;
  const ast::Expr& written = *of.call.arguments[1].value;
  const auto* name = std::get_if<ast::NameRef>(&bound.node);
  if (name == nullptr) {
    return wrong(Code::kWrongArguments, bound.span, "`sortBy` takes a name for the element, and what to sort it by",
                 "xs.sortBy(x, x.name)");
  }
  const NameScope scope(context());
  const ast::Name element{name->name, bound.span};
  Turns loop = turns(of.get(), std::span(&element, 1), of.span);
  ExprPtr key = check(written);
  if (!key || !has_order(types().shape(key->type), written.span)) return nullptr;
  key = sort_key(std::move(key), written.span);
  const Growing keys = growing(key->type, of.span);
  loop.body().push_back(append(keys, std::move(key)));
  of.body.push_back(begin(keys, size_of(of.get(), of.span)));
  of.body.push_back(std::move(loop.loop));
  return in_order(of, local_ref(keys.list, of.span));
}

/// The elements in the order of their keys.
ExprPtr Checker::in_order(ListCall& of, ExprPtr keys) {
  const Kind kind = types().kind(types()[keys->type].first);
  const auto rows = stdlib::builtins();
  const auto row = std::ranges::find_if(
      rows, [&](const auto& each) { return each.name == "sortOrder" && each.parameters[0].element == kind; });
  WRIT_CHECK(row != rows.end());
  std::vector<ExprPtr> one;
  one.push_back(std::move(keys));
  Held positions = hold(builtin(row->symbol, std::move(one), of.span), of.span);
  for (ir::Stmt& statement : positions.setup) of.body.push_back(std::move(statement));
  const Growing out = growing(element_of(of), of.span);
  of.body.push_back(begin(out, size_of(positions.get(), of.span)));
  EachLoop loop = each_of(positions.get(), of.span);
  loop.body().push_back(append(out, element_at(of, local_ref(loop.element, of.span))));
  of.body.push_back(std::move(loop.loop));
  return local_ref(out.list, of.span);
}

// ---- sets ----------------------------------------------------------------------------------------

/// Whether some element of operand `of_these` is in the other, or is not.
ExprPtr Checker::some_element(ListCall& of, std::size_t of_these, bool is_in) {
  const Span span = of.span;
  const ir::LocalId found = new_local("", types().plain(Kind::kBool), span);
  EachLoop loop = each_of(of.get(of_these), span);
  ExprPtr decides = is_member(local_ref(loop.element, span), of.get(1 - of_these), span);
  if (!decides) return nullptr;
  if (!is_in) decides = negate(std::move(decides), span);
  ir::Body decided;
  decided.push_back(assign(found, boolean(true, span), span));
  decided.push_back({place(span), ir::Break{}});
  loop.body().push_back({place(span), ir::If{std::move(decides), std::move(decided), {}}});
  ir::Body search;
  search.push_back(assign(found, boolean(false, span), span));
  search.push_back(std::move(loop.loop));
  return with_setup(std::move(search), local_ref(found, span), span);
}

ExprPtr Checker::shares_elements(ListCall& of) { return some_element(of, 1, true); }
ExprPtr Checker::holds_all(ListCall& of) {
  ExprPtr some_is_missing = some_element(of, 1, false);
  return some_is_missing ? negate(std::move(some_is_missing), of.span) : nullptr;
}
ExprPtr Checker::same_elements(ListCall& of) {
  ExprPtr first_holds_all = holds_all(of);
  ExprPtr second_lacks_some = some_element(of, 0, false);
  if (!first_holds_all || !second_lacks_some) return nullptr;
  return select(std::move(first_holds_all), negate(std::move(second_lacks_some), of.span), boolean(false, of.span),
                of.span);
}

ExprPtr Checker::set_union(ListCall& of) {
  const Growing keys = growing(element_of(of), of.span);
  of.body.push_back(begin(keys, add_ints(size_of(of.get(0), of.span), size_of(of.get(1), of.span), of.span)));
  for (const std::size_t operand : {0, 1}) of.body.push_back(append_all(keys, of.get(operand)));
  return set_of(keys);
}

ExprPtr Checker::intersection(ListCall& of) { return kept(of, true); }
ExprPtr Checker::difference(ListCall& of) { return kept(of, false); }

/// The elements of the first set that are in the second, or are not.
ExprPtr Checker::kept(ListCall& of, bool is_in) {
  const Growing keys = growing(element_of(of), of.span);
  of.body.push_back(begin(keys, size_of(of.get(), of.span)));
  EachLoop loop = each_of(of.get(), of.span);
  ExprPtr condition = is_member(local_ref(loop.element, of.span), of.get(1), of.span);
  if (!condition) return nullptr;
  if (!is_in) condition = negate(std::move(condition), of.span);
  ir::Body keep;
  keep.push_back(append(keys, local_ref(loop.element, of.span)));
  loop.body().push_back({place(of.span), ir::If{std::move(condition), std::move(keep), {}}});
  of.body.push_back(std::move(loop.loop));
  return set_of(keys);
}

ExprPtr Checker::set_of(const Growing& keys) {
  ExprPtr list = local_ref(keys.list, keys.span);
  const TypeId type = types().set(types()[list->type].first);
  return make(type, keys.span, ir::TableOf{std::move(list), nullptr});
}

}  // namespace writ::frontend
