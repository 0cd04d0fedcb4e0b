// The verifier lets sound programs pass and names what is wrong with others.
#include <gtest/gtest.h>

#include "ir/verify.h"
#include "tests/unit/ir_build.h"

namespace writ::ir {
namespace {

using namespace build;  // NOLINT(google-build-using-namespace)

std::string verdict(Sketch& s) {
  meter(s.program);
  return verify(s.program).value_or("sound");
}

TEST(Verify, LetsSoundProgramsPass) {
  Sketch s;
  s.function("f", {{"n", s.integer}}, {{"i", s.integer}}, s.integer,
             body(ForRange{s.number(0), s.local(0, s.integer), 1, body(Break{})},
                  If{s.less(s.local(1, s.integer), s.number(1)), body(Return{s.number(1), {}}),
                     body(Return{s.add(s.number(1), s.number(2)), {}})}));
  EXPECT_EQ(verdict(s), "sound");
}

TEST(Verify, RefusesOperandsOfAnotherType) {
  Sketch s;
  s.function("f", {}, {}, s.integer, body(Return{s.add(s.number(1), s.truth(true)), {}}));
  EXPECT_EQ(verdict(s), "f: IntAdd on operands that it does not take");
}

TEST(Verify, RefusesAReadBeforeAWrite) {
  Sketch s;
  s.function("f", {}, {{"x", s.integer}}, s.integer, body(Return{s.local(0, s.integer), {}}));
  EXPECT_EQ(verdict(s), "f: a local that is read before it is written");
}

TEST(Verify, RefusesABodyThatMayEndWithoutItsResult) {
  Sketch s;
  s.function("f", {}, {}, s.integer, body(If{s.truth(true), body(Return{s.number(1), {}}), {}}));
  EXPECT_EQ(verdict(s), "f: a body with a result that may end without one");
  Sketch endless;
  endless.function("f", {}, {}, endless.integer, body(While{endless.truth(true), {}}));
  EXPECT_EQ(verdict(endless), "sound");
}

TEST(Verify, RefusesBreaksThatLeaveAnExpression) {
  Sketch s;
  auto escape = make(s.integer, Do{body(Break{}), s.number(1)});
  s.function("f", {}, {}, {}, body(While{s.truth(true), body(Evaluate{std::move(escape)})}));
  EXPECT_EQ(verdict(s), "f: a break outside loops");
}

/// A function with the locals xs: list<int>, ys: list<int>, room and more.
struct Growing : Sketch {
  TypeId list = program.types.list(integer);
  void with_body(Body body) {
    function("f", {}, {{"xs", list}, {"ys", list}, {"room", integer}, {"more", integer}}, {}, std::move(body));
  }
};

TEST(Verify, AListGrowsWithARoomOfItsOwn) {
  Growing sound;
  sound.with_body(body(Reserve{0, 2, sound.number(4)}, Append{0, 2, sound.number(1)}));
  EXPECT_EQ(verdict(sound), "sound");
  Growing early;
  early.with_body(body(Append{0, 2, early.number(1)}));
  EXPECT_EQ(verdict(early), "f: a list that grows before it is begun");
  Growing other;
  other.with_body(body(Reserve{0, 2, other.number(4)}, Append{0, 3, other.number(1)}));
  EXPECT_EQ(verdict(other), "f: a list with two rooms");
  Growing shared;
  shared.with_body(body(Reserve{0, 2, shared.number(4)}, Reserve{1, 2, shared.number(4)}));
  EXPECT_EQ(verdict(shared), "f: two lists with one room");
  Growing typed;
  typed.with_body(body(Reserve{0, 2, typed.number(4)}, Append{0, 2, typed.truth(true)}));
  EXPECT_EQ(verdict(typed), "f: an element of another type");
}

TEST(Verify, NothingElseWritesAListThatGrows) {
  Growing room;
  room.with_body(body(Reserve{0, 2, room.number(4)}, Assign{2, room.number(9)}));
  EXPECT_EQ(verdict(room), "f: a growing list that is assigned");
  Growing list;
  list.with_body(
      body(Reserve{0, 2, list.number(4)}, Reserve{1, 3, list.number(4)}, Assign{0, list.local(1, list.list)}));
  EXPECT_EQ(verdict(list), "f: a growing list that is assigned");
}

TEST(Verify, RefusesATableOfAnotherType) {
  Growing keys;
  const TypeId set = keys.program.types.set(keys.string);
  keys.with_body(body(Reserve{0, 2, keys.number(4)}, Evaluate{make(set, TableOf{keys.local(0, keys.list), nullptr})}));
  EXPECT_EQ(verdict(keys), "f: a key of another type");
}

TEST(Verify, RefusesAReasonThatIsNoText) {
  Sketch s;
  s.function("f", {}, {}, s.integer, body(Explain{s.number(1)}, Return{s.number(1), kRowReason}));
  EXPECT_EQ(verdict(s), "f: a reason that is no text");
}

/// A function of `o: int?` around a use of get(o).
struct Unwrap : Sketch {
  TypeId optional = program.types.optional(integer);
  ExprPtr get() { return make(integer, OptionalGet{local(0, optional)}); }
  ExprPtr present() { return make(boolean, OptionalIsPresent{local(0, optional)}); }
  void with_body(Body body) { function("f", {{"o", optional}}, {}, integer, std::move(body)); }
};

TEST(Verify, WantsATestAroundAnUnwrappedLocal) {
  Unwrap bare;
  bare.with_body(body(Return{bare.get(), {}}));
  EXPECT_EQ(verdict(bare), "f: an unwrapped value that is not tested");

  Unwrap chosen;
  chosen.with_body(body(Return{make(chosen.integer, Select{chosen.present(), chosen.get(), chosen.number(0)}), {}}));
  EXPECT_EQ(verdict(chosen), "sound");

  Unwrap swapped;
  swapped.with_body(
      body(Return{make(swapped.integer, Select{swapped.present(), swapped.number(0), swapped.get()}), {}}));
  EXPECT_EQ(verdict(swapped), "f: an unwrapped value that is not tested");

  Unwrap early;  // if !(present && true) { return 0 }; return get
  auto both = make(early.boolean, Select{early.present(), early.truth(true), early.truth(false)});
  auto neither = make(early.boolean, Operate{Op::kBoolNot, all(std::move(both))});
  early.with_body(body(If{std::move(neither), body(Return{early.number(0), {}}), {}}, Return{early.get(), {}}));
  EXPECT_EQ(verdict(early), "sound");
}

}  // namespace
}  // namespace writ::ir
