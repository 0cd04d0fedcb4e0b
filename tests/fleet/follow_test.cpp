// A program that follows releases: from a file in a directory to the answer of a slot, and back.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <writ/fleet.hpp>

#include "fleet/directory.h"
#include "fleet/schema_hash.h"
#include "tests/fleet/row.h"
#include "tests/fleet/temporary_folder.h"

namespace writ::fleet {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSchema = R"(schema s
slot limit(n: int) -> int else 0
capability geo {
  reads fn country(n: int) -> string cost 10
}
tier small { fuel 1_000 memory 1KiB stack 4KiB grants geo }
)";

Content content_of(const std::string& body, const std::string& test = "") {
  Content content{.tier = "", .sources = {}, .documents = {}, .tests = {}, .golden = {}};
  content.sources = {{"p.writ", "policy p for s\nslot limit(n) = " + body + "\n" + test}};
  return content;
}

class FleetFollow : public testing::Test {
 protected:
  FleetFollow() {
    row.schema = *schema_hash(kSchema);
    row.expires =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count() +
        kDay;
    EXPECT_TRUE(write_public_key(folder.path() + "/key", row.key.public_key()));
    engine.provide("geo.country", [](std::int64_t) -> std::string_view { return "de"; });
  }

  FollowOptions options() {
    return {.tenant = "acme",
            .channel = "edge",
            .node = "n1",
            .state = folder.path() + "/state",
            .reread = 20ms,
            .on_notice = [this](const FleetNotice& notice) {
              const std::scoped_lock lock(mutex);
              notices.push_back(notice);
              told.notify_all();
            }};
  }
  Follower start() { return start(options()); }
  Follower start(FollowOptions given) {
    return follow(engine, directory(policies(), {.files = {folder.path() + "/key"}}), std::move(given));
  }
  std::string policies() { return folder.path() + "/policies"; }
  void publish(const std::string& bytes) {
    auto publisher = DirectoryPublisher::make(policies(), Row::feed(), row.trusted());
    ASSERT_TRUE(publisher);
    ASSERT_TRUE((*publisher)->publish(row.verified(bytes)));
  }
  /// Waits until a notice of this kind about this release has come.
  FleetNotice wait_for(const std::string& kind, std::uint64_t sequence) {
    std::unique_lock lock(mutex);
    FleetNotice found;
    const bool came = told.wait_for(lock, 60s, [&] {
      for (const FleetNotice& notice : notices) {
        if (notice.kind == kind && notice.sequence == sequence) found = notice;
      }
      return !found.kind.empty();
    });
    EXPECT_TRUE(came) << kind << " " << sequence;
    return found;
  }

  TemporaryFolder folder;
  Row row;
  std::mutex mutex;
  std::condition_variable told;
  std::vector<FleetNotice> notices;
  Engine engine{Schema::from_text(kSchema)};
  Slot<std::int64_t(std::int64_t)> limit{engine, "limit"};
};

TEST_F(FleetFollow, WhatIsThereAnswersWhenFollowReturns) {
  publish(row.next("one", content_of("n + 1", "test \"one more\" { expect limit(1) == 2 }\n")));
  const Follower follower = start();
  EXPECT_EQ(limit(1), 2);
  EXPECT_EQ(follower.status().running, 1U);
  EXPECT_TRUE(follower.status().is_on_trial);
}

TEST_F(FleetFollow, ADirectoryThatComesLaterIsFollowed) {
  const Follower follower = start();
  EXPECT_EQ(wait_for("trouble", 0).code, "W8055");
  EXPECT_EQ(limit(1), 0);
  publish(row.next("one", content_of("n + 1")));
  wait_for("activated", 1);
  EXPECT_EQ(limit(1), 2);
  publish(row.next("two", content_of("n + 2")));
  wait_for("activated", 2);
  EXPECT_EQ(limit(1), 3);
}

TEST_F(FleetFollow, AReleaseWhoseTestFailsDoesNotAnswer) {
  publish(row.next("one", content_of("n + 1")));
  const Follower follower = start();
  publish(row.next("two", content_of("n + 2", "test \"one more\" { expect limit(1) == 2 }\n")));
  EXPECT_EQ(wait_for("refused", 2).code, "W7001");
  EXPECT_EQ(limit(1), 2);
}

TEST_F(FleetFollow, AReleaseThatTrapsOnATwentiethOfTheCallsIsTakenBack) {
  publish(row.next("one", content_of("n")));
  FollowOptions quick = options();
  quick.trial = 1ms;
  {
    const Follower follower = start(quick);
    wait_for("proved", 1);
  }
  const Follower follower = start();
  publish(row.next("two", content_of("100 / (n % 20)")));
  wait_for("activated", 2);
  for (std::int64_t n = 0; n < 2'000; ++n) (void)limit(n);
  EXPECT_EQ(wait_for("rolled back", 2).code, "W8051");
  EXPECT_EQ(limit(7), 7);
  EXPECT_EQ(follower.status().fate, "refused");
}

TEST_F(FleetFollow, ANewCapabilityIsHeldUntilItIsApprovedOf) {
  publish(row.next("one", content_of("geo.country(n).size()")));
  Follower follower = start();
  EXPECT_EQ(limit(1), 0);
  const auto held = follower.status().held;
  ASSERT_TRUE(held);
  EXPECT_FALSE(follower.approve("none"));
  EXPECT_TRUE(follower.approve(*held));
  wait_for("activated", 1);
  EXPECT_EQ(limit(1), 2);
  EXPECT_EQ(follower.status().held, std::nullopt);
}

TEST_F(FleetFollow, StartsFromTheLastGoodReleaseWhenTheDirectoryIsGone) {
  publish(row.next("one", content_of("n + 1")));
  FollowOptions given = options();
  given.trial = 1ms;
  {
    const Follower follower = start(given);
    wait_for("proved", 1);
  }
  std::filesystem::remove_all(policies());
  Engine again{Schema::from_text(kSchema)};
  const Slot<std::int64_t(std::int64_t)> same{again, "limit"};
  const Follower follower = follow(again, directory(policies(), {.files = {folder.path() + "/key"}}), options());
  EXPECT_EQ(same(1), 2);
  EXPECT_FALSE(follower.status().is_on_trial);
}

TEST_F(FleetFollow, AWrongSetUpThrows) {
  FollowOptions given = options();
  given.node = "../n1";
  EXPECT_THROW((void)start(given), SetupError);
  given = options();
  given.channel = "../edge";
  EXPECT_THROW((void)start(given), SetupError);
  EXPECT_THROW((void)follow(engine, directory(policies(), {.files = {"/nowhere"}}), options()), SetupError);
  EXPECT_THROW((void)follow(engine, directory(policies(), {.files = {}}), options()), SetupError);
  const Follower first = start();
  EXPECT_THROW((void)start(), SetupError) << "two nodes in one folder";
}

TEST_F(FleetFollow, ADamagedMemoryIsNotTakenForAnEmptyOne) {
  {
    const Follower follower = start();
  }
  std::ofstream(folder.path() + "/state/memory") << "damaged";
  EXPECT_THROW((void)start(), SetupError);
}

}  // namespace
}  // namespace writ::fleet
