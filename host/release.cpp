#include "host/release.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "frontend/check.h"
#include "frontend/config.h"

namespace writ::host {
namespace {

const ir::Tier* find_tier(const ir::Program& program, std::string_view tier) {
  for (const ir::Tier& row : program.tiers) {
    if (tier.empty() || row.name == tier) return &row;
  }
  return nullptr;
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
  const ir::Tier* const tier = find_tier(*program, options.tier);
  const Budget budget = tier != nullptr ? budget_of(*tier) : Budget{};
  std::optional<ir::Tier> proven;
  if (tier != nullptr && tier->proven) proven = *tier;
  return CheckedUnits{.program = *std::move(program), .budget = budget, .proven = std::move(proven)};
}

std::optional<Release> check_release(Sources& sources, const ReleaseOptions& options) {
  auto units = check_units(sources, options);
  if (!units) return std::nullopt;
  auto config = frontend::configure(units->program, sources.layers, sources.diagnostics);
  if (!config) return std::nullopt;
  SlotBounds bounds;
  if (units->proven || options.bounds) bounds = find_bounds(units->program, config->values);
  std::vector<std::int64_t> proven_fuel;
  if (units->proven) {
    auto proof = prove(units->program, bounds, *units->proven, sources.diagnostics);
    if (!proof) return std::nullopt;
    proven_fuel = *std::move(proof);
  }
  return Release{.program = std::move(units->program),
                 .config = std::move(config->values),
                 .budget = units->budget,
                 .origins = std::move(config->origins),
                 .bounds = std::move(bounds),
                 .proven_fuel = std::move(proven_fuel)};
}

}  // namespace writ::host
