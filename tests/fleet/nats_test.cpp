// A feed in a real NATS server: what is published is seen, each place in the row is given once, and neither side minds that the
// server is killed.

#include "fleet/nats.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "support/limits.h"
#include "tests/fleet/nats_server.h"
#include "tests/fleet/row.h"

namespace writ::fleet {
namespace {

class FleetNats : public testing::Test {
 protected:
  std::unique_ptr<Publisher> publisher() { return publisher(row.trusted()); }
  std::unique_ptr<Publisher> publisher(const TrustedKeys& trusted) {
    std::unique_ptr<Publisher> made;
    EXPECT_TRUE(soon([&] {
      auto tried = NatsPublisher::make(server.options(), Row::feed(), trusted);
      if (tried) made = *std::move(tried);
      return made != nullptr;
    }));
    return made;
  }
  std::unique_ptr<Source> source() { return *NatsSource::make(server.options(), Row::feed()); }
  /// Until these bytes come, and nothing else.
  static bool comes(Source& source, const std::string& bytes) {
    return soon([&] {
      pollfd polled{.fd = source.descriptor(), .events = POLLIN, .revents = 0};
      ::poll(&polled, 1, 100);
      const Heard heard = source.take();
      for (const std::string& candidate : heard.candidates) EXPECT_EQ(candidate, bytes);
      return !heard.candidates.empty();
    });
  }

  NatsServer server;
  Row row;
};

TEST_F(FleetNats, WhatIsPublishedIsSeenAtOnceAndAgain) {
  server.start();
  const auto out = publisher();
  const auto in = source();
  EXPECT_TRUE(soon([&] { return in->take().answered; }));
  const std::string one = row.next("one");
  ASSERT_TRUE(out->publish(row.verified(one)));
  EXPECT_TRUE(comes(*in, one));
  EXPECT_EQ(in->read_again().candidates, std::vector{one});
}

TEST_F(FleetNats, TheSameAgainIsNoErrorAndAnotherIs) {
  server.start();
  Row twin = {.key = SecretKey::generate()};
  const auto out = publisher(trusting({&row.key, &twin.key}));
  const SignedRelease one = row.verified(row.next("one"));
  ASSERT_TRUE(out->publish(one));
  EXPECT_TRUE(out->publish(one));
  const auto other = out->publish(twin.verified(twin.next("another")));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().fault, PublishFault::kTaken);
  ASSERT_TRUE(out->publish(row.verified(row.next("two"))));
  EXPECT_FALSE(out->publish(one));
  const auto history = out->history();
  ASSERT_TRUE(history) << history.error();
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ(history->front().statement().sequence, 2U);
}

TEST_F(FleetNats, OfTwoPublishersThatRaceOneWins) {
  server.start();
  Row twin = {.key = SecretKey::generate()};
  const auto first = publisher(trusting({&row.key, &twin.key}));
  const auto second = publisher(trusting({&row.key, &twin.key}));
  for (int round = 0; round < 10; ++round) {
    const SignedRelease a = row.verified(row.next("a"));
    const SignedRelease b = twin.verified(twin.next("b"));
    bool a_won = false;
    std::thread racing([&] { a_won = first->publish(a).has_value(); });
    const bool b_won = second->publish(b).has_value();
    racing.join();
    ASSERT_NE(a_won, b_won);
    row.previous = twin.previous = (a_won ? a : b).hash();
  }
}

TEST_F(FleetNats, ANodeStartsWithoutAServerAndHearsWhenItComes) {
  const auto in = source();
  EXPECT_FALSE(in->read_again().answered);
  server.start();
  const std::string one = row.next("one");
  ASSERT_TRUE(publisher()->publish(row.verified(one)));
  EXPECT_TRUE(comes(*in, one));
}

TEST_F(FleetNats, AServerThatIsKilledComesBackWithAllThatWasPublished) {
  server.start();
  const auto out = publisher();
  const auto in = source();
  const std::string one = row.next("one");
  ASSERT_TRUE(out->publish(row.verified(one)));
  EXPECT_TRUE(comes(*in, one));
  server.kill();
  EXPECT_TRUE(soon([&] { return !in->take().answered; }));
  const SignedRelease two = row.verified(row.next("two"));
  const auto failed = out->publish(two);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, PublishFault::kUnreachable);
  server.start();
  EXPECT_TRUE(soon([&] { return out->publish(two).has_value(); }));
  EXPECT_TRUE(soon([&] { return in->read_again().candidates == std::vector{std::string(two.bytes())}; }));
  EXPECT_EQ(out->history()->size(), 2U);
}

TEST_F(FleetNats, WhoDoesNotKnowThePasswordHearsNothing) {
  server.start();
  ASSERT_TRUE(publisher()->publish(row.verified(row.next("one"))));
  NatsOptions options = server.options();
  options.password = "guess";
  EXPECT_FALSE(NatsPublisher::make(options, Row::feed(), row.trusted()));
  const auto in = NatsSource::make(options, Row::feed());
  if (in) {
    EXPECT_FALSE((*in)->read_again().answered);
  }
}

TEST_F(FleetNats, StatusesOfNodesAreShown) {
  server.start();
  const auto out = publisher();
  EXPECT_TRUE(out->statuses()->empty());
  const auto in = source();
  ASSERT_TRUE(soon([&] { return in->take().answered; }));
  EXPECT_TRUE(in->acknowledge("n1", "first"));
  EXPECT_TRUE(in->acknowledge("n1", "second"));
  EXPECT_TRUE(in->acknowledge("web-2.example", "third"));
  EXPECT_TRUE(in->acknowledge("n3", std::string(support::limits::kNodeStatusBytes + 1, 'x')));
  const auto statuses = out->statuses();
  ASSERT_TRUE(statuses) << statuses.error();
  ASSERT_EQ(statuses->size(), 2U);
  EXPECT_EQ(statuses->at(0).text, "second");
  EXPECT_EQ(statuses->at(1).node, "web-2.example");
}

TEST_F(FleetNats, AReleaseThatTheServerDoesNotTakeIsSaidToBeTooLarge) {
  server.start();
  const auto out = publisher();
  Content content = some_content();
  content.sources.front().text = "// " + std::string(1'048'000, 'x');
  content.sources.push_back({"more.writ", "// " + std::string(500'000, 'x')});
  const auto done = out->publish(row.verified(row.next("large", std::move(content))));
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("max_payload"), std::string::npos) << done.error().message;
}

TEST_F(FleetNats, OptionsThatCannotWorkAreAnError) {
  EXPECT_FALSE(NatsSource::make({.servers = {}}, Row::feed()));
  NatsOptions options = server.options();
  options.ca_file = "/nowhere";
  EXPECT_FALSE(NatsSource::make(options, Row::feed()));
}

}  // namespace
}  // namespace writ::fleet
