#include "fleet/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "host/call.h"
#include "host/given.h"
#include "host/host_functions.h"
#include "host/input.h"
#include "host/loader.h"
#include "host/release.h"
#include "host/test_runner.h"
#include "ir/dependencies.h"
#include "support/deep_stack.h"

namespace writ::fleet {
namespace {

using support::Code;

/// `{"answer": "deny", "trap": "out_of_fuel"}`: what a host sees of a decision, without the places of its texts.
std::string answer_text(const ir::Program& program, ir::SlotId slot, const host::Decision& decision) {
  std::string text = "{\"answer\": ";
  text += decision.answer ? ir::json_text(*decision.answer, program.slots[slot].result, program.types) : "null";
  if (decision.trap != runtime::Trap::kNone) {
    text += fmt::format(", \"trap\": \"{}\"", runtime::trap_spelling(decision.trap));
  }
  if (decision.reason) text += fmt::format(", \"reason\": {}", support::json_quote(*decision.reason));
  if (!decision.emitted.empty()) text += fmt::format(", \"emitted\": {}", emitted_json(decision.emitted, program));
  return text + "}";
}

/// One release while it is tried out.
class Stage {
 public:
  Stage(host::Sources& sources, const host::Release& release, const RehearsalEngine& make_engine)
      : sources_(sources), release_(release), make_engine_(make_engine) {}

  /// How many there are; findings are the sources'.
  std::size_t run_tests() {
    host::TestRunner runner(release_, [&](const ir::Program& program, const ir::Config& config) {
      return make_engine_(program, config, release_.budget);
    });
    for (const ir::Test& test : release_.program.tests) {
      auto failures = runner.run(test);
      if (!failures) {
        report(std::move(failures.error()));
        break;
      }
      for (support::Diagnostic& failure : *failures) sources_.diagnostics.add(std::move(failure));
    }
    return release_.program.tests.size();
  }

  std::vector<std::string> decide(const std::vector<GoldenDecision>& golden) {
    std::vector<std::string> answers;
    const auto engine = make_engine_(release_.program, release_.config, release_.budget);
    if (!engine) {
      report(engine.error());
      return answers;
    }
    for (const GoldenDecision& decision : golden) answers.push_back(decide(decision, **engine));
    return answers;
  }

 private:
  std::string decide(const GoldenDecision& golden, const host::Engine& engine) {
    const ir::Program& program = release_.program;
    const auto slot = std::ranges::find(program.slots, golden.slot, &ir::SlotDecl::name);
    if (slot == program.slots.end()) {
      return refuse(golden, Code::kUnknownSlot, fmt::format("the schema has no slot `{}`", golden.slot));
    }
    host::InputReader input(program, slot->parameters);
    const auto words = input.read(golden.input);
    if (!words) {
      return refuse(golden, words.error().syntax ? Code::kInputSyntax : Code::kInputMismatch, words.error().text());
    }
    host::HostFunctions host(program);
    for (const std::string& given : golden.given) {
      auto answer = host::read_given(given, program, sources_);
      if (!answer) return "";
      host.answer(*std::move(answer));
    }
    host::Caller caller(program, engine, release_.budget, host);
    const auto id = static_cast<ir::SlotId>(slot - program.slots.begin());
    std::string answer = answer_text(program, id, caller.decide(id, *words));
    if (!golden.answer.empty() && answer != golden.answer) {
      return refuse(golden, Code::kGoldenChanged,
                    fmt::format("slot `{}` gives {} here, and gave {} where the release was built", golden.slot, answer,
                                golden.answer));
    }
    return answer;
  }

  /// Shown at the decision's input.
  std::string refuse(const GoldenDecision& golden, Code code, std::string message) {
    const support::SourceFile& shown = sources_.map.add("golden decision", golden.input);
    const support::Span span{.source = shown.id(), .begin = 0, .end = static_cast<std::uint32_t>(golden.input.size())};
    sources_.diagnostics.error(code, span, std::move(message));
    return "";
  }

  void report(host::EngineError error) {
    if (error.diagnostic) return sources_.diagnostics.add(*std::move(error.diagnostic));
    const support::Span nowhere{.source = sources_.map.add("writ", "").id()};
    sources_.diagnostics.error(Code::kCodeRefused, nowhere, std::move(error.message));
  }

  host::Sources& sources_;
  const host::Release& release_;
  const RehearsalEngine& make_engine_;
};

void add_texts(host::Sources& sources, const NamedText& schema, const Content& content) {
  add_unit(sources, schema.name, schema.text);
  for (const auto* units : {&content.sources, &content.tests}) {
    for (const NamedText& unit : *units) add_unit(sources, unit.name, unit.text);
  }
  for (const NamedText& document : content.documents) add_document(sources, document.name, document.text);
}

}  // namespace

std::set<std::string> functions_used(const ir::Program& program) {
  std::set<std::string> names;
  for (ir::SlotId slot = 0; slot < program.slots.size(); ++slot) {
    for (const ir::HostFunctionId id : ir::dependencies(program, slot).host_functions) {
      names.insert(program.host_functions[id].full_name());
    }
  }
  return names;
}

std::expected<Rehearsal, host::Report> rehearse(const NamedText& schema, const Content& content,
                                                const RehearsalEngine& make_engine) {
  host::Sources sources;
  Rehearsal rehearsal;
  add_texts(sources, schema, content);
  const auto release = check_release(sources, {.tier = content.tier, .tests = true});
  if (release) {
    support::on_deep_stack([&] {
      Stage stage(sources, *release, make_engine);
      rehearsal.tests = stage.run_tests();
      rehearsal.answers = stage.decide(content.golden);
      rehearsal.functions = functions_used(release->program);
    });
  }
  if (!release || sources.diagnostics.has_errors()) {
    return std::unexpected(host::Report{.map = std::move(sources.map), .findings = sources.diagnostics.sorted()});
  }
  return rehearsal;
}

}  // namespace writ::fleet
