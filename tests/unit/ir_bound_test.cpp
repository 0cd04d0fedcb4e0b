// The cost proof on programs made by hand: its limits, and charges that no policy's text brings about alone.
#include <gtest/gtest.h>

#include "ir/bound.h"
#include "support/deep_stack.h"
#include "support/limits.h"
#include "tests/unit/ir_build.h"

namespace writ::ir {
namespace {

using namespace build;  // NOLINT(google-build-using-namespace)

CallBound bound_of(Sketch& s, FunctionId function) {
  meter(s.program);
  s.program.slots.push_back({.name = "f", .parameters = {}, .result = s.integer, .doc = {}, .span = {}});
  s.program.entries.push_back({.policy = function, .otherwise = std::nullopt});
  std::optional<CallBound> bound;
  support::on_deep_stack([&] { bound = bound_slots(s.program, default_config(s.program)).back(); });
  return bound.value();
}

/// f0 calls nothing, f1 calls f0 as often as said, and so on; each hands on its number and one more.
FunctionId chain(Sketch& s, std::int64_t functions, int calls) {
  FunctionId last = s.function("f0", {{"n", s.integer}}, {}, s.integer, body(Return{s.local(0, s.integer), {}}));
  for (std::int64_t i = 1; i < functions; ++i) {
    ExprPtr sum = s.number(0);
    for (int call = 0; call < calls; ++call) {
      sum =
          s.add(std::move(sum), make(s.integer, FunctionCall{last, all(s.add(s.local(0, s.integer), s.number(call)))}));
    }
    last = s.function("f", {{"n", s.integer}}, {}, s.integer, body(Return{std::move(sum), {}}));
  }
  return last;
}

constexpr const char* kTooLarge = "the proof of its cost takes too many steps";

TEST(Bound, FollowsCallsInsideOneAnotherUpToALimit) {
  Sketch fits;
  const CallBound bound = bound_of(fits, chain(fits, support::limits::kProofDepth, 1));
  EXPECT_FALSE(bound.unbounded);
  EXPECT_EQ(bound.stack, support::limits::kProofDepth * 72);
  Sketch s;
  const CallBound too_deep = bound_of(s, chain(s, support::limits::kProofDepth + 1, 1));
  ASSERT_TRUE(too_deep.unbounded);
  EXPECT_EQ(too_deep.unbounded->factor.what, kTooLarge);
}

TEST(Bound, TakesAtMostSoManySteps) {
  Sketch s;
  const CallBound bound = bound_of(s, chain(s, 40, 2));  // 2^39 calls, were each followed
  static_assert(support::limits::kProofSteps < std::int64_t{1} << 39);
  ASSERT_TRUE(bound.unbounded);
  EXPECT_EQ(bound.unbounded->factor.what, kTooLarge);
}

TEST(Bound, CountsTurnsTimesTheTurn) {
  Sketch s;
  // 1 + nodes/16 on entry, and each turn likewise.
  const FunctionId f =
      s.function("f", {}, {{"i", s.integer}, {"sum", s.integer}}, s.integer,
                 body(Assign{1, s.number(0)},
                      ForRange{s.number(-5), s.number(95), 0,
                               body(Assign{1, s.add(s.local(1, s.integer), s.local(0, s.integer))}), 0},
                      Return{s.local(1, s.integer), {}}));
  const CallBound bound = bound_of(s, f);
  EXPECT_FALSE(bound.unbounded);
  EXPECT_EQ(bound.fuel, 1 + 100);
  EXPECT_EQ(bound.memory, 0);
  EXPECT_EQ(bound.stack, 64 + 8 * 2);
}

TEST(Bound, SaysWhatHasNone) {
  Sketch s;
  const FunctionId f =
      s.function("f", {}, {{"n", s.integer}}, s.integer,
                 body(Assign{0, s.number(0)}, While{s.less(s.local(0, s.integer), s.number(3)), body(Break{}), 0},
                      Return{s.number(1), {}}));
  const CallBound bound = bound_of(s, f);
  ASSERT_TRUE(bound.unbounded);
  EXPECT_EQ(bound.fuel, kNoBound);
  EXPECT_EQ(bound.unbounded->factor.what, "a `while` has no bound");

  Sketch again;
  const FunctionId g = again.function("g", {}, {}, again.integer, {});
  again.program.functions[g].body = body(Return{make(again.integer, FunctionCall{g, {}}), {}});
  const CallBound recursive = bound_of(again, g);
  ASSERT_TRUE(recursive.unbounded);
  EXPECT_EQ(recursive.unbounded->factor.what, "`g` calls itself");
  EXPECT_EQ(recursive.memory, kNoBound);
  EXPECT_EQ(recursive.stack, kNoBound);
}

/// Lists that are not made by checking alone: room for some, and more appended.
TEST(Bound, CountsTheMovesOfAListThatOutgrowsItsRoom) {
  for (const std::int64_t room : {0, 1, 3, 50}) {
    Sketch s;
    const TypeId ints = s.program.types.list(s.integer);
    const FunctionId f =
        s.function("f", {}, {{"xs", ints}, {"room", s.integer}, {"i", s.integer}}, s.integer,
                   body(Reserve{0, 1, s.number(room)},
                        ForRange{s.number(0), s.number(40), 2, body(Append{0, 1, s.local(2, s.integer)}), 0},
                        Return{make(s.integer, Operate{Op::kListSize, all(s.local(0, ints))}), {}}));
    const CallBound bound = bound_of(s, f);
    const Config config = default_config(s.program);
    const Interpreter interpreter(s.program, config);
    Budget budget(bound.fuel, static_cast<std::size_t>(bound.memory));
    const runtime::Result result = interpreter.call(f, {}, budget.frame);
    EXPECT_EQ(result.status, 0U) << room;
    EXPECT_EQ(result.word, 40U);
    EXPECT_EQ(budget.frame.fuel, 0);
    if (room == 0) {
      EXPECT_EQ(budget.frame.arena_next, budget.frame.arena_end) << "from nothing the moves are known";
    }
  }
}

/// Room for each element of a list is enough for one a turn over that list, and for nothing else.
TEST(Bound, CountsTheMovesWhereRoomWasMadeForSomethingElse) {
  Sketch s;
  const TypeId ints = s.program.types.list(s.integer);
  const auto ten = [&] { return make(s.integer, Operate{Op::kListSize, all(s.local(3, ints))}); };
  std::vector<ExprPtr> elements;
  for (int i = 0; i < 10; ++i) elements.push_back(s.number(i));
  const FunctionId f =
      s.function("f", {}, {{"xs", ints}, {"room", s.integer}, {"x", s.integer}, {"ten", ints}}, s.integer,
                 body(Assign{3, make(ints, ListMake{std::move(elements)})}, Reserve{0, 1, ten()},
                      ForList{s.local(3, ints), 2, std::nullopt,
                              body(Append{0, 1, s.local(2, s.integer)}, Append{0, 1, s.local(2, s.integer)}), 0},
                      Return{make(s.integer, Operate{Op::kListSize, all(s.local(0, ints))}), {}}));
  const CallBound bound = bound_of(s, f);
  const Config config = default_config(s.program);
  const Interpreter interpreter(s.program, config);
  Budget budget(bound.fuel, static_cast<std::size_t>(bound.memory));
  const runtime::Result result = interpreter.call(f, {}, budget.frame);
  EXPECT_EQ(result.status, 0U);
  EXPECT_EQ(result.word, 20U);
}

}  // namespace
}  // namespace writ::ir
