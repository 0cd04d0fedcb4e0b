// `writ test`: runs test blocks.

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/release.h"
#include "host/test_runner.h"
#include "support/deep_stack.h"
#include "tools/engine_choice.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Status 1 when a test fails, and when there is none to run.\n\n"
    "Examples:\n"
    "  writ test access.writ common.writ --schema gateway.writ\n"
    "  writ test policies/ --filter login --engine=interp\n"
    "  writ test policies/ --format json                one JSON object a test\n";

struct TestArguments {
  ReleaseArguments release;
  EngineArguments engine;
  std::string filter;
};

void print(const ir::Test& test, const std::vector<support::Diagnostic>& failures, const host::Sources& sources,
           Console& console) {
  const bool passed = failures.empty();
  if (console.format() == Format::kJson) {
    std::vector<std::string> texts;
    for (const support::Diagnostic& failure : failures) texts.push_back(render_json(failure, sources.map));
    console.print(fmt::format("{{\"unit\": {}, \"test\": {}, \"passed\": {}, \"failures\": [{}]}}\n",
                              support::json_quote(test.unit), support::json_quote(test.name), passed,
                              fmt::join(texts, ", ")));
    return;
  }
  console.print(fmt::format("{:<7} {}: {}\n", passed ? "ok" : "FAILED", test.unit, test.name));
  for (const support::Diagnostic& failure : failures) console.report(failure, sources.map, Console::Stream::kAnswer);
}

struct Counts {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

/// Runs the tests that the filter names; an error ends them.
std::optional<host::EngineError> run_tests(const TestArguments& arguments, const host::Release& release,
                                           const host::Sources& sources, Console& console, Counts& counts) {
  EngineChoice choice(arguments.engine, release.budget, {}, /*tests=*/true);
  host::TestRunner runner(
      release, [&](const ir::Program& program, const ir::Config& config) { return choice.make(program, config); });
  for (const ir::Test& test : release.program.tests) {
    if (test.name.find(arguments.filter) == std::string::npos) continue;
    const auto failures = runner.run(test);
    if (!failures) return failures.error();
    print(test, *failures, sources, console);
    ++(failures->empty() ? counts.passed : counts.failed);
  }
  return std::nullopt;
}

ExitStatus test_command(const TestArguments& arguments, Console& console) {
  host::Sources sources;
  host::load(sources, arguments.release.load);
  const std::optional<host::Release> release = check_release(sources, {.tier = arguments.release.tier, .tests = true});
  console.report(sources.diagnostics, sources.map, Console::Stream::kTalk);
  if (!release) return status_of(sources.diagnostics);
  Counts counts;
  std::optional<host::EngineError> error;
  support::on_deep_stack([&] { error = run_tests(arguments, *release, sources, console, counts); });
  if (error) return report(*error, sources.map, console);
  if (counts.passed + counts.failed == 0) {
    console.say(arguments.filter.empty() ? "no tests found"
                                         : fmt::format("no test is named like `{}`", arguments.filter));
    return ExitStatus::kNo;
  }
  if (console.format() != Format::kJson) {
    console.print(fmt::format("{} passed, {} failed\n", counts.passed, counts.failed));
  }
  return counts.failed == 0 ? ExitStatus::kYes : ExitStatus::kNo;
}

}  // namespace

Action add_test(CLI::App& app) {
  auto arguments = std::make_shared<TestArguments>();
  add_release_options(app, arguments->release);
  app.add_option("--filter", arguments->filter, "Only tests whose name holds this text")->type_name("TEXT");
  add_engine_options(app, arguments->engine);
  app.footer(kFooter);
  return [arguments](Console& console) { return test_command(*arguments, console); };
}

}  // namespace writ::tools
