#include "support/check.h"

#include <algorithm>
#include <tuple>

#include "frontend/checker.h"

namespace writ::frontend {

using ir::Kind;

// A test block becomes functions without parameters: each expectation's call, and what it is held against. The block's lets
// stand again at the start of each, so that both engines run a test as they run everything else.

void Checker::check_tests(Unit& unit) {
  std::map<std::string, Span> seen;
  for (const ast::Decl& decl : unit.file->decls) {
    const auto* test = std::get_if<ast::Test>(&decl.node);
    if (test == nullptr) continue;
    const auto [old, fresh] = seen.emplace(test->name, test->name_span);
    if (!fresh) {
      auto& diagnostic =
          error(Code::kDuplicate, test->name_span, "two tests of this unit are called \"" + test->name + "\"");
      diagnostic.labels.push_back({old->second, "first here"});
    }
    check_test(unit, *test);
  }
}

void Checker::check_test(Unit& unit, const ast::Test& test) {
  ir::Test out;
  out.unit = unit.file->name.text;
  out.name = test.name;
  out.span = test.name_span;
  Lets lets;
  for (const ast::Stmt& statement : test.body) {
    if (std::holds_alternative<ast::Let>(statement.node)) {
      lets.push_back(&statement);
    } else if (const auto* given = std::get_if<ast::Given>(&statement.node)) {
      check_given(unit, *given, lets, out, statement.span);
    } else if (const auto* knobs = std::get_if<ast::WithConfig>(&statement.node)) {
      check_test_config(unit, *knobs, out);
    } else if (const auto* value = std::get_if<ast::ExpectValue>(&statement.node)) {
      check_expect_value(unit, *value, lets, out, statement.span);
    } else if (const auto* trap = std::get_if<ast::ExpectTrap>(&statement.node)) {
      check_expect_trap(unit, *trap, lets, out, statement.span);
    } else if (const auto* emitted = std::get_if<ast::ExpectEmitted>(&statement.node)) {
      check_expect_emitted(unit, *emitted, lets, out, statement.span);
    } else {
      wrong(Code::kNotInThisUnit, statement.span, "a test holds `let`, `given`, `with config` and `expect`");
    }
  }
  if (out.expectations.empty() && !diagnostics_.has_errors()) {
    wrong(Code::kEmptyTest, test.name_span, "this test expects nothing", "expect f(x) == value");
  }
  program_.tests.push_back(std::move(out));
}

/// A function of a test: the lets before it, then the value of `expression`, converted to `type` where one is given.
std::optional<ir::FunctionId> Checker::test_function(const Unit& unit, const Lets& lets, const ast::Expr& expression,
                                                     std::optional<TypeId> type, std::string_view what) {
  ir::Function function;
  function.name = unit.file->name.text + " test";
  function.role = ir::Role::kTest;
  function.place = place(expression.span);
  Context inner{.unit = &unit, .function = &function, .place = Place::kTest};
  const ContextScope scope(context_, inner);
  const NameScope names(inner);
  bool good = true;
  for (const ast::Stmt* let : lets) good = check_statement(*let, function.body) && good;
  ExprPtr value = type ? check_as(expression, *type, what) : check(expression);
  if (!good || !value) return std::nullopt;
  inner.result = types().shape(value->type);
  function.result = inner.result;
  give(std::move(value), {}, function.body);
  const auto id = static_cast<ir::FunctionId>(program_.functions.size());
  program_.functions.push_back(std::move(function));
  return id;
}

void Checker::check_expect_value(const Unit& unit, const ast::ExpectValue& expect, const Lets& lets, ir::Test& out,
                                 Span span) {
  ir::Expectation result{};
  result.span = span;
  result.because = expect.because;
  // `call == value` keeps the two apart, so that a failure shows both, and the reason is the call's.
  const auto* equal = std::get_if<ast::Binary>(&expect.condition->node);
  if (equal != nullptr && equal->op == ast::BinaryOp::kEqual) {
    const auto actual = test_function(unit, lets, *equal->left, std::nullopt, "");
    if (!actual) return;
    const TypeId type = *program_.functions[*actual].result;
    const bool against_absent = std::holds_alternative<ast::AbsentLiteral>(equal->right->node);
    if (types().kind(type) != Kind::kOptional && against_absent) {
      wrong(Code::kNotOptional, equal->op_span, "this is " + text(type) + " and is never absent");
      return;
    }
    const auto expected = test_function(unit, lets, *equal->right, type, "what is expected is");
    if (!expected) return;
    result.kind = ir::Expectation::Kind::kEquals;
    result.actual = *actual;
    result.expected = expected;
  } else {
    if (expect.because) {
      wrong(Code::kWrongArguments, expect.because_span, "`because` goes with `expect CALL == VALUE`");
      return;
    }
    const auto holds = test_function(unit, lets, *expect.condition, types().plain(Kind::kBool), "`expect` needs");
    if (!holds) return;
    result.kind = ir::Expectation::Kind::kHolds;
    result.actual = *holds;
  }
  out.expectations.push_back(std::move(result));
}

void Checker::check_expect_trap(const Unit& unit, const ast::ExpectTrap& expect, const Lets& lets, ir::Test& out,
                                Span span) {
  ir::Expectation result{};
  result.kind = ir::Expectation::Kind::kTraps;
  result.span = span;
  for (const runtime::TrapRow& row : runtime::kTrapRows) {
    if (row.spelling == expect.trap.text) result.trap = row.trap;
  }
  if (result.trap == runtime::Trap::kNone) {
    std::vector<std::string_view> names;
    for (const runtime::TrapRow& row : runtime::kTrapRows) names.push_back(row.spelling);
    const auto guess = support::nearest(expect.trap.text, names);
    wrong(Code::kUnknownName, expect.trap.span, "no trap `" + expect.trap.text + "`", did_you_mean(guess));
    return;
  }
  const auto actual = test_function(unit, lets, *expect.call, std::nullopt, "");
  if (!actual) return;
  result.actual = *actual;
  out.expectations.push_back(std::move(result));
}

/// The host function that `cap.f(…)` names, or nothing and an error.
std::optional<ir::HostFunctionId> Checker::find_host_function(const ast::Name& capability, const ast::Name& function) {
  const auto found = std::ranges::find_if(program_.host_functions, [&](const ir::HostFunctionDecl& decl) {
    return decl.capability == capability.text && decl.name == function.text;
  });
  if (found != program_.host_functions.end()) {
    return static_cast<ir::HostFunctionId>(found - program_.host_functions.begin());
  }
  std::vector<std::string> names;
  for (const auto& decl : program_.host_functions) names.push_back(decl.full_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string full = capability.text + "." + function.text;
  const auto guess = support::nearest(full, candidates);
  wrong(Code::kUnknownName, function.span, "no host function `" + full + "` in this schema", did_you_mean(guess));
  return std::nullopt;
}

void Checker::check_expect_emitted(const Unit& unit, const ast::ExpectEmitted& expect, const Lets& lets, ir::Test& out,
                                   Span span) {
  const auto usage = [&] {
    wrong(Code::kWrongArguments, span, "`expect emitted` names a host function and its values",
          "expect emitted audit.note(\"text\")");
  };
  const auto* call = std::get_if<ast::Call>(&expect.call->node);
  const auto* member = call != nullptr ? std::get_if<ast::Member>(&call->callee->node) : nullptr;
  const auto* capability = member != nullptr ? std::get_if<ast::NameRef>(&member->object->node) : nullptr;
  if (capability == nullptr) return usage();
  const auto id = find_host_function({capability->name, member->object->span}, member->field);
  if (!id) return;
  if (program_.host_functions[*id].effect != ir::Effect::kEmits) {
    wrong(Code::kWrongArguments, member->field.span,
          "`" + program_.host_functions[*id].full_name() + "` does not emit");
    return;
  }
  const std::vector<TypeId> parameters = program_.host_functions[*id].parameters;
  if (call->arguments.size() != parameters.size()) return usage();
  if (out.expectations.empty()) {
    wrong(Code::kWrongArguments, span,
          "`expect emitted` looks at the call of the `expect` before it, and there is none");
    return;
  }
  ir::Expectation result{};
  result.kind = ir::Expectation::Kind::kEmitted;
  result.span = span;
  result.emitted = *id;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto argument =
        test_function(unit, lets, *call->arguments[i].value, types().shape(parameters[i]), "this value is");
    if (!argument) return;
    result.emitted_arguments.push_back(*argument);
  }
  out.expectations.push_back(std::move(result));
}

void Checker::check_given(const Unit& unit, const ast::Given& given, const Lets& lets, ir::Test& out, Span span) {
  const auto id = find_host_function(given.capability, given.function);
  if (!id) return;
  const ir::HostFunctionDecl decl = program_.host_functions[*id];
  if (!decl.result) {
    wrong(Code::kWrongArguments, span, "`" + decl.full_name() + "` emits: look at it with `expect emitted`");
    return;
  }
  if (given.arguments.size() != decl.parameters.size()) {
    wrong(Code::kWrongArguments, span,
          "`" + decl.full_name() + "` takes " + plural(decl.parameters.size(), "argument") + ", and this has " +
              std::to_string(given.arguments.size()),
          "`_` stands for any value");
    return;
  }
  ir::Given result{};
  result.function = *id;
  for (std::size_t i = 0; i < given.arguments.size(); ++i) {
    if (!given.arguments[i]) {
      result.arguments.emplace_back();
      continue;
    }
    const auto argument =
        test_function(unit, lets, *given.arguments[i], types().shape(decl.parameters[i]), "this argument is");
    if (!argument) return;
    result.arguments.emplace_back(argument);
  }
  const auto answer = test_function(unit, lets, *given.answer, types().shape(*decl.result), "the answer is");
  if (!answer) return;
  result.answer = *answer;
  out.givens.push_back(std::move(result));
}

void Checker::check_test_config(const Unit& unit, const ast::WithConfig& config, ir::Test& out) {
  for (const ast::Argument& argument : config.knobs) {
    if (!argument.name) continue;
    const auto symbol = unit.symbols.find(argument.name->text);
    if (symbol != unit.symbols.end() && std::holds_alternative<WrongSymbol>(symbol->second.meaning)) continue;
    if (symbol == unit.symbols.end() || !std::holds_alternative<KnobSymbol>(symbol->second.meaning)) {
      std::vector<std::string_view> names;
      for (const auto& [name, other] : unit.symbols) {
        if (std::holds_alternative<KnobSymbol>(other.meaning)) names.emplace_back(name);
      }
      const auto guess = support::nearest(argument.name->text, names);
      wrong(Code::kUnknownName, argument.name->span,
            "this unit has no configuration value `" + argument.name->text + "`", did_you_mean(guess));
      continue;
    }
    const ir::KnobId id = std::get<KnobSymbol>(symbol->second.meaning).id;
    const auto value = fold(*argument.value, program_.knobs[id].type, unit, "`" + argument.name->text + "` is");
    if (value) out.knobs.push_back({id, *value, argument.name->span});
  }
}

// ---- a prompt's question, which is asked as a test asks ------------------------------------------------

void Checker::check_question(const Question& question) {
  if (question.expression == nullptr) return;
  const auto prompt = std::ranges::find(units_, question.unit, &Unit::file);
  if (prompt == units_.end()) return;  // refused
  std::optional<TypeId> type;
  if (question.type != nullptr) {
    type = resolve_type(*question.type, *prompt);
    if (!type) return;
  }
  std::ignore = test_function(*prompt, {}, *question.expression, type, "this name has");
}

}  // namespace writ::frontend
