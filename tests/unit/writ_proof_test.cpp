// Releases under a proven tier as a program that embeds Writ meets them: nothing is counted, the bound is the fuel.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <writ/writ.hpp>

namespace {

using writ::TrapKind;

constexpr const char* kSchema = R"(schema s
capability host { reads fn number(n: int) -> int  cost 100 }
slot ask(s: string(..64), n: int(0..10)) -> int else -1
slot inner(n: int) -> int else -2
tier t { grants host  fuel 1_000  memory 4KiB  stack 8KiB  proven }
tier counted { grants host  fuel 1_000  memory 4KiB  stack 8KiB }
)";

class WritProof : public testing::Test {
 protected:
  WritProof() {
    engine.provide("host.number", [this](std::int64_t n) { return on_number ? on_number(n) : n; });
  }
  void load(const std::string& body, std::string_view tier = "t") {
    auto release = engine.stage().source("p.writ", "policy p for s\n" + body).commit({.tier = tier});
    ASSERT_TRUE(release) << release.error().pretty();
  }

  writ::Engine engine{writ::Schema::from_text(kSchema)};
  std::function<std::int64_t(std::int64_t)> on_number;
  writ::Slot<std::int64_t(std::string_view, std::int64_t)> ask{engine, "ask"};
  writ::Slot<std::int64_t(std::int64_t)> inner{engine, "inner"};
};

constexpr const char* kSum = "slot ask(s, n) {\n  var sum = s.size()\n  for i in 0..n { sum += i }\n  return sum\n}";

TEST_F(WritProof, TheBoundIsTheFuelOfEveryCall) {
  load(kSum);
  const auto shortest = ask.try_call("", 0);
  const auto longest = ask.try_call(std::string(64, 'x'), 10);
  EXPECT_EQ(shortest->fuel(), longest->fuel());
  EXPECT_EQ(**longest, 64 + 45);
  load(kSum, "counted");
  EXPECT_LT(ask.try_call("", 0)->fuel(), shortest->fuel());
  EXPECT_EQ(ask.try_call(std::string(64, 'x'), 10)->fuel(), longest->fuel());
}

TEST_F(WritProof, ACallerThatAllowsLessThanTheBoundGetsNothing) {
  load(kSum);
  const std::int64_t bound = ask.try_call("", 0)->fuel();
  EXPECT_TRUE(ask.with({.fuel = bound}).try_call("", 0));
  const auto refused = ask.with({.fuel = bound - 1}).try_call("", 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, TrapKind::out_of_fuel);
}

TEST_F(WritProof, ATrapInItIsAnyTrap) {
  load("slot ask(s, n) = 10 / n");
  EXPECT_EQ(ask("", 0), -1);
  EXPECT_EQ(ask.try_call("", 0).error().kind, TrapKind::division_by_zero);
}

TEST_F(WritProof, CallsInsideItDrawOnWhatItsBoundLeaves) {
  load("slot ask(s, n) = host.number(n)\nslot inner(n) = n + 1");
  on_number = [&](std::int64_t n) {
    for (int i = 0; i < 2'000; ++i) inner(n);
    return inner(n);
  };
  // Some two thousand calls of one unit each are more than the quota leaves: the last is answered by its else.
  EXPECT_EQ(ask("", 3), -2);
  on_number = [&](std::int64_t n) { return inner(n); };
  const auto result = ask.try_call("", 3);
  EXPECT_EQ(**result, 4);
  EXPECT_EQ(result->fuel(), 101 + 1);
}

TEST_F(WritProof, WhatHasNoBoundWithinTheQuotaIsRefusedAndTheReleaseStays) {
  load(kSum);
  const auto over = engine.stage()
                        .source("p.writ",
                                "policy p for s\nslot inner(n) {\n  var m = 0\n"
                                "  for i in 0..n { m += i }\n  return m\n}")
                        .commit({.tier = "t"});
  ASSERT_FALSE(over);
  EXPECT_NE(over.error().pretty().find("W4003"), std::string::npos) << over.error().pretty();
  EXPECT_EQ(ask("ab", 0), 2);
}

TEST_F(WritProof, OtherValuesAreAnotherProof) {
  load(
      "config { turns: int(..1_000) = 1 }\nslot inner(n) {\n  var m = n\n  for i in 0..turns { m += i }\n  return "
      "m\n}");
  const auto commit = [&](const std::string& turns) {
    return engine.stage().config("p.toml", "[p]\nturns = " + turns).commit({.tier = "t"});
  };
  const std::int64_t one_turn = inner.try_call(0)->fuel();
  ASSERT_TRUE(commit("10"));
  const auto ten_turns = inner.try_call(0);
  EXPECT_EQ(**ten_turns, 45);
  EXPECT_EQ(ten_turns->fuel(), one_turn + 9);

  const auto over = commit("1000");
  ASSERT_FALSE(over);
  EXPECT_NE(over.error().pretty().find("W4005"), std::string::npos) << over.error().pretty();
  EXPECT_EQ(inner(0), 45);
}

}  // namespace
