// `writ check`: what is wrong with a release, without running it.

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "frontend/check.h"
#include "host/release.h"
#include "tools/cost_table.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Findings go to standard output; status 1 when one is an error.\n\n"
    "Examples:\n"
    "  writ check access.writ --schema gateway.writ\n"
    "  writ check policies/ --config prod.toml --tier tenant\n"
    "  writ check policies/ --cost                   the most that a call of each slot can use\n"
    "  writ check gateway.writ                       a schema alone\n"
    "  writ check policies/ --format short           one line a finding\n";

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

struct CheckArguments {
  ReleaseArguments release;
  bool cost = false;
};

/// Checked, and with a schema alone nothing more to say.
struct Checked {
  bool good = false;
  std::optional<host::Release> release;
};

Checked check(host::Sources& sources, const CheckArguments& arguments) {
  if (sources.diagnostics.has_errors()) return {};
  if (sources.schema && sources.units.empty()) {
    const bool good = frontend::check_schema(*sources.schema, sources.diagnostics).has_value();
    return {.good = good, .release = std::nullopt};
  }
  auto release = host::check_release(
      sources,
      {.tier = arguments.release.tier, .tests = true, .unused = true, .bounds = arguments.cost, .question = nullptr});
  return {.good = release.has_value(), .release = std::move(release)};
}

/// Slots without bound as warnings; then the table.
void print_cost(const host::Release& release, host::Sources& sources, Console& console) {
  for (ir::SlotId slot = 0; slot < release.bounds.size(); ++slot) {
    const std::optional<ir::CallBound>& bound = release.bounds[slot];
    if (!bound || !bound->unbounded) continue;
    console.report(host::unbounded_cost(release.program, slot, *bound->unbounded, support::Code::kNoCostBound),
                   sources.map, Console::Stream::kAnswer);
  }
  console.print(console.format() == Format::kJson ? cost_json(release) : cost_table(release));
}

ExitStatus check_command(const CheckArguments& arguments, Console& console) {
  host::Sources sources;
  host::load(sources, arguments.release.load);
  const Checked checked = check(sources, arguments);
  console.report(sources.diagnostics, sources.map, Console::Stream::kAnswer);
  if (!checked.good) return status_of(sources.diagnostics);
  if (checked.release && arguments.cost) print_cost(*checked.release, sources, console);
  if (console.format() == Format::kPretty) {
    console.say(fmt::format("{} and the schema {}: nothing wrong", counted(sources.units.size(), "unit", "units"),
                            sources.schema->name.text));
  }
  return ExitStatus::kYes;
}

}  // namespace

Action add_check(CLI::App& app) {
  auto arguments = std::make_shared<CheckArguments>();
  add_release_options(app, arguments->release);
  app.add_flag("--cost", arguments->cost, "Print the most that a call of each slot can use, and the tier's quota");
  app.footer(kFooter);
  return [arguments](Console& console) { return check_command(*arguments, console); };
}

}  // namespace writ::tools
