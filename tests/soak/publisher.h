// The thread that swaps a group's releases, by the public interface alone.
//
// Three kinds of swap come in turn: a commit of one of four known contents, which the engine still keeps and links again; a
// commit of texts that it has never seen, at even distances; and after every second one of those a rollback, which alone makes
// the engine free a release that was running a moment ago.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "tests/soak/group.h"
#include "tests/soak/options.h"
#include "tests/soak/texts.h"

namespace writ::soak {

/// One group's part of the whole.
struct Share {
  std::uint64_t swaps;
  std::uint64_t fresh;  // all of the swaps, or at most a fifth
  std::uint64_t names;  // of a fresh release

  /// Swaps from one fresh release to the next: at its end none but known contents are kept, unless all are fresh.
  [[nodiscard]] std::uint64_t period() const { return fresh == 0 ? 1 : swaps / fresh; }
};

struct SwapTimes {
  std::uint64_t count = 0;
  std::chrono::nanoseconds sum{0};
};

class Publisher {
 public:
  Publisher(Group& group, const Options& options, Share share, std::atomic<std::uint64_t>& next_stamp, Counts& counts);

  /// Swaps until that many are made, not faster than the calls that the whole run wants come in.
  void run_to(std::uint64_t swaps, std::chrono::steady_clock::time_point deadline);
  /// Waits until the engine has freed what can be freed.
  void settle();

  [[nodiscard]] const SwapTimes& fresh() const { return fresh_; }
  [[nodiscard]] const SwapTimes& known() const { return known_; }
  [[nodiscard]] const SwapTimes& rolled_back() const { return rolled_back_; }

 private:
  struct Content {
    std::uint64_t stamp = 0;
    std::vector<Text> texts;
  };

  void swap();
  [[nodiscard]] bool is_fresh_next() const;
  void commit(const Content& content, SwapTimes& times);
  void commit_right_of(const Content& content);
  void roll_back();
  [[nodiscard]] Stage stage_without_running(const Content& content);
  void note(std::expected<ReleaseId, Diagnostics> release);

  Group& group_;
  const Options& options_;
  Share share_;
  std::atomic<std::uint64_t>& next_stamp_;
  Counts& counts_;
  std::vector<Content> known_contents_;
  std::size_t next_known_ = 0;
  Content running_;
  Content before_;  // what a rollback leads to
  bool roll_back_next_ = false;
  std::uint64_t done_ = 0;
  SwapTimes fresh_, known_, rolled_back_;
};

}  // namespace writ::soak
