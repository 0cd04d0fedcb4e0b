// ./dev bench reclaim: nanoseconds that holding the current release adds to a call, in the ways there are to hold one.
//
// Every way makes the same call through the same published pointer; what it takes longer than the bare call, which
// holds nothing, is its price. Each round gives every way in turn the same calls; a figure is a median over the rounds
// of this one run. One thread and no swap: what others do to a counter that they share would only be worse. A section
// costs less than where a loop happens to be laid out in memory, so that what it adds can come out negative.
#define _LGPL_SOURCE  // liburcu's read side in place, as ours is; NOLINT(bugprone-reserved-identifier): its name
#include <fmt/format.h>
#include <urcu/urcu-memb.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/measure.h"
#include "host/reclaim.h"
#include "support/check.h"

namespace writ::bench {
namespace {

constexpr std::uint64_t kCalls = 200'000;
constexpr int kWarmRounds = 2;
constexpr int kRounds = 101;

[[gnu::noinline]] std::uint64_t decide(std::uint64_t input) { return input ^ 0x5bd1e995; }

// A release as callers see it.
struct Table final : host::Retirable {
  explicit Table(host::Reclaimer& reclaimer) : Retirable(reclaimer) {}
  std::uint64_t (*slot)(std::uint64_t) = decide;
};

std::atomic<const Table*> current{nullptr};

[[gnu::always_inline]] inline const Table* load() { return current.load(std::memory_order_acquire); }

std::uint64_t bare(std::uint64_t input) { return load()->slot(input); }

std::uint64_t in_section(std::uint64_t input) {
  const host::ReadSection section;
  return load()->slot(input);
}

std::uint64_t in_nested_section(std::uint64_t input) {
  const host::ReadSection outer;
  return in_section(input);
}

std::uint64_t pinned(std::uint64_t input) {
  const host::Pin pin = [] {
    const host::ReadSection section;
    return host::Pin(*load());
  }();
  return load()->slot(input);
}

std::uint64_t in_urcu_section(std::uint64_t input) {
  urcu_memb_read_lock();
  const std::uint64_t answer = load()->slot(input);
  urcu_memb_read_unlock();
  return answer;
}

alignas(64) std::atomic<std::uint64_t> announced{0};  // read once, at the end: else its stores could be left out

std::uint64_t stored_seq_cst(std::uint64_t input) {
  announced.store(1, std::memory_order_seq_cst);
  const std::uint64_t answer = load()->slot(input);
  announced.store(0, std::memory_order_release);
  return answer;
}

alignas(64) std::atomic<std::uint64_t> references{1};

std::uint64_t counted(std::uint64_t input) {
  references.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t answer = load()->slot(input);
  references.fetch_sub(1, std::memory_order_release);
  return answer;
}

std::atomic<std::shared_ptr<const Table>> shared;

std::uint64_t through_shared_ptr(std::uint64_t input) { return shared.load(std::memory_order_acquire)->slot(input); }

// The loop is compiled around each way, as a caller's would be. No call waits for the answer of the one before, behind
// which the price of a section would hide.
template <auto Way>
[[gnu::noinline]] std::uint64_t call_often() {
  std::uint64_t sum = 0;
  for (std::uint64_t call = 0; call < kCalls; ++call) sum += Way(call);
  return sum;
}

struct Way {
  std::string_view name;
  std::string_view figure;
  std::uint64_t (*calls)();
  std::vector<double> call_ns = {};  // one a round
};

void measure(std::vector<Way>& ways) {
  const std::uint64_t expected = ways.front().calls();
  for (int round = 0; round < kWarmRounds + kRounds; ++round) {
    for (std::size_t turn = 0; turn < ways.size(); ++turn) {
      // Each round begins with another way, so that none is always behind the same neighbour.
      Way& way = ways[(turn + static_cast<unsigned>(round)) % ways.size()];
      const std::int64_t start_ns = now_ns();
      const std::uint64_t sum = way.calls();
      const double ns = static_cast<double>(now_ns() - start_ns) / static_cast<double>(kCalls);
      WRIT_CHECK(sum == expected);
      if (round >= kWarmRounds) way.call_ns.push_back(ns);
    }
  }
}

// What a way costs beyond the bare call of its round.
double added_ns(const Way& way, const Way& bare) {
  std::vector<double> added;
  added.reserve(way.call_ns.size());
  for (std::size_t round = 0; round < way.call_ns.size(); ++round) {
    added.push_back(way.call_ns[round] - bare.call_ns[round]);
  }
  return median(std::move(added));
}

std::vector<Way> all_ways() {
  return {{"bare call", "", call_often<bare>},
          {"section", "section", call_often<in_section>},
          {"section in a section", "nested", call_often<in_nested_section>},
          {"section and pin", "pin", call_often<pinned>},
          {"liburcu memb, in place", "urcu_memb", call_often<in_urcu_section>},
          {"sequentially consistent store", "seq_cst", call_often<stored_seq_cst>},
          {"reference count", "count", call_often<counted>},
          {"atomic<shared_ptr>", "shared_ptr", call_often<through_shared_ptr>}};
}

void print_results(const std::vector<Way>& ways) {
  const Way &bare = ways[0], &section = ways[1];
  fmt::print("medians of {} rounds of {} calls\n\n{:32} {:>8} {:>8}\n", kRounds, kCalls, "nanoseconds a call", "call",
             "added");
  for (const Way& way : ways) {
    fmt::print("{:32} {:8.2f} {:8.2f}\n", way.name, median(way.call_ns), added_ns(way, bare));
  }
  fmt::print("\n");
  for (const Way& way : ways) {
    if (!way.figure.empty()) print_figure(fmt::format("reclaim.{}_ns", way.figure), added_ns(way, bare), "ns");
  }
  for (const Way& way : ways) {
    if (&way == &section) continue;
    const std::string_view name = way.figure.empty() ? "bare" : way.figure;
    print_figure(fmt::format("reclaim.{}_over_section", name), median(way.call_ns) / median(section.call_ns));
  }
}

int run() {
  auto reclaimer = host::Reclaimer::start();
  if (!reclaimer) {
    fmt::print(stderr, "{}\n", reclaimer.error());
    return 4;
  }
  auto table = std::make_unique<Table>(**reclaimer);
  current.store(table.get(), std::memory_order_release);
  // Borrowed: what is measured is the count beside it.
  shared.store(std::shared_ptr<const Table>(table.get(), [](const Table*) {}), std::memory_order_release);
  urcu_memb_register_thread();
  const std::optional<int> core = stay_on_this_core();
  fmt::print("C++ by {}; {}\n", __VERSION__, core ? fmt::format("on core {}", *core) : "not bound to a core");

  std::vector<Way> ways = all_ways();
  measure(ways);
  print_results(ways);

  WRIT_CHECK(announced.load(std::memory_order_acquire) == 0);
  urcu_memb_unregister_thread();
  shared.store(nullptr, std::memory_order_release);
  current.store(nullptr, std::memory_order_release);
  (*reclaimer)->retire(std::move(table));
  return 0;
}

}  // namespace
}  // namespace writ::bench

int main() { return writ::bench::run(); }
