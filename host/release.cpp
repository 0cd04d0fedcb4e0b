#include "host/release.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "frontend/check.h"
#include "frontend/config.h"

namespace writ::host {
namespace {

Budget tier_budget(const ir::Program& program, std::string_view tier) {
  for (const ir::Tier& row : program.tiers) {
    if (tier.empty() || row.name == tier) return budget_of(row);
  }
  return {};
}

void report_missing_schema(Sources& sources) {
  const support::Span nowhere{.source = sources.map.add("writ", "").id()};
  sources.diagnostics
      .error(support::Code::kSchemaNotFound, nowhere, "no schema was given, and no unit says which it needs")
      .help = "say where it is: --schema FILE";
}

}  // namespace

std::optional<CheckedUnits> check_units(Sources& sources, const ReleaseOptions& options) {
  if (sources.diagnostics.has_errors()) return std::nullopt;
  if (!sources.schema) {
    report_missing_schema(sources);
    return std::nullopt;
  }
  const std::vector<const ast::File*> units = unit_pointers(sources);
  auto program = frontend::check(
      *sources.schema, units,
      {.tier = options.tier, .tests = options.tests, .unused = options.unused, .question = options.question},
      sources.diagnostics);
  if (!program) return std::nullopt;
  const Budget budget = tier_budget(*program, options.tier);
  return CheckedUnits{*std::move(program), budget};
}

std::optional<Release> check_release(Sources& sources, const ReleaseOptions& options) {
  auto units = check_units(sources, options);
  if (!units) return std::nullopt;
  auto config = frontend::configure(units->program, sources.layers, sources.diagnostics);
  if (!config) return std::nullopt;
  return Release{std::move(units->program), std::move(config->values), units->budget, std::move(config->origins)};
}

}  // namespace writ::host
