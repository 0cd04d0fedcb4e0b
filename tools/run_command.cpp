// `writ run`: one decision for each line of input.

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "host/call.h"
#include "host/file.h"
#include "host/given.h"
#include "host/input.h"
#include "host/line_reader.h"
#include "host/release.h"
#include "support/deep_stack.h"
#include "tools/emit.h"
#include "tools/engine_choice.h"
#include "tools/evaluation.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/summary.h"
#include "tools/trap_report.h"

namespace writ::tools {
namespace {

constexpr std::size_t kShownTraps = 5;  // different places that are told at length

constexpr const char* kFooter =
    "Prints one JSON object a line, in the order of the input:\n"
    "  {\"line\": 17, \"answer\": \"allow\", \"reason\": \"safe method\"}\n"
    "  {\"line\": 18, \"answer\": \"deny\", \"trap\": \"out_of_fuel\", \"at\": \"access.writ:12:3\"}\n"
    "A line that does not fit the slot's parameters is told on standard error, and the rest goes on (status 1 in the\n"
    "end; 3 when a call trapped).\n\n"
    "Examples:\n"
    "  writ run access.writ --schema gateway.writ --slot authorize --input requests.jsonl\n"
    "  tail -f access.jsonl | writ run policies/ --slot authorize --input -\n"
    "  writ run policies/ --slot authorize --input r.jsonl --config prod.toml --set access.share=100\n"
    "  writ run policies/ --slot authorize --input r.jsonl --given 'clock.now=timestamp(\"2026-01-01T00:00:00Z\")'\n"
    "  writ run policies/ --slot authorize --emit=ir,asm       the stages; no input needed\n";

struct RunArguments {
  ReleaseArguments release;
  EngineArguments engine;
  BudgetArguments budget;
  EmitArguments emit;
  std::vector<std::string> givens;
  std::string slot;
  std::string input;
};

ExitStatus wrong_usage(Console& console, std::string_view message) {
  console.say(fmt::format("writ run: {}", message));
  return ExitStatus::kUsage;
}

std::optional<ir::SlotId> find_slot(const ir::Program& program, const std::string& name) {
  if (name.empty() && program.slots.size() == 1) return 0;
  for (ir::SlotId id = 0; id < program.slots.size(); ++id) {
    if (program.slots[id].name == name) return id;
  }
  return std::nullopt;
}

std::string no_such_slot(const ir::Program& program, const std::string& name) {
  std::vector<std::string_view> names;
  for (const ir::SlotDecl& slot : program.slots) names.emplace_back(slot.name);
  if (name.empty()) {
    return fmt::format("say which slot to ask: --slot NAME (the schema {} has {})", program.schema_name,
                       fmt::join(names, ", "));
  }
  const auto near = support::nearest(name, names);
  return fmt::format(
      "the schema {} has no slot `{}`{}", program.schema_name, name,
      near ? fmt::format("; did you mean `{}`?", *near) : fmt::format(" (it has {})", fmt::join(names, ", ")));
}

/// Asks the slot about every line of the input.
class Run {
 public:
  Run(const host::Sources& sources, const host::Release& release, ir::SlotId slot, const host::Engine& engine,
      const RunArguments& arguments, Console& console)
      : sources_(sources),
        release_(release),
        slot_(slot),
        engine_(engine),
        console_(console),
        tier_(tier_name(release.program, arguments.release.tier)),
        source_name_(arguments.input == "-" ? "standard input" : arguments.input),
        show_fuel_(arguments.emit.stages().contains(Stage::kFuel)),
        input_(release.program, release.program.slots[slot].parameters),
        summary_(release.program, slot, release.budget, EngineChoice::describe(engine)) {}

  ExitStatus decide_all(host::LineReader lines, std::vector<host::Answer> answers) {
    host::HostFunctions host(release_.program);
    for (host::Answer& answer : answers) host.answer(std::move(answer));
    host::Caller caller(release_.program, engine_, release_.budget, host, release_.proven_fuel);
    Progress progress(lines.total_bytes());
    while (console_.is_open()) {
      const std::optional<host::InputLine> line = lines.next();
      if (!line) break;
      if (!line->too_long && line->text.find_first_not_of(" \t") == std::string_view::npos) continue;
      decide(*line, caller, host, progress);
      progress.update(lines.bytes_read(), line->number);
    }
    progress.clear();
    if (hidden_traps_ != 0) console_.say(fmt::format("… and traps at {} more places", hidden_traps_));
    console_.say_raw(summary_.text(console_.format(), input_.skipped_fields()));
    if (lines.error()) {
      console_.say(fmt::format("writ: cannot read {}: {}", source_name_, *lines.error()));
      return ExitStatus::kCouldNot;
    }
    if (summary_.has_traps()) return ExitStatus::kTrapped;
    return summary_.has_mismatches() ? ExitStatus::kNo : ExitStatus::kYes;
  }

 private:
  static std::string tier_name(const ir::Program& program, const std::string& asked) {
    return asked.empty() && !program.tiers.empty() ? program.tiers.front().name : asked;
  }

  void decide(const host::InputLine& line, host::Caller& caller, host::HostFunctions& host, Progress& progress) {
    if (line.too_long) {
      const std::string message = fmt::format("it is over the limit of {} bytes", support::limits::kInputLineBytes);
      return report_mismatch(line.number, {.syntax = true, .path = {}, .message = message}, progress);
    }
    const auto words = input_.read(line.text);
    if (!words) return report_mismatch(line.number, words.error(), progress);
    const host::Decision decision = caller.decide(slot_, *words);
    print(line.number, decision);
    summary_.add(decision);
    const auto unanswered = host.take_unanswered();
    if (decision.trap != runtime::Trap::kNone) report_trap(decision, unanswered, progress);
  }

  void print(std::int64_t line, const host::Decision& decision) {
    const ir::Program& program = release_.program;
    std::string text = fmt::format("{{\"line\": {}, \"answer\": {}", line, answer_json(decision));
    if (decision.trap != runtime::Trap::kNone) {
      text += fmt::format(", \"trap\": \"{}\", \"at\": {}", runtime::trap_spelling(decision.trap),
                          support::json_quote(place_text(*decision.place, sources_.map)));
    }
    if (decision.reason) text += fmt::format(", \"reason\": {}", support::json_quote(*decision.reason));
    if (!decision.emitted.empty()) text += fmt::format(", \"emitted\": {}", emitted_json(decision.emitted, program));
    if (show_fuel_) {
      text += fmt::format(", \"fuel\": {}, \"memory\": {}", decision.outcome.fuel, decision.outcome.memory);
    }
    text += "}\n";
    console_.print(text);
  }

  [[nodiscard]] std::string answer_json(const host::Decision& decision) const {
    const ir::Program& program = release_.program;
    return decision.answer ? ir::json_text(*decision.answer, program.slots[slot_].result, program.types) : "null";
  }

  void report_mismatch(std::int64_t line, const host::Mismatch& mismatch, Progress& progress) {
    progress.clear();
    summary_.add_mismatch();
    const std::string code =
        support::code_text(mismatch.syntax ? support::Code::kInputSyntax : support::Code::kInputMismatch);
    switch (console_.format()) {
      case Format::kPretty:
        return console_.say(fmt::format("error[{}]: line {}: {}", code, line, mismatch.text()));
      case Format::kShort:
        return console_.say(fmt::format("{}:{}: error[{}]: {}", source_name_, line, code, mismatch.text()));
      case Format::kJson:
        return console_.say(
            fmt::format("{{\"code\": \"{}\", \"severity\": \"error\", \"line\": {}, \"path\": {}, \"message\": {}}}",
                        code, line, support::json_quote(mismatch.path), support::json_quote(mismatch.message)));
    }
  }

  /// At length once for each place; the lines of output tell all.
  void report_trap(const host::Decision& decision, std::optional<ir::HostFunctionId> unanswered, Progress& progress) {
    const std::tuple key{decision.trap, decision.place->source, decision.place->begin};
    if (!told_traps_.insert(key).second) return;
    if (told_traps_.size() > kShownTraps) {
      ++hidden_traps_;
      return;
    }
    progress.clear();
    TrapReport report{.trap = decision.trap,
                      .place = *decision.place,
                      .budget = release_.budget,
                      .tier = tier_,
                      .consequence = {},
                      .note = {}};
    const std::string& name = release_.program.slots[slot_].name;
    report.consequence = decision.answer ? fmt::format("slot `{}` gave its else value {}", name, answer_json(decision))
                                         : fmt::format("slot `{}` is left to the host's own function", name);
    if (unanswered) {
      report.note = fmt::format("nothing answers {0} here: --given {0}=VALUE",
                                release_.program.host_functions[*unanswered].full_name());
    }
    console_.say_raw(render(report, sources_.map, console_));
  }

  const host::Sources& sources_;
  const host::Release& release_;
  ir::SlotId slot_;
  const host::Engine& engine_;
  Console& console_;
  std::string tier_;
  std::string source_name_;
  bool show_fuel_;
  host::InputReader input_;
  Summary summary_;
  std::set<std::tuple<runtime::Trap, support::SourceId, std::uint32_t>> told_traps_;
  std::size_t hidden_traps_ = 0;
};

Stages stages_of(const host::Sources& sources, const host::Release& release, const host::Engine& engine) {
  Stages stages{.sources = &sources.map,
                .units = {},
                .trees = unit_pointers(sources),
                .expression = nullptr,
                .program = &release.program,
                .native = as_native(engine)};
  for (const ast::File* tree : stages.trees) stages.units.push_back(tree->span.source);
  return stages;
}

std::optional<std::vector<host::Answer>> read_givens(const std::vector<std::string>& texts, const ir::Program& program,
                                                     host::Sources& sources) {
  std::vector<host::Answer> answers;
  for (const std::string& text : texts) {
    std::optional<host::Answer> answer = host::read_given(text, program, sources);
    if (!answer) return std::nullopt;
    answers.push_back(*std::move(answer));
  }
  return answers;
}

ExitStatus run_command(const RunArguments& arguments, Console& console) {
  const std::set<Stage> wanted = arguments.emit.stages();
  if (needs_native(wanted) && !arguments.engine.native()) {
    return wrong_usage(console, "the interpreter has no LLVM IR and no machine code to show");
  }
  if (arguments.input.empty() && wanted.empty()) return wrong_usage(console, "say what to answer: --input FILE (or -)");
  host::Sources sources;
  host::load(sources, arguments.release.load);
  std::optional<host::Release> release = check_release(sources, {.tier = arguments.release.tier, .tests = false});
  console.report(sources.diagnostics, sources.map, Console::Stream::kTalk);
  if (!release) return status_of(sources.diagnostics);
  arguments.budget.apply(release->budget);
  if (arguments.budget.is_given())
    release->proven_fuel.clear();  // another quota than the proof was held against: count
  const std::optional<ir::SlotId> slot = find_slot(release->program, arguments.slot);
  if (!slot && !arguments.input.empty()) return wrong_usage(console, no_such_slot(release->program, arguments.slot));
  auto answers = read_givens(arguments.givens, release->program, sources);
  if (!answers) {
    console.report(sources.diagnostics, sources.map, Console::Stream::kTalk);
    return ExitStatus::kUsage;
  }
  EngineChoice choice(arguments.engine, release->budget, wanted, /*tests=*/false);
  if (release->is_proven()) choice.leave_counters_out();
  const auto engine = choice.make(release->program, release->config);
  if (!engine) return report(engine.error(), sources.map, console);
  print_stages(wanted, stages_of(sources, *release, **engine), console);
  if (arguments.input.empty()) return ExitStatus::kYes;
  auto input = host::open_input(arguments.input);
  if (!input) {
    console.say(fmt::format("writ: {}", input.error().message));
    return ExitStatus::kCouldNot;
  }
  ExitStatus status = ExitStatus::kBug;
  support::on_deep_stack([&] {
    Run run(sources, *release, *slot, **engine, arguments, console);
    status = run.decide_all(host::LineReader(*std::move(input)), *std::move(answers));
  });
  return status;
}

}  // namespace

Action add_run(CLI::App& app) {
  auto arguments = std::make_shared<RunArguments>();
  add_release_options(app, arguments->release);
  app.add_option("--slot", arguments->slot, "The slot to ask; not needed where the schema has one")->type_name("NAME");
  app.add_option("--input", arguments->input, "JSON lines; - is standard input")->type_name("FILE");
  add_engine_options(app, arguments->engine);
  add_budget_options(app, arguments->budget);
  add_repeatable(app, "--given", arguments->givens, "What a host function answers")->type_name("CAP.FN=VALUE");
  add_emit_option(app, arguments->emit);
  app.footer(kFooter);
  return [arguments](Console& console) { return run_command(*arguments, console); };
}

}  // namespace writ::tools
