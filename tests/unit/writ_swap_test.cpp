// Releases over their lives: commit, what an error leaves, rollback, pins, freeing; and that a swap is whole.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>
#include <writ/writ.hpp>

#include "support/limits.h"

namespace {

using namespace std::chrono_literals;

constexpr const char* kSchema = R"(schema s
slot left() -> int else 0
slot right() -> int else 0
slot note() -> string else "none"
tier small { fuel 1_000 memory 1KiB stack 4KiB }
tier large { fuel 100_000 memory 64KiB stack 16KiB }
)";

std::string both(std::int64_t number) {
  const std::string text = std::to_string(number);
  return "policy p for s\nslot left() = " + text + "\nslot right() = " + text + "\nslot note() = \"release " + text +
         " has a note of its own\"\n";
}

class WritSwap : public testing::Test {
 protected:
  writ::ReleaseId commit(std::int64_t number) {
    auto release = engine.stage().source("p.writ", both(number)).commit();
    EXPECT_TRUE(release) << release.error().pretty();
    return release.value_or(writ::ReleaseId{});
  }
  /// What the engine's own thread does in its own time. False when it does not.
  bool soon(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return condition();
  }

  writ::Engine engine{writ::Schema::from_text(kSchema)};
  writ::Slot<std::int64_t()> left{engine, "left"};
  writ::Slot<std::int64_t()> right{engine, "right"};
  writ::Slot<std::string()> note{engine, "note"};
  writ::Slot<std::string_view()> note_view{engine, "note"};
};

TEST_F(WritSwap, APatternBelongsToItsRelease) {
  const auto commit_pattern = [&](const std::string& pattern) {
    const std::string text =
        "policy p for s\nconfig { pattern: string = \"^$\" }\nslot left() = \"gateway\".matches(pattern) ? 1 : 2\n";
    auto release =
        engine.stage().source("p.writ", text).config("p.toml", "[p]\npattern = \"" + pattern + "\"\n").commit();
    return release.has_value();
  };
  EXPECT_TRUE(commit_pattern("t.w"));
  EXPECT_EQ(left(), 1);
  EXPECT_TRUE(commit_pattern("^way"));
  EXPECT_EQ(left(), 2);
  EXPECT_FALSE(commit_pattern("("));
  EXPECT_EQ(left(), 2);
}

TEST_F(WritSwap, WithoutAPolicyTheElseValueAnswers) {
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(note(), "none");
  EXPECT_TRUE(engine.history().empty());
}

TEST_F(WritSwap, ACommitIsVisibleWhenItReturns) {
  for (std::int64_t i = 1; i <= 20; ++i) {
    EXPECT_EQ(commit(i).number, static_cast<std::uint64_t>(i));
    EXPECT_EQ(left(), i);
    EXPECT_EQ(right(), i);
  }
  EXPECT_EQ(engine.stats().swaps, 20U);
}

TEST_F(WritSwap, AnErrorLeavesTheRunningRelease) {
  commit(1);
  auto broken =
      engine.stage().source("p.writ", both(2)).source("q.writ", "policy q for s\nslot left() = \"text\"\n").commit();
  ASSERT_FALSE(broken);
  const std::vector<writ::Finding>& findings = broken.error().findings();
  ASSERT_FALSE(findings.empty());
  EXPECT_TRUE(std::ranges::any_of(findings, [](const writ::Finding& finding) {
    return finding.is_error && finding.file == "q.writ" && finding.line == 2;
  })) << broken.error().pretty();
  EXPECT_EQ(left(), 1);
  EXPECT_EQ(engine.stats().running.number, 1U);
  EXPECT_EQ(engine.stats().refused, 1U);
  EXPECT_EQ(commit(3).number, 2U);
}

TEST_F(WritSwap, AReleaseOfTooManyTextsOrOfAnUnknownTierIsRefused) {
  commit(1);
  writ::Stage stage = engine.stage();
  for (std::int64_t i = 0; i < writ::support::limits::kUnits; ++i) {
    const std::string name = "u" + std::to_string(i);
    stage.source(name, "library " + name + " for s\n");
  }
  const auto release = stage.commit();  // with the policy and the schema two too many
  ASSERT_FALSE(release);
  EXPECT_NE(release.error().pretty().find("the release is too large"), std::string::npos) << release.error().pretty();
  EXPECT_TRUE(stage.remove("u0").remove("u1").commit());
  EXPECT_FALSE(engine.stage().commit({.tier = "medium"}));
  EXPECT_EQ(engine.stats().refused, 2U);
  EXPECT_EQ(left(), 1);
}

TEST(WritSwapDeathTest, APinOfAnotherEngineOrNoneEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // an engine has a thread
  writ::Engine one{writ::Schema::from_text(kSchema)};
  writ::Engine two{writ::Schema::from_text(kSchema)};
  const writ::Slot<std::int64_t()> left{one, "left"};
  writ::Pin pin = two.pin();
  EXPECT_DEATH((void)left(pin), "engine");
  const writ::Pin moved = std::move(pin);
  EXPECT_DEATH((void)left(pin), "");
}

TEST_F(WritSwap, IdenticalContentIsNoRelease) {
  const writ::ReleaseId first = commit(1);
  EXPECT_EQ(commit(1), first);
  EXPECT_EQ(engine.stage().commit(), first);
  EXPECT_EQ(engine.stats().swaps, 1U);
  EXPECT_NE(engine.stage().commit({.tier = "large"}), first);
}

TEST_F(WritSwap, AStageStartsFromTheRunningRelease) {
  ASSERT_TRUE(engine.stage()
                  .source("lib.writ", "library lib for s\nfn n() -> int = 1\n")
                  .source("p.writ", "policy p for s\nuse lib.{n}\nconfig { more: int = 0 }\nslot left() = n() + more\n")
                  .commit());
  EXPECT_EQ(left(), 1);
  ASSERT_TRUE(engine.stage().config("c.toml", "[p]\nmore = 10\n").commit());
  EXPECT_EQ(left(), 11);
  ASSERT_TRUE(engine.stage().source("lib.writ", "library lib for s\nfn n() -> int = 2\n").commit());
  EXPECT_EQ(left(), 12);
  ASSERT_TRUE(engine.stage().remove("c.toml").commit());
  EXPECT_EQ(left(), 2);
  EXPECT_EQ(engine.history().front().unit_count, 2U);
  EXPECT_FALSE(engine.stage().remove("lib.writ").commit());
  ASSERT_TRUE(engine.stage().remove("lib.writ").remove("p.writ").commit());
  EXPECT_EQ(left(), 0);
}

TEST_F(WritSwap, RollbackGoesBackAsFarAsReleasesAreKept) {
  for (std::int64_t i = 1; i <= 7; ++i) commit(i);
  EXPECT_EQ(engine.history().size(), static_cast<std::size_t>(writ::support::limits::kKeptReleases) + 1);
  EXPECT_EQ(engine.history().front().id.number, 7U);
  EXPECT_TRUE(engine.history().front().is_running);
  for (std::int64_t i = 6; i >= 3; --i) {
    EXPECT_EQ(engine.rollback(), writ::ReleaseId{static_cast<std::uint64_t>(i)});
    EXPECT_EQ(left(), i);
  }
  EXPECT_EQ(engine.rollback(), std::nullopt);
  EXPECT_EQ(left(), 3);
  EXPECT_EQ(commit(8).number, 8U);
}

TEST_F(WritSwap, TheFirstReleaseRollsBackToNone) {
  commit(1);
  EXPECT_EQ(engine.rollback(), writ::ReleaseId{0});
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(engine.rollback(), std::nullopt);
}

TEST_F(WritSwap, APinKeepsItsRelease) {
  commit(1);
  const std::uint64_t live = engine.stats().live_releases;
  {
    const writ::Pin pin = engine.pin();
    const std::string_view text = note_view(pin);
    for (std::int64_t i = 2; i <= 12; ++i) commit(i);
    EXPECT_EQ(pin.release().number, 1U);
    EXPECT_EQ(left(pin), 1);
    EXPECT_EQ(right(pin), 1);
    EXPECT_EQ(text, "release 1 has a note of its own");
    EXPECT_EQ(left(), 12);
    // The pinned one, and what is kept; nothing else waits for the pin.
    EXPECT_TRUE(soon([&] { return engine.stats().live_releases == live + writ::support::limits::kKeptReleases + 1; }));
  }
  EXPECT_TRUE(soon([&] { return engine.stats().live_releases == live + writ::support::limits::kKeptReleases; }));
}

TEST_F(WritSwap, CodeOfFreedReleasesIsGivenBack) {
  for (std::int64_t i = 1; i <= 5; ++i) commit(i);
  const std::uint64_t code_bytes = engine.stats().code_bytes;
  for (std::int64_t i = 6; i <= 40; ++i) commit(i % 10);
  EXPECT_TRUE(soon([&] { return engine.stats().code_bytes == code_bytes; }));
}

TEST_F(WritSwap, AStringOutlivesItsReleaseAndAResultItsViews) {
  commit(1);
  auto result = note_view.try_call();
  ASSERT_TRUE(result);
  const std::string copy = note();
  for (std::int64_t i = 2; i <= 12; ++i) commit(i);
  EXPECT_TRUE(soon([&] { return engine.stats().live_releases <= writ::support::limits::kKeptReleases + 2; }));
  EXPECT_EQ(copy, "release 1 has a note of its own");
  EXPECT_EQ(**result, copy);
  EXPECT_EQ(result->release().number, 1U);
}

TEST_F(WritSwap, AResultUnderAPinIsThePinnedReleasesAndOutlivesThePin) {
  commit(1);
  auto pin = std::make_optional(engine.pin());
  commit(2);
  const auto result = note_view.try_call(*pin);
  pin.reset();
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, "release 1 has a note of its own");
  EXPECT_EQ(result->release().number, 1U);
  EXPECT_EQ(note_view.try_call()->release().number, 2U);
}

TEST_F(WritSwap, UnderAPinTwoSlotsAnswerFromOneRelease) {
  commit(1);
  std::atomic<bool> done{false};
  std::atomic<std::int64_t> torn{0};
  std::atomic<std::int64_t> backwards{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      std::int64_t last = 0;
      while (!done) {
        {
          const writ::Pin pin = engine.pin();
          if (left(pin) != right(pin)) ++torn;
        }
        // Releases only go forward: what one slot showed, the next call of the other shows too.
        const std::int64_t now = left();
        if (right() < now || now < last) ++backwards;
        last = now;
      }
    });
  }
  for (std::int64_t i = 2; i <= 60; ++i) commit(i);
  done = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(backwards, 0);
}

TEST_F(WritSwap, CommittersQueueAndNoneLosesTheOthersChanges) {
  std::vector<std::thread> committers;
  const auto write = [&](const std::string& name, const std::string& slot) {
    committers.emplace_back([this, name, slot] {
      for (int i = 1; i <= 10; ++i) {
        auto release =
            engine.stage()
                .source(name + ".writ", "policy " + name + " for s\nslot " + slot + "() = " + std::to_string(i))
                .commit();
        EXPECT_TRUE(release) << release.error().pretty();
      }
    });
  };
  write("a", "left");
  write("b", "right");
  for (std::thread& committer : committers) committer.join();
  EXPECT_EQ(left(), 10);
  EXPECT_EQ(right(), 10);
  EXPECT_EQ(engine.stats().running.number, 20U);
}

}  // namespace
