// The cost proof: what one call of each slot can use at most, from the bounds of the schema and the values of the knobs.
//
// In: a metered program and its configuration. Out: for each slot its most fuel, memory and stack in the metered units, or the
// first thing that has no bound. It follows the interpreter node by node with sizes for values (extent.h): a call that ends
// well, or traps, has never been charged more. It judges no quota: host/release does.
// What it does not see: which branches exclude one another, and values of numbers beyond their range.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ir/extent.h"
#include "ir/program.h"

namespace writ::ir {

/// What has no bound, and where that was met.
struct Unbounded {
  Factor factor;
  PlaceId place;
};

struct CallBound {
  std::int64_t fuel = 0;
  std::int64_t memory = 0;             // bytes
  std::int64_t stack = 0;              // metered bytes
  std::optional<Unbounded> unbounded;  // then fuel, memory or stack is kNoBound
};

/// By SlotId: of the policy's function, or without one of the else function. Nothing where the host's own function answers.
/// Uses the C++ stack: call it on a deep one (support/deep_stack.h).
[[nodiscard]] std::vector<std::optional<CallBound>> bound_slots(const Program& program, const Config& config);

}  // namespace writ::ir
