// What an engine counts: calls, traps and fuel of each slot, without a shared word on the call path.
//
// Each thread counts in a Seat of its own, where only it writes. A reader adds the seats up; a thread that ends leaves its
// counts in the Roster. Sums are not a snapshot: calls under way are counted when they end.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/abi.h"

namespace writ::host {

/// By number of the trap; 0 counts calls that ended without one.
inline constexpr std::size_t kEndings = std::size(runtime::kTrapRows) + 1;

struct SlotCounts {
  std::array<std::uint64_t, kEndings> endings{};
  std::uint64_t fuel = 0;

  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] std::uint64_t traps() const { return calls() - endings[0]; }
};

class Roster;

/// One thread's counts for one engine.
class Seat {
 public:
  /// Keeps the roster alive, which may outlive its engine.
  explicit Seat(std::shared_ptr<Roster> roster);
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  /// By the thread that sits here.
  void count(std::size_t slot, runtime::Trap ending, std::int64_t fuel) {
    Row& row = rows_[slot];
    add(row.endings[static_cast<std::size_t>(ending)], 1);
    add(row.fuel, static_cast<std::uint64_t>(fuel));
  }
  [[nodiscard]] bool is_of(const Roster& roster) const { return roster_.get() == &roster; }
  [[nodiscard]] bool is_abandoned() const;

 private:
  friend class Roster;
  using Count = std::atomic<std::uint64_t>;
  struct Row {
    std::array<Count, kEndings> endings{};
    Count fuel{0};
  };
  /// One writer: no read-modify-write is needed.
  static void add(Count& count, std::uint64_t more) {
    count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }

  std::shared_ptr<Roster> roster_;
  std::unique_ptr<Row[]> rows_;
};

/// All seats of an engine. Thread-safe.
class Roster {
 public:
  explicit Roster(std::size_t slot_count) : left_(slot_count) {}

  [[nodiscard]] std::vector<SlotCounts> sum() const;
  /// The engine is gone: threads may drop their seats.
  void abandon() { is_abandoned_.store(true, std::memory_order_relaxed); }

 private:
  friend class Seat;
  void enter(Seat& seat);
  void leave(Seat& seat);
  static void add_up(const Seat& seat, std::vector<SlotCounts>& sums);

  mutable std::mutex mutex_;
  std::vector<Seat*> seats_;
  std::vector<SlotCounts> left_;  // by threads that have ended
  std::atomic<bool> is_abandoned_{false};
};

}  // namespace writ::host
