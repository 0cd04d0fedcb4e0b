// What programs cost, on programs small enough to count by hand; and how they print.
#include <gtest/gtest.h>

#include "ir/cost.h"
#include "ir/meter.h"
#include "ir/print.h"
#include "tests/unit/ir_build.h"

namespace writ::ir {
namespace {

using namespace build;  // NOLINT(google-build-using-namespace)

/// An int expression of `nodes` nodes.
ExprPtr sum_of(Sketch& s, int nodes) {
  ExprPtr sum = s.number(0);
  for (int i = 1; i < nodes; i += 2) sum = s.add(std::move(sum), s.number(1));
  return sum;
}

TEST(Meter, ChargesOnePlusASixteenthOfTheNodes) {
  for (const int nodes : {1, 13, 15, 17, 29, 31, 99}) {
    Sketch s;
    s.function("f", {}, {}, s.integer, body(Return{sum_of(s, nodes), {}}));
    meter(s.program);
    EXPECT_EQ(s.program.functions[0].entry_fuel, 1 + (nodes + 1) / 16) << nodes;
  }
}

TEST(Meter, CountsALoopsBodyApartAndItsListOutside) {
  Sketch s;
  Body inner = body(Assign{1, sum_of(s, 31)});                                  // 32 nodes a turn
  Body outer = body(ForRange{s.number(0), sum_of(s, 15), 2, std::move(inner)},  // 1 + 1 + 15
                    Break{});                                                   // + 1 = 18
  s.function("f", {{"n", s.integer}}, {{"x", s.integer}, {"i", s.integer}, {"j", s.integer}}, {},
             body(ForRange{sum_of(s, 31), s.number(9), 3, std::move(outer)}));  // 1 + 31 + 1
  meter(s.program);
  const Function& f = s.program.functions[0];
  const auto& loop = std::get<ForRange>(f.body[0].node);
  EXPECT_EQ(f.entry_fuel, 1 + 33 / 16);
  EXPECT_EQ(loop.turn_fuel, 1 + 18 / 16);
  EXPECT_EQ(std::get<ForRange>(loop.body[0].node).turn_fuel, 1 + 32 / 16);
  EXPECT_EQ(f.stack_bytes, 64 + 8 * 4);
}

TEST(Meter, CountsAWhilesConditionToItsTurn) {
  Sketch s;
  s.function("f", {{"n", s.integer}}, {}, {}, body(While{s.less(s.local(0, s.integer), sum_of(s, 31)), body(Break{})}));
  meter(s.program);
  EXPECT_EQ(s.program.functions[0].entry_fuel, 1);
  EXPECT_EQ(std::get<While>(s.program.functions[0].body[0].node).turn_fuel, 1 + 34 / 16);
}

/// Functions of 64 metered bytes each, by whom each calls.
Sketch calls(const std::vector<std::vector<FunctionId>>& graph) {
  Sketch s;
  for (const auto& callees : graph) {
    Body body;
    for (const FunctionId callee : callees) {
      body.push_back({.place = 0, .node = Evaluate{make(0, FunctionCall{callee, {}})}});
    }
    s.function("f", {}, {}, {}, std::move(body));
  }
  meter(s.program);
  return s;
}

TEST(Meter, FindsRecursionThroughOthers) {
  const Sketch s = calls({{1}, {2}, {1, 3}, {3}, {0, 3}, {}});
  const bool expected[] = {false, true, true, true, false, false};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(s.program.functions[i].recursive, expected[i]) << i;
  }
}

TEST(Meter, HoldsTheDeepestChainAgainstTheStack) {
  const Sketch chain = calls({{1, 2}, {3}, {}, {2}});  // 0 → 1 → 3 → 2: four deep
  EXPECT_FALSE(needs_stack_meter(chain.program, 0, 4 * 64));
  EXPECT_TRUE(needs_stack_meter(chain.program, 0, 4 * 64 - 1));
  EXPECT_FALSE(needs_stack_meter(chain.program, 2, 64));
  const Sketch loop = calls({{1}, {1}, {}});
  EXPECT_TRUE(needs_stack_meter(loop.program, 0, 1'000'000));
  EXPECT_FALSE(needs_stack_meter(loop.program, 2, 64));
}

TEST(Meter, FollowsALongChainOfCalls) {
  std::vector<std::vector<FunctionId>> graph(10'000);
  for (FunctionId i = 0; i + 1 < graph.size(); ++i) graph[i] = {i + 1};
  const Sketch s = calls(graph);
  EXPECT_FALSE(needs_stack_meter(s.program, 0, 640'000));
  EXPECT_TRUE(needs_stack_meter(s.program, 0, 639'999));
}

TEST(Print, ShowsNodesAndCharges) {
  Sketch s;
  s.program.reasons = {"small"};
  Body turn = body(If{s.less(s.local(1, s.integer), s.number(2)), body(Continue{}), body(Break{})});
  s.function("access.f", {{"n", s.integer}}, {{"i", s.integer}, {"", s.integer}}, s.integer,
             body(ForRange{s.number(0), s.local(0, s.integer), 1, std::move(turn)},
                  Assign{2, make(s.integer, Do{body(Assign{1, s.number(3)}), s.number(4)})},
                  Return{s.add(s.local(0, s.integer), s.number(1)), 0}));
  meter(s.program);
  EXPECT_EQ(print(s.program), R"(fn access.f(n: int) -> int  ; entry 1, stack 88
  var i: int
  var %2: int
  for i in 0..n {  ; turn 1
    if IntLess(i, 2) {
      continue
    } else {
      break
    }
  }
  %2 = do {
    i = 3
    give 4
  }
  return IntAdd(n, 1) because "small"
)");
}

}  // namespace
}  // namespace writ::ir
