// The state machine of a node: what it lets answer, refuses, holds, takes back, and what it starts from.

#include "fleet/node.h"

#include <gtest/gtest.h>

#include "support/limits.h"
#include "tests/fleet/simulated_node.h"

namespace writ::fleet {
namespace {

using namespace std::chrono_literals;
using Kinds = std::vector<NoticeKind>;

class FleetNode : public testing::Test {
 protected:
  Row row;
  SimulatedNode node{some_rules(row)};
};

TEST_F(FleetNode, ARelaseAnswersAndProvesItself) {
  node.offer(row.next("one"));
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.disk.fate, Fate::kOnTrial);
  EXPECT_TRUE(node.disk.good.empty());
  node.live(30s);
  EXPECT_TRUE(node.node->is_on_trial());
  node.live(31s);
  EXPECT_EQ(node.disk.fate, Fate::kGood);
  EXPECT_EQ(node.kinds(), (Kinds{NoticeKind::kActivated, NoticeKind::kProved}));
}

TEST_F(FleetNode, StartsFromTheLastGoodOneWhenTheSourceIsAway) {
  node.offer(row.next("one"));
  node.live(61s);
  node.offer(row.next("two"));
  node.restart();
  EXPECT_EQ(node.running(), 1U) << "two had not proved itself";
  EXPECT_EQ(node.disk.sequence, 2U);
}

TEST_F(FleetNode, WhatWasOnTrialIsTriedAgainAfterARestart) {
  node.offer(row.next("one"));
  node.live(61s);
  const std::string two = row.next("two");
  node.offer(two);
  node.restart();
  node.offer(two);
  EXPECT_EQ(node.running(), 2U);
}

TEST_F(FleetNode, AReleaseWhoseTestsFailIsRefusedForGood) {
  node.offer(row.next("one"));
  const std::string bad = row.next("bad");
  node.offer(bad);
  node.offer(bad);
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.disk.fate, Fate::kRefused);
  EXPECT_EQ(node.kinds(), (Kinds{NoticeKind::kActivated, NoticeKind::kRefused}));
  EXPECT_EQ(node.notices.back().code, support::Code::kExpectationFailed);
  node.offer(row.next("three"));
  EXPECT_EQ(node.running(), 3U);
}

TEST_F(FleetNode, AReleaseThatCannotBeCompiledIsRefused) {
  node.offer(row.next("one"));
  node.offer(row.next("broken"));
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.disk.fate, Fate::kRefused);
}

TEST_F(FleetNode, ANewCapabilityWaitsForAnOperator) {
  node.offer(row.next("one"));
  node.offer(row.next("asks"));
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.disk.fate, Fate::kHeld);
  EXPECT_EQ(node.notices.back().code, support::Code::kReleaseHeld);
  node.approve();
  EXPECT_EQ(node.running(), 2U);
  node.offer(row.next("asks"));
  EXPECT_EQ(node.running(), 3U) << "the running release uses it";
}

TEST_F(FleetNode, WhatIsHeldStaysHeldOverARestart) {
  const std::string asks = row.next("asks");
  node.offer(asks);
  node.restart();
  EXPECT_EQ(node.node->held(), nullptr);
  node.offer(asks);
  EXPECT_EQ(node.running(), 0U);
  ASSERT_NE(node.node->held(), nullptr);
  node.approve();
  EXPECT_EQ(node.running(), 1U);
}

TEST_F(FleetNode, ACapabilityThatWasGrantedBeforehandIsNotHeld) {
  node.rules.capabilities = {"geo.country"};
  node.restart();
  node.offer(row.next("asks"));
  EXPECT_EQ(node.running(), 1U);
}

TEST_F(FleetNode, ALaterReleaseReplacesTheOneThatIsHeld) {
  node.offer(row.next("asks"));
  node.offer(row.next("two"));
  EXPECT_EQ(node.running(), 2U);
  EXPECT_EQ(node.node->held(), nullptr);
}

TEST_F(FleetNode, AReleaseThatTrapsIsTakenBackAndNotTriedAgain) {
  node.offer(row.next("one"));
  node.live(61s);
  const std::string traps = row.next("traps");
  node.offer(traps);
  EXPECT_EQ(node.running(), 2U);
  node.live(100ms, 90);
  EXPECT_EQ(node.running(), 2U) << "so few calls tell nothing";
  node.live(100ms);
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.notices.back().kind, NoticeKind::kRolledBack);
  EXPECT_EQ(node.notices.back().code, support::Code::kReleaseTrapped);
  node.offer(traps);
  node.restart();
  node.offer(traps);
  EXPECT_EQ(node.running(), 1U);
  node.offer(row.next("three"));
  EXPECT_EQ(node.running(), 3U);
}

TEST_F(FleetNode, TheFirstReleaseGoesBackToTheElseValues) {
  node.offer(row.next("traps"));
  node.live(1s);
  EXPECT_EQ(node.running(), 0U);
  EXPECT_EQ(node.disk.fate, Fate::kRefused);
}

TEST_F(FleetNode, TrapsBeforeARelaseAreNotItsOwn) {
  node.traffic[0] = {.calls = 1'000, .traps = 900};
  node.offer(row.next("one"));
  node.live(1s);
  EXPECT_EQ(node.running(), 1U);
}

TEST_F(FleetNode, BytesThatNobodySignedChangeNothing) {
  node.offer(row.next("one"));
  std::string forged = row.next("two");
  forged[forged.size() / 2] ^= 1;
  node.offer(forged);
  node.offer("");
  Row other;
  node.offer(other.next("one"));
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.kinds(),
            (Kinds{NoticeKind::kActivated, NoticeKind::kRefused, NoticeKind::kRefused, NoticeKind::kRefused}));
}

TEST_F(FleetNode, TwoReleasesWithOneSequenceRaiseAnAlarm) {
  Row twin = {.key = SecretKey::generate()};
  node.rules.trusted = trusting({&row.key, &twin.key});
  node.restart();
  node.offer(row.next("one"));
  node.offer(twin.next("another"));
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.notices.back().kind, NoticeKind::kEquivocation);
}

TEST_F(FleetNode, WhatRanBeforeIsKnownAsReplayedAsLongAsItIsRemembered) {
  std::vector<std::string> all;
  for (int i = 0; i < support::limits::kRememberedReleases + 2; ++i) {
    all.push_back(row.next("fine"));
    node.offer(all.back());
  }
  EXPECT_EQ(node.disk.earlier.size(), static_cast<std::size_t>(support::limits::kRememberedReleases));
  node.offer(all[1]);
  EXPECT_EQ(node.notices.back().code, support::Code::kReleaseReplayed);
  node.offer(all[0]);
  EXPECT_EQ(node.notices.back().code, support::Code::kReleaseOlder);
  EXPECT_EQ(node.running(), all.size());
}

TEST_F(FleetNode, WhatCannotBeRememberedDoesNotAnswer) {
  node.offer(row.next("one"));
  node.is_disk_full = true;
  const std::string two = row.next("two");
  node.offer(two);
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.notices.back().code, support::Code::kNotRemembered);
  node.is_disk_full = false;
  node.offer(two);
  EXPECT_EQ(node.running(), 2U);
}

TEST_F(FleetNode, AFullDiskDoesNotKeepAReleaseThatTraps) {
  node.offer(row.next("one"));
  node.live(61s);
  node.offer(row.next("traps"));
  node.is_disk_full = true;
  node.live(1s);
  EXPECT_EQ(node.running(), 1U);
}

TEST_F(FleetNode, SilenceIsToldOnceAndSoIsItsEnd) {
  const std::string one = row.next("one");
  node.offer(one);
  node.live(6min);
  node.live(6min);
  node.offer(one);
  EXPECT_EQ(node.kinds(),
            (Kinds{NoticeKind::kActivated, NoticeKind::kSilence, NoticeKind::kProved, NoticeKind::kHeardAgain}));
}

TEST_F(FleetNode, WhatRunsGoesOnPastItsTimeAndSaysSo) {
  node.offer(row.next("one"));
  node.live(61s);
  node.live(31 * 24h);
  EXPECT_EQ(node.running(), 1U);
  EXPECT_EQ(node.notices.back().code, support::Code::kRunningExpired);
  node.restart();
  EXPECT_EQ(node.running(), 1U);
}

TEST_F(FleetNode, ALastGoodReleaseOfAKeyThatIsNoLongerTrustedDoesNotStart) {
  node.offer(row.next("one"));
  node.live(61s);
  const Row other;
  node.rules.trusted = other.trusted();
  node.restart();
  EXPECT_EQ(node.running(), 0U);
  EXPECT_EQ(node.notices.back().code, support::Code::kReleaseUnknownKey);
}

TEST_F(FleetNode, ItsStatusSurvivesItsText) {
  node.offer(row.next("one"));
  node.live(5s);
  node.offer(row.next("bad"));
  const NodeStatus status = node.node->status(node.now);
  EXPECT_EQ(status.running, 1U);
  EXPECT_EQ(status.fate, "refused");
  EXPECT_EQ(status.calls, 200U);
  EXPECT_EQ(decode_status(encode(status)), status);
  EXPECT_EQ(decode_status("{}"), std::nullopt);
  EXPECT_EQ(decode_status("["), std::nullopt);
}

TEST_F(FleetNode, AStatusIsNeverOverTheLimit) {
  NodeStatus status = node.node->status(node.now);
  status.refusal = Refusal{.sequence = 1, .release = std::string(64, 'f'), .code = "W8001", .message = {}};
  for (int i = 0; i < 10'000; ++i) status.refusal->message += "\"\x01é";
  const std::string text = encode(status);
  EXPECT_LE(text.size(), static_cast<std::size_t>(support::limits::kNodeStatusBytes));
  EXPECT_TRUE(decode_status(text));
  EXPECT_EQ(decode_status(std::string(support::limits::kNodeStatusBytes, ' ') + text), std::nullopt);
}

}  // namespace
}  // namespace writ::fleet
