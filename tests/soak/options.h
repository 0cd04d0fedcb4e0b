// What a soak is asked to do, and the counts it keeps where they outlive its death.
//
// In: the command line (soak.cpp). Out: two plain structs that every part reads. Nothing here runs.
#pragma once

#include <atomic>
#include <cstdint>

namespace writ::soak {

/// A fault that a soak seeds on purpose, and must then report.
enum class Fault : std::uint8_t {
  kNone,
  kTorn,       // a group's two policies are published one after the other
  kEarlyFree,  // a retired release is freed at once
  kNoPin,      // callers announce themselves where nobody looks
};

struct Options {
  std::uint64_t swaps = 2'000;
  std::uint64_t fresh = 200;  // of the swaps: never seen texts, which are compiled
  std::uint64_t calls = 0;    // at least
  std::uint64_t names = 20'000;
  unsigned callers = 0;  // 0: one a core
  unsigned groups = 2;
  unsigned seconds = 0;  // stop by then; 0: when all is done
  Fault fault = Fault::kNone;
};

/// In memory that the supervising process shares: a soak that is killed leaves what it had counted.
struct Counts {
  std::atomic<std::uint64_t> calls;
  std::atomic<std::uint64_t> swaps;
  std::atomic<std::uint64_t> failed;  // answers of no release that was current, commits refused, wrong statistics
  std::atomic<std::uint64_t> torn;    // pairs asked under one pin that two releases answered
  std::atomic<std::uint64_t> compiled;
  std::atomic<std::uint64_t> names;
  std::atomic<std::int64_t> rss_drift_kb;
  std::atomic<std::int64_t> maps_drift;
  std::atomic<std::int64_t> fds_drift;
  std::atomic<std::int64_t> threads_drift;
  std::atomic<bool> is_complete;  // the run came to its end and took its measurements
};

}  // namespace writ::soak
