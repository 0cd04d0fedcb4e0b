// ./dev bench call: nanoseconds that asking a slot adds to a call, through the public C++ interface.
//
// Every way does the same small work on the same inputs: what it takes longer than the same work in C++ behind a
// function pointer is its price, and the work is small so that the price shows. Each round gives every way in turn the
// same calls; a figure is a median over the rounds of this one run. docs/benchmarks.md says what each way is.
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>
#include <writ/writ.hpp>

#include "bench/call_cpp.h"
#include "bench/call_steps.h"
#include "bench/measure.h"
#include "bench/random.h"
#include "support/check.h"

namespace writ::bench {
namespace {

constexpr std::size_t kInputs = 1024;
constexpr std::size_t kPasses = 40;  // over the inputs, in a round
constexpr std::size_t kWarmRounds = 3;
constexpr std::size_t kRounds = 101;

// ---- what is called ----------------------------------------------------------------------------

// Function pointers are volatile: loaded for each call, as a host does that may exchange the function, and never seen
// through.
struct Subjects {
  writ::Engine engine{writ::Schema::from_text(kPostSchema)};
  writ::Slot<std::int64_t(std::int64_t)> slot{engine, "fee"};
  writ::Slot<std::int64_t(const Parcel&)> parcel_slot{engine, "parcel_fee"};
  std::optional<writ::Pin> pin;
  Steps steps;
  std::int64_t (*volatile pointer)(std::int64_t) = fee;
  std::int64_t (*volatile parcel_pointer)(const Parcel&) = parcel_fee;
  std::function<std::int64_t(std::int64_t)> function = fee;
  std::array<Parcel, kInputs> parcels{};
};

using Ask = std::int64_t(Subjects& subjects, const Parcel& parcel);

std::int64_t through_pointer(Subjects& subjects, const Parcel& parcel) { return subjects.pointer(parcel.grams); }
std::int64_t through_function(Subjects& subjects, const Parcel& parcel) { return subjects.function(parcel.grams); }
std::int64_t in_native_code(Subjects& subjects, const Parcel& parcel) {
  return subjects.steps.in_native_code(parcel.grams);
}
std::int64_t in_section(Subjects& subjects, const Parcel& parcel) { return subjects.steps.in_section(parcel.grams); }
std::int64_t by_engine(Subjects& subjects, const Parcel& parcel) { return subjects.steps.by_engine(parcel.grams); }
std::int64_t by_slot(Subjects& subjects, const Parcel& parcel) { return subjects.slot(parcel.grams); }
std::int64_t under_pin(Subjects& subjects, const Parcel& parcel) { return subjects.slot(*subjects.pin, parcel.grams); }
std::int64_t with_limits(Subjects& subjects, const Parcel& parcel) {
  return subjects.slot.with({.fuel = 1'000})(parcel.grams);
}
std::int64_t tried(Subjects& subjects, const Parcel& parcel) { return subjects.slot.try_call(parcel.grams)->value(); }
std::int64_t parcel_through_pointer(Subjects& subjects, const Parcel& parcel) {
  return subjects.parcel_pointer(parcel);
}
std::int64_t parcel_by_slot(Subjects& subjects, const Parcel& parcel) { return subjects.parcel_slot(parcel); }

// ---- measuring ---------------------------------------------------------------------------------

// The loop is compiled around each way, as a caller's would be. Every call waits for the answer of the one before, behind
// which a price could hide: its input hangs on it by an amount that is always 0 and that no compiler knows.
template <Ask* kAsk>
[[gnu::noinline]] std::int64_t ask_often(Subjects& subjects) {
  std::int64_t sum = 0;
  std::int64_t nothing = 0;
  for (std::size_t pass = 0; pass < kPasses; ++pass) {
    for (const Parcel& parcel : subjects.parcels) {
      Parcel next = parcel;
      next.grams += nothing;
      const std::int64_t answer = kAsk(subjects, next);
      sum += answer;
      nothing = answer >> 62;  // answers are small
    }
  }
  return sum;
}

struct Way {
  std::string_view name;
  std::int64_t (*calls)(Subjects&);
  std::vector<double> call_ns = {};  // one a round
};

double call_ns(const Way& way, Subjects& subjects, std::int64_t expected) {
  const std::int64_t start_ns = now_ns();
  const std::int64_t sum = way.calls(subjects);
  const double ns = static_cast<double>(now_ns() - start_ns) / static_cast<double>(kPasses * kInputs);
  WRIT_CHECK(sum == expected);
  return ns;
}

void measure(std::span<Way> ways, Subjects& subjects) {
  const std::int64_t expected = ways.front().calls(subjects);
  for (std::size_t round = 0; round < kWarmRounds + kRounds; ++round) {
    for (std::size_t turn = 0; turn < ways.size(); ++turn) {
      // Each round begins with another way, so that none is always behind the same neighbour.
      Way& way = ways[(turn + round) % ways.size()];
      const double ns = call_ns(way, subjects, expected);
      if (round >= kWarmRounds) way.call_ns.push_back(ns);
    }
  }
}

// What one way takes beyond another in the same round.
double added_ns(const Way& more, const Way& less) {
  std::vector<double> added;
  added.reserve(more.call_ns.size());
  for (std::size_t round = 0; round < more.call_ns.size(); ++round) {
    added.push_back(more.call_ns[round] - less.call_ns[round]);
  }
  return median(std::move(added));
}

// Prints ways, the first of which is what the others are held against.
void print_table(std::string_view title, std::span<const Way> ways) {
  fmt::print("\n{:40} {:>8} {:>8}\n", title, "call", "added");
  for (const Way& way : ways) {
    fmt::print("{:40} {:8.2f} {:8.2f}\n", way.name, median(way.call_ns), added_ns(way, ways.front()));
  }
}

// ---- running -----------------------------------------------------------------------------------

bool load(Subjects& subjects) {
  if (auto release = subjects.engine.stage().source("tariff.writ", kPostPolicy).commit(); !release) {
    fmt::print(stderr, "{}", release.error().pretty());
    return false;
  }
  subjects.pin.emplace(subjects.engine.pin());
  Random random(kSeed);
  for (Parcel& parcel : subjects.parcels) {
    parcel = {.grams = static_cast<std::int64_t>(random.below(30'000)),
              .zone = random.holds(50) ? Zone::near : Zone::far,
              .insured = random.holds(50)};
  }
  return true;
}

int run() {
  const auto subjects = std::make_unique<Subjects>();
  if (!load(*subjects)) return 4;
  const std::optional<int> core = stay_on_this_core();
  fmt::print("C++ by {}; {}\nmedians of {} rounds of {} calls, nanoseconds\n", __VERSION__,
             core ? fmt::format("on core {}", *core) : "not bound to a core", kRounds, kPasses * kInputs);

  std::array numbers = {Way{"C++, function pointer", ask_often<through_pointer>},
                        Way{"C++, std::function", ask_often<through_function>},
                        Way{"native code, on a ready frame", ask_often<in_native_code>},
                        Way{"… found in a section", ask_often<in_section>},
                        Way{"… by the engine: budget, counts", ask_often<by_engine>},
                        Way{"slot", ask_often<by_slot>},
                        Way{"slot, under a pin", ask_often<under_pin>},
                        Way{"slot, with limits of the caller's own", ask_often<with_limits>},
                        Way{"slot, try_call", ask_often<tried>}};
  std::array records = {Way{"C++, function pointer", ask_often<parcel_through_pointer>},
                        Way{"slot", ask_often<parcel_by_slot>}};
  measure(numbers, *subjects);
  measure(records, *subjects);
  print_table("a number", numbers);
  print_table("a record, read in place", records);

  const Way &pointer = numbers[0], &function = numbers[1], &slot = numbers[5], &pinned = numbers[6];
  fmt::print("\n");
  print_figure("call.overhead_ns", added_ns(slot, pointer), "ns");
  print_figure("call.pinned_overhead_ns", added_ns(pinned, pointer), "ns");
  print_figure("call.record_overhead_ns", added_ns(records[1], records[0]), "ns");
  print_figure("call.over_std_function_ns", added_ns(slot, function), "ns");
  return 0;
}

}  // namespace
}  // namespace writ::bench

int main() { return writ::bench::run(); }
