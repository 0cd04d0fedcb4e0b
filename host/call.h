// Calls with a budget: one thread's frame and arena, a fresh quota for each call, the slot's else value after a trap.
//
// In: an engine, a budget, host functions (all borrowed). Out: an Outcome (what the engine said and used) or a Decision (what
// a host gets). A Caller belongs to the thread that made it, whose stack must be deep (support/deep_stack.h). The arena is zeroed
// when it is made and not between calls: one Caller serves one tenant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "host/budget.h"
#include "host/engine.h"
#include "host/host_functions.h"
#include "ir/image.h"
#include "ir/program.h"
#include "runtime/abi.h"
#include "support/source.h"

namespace writ::host {

/// One call as the engine left it. The words' memory is the arena's and the arguments': valid until the next call.
struct Outcome {
  ir::Words words{};
  runtime::Status status = 0;
  std::int64_t fuel = 0;            // used
  std::int64_t memory = 0;          // used, bytes
  std::int64_t nanoseconds = 0;     // of the call alone
  runtime::StringStorage reason{};  // where the status says kReasonInFrame

  [[nodiscard]] runtime::Trap trap() const { return runtime::status_trap(status); }
};

/// What a host gets for one question.
struct Decision {
  std::optional<ir::Value> answer;  // nothing: the host's own function answers
  runtime::Trap trap = runtime::Trap::kNone;
  std::optional<support::Span> place;      // of the trap
  std::optional<std::string_view> reason;  // of the rule that decided; valid as the outcome's words are
  std::vector<Emission> emitted;           // empty after a trap
  Outcome outcome;
};

class Caller {
 public:
  /// `proven_fuel`: Release::proven_fuel, by SlotId; empty: calls are counted. Borrowed.
  Caller(const ir::Program& program, const Engine& engine, const Budget& budget, HostFunctions& host,
         std::span<const std::int64_t> proven_fuel = {});

  [[nodiscard]] Outcome call(ir::FunctionId function, std::span<const std::uint64_t> arguments);
  /// Of a proven release: the slot's bound is its fuel, however the call ends.
  [[nodiscard]] Decision decide(ir::SlotId slot, std::span<const std::uint64_t> arguments);

 private:
  struct Arena {
    explicit Arena(std::int64_t bytes);
    struct Free {
      void operator()(std::byte* memory) const;
    };
    std::unique_ptr<std::byte, Free> memory;
    std::int64_t bytes;
  };

  [[nodiscard]] runtime::Frame make_frame(const Budget& budget, const Arena& arena) const;
  template <typename Run>
  Outcome measure(const Budget& budget, const Arena& arena, const Run& run);
  [[nodiscard]] std::optional<ir::Value> else_value(ir::SlotId slot, std::span<const std::uint64_t> arguments);

  const ir::Program& program_;
  const Engine& engine_;
  Budget budget_;
  Budget else_budget_;  // fresh and small: what is left of the policy's own is nothing
  HostFunctions& host_;
  std::span<const std::int64_t> proven_fuel_;
  Arena arena_;
  Arena else_arena_;
  std::uintptr_t native_stack_end_;
};

/// The reason that a status carries, if any; `text` is the frame's, for a reason that is a field of a row.
[[nodiscard]] std::optional<std::string_view> reason_of(const ir::Program& program, runtime::Status status,
                                                        const runtime::StringStorage& text);
/// The place of the trap that a status carries.
[[nodiscard]] support::Span place_of(const ir::Program& program, runtime::Status status);

}  // namespace writ::host
