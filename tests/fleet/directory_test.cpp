// A feed in a directory: what a reader sees of it, whatever stands there, and that each place in the row is given once.

#include "fleet/directory.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/limits.h"
#include "tests/fleet/row.h"
#include "tests/fleet/temporary_folder.h"

namespace writ::fleet {
namespace {

namespace fs = std::filesystem;

class FleetDirectory : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder.path() + "/policies"; }
  [[nodiscard]] std::string file() const { return path() + "/acme.edge.wrel"; }
  std::unique_ptr<Publisher> publisher() { return *DirectoryPublisher::make(path(), Row::feed(), row.trusted()); }
  std::unique_ptr<Source> source() { return *DirectorySource::make(path() + "/", Row::feed()); }
  /// What comes by an event; it may take a while.
  static std::vector<std::string> next(Source& source) {
    pollfd polled{.fd = source.descriptor(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&polled, 1, 60'000), 1);
    return source.take().candidates;
  }

  TemporaryFolder folder;
  Row row;
};

TEST_F(FleetDirectory, WhatIsPublishedIsSeenAtOnceAndAgain) {
  const auto out = publisher();
  const auto in = source();
  EXPECT_TRUE(in->read_again().candidates.empty());
  const std::string one = row.next("one");
  ASSERT_TRUE(out->publish(row.verified(one)));
  EXPECT_EQ(next(*in), std::vector{one});
  EXPECT_TRUE(in->take().candidates.empty());
  EXPECT_EQ(in->read_again().candidates, std::vector{one});
}

TEST_F(FleetDirectory, AFileThatSomebodyDropsThereIsSeen) {
  fs::create_directory(path());
  const auto in = source();
  std::ofstream(folder.path() + "/x") << "anything";
  fs::rename(folder.path() + "/x", file());
  EXPECT_EQ(next(*in), std::vector<std::string>{"anything"});
}

TEST_F(FleetDirectory, OtherFilesAreNobodysBusiness) {
  fs::create_directory(path());
  const auto in = source();
  std::ofstream(path() + "/acme.other.wrel") << "other";
  const Heard heard = in->take();
  EXPECT_TRUE(heard.candidates.empty());
  EXPECT_TRUE(heard.answered);
}

TEST_F(FleetDirectory, ADirectoryThatIsReplacedIsWatchedAgain) {
  ASSERT_TRUE(publisher()->publish(row.verified(row.next("one"))));
  const auto in = source();
  fs::rename(path(), folder.path() + "/old");
  const std::string two = row.next("two");
  ASSERT_TRUE(publisher()->publish(row.verified(two)));
  EXPECT_EQ(in->read_again().candidates, std::vector{two});
  const std::string three = row.next("three");
  ASSERT_TRUE(publisher()->publish(row.verified(three)));
  EXPECT_EQ(next(*in), std::vector{three});
}

TEST_F(FleetDirectory, ADirectoryThatIsGoneDoesNotAnswer) {
  ASSERT_TRUE(publisher()->publish(row.verified(row.next("one"))));
  const auto in = source();
  fs::remove_all(path());
  const Heard heard = in->read_again();
  EXPECT_FALSE(heard.answered);
  EXPECT_NE(heard.problem, "");
}

TEST_F(FleetDirectory, LinksAreFollowedInsideOnly) {
  fs::create_directories(path() + "/v1");
  const auto in = source();
  std::ofstream(path() + "/v1/a") << "inside";
  fs::create_symlink("v1/a", file());
  EXPECT_EQ(in->read_again().candidates, std::vector<std::string>{"inside"});
  std::ofstream(folder.path() + "/secret") << "outside";
  for (const std::string& target : {std::string("../secret"), folder.path() + "/secret"}) {
    fs::remove(file());
    fs::create_symlink(target, file());
    const Heard heard = in->read_again();
    EXPECT_TRUE(heard.candidates.empty());
    EXPECT_NE(heard.problem, "");
  }
}

TEST_F(FleetDirectory, WhatIsNoFileIsRefused) {
  fs::create_directory(path());
  const auto in = source();
  ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
  EXPECT_NE(in->read_again().problem, "");
  fs::remove(file());
  fs::create_directory(file());
  EXPECT_NE(in->read_again().problem, "");
}

TEST_F(FleetDirectory, AFileOverTheLimitIsNotRead) {
  fs::create_directory(path());
  const auto in = source();
  std::ofstream(file()) << "x";
  fs::resize_file(file(), support::limits::kReleaseFileBytes + 1);
  const Heard heard = in->read_again();
  EXPECT_TRUE(heard.candidates.empty());
  EXPECT_NE(heard.problem.find("over the limit"), std::string::npos);
}

TEST_F(FleetDirectory, TheSameAgainIsNoErrorAndAnotherIs) {
  Row twin = {.key = SecretKey::generate()};
  const auto out = *DirectoryPublisher::make(path(), Row::feed(), trusting({&row.key, &twin.key}));
  const SignedRelease one = row.verified(row.next("one"));
  ASSERT_TRUE(out->publish(one));
  EXPECT_TRUE(out->publish(one));
  const auto other = out->publish(twin.verified(twin.next("another")));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().fault, PublishFault::kTaken);
  EXPECT_FALSE(out->publish(twin.verified(twin.next("follows another"))));
  ASSERT_TRUE(out->publish(row.verified(row.next("two"))));
  EXPECT_FALSE(out->publish(one));
}

TEST_F(FleetDirectory, WhatNobodySignedHoldsNoPlace) {
  fs::create_directory(path());
  std::ofstream(file()) << "forged";
  EXPECT_TRUE(publisher()->publish(row.verified(row.next("one"))));
}

TEST_F(FleetDirectory, AReleaseOfAnotherFeedIsNotPublished) {
  const auto out = *DirectoryPublisher::make(path(), {.tenant = "acme", .channel = "other"}, row.trusted());
  const auto done = out->publish(row.verified(row.next("one")));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, PublishFault::kOtherFeed);
}

TEST_F(FleetDirectory, OfTwoPublishersThatRaceOneWins) {
  Row twin = {.key = SecretKey::generate()};
  const TrustedKeys both = trusting({&row.key, &twin.key});
  for (int round = 0; round < 20; ++round) {
    const SignedRelease a = row.verified(row.next("a"));
    const SignedRelease b = twin.verified(twin.next("b"));
    int winners = 0;
    std::mutex mutex;
    const auto race = [&](const SignedRelease& release) {
      const bool won = (*DirectoryPublisher::make(path(), Row::feed(), both))->publish(release).has_value();
      const std::scoped_lock lock(mutex);
      winners += won ? 1 : 0;
    };
    std::thread first(race, std::cref(a));
    std::thread second(race, std::cref(b));
    first.join();
    second.join();
    ASSERT_EQ(winners, 1);
    // Both go on from the one that won.
    const auto history = *(*DirectoryPublisher::make(path(), Row::feed(), both))->history();
    row.previous = twin.previous = history.front().hash();
  }
}

TEST_F(FleetDirectory, ItsHistoryIsBounded) {
  const auto out = publisher();
  for (int i = 0; i < support::limits::kFleetHistory + 5; ++i) {
    ASSERT_TRUE(out->publish(row.verified(row.next("one of many"))));
  }
  const auto history = out->history();
  ASSERT_TRUE(history);
  EXPECT_EQ(history->size(), static_cast<std::size_t>(support::limits::kFleetHistory));
  EXPECT_EQ(history->front().statement().sequence, row.sequence);
}

TEST_F(FleetDirectory, StatusesOfNodesAreShown) {
  const auto out = publisher();
  const auto in = source();
  EXPECT_TRUE(in->acknowledge("n1", "first"));
  EXPECT_TRUE(in->acknowledge("n1", "second"));
  EXPECT_TRUE(in->acknowledge("n2", "third"));
  std::ofstream(path() + "/acme.edge.nodes/n3.json") << std::string(support::limits::kNodeStatusBytes + 1, 'x');
  const auto statuses = out->statuses();
  ASSERT_TRUE(statuses);
  ASSERT_EQ(statuses->size(), 2U);
  EXPECT_EQ(statuses->at(0).node, "n1");
  EXPECT_EQ(statuses->at(0).text, "second");
}

TEST_F(FleetDirectory, OfTooManyNodesSomeAreShown) {
  const auto out = publisher();
  fs::create_directories(path() + "/acme.edge.nodes");
  for (int i = 0; i < support::limits::kFleetNodes + 3; ++i) {
    std::ofstream(path() + "/acme.edge.nodes/n" + std::to_string(i) + ".json") << "{}";
  }
  EXPECT_EQ(out->statuses()->size(), static_cast<std::size_t>(support::limits::kFleetNodes));
}

TEST(FleetNames, NodeNamesCannotLeadElsewhere) {
  for (const char* const name : {"a", "web-1", "Web_1.example.org", "0"}) EXPECT_TRUE(is_node_name(name)) << name;
  for (const char* const name : {"", ".", "..", "../a", "a/b", "a b", ".a", "-a", "ä"}) {
    EXPECT_FALSE(is_node_name(name)) << name;
  }
  EXPECT_FALSE(is_node_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace writ::fleet
