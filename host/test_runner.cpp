#include "host/test_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <variant>

#include "frontend/config.h"
#include "host/call.h"
#include "host/host_functions.h"

namespace writ::host {
namespace {

using runtime::Trap;
using support::Diagnostic;

/// One test while it runs: its host, its calls, what was emitted so far.
class RunningTest {
 public:
  RunningTest(const Release& release, const Engine& engine)
      : program_(release.program), host_(release.program), caller_(release.program, engine, release.budget, host_) {}

  std::vector<Diagnostic> run(const ir::Test& test) {
    for (const ir::Given& given : test.givens) give(given, test.span);
    for (const ir::Expectation& expectation : test.expectations) judge(expectation);
    return std::move(failures_);
  }

 private:
  void fail(support::Span span, std::string message, std::string help = {}) {
    failures_.push_back({.code = support::Code::kExpectationFailed,
                         .span = span,
                         .message = std::move(message),
                         .note = {},
                         .labels = {},
                         .help = std::move(help),
                         .fix = std::nullopt});
  }

  void give(const ir::Given& given, support::Span span) {
    Answer answer{.function = given.function, .arguments = {}, .value = {}};
    for (const std::optional<ir::FunctionId>& argument : given.arguments) {
      answer.arguments.emplace_back(argument ? value_of(*argument, span) : std::nullopt);
    }
    if (std::optional<ir::Value> value = value_of(given.answer, span)) {
      answer.value = *std::move(value);
      host_.answer(std::move(answer));
    }
  }

  /// The value of a function without parameters; nothing (and a failure) when it traps.
  std::optional<ir::Value> value_of(ir::FunctionId function, support::Span span) {
    const Outcome outcome = caller_.call(function, {});
    if (outcome.trap() == Trap::kNone) return value(function, outcome);
    report_trap(outcome, span);
    return std::nullopt;
  }
  [[nodiscard]] ir::Value value(ir::FunctionId function, const Outcome& outcome) const {
    return ir::read_value(outcome.words, program_.functions[function].result.value(), program_.types);
  }

  void report_trap(const Outcome& outcome, support::Span span) {
    std::string help;
    if (const auto unanswered = host_.take_unanswered()) {
      const std::string name = program_.host_functions[*unanswered].full_name();
      help = fmt::format("nothing answers {0} in this test: given {0}(_) = …", name);
    }
    fail(span, fmt::format("this trapped: {}", runtime::trap_spelling(outcome.trap())), std::move(help));
    failures_.back().labels.push_back({place_of(program_, outcome.status), "the trap is here"});
  }

  void judge(const ir::Expectation& expectation) {
    if (expectation.kind == ir::Expectation::Kind::kEmitted) return judge_emitted(expectation);
    const Outcome outcome = caller_.call(expectation.actual, {});
    std::vector<Emission> emitted = host_.take_emissions();
    if (expectation.kind == ir::Expectation::Kind::kTraps) return judge_trap(expectation, outcome);
    if (outcome.trap() != Trap::kNone) return report_trap(outcome, expectation.span);
    std::ranges::move(emitted, std::back_inserter(emitted_));
    judge_value(expectation, outcome);
  }

  void judge_value(const ir::Expectation& expectation, const Outcome& outcome) {
    const ir::Value actual = value(expectation.actual, outcome);
    // A copy: it may lie in memory that the next call uses.
    const std::optional<std::string> reason(reason_of(program_, outcome.status, outcome.reason));
    if (expectation.kind == ir::Expectation::Kind::kHolds) {
      if (!std::get<bool>(actual.node)) fail(expectation.span, "this does not hold");
    } else if (const auto expected = value_of(*expectation.expected, expectation.span)) {
      judge_equal(expectation, actual, *expected);
    }
    judge_reason(expectation, reason);
  }

  void judge_equal(const ir::Expectation& expectation, const ir::Value& actual, const ir::Value& expected) {
    const ir::Types& types = program_.types;
    const ir::TypeId actual_type = program_.functions[expectation.actual].result.value();
    const ir::TypeId expected_type = program_.functions[*expectation.expected].result.value();
    if (ir::equal(actual, expected, actual_type, types)) return;
    fail(expectation.span, fmt::format("expected {}, found {}", ir::literal_text(expected, expected_type, types),
                                       ir::literal_text(actual, actual_type, types)));
  }

  void judge_reason(const ir::Expectation& expectation, const std::optional<std::string>& reason) {
    if (!expectation.because) return;
    if (reason == *expectation.because) return;
    const std::string found = reason ? support::json_quote(*reason) : "no rule with a reason";
    fail(expectation.span,
         fmt::format("expected because {}, found {}", support::json_quote(*expectation.because), found));
  }

  void judge_trap(const ir::Expectation& expectation, const Outcome& outcome) {
    if (outcome.trap() == expectation.trap) return;
    const std::string found =
        outcome.trap() == Trap::kNone ? std::string("no trap") : std::string(runtime::trap_spelling(outcome.trap()));
    fail(expectation.span, fmt::format("expected trap {}, found {}", runtime::trap_spelling(expectation.trap), found));
  }

  void judge_emitted(const ir::Expectation& expectation) {
    std::vector<ir::Value> wanted;
    for (const ir::FunctionId argument : expectation.emitted_arguments) {
      std::optional<ir::Value> value = value_of(argument, expectation.span);
      if (!value) return;
      wanted.push_back(*std::move(value));
    }
    const auto same = [&](const Emission& emission) {
      return emission.function == expectation.emitted && equal_arguments(emission, wanted);
    };
    if (std::ranges::none_of(emitted_, same)) {
      fail(expectation.span, fmt::format("nothing of the kind was emitted; {} so far", emitted_text()));
    }
  }

  [[nodiscard]] bool equal_arguments(const Emission& emission, const std::vector<ir::Value>& wanted) const {
    const std::vector<ir::TypeId>& types = program_.host_functions[emission.function].parameters;
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (!ir::equal(emission.arguments[i], wanted[i], types[i], program_.types)) return false;
    }
    return true;
  }

  [[nodiscard]] std::string emitted_text() const {
    if (emitted_.empty()) return "nothing";
    const Emission& last = emitted_.back();
    const ir::HostFunctionDecl& function = program_.host_functions[last.function];
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < last.arguments.size(); ++i) {
      arguments.push_back(ir::literal_text(last.arguments[i], function.parameters[i], program_.types));
    }
    return fmt::format("{} emitted, last {}({})", emitted_.size(), function.full_name(), fmt::join(arguments, ", "));
  }

  const ir::Program& program_;
  HostFunctions host_;
  Caller caller_;
  std::vector<Emission> emitted_;
  std::vector<Diagnostic> failures_;
};

}  // namespace

TestRunner::TestRunner(const Release& release, EngineMaker make_engine)
    : release_(release), make_engine_(std::move(make_engine)) {}

std::expected<std::vector<Diagnostic>, EngineError> TestRunner::run(const ir::Test& test) {
  const ir::Config config = config_of(test);
  support::Diagnostics broken;
  const auto place_of = [&](ir::KnobId id) {
    const auto given = std::ranges::find(test.knobs, id, &ir::TestKnob::knob);
    return given == test.knobs.end() ? release_.program.knobs[id].span : given->span;
  };
  if (!test.knobs.empty() && !frontend::conditions_hold(release_.program, config, place_of, broken)) {
    return broken.sorted();
  }
  const auto engine = engine_for(test);
  if (!engine) return std::unexpected(engine.error());
  return RunningTest(release_, **engine).run(test);
}

ir::Config TestRunner::config_of(const ir::Test& test) const {
  ir::Config config = release_.config;
  for (const ir::TestKnob& knob : test.knobs) config.values[knob.knob] = knob.value;
  return config;
}

std::expected<const Engine*, EngineError> TestRunner::engine_for(const ir::Test& test) {
  std::unique_ptr<Prepared>& kept = test.knobs.empty() ? plain_ : special_;
  if (kept && kept->knobs == test.knobs) return kept->engine.get();
  auto prepared =
      std::make_unique<Prepared>(Prepared{.knobs = test.knobs, .config = config_of(test), .engine = nullptr});
  auto engine = make_engine_(release_.program, prepared->config);
  if (!engine) return std::unexpected(std::move(engine.error()));
  prepared->engine = *std::move(engine);
  kept = std::move(prepared);
  return kept->engine.get();
}

}  // namespace writ::host
