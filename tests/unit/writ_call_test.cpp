// One call: budget, traps and else values, host functions that behave and that do not, emitted values.

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <writ/writ.hpp>

#include "support/limits.h"

namespace {

using writ::TrapKind;
using Ask = writ::Slot<std::int64_t(std::int64_t)>;

constexpr const char* kSchema = R"(schema s
record Pair { first: int, second: string }
capability host {
  reads fn number(n: int) -> int       cost 100
  reads fn word(n: int) -> string(..8) cost 1
  reads fn words(n: int) -> list<int>  cost 1
  reads fn pair(n: int) -> Pair        cost 1
  reads fn missing() -> int            cost 1
  emits fn note(text: string, n: int)  cost 1
}
slot ask(n: int) -> int else -1
slot inner(n: int) -> int else -2
slot text(n: int) -> string else "else"
slot names(n: int) -> list<string> else []
slot own(n: int) -> int else host
tier t     { grants host fuel 10_000 memory 4KiB stack 8KiB }
tier other { grants host fuel 10_000 memory 4KiB stack 8KiB }
)";

class WritCall : public testing::Test {
 protected:
  WritCall() {
    engine.provide("host.number", [this](std::int64_t n) { return on_number ? on_number(n) : n; });
    engine.provide("host.word", [this](std::int64_t n) { return on_word(n); });
    engine.provide("host.words", [](std::int64_t n) { return std::vector<std::int64_t>{n, n + 1}; });
    engine.provide("host.pair",
                   [](writ::CallContext& context, std::int64_t n) { return Pair{n, context.copy(std::to_string(n))}; });
    engine.provide("host.note", [this](std::string_view text, std::int64_t n) {
      if (n < 0) throw std::runtime_error("refused");
      noted.push_back(std::string(text) + std::to_string(n));
    });
    engine.on_trap([this](const writ::TrapInfo& trap) { traps.push_back(trap); });
  }

  void load(const std::string& body, std::string_view tier = "t") {
    auto release = engine.stage().source("p.writ", "policy p for s\n" + body).commit({.tier = tier});
    ASSERT_TRUE(release) << release.error().pretty();
  }
  TrapKind trap_of(std::int64_t n) {
    auto result = ask.try_call(n);
    return result ? TrapKind::none : result.error().kind;
  }

  struct Pair {
    std::int64_t first;
    std::string_view second;
  };

  writ::Engine engine{writ::Schema::from_text(kSchema)};
  std::function<std::int64_t(std::int64_t)> on_number;
  std::function<std::string(std::int64_t)> on_word;
  std::vector<std::string> noted;
  std::vector<writ::TrapInfo> traps;
  Ask ask{engine, "ask"};
  Ask inner{engine, "inner"};
  Ask own{engine, "own", [](std::int64_t n) { return n + 1'000; }};
  writ::Slot<std::string(std::int64_t)> text{engine, "text"};
  writ::Slot<std::span<const std::string_view>(std::int64_t)> names{engine, "names"};
};

TEST_F(WritCall, ATrapGivesTheElseValueAndIsTold) {
  load("slot ask(n) = 10 / n");
  EXPECT_EQ(ask(5), 2);
  EXPECT_EQ(ask(0), -1);
  ASSERT_EQ(traps.size(), 1U);
  EXPECT_EQ(traps[0].slot, "ask");
  EXPECT_EQ(traps[0].kind, TrapKind::division_by_zero);
  EXPECT_EQ(traps[0].file, "p.writ");
  EXPECT_EQ(traps[0].line, 2U);
  const auto result = ask.try_call(0);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, TrapKind::division_by_zero);
  EXPECT_EQ(result.error().line, 2U);
  EXPECT_EQ(traps.size(), 2U);
}

TEST(WritTrap, TheHandlerMayAskASlotThatTraps) {
  writ::Engine engine{writ::Schema::from_text(kSchema)};
  const Ask ask{engine, "ask"};
  int told = 0;
  engine.on_trap([&](const writ::TrapInfo&) {
    ++told;
    EXPECT_EQ(ask(0), -1);
  });
  EXPECT_THROW(engine.on_trap([](const writ::TrapInfo&) {}), writ::SetupError);
  ASSERT_TRUE(engine.stage().source("p", "policy p for s\nslot ask(n) = 10 / n").commit());
  EXPECT_EQ(ask(0), -1);
  EXPECT_EQ(ask(0), -1);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(engine.stats().slots[0].traps, 4U);
}

TEST_F(WritCall, TheProgramsOwnFunctionAnswersWithoutAPolicyAndAfterATrap) {
  EXPECT_EQ(own(1), 1'001);
  load("slot own(n) = 10 / n");
  EXPECT_EQ(own(2), 5);
  EXPECT_EQ(own(0), 1'000);
  EXPECT_FALSE(own.try_call(0));
  ASSERT_TRUE(engine.stage().remove("p.writ").commit());
  const auto result = own.try_call(1);
  EXPECT_EQ(**result, 1'001);
  EXPECT_EQ(result->release(), engine.stats().running);
}

TEST_F(WritCall, AReasonMayBeAFieldOfARow) {
  load(
      "record Row { name: string, least: int }\n"
      "fn by_row(n: int, prefix: string) -> int = decide {\n"
      "  for r in [Row(name: prefix + \"big\", least: 100), Row(name: prefix + \"small\", least: 0)] {\n"
      "    r.least r.name when n >= r.least\n  }\n  else -1 \"none\"\n}\n"
      "slot inner(n) = by_row(n, \"inner \")\n"
      "slot ask(n) = by_row(host.number(n), \"\")");
  std::string inside;
  on_number = [&](std::int64_t n) {
    inside = inner.try_call(n + 1)->reason();
    return n;
  };
  EXPECT_EQ(ask.try_call(99)->reason(), "small");
  EXPECT_EQ(inside, "inner big");
  EXPECT_EQ(ask.try_call(100)->reason(), "big");
  EXPECT_EQ(ask.try_call(-1)->reason(), "none");
}

TEST_F(WritCall, AResultTellsReasonFuelMemoryAndRelease) {
  load("slot ask(n) = decide { 1 \"big\" when n > 100\n else 2 \"small\" }\nslot text(n) = f\"{n} items\"");
  const auto result = ask.try_call(101);
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, 1);
  EXPECT_EQ(result->reason(), "big");
  EXPECT_GT(result->fuel(), 0);
  EXPECT_EQ(result->memory(), 0);
  EXPECT_EQ(result->release(), engine.stats().running);
  EXPECT_GT(text.try_call(7)->memory(), 0);
  EXPECT_EQ(text(7), "7 items");
}

TEST_F(WritCall, QuotasHoldForEveryCall) {
  load(
      "slot ask(n) { var i = 0 while i < n { i += 1 } return i }\nslot text(n) { var t = \"x\" for i in 0..n { t = t + "
      "t } return t }");
  EXPECT_EQ(ask(10), 10);
  EXPECT_EQ(trap_of(1'000'000), TrapKind::out_of_fuel);
  EXPECT_EQ(text.try_call(20).error().kind, TrapKind::out_of_memory);
  EXPECT_EQ(text(20), "else");
}

TEST_F(WritCall, LimitsOfTheCallerOnlyLower) {
  load("slot ask(n) { var i = 0 while i < n { i += 1 } return i }");
  const std::int64_t used = ask.try_call(100)->fuel();
  EXPECT_EQ(**ask.with({.fuel = used}).try_call(100), 100);
  EXPECT_EQ(ask.with({.fuel = used - 1}).try_call(100).error().kind, TrapKind::out_of_fuel);
  EXPECT_EQ(ask.with({.fuel = used - 1})(100), -1);
  EXPECT_EQ(ask.with({.fuel = 1'000'000'000}).try_call(1'000'000).error().kind, TrapKind::out_of_fuel);
}

TEST_F(WritCall, LimitsHoldUnderAPinToo) {
  load("slot ask(n) { var i = 0 while i < n { i += 1 } return i }\nslot names(n) = [f\"{n}\"]");
  const writ::Pin pin = engine.pin();
  load("slot ask(n) = -n");
  const std::int64_t used = ask.try_call(pin, 100)->fuel();
  EXPECT_EQ(ask.with({.fuel = used})(pin, 100), 100);
  EXPECT_EQ(ask.with({.fuel = used - 1})(pin, 100), -1);
  EXPECT_EQ(ask.with({.fuel = used - 1}).try_call(pin, 100).error().kind, TrapKind::out_of_fuel);
  EXPECT_EQ(names.with({.memory = 64})(pin, 5).front(), "5");
  EXPECT_TRUE(names.with({.memory = 0})(pin, 5).empty());
}

TEST_F(WritCall, ViewsLiveWithTheResultOrThePin) {
  load("slot names(n) = [f\"first {n}\", \"second\"]");
  std::optional<writ::Pin> pin = engine.pin();
  const std::span<const std::string_view> pinned = names(*pin, 1);
  const auto result = names.try_call(2);
  ASSERT_TRUE(result);
  for (std::int64_t i = 3; i < 20; ++i) ASSERT_TRUE(names.try_call(i));
  EXPECT_EQ(std::vector(pinned.begin(), pinned.end()), (std::vector<std::string_view>{"first 1", "second"}));
  EXPECT_EQ((*result)->front(), "first 2");
}

TEST_F(WritCall, HostFunctionsGiveNumbersTextsListsAndRecords) {
  on_number = [](std::int64_t n) { return n * 2; };
  on_word = [](std::int64_t n) { return "w" + std::to_string(n); };
  load(
      "slot ask(n) = host.number(n) + host.words(n)[1] + host.pair(n).first\n"
      "slot text(n) = host.word(n) + host.pair(n).second");
  EXPECT_EQ(ask(10), 41);
  EXPECT_EQ(text(4), "w44");
}

TEST_F(WritCall, TheCostOfAHostFunctionIsChargedBeforeItRuns) {
  int calls = 0;
  on_number = [&](std::int64_t n) { return ++calls, n; };
  load("slot ask(n) = host.number(n)");
  const std::int64_t used = ask.try_call(1)->fuel();
  EXPECT_GT(used, 100);
  calls = 0;
  EXPECT_EQ(ask.with({.fuel = used - 1})(1), -1);
  EXPECT_EQ(calls, 0);
}

TEST_F(WritCall, WhatAHostFunctionThrowsEndsTheCall) {
  on_number = [](std::int64_t n) -> std::int64_t {
    if (n == 0) throw std::runtime_error("no");
    if (n == 1) throw 17;
    return n;
  };
  load("slot ask(n) = host.number(n)");
  EXPECT_EQ(trap_of(0), TrapKind::host_error);
  EXPECT_EQ(trap_of(1), TrapKind::host_error);
  EXPECT_EQ(ask(1), -1);
  EXPECT_EQ(ask(2), 2);
}

TEST_F(WritCall, AnAnswerThatBreaksItsContractEndsTheCall) {
  load("slot text(n) = host.word(n)");
  const auto kind = [&](std::string answer) {
    on_word = [=](std::int64_t) { return answer; };
    auto result = text.try_call(0);
    return result ? TrapKind::none : result.error().kind;
  };
  EXPECT_EQ(kind("12345678"), TrapKind::none);
  EXPECT_EQ(kind("123456789"), TrapKind::host_error);                // over its bound
  EXPECT_EQ(kind("\xC3"), TrapKind::host_error);                     // not UTF-8
  EXPECT_EQ(kind(std::string(100'000, 'x')), TrapKind::host_error);  // over the call's memory
}

TEST_F(WritCall, AFunctionThatNobodyProvidedIsAHostError) {
  load("slot ask(n) = host.missing()");
  EXPECT_EQ(trap_of(0), TrapKind::host_error);
}

TEST_F(WritCall, AHostFunctionMayAskASlot) {
  on_number = [this](std::int64_t n) { return inner(n); };
  load("slot ask(n) = host.number(n) + 1\nslot inner(n) = n * 10");
  EXPECT_EQ(ask(4), 41);
}

TEST_F(WritCall, CallsInsideACallDrawOnItsFuel) {
  on_number = [this](std::int64_t n) { return inner(n); };
  load("slot ask(n) = host.number(n)\nslot inner(n) { var i = 0 while i < n { i += 1 } return i }");
  const std::int64_t alone = inner.try_call(50)->fuel();
  const std::int64_t outer = ask.try_call(0)->fuel() - inner.try_call(0)->fuel();
  EXPECT_EQ(ask.try_call(50)->fuel(), outer + alone);
  EXPECT_EQ(**ask.with({.fuel = outer + alone}).try_call(50), 50);
  // The inner call runs out first, and nothing is left for the outer one's way back.
  std::int64_t answer = 0;
  on_number = [&](std::int64_t n) { return answer = inner(n); };
  (void)ask.with({.fuel = outer + alone - 1})(50);
  EXPECT_EQ(answer, -2);
}

TEST_F(WritCall, CallsInsideACallDrawOnItsMemory) {
  std::optional<writ::TrapInfo> trap;
  on_number = [&](std::int64_t n) {
    auto result = text.try_call(n);
    trap = result ? std::nullopt : std::optional(result.error());
    return std::int64_t{0};
  };
  // grow(n) leaves about 2 × 2^n bytes behind it, of 4 KiB.
  load(
      "fn grow(n: int) -> string { var t = \"x\" for i in 0..n { t = t + t } return t }\n"
      "slot ask(n) { let mine = grow(n) return host.number(10) + mine.size() }\n"
      "slot text(n) = grow(n)");
  EXPECT_TRUE(text.try_call(10));
  EXPECT_EQ(ask(9), 512);
  EXPECT_FALSE(trap);
  EXPECT_EQ(ask(10), -1);  // a call that trapped has used its whole fuel, which was this one's
  ASSERT_TRUE(trap);
  EXPECT_EQ(trap->kind, TrapKind::out_of_memory);
  EXPECT_EQ(traps.back().kind, TrapKind::out_of_fuel);
}

TEST_F(WritCall, CallsInsideACallAreAtMostFourDeep) {
  std::int64_t deepest = 0;
  on_number = [&](std::int64_t n) {
    deepest = std::max(deepest, n);
    return ask(n + 1);
  };
  load("slot ask(n) = host.number(n)");
  EXPECT_EQ(ask(0), -1);
  EXPECT_EQ(deepest, writ::support::limits::kHostReentry);
  ASSERT_FALSE(traps.empty());
  EXPECT_EQ(traps[0].kind, TrapKind::stack_overflow);
}

TEST_F(WritCall, AHostFunctionMayPublishAndTheCallEndsOnItsOwnRelease) {
  on_number = [this](std::int64_t n) {
    load("slot ask(n) = n + 2_000");
    return ask(n);  // already the new one
  };
  load("slot ask(n) = host.number(n) + 100_000");
  EXPECT_EQ(ask(1), 102'001);
  EXPECT_EQ(ask(1), 2'001);
}

TEST_F(WritCall, EmittedValuesComeAfterTheDecisionAllOrNone) {
  on_number = [this](std::int64_t n) {
    EXPECT_TRUE(noted.empty());
    return n;
  };
  load("slot ask(n) { host.note(\"a\", n) host.note(f\"b{n}\", 2) return 10 / host.number(n) }");
  EXPECT_EQ(ask(5), 2);
  EXPECT_EQ(noted, (std::vector<std::string>{"a5", "b52"}));
  noted.clear();
  EXPECT_EQ(ask(0), -1);
  EXPECT_TRUE(noted.empty());
}

TEST_F(WritCall, ACallInsideACallEmitsByItself) {
  on_number = [this](std::int64_t n) {
    const std::int64_t answer = inner(n);
    EXPECT_EQ(noted, std::vector<std::string>{"inner1"});
    return answer;
  };
  load(
      "slot ask(n) { host.note(\"outer\", n) return 10 / (host.number(n) - 1) }\n"
      "slot inner(n) { host.note(\"inner\", n) return n }");
  EXPECT_EQ(ask(1), -1);
  EXPECT_EQ(noted, std::vector<std::string>{"inner1"});
}

TEST_F(WritCall, AnEmittedValueThatIsRefusedIsCounted) {
  load("slot ask(n) { host.note(\"a\", n) host.note(\"b\", 1) return n }");
  EXPECT_EQ(ask(-5), -5);
  EXPECT_EQ(noted, std::vector<std::string>{"b1"});
  EXPECT_EQ(engine.stats().emit_failures, 1U);
}

TEST_F(WritCall, OneCallEmitsSoMuchAndNoMore) {
  load("slot ask(n) { for i in 0..n { host.note(\"\", i) } return n }");
  EXPECT_EQ(ask(writ::support::limits::kEmittedCalls), writ::support::limits::kEmittedCalls);
  EXPECT_EQ(noted.size(), static_cast<std::size_t>(writ::support::limits::kEmittedCalls));
  EXPECT_EQ(trap_of(writ::support::limits::kEmittedCalls + 1), TrapKind::host_error);
}

TEST_F(WritCall, AThreadWithoutRoomForTheTierGetsTheElseValue) {
  load("fn down(n: int) -> int = n == 0 ? 0 : 1 + down(n - 1)\nslot ask(n) = down(n)");
  EXPECT_EQ(ask(20), 20);
  EXPECT_EQ(trap_of(100'000), TrapKind::stack_overflow);
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{64} * 1024), 0);
  pthread_t thread;
  std::int64_t answer = 0;
  std::function<void()> work = [&] { answer = ask(100'000); };
  const auto run = [](void* to_do) -> void* {
    (*static_cast<std::function<void()>*>(to_do))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &work), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(answer, -1);
}

TEST_F(WritCall, CountsOfAllThreadsAreAddedUp) {
  load("slot ask(n) = 10 / n");
  std::thread([&] { (void)ask(0), (void)ask(1); }).join();
  (void)ask(2);
  const writ::Stats stats = engine.stats();
  EXPECT_EQ(stats.slots[0].slot, "ask");
  EXPECT_EQ(stats.slots[0].calls, 3U);
  EXPECT_EQ(stats.slots[0].traps, 1U);
  EXPECT_NE(stats.prometheus().find("writ_traps_total{schema=\"s\",slot=\"ask\",kind=\"division_by_zero\"} 1\n"),
            std::string::npos)
      << stats.prometheus();
}

TEST_F(WritCall, TheMetricsAreTextThatPrometheusReads) {
  load("slot ask(n) = 10 / n");
  (void)ask(0);
  const std::string text = engine.stats().prometheus();
  const std::regex sample(R"(writ_[a-z_]+\{([a-z_]+="[A-Za-z0-9_]+",?)+\} [0-9]+)");
  std::istringstream lines(text);
  std::string metric;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      metric = line.substr(7, line.find(' ', 7) - 7);
    } else if (!line.starts_with("# HELP ")) {
      EXPECT_TRUE(std::regex_match(line, sample)) << line;
      EXPECT_TRUE(line.starts_with(metric + "{")) << line;
    }
  }
  EXPECT_TRUE(text.ends_with("\n"));
}

TEST_F(WritCall, SetUpMistakesAreTold) {
  const auto message = [&](const auto& provide) {
    try {
      provide();
    } catch (const writ::SetupError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message([&] { engine.provide("host.nothing", [] { return std::int64_t{0}; }); }),
            "host.nothing: the schema has no such host function");
  EXPECT_EQ(message([&] { engine.provide("host.number", [](std::int64_t n) { return n; }); }),
            "host.number: it has been provided already");
  EXPECT_EQ(message([&] { engine.provide("host.missing", [] { return 1.5; }); }),
            "host.missing: the result: it is a double in the host program, and int in the schema");
  load("slot ask(n) = n");
  EXPECT_EQ(message([&] { engine.provide("host.missing", [] { return std::int64_t{0}; }); }),
            "host.missing: host functions are provided before the first release is committed");
}

}  // namespace
