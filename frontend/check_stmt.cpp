#include <algorithm>

#include "frontend/checker.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;

void Checker::check_body(const ast::Body& body, Context& inner, Span span) {
  const std::int64_t before = steps_;
  check_statements(body, inner, span);
  if (steps_ - before > support::limits::kFunctionNodes) {
    wrong(Code::kTooMany, span, "this body has more than " + std::to_string(support::limits::kFunctionNodes) + " nodes",
          "split it into functions");
  }
}

void Checker::check_statements(const ast::Body& body, Context& inner, Span span) {
  const ContextScope scope(context_, inner);
  ir::Function& function = *inner.function;
  if (const auto* expression = std::get_if<ast::ExprPtr>(&body)) {
    if (inner.result) {
      tail(**expression, function.body);
      return;
    }
    ExprPtr value;
    if (const auto* call = std::get_if<ast::Call>(&(*expression)->node)) {
      value = check_call(**expression, *call, std::nullopt, true);
    } else {
      wrong(Code::kUnusedValue, (*expression)->span, "this function declares no result, and here is a value",
            "say its type: fn f(…) -> T = …");
    }
    if (value) function.body.push_back({place((*expression)->span), ir::Evaluate{std::move(value)}});
    function.body.push_back({function.place, ir::Return{nullptr, std::nullopt}});
    return;
  }
  const bool good = check_block(std::get<ast::Block>(body), function.body);
  if (leaves(function.body)) return;
  if (!inner.result) {
    function.body.push_back({function.place, ir::Return{nullptr, std::nullopt}});
  } else if (good) {
    wrong(Code::kMissingReturn, span, "this body can end without an answer", "end it with `return …`");
  }
}

/// Whether control never comes to the end of this body.
bool Checker::leaves(const ir::Body& body) {
  if (body.empty()) return false;
  return std::visit(support::Overloaded{
                        [](const ir::Return&) { return true; },
                        [](const ir::Break&) { return true; },
                        [](const ir::Continue&) { return true; },
                        [](const ir::If& branch) { return leaves(branch.then) && leaves(branch.otherwise); },
                        [](const ir::While& loop) { return loop.turn_fuel == kEndless && !has_break(loop.body); },
                        [](const auto&) { return false; },
                    },
                    body.back().node);
}

/// Whether a Break in this body leaves the loop it belongs to.
bool Checker::has_break(const ir::Body& body) {
  return std::ranges::any_of(body, [](const ir::Stmt& statement) {
    if (std::holds_alternative<ir::Break>(statement.node)) return true;
    const auto* branch = std::get_if<ir::If>(&statement.node);
    return branch != nullptr && (has_break(branch->then) || has_break(branch->otherwise));
  });
}

bool Checker::check_block(const ast::Block& block, ir::Body& out) {
  const NameScope scope(context());
  bool good = true;
  bool reported = false;
  for (const ast::Stmt& statement : block) {
    if (leaves(out)) {
      if (!reported) {
        error(Code::kUnreachable, statement.span, "nothing comes here: the statement before always leaves");
        reported = true;
      }
      ir::Body dropped;
      good = check_statement(statement, dropped) && good;
      continue;
    }
    good = check_statement(statement, out) && good;
  }
  return good;
}

bool Checker::check_statement(const ast::Stmt& statement, ir::Body& out) {
  if (!step(statement.span)) return false;
  const auto only_in_tests = [&] {
    wrong(Code::kOnlyInTests, statement.span, "this stands in `test` blocks only");
    return false;
  };
  return std::visit(
      support::Overloaded{
          [&](const ast::Let& let) { return check_let(let.name, let.type, *let.value, let.is_var, out); },
          [&](const ast::Assign& assign) { return check_assign(statement, assign, out); },
          [&](const ast::If& branch) {
            return branch.binding ? check_if_let(statement, branch, out) : check_if(statement, branch, out);
          },
          [&](const ast::For& loop) { return check_for(statement, loop, out); },
          [&](const ast::While& loop) { return check_while(statement, loop, out); },
          [&](const ast::Return& answer) {
            if (context().result) return tail(*answer.value, out);
            wrong(Code::kUnusedValue, statement.span, "this function declares no result",
                  "say its type: fn f(…) -> T { … }");
            return false;
          },
          [&](const ast::Break&) { return check_jump(statement.span, "break", ir::Break{}, out); },
          [&](const ast::Continue&) { return check_jump(statement.span, "continue", ir::Continue{}, out); },
          [&](const ast::ExprStmt& call) { return check_call_statement(call, out); },
          [&](const ast::Given&) { return only_in_tests(); },
          [&](const ast::WithConfig&) { return only_in_tests(); },
          [&](const ast::ExpectValue&) { return only_in_tests(); },
          [&](const ast::ExpectTrap&) { return only_in_tests(); },
          [&](const ast::ExpectEmitted&) { return only_in_tests(); },
      },
      statement.node);
}

bool Checker::declare_wrong(const ast::Name& name) {
  context().scopes.back().insert_or_assign(name.text, LocalName{0, true, name.span, true});
  return false;
}

bool Checker::check_let(const ast::Name& name, const std::optional<ast::TypeExpr>& type, const ast::Expr& value,
                        bool is_var, ir::Body& out) {
  lets_.push_back(&name);
  std::optional<TypeId> declared;
  if (type) {
    declared = resolve_type(*type, *context().unit);
    if (!declared) return declare_wrong(name);
  }
  ExprPtr given = declared ? check_as(value, *declared, "`" + name.text + "` is", type->span) : check(value);
  if (!given) return declare_wrong(name);
  const ir::LocalId local = new_local(name.text, declared.value_or(given->type), name.span);
  out.push_back(assign(local, std::move(given), name.span));
  return declare_local(name, local, is_var);
}

bool Checker::check_assign(const ast::Stmt& statement, const ast::Assign& change, ir::Body& out) {
  const auto* name = std::get_if<ast::NameRef>(&change.target->node);
  if (name == nullptr) {
    std::string help;
    if (std::holds_alternative<ast::Index>(change.target->node)) {
      help =
          "make a list or a map of the old one: xs + [x], xs.map(x, …), m.transformMap(k, v, …), "
          "or {k: v} by transformMapEntry";
    } else if (std::holds_alternative<ast::Member>(change.target->node)) {
      help = "make a record of the old one: r = r with (field: value)";
    }
    wrong(Code::kNotAssignable, change.target->span,
          "only a `var` can be given a new value: values themselves never change", std::move(help));
    return false;
  }
  const LocalName* local = find_local(name->name);
  if (local == nullptr) {
    if (find_symbol(name->name) != nullptr) {
      wrong(Code::kNotAssignable, change.target->span, "`" + name->name + "` is not a `var` of this body");
    } else {
      check(*change.target);
    }
    return false;
  }
  if (local->wrong) return false;
  if (!local->is_var) {
    auto& diagnostic = error(Code::kNotAssignable, change.target->span, "`" + name->name + "` is not a `var`");
    diagnostic.labels.push_back({local->span, "declared here"});
    diagnostic.help = "declare it with `var` to change it";
    return false;
  }
  const ir::LocalId id = local->id;
  const TypeId type = context().function->locals[id].type;
  ExprPtr value;
  if (change.op == ast::AssignOp::kSet) {
    value = check_as(*change.value, type, "`" + name->name + "` is", local->span);
  } else {
    ExprPtr old = local_ref(id, change.target->span);
    ExprPtr added = check(*change.value, types().kind(type) == Kind::kDuration ? std::nullopt : std::optional(type));
    if (!added) return false;
    const auto op = change.op == ast::AssignOp::kAdd ? ast::BinaryOp::kAdd : ast::BinaryOp::kSubtract;
    value = convert(arithmetic(std::move(old), std::move(added), op, statement.span), type, change.value->span,
                    "`" + name->name + "` is", local->span);
  }
  if (!value) return false;
  out.push_back(assign(id, std::move(value), statement.span));
  return true;
}

bool Checker::check_if(const ast::Stmt& statement, const ast::If& branch, ir::Body& out) {
  ExprPtr condition = check_condition(*branch.condition, "the condition of `if`");
  ir::If result{std::move(condition), {}, {}};
  bool good = result.condition != nullptr;
  good = check_block(branch.then, result.then) && good;
  if (branch.otherwise) good = check_block(*branch.otherwise, result.otherwise) && good;
  out.push_back({place(statement.span), std::move(result)});
  return good;
}

bool Checker::check_if_let(const ast::Stmt& statement, const ast::If& branch, ir::Body& out) {
  const Span span = branch.condition->span;
  const auto* joined = std::get_if<ast::Binary>(&branch.condition->node);
  if (joined != nullptr && joined->op == ast::BinaryOp::kAnd) {
    const std::string& name = branch.binding->text;
    wrong(Code::kMisplacedForm, joined->op_span, "`if let` takes one optional apart and asks nothing else",
          "nest a second one: if let " + name + " = … { if … { … } }");
    return false;
  }
  ExprPtr optional = check(*branch.condition);
  const NameScope scope(context());
  ir::If result;
  bool good = false;
  if (optional && !is(optional, Kind::kOptional)) {
    wrong(Code::kNotOptional, span, "`if let` takes an optional apart, and this is " + text(optional->type),
          "use `let " + branch.binding->text + " = …` and a plain `if`");
    declare_wrong(*branch.binding);
  } else if (optional) {
    good = true;
    const TypeId inner = types()[optional->type].first;
    Held held = hold(std::move(optional), span);
    for (ir::Stmt& setup : held.setup) out.push_back(std::move(setup));
    result.condition = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
    const ir::LocalId local = new_local(branch.binding->text, types().with_bound(inner, {}), branch.binding->span);
    result.then.push_back(assign(local, read(make(inner, span, ir::OptionalGet{held.get()})), span));
    declare_local(*branch.binding, local, false);
  } else {
    declare_wrong(*branch.binding);
  }
  good = check_block(branch.then, result.then) && good;
  context().scopes.back().clear();  // the name is gone in `else`
  if (branch.otherwise) good = check_block(*branch.otherwise, result.otherwise) && good;
  out.push_back({place(statement.span), std::move(result)});
  return good;
}

bool Checker::check_turn(const LoopBody& body, Span loop, ir::Body& out) {
  if (++context().loops > support::limits::kLoopNesting) {
    error(Code::kTooMany, loop,
          "more than " + std::to_string(support::limits::kLoopNesting) + " loops inside one another");
    --context().loops;
    return false;
  }
  const bool good = body(out);
  --context().loops;
  return good;
}

bool Checker::check_for(const ast::Stmt& statement, const ast::For& loop, ir::Body& out) {
  return check_loop(
      statement.span, loop.names, *loop.iterable, [&](ir::Body& turn) { return check_block(loop.body, turn); }, out);
}

bool Checker::check_loop(Span span, std::span<const ast::Name> names, const ast::Expr& iterable, const LoopBody& body,
                         ir::Body& out) {
  if (const auto* range = std::get_if<ast::Range>(&iterable.node)) {
    return check_range_loop(span, names, *range, iterable.span, body, out);
  }
  ExprPtr over = check(iterable);
  const NameScope scope(context());
  const auto refuse = [&] {
    for (const ast::Name& name : names) declare_wrong(name);
    ir::Body dropped;
    check_turn(body, span, dropped);
    return false;
  };
  if (!over) return refuse();
  const Kind kind = types().kind(over->type);
  if (kind != Kind::kList && kind != Kind::kSet && kind != Kind::kMap) {
    wrong(Code::kBadOperand, iterable.span,
          "`for` goes over a list, a set, a map or a range, and this is " + text(types().shape(over->type)),
          kind == Kind::kOptional ? "say what holds when it is absent: … ?? []" : "");
    return refuse();
  }
  if (kind == Kind::kSet && names.size() == 2) {
    wrong(Code::kWrongArguments, names[1].span, "a set gives one name its elements");
    return refuse();
  }
  Turns loop = turns(std::move(over), names, span);
  const bool good = check_turn(body, span, loop.body());
  out.push_back(std::move(loop.loop));
  return good;
}

bool Checker::check_range_loop(Span span, std::span<const ast::Name> names, const ast::Range& range, Span range_span,
                               const LoopBody& body, ir::Body& out) {
  const TypeId int_type = types().plain(Kind::kInt);
  ExprPtr low = check_as(*range.low, int_type, "the start of a range is");
  ExprPtr high;
  if (range.high) {
    high = check_as(*range.high, int_type, "the end of a range is");
  } else {
    wrong(Code::kMisplacedRange, range_span, "a loop's range needs an end", "for i in 0..n { … }");
  }
  const NameScope scope(context());
  if (names.size() != 1) {
    wrong(Code::kWrongArguments, names.back().span, "a range gives one name its values");
    return false;
  }
  const ir::LocalId element = new_local(names[0].text, int_type, names[0].span);
  declare_local(names[0], element, false);
  ir::ForRange result{std::move(low), std::move(high), element, {}, 0};
  const bool good = check_turn(body, span, result.body) && result.low && result.high;
  out.push_back({place(span), std::move(result)});
  return good;
}

bool Checker::check_while(const ast::Stmt& statement, const ast::While& loop, ir::Body& out) {
  if (tier_ != nullptr && tier_->proven) {
    auto& diagnostic = error(Code::kNotProvable, statement.span, "tier " + tier_->name + " is proven: no `while`");
    diagnostic.labels.push_back({tier_->span, "the tier is declared here"});
    diagnostic.help = "use `for` over something bounded";
    return false;
  }
  ExprPtr condition = check_condition(*loop.condition, "the condition of `while`");
  const bool endless = condition && constant_of(*condition) != nullptr && std::get<bool>(constant_of(*condition)->node);
  ir::While result{std::move(condition), {}, endless ? kEndless : 0};
  const bool good =
      check_turn([&](ir::Body& turn) { return check_block(loop.body, turn); }, statement.span, result.body) &&
      result.condition;
  out.push_back({place(statement.span), std::move(result)});
  return good;
}

bool Checker::check_jump(Span span, std::string_view word, decltype(ir::Stmt::node) jump, ir::Body& out) {
  if (context().loops == 0) {
    wrong(Code::kNotInLoop, span, "`" + std::string(word) + "` stands outside of every loop");
    return false;
  }
  out.push_back({place(span), std::move(jump)});
  return true;
}

bool Checker::check_call_statement(const ast::ExprStmt& statement, ir::Body& out) {
  const auto* call = std::get_if<ast::Call>(&statement.value->node);
  ExprPtr value;
  if (call != nullptr) {
    value = check_call(*statement.value, *call, std::nullopt, true);
    if (value && !std::holds_alternative<ir::HostCall>(value->node) &&
        !std::holds_alternative<ir::FunctionCall>(value->node)) {
      value = wrong(Code::kUnusedValue, statement.value->span, "this value is not used", "let x = …, or return …");
    }
  } else {
    std::string help = "let x = …, or return …";
    if (const auto* binary = std::get_if<ast::Binary>(&statement.value->node);
        binary != nullptr && binary->op == ast::BinaryOp::kEqual) {
      help = "one `=` gives a `var` a new value";
    }
    if (const auto* unary = std::get_if<ast::Unary>(&statement.value->node);
        unary != nullptr && unary->op == ast::UnaryOp::kNegate) {
      help =
          "a line that begins with `-` is a statement of its own: let the line before it end in `-`, or put both in "
          "parentheses";
    }
    wrong(Code::kUnusedValue, statement.value->span, "a value cannot stand alone as a statement", std::move(help));
  }
  if (!value) return false;
  out.push_back({place(statement.value->span), ir::Evaluate{std::move(value)}});
  return true;
}

// ---- answers -------------------------------------------------------------------------------------

bool Checker::give(ExprPtr value, Because because, ir::Body& out) {
  if (!value) return false;
  const TypeId declared = *context().result;
  const Span span = program_.places[value->place];
  // What a Do sets up becomes statements, so that a call in tail position is seen as one.
  while (auto* wrapped = std::get_if<ir::Do>(&value->node)) {
    for (ir::Stmt& statement : wrapped->body) out.push_back(std::move(statement));
    ExprPtr inner = std::move(wrapped->value);
    value = std::move(inner);
  }
  if (!types()[declared].bound.empty() && context().place != Place::kElse) {
    const TypeId type = value->type;
    value = make(type, span, ir::CheckBound{std::move(value), declared, runtime::Trap::kInvalidArgument});
  }
  if (because.text) {
    // The value comes first: a call in it may leave a reason of its own in the frame.
    Held held = hold(std::move(value), span);
    for (ir::Stmt& statement : held.setup) out.push_back(std::move(statement));
    out.push_back({place(span), ir::Explain{std::move(because.text)}});
    value = held.get();
    because.id = ir::kRowReason;
  }
  out.push_back({place(span), ir::Return{std::move(value), because.id}});
  return true;
}

bool Checker::tail(const ast::Expr& expression, ir::Body& out) {
  if (!step(expression.span)) return false;
  if (const auto* decide = std::get_if<ast::Decide>(&expression.node)) return tail_decide(expression, *decide, out);
  if (const auto* ternary = std::get_if<ast::Ternary>(&expression.node)) {
    ExprPtr condition = check_condition(*ternary->condition, "the condition before `?`");
    ir::If branch{std::move(condition), {}, {}};
    bool good = branch.condition != nullptr;
    good = tail(*ternary->then, branch.then) && good;
    good = tail(*ternary->otherwise, branch.otherwise) && good;
    out.push_back({place(expression.span), std::move(branch)});
    return good;
  }
  if (const auto* match = std::get_if<ast::Match>(&expression.node)) return tail_match(expression, *match, out);
  ExprPtr value = check_as(expression, *context().result, context().result_what, context().result_span);
  return give(std::move(value), {}, out);
}

}  // namespace writ::frontend
