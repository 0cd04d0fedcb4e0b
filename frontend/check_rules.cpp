#include <algorithm>

#include "frontend/checker.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;

/// The rules of one decide or collect while they are checked.
struct Checker::Rules {
  std::string_view word;
  /// What a rule that holds does.
  std::function<bool(const ast::Rule&, Because, ir::Body&)> answer = {};
  /// What stands behind a loop over rows: control comes there also when a rule inside has answered.
  std::function<void(ir::Body&)> after_rows = [](ir::Body&) {};
  std::map<std::string, Span> seen = {};    // reasons
  std::vector<std::string_view> rows = {};  // names of the rows around the rule being checked
  std::size_t count = 0;
};

/// In tail position a rule that holds ends the function, with its reason.
bool Checker::tail_decide(const ast::Expr& expression, const ast::Decide& decide, ir::Body& out) {
  Rules rules{.word = "decide", .answer = [&](const ast::Rule& rule, Because because, ir::Body& then) {
                if (because.is_none()) return tail(*rule.value, then);
                ExprPtr value = check_as(*rule.value, *context().result, context().result_what, context().result_span);
                return give(std::move(value), std::move(because), then);
              }};
  return check_decide(expression, decide, rules, out);
}

/// A decide whose value is used on: its rules run once, and the first that holds leaves with the value in a local.
ExprPtr Checker::inner_decide(const ast::Expr& expression, const ast::Decide& decide, std::optional<TypeId> expected) {
  const Span span = expression.span;
  const bool has_rows = std::ranges::any_of(
      decide.items, [](const ast::RuleItem& item) { return std::holds_alternative<ast::RuleFor>(item.node); });
  std::optional<TypeId> type = expected;
  std::optional<ir::LocalId> result;
  std::optional<ir::LocalId> done;  // a Break inside a loop over rows leaves that loop only
  ir::Body body;
  if (has_rows) {
    done = new_local("", types().plain(Kind::kBool), span);
    body.push_back(assign(*done, boolean(false, span), span));
  }
  Rules rules{.word = "decide"};
  rules.answer = [&](const ast::Rule& rule, Because, ir::Body& then) {
    ExprPtr value = type ? check_as(*rule.value, *type, "every rule of this decide gives") : check(*rule.value);
    if (!value) return false;
    if (!type) type = types().shape(value->type);
    if (!result) result = new_local("", *type, span);
    then.push_back(assign(*result, std::move(value), rule.value->span));
    if (!rules.rows.empty()) then.push_back(assign(*done, boolean(true, span), span));
    then.push_back({place(rule.value->span), ir::Break{}});
    return true;
  };
  rules.after_rows = [&](ir::Body& out) {
    ir::Body leave;
    leave.push_back({place(span), ir::Break{}});
    out.push_back({place(span), ir::If{local_ref(*done, span), std::move(leave), {}}});
  };
  if (!check_decide(expression, decide, rules, body) || !result) return nullptr;
  ir::Body once;
  once.push_back({place(span), ir::Once{std::move(body)}});
  return with_setup(std::move(once), local_ref(*result, span), span);
}

/// collect { … }: the values of all rules that hold, in order.
ExprPtr Checker::check_collect(const ast::Expr& expression, const ast::Collect& collect,
                               std::optional<TypeId> expected) {
  const Span span = expression.span;
  std::optional<TypeId> element;
  if (expected && types().kind(*expected) == Kind::kList) element = types().shape(types()[*expected].first);
  std::optional<Growing> list;
  ir::Body rules_body;
  Rules rules{.word = "collect", .answer = [&](const ast::Rule& rule, Because, ir::Body& then) {
                ExprPtr value =
                    element ? check_as(*rule.value, *element, "every rule of this collect gives") : check(*rule.value);
                if (!value) return false;
                if (!element) element = types().shape(value->type);
                if (!list) list = growing(*element, span);
                then.push_back(append(*list, std::move(value)));
                return true;
              }};
  const NameScope scope(context());
  if (!check_items(collect.items, rules, rules_body)) return nullptr;
  if (!list) {
    return wrong(Code::kMissingPart, span, "a collect needs a rule: VALUE when CONDITION");
  }
  ir::Body body;
  body.push_back(begin(*list, integer(0, span)));
  for (ir::Stmt& statement : rules_body) body.push_back(std::move(statement));
  return with_setup(std::move(body), local_ref(list->list, span), span);
}

bool Checker::check_decide(const ast::Expr& expression, const ast::Decide& decide, Rules& rules, ir::Body& out) {
  const NameScope scope(context());
  const bool good = check_items(decide.items, rules, out);
  if (!decide.otherwise) {
    wrong(Code::kMissingElse, expression.span, "a decide needs `else` as its last rule: what holds when no rule does?",
          "else VALUE \"why\"");
    return false;
  }
  return check_rule(*decide.otherwise, decide.else_span, rules, out) && good;
}

/// Rules, the lets between them, and loops over rows with rules inside, as statements.
bool Checker::check_items(std::span<const ast::RuleItem> items, Rules& rules, ir::Body& out) {
  bool good = true;
  for (const ast::RuleItem& item : items) {
    if (++rules.count == static_cast<std::size_t>(support::limits::kRuleCount) + 1) {
      wrong(Code::kTooMany, item.span,
            "more than " + std::to_string(support::limits::kRuleCount) + " rules in one " + std::string(rules.word));
      return false;
    }
    good =
        std::visit(support::Overloaded{
                       [&](const ast::Rule& rule) { return check_rule(rule, item.span, rules, out); },
                       [&](const ast::RuleLet& let) { return check_let(let.name, let.type, *let.value, false, out); },
                       [&](const ast::RuleFor& loop) { return check_rows(loop, item.span, rules, out); },
                   },
                   item.node) &&
        good;
  }
  return good;
}

/// for r in rows { … }: the rules inside, once a row.
bool Checker::check_rows(const ast::RuleFor& loop, Span span, Rules& rules, ir::Body& out) {
  const std::size_t outer = rules.rows.size();
  const auto body = [&](ir::Body& turn) {
    for (const ast::Name& name : loop.names) rules.rows.push_back(name.text);
    const NameScope scope(context());
    const bool good = check_items(loop.items, rules, turn);
    rules.rows.resize(outer);
    return good;
  };
  const bool good = check_loop(span, loop.names, *loop.rows, body, out);
  if (good) rules.after_rows(out);
  return good;
}

bool Checker::check_rule(const ast::Rule& rule, Span span, Rules& rules, ir::Body& out) {
  auto because = check_reason(rule, rules);
  const bool known = because.has_value();
  if (!rule.condition) return rules.answer(rule, known ? std::move(*because) : Because{}, out) && known;
  ir::If branch{nullptr, {}, {}};
  bool good = rules.answer(rule, known ? std::move(*because) : Because{}, branch.then) && known;
  branch.condition = check_condition(*rule.condition, "the condition after `when`");
  good = branch.condition && good;
  out.push_back({place(span), std::move(branch)});
  return good;
}

/// Nothing where the reason is wrong.
std::optional<Checker::Because> Checker::check_reason(const ast::Rule& rule, Rules& rules) {
  if (!rule.reason) return Because{};
  const Span span = rule.reason->span;
  const auto* literal = std::get_if<ast::StringLiteral>(&rule.reason->node);
  if (literal == nullptr) return row_reason(*rule.reason, rules);
  const auto [old, fresh] = rules.seen.emplace(literal->value, span);
  if (!fresh) {
    auto& diagnostic =
        error(Code::kDuplicate, span, "two rules of this block have the reason \"" + literal->value + "\"");
    diagnostic.labels.push_back({old->second, "first here"});
    diagnostic.help = "a reason is the rule's name: give each its own";
    return std::nullopt;
  }
  const auto [id, inserted] = reason_ids_.emplace(literal->value, static_cast<std::uint32_t>(program_.reasons.size()));
  if (inserted) program_.reasons.push_back(literal->value);
  return Because{.id = id->second};
}

/// `r.name`, where `r` is a row around the rule.
std::optional<Checker::Because> Checker::row_reason(const ast::Expr& reason, const Rules& rules) {
  const ast::Expr* root = &reason;
  while (const auto* member = std::get_if<ast::Member>(&root->node)) root = member->object.get();
  const auto* name = std::get_if<ast::NameRef>(&root->node);
  if (name == nullptr || std::ranges::find(rules.rows, name->name) == rules.rows.end()) {
    wrong(Code::kNotConstant, reason.span, "a reason is a string literal, or a field of a row that `for` goes over");
    return std::nullopt;
  }
  ExprPtr value = check_as(reason, types().plain(Kind::kString), "a reason is");
  if (!value) return std::nullopt;
  return Because{.text = std::move(value)};
}

}  // namespace writ::frontend
