// `writ check`: what is wrong with a release, without running it.

#include <fmt/format.h>

#include <memory>
#include <string>

#include "frontend/check.h"
#include "host/release.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Findings go to standard output; status 1 when one is an error.\n\n"
    "Examples:\n"
    "  writ check access.writ --schema gateway.writ\n"
    "  writ check policies/ --config prod.toml --tier tenant\n"
    "  writ check gateway.writ                       a schema alone\n"
    "  writ check policies/ --format short           one line a finding\n";

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

bool check(host::Sources& sources, std::string_view tier) {
  if (sources.diagnostics.has_errors()) return false;
  if (sources.schema && sources.units.empty()) {
    return frontend::check_schema(*sources.schema, sources.diagnostics).has_value();
  }
  return host::check_release(sources, {.tier = tier, .tests = true, .unused = true}).has_value();
}

ExitStatus check_command(const ReleaseArguments& arguments, Console& console) {
  host::Sources sources;
  host::load(sources, arguments.load);
  const bool good = check(sources, arguments.tier);
  console.report(sources.diagnostics, sources.map, Console::Stream::kAnswer);
  if (!good) return status_of(sources.diagnostics);
  if (console.format() == Format::kPretty) {
    console.say(fmt::format("{} and the schema {}: nothing wrong", counted(sources.units.size(), "unit", "units"),
                            sources.schema->name.text));
  }
  return ExitStatus::kYes;
}

}  // namespace

Action add_check(CLI::App& app) {
  auto arguments = std::make_shared<ReleaseArguments>();
  add_release_options(app, *arguments);
  app.footer(kFooter);
  return [arguments](Console& console) { return check_command(*arguments, console); };
}

}  // namespace writ::tools
