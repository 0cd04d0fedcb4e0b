// Three nodes and a NATS server under calls: how long a release takes to answer everywhere, how long a bad one to be gone, and that
// meanwhile no call fails or mixes two releases. Prints figures; judges none. WRIT_FLEET_RELEASES says how many are published.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#include <writ/fleet.hpp>

#include "fleet/schema_hash.h"
#include "tests/fleet/nats_server.h"
#include "tests/fleet/row.h"

namespace writ::fleet {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kSchema = R"(schema s
slot first(n: int) -> int else -1
slot second(n: int) -> int else -1
tier small { fuel 1_000 memory 1KiB stack 4KiB }
)";

int release_count() {
  const char* const given = std::getenv("WRIT_FLEET_RELEASES");
  return given == nullptr ? 20 : std::stoi(given);
}

Content content_of(const std::string& first, const std::string& second) {
  Content content{.tier = "", .sources = {}, .documents = {}, .tests = {}, .golden = {}};
  content.sources = {{"p.writ", "policy p for s\nslot first(n) = " + first + "\nslot second(n) = " + second + "\n"}};
  return content;
}

/// One server of the fleet: an engine that is called all the time.
class Server {
 public:
  Server(const NatsServer& nats, const std::string& folder, const std::string& name)
      : follower_(follow(engine_, fleet::nats(nats.options(), {.files = {folder + "/key"}}),
                         {.tenant = Row::feed().tenant,
                          .channel = Row::feed().channel,
                          .node = name,
                          .state = folder + "/" + name,
                          .trial = 1h,
                          .reread = 500ms,
                          .on_notice = [this](const FleetNotice& notice) { hear(notice); }})),
        caller_([this] { call(); }) {}
  ~Server() {
    stops_ = true;
    caller_.join();
  }

  /// When it told of this; nothing when it does not within a minute.
  std::optional<Clock::time_point> told(const std::string& kind, std::uint64_t sequence) {
    std::unique_lock lock(mutex_);
    const std::pair key(kind, sequence);
    if (!news_.wait_for(lock, 60s, [&] { return told_.contains(key); })) return std::nullopt;
    return told_.at(key);
  }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] std::uint64_t mixed() const { return mixed_; }
  [[nodiscard]] FleetStatus status() const { return follower_.status(); }

 private:
  void hear(const FleetNotice& notice) {
    const std::scoped_lock lock(mutex_);
    told_.emplace(std::pair(notice.kind, notice.sequence), Clock::now());
    news_.notify_all();
  }
  /// Both slots of a release give the same number, unless one of them traps.
  void call() {
    for (std::int64_t n = 0; !stops_; ++n) {
      const Pin pin = engine_.pin();
      const std::int64_t first = first_(pin, n % 20);
      const std::int64_t second = second_(pin, n % 20);
      if (first != second && first != -1) ++mixed_;
      ++calls_;
      if (n % 256 == 0) std::this_thread::sleep_for(1ms);  // three of them leave the machine to the nodes
    }
  }

  std::mutex mutex_;
  std::condition_variable news_;
  std::map<std::pair<std::string, std::uint64_t>, Clock::time_point> told_;
  Engine engine_{Schema::from_text(kSchema)};
  Slot<std::int64_t(std::int64_t)> first_{engine_, "first"};
  Slot<std::int64_t(std::int64_t)> second_{engine_, "second"};
  std::atomic<std::uint64_t> calls_{0};
  std::atomic<std::uint64_t> mixed_{0};
  std::atomic<bool> stops_{false};
  Follower follower_;
  std::thread caller_;
};

class FleetLoad : public testing::Test {
 protected:
  FleetLoad() {
    row.schema = *schema_hash(kSchema);
    row.expires =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count() +
        kDay;
    EXPECT_TRUE(write_public_key(folder.path() + "/key", row.key.public_key()));
    nats.start();
    EXPECT_TRUE(soon([&] {
      auto made = NatsPublisher::make(nats.options(), Row::feed(), row.trusted());
      if (made) publisher = *std::move(made);
      return publisher != nullptr;
    }));
    for (const char* const name : {"a", "b", "c"}) {
      servers.push_back(std::make_unique<Server>(nats, folder.path(), name));
    }
  }

  /// Both slots answer with the release's sequence.
  SignedRelease next() {
    const std::string number = std::to_string(row.sequence + 1);
    return row.verified(row.next("release " + number, content_of(number, number)));
  }
  /// Milliseconds until all have told of it.
  double wait_for_all(const char* kind, std::uint64_t sequence, Clock::time_point start) {
    auto last = start;
    for (const auto& server : servers) {
      const auto at = server->told(kind, sequence);
      EXPECT_TRUE(at) << kind << " " << sequence;
      last = std::max(last, at.value_or(last));
    }
    return std::chrono::duration<double, std::milli>(last - start).count();
  }
  void expect_no_call_failed() {
    for (const auto& server : servers) {
      EXPECT_GT(server->calls(), 0U);
      EXPECT_EQ(server->mixed(), 0U);
    }
  }

  TemporaryFolder folder;
  Row row;
  NatsServer nats;
  std::unique_ptr<Publisher> publisher;
  std::vector<std::unique_ptr<Server>> servers;
};

TEST_F(FleetLoad, FromPublishingToAnswersEverywhere) {
  std::vector<double> times;
  for (int i = 0; i < release_count(); ++i) {
    const SignedRelease release = next();
    const auto start = Clock::now();
    ASSERT_TRUE(publisher->publish(release));
    times.push_back(wait_for_all("activated", release.statement().sequence, start));
  }
  std::ranges::sort(times);
  std::printf("figure fleet.publish_p50_ms %.1f\n", times[times.size() / 2]);
  std::printf("figure fleet.publish_p99_ms %.1f\n", times[(times.size() - 1) * 99 / 100]);
  expect_no_call_failed();
}

TEST_F(FleetLoad, AReleaseThatTrapsOnATwentiethOfTheCallsIsGoneEverywhere) {
  const SignedRelease good = next();
  ASSERT_TRUE(publisher->publish(good));
  wait_for_all("activated", 1, Clock::now());
  const SignedRelease traps = row.verified(row.next("traps", content_of("2 + 0 / n", "2")));
  ASSERT_TRUE(publisher->publish(traps));
  double slowest = 0;
  for (const auto& server : servers) {
    const auto from = server->told("activated", 2);
    const auto until = server->told("rolled back", 2);
    ASSERT_TRUE(from && until);
    slowest = std::max(slowest, std::chrono::duration<double, std::milli>(*until - *from).count());
  }
  std::printf("figure fleet.rollback_ms %.1f\n", slowest);
  expect_no_call_failed();
}

TEST_F(FleetLoad, AServerThatIsKilledStopsNobodyFromAnswering) {
  ASSERT_TRUE(publisher->publish(next()));
  wait_for_all("activated", 1, Clock::now());
  nats.kill();
  const SignedRelease two = next();
  EXPECT_FALSE(publisher->publish(two));
  for (const auto& server : servers) EXPECT_EQ(server->status().running, 1U);
  nats.start();
  EXPECT_TRUE(soon([&] { return publisher->publish(two).has_value(); }));
  wait_for_all("activated", 2, Clock::now());
  expect_no_call_failed();
}

}  // namespace
}  // namespace writ::fleet
