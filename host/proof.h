// What the calls of a release can cost at most, held against its tier.
//
// In: a checked release. Out: the bound of each slot (ir/bound.h); under a proven tier an error for each slot whose bound is
// not finite or not within the tier's quota. Counts nothing and runs nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ir/bound.h"
#include "ir/program.h"
#include "support/diagnostic.h"

namespace writ::host {

/// By SlotId; nothing where the host's own function answers.
using SlotBounds = std::vector<std::optional<ir::CallBound>>;

[[nodiscard]] SlotBounds find_bounds(const ir::Program& program, const ir::Config& config);

/// By SlotId, what a call reports as its fuel instead of being counted. Nothing, and an error for each bound that keeps the tier
/// from running the release without counters.
[[nodiscard]] std::optional<std::vector<std::int64_t>> prove(const ir::Program& program, const SlotBounds& bounds,
                                                             const ir::Tier& tier, support::Diagnostics& diagnostics);

/// A slot without bound: what has none, where, and what bound would do.
[[nodiscard]] support::Diagnostic unbounded_cost(const ir::Program& program, ir::SlotId slot,
                                                 const ir::Unbounded& unbounded, support::Code code);

}  // namespace writ::host
