// A node without an engine: does its tasks in memory, and can be killed between any two of them.
//
// What a release does is written in its note: "bad" fails its tests, "broken" cannot be compiled, "traps" traps on a tenth of the
// calls, "asks" uses a host function that nobody approved of.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleet/node.h"
#include "tests/fleet/row.h"

namespace writ::fleet {

class SimulatedNode {
 public:
  explicit SimulatedNode(NodeRules given) : rules(std::move(given)) { restart(); }

  /// Ends the process, if it runs, and starts it from what is on its disk.
  void restart() {
    answers = nullptr;
    is_dead = false;
    traffic = {{}};
    node.emplace(rules, disk, now);
    take(node->start());
  }
  void offer(const std::string& bytes) {
    if (!is_dead) take(node->heard(now));
    if (!is_dead) take(node->offer(bytes, now));
  }
  void approve() { take(node->approved(now)); }
  /// Some calls, and time passes.
  void live(std::chrono::nanoseconds time, std::uint64_t calls = 200) {
    now.steady += time;
    now.wall += std::chrono::duration_cast<std::chrono::seconds>(time).count();
    traffic[0].calls += calls;
    if (answers != nullptr && answers->statement().note == "traps") traffic[0].traps += calls / 10;
    if (!is_dead) take(node->tick(traffic, now));
  }

  [[nodiscard]] std::uint64_t running() const { return answers == nullptr ? 0 : answers->statement().sequence; }
  [[nodiscard]] std::vector<NoticeKind> kinds() const {
    std::vector<NoticeKind> kinds;
    for (const Notice& notice : notices) kinds.push_back(notice.kind);
    return kinds;
  }

  NodeRules rules;
  NodeMemory disk;
  ReleasePtr answers;  // what the engine runs
  std::vector<Traffic> traffic{{}};
  std::optional<Node> node;
  std::vector<Notice> notices;
  Instant now{.steady = std::chrono::hours(1), .wall = kNow};
  bool is_disk_full = false;
  bool is_dead = false;
  std::function<bool()> dies = [] { return false; };  // asked between any two steps

 private:
  void take(Step step) {
    while (true) {
      notices.insert(notices.end(), step.notices.begin(), step.notices.end());
      if (!step.task) return;
      if (dies()) {
        is_dead = true;
        return;
      }
      step = std::visit([this](const auto& task) { return perform(task); }, *step.task);
    }
  }
  Step perform(const TryOut& task) {
    const std::string& note = task.release->statement().note;
    if (note == "bad") {
      support::Diagnostic why;
      why.code = support::Code::kExpectationFailed;
      return node->tried_out(std::unexpected(why), now);
    }
    return node->tried_out(functions_of(note), now);
  }
  Step perform(const Remember& task) {
    if (is_disk_full) return node->remembered(std::unexpected(std::string("no space left")), now);
    disk = *decode_memory(encode(task.memory));
    return node->remembered({}, now);
  }
  Step perform(const Activate& task) {
    const std::string note = task.release == nullptr ? "" : task.release->statement().note;
    if (note == "broken") {
      support::Diagnostic why;
      why.code = support::Code::kCodeRefused;
      return node->activated(std::unexpected(why), traffic, now);
    }
    answers = task.release;
    return node->activated(functions_of(note), traffic, now);
  }
  static Functions functions_of(const std::string& note) {
    return note == "asks" ? Functions{"geo.country"} : Functions{};
  }
};

inline NodeRules some_rules(const Row& row) {
  return {.feed = Row::feed(),
          .node = "n1",
          .trusted = row.trusted(),
          .schema = row.schema,
          .engine_version = "0.1.0",
          .capabilities = {},
          .traps = {},
          .trial = std::chrono::minutes(1),
          .silence_max = std::chrono::minutes(5)};
}

}  // namespace writ::fleet
