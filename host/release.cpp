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

std::vector<std::int64_t> fuel_of(const SlotBounds& bounds) {
  std::vector<std::int64_t> fuel;
  for (const std::optional<ir::CallBound>& bound : bounds) fuel.push_back(bound ? bound->fuel : 0);
  return fuel;
}

void report_missing_schema(Sources& sources) {
  const support::Span nowhere{.source = sources.map.add("writ", "").id()};
  sources.diagnostics
      .error(support::Code::kSchemaNotFound, nowhere, "no schema was given, and no unit says which it needs")
      .help = "say where it is: --schema FILE";
}

}  // namespace

std::optional<Release> check_release(Sources& sources, const ReleaseOptions& options) {
  if (sources.diagnostics.has_errors()) return std::nullopt;
  if (!sources.schema) {
    report_missing_schema(sources);
    return std::nullopt;
  }
  const std::vector<const ast::File*> units = unit_pointers(sources);
  auto program = frontend::check(*sources.schema, units,
                                 {.tier = options.tier, .tests = options.tests, .question = options.question},
                                 sources.diagnostics);
  if (!program) return std::nullopt;
  auto config = frontend::configure(*program, sources.layers, sources.diagnostics);
  if (!config) return std::nullopt;
  const ir::Tier* const tier = find_tier(*program, options.tier);
  const bool is_proven = tier != nullptr && tier->proven;
  SlotBounds bounds;
  if (is_proven || options.bounds) bounds = find_bounds(*program, *config);
  if (is_proven) refuse_unproven(*program, bounds, *tier, sources.diagnostics);
  if (sources.diagnostics.has_errors()) return std::nullopt;
  const Budget budget = tier != nullptr ? budget_of(*tier) : Budget{};
  std::vector<std::int64_t> proven_fuel = is_proven ? fuel_of(bounds) : std::vector<std::int64_t>{};
  return Release{.program = *std::move(program),
                 .config = *std::move(config),
                 .budget = budget,
                 .bounds = std::move(bounds),
                 .proven_fuel = std::move(proven_fuel)};
}

}  // namespace writ::host
