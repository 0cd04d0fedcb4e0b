#include "tests/soak/publisher.h"

#include <fmt/format.h>

#include <cstdio>
#include <ranges>
#include <thread>
#include <utility>

#include "support/limits.h"

namespace writ::soak {
namespace {

using Clock = std::chrono::steady_clock;

/// More than the engine keeps for rollback, so that the code of each has been freed when its turn comes; fewer than it caches.
constexpr std::size_t kKnownContents = 2 * support::limits::kKeptReleases;

class Stopwatch {
 public:
  explicit Stopwatch(SwapTimes& times) : times_(times) {}
  ~Stopwatch() {
    ++times_.count;
    times_.sum += Clock::now() - start_;
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  SwapTimes& times_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

Publisher::Publisher(Group& group, const Options& options, Share share, std::atomic<std::uint64_t>& next_stamp,
                     Counts& counts)
    : group_(group), options_(options), share_(share), next_stamp_(next_stamp), counts_(counts) {
  for (std::size_t i = 0; i < kKnownContents; ++i) {
    const std::uint64_t stamp = next_stamp_++;
    known_contents_.push_back({stamp, texts_of(stamp, 0)});
  }
}

void Publisher::run_to(std::uint64_t swaps, Clock::time_point deadline) {
  constexpr std::chrono::microseconds kPause{200};
  while (done_ < swaps && Clock::now() < deadline) {
    if (counts_.calls.load(std::memory_order_relaxed) * share_.swaps < done_ * options_.calls) {
      std::this_thread::sleep_for(kPause);
    } else {
      swap();
    }
  }
}

bool Publisher::is_fresh_next() const {
  if (share_.fresh == 0 || fresh_.count == share_.fresh) return false;
  return done_ % share_.period() == 1 % share_.period();
}

void Publisher::swap() {
  if (std::exchange(roll_back_next_, false)) {
    roll_back();
  } else if (is_fresh_next()) {
    const std::uint64_t stamp = next_stamp_++;
    commit({stamp, texts_of(stamp, share_.names)}, fresh_);
    roll_back_next_ = share_.fresh != share_.swaps && fresh_.count % 2 == 0 && done_ + 1 < share_.swaps;
  } else {
    commit(known_contents_[next_known_++ % kKnownContents], known_);
  }
  ++done_;
  counts_.swaps.fetch_add(1, std::memory_order_relaxed);
}

Stage Publisher::stage_without_running(const Content& content) {
  Stage stage = group_.engine.stage();
  if (running_.stamp == content.stamp) return stage;
  for (const Text& text : running_.texts) stage.remove(text.name);
  return stage;
}

void Publisher::commit(const Content& content, SwapTimes& times) {
  group_.journal.begin(content.stamp);
  {
    const Stopwatch stopwatch(times);
    if (options_.fault == Fault::kTorn) commit_right_of(content);
    Stage stage = stage_without_running(content);
    for (const Text& text : content.texts) stage.source(text.name, text.text);
    note(stage.commit());
  }
  group_.journal.end();
  before_ = std::exchange(running_, content);
}

/// Makes visible alone what belongs to a whole.
void Publisher::commit_right_of(const Content& content) {
  const auto is_right = [](const Text& text) { return text.name.starts_with("right"); };
  Stage stage = group_.engine.stage();
  for (const Text& text : running_.texts | std::views::filter(is_right)) stage.remove(text.name);
  for (const Text& text : content.texts | std::views::filter(is_right)) stage.source(text.name, text.text);
  note(stage.commit());
}

void Publisher::roll_back() {
  group_.journal.begin(before_.stamp);
  {
    const Stopwatch stopwatch(rolled_back_);
    if (!group_.engine.rollback()) counts_.failed.fetch_add(1, std::memory_order_relaxed);
  }
  group_.journal.end();
  running_ = before_;
}

void Publisher::note(std::expected<ReleaseId, Diagnostics> release) {
  if (release) return;
  if (counts_.failed.fetch_add(1, std::memory_order_relaxed) == 0) {
    fmt::print(stderr, "soak: a commit was refused\n{}", release.error().pretty());
  }
}

void Publisher::settle() {
  // The state before the first, those kept, and what callers hold for long.
  constexpr std::chrono::milliseconds kPause{5};
  constexpr int kPauses = 200;
  const std::uint64_t kept = group_.engine.history().size() + 1;
  for (int i = 0; i < kPauses && group_.engine.stats().live_releases > kept; ++i) std::this_thread::sleep_for(kPause);
}

}  // namespace writ::soak
