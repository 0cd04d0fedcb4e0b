// The verifier of LLVM IR: takes what lowering writes, and refuses it once any one thing that keeps a policy in its cage is
// gone. Each case is an edit of good text, so that nothing but that edit can be what is refused.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "jit/verify_text.h"
#include "tests/unit/jit_engines.h"

namespace writ::jit {
namespace {

using namespace ir::build;  // NOLINT(google-build-using-namespace)
using ir::Op;

/// slot u.f(xs: list<int>, k: int, s: string) -> int: an index, a division, a clamped and a charged loop, a text, an allocation.
std::string good_text() {
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
                       body(ir::If{s.operate(Op::kStringEqual, s.boolean, text(), text()),
                                   body(sum_up(5)), {}}),
                       0};
  const auto at_index = [&] {
    return make(s.integer, ir::ListGet{s.local(0, ints), k()});
  };
  ir::Body statements = body(
      ir::Assign{3, s.operate(Op::kIntDivide, s.integer, at_index(), k())}, std::move(clamped),
      std::move(charged),
      ir::If{s.operate(Op::kStringEqual, s.boolean, text(), s.text("abc")), body(sum_up(1)), {}},
      ir::Assign{6, make(ints, ir::ListMake{all(k(), k())})},
      ir::Return{s.add(s.local(3, s.integer),
                       make(s.integer, ir::ListGet{s.local(6, ints), s.number(1)}))});
  const auto f = s.function("u.f", {{"xs", ints}, {"k", s.integer}, {"s", s.string}},
                            {{"sum", s.integer}, {"x", s.integer}, {"i", s.integer}, {"made", ints}},
                            s.integer, std::move(statements));
  s.program.functions[f].role = ir::Role::kSlot;
  ir::meter(s.program);
  const auto object =
      compile(s.program, ir::default_config(s.program), {.opt_level = 0, .keep_llvm = true});
  if (!object) {
    ADD_FAILURE() << object.error().message;
    return "";
  }
  return object->llvm;
}

/// The text with the `number`th occurrence of `from` replaced.
std::string edited(std::string_view from, std::string_view to, int number = 1) {
  static const std::string good = good_text();
  std::string text = good;
  std::size_t at = text.find(from);
  for (int i = 1; i < number && at != std::string::npos; ++i) at = text.find(from, at + 1);
  if (at == std::string::npos) {
    ADD_FAILURE() << "lowering no longer writes `" << from << "`:\n" << text;
    return text;
  }
  return text.replace(at, from.size(), to);
}

void expect_refused(const std::string& text, std::string_view reason) {
  const auto refused = verify_text(text);
  ASSERT_TRUE(refused.has_value()) << "accepted:\n" << text;
  EXPECT_NE(refused->find(reason), std::string::npos) << *refused;
}

TEST(JitVerify, AcceptsWhatLoweringWrites) {
  EXPECT_EQ(verify_text(edited("", "")), std::nullopt);
}

TEST(JitVerify, RefusesAnEntryWithoutCharge) {
  // `0` units are no charge, and neither is one whose rest is not stored.
  expect_refused(edited("@llvm.usub.with.overflow.i64(i64 %3, i64 ", "@llvm.usub.with.overflow.i64(i64 %3, i64 0)  ;"),
                 "does not charge on entry");
}

TEST(JitVerify, RefusesALoopWithoutCharge) {
  expect_refused(edited("call i64 @llvm.umin.i64(i64", "call i64 @llvm.smin.i64(i64"),
                 "fuel is changed by something that is no charge");
  expect_refused(edited("icmp ult i64 %turn,", "icmp slt i64 %turn,"), "a loop does not charge its turns");
}

}  // namespace
}  // namespace writ::jit
