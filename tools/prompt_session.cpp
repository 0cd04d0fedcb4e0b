#include "tools/prompt_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "frontend/parser.h"
#include "host/given.h"
#include "stdlib/builtin.h"
#include "support/overloaded.h"

namespace writ::tools {
namespace {

constexpr const char* kUnitName = "prompt";
/// Stands where no schema was given: no types, no slots, no capabilities.
constexpr const char* kNoSchema = "schema nothing\n";

/// As the loader takes it.
std::string document_name(const frontend::ConfigLayer& layer) {
  return layer.knob.empty() ? layer.source->name() : layer.knob + "=" + layer.source->name();
}

/// In place of the one that has its name, as the last.
void keep_document(std::vector<PromptText>& documents, PromptText document) {
  std::erase_if(documents, [&](const PromptText& other) { return other.name == document.name; });
  documents.push_back(std::move(document));
}

/// What a declaration replaces: the earlier one with this key.
std::string key_of(const ast::Decl& decl) {
  return std::visit(support::Overloaded{
                        [](const ast::Test& test) { return "test " + test.name; },
                        [](const ast::Use& use) { return "use " + use.unit.text; },
                        [](const ast::Config&) { return std::string("config"); },
                        [](const ast::DefaultBounds&) { return std::string("bounds"); },
                        [](const auto& named) { return named.name.text; },
                    },
                    decl.node);
}

PromptText text_of(const host::Sources& sources, const ast::File& unit) {
  const support::SourceFile& file = sources.map.file(unit.span.source);
  return {.name = file.name(), .text = std::string(file.text())};
}

/// Its function or slot of this name, alone or with its unit's.
std::optional<ir::FunctionId> find_function(const ir::Program& program, const std::string& name) {
  for (ir::FunctionId id = 0; id < program.functions.size(); ++id) {
    const ir::Function& function = program.functions[id];
    const bool is_named = function.role == ir::Role::kFunction || function.role == ir::Role::kSlot;
    if (is_named && (function.name == name || function.name.ends_with("." + name))) return id;
  }
  return std::nullopt;
}

/// The first paragraph of a disassembly that shows this function; its symbol is the name with a number.
std::string_view paragraph(std::string_view disassembly, const std::string& name) {
  while (!disassembly.empty()) {
    const std::string_view found = disassembly.substr(0, disassembly.find("\n\n"));
    const std::string_view symbol = found.substr(0, found.find(": ("));
    if (symbol.substr(0, symbol.rfind('.')) == name) return found;
    disassembly.remove_prefix(std::min(found.size() + 2, disassembly.size()));
  }
  return {};
}

/// `audit.note("short ttl")`
std::string emission_text(const host::Emission& emission, const ir::Program& program) {
  const ir::HostFunctionDecl& function = program.host_functions[emission.function];
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < emission.arguments.size(); ++i) {
    arguments.push_back(ir::literal_text(emission.arguments[i], function.parameters[i], program.types));
  }
  return fmt::format("{}({})", function.full_name(), fmt::join(arguments, ", "));
}

/// Whether literals can say the value: there is none for NaN and the infinities.
bool has_literal(const ir::Value& value) {
  return std::visit(support::Overloaded{
                        [](double number) { return std::isfinite(number); },
                        [](const ir::Sequence& items) { return std::ranges::all_of(items.items, has_literal); },
                        [](const ir::Entries& entries) {
                          return std::ranges::all_of(entries.items,
                                                     [](const ir::Entry& entry) { return has_literal(entry.value); });
                        },
                        [](const auto&) { return true; },
                    },
                    value.node);
}

}  // namespace

PromptSession::PromptSession(PromptOptions options, Console& console)
    : options_(std::move(options)), console_(console), choice_(options_.engine, {}, {}, /*tests=*/true) {}

// ---- from texts to a release ----------------------------------------------------------------------

std::unique_ptr<PromptSession::Draft> PromptSession::read(const Texts& texts) const {
  auto draft = std::make_unique<Draft>();
  host::Sources& sources = draft->sources;
  const PromptText schema = texts.schema.value_or(PromptText{.name = "writ", .text = kNoSchema});
  host::add_unit(sources, schema.name, schema.text);
  for (const Unit& unit : texts.units) host::add_unit(sources, unit.text.name, unit.text.text);
  for (const PromptText& document : texts.documents) host::add_document(sources, document.name, document.text);
  for (const std::string& variable : texts.variables) host::add_variable(sources, variable);
  for (const std::string& assignment : texts.assignments) host::add_assignment(sources, assignment);
  const support::Span nowhere{.source = sources.map.add(kUnitName, "").id()};
  draft->prompt.kind = ast::UnitKind::kLibrary;
  draft->prompt.name = {.text = kUnitName, .span = nowhere};
  draft->prompt.span = nowhere;
  if (sources.schema) draft->prompt.schema = ast::Name{.text = sources.schema->name.text, .span = nowhere};
  for (const Typed& typed : texts.typed) {
    auto input = frontend::parse_input(sources.map.add(typed.text.name, typed.text.text), sources.diagnostics);
    for (ast::Decl& decl : std::get<std::vector<ast::Decl>>(*input)) {
      if (std::ranges::count(typed.names, key_of(decl)) != 0) draft->prompt.decls.push_back(std::move(decl));
    }
  }
  return draft;
}

bool PromptSession::check(Draft& draft, const ast::Expr* expression, const ast::TypeExpr* type) const {
  draft.sources.units.push_back(std::move(draft.prompt));
  const frontend::Question question{&draft.sources.units.back(), expression, type};
  draft.release = host::check_release(draft.sources, {.tier = options_.tier, .tests = true, .question = &question});
  if (draft.release) options_.budget.apply(draft.release->budget);
  return draft.release.has_value();
}

ExitStatus PromptSession::refuse(const Draft& draft) const {
  for (const support::Diagnostic& diagnostic : draft.sources.diagnostics.sorted()) {
    // Warnings were told when their text came.
    if (diagnostic.severity() != support::Severity::kError) continue;
    console_.report(diagnostic, draft.sources.map, Console::Stream::kTalk);
  }
  return status_of(draft.sources.diagnostics);
}

void PromptSession::tell_warnings(const Draft& draft, support::SourceId source) const {
  for (const support::Diagnostic& diagnostic : draft.sources.diagnostics.sorted()) {
    if (diagnostic.severity() != support::Severity::kWarning || diagnostic.span.source != source) continue;
    console_.report(diagnostic, draft.sources.map, Console::Stream::kTalk);
  }
}

std::optional<ExitStatus> PromptSession::publish(std::unique_ptr<Draft> draft) {
  if (auto swapped = choice_.swap(engine_, *draft->release); !swapped) {
    return report(swapped.error(), draft->sources.map, console_);
  }
  running_ = std::move(draft);
  return std::nullopt;
}

ExitStatus PromptSession::change(Texts texts) {
  std::unique_ptr<Draft> draft = read(texts);
  if (!check(*draft, nullptr, nullptr)) return refuse(*draft);
  if (const auto failed = publish(std::move(draft))) return *failed;
  texts_ = std::move(texts);
  return ExitStatus::kYes;
}

// ---- inputs ---------------------------------------------------------------------------------------

ExitStatus PromptSession::load(const host::LoadRequest& request) {
  auto found = std::make_unique<host::Sources>();
  host::load(*found, request);
  if (!found->schema && texts_.schema) {
    found = std::make_unique<host::Sources>();
    host::add_unit(*found, texts_.schema->name, texts_.schema->text);
    host::load(*found, request);
  }
  console_.report(found->diagnostics, found->map, Console::Stream::kTalk);
  if (found->diagnostics.has_errors()) return status_of(found->diagnostics);
  Texts texts = texts_;
  if (found->schema) texts.schema = text_of(*found, *found->schema);
  for (const ast::File& file : found->units) {
    std::erase_if(texts.units, [&](const Unit& unit) { return unit.name == file.name.text; });
    texts.units.push_back({.name = file.name.text, .text = text_of(*found, file)});
  }
  for (const frontend::ConfigLayer& layer : found->layers) {
    const std::string text(layer.source->text());
    switch (layer.kind) {
      case frontend::ConfigLayer::Kind::kDocument:
        keep_document(texts.documents, {.name = document_name(layer), .text = text});
        break;
      case frontend::ConfigLayer::Kind::kVariable:
        texts.variables.push_back(text);
        break;
      case frontend::ConfigLayer::Kind::kAssignment:
        texts.assignments.push_back(text);
        break;
    }
  }
  return change(std::move(texts));
}

ExitStatus PromptSession::take_unit(PromptText unit) {
  host::Sources alone;
  host::add_unit(alone, unit.name, unit.text);
  console_.report(alone.diagnostics, alone.map, Console::Stream::kTalk);
  if (alone.diagnostics.has_errors()) return status_of(alone.diagnostics);
  Texts texts = texts_;
  if (alone.schema) {
    texts.schema = std::move(unit);
  } else {
    const std::string name = alone.units.front().name.text;
    std::erase_if(texts.units, [&](const Unit& other) { return other.name == name; });
    texts.units.push_back({.name = name, .text = std::move(unit)});
  }
  return change(std::move(texts));
}

ExitStatus PromptSession::take(PromptText text) {
  std::unique_ptr<Draft> draft = read(texts_);
  const support::SourceFile& source = draft->sources.map.add(text.name, text.text);
  std::optional<ast::Input> input = frontend::parse_input(source, draft->sources.diagnostics);
  tell_warnings(*draft, source.id());
  if (!input) return refuse(*draft);
  if (auto* declarations = std::get_if<std::vector<ast::Decl>>(&*input)) {
    return declare(std::move(draft), std::move(*declarations), std::move(text));
  }
  if (const auto* let = std::get_if<ast::Let>(&*input)) return bind(std::move(draft), *let, text.name);
  if (!check(*draft, std::get<ast::ExprPtr>(*input).get(), nullptr)) return refuse(*draft);
  ExitStatus status = ExitStatus::kYes;
  if (const auto evaluation = ask(std::move(draft), status)) print(*evaluation);
  return status;
}

ExitStatus PromptSession::declare(std::unique_ptr<Draft> draft, std::vector<ast::Decl> declarations, PromptText text) {
  Typed typed{.text = std::move(text), .names = {}};
  for (const ast::Decl& decl : declarations) typed.names.push_back(key_of(decl));
  const auto is_replaced = [&](const std::string& name) { return std::ranges::count(typed.names, name) != 0; };
  std::vector<ast::Decl>& all = draft->prompt.decls;
  std::erase_if(all, [&](const ast::Decl& decl) { return is_replaced(key_of(decl)); });
  std::ranges::move(declarations, std::back_inserter(all));
  if (!check(*draft, nullptr, nullptr)) return refuse(*draft);
  if (const auto failed = publish(std::move(draft))) return *failed;
  for (Typed& earlier : texts_.typed) std::erase_if(earlier.names, is_replaced);
  std::erase_if(texts_.typed, [](const Typed& earlier) { return earlier.names.empty(); });
  texts_.typed.push_back(std::move(typed));
  return ExitStatus::kYes;
}

/// The value is made once; from then on the name is a constant of the prompt's library, so that functions may use it too.
ExitStatus PromptSession::bind(std::unique_ptr<Draft> draft, const ast::Let& let, const std::string& place) {
  if (!check(*draft, let.value.get(), let.type ? &*let.type : nullptr)) return refuse(*draft);
  ExitStatus status = ExitStatus::kYes;
  const auto evaluation = ask(std::move(draft), status);
  if (!evaluation) return status;
  if (!has_literal(*evaluation->value)) {
    console_.say(
        fmt::format("writ repl: `{}` would hold a number that no literal says: NaN or an infinity", let.name.text));
    return ExitStatus::kNo;
  }
  const ir::Program& program = running_->release->program;
  const ir::TypeId type = program.functions.back().result.value();
  return take({.name = place,
               .text = fmt::format("const {}: {} = {}", let.name.text, program.types.text(type),
                                   ir::literal_text(*evaluation->value, type, program.types))});
}

std::optional<std::vector<host::Answer>> PromptSession::answers() {
  std::vector<host::Answer> answers;
  for (const std::string& given : options_.givens) {
    std::optional<host::Answer> answer = host::read_given(given, running_->release->program, running_->sources);
    if (!answer) return std::nullopt;
    answers.push_back(*std::move(answer));
  }
  return answers;
}

std::optional<Evaluation> PromptSession::ask(std::unique_ptr<Draft> draft, ExitStatus& status) {
  if (const auto failed = publish(std::move(draft))) {
    status = *failed;
    return std::nullopt;
  }
  auto given = answers();
  if (!given) {
    status = refuse(*running_);
    return std::nullopt;
  }
  const host::Release& release = *running_->release;
  Evaluation evaluation = evaluate(release.program, *engine_, release.budget, *std::move(given), {});
  if (evaluation.value) return evaluation;
  console_.say_raw(trap_text(evaluation, release.program, release.budget, running_->sources.map, console_));
  status = ExitStatus::kTrapped;
  return std::nullopt;
}

void PromptSession::print(const Evaluation& evaluation) {
  const ir::Program& program = running_->release->program;
  const ir::TypeId type = program.functions.back().result.value();
  const std::string type_text = program.types.text(type);
  if (console_.format() == Format::kJson) {
    console_.print(fmt::format("{{\"value\": {}, \"type\": {}", ir::json_text(*evaluation.value, type, program.types),
                               support::json_quote(type_text)));
    if (evaluation.reason) console_.print(fmt::format(", \"reason\": {}", support::json_quote(*evaluation.reason)));
    if (!evaluation.emitted.empty()) {
      console_.print(fmt::format(", \"emitted\": {}", host::emitted_json(evaluation.emitted, program)));
    }
    return console_.print("}\n");
  }
  console_.print(ir::literal_text(*evaluation.value, type, program.types));
  if (evaluation.reason) console_.print(fmt::format(" because {}", support::json_quote(*evaluation.reason)));
  if (options_.shows_types) console_.print(" : " + type_text);
  console_.print("\n");
  for (const host::Emission& emission : evaluation.emitted) {
    console_.print(fmt::format("emitted {}\n", emission_text(emission, program)));
  }
}

std::vector<std::string> PromptSession::names() const {
  std::set<std::string> names;
  for (const stdlib::Builtin& row : stdlib::builtins()) names.emplace(row.name);
  const auto add = [&](const ast::File& unit) {
    for (const ast::Decl& decl : unit.decls) names.insert(key_of(decl));
  };
  if (running_->sources.schema) add(*running_->sources.schema);
  for (const ast::File& unit : running_->sources.units) add(unit);
  return {names.begin(), names.end()};
}

// ---- what commands ask ----------------------------------------------------------------------------

std::unique_ptr<PromptSession::Draft> PromptSession::question(PromptText text) const {
  std::unique_ptr<Draft> draft = read(texts_);
  const support::SourceFile& source = draft->sources.map.add(std::move(text.name), std::move(text.text));
  const ast::ExprPtr expression = frontend::parse_expression(source, draft->sources.diagnostics);
  if (expression && check(*draft, expression.get(), nullptr)) return draft;
  refuse(*draft);
  return nullptr;
}

ExitStatus PromptSession::print_type(PromptText expression) {
  const std::unique_ptr<Draft> draft = question(std::move(expression));
  if (!draft) return ExitStatus::kNo;
  const ir::Program& program = draft->release->program;
  console_.print(program.types.text(program.functions.back().result.value()) + "\n");
  return ExitStatus::kYes;
}

ExitStatus PromptSession::print_fuel(PromptText expression) {
  std::unique_ptr<Draft> draft = question(std::move(expression));
  if (!draft) return ExitStatus::kNo;
  ExitStatus status = ExitStatus::kYes;
  if (const auto evaluation = ask(std::move(draft), status)) console_.print(usage_text(evaluation->outcome) + "\n");
  return status;
}

ExitStatus PromptSession::print_assembly(const std::string& name) {
  if (!options_.engine.native()) {
    console_.say("writ repl: the interpreter has no machine code to show");
    return ExitStatus::kUsage;
  }
  std::unique_ptr<Draft> draft = read(texts_);
  if (!check(*draft, nullptr, nullptr)) return refuse(*draft);
  ir::Program& program = draft->release->program;
  const std::optional<ir::FunctionId> id = find_function(program, name);
  if (!id) {
    console_.say(fmt::format("writ repl: no function or slot `{}` is here", name));
    return ExitStatus::kNo;
  }
  // A function that nothing asks has no code: as a test's it is compiled for itself.
  ir::Function& function = program.functions[*id];
  if (function.role == ir::Role::kFunction) function.role = ir::Role::kTest;
  const std::string full_name = function.name;
  if (const auto failed = publish(std::move(draft))) return *failed;
  console_.print(fmt::format("{}\n", paragraph(as_native(*engine_)->disassembly(), full_name)));
  return ExitStatus::kYes;
}

}  // namespace writ::tools
