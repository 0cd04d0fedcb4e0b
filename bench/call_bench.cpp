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

// The loop is compiled around each way, as a caller's would be. No call waits for the answer of the one before.
template <Ask* Way>
[[gnu::noinline]] std::int64_t ask_often(Subjects& subjects) {
  std::int64_t sum = 0;
  for (std::size_t pass = 0; pass < kPasses; ++pass) {
    for (const Parcel& parcel : subjects.parcels) sum += Way(subjects, parcel);
  }
  return sum;
}

// Every call waits: its input hangs on the answer before, by an amount that is always 0 and that no compiler knows.
template <Ask* Way>
[[gnu::noinline]] std::int64_t ask_chained(Subjects& subjects) {
  std::int64_t sum = 0;
  std::int64_t nothing = 0;
  for (std::size_t pass = 0; pass < kPasses; ++pass) {
    for (const Parcel& parcel : subjects.parcels) {
      Parcel next = parcel;
      next.grams += nothing;
      const std::int64_t answer = Way(subjects, next);
      sum += answer;
      nothing = answer >> 62;  // answers are small
    }
  }
  return sum;
}

struct Way {
  std::string_view name;
  std::int64_t (*apart)(Subjects&);
  std::int64_t (*chained)(Subjects&);
  std::vector<double> apart_ns = {};  // a call, one a round
  std::vector<double> chained_ns = {};
};

template <Ask* kAsk>
Way way(std::string_view name) {
  return {name, ask_often<kAsk>, ask_chained<kAsk>};
}

double call_ns(std::int64_t (*calls)(Subjects&), Subjects& subjects, std::int64_t expected) {
  const std::int64_t start_ns = now_ns();
  const std::int64_t sum = calls(subjects);
  const double ns = static_cast<double>(now_ns() - start_ns) / static_cast<double>(kPasses * kInputs);
  WRIT_CHECK(sum == expected);
  return ns;
}

void measure(std::span<Way> ways, Subjects& subjects) {
  const std::int64_t expected = ways.front().apart(subjects);
  for (std::size_t round = 0; round < kWarmRounds + kRounds; ++round) {
    for (std::size_t turn = 0; turn < ways.size(); ++turn) {
      // Each round begins with another way, so that none is always behind the same neighbour.
      Way& way = ways[(turn + round) % ways.size()];
      const double apart = call_ns(way.apart, subjects, expected);
      const double chained = call_ns(way.chained, subjects, expected);
      if (round < kWarmRounds) continue;
      way.apart_ns.push_back(apart);
      way.chained_ns.push_back(chained);
    }
  }
}

// Medians of what one way took beyond another in the same round.
struct Added {
  double apart;
  double chained;
};

double added_ns(const std::vector<double>& more, const std::vector<double>& less) {
  std::vector<double> added;
  added.reserve(more.size());
  for (std::size_t round = 0; round < more.size(); ++round) added.push_back(more[round] - less[round]);
  return median(std::move(added));
}

Added added(const Way& more, const Way& less) {
  return {added_ns(more.apart_ns, less.apart_ns), added_ns(more.chained_ns, less.chained_ns)};
}

// Prints ways, the first of which is what the others are held against.
void print_table(std::string_view title, std::span<const Way> ways) {
  fmt::print("\n{:38} {:>8} {:>8} {:>8} {:>8}\n", title, "call", "added", "chained", "added");
  for (const Way& way : ways) {
    const Added more = added(way, ways.front());
    fmt::print("{:38} {:8.2f} {:8.2f} {:8.2f} {:8.2f}\n", way.name, median(way.apart_ns), more.apart,
               median(way.chained_ns), more.chained);
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

  std::array numbers = {way<through_pointer>("C++, function pointer"),
                        way<through_function>("C++, std::function"),
                        way<in_native_code>("native code, on a ready frame"),
                        way<in_section>("in a section"),
                        way<by_engine>("by the engine: budget, counts"),
                        way<by_slot>("slot"),
                        way<under_pin>("slot, under a pin"),
                        way<with_limits>("slot, with limits of the caller's own"),
                        way<tried>("slot, try_call")};
  std::array records = {way<parcel_through_pointer>("C++, function pointer"), way<parcel_by_slot>("slot")};
  measure(numbers, *subjects);
  measure(records, *subjects);
  print_table("a number", numbers);
  print_table("a record, read in place", records);

  const Way &pointer = numbers[0], &function = numbers[1], &slot = numbers[5], &pinned = numbers[6];
  const Added overhead = added(slot, pointer);
  fmt::print("\n");
  print_figure("call.overhead_ns", overhead.apart, "ns");
  print_figure("call.chained_overhead_ns", overhead.chained, "ns");
  print_figure("call.pinned_overhead_ns", added(pinned, pointer).apart, "ns");
  print_figure("call.record_overhead_ns", added(records[1], records[0]).apart, "ns");
  print_figure("call.over_std_function_ns", added(slot, function).apart, "ns");
  return 0;
}

}  // namespace
}  // namespace writ::bench

int main() { return writ::bench::run(); }
