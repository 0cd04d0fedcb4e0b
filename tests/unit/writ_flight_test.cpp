// Calls that last: each ends on the release it began with, whatever is published meanwhile; and what they and pins delay.

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>
#include <writ/writ.hpp>

#include "support/limits.h"

namespace {

constexpr int kCalls = 100;
constexpr const char* kSchema = R"(schema s
capability gate { reads fn pass(n: int) -> int cost 1 }
slot ask(n: int) -> int else -1
slot note(n: int) -> string else ""
tier t { grants gate fuel 1_000 memory 1KiB stack 4KiB }
)";

/// Where calls wait inside a host function until it opens.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++inside_;
    arrived_.notify_all();
    opened_.wait(lock, [this] { return is_open_; });
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return inside_ == count; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable opened_;
  int inside_ = 0;
  bool is_open_ = false;
};

class WritFlight : public testing::Test {
 protected:
  WritFlight() {
    engine.provide("gate.pass", [this](std::int64_t n) {
      gate.pass();
      return n;
    });
  }
  void publish(int number) {
    const std::string text = std::to_string(number);
    auto release = engine.stage()
                       .source("p", "policy p for s\nslot ask(n) = gate.pass(n) + " + text +
                                        "000\nslot note(n) = f\"release " + text + ", call {n + gate.pass(0)}\"")
                       .commit();
    ASSERT_TRUE(release) << release.error().pretty();
    ASSERT_EQ(release->number, static_cast<std::uint64_t>(number));
  }

  Gate gate;
  writ::Engine engine{writ::Schema::from_text(kSchema)};
  writ::Slot<std::int64_t(std::int64_t)> ask{engine, "ask"};
  writ::Slot<std::string(std::int64_t)> note{engine, "note"};
};

TEST_F(WritFlight, AHundredCallsThroughAHundredSwapsEndOnTheReleaseTheyBeganWith) {
  std::vector<std::int64_t> answers(kCalls);
  std::vector<std::string> notes(kCalls);
  std::vector<std::uint64_t> releases(kCalls);
  std::vector<std::thread> calls;
  for (int i = 0; i < kCalls; ++i) {
    publish(i + 1);
    calls.emplace_back([&, i] {
      if (i % 2 == 0) {
        const auto answer = ask.try_call(i);
        answers[i] = answer ? **answer : -1;
        releases[i] = answer ? answer->release().number : 0;
      } else {
        notes[i] = note(i);
      }
    });
    gate.wait_for(i + 1);
  }
  publish(kCalls + 1);
  EXPECT_EQ(engine.stats().swaps, std::uint64_t{kCalls} + 1);
  // Each release is reached by a call or kept, and the state before the first is there too.
  EXPECT_EQ(engine.stats().live_releases, std::uint64_t{kCalls} + 2);
  gate.open();
  for (std::thread& call : calls) call.join();
  for (int i = 0; i < kCalls; ++i) {
    if (i % 2 == 0) {
      EXPECT_EQ(answers[i], (i + 1) * 1'000 + i);
      EXPECT_EQ(releases[i], static_cast<std::uint64_t>(i) + 1);
    } else {
      EXPECT_EQ(notes[i], "release " + std::to_string(i + 1) + ", call " + std::to_string(i));
    }
  }
  while (engine.stats().live_releases > static_cast<std::uint64_t>(writ::support::limits::kKeptReleases) + 2) {
    std::this_thread::yield();
  }
}

TEST_F(WritFlight, APinDelaysItsOwnReleaseAndNoOther) {
  gate.open();
  constexpr std::uint64_t kKept = writ::support::limits::kKeptReleases + 2;  // the running one, and before the first
  publish(1);
  std::optional<writ::Pin> pin = engine.pin();
  const std::uint64_t code_of_one = engine.stats().code_bytes;
  for (int i = 2; i <= kCalls; ++i) publish(i);
  while (engine.stats().live_releases > kKept + 1) std::this_thread::yield();
  EXPECT_EQ(engine.stats().live_releases, kKept + 1);
  EXPECT_EQ(pin->release().number, 1U);
  EXPECT_EQ(ask(*pin, 7), 1'007);
  EXPECT_EQ(ask(7), kCalls * 1'000 + 7);
  const std::uint64_t code = engine.stats().code_bytes;
  pin.reset();
  while (engine.stats().live_releases > kKept) std::this_thread::yield();
  EXPECT_LT(engine.stats().code_bytes, code);
  EXPECT_LT(code, 20 * code_of_one);
}

TEST_F(WritFlight, APinMayChangeThreads) {
  gate.open();
  publish(1);
  std::optional<writ::Pin> pin = engine.pin();
  publish(2);
  std::int64_t answer = 0;
  std::thread([&, moved = *std::move(pin)]() mutable {
    answer = ask(moved, 1);
    const writ::Pin last = std::move(moved);
  }).join();
  EXPECT_EQ(answer, 1'001);
}

}  // namespace
