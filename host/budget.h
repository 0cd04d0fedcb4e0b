// What one call may use, and the process's side of it: quota of a tier, seed of hash indexes.
#pragma once

#include <cstdint>
#include <limits>

#include "ir/program.h"
#include "support/limits.h"

namespace writ::host {

/// Of one call. The defaults serve what has no tier: a slot's else value, an expression typed at a prompt.
struct Budget {
  std::int64_t fuel = support::limits::kConstantFuel;
  std::int64_t memory = support::limits::kConstantMemory;  // bytes
  std::int64_t stack = 64LL * 1024;                        // metered bytes
};

/// The frame's fuel of a call whose cost is proved: what is charged all the same (by built-ins, by the interpreter) never
/// ends it.
inline constexpr std::int64_t kUncountedFuel = std::numeric_limits<std::int64_t>::max();

[[nodiscard]] inline Budget budget_of(const ir::Tier& tier) {
  return {.fuel = tier.fuel, .memory = tier.memory, .stack = tier.stack};
}

/// Random, the same for the whole life of the process: nobody outside can make the keys of a map collide.
[[nodiscard]] std::uint64_t hash_seed();

}  // namespace writ::host
