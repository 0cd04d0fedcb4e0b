// What a thread keeps for its calls of live releases: arena, place in nested calls, values emitted and not yet handed over.
//
// Made on a thread's first call and freed at its end; later calls take no memory (but for an engine with a larger quota, on
// the thread's first call of that). One arena serves all engines: what a call of another tier or engine left in it is zeroed
// before the next begins. Used by its own thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "host/live_stats.h"
#include "runtime/abi.h"
#include "support/limits.h"
#include "support/poison.h"

namespace writ::host {

struct LiveFunction;
class LiveThread;

/// This thread's; null before its first call. Initial-exec, as reclaim::fast_slot is, and for the same reason.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local LiveThread* live_thread;

/// A call under way. Every frame that generated code sees here is one.
struct LiveFrame : runtime::Frame {
  std::int32_t depth;  // calls around it
  bool has_emitted;    // then what it emitted begins at first_emitted
  std::size_t first_emitted;
  std::int64_t spare_fuel;  // of a call that is not counted: what calls inside it may use
  bool is_counted;

  /// What calls inside this one draw on.
  [[nodiscard]] std::int64_t& fuel_inside() { return is_counted ? fuel : spare_fuel; }
};

/// One call of an `emits` function, before it is handed over. Its arguments' words are in LiveThread::emitted_words.
struct EmittedCall {
  const LiveFunction* function;
  std::size_t first_word;
};

/// Zeroed memory from the system, touched only as it is used; empty when the system has none.
class ArenaMemory {
 public:
  ArenaMemory() = default;
  explicit ArenaMemory(std::size_t bytes);
  ArenaMemory(ArenaMemory&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  ArenaMemory& operator=(ArenaMemory&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~ArenaMemory();
  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

class LiveThread {
 public:
  /// This thread's; made when it is not there.
  [[nodiscard]] static LiveThread& own() noexcept {
    if (live_thread == nullptr) [[unlikely]]
      begin();
    return *live_thread;
  }

  /// Whether the last call on this thread that was inside no other was one of the engine whose roster this is. Then `outermost`
  /// is prepared, and its counts are `last_seat`.
  [[nodiscard]] bool sits_at(const Roster& roster) const noexcept { return last_roster_ == &roster; }
  [[nodiscard]] bool is_idle_at(const Roster& roster) const noexcept { return around == nullptr && sits_at(roster); }
  [[nodiscard]] Seat& last_seat() const noexcept { return *last_seat_; }
  /// The seat for an engine. `arena_bytes`: the most that one of its tiers may use.
  [[nodiscard]] Seat& find_seat(const std::shared_ptr<Roster>& roster, std::size_t arena_bytes) noexcept;

  /// Gives `frame` up to `bytes` (a multiple of 8) of the arena, behind what the call around it has taken; fewer where that one
  /// or the system leaves fewer. `owner` says whose values may lie there.
  void lend_arena(runtime::Frame& frame, const LiveFrame* around, std::int64_t bytes, std::uint64_t owner) noexcept {
    const std::span<std::byte> rest =
        around == nullptr ? arena_.bytes() : std::span(around->arena_next, around->arena_end);
    if (owner != owner_) [[unlikely]]
      clear_for(owner, rest.data());
    frame.arena_next = rest.data();
    frame.arena_end = rest.data() + std::min<std::int64_t>(bytes, std::ssize(rest));
    support::unpoison(frame.arena_next, static_cast<std::size_t>(frame.arena_end - frame.arena_next));
  }
  [[nodiscard]] bool owns(std::uint64_t owner) const noexcept { return owner_ == owner; }
  /// Notes how far a call has written. Its values stay until the answer is closed.
  void take_arena_back(const runtime::Frame& frame, std::byte* start) noexcept {
    if (frame.arena_next > written_end_) written_end_ = frame.arena_next;
    if constexpr (support::kHasPoison) open_ = {start, frame.arena_next};
  }
  /// What the last call left is not to be read any more.
  void close_answer() noexcept {
    if constexpr (support::kHasPoison) {
      support::poison(open_.data(), open_.size());
      open_ = {};
    }
  }

  std::uintptr_t stack_end = 0;  // generated code that recurses stays above
  LiveFrame* around = nullptr;   // the innermost call under way on this thread
  bool is_telling = false;       // inside the engine's trap handler
  /// Of a call that is inside no other. Kept, so that what is the same for all calls of an engine is written once.
  LiveFrame outermost;
  std::vector<EmittedCall> emitted;
  std::vector<std::uint64_t> emitted_words;

 private:
  LiveThread();
  static void begin() noexcept;
  void clear_for(std::uint64_t owner, std::byte* start) noexcept;

  const Roster* last_roster_ = nullptr;  // null: no call yet, or the system had no memory for the arena
  Seat* last_seat_ = nullptr;
  ArenaMemory arena_;
  std::byte* written_end_ = nullptr;  // behind it the arena is zero
  std::span<std::byte> open_;         // what the last call left, until its answer is closed; only to poison it then
  std::uint64_t owner_ = 0;           // of what lies before written_end_; 0: several
  std::vector<std::unique_ptr<Seat>> seats_;
};

}  // namespace writ::host
