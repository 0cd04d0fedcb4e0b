// Thousands of nodes behind a channel that loses, doubles, reorders, delays and corrupts half of what is sent, and that die between
// any two steps: all end at the highest committed release, and nothing else than a release that was published ever answers.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/fleet/simulated_node.h"

namespace writ::fleet {
namespace {

using namespace std::chrono_literals;

// Sizes that a check of the sources can afford; `./dev check fleet` runs more by WRIT_FLEET_NODES.
std::size_t node_count() {
  const char* const given = std::getenv("WRIT_FLEET_NODES");
  return given == nullptr ? 300 : std::stoul(given);
}
constexpr int kReleases = 12;
constexpr int kSendsEach = 4;

/// One node's way to the service.
class Channel {
 public:
  explicit Channel(std::mt19937_64& random) : random_(random) {}

  void send(const std::string& bytes) {
    if (one_in(8)) return;
    queue_.push_back(bytes);
    if (one_in(8)) queue_.push_back(bytes);
    if (one_in(8)) {
      std::string& corrupted = queue_.back();
      char& byte = corrupted[random_() % corrupted.size()];
      byte = static_cast<char>(byte ^ (1 << (random_() % 8)));
    }
  }
  /// What arrives now: some of it late, in any order.
  std::vector<std::string> arrivals() {
    std::vector<std::string> now;
    std::vector<std::string> later;
    for (std::string& bytes : queue_) (one_in(8) ? later : now).push_back(std::move(bytes));
    queue_ = std::move(later);
    if (one_in(4)) std::shuffle(now.begin(), now.end(), random_);
    return now;
  }
  bool one_in(unsigned n) { return random_() % n == 0; }

 private:
  std::mt19937_64& random_;
  std::vector<std::string> queue_;
};

TEST(FleetSimulation, EveryNodeEndsAtTheHighestCommittedRelease) {
  std::mt19937_64 random(5);
  Row row;
  const std::size_t count = node_count();
  std::vector<std::unique_ptr<SimulatedNode>> nodes;
  std::vector<Channel> channels;
  std::set<Hash> published;
  std::size_t deaths = 0;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back(std::make_unique<SimulatedNode>(some_rules(row)));
    channels.emplace_back(random);
    nodes.back()->dies = [&random] { return random() % 40 == 0; };
  }
  std::string latest;
  const auto run = [&](SimulatedNode& node, const std::string& bytes) {
    const bool had_good = !node.disk.good.empty();
    node.offer(bytes);
    if (node.is_dead) {
      ++deaths;
      node.dies = [] { return false; };
      node.restart();
      node.dies = [&random] { return random() % 40 == 0; };
    }
    if (node.answers != nullptr) {
      ASSERT_TRUE(published.contains(node.answers->hash()));
    }
    ASSERT_TRUE(!had_good || node.answers != nullptr) << "it stopped answering";
  };
  for (int release = 1; release <= kReleases; ++release) {
    // Of all kinds; the last is one that can stay.
    const char* const notes[] = {"fine", "bad", "traps", "broken", "fine"};
    latest = row.next(release == kReleases ? "fine" : notes[random() % 5]);
    published.insert(row.previous);
    for (int send = 0; send < kSendsEach; ++send) {
      for (std::size_t i = 0; i < count; ++i) {
        channels[i].send(latest);
        for (const std::string& bytes : channels[i].arrivals()) run(*nodes[i], bytes);
        nodes[i]->live(40s);
        if (nodes[i]->is_dead) nodes[i]->restart();
      }
    }
  }
  // The reading on a schedule goes on for ever; here until all have it.
  for (int send = 0; send < 64; ++send) {
    for (std::size_t i = 0; i < count; ++i) {
      if (nodes[i]->running() == kReleases) continue;
      channels[i].send(latest);
      for (const std::string& bytes : channels[i].arrivals()) run(*nodes[i], bytes);
    }
  }
  for (const auto& node : nodes) ASSERT_EQ(node->running(), static_cast<std::uint64_t>(kReleases));
  EXPECT_GT(deaths, count / 4);
  RecordProperty("deaths", std::to_string(deaths));
}

}  // namespace
}  // namespace writ::fleet
