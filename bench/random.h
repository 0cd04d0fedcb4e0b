// Seeded choices for generated inputs, the same on every machine (the standard's distributions are not).
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace writ::bench {

/// What every bench seeds with: each run has the inputs of any other.
inline constexpr std::uint64_t kSeed = 20'260'801;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// 0 .. end - 1. Slightly uneven for a huge `end`, which no input here has.
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  bool holds(std::uint64_t percent) { return below(100) < percent; }
  template <class T, std::size_t n>
  const T& one_of(const T (&items)[n]) {
    return items[below(n)];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace writ::bench
