// ./dev bench swap: how long a commit takes until its release answers, and what callers notice of it.
//
// First one thread commits alone: a text that no round has seen before, then texts that the engine has compiled before.
// Then callers ask in an open loop, with and without a publisher beside them, in short windows by turns. Latency counts
// from when a call was meant to start, not from when it did: a call that has to wait for the one before it has waited.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <writ/writ.hpp>

#include "bench/measure.h"
#include "support/check.h"

namespace writ::bench {
namespace {

constexpr int kCommits = 41;
constexpr std::size_t kKnownTexts = 8;

constexpr std::int64_t kStartsASecond = 100'000;  // of all callers
constexpr std::int64_t kSwapsASecond = 200;
constexpr double kLeastSwapsASecond = 100;  // else nothing has been measured
constexpr std::uint64_t kFreshEvery = 10;   // of the publisher's swaps one in this many is a new text
constexpr std::int64_t kWindowNs = 200'000'000;
constexpr int kWindows = 40;  // with swaps, and as many without

// ---- texts -------------------------------------------------------------------------------------

constexpr const char* kSchema = R"(schema shop
record Order { cents: int(0..10_000_000), country: string(..2), items: int(0..1_000), member: bool }
slot discount(order: Order) -> int else 0
tier standard { fuel 20_000  memory 32KiB  stack 16KiB }
)";

struct Order {
  std::int64_t cents;
  std::string_view country;
  std::int64_t items;
  bool member;
};

/// A policy whose answer to kOrder is its number. No two texts share a name of their own.
std::string policy_text(std::uint64_t number) {
  return fmt::format(R"(policy discounts for shop
fn basic_{0}(order: Order) -> int = order.member ? order.cents / 20 : 0
slot discount(order) = decide {{
  0                       "too small {0}" when order.cents < 100
  basic_{0}(order) + {0}  "many {0}"      when order.country in {{"de", "fr", "nl"}} && order.items > 10
  else {0}
}}
)",
                     number);
}

constexpr Order kOrder{.cents = 5'000, .country = "nl", .items = 3, .member = true};

// ---- the shop ----------------------------------------------------------------------------------

class Shop {
 public:
  /// Nanoseconds until a text that has never been seen answers on this thread.
  std::int64_t commit_fresh() { return commit(kKnownTexts + ++fresh_); }
  /// The same for a text that has been committed before, but not lately enough to be kept for rollback.
  std::int64_t commit_known() { return commit(1 + ++known_ % kKnownTexts); }

  [[nodiscard]] std::int64_t discount(const Order& order) const { return slot_(order); }

 private:
  std::int64_t commit(std::uint64_t number) {
    const std::string text = policy_text(number);
    const std::int64_t start_ns = now_ns();
    auto release = engine_.stage().source("discounts.writ", text).commit();
    const std::int64_t answer = release ? slot_(kOrder) : -1;
    const std::int64_t took_ns = now_ns() - start_ns;
    if (!release) {
      fmt::print(stderr, "{}", release.error().pretty());
      std::exit(4);
    }
    WRIT_CHECK(answer == static_cast<std::int64_t>(number));
    return took_ns;
  }

  writ::Engine engine_{writ::Schema::from_text(kSchema)};
  writ::Slot<std::int64_t(const Order&)> slot_{engine_, "discount"};
  std::uint64_t fresh_ = 0;
  std::uint64_t known_ = 0;
};

struct CommitTimes {
  double fresh_ms;
  double known_us;
};

CommitTimes measure_commits(Shop& shop) {
  for (std::size_t text = 0; text < kKnownTexts; ++text) shop.commit_known();
  std::vector<double> fresh_ms, known_us;
  for (int commit = 0; commit < kCommits; ++commit) {
    fresh_ms.push_back(static_cast<double>(shop.commit_fresh()) / 1e6);
    known_us.push_back(static_cast<double>(shop.commit_known()) / 1e3);
  }
  return {median(std::move(fresh_ms)), median(std::move(known_us))};
}

// ---- callers -----------------------------------------------------------------------------------

constexpr std::array kShares = {0.5, 0.99, 0.999};
using Percentiles = std::array<double, kShares.size()>;

/// Asks at each of its intended starts, or as soon as it can after that.
void ask_in_time(const Shop& shop, std::int64_t first_ns, std::int64_t interval_ns, std::vector<double>& latencies) {
  for (int warm = 0; warm < 100; ++warm) WRIT_CHECK(shop.discount(kOrder) > 0);
  for (std::int64_t intended_ns = first_ns; intended_ns < first_ns + kWindowNs; intended_ns += interval_ns) {
    while (now_ns() < intended_ns) {
    }
    WRIT_CHECK(shop.discount(kOrder) > 0);
    latencies.push_back(static_cast<double>(now_ns() - intended_ns));
  }
}

/// The publisher's side of a window; how many swaps it made.
std::uint64_t publish_until(Shop& shop, std::int64_t end_ns) {
  std::uint64_t swaps = 0;
  for (std::int64_t next_ns = now_ns(); next_ns < end_ns; next_ns += 1'000'000'000 / kSwapsASecond) {
    const std::int64_t wait_ns = next_ns - now_ns();
    if (wait_ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait_ns));
    if (now_ns() >= end_ns) break;
    if (++swaps % kFreshEvery == 0) {
      shop.commit_fresh();
    } else {
      shop.commit_known();
    }
  }
  return swaps;
}

Percentiles percentiles(std::vector<double> latencies) {
  Percentiles found{};
  std::ranges::sort(latencies);
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    found[i] = latencies[static_cast<std::size_t>(kShares[i] * static_cast<double>(latencies.size()))];
  }
  return found;
}

struct Window {
  Percentiles latency_ns;
  std::uint64_t swaps;
};

/// A caller on each core but the first, where the publisher is.
Window measure_window(Shop& shop, int callers, bool swapping) {
  const std::int64_t start_ns = now_ns() + 5'000'000;  // by when all callers are there
  const std::int64_t interval_ns = 1'000'000'000 / kStartsASecond * callers;
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(callers));
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    std::vector<double>& own = latencies[static_cast<std::size_t>(caller)];
    own.reserve(static_cast<std::size_t>(kWindowNs / interval_ns) + 1);
    threads.emplace_back([&shop, &own, caller, callers, start_ns, interval_ns] {
      (void)stay_on_core(caller + 1);
      ask_in_time(shop, start_ns + interval_ns * caller / callers, interval_ns, own);
    });
  }
  const std::uint64_t swaps = swapping ? publish_until(shop, start_ns + kWindowNs) : 0;
  std::vector<double> all;
  for (std::size_t caller = 0; caller < threads.size(); ++caller) {
    threads[caller].join();
    all.insert(all.end(), latencies[caller].begin(), latencies[caller].end());
  }
  return {percentiles(std::move(all)), swaps};
}

struct Latencies {
  std::array<std::vector<double>, kShares.size()> ns;  // one a window
  std::uint64_t swaps = 0;

  void add(const Window& window) {
    for (std::size_t i = 0; i < kShares.size(); ++i) ns[i].push_back(window.latency_ns[i]);
    swaps += window.swaps;
  }
  [[nodiscard]] double swaps_a_second() const {
    return static_cast<double>(swaps) * 1e9 / static_cast<double>(kWindowNs * kWindows);
  }
};

// ---- running -----------------------------------------------------------------------------------

void print_row(std::string_view name, const Latencies& latencies) {
  fmt::print("{:16} {:12.0f}", name, latencies.swaps_a_second());
  for (const std::vector<double>& ns : latencies.ns) fmt::print(" {:8.0f}", median(ns));
  const auto [least, most] = std::ranges::minmax(latencies.ns.back());
  fmt::print(" {:8.0f} … {:.0f}\n", least, most);
}

void print_figures(std::string_view prefix, const Latencies& latencies, bool measured) {
  constexpr std::array kNames = {"p50_ns", "p99_ns", "p999_ns"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    print_figure(fmt::format("swap.{}{}", prefix, kNames[i]),
                 measured ? std::optional(median(latencies.ns[i])) : std::nullopt, "ns");
  }
}

int run() {
  const int callers = static_cast<int>(std::thread::hardware_concurrency()) - 1;
  const bool is_bound = stay_on_core(0);  // before the engine starts a thread, which then stays here too
  const auto shop = std::make_unique<Shop>();
  fmt::print("C++ by {}; publisher on core 0, {} caller(s) on the others\n", __VERSION__, callers);
  const CommitTimes commits = measure_commits(*shop);

  const bool has_cores = is_bound && callers > 0;
  Latencies quiet, swapping;
  for (int window = 0; has_cores && window < kWindows; ++window) {
    quiet.add(measure_window(*shop, callers, false));
    swapping.add(measure_window(*shop, callers, true));
  }
  if (has_cores) {
    fmt::print("{} windows of {} ms each, {} starts a second; medians over windows, nanoseconds\n\n", kWindows,
               kWindowNs / 1'000'000, kStartsASecond);
    fmt::print("{:16} {:>12} {:>8} {:>8} {:>8} {:>8}\n", "", "swaps/s", "p50", "p99", "p99.9", "p99.9 of windows");
    print_row("without swaps", quiet);
    print_row("with swaps", swapping);
    fmt::print("\n");
  }
  const bool measured = has_cores && swapping.swaps_a_second() >= kLeastSwapsASecond;
  print_figure("swap.fresh_ms", commits.fresh_ms, "ms");
  print_figure("swap.cached_us", commits.known_us, "us");
  print_figures("", swapping, measured);
  print_figures("quiet_", quiet, measured);
  print_figure("swap.p999_ratio",
               measured ? std::optional(median(swapping.ns.back()) / median(quiet.ns.back())) : std::nullopt);
  return measured ? 0 : 1;
}

}  // namespace
}  // namespace writ::bench

int main() { return writ::bench::run(); }
