// A checked release: what both engines take, and the quota it runs under.
//
// In: loaded sources without errors. Out: the typed program, the values of its knobs, the budget of its tier and where that is
// proven the proof; or nothing and diagnostics in the sources.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "frontend/check.h"
#include "host/budget.h"
#include "host/loader.h"
#include "host/proof.h"
#include "ir/program.h"

namespace writ::host {

/// What texts alone make; the values of its knobs are beside it.
struct CheckedUnits {
  ir::Program program;
  Budget budget;
  std::optional<ir::Tier> proven;  // its tier, where that is proven: with the values of the knobs, prove()
};

struct Release {
  ir::Program program;
  ir::Config config;
  Budget budget;
  std::vector<std::vector<support::Span>> origins = {};  // of the config's values: frontend::Configured
  SlotBounds bounds = {};                                // where the tier is proven, or they were asked for
  /// By SlotId, what a call reports as its fuel instead of being counted. Empty: calls are counted.
  std::vector<std::int64_t> proven_fuel = {};

  [[nodiscard]] bool is_proven() const { return !proven_fuel.empty(); }
};

struct ReleaseOptions {
  std::string_view tier;                         // empty: the schema's first
  bool tests = false;                            // keep test blocks
  bool unused = false;                           // warn of names that nothing uses
  bool bounds = false;                           // find the bounds under any tier
  const frontend::Question* question = nullptr;  // of a prompt
};

/// The sources' units, whatever their documents say.
[[nodiscard]] std::optional<CheckedUnits> check_units(Sources& sources, const ReleaseOptions& options);
[[nodiscard]] std::optional<Release> check_release(Sources& sources, const ReleaseOptions& options);

}  // namespace writ::host
