// The interpreter on programs written by hand: the thin path, the order of charges and traps, exact arithmetic.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "ir/image.h"
#include "ir/interpret.h"
#include "ir/operate.h"
#include "tests/unit/ir_build.h"

namespace writ::ir {
namespace {

using namespace build;  // NOLINT(google-build-using-namespace)
using runtime::Trap;

constexpr std::int64_t kIntMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kIntMax = std::numeric_limits<std::int64_t>::max();

std::uint64_t word(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void expect_trap(const runtime::Result& result, Trap trap, PlaceId place, const Budget& budget) {
  EXPECT_EQ(runtime::trap_spelling(runtime::status_trap(result.status)), runtime::trap_spelling(trap));
  EXPECT_EQ(runtime::status_detail(result.status), place);
  EXPECT_EQ(budget.frame.fuel, 0);
}

/// `slot f(x) = x.n + 1`, the place of `+` being 3 and of `f` 2.
struct AddOne : Sketch {
  AddOne() {
    RecordType record{.name = "X"};
    record.fields.push_back({.name = "flag", .type = boolean});
    record.fields.push_back({.name = "n", .type = integer});
    const RecordId id = program.types.add_record(record);
    program.types.lay_out(id);
    type = program.types.record(id);
    auto field = make(integer, FieldGet{local(0, type), 1});
    function("f", {{"x", type}}, {}, integer, body(Return{add(std::move(field), number(1), 3), {}}), 2);
  }
  runtime::Result ask(std::int64_t n, Budget& budget) {
    Image image;
    const Value x{Sequence{{{true}, {n}}}};
    return call(program, 0, {write_value(image, x, type, program.types, true, 0)[0]}, budget);
  }
  TypeId type;
};

TEST(Interpret, AnswersTheThinPath) {
  AddOne sketch;
  Budget budget(100);
  const runtime::Result result = sketch.ask(41, budget);
  EXPECT_EQ(result.word, 42U);
  EXPECT_EQ(result.status, 0U);
  EXPECT_EQ(budget.frame.fuel, 99);
  EXPECT_EQ(budget.frame.stack_left, 65536);
}

TEST(Interpret, TrapsAtThePlaceOfTheOperator) {
  AddOne sketch;
  Budget budget;
  expect_trap(sketch.ask(kIntMax, budget), Trap::kOverflow, 3, budget);
}

TEST(Interpret, EntryTakesStackThenFuelAtTheFunctionsPlace) {
  AddOne sketch;
  Budget poor(0, 0, 71);
  expect_trap(sketch.ask(1, poor), Trap::kStackOverflow, 2, poor);
  Budget hungry(0, 0, 72);
  expect_trap(sketch.ask(1, hungry), Trap::kOutOfFuel, 2, hungry);
  Budget enough(1, 0, 72);
  EXPECT_EQ(sketch.ask(1, enough).word, 2U);
}

TEST(Interpret, NativeStackEndsAsStackOverflow) {
  AddOne sketch;
  Budget budget;
  budget.frame.native_stack_end = ~std::uintptr_t{0};
  expect_trap(sketch.ask(1, budget), Trap::kStackOverflow, 2, budget);
}

TEST(Interpret, RecursionEndsOnMeteredStack) {
  Sketch s;
  auto again = make(s.integer, FunctionCall{0, {}}, 1);
  s.function("f", {}, {}, s.integer, body(Return{s.add(std::move(again), s.number(1)), {}}), 4);
  Budget budget(1'000'000, 0, 64 * 100);
  expect_trap(call(s.program, 0, {}, budget), Trap::kStackOverflow, 4, budget);
}

// ---- loops -------------------------------------------------------------------------------------

/// Sums 0 … n-1 with the loop at place 5.
struct Sum : Sketch {
  Sum() {
    Body turn = body(Assign{1, add(local(1, integer), local(2, integer))});
    Body all = body(Assign{1, number(0)}, ForRange{number(0), local(0, integer), 2, std::move(turn)},
                    Return{local(1, integer), {}});
    all[1].place = 5;
    function("sum", {{"n", integer}}, {{"s", integer}, {"i", integer}}, integer, std::move(all));
  }
};

TEST(Interpret, LoopsChargeEachTurnAndNotTheEnd) {
  Sum sum;
  Budget budget(1 + 10);
  EXPECT_EQ(call(sum.program, 0, {10}, budget).word, 45U);
  EXPECT_EQ(budget.frame.fuel, 0);
  Budget less(1 + 9);
  expect_trap(call(sum.program, 0, {10}, less), Trap::kOutOfFuel, 5, less);
}

TEST(Interpret, WhileChargesItsLastConditionToo) {
  Sketch s;
  Body turn = body(Assign{0, s.add(s.local(0, s.integer), s.number(1))});
  s.function(
      "f", {{"n", s.integer}}, {}, s.integer,
      body(While{s.less(s.local(0, s.integer), s.number(3)), std::move(turn)}, Return{s.local(0, s.integer), {}}));
  Budget budget(100);
  EXPECT_EQ(call(s.program, 0, {0}, budget).word, 3U);
  EXPECT_EQ(budget.frame.fuel, 100 - 1 - 4);
}

TEST(Interpret, BreakLeavesOnceAndContinueTheLoopAroundIt) {
  Sketch s;
  // for i in 0..4 { once { if i < 2 { continue }; break }; s = s + i }
  Body once = body(If{s.less(s.local(2, s.integer), s.number(2)), body(Continue{}), {}}, Break{});
  Body turn = body(Once{std::move(once)}, Assign{1, s.add(s.local(1, s.integer), s.local(2, s.integer))});
  s.function("f", {{"n", s.integer}}, {{"s", s.integer}, {"i", s.integer}}, s.integer,
             body(Assign{1, s.number(0)}, ForRange{s.number(0), s.local(0, s.integer), 2, std::move(turn)},
                  Return{s.local(1, s.integer), {}}));
  Budget budget;
  EXPECT_EQ(call(s.program, 0, {4}, budget).word, 5U);
}

// ---- reasons -----------------------------------------------------------------------------------

TEST(Interpret, ReasonsTravelThroughTailCallsOnly) {
  Sketch s;
  s.program.reasons = {"first", "second"};
  s.function("leaf", {}, {}, s.integer, body(Return{s.number(1), 1}));
  const auto leaf = [&] { return make(s.integer, FunctionCall{0, {}}); };
  s.function("tail", {}, {}, s.integer, body(Return{leaf(), {}}));
  s.function("own", {}, {}, s.integer, body(Return{leaf(), 0}));
  s.function("inner", {}, {}, s.integer, body(Return{s.add(leaf(), s.number(1)), {}}));
  const runtime::Status expected[] = {runtime::reason_status(1), runtime::reason_status(1), runtime::reason_status(0),
                                      0};
  for (FunctionId id = 0; id < 4; ++id) {
    Budget budget;
    EXPECT_EQ(call(s.program, id, {}, budget).status, expected[id]) << id;
  }
}

// ---- memory ------------------------------------------------------------------------------------

TEST(Interpret, AllocatesAfterTheElementsAndByTheTable) {
  Sketch s;
  const TypeId list = s.program.types.list(s.integer);
  auto make_list = make(list, ListMake{all(s.number(1), s.number(2), s.number(3))}, 6);
  auto element = make(s.integer, ListGet{std::move(make_list), s.local(0, s.integer)}, 7);
  s.function("f", {{"i", s.integer}}, {}, s.integer, body(Return{std::move(element), {}}));
  Budget budget(100, 24);
  EXPECT_EQ(call(s.program, 0, {2}, budget).word, 3U);
  EXPECT_EQ(budget.frame.arena_next, budget.frame.arena_end);
  Budget less(100, 16);
  expect_trap(call(s.program, 0, {2}, less), Trap::kOutOfMemory, 6, less);
  for (const std::int64_t index : {std::int64_t{3}, std::int64_t{-1}, kIntMin}) {
    Budget past(100, 24);
    expect_trap(call(s.program, 0, {word(index)}, past), Trap::kIndexOutOfRange, 7, past);
  }
}

TEST(Interpret, MapsRefuseDoubleKeysAndSetsDropThem) {
  Sketch s;
  const TypeId map = s.program.types.map(s.integer, s.integer);
  const TypeId set = s.program.types.set(s.integer);
  const auto local = [&] { return s.local(0, s.integer); };
  MapMake entries;
  entries.entries.emplace_back(s.number(1), s.number(10));
  entries.entries.emplace_back(local(), s.number(20));
  auto get = make(s.integer, MapGet{make(map, std::move(entries), 8), local()}, 9);
  s.function("get", {{"k", s.integer}}, {}, s.integer, body(Return{std::move(get), {}}));
  auto make_set = make(set, SetMake{all(s.number(1), local(), s.number(2))});
  s.function("size", {{"k", s.integer}}, {}, s.integer,
             body(Return{make(s.integer, Operate{Op::kTableSize, all(std::move(make_set))}), {}}));
  Budget budget;
  EXPECT_EQ(call(s.program, 0, {2}, budget).word, 20U);
  Budget twice;
  expect_trap(call(s.program, 0, {1}, twice), Trap::kInvalidArgument, 8, twice);
  Budget sets;
  EXPECT_EQ(call(s.program, 1, {1}, sets).word, 2U);
  EXPECT_EQ(call(s.program, 1, {3}, sets).word, 3U);
}

// ---- optionals, constants, networks ------------------------------------------------------------

TEST(Interpret, FindsInMapsAndUnwraps) {
  Sketch s;
  const TypeId map = s.program.types.map(s.string, s.integer);
  const TypeId optional = s.program.types.optional(s.integer);
  const auto entries = [&] {
    return s.constant({Entries{{{{std::string("a")}, {std::int64_t{1}}}, {{std::string("b")}, {std::int64_t{2}}}}}},
                      map);
  };
  // let o = {…}[?k]; is_present(o) ? get(o) : -1
  auto present = make(s.boolean, OptionalIsPresent{s.local(1, optional)});
  auto get = make(s.integer, OptionalGet{s.local(1, optional)});
  auto value = make(s.integer, Select{std::move(present), std::move(get), s.number(-1)});
  s.function("find", {{"k", s.string}}, {{"o", optional}}, s.integer,
             body(Assign{1, make(optional, MapFind{entries(), s.local(0, s.string)})}, Return{std::move(value), {}}));
  s.function("has", {{"k", s.string}}, {}, s.boolean,
             body(Return{make(s.boolean, ConstantHas{s.local(0, s.string), entries()}), {}}));
  const auto ask = [&](FunctionId id, const char* key) {
    Budget budget;
    return call(s.program, id, {reinterpret_cast<std::uintptr_t>(key), 1}, budget).word;
  };
  EXPECT_EQ(ask(0, "b"), 2U);
  EXPECT_EQ(ask(0, "c"), word(-1));
  EXPECT_EQ(ask(1, "a"), 1U);
  EXPECT_EQ(ask(1, "c"), 0U);
}

TEST(Interpret, LookUpsChargeByTheKey) {
  Sketch s;
  const TypeId set = s.program.types.set(s.string);
  s.function("has", {{"k", s.string}}, {}, s.boolean,
             body(Return{make(s.boolean, ConstantHas{s.local(0, s.string), s.constant({Sequence{}}, set)}, 3), {}}));
  const std::string key(96, 'x');
  const std::vector<std::uint64_t> arguments{reinterpret_cast<std::uintptr_t>(key.data()), 96};
  Budget budget(4);
  EXPECT_EQ(call(s.program, 0, arguments, budget).word, 0U);
  EXPECT_EQ(budget.frame.fuel, 0);
  Budget less(3);
  expect_trap(call(s.program, 0, arguments, less), Trap::kOutOfFuel, 3, less);
}

TEST(Interpret, AddressesLieInsideNetworks) {
  Sketch s;
  const TypeId ip = s.program.types.plain(Kind::kIp);
  const TypeId list = s.program.types.list(s.program.types.plain(Kind::kCidr));
  const Value networks{
      Sequence{{{runtime::Cidr{{0, 0xFFFF0A000000}, 104}}, {runtime::Cidr{{0x20010db800000000, 0}, 32}}}}};
  s.function("f", {{"a", ip}}, {}, s.boolean,
             body(Return{make(s.boolean, InNetworks{s.local(0, ip), s.constant(networks, list)}), {}}));
  const auto inside = [&](std::uint64_t high, std::uint64_t low) {
    Budget budget;
    return call(s.program, 0, {high, low}, budget).word != 0;
  };
  EXPECT_TRUE(inside(0, 0xFFFF0AFFFFFF));
  EXPECT_FALSE(inside(0, 0xFFFF0B000000));
  EXPECT_TRUE(inside(0x20010db8FFFFFFFF, 5));
  EXPECT_FALSE(inside(0x20010db900000000, 0));
}

// ---- the host ----------------------------------------------------------------------------------

/// `geo.country() -> string(..2) cost 20`, answered by `answer`, at place 4.
struct Country : Sketch {
  Country() {
    const TypeId code = program.types.with_bound(string, {.low = {}, .high = 2});
    program.host_functions.push_back({.capability = "geo",
                                      .name = "country",
                                      .effect = Effect::kReads,
                                      .parameters = {},
                                      .result = code,
                                      .cost = 20,
                                      .span = {}});
    function("f", {}, {}, string, body(Return{make(string, HostCall{0, {}}, 4), {}}));
  }
  static Trap thunk(runtime::Frame*, void* context, const std::uint64_t*, std::uint64_t* results) {
    const auto& answer = *static_cast<const std::string*>(context);
    if (answer.empty()) return Trap::kHostError;
    results[0] = reinterpret_cast<std::uintptr_t>(answer.data());
    results[1] = answer.size();
    return Trap::kNone;
  }
  runtime::Result ask(std::string answer, Budget& budget) {
    const runtime::HostFunction host{thunk, &answer};
    budget.frame.host = &host;
    return call(program, 0, {}, budget);
  }
};

TEST(Interpret, ChecksWhatTheHostAnswers) {
  Country country;
  Budget good(21);
  EXPECT_EQ(country.ask("DE", good).status, 0U);
  EXPECT_EQ(good.frame.results[1], 2U);
  EXPECT_EQ(good.frame.fuel, 0);
  for (const char* bad : {"", "DEU", "\xFF\xFE"}) {
    Budget budget;
    expect_trap(country.ask(bad, budget), Trap::kHostError, 4, budget);
  }
  Budget poor(20);
  expect_trap(country.ask("DE", poor), Trap::kOutOfFuel, 4, poor);
}

TEST(Interpret, ChecksBoundsOfWhatIsRead) {
  Sketch s;
  const TypeId status = s.program.types.with_bound(s.integer, {.low = 100, .high = 599});
  auto check = make(s.integer, CheckBound{s.local(0, s.integer), status, Trap::kOutOfBoundsInput}, 2);
  s.function("f", {{"n", s.integer}}, {}, s.integer, body(Return{std::move(check), {}}));
  for (const std::int64_t good : {100, 599}) {
    Budget budget;
    EXPECT_EQ(call(s.program, 0, {word(good)}, budget).word, word(good));
  }
  for (const std::int64_t bad : {99, 600, -100}) {
    Budget budget;
    expect_trap(call(s.program, 0, {word(bad)}, budget), Trap::kOutOfBoundsInput, 2, budget);
  }
}

// ---- operators ---------------------------------------------------------------------------------

Operated apply(Op op, std::uint64_t a, std::uint64_t b) {
  Budget budget;
  return operate(op, {a}, {b}, budget.frame);
}
std::int64_t order(Op op, std::uint64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(apply(op, a, b).words[0]);
}

TEST(Operate, IntegersTrapInsteadOfWrapping) {
  EXPECT_EQ(apply(Op::kIntAdd, word(kIntMax), 1).trap, Trap::kOverflow);
  EXPECT_EQ(apply(Op::kIntSubtract, word(kIntMin), 1).trap, Trap::kOverflow);
  EXPECT_EQ(apply(Op::kIntMultiply, word(kIntMin), word(-1)).trap, Trap::kOverflow);
  EXPECT_EQ(apply(Op::kIntNegate, word(kIntMin), 0).trap, Trap::kOverflow);
  EXPECT_EQ(apply(Op::kIntDivide, 1, 0).trap, Trap::kDivisionByZero);
  EXPECT_EQ(apply(Op::kIntDivide, word(kIntMin), word(-1)).trap, Trap::kOverflow);
  EXPECT_EQ(apply(Op::kIntRemainder, word(kIntMin), word(-1)).trap, Trap::kOverflow);
  EXPECT_EQ(apply(Op::kUintSubtract, 0, 1).trap, Trap::kOverflow);
  EXPECT_EQ(apply(Op::kUintRemainder, 1, 0).trap, Trap::kDivisionByZero);
  EXPECT_EQ(apply(Op::kIntDivide, word(-7), 2).words[0], word(-3));
  EXPECT_EQ(apply(Op::kIntRemainder, word(-7), 2).words[0], word(-1));
}

TEST(Operate, NumbersOfTwoKindsCompareExactly) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  EXPECT_EQ(order(Op::kOrderIntUint, word(-1), ~0ULL), -1);
  EXPECT_EQ(order(Op::kOrderIntUint, 5, 5), 0);
  EXPECT_EQ(order(Op::kOrderIntUint, 5, 4), 1);
  // 2^53 + 1 rounds to 2^53, and INT_MAX to 2^63.
  EXPECT_EQ(order(Op::kOrderIntDouble, (1ULL << 53) + 1, bits(0x1p53)), 1);
  EXPECT_EQ(order(Op::kOrderIntDouble, word(kIntMax), bits(0x1p63)), -1);
  EXPECT_EQ(order(Op::kOrderIntDouble, word(kIntMin), bits(-0x1p63)), 0);
  EXPECT_EQ(order(Op::kOrderIntDouble, word(-1), bits(-1.5)), 1);
  EXPECT_EQ(order(Op::kOrderIntDouble, 1, bits(1.5)), -1);
  EXPECT_EQ(order(Op::kOrderIntDouble, 0, bits(-0.0)), 0);
  EXPECT_EQ(order(Op::kOrderIntDouble, 0, bits(std::nan(""))), 2);
  EXPECT_EQ(order(Op::kOrderIntDouble, 0, bits(-INFINITY)), 1);
  EXPECT_EQ(order(Op::kOrderUintDouble, ~0ULL, bits(0x1p64)), -1);
  EXPECT_EQ(order(Op::kOrderUintDouble, 0, bits(-0.5)), 1);
  EXPECT_EQ(order(Op::kOrderUintDouble, 0, bits(0.5)), -1);
}

TEST(Operate, StringsCompareByBytesAndChargeForThem) {
  const std::string a(128, 'a');
  const std::string b = a + "\xC3\xA9";
  const auto words = [](const std::string& s) { return Words{reinterpret_cast<std::uintptr_t>(s.data()), s.size()}; };
  Budget budget(2);
  EXPECT_EQ(operate(Op::kStringLess, words(a), words(b), budget.frame).words[0], 1U);
  EXPECT_EQ(budget.frame.fuel, 0);
  EXPECT_EQ(operate(Op::kStringEqual, words(a), words(b), budget.frame).trap, Trap::kOutOfFuel);
  EXPECT_EQ(operate(Op::kStringLess, words("z"), words("\xC3\xA9"), budget.frame).words[0], 1U);
}

TEST(Interpret, NanLeavesAsOneBitPattern) {
  Sketch s;
  const TypeId real = s.program.types.plain(Kind::kDouble);
  auto negate = make(real, Operate{Op::kDoubleNegate, all(s.local(0, real))});
  s.function("f", {{"x", real}}, {}, real, body(Return{std::move(negate), {}}));
  Budget budget;
  const auto odd = std::bit_cast<std::uint64_t>(std::nan("")) | 0x123;
  EXPECT_EQ(call(s.program, 0, {odd}, budget).word, 0x7FF8000000000000U);
}

}  // namespace
}  // namespace writ::ir
