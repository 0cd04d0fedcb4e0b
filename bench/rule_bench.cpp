// ./dev bench rule: nanoseconds a decision of one small access rule, in Writ, in C++ by hand and in LuaJIT.
//
// All sides answer all requests alike before anything is measured. A round gives each side in turn the same passes over
// the same requests; a figure is the ratio of two sides' medians over the rounds of this one run. docs/benchmarks.md
// says why.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "bench/gate.h"
#include "bench/measure.h"
#include "bench/random.h"
#include "bench/rule_side.h"

namespace writ::bench {
namespace {

constexpr std::size_t kRequests = 1024;
constexpr int kWarmRounds = 2;
constexpr int kRounds = 31;
constexpr int kPasses = 64;  // in a round, of each side

enum class Order : std::uint8_t { kReshuffled, kFixed };

struct Contender {
  std::string_view name;
  std::unique_ptr<Side> side;      // null when it could not be made
  std::vector<double> reshuffled;  // nanoseconds a decision, one a round
  std::vector<double> fixed;

  [[nodiscard]] std::vector<double>& rounds(Order order) { return order == Order::kReshuffled ? reshuffled : fixed; }
};

Contender contender(std::string_view name, MadeSide made) {
  if (!made) fmt::print(stderr, "{}: not measured: {}\n", name, made.error());
  return {.name = name, .side = made ? std::move(*made) : nullptr, .reshuffled = {}, .fixed = {}};
}

// The prepared requests in an order of their own for each pass.
class Passes {
 public:
  explicit Passes(std::span<const Request> prepared)
      : prepared_(prepared), order_(prepared.size()), arranged_(prepared.size()) {}

  /// The same order for the same seed; valid until the next call.
  Pass shuffled(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::iota(order_.begin(), order_.end(), 0);
    std::shuffle(order_.begin(), order_.end(), random);
    for (std::size_t i = 0; i < order_.size(); ++i) arranged_[i] = prepared_[order_[i]];
    return {.arranged = arranged_, .order = order_};
  }

 private:
  std::span<const Request> prepared_;
  std::vector<std::uint32_t> order_;
  std::vector<Request> arranged_;
};

// Nanoseconds a decision of one side in one round: the median of its passes, because on a busy machine the passes of a
// slow side are interrupted more often than those of a fast one.
double measure_round(Side& side, Passes& passes, Order order, int round) {
  std::vector<std::uint8_t> answers(kRequests);
  std::vector<double> pass_ns;
  for (int number = 0; number < kPasses; ++number) {
    const int seed_offset = order == Order::kReshuffled ? round * kPasses + number : 0;
    const Pass pass = passes.shuffled(kSeed + static_cast<std::uint64_t>(seed_offset));
    const std::int64_t start_ns = now_ns();
    side.decide(pass, answers);
    pass_ns.push_back(static_cast<double>(now_ns() - start_ns));
  }
  return median(std::move(pass_ns)) / kRequests;
}

void measure(std::vector<Contender>& contenders, Passes& passes, Order order) {
  for (int round = 0; round < kWarmRounds + kRounds; ++round) {
    for (std::size_t turn = 0; turn < contenders.size(); ++turn) {
      // Each round begins with another side, so that none is always behind the same neighbour.
      Contender& one = contenders[(turn + static_cast<unsigned>(round)) % contenders.size()];
      if (!one.side) continue;
      const double ns = measure_round(*one.side, passes, order, round);
      if (round >= kWarmRounds) one.rounds(order).push_back(ns);
    }
  }
}

// Whether every side answers as the first does.
bool all_agree(std::vector<Contender>& contenders, Passes& passes) {
  const Pass pass = passes.shuffled(kSeed);
  std::vector<std::uint8_t> expected(kRequests), answers(kRequests);
  contenders.front().side->decide(pass, expected);
  for (const Contender& one : contenders) {
    if (!one.side) continue;
    one.side->decide(pass, answers);
    const auto [answer, wanted] = std::ranges::mismatch(answers, expected);
    if (answer == answers.end()) continue;
    fmt::print(stderr, "{}: request {} got {} instead of {}\n", one.name, answer - answers.begin(), *answer, *wanted);
    return false;
  }
  fmt::print("{} requests, {} may pass; all sides agree\n", kRequests, std::ranges::count(expected, 1));
  return true;
}

void print_cells(const std::vector<double>& rounds) {
  if (rounds.empty()) {
    fmt::print("  {:>8} {:>8}", "-", "-");
  } else {
    fmt::print("  {:8.2f} {:8.2f}", median(rounds), std::ranges::min(rounds));
  }
}

void print_table(const std::vector<Contender>& contenders) {
  fmt::print("\n{:32}  {:^17}  {:^17}\n", "nanoseconds a decision", "reshuffled", "in order");
  fmt::print("{:32}  {:>8} {:>8}  {:>8} {:>8}\n", "", "median", "min", "median", "min");
  for (const Contender& one : contenders) {
    fmt::print("{:32}", one.name);
    print_cells(one.reshuffled);
    print_cells(one.fixed);
    fmt::print("\n");
  }
  fmt::print("\n");
}

std::optional<double> ratio(const std::vector<double>& above, const std::vector<double>& below) {
  if (above.empty() || below.empty()) return std::nullopt;
  return median(above) / median(below);
}

int run() {
  const Requests prepared = prepare_requests(kRequests, kSeed);
  std::vector<Contender> contenders;
  contenders.push_back(contender("C++ by hand", make_cpp_side()));
  contenders.push_back(contender("Writ", make_writ_side(Limits::kOn)));
  contenders.push_back(contender("Writ, proven", make_writ_side(Limits::kProven)));
  contenders.push_back(contender("Writ, limits off", make_writ_side(Limits::kOff)));
  contenders.push_back(contender("LuaJIT, tables ready", make_lua_side(LuaTables::kReady, prepared.all)));
  contenders.push_back(contender("LuaJIT, tables built for a call", make_lua_side(LuaTables::kBuilt, prepared.all)));

  Passes passes(prepared.all);
  const std::optional<int> core = stay_on_this_core();
  fmt::print("C++ by {}; {}\n", __VERSION__, core ? fmt::format("on core {}", *core) : "not bound to a core");
  if (!all_agree(contenders, passes)) return 1;
  measure(contenders, passes, Order::kReshuffled);
  measure(contenders, passes, Order::kFixed);
  fmt::print("medians of {} rounds of {} passes\n", kRounds, kPasses);
  print_table(contenders);

  const Contender &cpp = contenders[0], &writ = contenders[1], &proven = contenders[2], &unlimited = contenders[3],
                  &lua_ready = contenders[4], &lua_built = contenders[5];
  print_figure("rule.writ_over_cpp", ratio(writ.reshuffled, cpp.reshuffled));
  print_figure("rule.writ_over_cpp_in_order", ratio(writ.fixed, cpp.fixed));
  print_figure("rule.luajit_ready_over_writ", ratio(lua_ready.reshuffled, writ.reshuffled));
  print_figure("rule.luajit_built_over_writ", ratio(lua_built.reshuffled, writ.reshuffled));
  print_figure("rule.metered_over_proven", ratio(writ.reshuffled, proven.reshuffled));
  print_figure("rule.limits_on_over_off", ratio(writ.reshuffled, unlimited.reshuffled));
  const bool measured_all = std::ranges::all_of(contenders, [](const Contender& one) { return one.side != nullptr; });
  return measured_all ? 0 : 1;
}

}  // namespace
}  // namespace writ::bench

int main() { return writ::bench::run(); }
