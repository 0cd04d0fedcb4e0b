#include <algorithm>
#include <map>

#include "frontend/checker.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;

namespace {

/// Kinds whose values a pattern may name. For the others equality is a walk, not a look at a word.
bool has_patterns(Kind kind) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
      return true;
    case Kind::kDouble:
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
      return false;
  }
  return false;
}

struct KeyOrder {
  bool operator()(const ir::Value& a, const ir::Value& b) const { return ir::key_order(a, b) < 0; }
};

}  // namespace

/// The value that is matched, and which of its values the arms so far have taken.
struct Checker::Matched {
  Span span;
  TypeId inner;  // without `?`
  bool is_optional;
  std::function<ExprPtr()> get;
  std::map<ir::Value, Span, KeyOrder> seen = {};
  bool takes_absent = false;
  bool takes_present = false;  // some(u), `_`, or every single value
  [[nodiscard]] bool takes_all() const { return takes_present && (takes_absent || !is_optional); }
};

/// One arm on its way into statements.
struct Checker::Arm {
  const ast::MatchArm* written;
  ExprPtr condition = nullptr;  // null: whatever comes to it
  bool is_reached = true;
  bool is_judged = false;  // its value is typed, or wrong
  ir::Body then = {};
  ExprPtr value = nullptr;
};

/// `match` in tail position: each arm ends the function, so reasons travel out of it.
bool Checker::tail_match(const ast::Expr& expression, const ast::Match& match, ir::Body& out) {
  Matched subject;
  auto arms = check_arms(expression, match, subject, out);
  if (!arms) return false;
  bool good = true;
  for (Arm& arm : *arms) {
    const NameScope scope(context());
    bind_arm(arm, subject);
    good = tail(*arm.written->value, arm.then) && good;
  }
  put_arms(std::move(*arms), out);
  return good;
}

/// A match whose value is used on: its arms run once, and the one that is taken leaves with the value in a local.
ExprPtr Checker::inner_match(const ast::Expr& expression, const ast::Match& match, std::optional<TypeId> expected) {
  const Span span = expression.span;
  Matched subject;
  ir::Body setup;
  auto arms = check_arms(expression, match, subject, setup);
  if (!arms) return nullptr;
  const auto typed = check_arm_values(*arms, subject, expected);
  if (!typed) return nullptr;
  const auto& [type, said] = *typed;
  const auto because = said == Span{} ? std::nullopt : std::optional(said);
  const ir::LocalId result = new_local("", type, span);
  for (Arm& arm : *arms) {
    const Span at = arm.written->value->span;
    ExprPtr value = convert(std::move(arm.value), type, at, "every arm of this match gives", because);
    if (!value) return nullptr;
    arm.then.push_back(assign(result, std::move(value), at));
    arm.then.push_back({place(at), ir::Break{}});
  }
  ir::Body body;
  put_arms(std::move(*arms), body);
  setup.push_back({place(span), ir::Once{std::move(body)}});
  return with_setup(std::move(setup), local_ref(result, span), span);
}

/// How much a value says of its own type: all, what a number literal says, or nothing.
int Checker::weakness(const ast::Expr& value) const {
  const auto* name = std::get_if<ast::NameRef>(&value.node);
  if (name != nullptr && !resolves(name->name)) return 2;  // an enumerator
  return !needs_expected(value) ? 0 : is_int_literal(value) ? 1 : 2;
}

/// Types the arms' values, those first that say their type themselves. Their common type and who said it, or nothing where one
/// is wrong.
std::optional<std::pair<TypeId, Span>> Checker::check_arm_values(std::vector<Arm>& arms, const Matched& subject,
                                                                 std::optional<TypeId> expected) {
  std::optional<TypeId> type = expected;
  Span said;
  bool is_optional = expected && types().kind(*expected) == Kind::kOptional;
  bool good = true;
  for (int round = 0; round < 3; ++round) {
    for (Arm& arm : arms) {
      const ast::Expr& written = *arm.written->value;
      const NameScope scope(context());
      // `some(u) => u` says its type: the name is bound before it is asked for.
      if (round == 0) bind_arm(arm, subject);
      if (arm.is_judged || (round < 2 && weakness(written) != round)) continue;
      arm.is_judged = true;
      const bool is_absent = std::holds_alternative<ast::AbsentLiteral>(written.node);
      arm.value = check(written, is_absent && type ? types().as_optional(*type) : type);
      good = good && arm.value;
      if (!arm.value) continue;
      is_optional = is_optional || is(arm.value, Kind::kOptional);
      if (type) continue;
      type = types().shape(arm.value->type);
      said = written.span;
    }
  }
  if (!good || !type) return std::nullopt;
  return std::pair(is_optional ? types().as_optional(types().shape(*type)) : types().shape(*type), said);
}

/// `some(u) => …`: gives the name its value.
void Checker::bind_arm(Arm& arm, const Matched& subject) {
  const ast::Pattern& first = arm.written->patterns.front();
  if (first.kind != ast::Pattern::Kind::kSome || first.binding->text == "_") return;
  const ir::LocalId local = new_local(first.binding->text, types().with_bound(subject.inner, {}), first.binding->span);
  arm.then.push_back(assign(local, read(make(subject.inner, first.span, ir::OptionalGet{subject.get()})), first.span));
  declare_local(*first.binding, local, false);
}

/// The arms as statements: what one takes leaves, so the next sees the rest. The last needs no test: every value is taken.
void Checker::put_arms(std::vector<Arm> arms, ir::Body& out) {
  std::erase_if(arms, [](const Arm& arm) { return !arm.is_reached; });
  for (Arm& arm : arms) {
    if (&arm == &arms.back()) {
      for (ir::Stmt& statement : arm.then) out.push_back(std::move(statement));
      return;
    }
    out.push_back({place(arm.written->span), ir::If{std::move(arm.condition), std::move(arm.then), {}}});
  }
}

// ---- patterns ------------------------------------------------------------------------------------

/// The subject, and what each arm takes of it; `setup` evaluates the subject. Nothing where a pattern is wrong.
std::optional<std::vector<Checker::Arm>> Checker::check_arms(const ast::Expr& expression, const ast::Match& match,
                                                             Matched& subject, ir::Body& setup) {
  if (match.arms.size() > static_cast<std::size_t>(support::limits::kRuleCount)) {
    wrong(Code::kTooMany, expression.span,
          "more than " + std::to_string(support::limits::kRuleCount) + " arms in one match");
    return std::nullopt;
  }
  ExprPtr value = check(*match.subject);
  if (!value) return std::nullopt;
  subject.span = match.subject->span;
  subject.is_optional = is(value, Kind::kOptional);
  subject.inner = subject.is_optional ? types()[value->type].first : value->type;
  Held held = hold(std::move(value), subject.span);
  for (ir::Stmt& statement : held.setup) setup.push_back(std::move(statement));
  subject.get = std::move(held.get);

  std::vector<Arm> arms;
  bool good = true;
  for (const ast::MatchArm& written : match.arms) {
    Arm& arm = arms.emplace_back(Arm{.written = &written});
    arm.is_reached = !subject.takes_all();
    if (!arm.is_reached) {
      error(Code::kUnreachable, written.span, "no value comes to this arm: those before it take them all");
      continue;
    }
    for (const ast::Pattern& pattern : written.patterns) {
      ExprPtr taken;
      good = check_pattern(pattern, written, subject, taken) && good;
      if (!taken) continue;
      arm.condition =
          arm.condition ? select(std::move(arm.condition), boolean(true, pattern.span), std::move(taken), pattern.span)
                        : std::move(taken);
    }
  }
  if (!good || !takes_everything(subject)) return std::nullopt;
  return arms;
}

/// Whether the pattern means something; `taken` says when it takes the subject (null for `_`).
bool Checker::check_pattern(const ast::Pattern& pattern, const ast::MatchArm& arm, Matched& subject, ExprPtr& taken) {
  using enum ast::Pattern::Kind;
  const TypeId boolean_type = types().plain(Kind::kBool);
  const auto present = [&] { return make(boolean_type, pattern.span, ir::OptionalIsPresent{subject.get()}); };
  if (pattern.kind == kRest) {
    subject.takes_present = subject.takes_absent = true;
    taken = boolean(true, pattern.span);
    return true;
  }
  if (pattern.kind == kValue) return check_value_pattern(pattern, subject, taken);
  const bool is_some = pattern.kind == kSome;
  if (!subject.is_optional) {
    wrong(Code::kNotOptional, pattern.span,
          std::string(is_some ? "`some(…)`" : "`absent`") + " is a pattern for optionals, and this match looks at " +
              text(types().shape(subject.inner)));
    return false;
  }
  if (is_some && arm.patterns.size() > 1) {
    wrong(Code::kMisplacedForm, pattern.span, "a pattern with a name stands alone: the others give it no value",
          "write an arm for each");
    return false;
  }
  bool& takes = is_some ? subject.takes_present : subject.takes_absent;
  if (takes) {
    wrong(Code::kDuplicate, pattern.span,
          "an arm before this one takes what `" + std::string(is_some ? "some" : "absent") + "` does");
    return false;
  }
  takes = true;
  taken = is_some ? present() : negate(present(), pattern.span);
  return true;
}

/// A literal, a constant or an enumerator.
bool Checker::check_value_pattern(const ast::Pattern& pattern, Matched& subject, ExprPtr& taken) {
  const Span span = pattern.span;
  const Kind kind = types().kind(subject.inner);
  if (!has_patterns(kind)) {
    wrong(Code::kBadOperand, span, "no pattern names a value of " + text(types().shape(subject.inner)),
          kind == Kind::kDouble ? "compare it: x < 0.5 ? … : …" : "");
    return false;
  }
  ExprPtr value = pattern_value(pattern, subject);
  if (!value) return false;
  const ir::Value* known = constant_of(*value);
  if (known == nullptr) {
    wrong(Code::kNotConstant, span, "a pattern is a literal, a constant or an enumerator",
          "compare it: x == … ? … : …");
    return false;
  }
  const auto [old, fresh] = subject.seen.emplace(*known, span);
  if (!fresh) {
    auto& diagnostic =
        error(Code::kDuplicate, span, "this match takes " + ir::literal_text(*known, value->type, types()) + " twice");
    diagnostic.labels.push_back({old->second, "first here"});
    return false;
  }
  const std::size_t values = kind == Kind::kBool   ? 2
                             : kind == Kind::kEnum ? types().enum_type(types()[subject.inner].decl).enumerators.size()
                                                   : 0;
  subject.takes_present = subject.takes_present || subject.seen.size() == values;
  if (!subject.is_optional) {
    taken = equal_values(subject.get(), std::move(value), span);
    return true;
  }
  ExprPtr inner = read(make(subject.inner, span, ir::OptionalGet{subject.get()}));
  taken = select(make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{subject.get()}),
                 equal_values(std::move(inner), std::move(value), span), boolean(false, span), span);
  return true;
}

/// Only constants can stand in a pattern, so an enumerator of the subject's type comes before any other name.
ExprPtr Checker::pattern_value(const ast::Pattern& pattern, const Matched& subject) {
  const TypeId shape = types().shape(subject.inner);
  const auto* name = std::get_if<ast::NameRef>(&pattern.value->node);
  if (name != nullptr && types().kind(shape) == Kind::kEnum) {
    if (const auto number = types().enum_type(types()[shape].decl).enumerator(name->name)) {
      return constant(shape, ir::Value{ir::EnumValue{*number}}, pattern.span);
    }
  }
  if (name != nullptr && types().kind(shape) != Kind::kEnum && find_local(name->name) == nullptr &&
      find_symbol(name->name) == nullptr) {
    return wrong(Code::kUnknownName, pattern.span, "no constant `" + name->name + "` here: a pattern gives no name",
                 "write `_` for what the other arms leave");
  }
  return check_as(*pattern.value, shape, "this match looks at", subject.span);
}

/// Reports what no arm takes.
bool Checker::takes_everything(const Matched& subject) {
  if (subject.takes_all()) return true;
  std::vector<std::string> missing;
  const ir::Type inner = types()[types().shape(subject.inner)];
  const auto lacks = [&](const ir::Value& value) { return !subject.seen.contains(value); };
  if (inner.kind == Kind::kEnum && !subject.takes_present) {
    const auto& enumerators = types().enum_type(inner.decl).enumerators;
    for (std::uint32_t i = 0; i < enumerators.size(); ++i) {
      if (lacks(ir::Value{ir::EnumValue{i}})) missing.push_back("`" + enumerators[i] + "`");
    }
  } else if (inner.kind == Kind::kBool && !subject.takes_present) {
    for (const bool value : {true, false}) {
      if (lacks(ir::Value{value})) missing.emplace_back(value ? "`true`" : "`false`");
    }
  } else if (!subject.takes_present) {
    missing.emplace_back(subject.is_optional && subject.seen.empty() ? "`some(…)`" : "every other value");
  }
  if (subject.is_optional && !subject.takes_absent) missing.emplace_back("`absent`");
  constexpr std::size_t kShown = 3;
  std::string list;
  for (std::size_t i = 0; i < std::min(missing.size(), kShown); ++i) list += (i == 0 ? "" : ", ") + missing[i];
  if (missing.size() > kShown) list += " and " + std::to_string(missing.size() - kShown) + " more";
  wrong(Code::kNotExhaustive, subject.span, "this match has no arm for " + list,
        "an arm `_ => …` takes what the others leave");
  return false;
}

}  // namespace writ::frontend
