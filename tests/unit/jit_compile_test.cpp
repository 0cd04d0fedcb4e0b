// Native code against the interpreter on programs written by hand: what golden files cannot aim at.

#include <gtest/gtest.h>

#include "tests/unit/jit_engines.h"

namespace writ::jit {
namespace {

using namespace ir::build;  // NOLINT(google-build-using-namespace)
using ir::Op;
using runtime::Trap;

ir::FunctionId exported(Sketch& sketch, ir::FunctionId id) {
  sketch.program.functions[id].role = ir::Role::kSlot;
  return id;
}

std::uint64_t word(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

/// record Rec { n: int }
ir::TypeId counting_record(Sketch& sketch) {
  const auto id =
      sketch.program.types.add_record({.name = "Rec", .unit = "u", .fields = {{.name = "n", .type = sketch.integer}}});
  sketch.program.types.lay_out(id);
  return sketch.program.types.record(id);
}

TEST(JitCompile, FieldPlusOne) {
  Sketch s;
  const ir::TypeId record = counting_record(s);
  const auto f = exported(
      s, s.function("u.f", {{"x", record}}, {}, s.integer,
                    body(ir::Return{s.add(make(s.integer, ir::FieldGet{s.local(0, record), 0}), s.number(1), 3)})));
  Engines engines(s.program);
  std::int64_t n = 41;
  EXPECT_EQ(engines.call(f, {word(&n)}).value, "42");
  n = INT64_MAX;
  EXPECT_EQ(engines.call(f, {word(&n)}).result.status, runtime::trap_status(Trap::kOverflow, 3));
  EXPECT_EQ(engines.call(f, {word(&n)}, Budget(0)).result.status, runtime::trap_status(Trap::kOutOfFuel, 0));
}

/// `count` statements `if n == i { … }`, each too big to be many in one function.
template <typename Then>
ir::Body many_rules(Sketch& s, int count, const Then& then) {
  ir::Body rules;
  for (int i = 0; i < count; ++i) {
    ir::ExprPtr condition = s.operate(Op::kWordEqual, s.boolean, s.local(0, s.integer), s.number(i));
    rules.push_back({.place = 0, .node = ir::If{std::move(condition), then(i), {}}});
  }
  return rules;
}

TEST(JitCompile, BigBodiesAreSplitAndReturnFromTheirParts) {
  Sketch s;
  ir::Body rules = many_rules(
      s, 1000, [&](int i) { return body(ir::Return{s.add(s.number(i), s.number(5)), static_cast<ir::ReasonId>(i)}); });
  rules.push_back({.place = 0, .node = ir::Return{s.number(-1)}});
  const auto f = exported(s, s.function("u.f", {{"n", s.integer}}, {}, s.integer, std::move(rules)));
  Engines engines(s.program);
  EXPECT_EQ(engines.call(f, {0}).value, "5");
  const Seen seen = engines.call(f, {999});
  EXPECT_EQ(seen.value, "1004");
  EXPECT_EQ(seen.result.status, runtime::reason_status(999));
  EXPECT_EQ(engines.call(f, {5000}).value, "-1");
}

TEST(JitCompile, PartsShareLocalsAndLeaveLoopsAndBlocks) {
  Sketch s;
  const auto sum = [&] { return s.local(1, s.integer); };
  const auto add_to_sum = [&](int i) { return ir::Assign{1, s.add(sum(), s.number(i))}; };
  // while sum < 100_000 { n-th rule adds and continues or breaks; at the end of the rules: sum += 40_000 }
  ir::Body in_loop = many_rules(s, 900, [&](int i) {
    return i % 2 == 0 ? body(add_to_sum(i + 1), ir::Continue{}) : body(add_to_sum(i), ir::Break{});
  });
  in_loop.push_back({.place = 0, .node = add_to_sum(40'000)});
  // once { n-th rule adds and leaves; else sum += 7 }
  ir::Body in_once = many_rules(s, 900, [&](int i) { return body(add_to_sum(i), ir::Break{}); });
  in_once.push_back({.place = 0, .node = add_to_sum(7)});
  const auto f = exported(
      s, s.function("u.f", {{"n", s.integer}}, {{"sum", s.integer}}, s.integer,
                    body(ir::Assign{1, s.number(0)}, ir::While{s.less(sum(), s.number(100'000)), std::move(in_loop)},
                         ir::Once{std::move(in_once)}, ir::Return{sum()})));
  Engines engines(s.program);
  for (const std::uint64_t n : {0, 1, 2, 500, 501, 898, 899, 900}) {
    (void)engines.call(f, {n}, Budget(10'000'000));
    (void)engines.call(f, {n}, Budget(3'000));
  }
}

TEST(JitCompile, FuelIsEqualAtEveryAmountThatIsLeft) {
  Sketch s;
  const ir::TypeId ints = s.program.types.list(s.integer);
  const auto sum = [&] { return s.local(1, s.integer); };
  // A clamped loop in a charged one, and a trap inside a turn that fuel may or may not reach.
  ir::ForList inner{s.local(0, ints), 2, std::nullopt, body(ir::Assign{1, s.add(sum(), s.local(2, s.integer), 4)}), 0};
  ir::ForRange outer{s.number(-2), s.number(3), 3,
                     body(std::move(inner), ir::Assign{4, make(ints, ir::ListMake{all(sum(), sum())})}), 0};
  const auto f = exported(
      s, s.function("u.f", {{"xs", ints}}, {{"sum", s.integer}, {"x", s.integer}, {"i", s.integer}, {"made", ints}},
                    s.integer, body(ir::Assign{1, s.number(0)}, std::move(outer), ir::Return{sum()})));
  Engines engines(s.program);
  std::vector<std::int64_t> xs(9, 3);
  for (const bool overflows : {false, true}) {
    if (overflows) xs[6] = INT64_MAX;
    for (std::int64_t fuel = 0; fuel < 70; ++fuel) {
      (void)engines.call(f, {word(xs.data()), xs.size()}, Budget(fuel));
    }
    for (std::size_t memory = 0; memory < 100; memory += 8) {
      (void)engines.call(f, {word(xs.data()), xs.size()}, Budget(1000, memory));
    }
  }
}

TEST(JitCompile, RecursionEndsAtTheMeteredStackAndAtTheNativeOne) {
  Sketch s;
  ir::Body statements =
      body(ir::If{s.less(s.local(0, s.integer), s.number(1)), body(ir::Return{s.number(0)}), {}},
           ir::Return{s.add(s.number(1),
                            make(s.integer, ir::FunctionCall{0, all(s.add(s.local(0, s.integer), s.number(-1)))}))});
  const auto down = s.function("u.down", {{"n", s.integer}}, {}, s.integer, std::move(statements), 7);
  const auto f =
      exported(s, s.function("u.f", {{"n", s.integer}}, {}, s.integer,
                             body(ir::Return{make(s.integer, ir::FunctionCall{down, all(s.local(0, s.integer))})})));
  Engines engines(s.program);
  for (const std::uint64_t n : {0, 1, 50, 850, 900, 905, 910, 100'000}) {
    (void)engines.call(f, {n}, Budget(1'000'000));
  }
  Budget no_stack(1'000'000);
  no_stack.frame.native_stack_end = UINTPTR_MAX;
  const std::uint64_t n = 5;
  const Linked& optimised = engines.optimised();
  const runtime::Status status = call(optimised.function(f), no_stack.frame, &n, 1).status;
  EXPECT_EQ(optimised.slice.in_program(status), runtime::trap_status(Trap::kStackOverflow, 7));
  EXPECT_EQ(no_stack.frame.fuel, 0);
}

/// The sum of `count` numbers as a tree that is as flat as it can be.
ir::ExprPtr sum_of(Sketch& s, int count) {
  if (count == 1) return s.local(0, s.integer);
  ir::ExprPtr left = sum_of(s, count / 2);
  return s.add(std::move(left), sum_of(s, count - count / 2));
}

// What is far from linear in a function's size is left out: optimising, and the better way to allocate registers.
TEST(JitCompile, AHugeFunctionIsCompiledAsAtLevelZero) {
  for (const auto& [numbers, is_huge] : {std::pair(100, false), std::pair(8'000, true)}) {
    Sketch s;
    (void)exported(s, s.function("u.f", {{"n", s.integer}}, {}, s.integer, body(ir::Return{sum_of(s, numbers)})));
    ir::meter(s.program);
    const ir::Config config = ir::default_config(s.program);
    const auto optimised = compile(s.program, config, whole(s.program), {.opt_level = 2});
    const auto plain = compile(s.program, config, whole(s.program), {.opt_level = 0});
    ASSERT_TRUE(optimised.has_value() && plain.has_value());
    EXPECT_EQ(optimised->bytes == plain->bytes, is_huge) << numbers;
  }
}

TEST(JitCompile, CodeHasALimit) {
  Sketch s;
  for (int i = 0; i < 500; ++i) {
    ir::Body rules = many_rules(s, 600, [&](int k) { return body(ir::Return{s.number(k)}); });
    rules.push_back({.place = 0, .node = ir::Return{s.number(-1)}});
    exported(s, s.function("u.f", {{"n", s.integer}}, {}, s.integer, std::move(rules)));
  }
  const auto object = compile(s.program, ir::default_config(s.program), whole(s.program), {.opt_level = 0});
  ASSERT_FALSE(object.has_value());
  EXPECT_EQ(object.error().code, support::Code::kCodeRefused);
}

}  // namespace
}  // namespace writ::jit
