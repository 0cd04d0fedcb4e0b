#include "frontend/checker.h"
#include "support/check.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

ExprPtr Checker::equality(ExprPtr left, ExprPtr right, Span span, bool negated) {
  const Kind a = types().kind(left->type);
  const Kind b = types().kind(right->type);
  if (a != b && is_number(a) && is_number(b)) {
    return mixed_comparison(std::move(left), std::move(right),
                            negated ? ast::BinaryOp::kNotEqual : ast::BinaryOp::kEqual, span);
  }
  const auto inner = [&](const ExprPtr& value) {
    return is(value, Kind::kOptional) ? types()[value->type].first : value->type;
  };
  if (!same(inner(left), inner(right))) {
    auto& diagnostic = error(
        Code::kTypeMismatch, span,
        "these can never be equal: " + text(types().shape(left->type)) + " and " + text(types().shape(right->type)));
    const Kind one = types().kind(inner(left));
    const Kind other = types().kind(inner(right));
    if ((one == Kind::kEnum && other == Kind::kString) || (one == Kind::kString && other == Kind::kEnum)) {
      diagnostic.help = "drop the quotes: enumerators are names";
    } else if (one == Kind::kString || other == Kind::kString) {
      diagnostic.help = "compare values of one type; string(…) makes text of a value";
    }
    return nullptr;
  }
  ExprPtr value = equal_values(std::move(left), std::move(right), span);
  return value && negated ? negate(std::move(value), span) : std::move(value);
}

ExprPtr Checker::equal_values(ExprPtr left, ExprPtr right, Span span) {
  const TypeId boolean_type = types().plain(Kind::kBool);
  const bool left_optional = is(left, Kind::kOptional);
  const bool right_optional = is(right, Kind::kOptional);
  if (left_optional || right_optional) {
    // Both operands first, then: present alike, and if present equal.
    Held a = hold(std::move(left), span);
    Held b = hold(std::move(right), span);
    const auto present = [&](const Held& held) { return make(boolean_type, span, ir::OptionalIsPresent{held.get()}); };
    const auto get = [&](const Held& held, bool optional) -> ExprPtr {
      ExprPtr value = held.get();
      if (!optional) return value;
      const TypeId type = types()[value->type].first;
      return read(make(type, span, ir::OptionalGet{std::move(value)}));
    };
    ExprPtr both = equal_values(get(a, left_optional), get(b, right_optional), span);
    if (!both) return nullptr;
    ExprPtr value;
    if (left_optional && right_optional) {
      value = select(present(a), select(present(b), std::move(both), boolean(false, span), span),
                     negate(present(b), span), span);
    } else {
      value = select(present(left_optional ? a : b), std::move(both), boolean(false, span), span);
    }
    for (ir::Stmt& statement : b.setup) a.setup.push_back(std::move(statement));
    return with_setup(std::move(a.setup), std::move(value), span);
  }
  Op op{};
  switch (types().kind(left->type)) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kEnum:
      op = Op::kWordEqual;
      break;
    case Kind::kDouble:
      op = Op::kDoubleEqual;
      break;
    case Kind::kString:
    case Kind::kBytes:
      op = Op::kStringEqual;
      break;
    case Kind::kIp:
      op = Op::kIpEqual;
      break;
    case Kind::kCidr:
      op = Op::kCidrEqual;
      break;
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap: {
      const ir::FunctionId function = equality_function(left->type, right->type, span);
      std::vector<ExprPtr> arguments;
      arguments.push_back(std::move(left));
      arguments.push_back(std::move(right));
      return make(boolean_type, span, ir::FunctionCall{function, std::move(arguments)});
    }
    case Kind::kOptional:
      WRIT_UNREACHABLE();
  }
  return operate(op, boolean_type, span, std::move(left), std::move(right));
}

/// Content equality of a composite type is a function of the program, so that both engines charge it alike. It reads what
/// lies inside as any code does, against the bounds of each side; in an else value, which cannot trap, against none.
ir::FunctionId Checker::equality_function(TypeId left, TypeId right, Span span) {
  const Place where = context_ != nullptr && context().place == Place::kElse ? Place::kElse : Place::kBody;
  const auto side = [&](TypeId type) {
    return where == Place::kElse ? types().shape(type) : types().with_bound(type, {});
  };
  const std::tuple key{side(left), side(right), where};
  if (const auto known = equality_functions_.find(key); known != equality_functions_.end()) return known->second;
  ir::Function function;
  function.name = "equal<" + text(types().shape(left)) + ">";
  function.role = ir::Role::kEquality;
  function.parameter_count = 2;
  function.locals = {{"a", side(left)}, {"b", side(right)}};
  function.result = types().plain(Kind::kBool);
  function.place = place(span);
  const ir::FunctionId id = generate(std::move(function), [&] {
    context().place = where;
    return equality_body(side(left), side(right), span);
  });
  equality_functions_.emplace(key, id);
  return id;
}

ir::Body Checker::equality_body(TypeId left, TypeId right, Span span) {
  const ir::Type type = types()[left];
  const ir::Type other_type = types()[right];
  const TypeId boolean_type = types().plain(Kind::kBool);
  const TypeId int_type = types().plain(Kind::kInt);
  const auto give = [&](bool value) { return ir::Stmt{place(span), ir::Return{boolean(value, span), std::nullopt}}; };
  const auto unless = [&](ExprPtr condition) {
    ir::Body refuse;
    refuse.push_back(give(false));
    return ir::Stmt{place(span), ir::If{negate(std::move(condition), span), std::move(refuse), {}}};
  };
  ir::Body body;
  const auto a = [&] { return local_ref(0, span); };
  const auto b = [&] { return local_ref(1, span); };
  if (type.kind == Kind::kRecord) {
    const std::size_t count = types().record_type(type.decl).fields.size();
    for (std::uint32_t i = 0; i < count; ++i) {
      const TypeId of = types().record_type(type.decl).fields[i].type;
      const auto get = [&](ExprPtr from) { return read(make(of, span, ir::FieldGet{std::move(from), i})); };
      body.push_back(unless(equal_values(get(a()), get(b()), span)));
    }
  } else {
    const Op size = type.kind == Kind::kList ? Op::kListSize : Op::kTableSize;
    body.push_back(unless(operate(Op::kWordEqual, boolean_type, span, operate(size, int_type, span, a()),
                                  operate(size, int_type, span, b()))));
    ir::Body turn;
    if (type.kind == Kind::kList) {
      const ir::LocalId element = new_local("element", type.first, span);
      const ir::LocalId index = new_local("index", int_type, span);
      ExprPtr other = read(make(other_type.first, span, ir::ListGet{b(), local_ref(index, span)}));
      turn.push_back(unless(equal_values(local_ref(element, span), std::move(other), span)));
      body.push_back({place(span), ir::ForList{a(), element, index, std::move(turn), 0}});
    } else {
      const ir::LocalId key = new_local("key", type.first, span);
      std::optional<ir::LocalId> value;
      turn.push_back(unless(make(boolean_type, span, ir::TableHas{b(), local_ref(key, span)})));
      if (type.kind == Kind::kMap) {
        value = new_local("value", type.second, span);
        ExprPtr other = read(make(other_type.second, span, ir::MapGet{b(), local_ref(key, span)}));
        turn.push_back(unless(equal_values(local_ref(*value, span), std::move(other), span)));
      }
      body.push_back({place(span), ir::ForTable{a(), key, value, std::move(turn), 0}});
    }
  }
  body.push_back(give(true));
  return body;
}

}  // namespace writ::frontend
