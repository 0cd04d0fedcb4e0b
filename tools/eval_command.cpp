// `writ eval`: the value of one expression.

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "frontend/check.h"
#include "frontend/parser.h"
#include "host/given.h"
#include "host/input.h"
#include "host/input_types.h"
#include "host/loader.h"
#include "support/deep_stack.h"
#include "tools/emit.h"
#include "tools/engine_choice.h"
#include "tools/evaluation.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "A variable that is named like a parameter of one of the schema's slots has that parameter's type; any other has "
    "the\n"
    "type of its JSON value. Status 3 when the expression traps.\n\n"
    "Examples:\n"
    "  writ eval '2h30m / 5'\n"
    "  writ eval 'ip(\"10.1.2.3\") in cidr(\"10.0.0.0/8\")'\n"
    "  writ eval 'name.upperAscii() + \"!\"' --input '{\"name\": \"ann\"}'\n"
    "  writ eval 'req.status >= 400' --schema gateway.writ --input '{\"req\": {\"status\": 404}}'\n"
    "  writ eval '1 + 2' --emit=ir,asm\n";

struct EvalArguments {
  std::string expression;
  std::string schema;
  std::string input;
  EngineArguments engine;
  BudgetArguments budget;
  EmitArguments emit;
  std::vector<std::string> givens;
};

ExitStatus wrong_usage(Console& console, std::string_view message) {
  console.say(fmt::format("writ eval: {}", message));
  return ExitStatus::kUsage;
}

/// The type that a slot of the schema gives to a parameter of this name.
const ast::TypeExpr* parameter_type(const ast::File& schema, const std::string& name) {
  for (const ast::Decl& decl : schema.decls) {
    const auto* slot = std::get_if<ast::SlotDecl>(&decl.node);
    if (slot == nullptr) continue;
    for (const ast::Parameter& parameter : slot->parameters) {
      if (parameter.name.text == name && parameter.type) return &*parameter.type;
    }
  }
  return nullptr;
}

/// The variables with their types, which stay in `inputs` or the schema. An error is one sentence.
std::expected<std::vector<frontend::Variable>, std::string> typed(const std::vector<host::InputVariable>& inputs,
                                                                  const std::optional<ast::File>& schema) {
  std::vector<frontend::Variable> variables;
  for (const host::InputVariable& input : inputs) {
    const ast::TypeExpr* type = schema ? parameter_type(*schema, input.name) : nullptr;
    if (type == nullptr && input.type) type = &*input.type;
    if (type == nullptr) {
      return std::unexpected(fmt::format(
          "what type is `{}`? A schema with a parameter of this name would say (--schema FILE)", input.name));
    }
    variables.push_back({input.name, type});
  }
  return variables;
}

/// Calls the program's last function with the variables of `json`.
std::expected<Evaluation, host::Mismatch> evaluate_with(const std::string& json, const ir::Program& program,
                                                        const host::Engine& engine, const host::Budget& budget,
                                                        std::vector<host::Answer> answers) {
  const ir::Function& function = program.functions.back();
  host::InputReader input(program, std::span(function.locals).first(function.parameter_count),
                          host::InputShape::kVariables);
  const auto words = input.read(json);
  if (!words) return std::unexpected(words.error());
  return evaluate(program, engine, budget, std::move(answers), *words);
}

ExitStatus print(const Evaluation& evaluation, const ir::Program& program, const host::Budget& budget, bool show_fuel,
                 const support::SourceMap& sources, Console& console) {
  if (evaluation.value) {
    const ir::TypeId type = program.functions.back().result.value();
    console.print(console.format() == Format::kJson ? ir::json_text(*evaluation.value, type, program.types)
                                                    : ir::literal_text(*evaluation.value, type, program.types));
    console.print("\n");
  } else {
    console.say_raw(trap_text(evaluation, program, budget, sources, console));
  }
  if (show_fuel) console.print(usage_text(evaluation.outcome) + "\n");
  return evaluation.value ? ExitStatus::kYes : ExitStatus::kTrapped;
}

ExitStatus wrong_text(const host::Sources& sources, Console& console) {
  console.report(sources.diagnostics, sources.map, Console::Stream::kTalk);
  return status_of(sources.diagnostics);
}

/// Everything after the variables are known: check, make an engine, call, print.
ExitStatus eval_checked(const EvalArguments& arguments, host::Sources& sources, const ast::Expr& expression,
                        const std::vector<frontend::Variable>& variables, Console& console) {
  const std::set<Stage> wanted = arguments.emit.stages();
  const ast::File* const schema = sources.schema ? &*sources.schema : nullptr;
  const auto program = frontend::check_expression(schema, expression, variables, sources.diagnostics);
  if (!program) return wrong_text(sources, console);
  std::vector<host::Answer> answers;
  for (const std::string& text : arguments.givens) {
    std::optional<host::Answer> answer = host::read_given(text, *program, sources);
    if (!answer) {
      console.report(sources.diagnostics, sources.map, Console::Stream::kTalk);
      return ExitStatus::kUsage;
    }
    answers.push_back(*std::move(answer));
  }
  host::Budget budget;
  arguments.budget.apply(budget);
  const ir::Config config = ir::default_config(*program);
  EngineChoice choice(arguments.engine, budget, wanted, /*tests=*/true);
  const auto engine = choice.make(*program, config);
  if (!engine) return report(engine.error(), sources.map, console);
  print_stages(wanted,
               {.sources = &sources.map,
                .units = {expression.span.source},
                .trees = {},
                .expression = &expression,
                .program = &*program,
                .native = as_native(**engine)},
               console);
  ExitStatus status = ExitStatus::kBug;
  support::on_deep_stack([&] {
    const auto evaluation = evaluate_with(arguments.input, *program, **engine, budget, std::move(answers));
    status = evaluation ? print(*evaluation, *program, budget, wanted.contains(Stage::kFuel), sources.map, console)
                        : wrong_usage(console, fmt::format("--input: {}", evaluation.error().text()));
  });
  return status;
}

ExitStatus eval_command(const EvalArguments& arguments, Console& console) {
  if (needs_native(arguments.emit.stages()) && !arguments.engine.native()) {
    return wrong_usage(console, "the interpreter has no LLVM IR and no machine code to show");
  }
  host::Sources sources;
  if (!arguments.schema.empty())
    host::load(sources, {.paths = {}, .schema = arguments.schema, .documents = {}, .variables = {}, .assignments = {}});
  const support::SourceFile& text = sources.map.add("expression", arguments.expression);
  const ast::ExprPtr expression = frontend::parse_expression(text, sources.diagnostics);
  if (!expression || sources.diagnostics.has_errors()) return wrong_text(sources, console);
  const auto inputs = host::input_variables(arguments.input);
  if (!inputs) return wrong_usage(console, fmt::format("--input: {}", inputs.error().text()));
  const auto variables = typed(*inputs, sources.schema);
  if (!variables) return wrong_usage(console, variables.error());
  return eval_checked(arguments, sources, *expression, *variables, console);
}

/// An expression may begin with a minus, which looks like an option to the reader of the command line.
ExitStatus take_expression(EvalArguments& arguments, const CLI::App& app, Console& console) {
  const std::vector<std::string> unread = app.remaining();
  if (arguments.expression.empty() && unread.size() == 1) {
    arguments.expression = unread.front();
  } else if (!unread.empty()) {
    console.say(unknown_word(app, unread.front()));
    return ExitStatus::kUsage;
  }
  if (arguments.expression.empty()) return wrong_usage(console, "an expression is needed: writ eval '1 + 2'");
  return eval_command(arguments, console);
}

}  // namespace

Action add_eval(CLI::App& app) {
  auto arguments = std::make_shared<EvalArguments>();
  arguments->input = "{}";
  app.add_option("EXPR", arguments->expression, "The expression");
  app.allow_extras();
  app.add_option("--schema", arguments->schema, "Gives records, enums and capabilities")->type_name("FILE");
  app.add_option("--input", arguments->input, "The variables: one JSON object")->type_name("JSON");
  add_engine_options(app, arguments->engine);
  add_budget_options(app, arguments->budget);
  add_repeatable(app, "--given", arguments->givens, "What a host function answers")->type_name("CAP.FN=VALUE");
  add_emit_option(app, arguments->emit);
  app.footer(kFooter);
  return [arguments, &app](Console& console) { return take_expression(*arguments, app, console); };
}

}  // namespace writ::tools
