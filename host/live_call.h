// One question to a live release: budget, native call, else value after a trap, what was emitted.
//
// In: a slot, its arguments' words, perhaps a release that is pinned. Out: words and how it ended. No lock, no heap, no system
// call, nothing thrown, but on a thread's first call and after a trap. A call made by a host function runs inside the call
// that called the function: it draws on what that one has left of fuel, memory and stack.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/live_release.h"
#include "host/live_stats.h"
#include "host/live_thread.h"
#include "include/writ/writ.h"
#include "ir/image.h"
#include "jit/call.h"
#include "runtime/abi.h"

namespace writ::host {

/// A host function as the engine holds it.
struct LiveFunction {
  ir::HostFunctionId id = 0;
  bool emits = false;
  std::size_t argument_words = 0;
  std::optional<ir::TypeId> result;
  const ir::Types* types = nullptr;   // the schema's
  writ_host_function body = nullptr;  // null: nobody has provided it
  void* context = nullptr;
  std::atomic<std::uint64_t>* emit_failures = nullptr;

  /// The row of Frame::host that leads here.
  [[nodiscard]] runtime::HostFunction row();
};

/// Frees what a C caller handed over; see writ.h.
using Context = std::unique_ptr<void, void (*)(void*)>;

struct TrapHandler {
  void (*call)(void* context, const writ_trap* trap) = nullptr;
  Context context{nullptr, [](void*) {}};
};

/// What calls need of an engine; constant once the first call is made.
struct CallSite {
  const jit::SlotCode** running = nullptr;  // jit::Program::location()
  const TrapHandler* trap_handler = nullptr;
  std::vector<runtime::HostFunction> host;  // by HostFunctionId
  std::shared_ptr<Roster> roster;
  std::size_t arena_bytes = 0;  // the most that a tier may use
  std::uint64_t hash_seed = 0;

  /// The slots of the running release. Within a ReadSection: valid until it ends.
  [[nodiscard]] const jit::SlotCode* running_slots() const {
    // SAFETY: the stub's pointer: an aligned word, which publishing writes with one plain store.
    return std::atomic_ref(*running).load(std::memory_order_acquire);
  }
  [[nodiscard]] const LiveRelease& running_release() const { return LiveRelease::of(running_slots()); }
};

/// A slot as callers hold it.
struct LiveSlot {
  const CallSite* site = nullptr;
  std::uint32_t result_words = 0;
  ir::SlotId id = 0;
  jit::Caller caller = nullptr;  // for its number of words
};

/// Negative: the tier's.
struct CallLimits {
  std::int64_t fuel = -1;
  std::int64_t memory = -1;
};

/// Who answered.
enum class Source : int {
  kPolicy = WRIT_ANSWER_POLICY,  // or, where the release has no policy for the slot, its else value
  kElse = WRIT_ANSWER_ELSE,
  kHost = WRIT_ANSWER_HOST,
};

/// A trap as the engine's handler is told of it: after the call, when nothing of the release is held.
struct TrapNews {
  std::string slot;
  std::string file;
  std::uint32_t line;
  std::uint32_t column;
  runtime::Trap kind;
  std::uint64_t release;
};

/// Fills words, source, trap, fuel, memory, release and status of `answer`; valid while the release is held and until
/// the answer is closed. The caller holds the release: by a ReadSection in which it found it published, or by a Pin.
void ask(const LiveSlot& slot, const LiveRelease& release, const std::uint64_t* arguments, CallLimits limits,
         writ_answer& answer) noexcept;
/// The reason of the answer that `ask` gave last on this thread, where its status says kReasonInFrame. Valid as the answer is.
[[nodiscard]] runtime::StringStorage last_reason() noexcept;
/// The answer's memory is the thread's again. Before the thread's next call.
void close() noexcept;
/// Asks a slot whose result holds no address, of the pinned release or where that is null of the running one, and tells of a
/// trap. `words` takes the result's, if there is one.
Source ask_once(const LiveSlot& slot, const LiveRelease* pinned, const std::uint64_t* arguments,
                std::uint64_t* words) noexcept;

/// Nothing where nobody wants to know, or where it is the handler's own call that trapped.
[[nodiscard, gnu::cold]] std::unique_ptr<TrapNews> trap_news(const LiveSlot& slot, const LiveRelease& release,
                                                             runtime::Status status) noexcept;
[[gnu::cold]] void tell(const LiveSlot& slot, std::unique_ptr<TrapNews> news);
/// Where a trap of the slot came from, in the release's texts.
struct TrapPlace {
  std::string_view file;
  support::Place place;
};
[[nodiscard]] TrapPlace place_of(const LiveSlot& slot, const LiveRelease& release, runtime::Status status);

}  // namespace writ::host
