#include <algorithm>
#include <limits>

#include "frontend/checker.h"
#include "support/check.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

namespace {

const char* op_text(ast::BinaryOp op) {
  switch (op) {
    case ast::BinaryOp::kOr:
      return "||";
    case ast::BinaryOp::kAnd:
      return "&&";
    case ast::BinaryOp::kEqual:
      return "==";
    case ast::BinaryOp::kNotEqual:
      return "!=";
    case ast::BinaryOp::kLess:
      return "<";
    case ast::BinaryOp::kLessEqual:
      return "<=";
    case ast::BinaryOp::kGreater:
      return ">";
    case ast::BinaryOp::kGreaterEqual:
      return ">=";
    case ast::BinaryOp::kIn:
      return "in";
    case ast::BinaryOp::kCoalesce:
      return "??";
    case ast::BinaryOp::kAdd:
      return "+";
    case ast::BinaryOp::kSubtract:
      return "-";
    case ast::BinaryOp::kMultiply:
      return "*";
    case ast::BinaryOp::kDivide:
      return "/";
    case ast::BinaryOp::kRemainder:
      return "%";
  }
  WRIT_UNREACHABLE();
}

/// The four orderings of one kind.
struct OrderOps {
  Op less, less_equal, greater, greater_equal;
};
Op pick(const OrderOps& ops, ast::BinaryOp op) {
  switch (op) {
    case ast::BinaryOp::kLess:
      return ops.less;
    case ast::BinaryOp::kLessEqual:
      return ops.less_equal;
    case ast::BinaryOp::kGreater:
      return ops.greater;
    default:
      return ops.greater_equal;
  }
}
constexpr OrderOps kIntOrder{Op::kIntLess, Op::kIntLessEqual, Op::kIntGreater, Op::kIntGreaterEqual};
constexpr OrderOps kUintOrder{Op::kUintLess, Op::kUintLessEqual, Op::kUintGreater, Op::kUintGreaterEqual};
constexpr OrderOps kDoubleOrder{Op::kDoubleLess, Op::kDoubleLessEqual, Op::kDoubleGreater, Op::kDoubleGreaterEqual};
constexpr OrderOps kStringOrder{Op::kStringLess, Op::kStringLessEqual, Op::kStringGreater, Op::kStringGreaterEqual};

ast::BinaryOp mirrored(ast::BinaryOp op) {
  switch (op) {
    case ast::BinaryOp::kLess:
      return ast::BinaryOp::kGreater;
    case ast::BinaryOp::kLessEqual:
      return ast::BinaryOp::kGreaterEqual;
    case ast::BinaryOp::kGreater:
      return ast::BinaryOp::kLess;
    case ast::BinaryOp::kGreaterEqual:
      return ast::BinaryOp::kLessEqual;
    default:
      return op;
  }
}

}  // namespace

// ---- operators -----------------------------------------------------------------------------------

ExprPtr Checker::check_unary(const ast::Expr& expression, const ast::Unary& unary, std::optional<TypeId> expected) {
  const Span span = expression.span;
  if (unary.op == ast::UnaryOp::kNot) {
    ExprPtr value = check_condition(*unary.operand, "`!`");
    return value ? negate(std::move(value), span) : nullptr;
  }
  // -9223372036854775808 is one literal: its magnitude alone is no int.
  if (const auto* literal = std::get_if<ast::IntLiteral>(&unary.operand->node);
      literal != nullptr && !literal->is_uint && literal->magnitude == std::uint64_t{1} << 63 &&
      (!expected || types().kind(*expected) != Kind::kDouble)) {
    return integer(std::numeric_limits<std::int64_t>::min(), span);
  } else if (literal != nullptr && literal->magnitude > std::uint64_t{1} << 63 &&
             (!expected || types().kind(*expected) == Kind::kInt)) {
    return wrong(Code::kLiteralOutOfRange, span, "this number is too small for an int (at least -9223372036854775808)");
  }
  if (is_int_literal(*unary.operand) && expected && types().kind(*expected) == Kind::kUint) {
    return wrong(Code::kLiteralOutOfRange, span, "a uint is never below zero");
  }
  ExprPtr value = check(*unary.operand, expected);
  if (!value) return nullptr;
  const Kind kind = types().kind(value->type);
  const bool negatable = kind == Kind::kInt || kind == Kind::kDuration || kind == Kind::kDouble;
  if (!negatable) {
    return wrong(Code::kBadOperand, span, "`-` needs an int, a double or a duration, found " + text(value->type));
  }
  const TypeId type = value->type;
  if (const ir::Value* known = constant_of(*value)) {
    if (const auto* number = std::get_if<std::int64_t>(&known->node);
        number != nullptr && *number != std::numeric_limits<std::int64_t>::min()) {
      return constant(type, ir::Value{-*number}, span);
    }
    if (const auto* number = std::get_if<double>(&known->node)) return constant(type, ir::Value{-*number}, span);
  }
  return operate(kind == Kind::kDouble ? Op::kDoubleNegate : Op::kIntNegate, type, span, std::move(value));
}

ExprPtr Checker::check_binary(const ast::Expr& expression, const ast::Binary& binary, std::optional<TypeId> expected) {
  switch (binary.op) {
    case ast::BinaryOp::kOr:
    case ast::BinaryOp::kAnd: {
      const bool is_and = binary.op == ast::BinaryOp::kAnd;
      ExprPtr left = check_condition(*binary.left, is_and ? "`&&`" : "`||`");
      ExprPtr right = check_condition(*binary.right, is_and ? "`&&`" : "`||`");
      if (!left || !right) return nullptr;
      return is_and ? select(std::move(left), std::move(right), boolean(false, binary.op_span), binary.op_span)
                    : select(std::move(left), boolean(true, binary.op_span), std::move(right), binary.op_span);
    }
    case ast::BinaryOp::kEqual:
    case ast::BinaryOp::kNotEqual:
    case ast::BinaryOp::kLess:
    case ast::BinaryOp::kLessEqual:
    case ast::BinaryOp::kGreater:
    case ast::BinaryOp::kGreaterEqual:
      return check_comparison(expression, binary);
    case ast::BinaryOp::kIn:
      return check_in(expression, binary);
    case ast::BinaryOp::kCoalesce:
      return coalesce(*binary.left, *binary.right, expected, binary.op_span);
    case ast::BinaryOp::kAdd:
    case ast::BinaryOp::kSubtract:
    case ast::BinaryOp::kMultiply:
    case ast::BinaryOp::kDivide:
    case ast::BinaryOp::kRemainder:
      return check_arithmetic(expression, binary, expected);
  }
  WRIT_UNREACHABLE();
}

std::pair<ExprPtr, ExprPtr> Checker::check_pair(const ast::Expr& left, const ast::Expr& right,
                                                std::optional<TypeId> expected) {
  const auto weak = [this](const ast::Expr& expression) {
    if (const auto* name = std::get_if<ast::NameRef>(&expression.node)) return !resolves(name->name);
    return needs_expected(expression);
  };
  ExprPtr a;
  ExprPtr b;
  if (weak(left) && !weak(right)) {
    b = check(right, expected);
    if (b) a = check(left, b->type);
  } else {
    a = check(left, expected);
    if (a) b = check(right, a->type);
  }
  if (!a || !b) return {};
  return {std::move(a), std::move(b)};
}

/// As check_pair; but an int literal that the other side's type cannot hold stays an int, since comparisons mix by value.
std::pair<ExprPtr, ExprPtr> Checker::check_compared(const ast::Expr& left, const ast::Expr& right) {
  const bool left_literal = is_int_literal(left);
  if (left_literal == is_int_literal(right)) return check_pair(left, right, std::nullopt);
  const ast::Expr& literal = left_literal ? left : right;
  ExprPtr other = check(left_literal ? right : left);
  if (!other) return {};
  const bool fits = int_literal_fits(literal, types().kind(types().inner(other->type)));
  ExprPtr number = check(literal, fits ? std::optional<TypeId>(other->type) : std::nullopt);
  if (!number) return {};
  if (left_literal) std::swap(other, number);
  return {std::move(other), std::move(number)};
}

ExprPtr Checker::check_arithmetic(const ast::Expr& expression, const ast::Binary& binary,
                                  std::optional<TypeId> expected) {
  (void)expression;
  const Span span = binary.op_span;
  if (expected && !is_number(types().kind(*expected)) && types().kind(*expected) != Kind::kList) {
    expected = std::nullopt;
  }
  ExprPtr left;
  ExprPtr right;
  if (is_int_literal(*binary.right)) {
    // An int literal follows a number on its left; beside a duration it stays an int.
    left = check(*binary.left, expected);
    if (left) {
      const Kind kind = types().kind(left->type);
      right = check(*binary.right, is_number(kind) ? std::optional<TypeId>(left->type) : std::nullopt);
    }
    if (!left || !right) return nullptr;
  } else {
    std::tie(left, right) = check_pair(*binary.left, *binary.right, expected);
    if (!left || !right) return nullptr;
  }
  return arithmetic(std::move(left), std::move(right), binary.op, span);
}

ExprPtr Checker::arithmetic(ExprPtr left, ExprPtr right, ast::BinaryOp sign, Span span) {
  const Kind a = types().kind(left->type);
  const Kind b = types().kind(right->type);
  const auto result = [&](Op op, Kind kind) {
    return operate(op, types().plain(kind), span, std::move(left), std::move(right));
  };
  using enum ast::BinaryOp;
  if (a == b && (a == Kind::kInt || a == Kind::kUint)) {
    const bool is_int = a == Kind::kInt;
    switch (sign) {
      case kAdd:
        return result(is_int ? Op::kIntAdd : Op::kUintAdd, a);
      case kSubtract:
        return result(is_int ? Op::kIntSubtract : Op::kUintSubtract, a);
      case kMultiply:
        return result(is_int ? Op::kIntMultiply : Op::kUintMultiply, a);
      case kDivide:
        return result(is_int ? Op::kIntDivide : Op::kUintDivide, a);
      default:
        return result(is_int ? Op::kIntRemainder : Op::kUintRemainder, a);
    }
  }
  if (a == Kind::kDouble && b == Kind::kDouble && sign != kRemainder) {
    switch (sign) {
      case kAdd:
        return result(Op::kDoubleAdd, a);
      case kSubtract:
        return result(Op::kDoubleSubtract, a);
      case kMultiply:
        return result(Op::kDoubleMultiply, a);
      default:
        return result(Op::kDoubleDivide, a);
    }
  }
  if (a == Kind::kDuration && b == Kind::kDuration) {
    if (sign == kAdd) return result(Op::kIntAdd, a);
    if (sign == kSubtract) return result(Op::kIntSubtract, a);
    if (sign == kDivide) return result(Op::kIntDivide, Kind::kInt);
  }
  if (a == Kind::kDuration && b == Kind::kInt) {
    if (sign == kMultiply) return result(Op::kIntMultiply, a);
    if (sign == kDivide) return result(Op::kIntDivide, a);
  }
  if (a == Kind::kTimestamp && b == Kind::kDuration) {
    if (sign == kAdd) return result(Op::kIntAdd, a);
    if (sign == kSubtract) return result(Op::kIntSubtract, a);
  }
  if (a == Kind::kDuration && b == Kind::kTimestamp && sign == kAdd) return result(Op::kIntAdd, b);
  if (a == Kind::kTimestamp && b == Kind::kTimestamp && sign == kSubtract) {
    return result(Op::kIntSubtract, Kind::kDuration);
  }
  if (a == Kind::kList && same(left->type, right->type) && sign == kAdd) {
    return joined_lists(std::move(left), std::move(right), span);
  }
  if (a == b && (a == Kind::kString || a == Kind::kBytes) && sign == kAdd) {
    std::vector<ExprPtr> both;
    both.push_back(std::move(left));
    both.push_back(std::move(right));
    return builtin(a == Kind::kString ? "writ_string_concat" : "writ_bytes_concat", std::move(both), span);
  }
  auto& diagnostic = error(Code::kBadOperand, span,
                           std::string("no `") + op_text(sign) + "` for " + text(types().shape(left->type)) + " and " +
                               text(types().shape(right->type)));
  if (a == Kind::kOptional || b == Kind::kOptional) {
    diagnostic.help = "say what holds when it is absent: (… ?? default)";
  } else if (a != b && is_number(a) && is_number(b)) {
    const bool real = a == Kind::kDouble || b == Kind::kDouble;
    diagnostic.help =
        std::string("numbers mix in comparisons only: convert one with ") + (real ? "double(…)" : "int(…)");
  } else if (sign == kAdd && (a == Kind::kString || b == Kind::kString)) {
    diagnostic.help = "make text of the other with string(…), or write f\"{a}{b}\"";
  } else if (a == Kind::kInt && b == Kind::kDuration && sign == kMultiply) {
    diagnostic.help = "write the duration first: duration * int";
  }
  return nullptr;
}

/// left + right: a list with memory for both, to which the elements of each are added in turn.
ExprPtr Checker::joined_lists(ExprPtr left, ExprPtr right, Span span) {
  const Growing out = growing(types()[left->type].first, span);
  Held first = hold(std::move(left), span);
  Held second = hold(std::move(right), span);
  ir::Body body = std::move(first.setup);
  for (ir::Stmt& statement : second.setup) body.push_back(std::move(statement));
  body.push_back(begin(out, operate(Op::kIntAdd, types().plain(Kind::kInt), span, size_of(first.get(), span),
                                    size_of(second.get(), span))));
  for (const Held* part : {&first, &second}) {
    ExprPtr list = part->get();
    const ir::LocalId element = new_local("", types()[list->type].first, span);
    ir::Body turn;
    turn.push_back(append(out, local_ref(element, span)));
    body.push_back({place(span), ir::ForList{std::move(list), element, std::nullopt, std::move(turn), 0}});
  }
  return with_setup(std::move(body), local_ref(out.list, span), span);
}

ExprPtr Checker::check_comparison(const ast::Expr& expression, const ast::Binary& binary) {
  (void)expression;
  const Span span = binary.op_span;
  const bool equal = binary.op == ast::BinaryOp::kEqual || binary.op == ast::BinaryOp::kNotEqual;
  const auto says_absent = [&](const ast::Expr& e) {
    return is_absent(e) && (std::holds_alternative<ast::AbsentLiteral>(e.node) || !resolves("optional"));
  };
  if (equal && (says_absent(*binary.left) || says_absent(*binary.right))) {
    ExprPtr value = check(says_absent(*binary.left) ? *binary.right : *binary.left);
    if (!value) return nullptr;
    if (!is(value, Kind::kOptional)) {
      return wrong(Code::kNotOptional, span, "this is " + text(value->type) + " and is never absent");
    }
    ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{std::move(value)});
    return binary.op == ast::BinaryOp::kEqual ? negate(std::move(present), span) : std::move(present);
  }
  auto [left, right] = check_compared(*binary.left, *binary.right);
  if (!left || !right) return nullptr;
  return equal ? equality(std::move(left), std::move(right), span, binary.op == ast::BinaryOp::kNotEqual)
               : ordering(std::move(left), std::move(right), binary.op, span);
}

ExprPtr Checker::ordering(ExprPtr left, ExprPtr right, ast::BinaryOp op, Span span) {
  const Kind a = types().kind(left->type);
  const Kind b = types().kind(right->type);
  const TypeId boolean_type = types().plain(Kind::kBool);
  const auto result = [&](const OrderOps& ops) {
    return operate(pick(ops, op), boolean_type, span, std::move(left), std::move(right));
  };
  if (a == Kind::kOptional || b == Kind::kOptional) {
    return wrong(Code::kOptionalHere, span,
                 std::string("`") + op_text(op) + "` needs both values, and one of these may be absent",
                 "say what holds then: (… ?? default)");
  }
  if (a == b) {
    switch (a) {
      case Kind::kInt:
      case Kind::kDuration:
      case Kind::kTimestamp:
        return result(kIntOrder);
      case Kind::kUint:
        return result(kUintOrder);
      case Kind::kBool:
        return result(kUintOrder);
      case Kind::kDouble:
        return result(kDoubleOrder);
      case Kind::kString:
      case Kind::kBytes:
        return result(kStringOrder);
      case Kind::kEnum:
        if (!same(left->type, right->type)) break;
        if (types().enum_type(types()[left->type].decl).ordered) return result(kUintOrder);
        return wrong(Code::kNotOrdered, span, "enum " + text(left->type) + " has no order",
                     "declare it as `ordered enum " + text(left->type) + "`");
      default:
        break;
    }
  }
  if (is_number(a) && is_number(b)) return mixed_comparison(std::move(left), std::move(right), op, span);
  const auto between = [&](Kind one, Kind other) { return (a == one && b == other) || (a == other && b == one); };
  return wrong(Code::kBadOperand, span,
               std::string("no `") + op_text(op) + "` for " + text(types().shape(left->type)) + " and " +
                   text(types().shape(right->type)),
               between(Kind::kDuration, Kind::kInt)       ? "a duration has a unit: 10s, 2h30m, 500ms"
               : between(Kind::kTimestamp, Kind::kString) ? "make one of the text: timestamp(\"2026-01-31T12:00:00Z\")"
                                                          : "");
}

/// int, uint and double against one another, by value, as in CEL. An Order operator gives -1, 0, 1, or 2 when a NaN is in
/// play, for which every comparison but `!=` is false.
ExprPtr Checker::mixed_comparison(ExprPtr left, ExprPtr right, ast::BinaryOp op, Span span) {
  const Kind a = types().kind(left->type);
  const Kind b = types().kind(right->type);
  const TypeId boolean_type = types().plain(Kind::kBool);
  ir::Body setup;
  if (a == Kind::kDouble || (a == Kind::kUint && b == Kind::kInt)) {
    // The operators come in one direction. The left operand is still evaluated first.
    Held held = hold(std::move(left), span);
    setup = std::move(held.setup);
    left = std::exchange(right, held.get());
    op = mirrored(op);
  }
  const Kind first = types().kind(left->type);
  const Kind second = types().kind(right->type);
  const Op order = first == Kind::kUint    ? Op::kOrderUintDouble
                   : second == Kind::kUint ? Op::kOrderIntUint
                                           : Op::kOrderIntDouble;
  ExprPtr ordered = operate(order, types().plain(Kind::kInt), span, std::move(left), std::move(right));
  const auto is = [&](ExprPtr value, std::int64_t number) {
    return operate(Op::kWordEqual, boolean_type, span, std::move(value), integer(number, span));
  };
  ExprPtr value;
  switch (op) {
    case ast::BinaryOp::kEqual:
      value = is(std::move(ordered), 0);
      break;
    case ast::BinaryOp::kNotEqual:
      value = negate(is(std::move(ordered), 0), span);
      break;
    case ast::BinaryOp::kLess:
      value = is(std::move(ordered), -1);
      break;
    case ast::BinaryOp::kGreater:
      value = is(std::move(ordered), 1);
      break;
    case ast::BinaryOp::kLessEqual:
      value = operate(Op::kIntLessEqual, boolean_type, span, std::move(ordered), integer(0, span));
      break;
    default: {  // >=: 0 or 1
      Held held = hold(std::move(ordered), span);
      for (ir::Stmt& statement : held.setup) setup.push_back(std::move(statement));
      value = select(is(held.get(), 0), boolean(true, span), is(held.get(), 1), span);
    }
  }
  return with_setup(std::move(setup), std::move(value), span);
}

ExprPtr Checker::check_in_range(const ast::Expr& expression, const ast::Binary& binary, const ast::Range& range) {
  (void)expression;
  const Span span = binary.op_span;
  auto [value, low] = check_pair(*binary.left, *range.low, std::nullopt);
  if (!value) return nullptr;
  ExprPtr high = range.high ? check(*range.high, value->type) : nullptr;
  if (range.high && !high) return nullptr;
  // The value is evaluated first, then both ends.
  Held held = hold(std::move(value), span);
  ir::Body setup = std::move(held.setup);
  Held low_held = hold(std::move(low), span);
  for (ir::Stmt& statement : low_held.setup) setup.push_back(std::move(statement));
  ExprPtr inside = ordering(held.get(), low_held.get(), ast::BinaryOp::kGreaterEqual, span);
  if (inside && high) {
    Held high_held = hold(std::move(high), span);
    for (ir::Stmt& statement : high_held.setup) setup.push_back(std::move(statement));
    ExprPtr below = ordering(held.get(), high_held.get(), ast::BinaryOp::kLess, span);
    if (!below) return nullptr;
    inside = select(std::move(inside), std::move(below), boolean(false, span), span);
  }
  return inside ? with_setup(std::move(setup), std::move(inside), span) : nullptr;
}

ExprPtr Checker::check_in(const ast::Expr& expression, const ast::Binary& binary) {
  const Span span = binary.op_span;
  if (const auto* range = std::get_if<ast::Range>(&binary.right->node)) {
    return check_in_range(expression, binary, *range);
  }
  const TypeId boolean_type = types().plain(Kind::kBool);
  // An enumerator on the left takes its type from the right, and the other way round.
  const auto* left_name = std::get_if<ast::NameRef>(&binary.left->node);
  const bool right_first = (left_name != nullptr && !resolves(left_name->name)) ||
                           (needs_expected(*binary.left) && !needs_expected(*binary.right));
  ExprPtr left;
  ExprPtr right;
  const auto element_of = [&](const ExprPtr& collection) -> std::optional<TypeId> {
    const Kind kind = types().kind(collection->type);
    if (kind == Kind::kList || kind == Kind::kSet || kind == Kind::kMap) return types()[collection->type].first;
    return std::nullopt;
  };
  if (right_first) {
    right = check(*binary.right);
    if (right) left = check(*binary.left, element_of(right));
  } else {
    left = check(*binary.left);
    if (left) {
      const Kind kind = types().kind(left->type);
      const bool as_network = kind == Kind::kIp || kind == Kind::kCidr;
      const TypeId shape = types().shape(left->type);
      right = as_network ? check(*binary.right) : check(*binary.right, types().list(shape));
    }
  }
  if (!left || !right) return nullptr;
  if (is(left, Kind::kOptional)) {
    return wrong(Code::kOptionalHere, binary.left->span, "`in` needs a value on its left, and this may be absent",
                 "say what holds then: x.exists(v, v in …), or (x ?? default) in …");
  }
  const Kind a = types().kind(left->type);
  const Kind b = types().kind(right->type);
  const auto element = element_of(right);
  if (b == Kind::kCidr && (a == Kind::kIp || a == Kind::kCidr)) {
    return operate(a == Kind::kIp ? Op::kIpInCidr : Op::kCidrInCidr, boolean_type, span, std::move(left),
                   std::move(right));
  }
  const bool networks = a == Kind::kIp && element && types().kind(*element) == Kind::kCidr && b != Kind::kMap;
  if (!element || (!networks && !same(left->type, *element))) {
    return wrong(Code::kBadOperand, span,
                 "no `in` for " + text(types().shape(left->type)) + " and " + text(types().shape(right->type)),
                 b != Kind::kString   ? ""
                 : a == Kind::kString ? "ask the text: text.contains(part)"
                 : a == Kind::kIp     ? "make a network of it: cidr(…)"
                                      : "");
  }
  return is_member(std::move(left), std::move(right), span);
}

ExprPtr Checker::is_member(ExprPtr left, ExprPtr right, Span span) {
  const TypeId boolean_type = types().plain(Kind::kBool);
  const Kind b = types().kind(right->type);
  const TypeId element = types()[right->type].first;
  const bool networks = is(left, Kind::kIp) && types().kind(element) == Kind::kCidr;
  if (networks && is_constant_collection(*right)) {
    return make(boolean_type, span, ir::InNetworks{std::move(left), std::move(right)});
  }
  if (!networks && is_key(element) && is_constant_collection(*right)) {
    return make(boolean_type, span, ir::ConstantHas{std::move(left), std::move(right)});
  }
  if (!networks && b != Kind::kList) {
    Held key = hold(std::move(left), span);  // evaluated before the table
    ExprPtr has = make(boolean_type, span, ir::TableHas{std::move(right), key.get()});
    return with_setup(std::move(key.setup), std::move(has), span);
  }
  // A run-time list is searched from its start: var found = false; for e in list { if e == x { found = true; break } }
  Held key = hold(std::move(left), span);
  const ir::LocalId found = new_local("found", boolean_type, span);
  const ir::LocalId each = new_local("each", element, span);
  ir::Body setup = std::move(key.setup);
  setup.push_back(assign(found, boolean(false, span), span));
  ExprPtr hit = networks ? operate(Op::kIpInCidr, boolean_type, span, key.get(), local_ref(each, span))
                         : equal_values(local_ref(each, span), key.get(), span);
  if (!hit) return nullptr;
  ir::Body then;
  then.push_back(assign(found, boolean(true, span), span));
  then.push_back({place(span), ir::Break{}});
  ir::Body turn;
  turn.push_back({place(span), ir::If{std::move(hit), std::move(then), {}}});
  if (b == Kind::kList) {
    setup.push_back({place(span), ir::ForList{std::move(right), each, std::nullopt, std::move(turn), 0}});
  } else {
    setup.push_back({place(span), ir::ForTable{std::move(right), each, std::nullopt, std::move(turn), 0}});
  }
  return with_setup(std::move(setup), local_ref(found, span), span);
}

/// `optional ?? instead`. The second says the type where nothing else does.
ExprPtr Checker::coalesce(const ast::Expr& optional, const ast::Expr& instead, std::optional<TypeId> expected,
                          Span span) {
  ExprPtr otherwise;
  if (!expected && needs_expected(optional)) {
    otherwise = check(instead);
    if (!otherwise) return nullptr;
    expected = types().inner(otherwise->type);
  }
  ExprPtr left = check(optional, expected ? std::optional(types().optional(types().shape(*expected))) : std::nullopt);
  if (!left) return nullptr;
  if (!is(left, Kind::kOptional)) {
    return wrong(Code::kNotOptional, optional.span,
                 "`??` needs an optional on its left, and " + text(types().shape(left->type)) + " is never absent",
                 "drop `??` and what follows it");
  }
  const TypeId inner = types()[left->type].first;
  const TypeId shape = types().shape(inner);
  if (!otherwise) otherwise = check(instead, shape);
  if (!otherwise) return nullptr;
  Held held = hold(std::move(left), span);
  ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
  if (is(otherwise, Kind::kOptional) && same(otherwise->type, held.get()->type)) {
    ExprPtr value = select(std::move(present), held.get(), std::move(otherwise), span);
    return with_setup(std::move(held.setup), std::move(value), span);
  }
  otherwise = convert(std::move(otherwise), shape, instead.span, "the default here is", optional.span);
  if (!otherwise) return nullptr;
  ExprPtr got = read(make(inner, optional.span, ir::OptionalGet{held.get()}));
  ExprPtr value = select(std::move(present), std::move(got), std::move(otherwise), span);
  return with_setup(std::move(held.setup), std::move(value), span);
}

ExprPtr Checker::check_ternary(const ast::Expr& expression, const ast::Ternary& ternary,
                               std::optional<TypeId> expected) {
  ExprPtr condition = check_condition(*ternary.condition, "the condition before `?`");
  ExprPtr then;
  ExprPtr otherwise;
  if (expected) {
    then = check(*ternary.then, expected);
    otherwise = check(*ternary.otherwise, expected);
  } else if (is_absent(*ternary.then)) {
    otherwise = check(*ternary.otherwise);
    if (otherwise) then = check(*ternary.then, types().as_optional(otherwise->type));
  } else if (is_absent(*ternary.otherwise)) {
    then = check(*ternary.then);
    if (then) otherwise = check(*ternary.otherwise, types().as_optional(then->type));
  } else {
    std::tie(then, otherwise) = check_pair(*ternary.then, *ternary.otherwise, expected);
  }
  if (!condition || !then || !otherwise) return nullptr;
  // T and T? meet in T?.
  if (is(then, Kind::kOptional) && !is(otherwise, Kind::kOptional)) {
    const TypeId type = then->type;
    otherwise = convert(std::move(otherwise), type, ternary.otherwise->span, "both arms have one type, here",
                        ternary.then->span);
  } else {
    const TypeId type = is(otherwise, Kind::kOptional) ? otherwise->type : then->type;
    if (is(otherwise, Kind::kOptional)) {
      then =
          convert(std::move(then), type, ternary.then->span, "both arms have one type, here", ternary.otherwise->span);
    } else {
      otherwise = convert(std::move(otherwise), type, ternary.otherwise->span, "both arms have one type, here",
                          ternary.then->span);
    }
  }
  if (!then || !otherwise) return nullptr;
  return select(std::move(condition), std::move(then), std::move(otherwise), expression.span);
}

}  // namespace writ::frontend
