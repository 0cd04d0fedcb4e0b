// The state machine of a node: which release answers, which waits, which is refused, and when to go back.
//
// In: bytes from a source, what came of the tasks it set, traffic of the engine's slots, the time. Out: Steps, each some notices and
// at most one task; whoever drives it does the task and tells what came of it before anything else. It does nothing by itself, so a
// simulation can drive thousands, and stop one between any two steps (models/fleet.pml does the same to a model of it).
//
// INVARIANT: the engine is only ever told to run a release whose signatures held, whose place in the row was right and whose tests
// passed here; and a release is remembered on disk before it answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fleet/judge.h"
#include "fleet/keys.h"
#include "fleet/node_store.h"
#include "fleet/notice.h"
#include "fleet/signed_release.h"
#include "fleet/source.h"
#include "fleet/status.h"
#include "support/diagnostic.h"

namespace writ::fleet {

struct Instant {
  std::chrono::nanoseconds steady{};  // by a clock that only goes forward
  std::int64_t wall = 0;              // seconds since 1970, as this machine believes
};

/// Past this a release on trial is taken back: of one slot's calls since it was activated.
struct TrapLimit {
  std::uint64_t calls_min = 100;  // fewer tell nothing
  double rate_max = 0.02;
};

struct NodeRules {
  Feed feed;
  std::string node;  // its name
  TrustedKeys trusted;
  Hash schema{};
  std::string engine_version;
  std::set<std::string> capabilities;  // host functions ("geo.country") that releases may use without being asked for
  TrapLimit traps;
  std::chrono::nanoseconds trial = std::chrono::minutes(1);  // a release is good when it has answered this long
  std::chrono::nanoseconds silence_max = std::chrono::minutes(5);
};

/// Full names of the host functions that a release uses.
using Functions = std::set<std::string>;
using ReleasePtr = std::shared_ptr<const SignedRelease>;

/// Of one slot since the engine was made.
struct Traffic {
  std::uint64_t calls = 0;
  std::uint64_t traps = 0;
};

/// Make it here, run its tests and golden decisions; then tried_out().
struct TryOut {
  ReleasePtr release;
};
/// Write it to disk; then remembered().
struct Remember {
  NodeMemory memory;
};
/// Make it the release that answers, or where there is none the schema's else values; then activated().
struct Activate {
  ReleasePtr release;
};
using Task = std::variant<TryOut, Remember, Activate>;

struct Step {
  std::vector<Notice> notices;
  std::optional<Task> task;
};

class Node {
 public:
  /// `memory`: what was last remembered.
  Node(NodeRules rules, NodeMemory memory, Instant now);

  /// The last good release answers again, without a trial: it has had one.
  [[nodiscard]] Step start();

  // ---- what came of a task

  [[nodiscard]] Step tried_out(std::expected<Functions, support::Diagnostic> outcome, Instant now);
  /// The error is one sentence.
  [[nodiscard]] Step remembered(std::expected<void, std::string> outcome, Instant now);
  [[nodiscard]] Step activated(std::expected<Functions, support::Diagnostic> outcome, std::vector<Traffic> traffic,
                               Instant now);

  // ---- what happens meanwhile: no task is open

  [[nodiscard]] Step offer(std::string_view bytes, Instant now);
  /// The source gave a sign of life.
  [[nodiscard]] Step heard(Instant now);
  /// A local operator approved of the held release.
  [[nodiscard]] Step approved(Instant now);
  [[nodiscard]] Step tick(std::vector<Traffic> traffic, Instant now);

  // ---- how it stands

  [[nodiscard]] const SignedRelease* running() const { return running_.get(); }
  [[nodiscard]] const SignedRelease* held() const { return held_.get(); }
  [[nodiscard]] bool is_on_trial() const { return trial_ends_.has_value(); }
  [[nodiscard]] const NodeMemory& memory() const { return memory_; }
  [[nodiscard]] NodeStatus status(Instant now) const;

 private:
  /// What an open task is for.
  enum class Purpose : std::uint8_t { kStart, kTrial, kHold, kRefuse, kRollBack, kProve };

  [[nodiscard]] Expectation expectation(Instant now) const;
  /// The memory once `release` has met this fate.
  [[nodiscard]] NodeMemory memory_with(const SignedRelease& release, Fate fate, Instant now) const;
  [[nodiscard]] Step remember(Purpose purpose, NodeMemory memory);
  [[nodiscard]] Step activate(Purpose purpose, ReleasePtr release);
  /// One notice, unless it is the last one again.
  [[nodiscard]] Step refuse(const SignedRelease* release, const Hash& hash, support::Diagnostic why);
  /// Refuses the candidate for good.
  [[nodiscard]] Step give_up(support::Diagnostic why, Instant now);
  [[nodiscard]] Step roll_back(support::Diagnostic why);
  [[nodiscard]] Step not_remembered(Purpose purpose, std::string message, Instant now);
  [[nodiscard]] Step rolled_back(std::expected<Functions, support::Diagnostic> outcome, std::vector<Traffic> traffic,
                                 Instant now);
  void run(ReleasePtr release, Functions functions, std::vector<Traffic> traffic);
  /// Why the release on trial goes back, if it does.
  [[nodiscard]] std::optional<support::Diagnostic> too_many_traps() const;
  void look_at_the_clock(Instant now, std::vector<Notice>& notices);

  NodeRules rules_;
  NodeMemory memory_;

  ReleasePtr good_;     // memory_.good, where its signatures hold
  ReleasePtr running_;  // null: the else values answer
  Functions running_functions_;
  std::vector<Traffic> traffic_at_start_;  // when it began to answer
  std::vector<Traffic> traffic_;           // when it was last looked at
  std::optional<std::chrono::nanoseconds> trial_ends_;
  ReleasePtr held_;

  // The open task.
  std::optional<Purpose> purpose_;
  ReleasePtr candidate_;  // what it is about; of kRollBack what is taken back
  NodeMemory next_memory_;
  support::Diagnostic reason_;  // of kRefuse and kRollBack

  std::optional<Refusal> refusal_;  // the last
  std::chrono::nanoseconds heard_at_;
  bool is_silent_ = false;
  bool is_expired_ = false;
};

}  // namespace writ::fleet
