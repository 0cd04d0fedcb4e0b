#include "tests/soak/run.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

#include "support/limits.h"
#include "tests/soak/below_api.h"
#include "tests/soak/caller.h"
#include "tests/soak/group.h"
#include "tests/soak/process_state.h"
#include "tests/soak/publisher.h"

namespace writ::soak {
namespace {

using Clock = std::chrono::steady_clock;

/// Swaps before anything is measured: a quarter of them up to so many, or as many as fill every cache there is, whichever is
/// more; never more than half.
constexpr std::uint64_t kMostWarmSwaps = 2'000;
constexpr std::uint64_t kWarmFresh = support::limits::kCachedReleases + 16;

std::uint64_t warm_swaps(const Share& share) {
  const std::uint64_t wanted = std::max(std::min(share.swaps / 4, kMostWarmSwaps), kWarmFresh * share.period());
  return std::min(wanted, share.swaps / 2) / share.period() * share.period();
}

/// Says how far a soak is, every ten seconds while this stands.
class Progress {
 public:
  Progress(const Options& options, const Counts& counts)
      : thread_([&](std::stop_token stop) { run(stop, options, counts); }) {}

 private:
  static void run(const std::stop_token& stop, const Options& options, const Counts& counts) {
    constexpr std::chrono::seconds kPeriod{10};
    const auto start = Clock::now();
    std::mutex mutex;
    std::condition_variable_any until_stop;
    std::unique_lock lock(mutex);
    while (!until_stop.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); })) {
      fmt::print(stderr, "soak: {} s, {} of {} swaps, {} calls, {} names, {} failed, {} torn\n",
                 std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count(), counts.swaps.load(),
                 options.swaps, counts.calls.load(), counts.names.load(), counts.failed.load(), counts.torn.load());
    }
  }

  std::jthread thread_;
};

class Soak {
 public:
  Soak(const Options& options, Counts& counts)
      : options_(options),
        counts_(counts),
        deadline_(Clock::now() + std::chrono::hours(options.seconds == 0 ? 24 : 0) +
                  std::chrono::seconds(options.seconds)) {
    for (unsigned i = 0; i < options.groups; ++i) {
      const Share share = share_of(i);
      groups_.push_back(std::make_unique<Group>(share.swaps));
      publishers_.push_back(std::make_unique<Publisher>(*groups_.back(), options_, share, next_stamp_, counts_));
      shares_.push_back(share);
    }
  }

  void run() {
    // The allocator maps an arena for a thread that allocates while all others do: a parse has a thread of its own, and now and
    // then two overlap for the first time. This many are there when the soak is warm, and no more come.
    mallopt(M_ARENA_MAX, 10);
    // Callers want a release to ask.
    for (const auto& publisher : publishers_) publisher->run_to(1, deadline_);
    std::barrier together(static_cast<std::ptrdiff_t>(publishers_.size()) + 1);
    std::atomic<bool> stop{false};
    const std::vector<std::jthread> callers = start_callers(stop);
    const std::vector<std::jthread> publishers = start_publishers(together);
    std::ignore = process_state();  // looking takes memory too, the first time
    const ProcessState warm = state_between(together);
    const ProcessState end = state_between(together);
    stop = true;
    for (const auto& group : groups_) group->journal.close();
    counts_.rss_drift_kb = end.rss_kb - warm.rss_kb;
    counts_.maps_drift = end.maps - warm.maps;
    counts_.fds_drift = end.fds - warm.fds;
    counts_.threads_drift = end.threads - warm.threads;
    report_times();
  }

 private:
  [[nodiscard]] Share share_of(unsigned group) const {
    const auto part = [&](std::uint64_t whole) {
      return whole / options_.groups + (group < whole % options_.groups ? 1 : 0);
    };
    const std::uint64_t fresh = part(options_.fresh);
    return {.swaps = part(options_.swaps),
            .fresh = fresh,
            .names = options_.fresh == 0 ? 0 : (options_.names + options_.fresh - 1) / options_.fresh};
  }

  /// Each goes on until its group is warm, waits while that is measured, and goes on to its end.
  std::vector<std::jthread> start_publishers(std::barrier<>& together) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < publishers_.size(); ++i) {
      threads.emplace_back([this, i, &together] {
        for (const std::uint64_t until : {warm_swaps(shares_[i]), shares_[i].swaps}) {
          publishers_[i]->run_to(until, deadline_);
          together.arrive_and_wait();
          together.arrive_and_wait();
        }
      });
    }
    return threads;
  }

  /// Waits for all publishers, and measures while they wait and what can be freed is.
  ProcessState state_between(std::barrier<>& together) {
    together.arrive_and_wait();
    for (const auto& group : groups_) group->journal.close();
    for (const auto& publisher : publishers_) publisher->settle();
    const ProcessState state = process_state();
    for (const auto& group : groups_) group->journal.open();
    together.arrive_and_wait();
    return state;
  }

  std::vector<std::jthread> start_callers(const std::atomic<bool>& stop) {
    std::vector<std::jthread> callers;
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < (options_.callers == 0 ? cores : options_.callers); ++i) {
      callers.emplace_back([&] { as_caller([&] { ask_all(groups_, stop, counts_); }); });
    }
    for (const auto& group : groups_) {
      callers.emplace_back([&] { as_caller([&] { ask_slowly(*group, stop, counts_); }); });
    }
    return callers;
  }

  void as_caller(const std::function<void()>& work) const {
    if (options_.fault == Fault::kNoPin) hide_from_reclaimer();
    work();
  }

  void report_times() const {
    SwapTimes fresh, known, rolled_back;
    const auto add = [](SwapTimes& sum, const SwapTimes& more) {
      sum.count += more.count;
      sum.sum += more.sum;
    };
    for (const auto& publisher : publishers_) {
      add(fresh, publisher->fresh());
      add(known, publisher->known());
      add(rolled_back, publisher->rolled_back());
    }
    const auto mean_us = [](const SwapTimes& times) {
      return times.count == 0
                 ? 0
                 : std::chrono::duration<double, std::micro>(times.sum).count() / static_cast<double>(times.count);
    };
    fmt::print(stderr, "soak: a swap took on average {:.0f} us fresh ({}), {:.0f} us known ({}), {:.0f} us back ({})\n",
               mean_us(fresh), fresh.count, mean_us(known), known.count, mean_us(rolled_back), rolled_back.count);
  }

  const Options& options_;
  Counts& counts_;
  Clock::time_point deadline_;
  std::atomic<std::uint64_t> next_stamp_{1};
  Groups groups_;
  std::vector<Share> shares_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
};

}  // namespace

void run(const Options& options, Counts& counts) {
  go_below(options, counts);
  {
    Soak soak(options, counts);
    const Progress progress(options, counts);
    soak.run();
  }
  counts.is_complete = true;
}

}  // namespace writ::soak
