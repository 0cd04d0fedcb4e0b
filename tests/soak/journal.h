// Which release was current when, as far as it can be told from outside: what an answer is held against.
//
// In: one publisher that says when a swap begins and when it is visible. Out: to any number of callers, whether a stamp was
// current at some time between two of their looks. Keeps every swap of a run, so that no caller can be too late.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace writ::soak {

class Journal {
 public:
  explicit Journal(std::uint64_t swaps) : stamps_(swaps + 1) {}

  /// Before a swap begins, with the stamp that it leads to.
  void begin(std::uint64_t stamp) {
    stamps_[begun() + 1].store(stamp, std::memory_order_relaxed);
    begun_.fetch_add(1, std::memory_order_release);
  }
  /// When it is visible to all threads.
  void end() {
    done_.fetch_add(1, std::memory_order_release);
    wake();
  }
  /// While it is closed nobody waits for swaps.
  void open() { is_closed_.store(false); }
  void close() {
    is_closed_.store(true);
    wake();
  }

  /// Swaps that are certainly visible.
  [[nodiscard]] std::uint64_t done() const { return done_.load(std::memory_order_acquire); }
  /// Swaps that may be.
  [[nodiscard]] std::uint64_t begun() const { return begun_.load(std::memory_order_acquire); }
  /// Whether the stamp was current after `first` swaps, after `last`, or between.
  [[nodiscard]] bool was_current(std::uint64_t stamp, std::uint64_t first, std::uint64_t last) const {
    for (std::uint64_t i = first; i <= last; ++i) {
      if (stamps_[i].load(std::memory_order_relaxed) == stamp) return true;
    }
    return false;
  }
  /// Returns after that many more swaps.
  void wait_for(std::uint64_t swaps) const {
    const std::uint64_t wanted = done() + swaps;
    for (std::uint64_t pulse = pulse_.load(); done() < wanted && !is_closed_.load(); pulse = pulse_.load()) {
      pulse_.wait(pulse);
    }
  }

 private:
  void wake() {
    pulse_.fetch_add(1);
    pulse_.notify_all();
  }

  std::vector<std::atomic<std::uint64_t>> stamps_;  // by number of the swap
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> pulse_{0};  // changes whenever somebody who waits should look again
  std::atomic<bool> is_closed_{false};
};

}  // namespace writ::soak
