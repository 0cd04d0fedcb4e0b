// The verifier of LLVM IR: takes what lowering writes, and refuses it once any one thing that keeps a policy in its cage is
// gone. Each case is an edit of good text, so that nothing but that edit can be what is refused.

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "jit/verify_text.h"
#include "tests/unit/jit_engines.h"

namespace writ::jit {
namespace {

using namespace ir::build;  // NOLINT(google-build-using-namespace)
using ir::Op;

/// slot u.f(xs: list<int>, k: int, s: string) -> int: an index, a division, a clamped and a charged loop, a text, an allocation.
std::string good_text(bool proven = false) {
  Sketch s;
  const ir::TypeId ints = s.program.types.list(s.integer);
  const auto text = [&] { return s.local(2, s.string); };
  const auto k = [&] { return s.local(1, s.integer); };
  const auto sum_up = [&](ir::LocalId by) {
    return ir::Assign{3, s.add(s.local(3, s.integer), s.local(by, s.integer))};
  };
  ir::ForList clamped{s.local(0, ints), 4, std::nullopt, body(sum_up(4)), 0};
  // Two texts of any size: each turn may charge more than its constant.
  ir::ForRange charged{s.number(0), k(), 5,
                       body(ir::If{s.operate(Op::kStringEqual, s.boolean, text(), text()), body(sum_up(5)), {}}), 0};
  const auto at_index = [&] { return make(s.integer, ir::ListGet{s.local(0, ints), k()}); };
  ir::Body statements =
      body(ir::Assign{3, s.operate(Op::kIntDivide, s.integer, at_index(), k())}, std::move(clamped), std::move(charged),
           ir::If{s.operate(Op::kStringEqual, s.boolean, text(), s.text("abc")), body(sum_up(1)), {}},
           ir::Assign{6, make(ints, ir::ListMake{all(k(), k())})},
           ir::Return{s.add(s.local(3, s.integer), make(s.integer, ir::ListGet{s.local(6, ints), s.number(1)}))});
  const auto f = s.function("u.f", {{"xs", ints}, {"k", s.integer}, {"s", s.string}},
                            {{"sum", s.integer}, {"x", s.integer}, {"i", s.integer}, {"made", ints}}, s.integer,
                            std::move(statements));
  s.program.functions[f].role = ir::Role::kSlot;
  ir::meter(s.program);
  const auto object = compile(s.program, ir::default_config(s.program), whole(s.program),
                              {.opt_level = 0, .proven = proven, .keep_llvm = true});
  if (!object) {
    ADD_FAILURE() << object.error().message;
    return "";
  }
  return object->llvm;
}

/// One thing that is taken away or put in: the first match of a pattern becomes `to`.
struct Edit {
  const char* name;
  const char* from;
  const char* to;
  const char* refusal;
};

const Edit kEdits[] = {
    // ---- fuel
    {"EntryChargesNothing", R"((usub\.with\.overflow\.i64\(i64 %\d+, i64 )2\))", "$010)", "does not charge on entry"},
    {"EntryChargeIsNotStored", R"((usub[^\n]*\n[^\n]*extractvalue[^\n]*\n)  store i64 [^\n]*\n)", "$1",
     "does not charge on entry"},
    {"CallBeforeTheCharge", R"(start: [^\n]*\n)", "$&  %c = call i32 @memcmp(ptr %1, ptr %1, i64 0)\n",
     "does not charge on entry"},
    {"TurnChargesNothing",
     R"((load i64, ptr %fuel, align 8\n  %\d+ = call \{ i64, i1 \} @llvm\.usub\.with\.overflow\.i64\(i64 %\d+, i64 )1\))",
     "$010)", "a loop does not charge its turns"},
    {"ClampIsNoMinimum", R"(call i64 @llvm\.umin\.i64\(i64 (%\d+), i64 %\d+\))", "add i64 $1, 0",
     "fuel is changed by something that is no charge"},
    {"ClampIsNotPaid", R"((= mul i64 [^\n]*\n[^\n]*= sub[^\n]*\n)  store i64 %\d+, ptr %0, align 8\n)", "$1",
     "a loop does not charge its turns"},
    {"ClampCountsByNothing", R"(= add i64 (%turn\d*), 1)", "= add i64 $1, 0", "a loop does not charge its turns"},
    {"ClampIsPaidTooLittle", R"(= mul i64 (%\d+), 1)", "= mul i64 $1, 0",
     "fuel is changed by something that is no charge"},
    {"FuelIsSet", R"(store i64 %2, ptr %xs1, align 8)", "store i64 %2, ptr %0, align 8",
     "fuel is changed by something that is no charge"},
    {"FuelRegisterIsSet", R"(store i64 %2, ptr %xs1, align 8)", "store i64 %2, ptr %fuel, align 8",
     "fuel is changed by something that is no charge"},
    {"TrapKeepsTheFuel", R"(  store i64 0, ptr %0, align 8\n)", "", "does not charge on entry"},
    // ---- memory
    {"IndexIsNotChecked", R"(icmp uge i64 (%\d+), (%\d+))", "icmp eq i64 $1, $2", "an index is not checked"},
    {"IndexIsCheckedAsSigned", R"(icmp uge i64 (%\d+), (%\d+))", "icmp sge i64 $1, $2", "an index is not checked"},
    {"TurnsAreNotBounded", R"(icmp ult i64 (%turn\d*))", "icmp ne i64 $1", "an index is not checked"},
    {"ArenaIsNotChecked", R"(icmp ult i64 (%\d+), 16)", "icmp ult i64 $1, 8", "the arena moves without a check"},
    {"ArgumentIsWritten", R"(store i64 %2, ptr %xs1, align 8)", "store i64 %2, ptr %1, align 8",
     "a write to memory that was not allocated"},
    {"ArenaEndIsWritten", R"(store i64 %2, ptr %xs1, align 8)",
     "%w = getelementptr i8, ptr %0, i64 16\n  store i64 %2, ptr %w, align 8",
     "a field of the frame that is not its own"},
    {"VariableIsOverrun", R"(store i64 %2, ptr %xs1, align 8)",
     "%w = getelementptr i8, ptr %xs1, i64 8\n  store i64 %2, ptr %w, align 8", "a write goes past its variable"},
    {"ConstantIsOverrun", R"(store i64 %2, ptr %xs1, align 8)", "%w = load i64, ptr @text, align 8",
     "a read goes past what it reads from"},
    {"NumberBecomesAddress", R"(store ptr %1, ptr %xs, align 8)",
     "%w = inttoptr i64 %2 to ptr\n  store ptr %w, ptr %xs, align 8", "a number becomes an address"},
    {"VolatileLoad", R"(load i64, ptr %xs1)", "load volatile i64, ptr %xs1", "volatile or atomic"},
    {"VariableOfVariableSize", R"(%xs1 = alloca i64, align 8)", "%xs1 = alloca i64, i64 %2, align 8",
     "take too much of the stack"},
    // ---- arithmetic
    {"DivisionByZero", R"(icmp eq i64 (%\d+), 0)", "icmp eq i64 $1, 7", "a division may be by zero"},
    {"DivisionOverflows", R"(, -9223372036854775808)", ", 5", "a division may overflow"},
    {"ShiftPastTheWord", R"(ashr i64 (%\d+), 6)", "ashr i64 $1, 64", "a shift may go past the word"},
    {"PromisedNoOverflow", R"(= add i64 (%turn\d*), 1)", "= add nsw i64 $1, 1", "promises what is not proved"},
    {"WideNumber", R"(store i64 %2, ptr %xs1, align 8)", "%w = zext i64 %2 to i128", "a value of a refused type"},
    // ---- calls and what a module may hold
    {"CallsTheSystem", R"(declare i32 @memcmp)", "declare i32 @system(ptr)\n$&", "an outside function system"},
    {"InlineAssembly", R"(store i64 %2, ptr %xs1, align 8)", "call void asm sideeffect \"\", \"\"()",
     "inline assembly"},
    {"CallsAnAddress", R"(store i64 %2, ptr %xs1, align 8)", "call void %1()",
     "a call to an address that is no host function's"},
    {"WeakSymbol", R"(declare i32 @memcmp)", "declare extern_weak i32 @memcmp", "weak linkage"},
    {"ThreadLocal", R"(@text = private)", "@t = thread_local constant i64 0\n$&", "no constant data"},
    {"Variable", R"(@text = private)", "@t = global i64 0\n$&", "no constant data"},
    {"Constructor", R"(@text = private)",
     "@llvm.global_ctors = appending constant [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 0, ptr @u.f.0, ptr null "
     "}]\n$&",
     "no constant data"},
    {"ModuleAssembly", R"(@text = private)", "module asm \"nop\"\n$&", "inline assembly"},
    {"Alias", R"(@text = private)", "@a = alias i64, ptr @writ.call_depth\n$&", "an alias"},
};

class JitVerifyEdit : public testing::TestWithParam<Edit> {};

TEST_P(JitVerifyEdit, IsRefused) {
  static const std::string good = good_text();
  const Edit& edit = GetParam();
  const std::regex from(edit.from);
  ASSERT_TRUE(std::regex_search(good, from)) << "lowering no longer writes this:\n" << good;
  const std::string bad = std::regex_replace(good, from, edit.to, std::regex_constants::format_first_only);
  const auto refused = verify_text(bad);
  ASSERT_TRUE(refused.has_value()) << "accepted:\n" << bad;
  EXPECT_NE(refused->find(edit.refusal), std::string::npos) << *refused << "\n" << bad;
}

INSTANTIATE_TEST_SUITE_P(, JitVerifyEdit, testing::ValuesIn(kEdits), [](const auto& info) { return info.param.name; });

TEST(JitVerify, AcceptsWhatLoweringWrites) { EXPECT_EQ(verify_text(good_text()), std::nullopt); }

constexpr const char* kCharged = R"(
  %left = load i64, ptr %0
  %both = call { i64, i1 } @llvm.usub.with.overflow.i64(i64 %left, i64 1)
  %rest = extractvalue { i64, i1 } %both, 0
  store i64 %rest, ptr %0
  %out = extractvalue { i64, i1 } %both, 1
  br i1 %out, label %trap, label %go
trap:
  store i64 0, ptr %0
  ret { i64, i64 } zeroinitializer
go:
)";

std::string function(const char* head, const std::string& charge, const char* rest) {
  return std::string("define ") + head + "(ptr %0) {\n" + charge + rest + "}\n";
}

TEST(JitVerify, OnlyAPartOfOneFunctionMayLackItsCharge) {
  const std::string part = function("internal { i64, i64 } @part", "", "ret { i64, i64 } zeroinitializer\n");
  const char* const calls = "%r = call { i64, i64 } @part(ptr %0)\nret { i64, i64 } %r\n";
  const std::string one = function("{ i64, i64 } @one", kCharged, calls);
  const std::string two = function("{ i64, i64 } @two", kCharged, calls);
  EXPECT_EQ(verify_text(part + one), std::nullopt);
  EXPECT_TRUE(verify_text(part + one + two).has_value());
}

// ---- code without counters -----------------------------------------------------------------------

TEST(JitVerifyProven, AcceptsWhatLoweringWritesAndNobodyElseDoes) {
  const std::string text = good_text(true);
  EXPECT_EQ(text.find("%fuel"), std::string::npos) << text;
  EXPECT_EQ(verify_text(text, true), std::nullopt);
  EXPECT_TRUE(verify_text(text).has_value());
}

TEST(JitVerifyProven, ALoopCountsUpToANumberThatStays) {
  const std::string good = good_text(true);
  const auto refusal = [&](const char* from, const char* to) {
    const std::regex pattern(from);
    EXPECT_TRUE(std::regex_search(good, pattern)) << "lowering no longer writes this:\n" << good;
    return verify_text(std::regex_replace(good, pattern, to), true).value_or("accepted");
  };
  constexpr const char* kWhy = "a loop does not count its turns";
  EXPECT_NE(refusal(R"(= add i64 (%turn\d*), 1)", "= add i64 $1, 0").find(kWhy), std::string::npos);
  EXPECT_NE(refusal(R"(icmp ult i64 (%turn\d*), %\d+)", "icmp ult i64 $1, $1").find(kWhy), std::string::npos);
}

TEST(JitVerifyProven, NoFunctionReachesItself) {
  const char* const head = "define { i64, i64 } @";
  const auto calling = [&](const char* name, const char* callee) {
    return std::string(head) + name + "(ptr %0) {\n%r = call { i64, i64 } @" + callee +
           "(ptr %0)\nret { i64, i64 } %r\n}\n";
  };
  const std::string leaf = std::string(head) + "leaf(ptr %0) {\nret { i64, i64 } zeroinitializer\n}\n";
  EXPECT_EQ(verify_text(calling("a", "b") + calling("b", "leaf") + leaf, true), std::nullopt);
  EXPECT_TRUE(verify_text(calling("a", "a"), true).has_value());
  EXPECT_TRUE(verify_text(calling("a", "b") + calling("b", "c") + calling("c", "b"), true).has_value());
}

}  // namespace
}  // namespace writ::jit
