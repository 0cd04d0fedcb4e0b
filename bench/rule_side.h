// One contender of the rule bench: it decides prepared requests one by one, as a host would ask it.
//
// Every side goes through one call that the compiler cannot see through for each decision, and its answer is stored.
// A side is made once, does its set-up there, and says why when it cannot be made.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "bench/gate.h"

namespace writ::bench {

/// The requests of one pass: `arranged[i]` is a copy of `prepared[order[i]]`, so that typed sides read memory in
/// sequence; a side that made objects of its own from `prepared` finds them by `order`.
struct Pass {
  std::span<const Request> arranged;
  std::span<const std::uint32_t> order;
};

class Side {
 public:
  virtual ~Side() = default;
  /// Decides every request of the pass: answers[i] is 1 when arranged[i] may pass, else 0.
  virtual void decide(const Pass& pass, std::span<std::uint8_t> answers) = 0;
};

using MadeSide = std::expected<std::unique_ptr<Side>, std::string>;

/// rule_cpp.cpp through a function pointer.
[[nodiscard]] MadeSide make_cpp_side();

/// rule/access.writ compiled to native code, called through the program's stub with a fresh budget each time. kProven: as under a
/// proven tier, with all limits but the counters.
enum class Limits : std::uint8_t { kOn, kProven, kOff };
[[nodiscard]] MadeSide make_writ_side(Limits limits);

/// rule/access.lua under lua_pcall, on tables that exist already or that each call builds from the typed request.
enum class LuaTables : std::uint8_t { kReady, kBuilt };
[[nodiscard]] MadeSide make_lua_side(LuaTables tables, std::span<const Request> prepared);

}  // namespace writ::bench
