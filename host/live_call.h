// One question to a live release: budget, native call, else value after a trap, what was emitted.
//
// In: a slot, its arguments' words, perhaps a release that is pinned. Out: words and how it ended. No lock, no heap, no system
// call, nothing thrown, but on a thread's first call and after a trap. A call made by a host function runs inside the call
// that called the function: it draws on what that one has left of fuel, memory and stack.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/live_release.h"
#include "host/live_stats.h"
#include "host/live_thread.h"
#include "include/writ/writ.h"
#include "ir/image.h"
#include "runtime/abi.h"

namespace writ::host {

/// A host function as the engine holds it.
struct LiveFunction {
  ir::HostFunctionId id = 0;
  bool emits = false;
  std::size_t argument_words = 0;
  std::optional<std::size_t> size_word;  // of a result that is a text or a list: where its size is
  writ_host_function body = nullptr;     // null: nobody has provided it
  void* context = nullptr;
  std::atomic<std::uint64_t>* emit_failures = nullptr;

  /// The row of Frame::host that leads here.
  [[nodiscard]] runtime::HostFunction row();
};

/// What calls need of an engine; constant once the first call is made.
struct CallSite {
  const jit::Program* program = nullptr;
  const jit::Module* module = nullptr;
  std::vector<runtime::HostFunction> host;  // by HostFunctionId
  std::shared_ptr<Roster> roster;
  std::size_t arena_bytes = 0;  // the most that a tier may use
  std::uint64_t hash_seed = 0;
  std::uint64_t number = 0;  // of the engine, never used again in this process
};

/// A slot as callers hold it.
struct LiveSlot {
  const CallSite* site = nullptr;
  ir::SlotId id = 0;
  std::size_t argument_words = 0;
};

/// Negative: the tier's.
struct CallLimits {
  std::int64_t fuel = -1;
  std::int64_t memory = -1;
};

/// How a call ended. Words, reason and place are valid while the release is held and until the thread's next call.
struct Answer {
  enum class Source : std::uint8_t {
    kPolicy = WRIT_ANSWER_POLICY,  // or, where the release has no policy for the slot, its else value
    kElse = WRIT_ANSWER_ELSE,
    kHost = WRIT_ANSWER_HOST,
  };
  ir::Words words{};
  Source source = Source::kHost;
  runtime::Status status = 0;  // of the policy's call, after which an else value may have been asked for
  std::int64_t fuel = 0;
  std::int64_t memory = 0;

  [[nodiscard]] runtime::Trap trap() const { return runtime::status_trap(status); }
};

/// The caller holds the release: by a ReadSection in which it found it published, or by a Pin.
[[nodiscard]] Answer ask(const LiveSlot& slot, const LiveRelease& release, const std::uint64_t* arguments,
                         const CallLimits& limits) noexcept;

}  // namespace writ::host
