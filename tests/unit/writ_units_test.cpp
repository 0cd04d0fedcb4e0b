// What a commit has to compile: the units that changed and what copies functions of them, nothing else; and that reasons and
// places of traps are right wherever the code of an answer was compiled.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <writ/writ.hpp>

namespace {

constexpr int kUnits = 10;

std::string schema_text() {
  std::string text =
      "schema s\ntier t { fuel 10_000 memory 4KiB stack 4KiB }\n"
      "tier deep { fuel 10_000 memory 4KiB stack 8KiB }\n";
  for (int unit = 0; unit < kUnits; ++unit) {
    text += "slot s" + std::to_string(unit) + "(n: int) -> int else -1\n";
  }
  return text;
}

constexpr const char* kLibrary = "library lib for s\nfn part(n: int) -> int = 1000 / n\n";

/// The units 0 and 1 call the library, 2 and 3 read a value each; every one traps for 0, at a place of its own.
std::string unit_text(int unit, int answer) {
  const std::string name = std::to_string(unit);
  std::string text = "policy p" + name + " for s\n";
  if (unit < 2) text += "use lib.{part}\n";
  if (unit == 2 || unit == 3) text += "config { extra: int = 0 }\n";
  text += std::string(static_cast<std::size_t>(unit), '\n');  // the trap's line says whose it is
  text += "slot s" + name + "(n) = decide {\n  " + std::to_string(answer);
  text += (unit == 2 || unit == 3) ? " + extra" : "";
  text += " \"unit " + name + " says " + std::to_string(answer) + "\" when ";
  text += unit < 2 ? "part(n) > 0" : "1000 / n > 0";
  return text + "\n  else 0\n}\n";
}

class WritUnits : public testing::Test {
 protected:
  WritUnits() {
    for (int unit = 0; unit < kUnits; ++unit) {
      const std::string name = "s" + std::to_string(unit);
      slots_[static_cast<std::size_t>(unit)] = std::make_unique<Slot>(engine, name);
      answers_[static_cast<std::size_t>(unit)] = 100 + unit;
      texts_[static_cast<std::size_t>(unit)] = unit_text(unit, 100 + unit);
    }
    writ::Stage stage = engine.stage();
    stage.source("lib.writ", kLibrary);
    for (int unit = 0; unit < kUnits; ++unit) put(stage, unit);
    EXPECT_EQ(compiled_by(stage), kUnits + 1);  // and the else values, under the tier's stack
    check_answers();
  }

  /// Puts the unit's text of now into the stage.
  void put(writ::Stage& stage, int unit) const {
    stage.source("p" + std::to_string(unit) + ".writ", texts_[static_cast<std::size_t>(unit)]);
  }
  /// How many units the commit had to compile.
  int compiled_by(writ::Stage& stage, const std::string& tier = "t") {
    const std::uint64_t before = engine.stats().compiled_units;
    const auto release = stage.commit({.tier = tier});
    EXPECT_TRUE(release) << release.error().pretty();
    return static_cast<int>(engine.stats().compiled_units - before);
  }
  int compiled_by_config(const std::string& document) {
    writ::Stage stage = engine.stage();
    stage.config("values.toml", document);
    return compiled_by(stage);
  }

  /// Every unit's answer, reason and trap, each at its line in the text that runs.
  void check_answers() const {
    for (std::size_t unit = 0; unit < kUnits; ++unit) {
      const Slot& slot = *slots_[unit];
      const auto answer = slot.try_call(7);
      ASSERT_TRUE(answer) << unit;
      EXPECT_EQ(**answer, answers_[unit]);
      EXPECT_EQ(answer->reason(), reason_of(texts_[unit]));
      const auto trapped = slot.try_call(0);
      ASSERT_FALSE(trapped) << unit;
      EXPECT_EQ(trapped.error().kind, writ::TrapKind::division_by_zero);
      EXPECT_EQ(trapped.error().file, unit < 2 ? "lib.writ" : "p" + std::to_string(unit) + ".writ");
      EXPECT_EQ(trapped.error().line, line_of("1000 /", unit < 2 ? library_ : texts_[unit])) << unit;
    }
  }

  writ::Engine engine{writ::Schema::from_text(schema_text())};
  using Slot = writ::Slot<std::int64_t(std::int64_t)>;
  std::array<std::unique_ptr<Slot>, kUnits> slots_;
  std::array<std::int64_t, kUnits> answers_{};
  std::array<std::string, kUnits> texts_;
  std::string library_ = kLibrary;

 private:
  static std::string reason_of(const std::string& text) {
    const std::size_t begin = text.find('"') + 1;
    return text.substr(begin, text.find('"', begin) - begin);
  }
  static std::uint32_t line_of(const std::string& what, const std::string& text) {
    const auto before = text.substr(0, text.find(what));
    return 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  }
};

TEST_F(WritUnits, ReplacingOneUnitOfTenCompilesOne) {
  for (const int unit : {5, 0, 9, 5}) {
    texts_[static_cast<std::size_t>(unit)] =
        unit_text(unit, static_cast<int>(++answers_[static_cast<std::size_t>(unit)]));
    writ::Stage stage = engine.stage();
    put(stage, unit);
    EXPECT_EQ(compiled_by(stage), 1);
    check_answers();
  }
}

TEST_F(WritUnits, ReplacingALibraryCompilesWhatCallsIt) {
  library_ = "library lib for s\n\n// Its second version.\nfn part(n: int) -> int = 1 + 1000 / n\n";
  writ::Stage stage = engine.stage();
  stage.source("lib.writ", library_);
  EXPECT_EQ(compiled_by(stage), 2);
  check_answers();
}

TEST_F(WritUnits, CommentsAndOrderCompileNothingAndPlacesFollowThem) {
  library_ = std::string("// What units share.\n\n\n") + kLibrary;
  texts_[4] = "/* moved\n   down */\n" + texts_[4];
  writ::Stage comments = engine.stage();
  comments.source("lib.writ", library_);
  put(comments, 4);
  EXPECT_EQ(compiled_by(comments), 0);
  check_answers();

  // A text that is removed and put back comes last.
  writ::Stage without = engine.stage();
  without.remove("p0.writ").remove("p6.writ");
  EXPECT_EQ(compiled_by(without), 0);
  writ::Stage again = engine.stage();
  put(again, 6);
  put(again, 0);
  EXPECT_EQ(compiled_by(again), 0);
  check_answers();
}

TEST_F(WritUnits, AValueCompilesTheUnitThatReadsIt) {
  EXPECT_EQ(compiled_by_config("[p2]\nextra = 5\n"), 1);
  answers_[2] += 5;
  check_answers();
  EXPECT_EQ(compiled_by_config("[p2]\nextra = 5\n[p3]\nextra = 7\n"), 1);
  answers_[3] += 7;
  check_answers();
  EXPECT_EQ(compiled_by_config("# The same values.\n[p3]\nextra = 7\n[p2]\nextra = 5\n"), 0);
  check_answers();
  EXPECT_EQ(compiled_by_config(""), 0);  // the values of the first release, which is kept
  answers_[2] -= 5;
  answers_[3] -= 7;
  check_answers();
}

TEST_F(WritUnits, AWrongDocumentIsToldBesideTheSourcesThatWereChecked) {
  texts_[2] =
      "policy p2 for s\nconfig { extra: int = 0 where extra < 10 }\n" + texts_[2].substr(texts_[2].find("\nslot") + 1);
  writ::Stage stage = engine.stage();
  put(stage, 2);
  EXPECT_EQ(compiled_by(stage), 0);  // a condition is the interpreter's, and has no code
  check_answers();
  const auto refused = engine.stage().config("values.toml", "[p2]\nextra = 10\n").commit();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().pretty().find("values.toml:2:1"), std::string::npos) << refused.error().pretty();
  EXPECT_NE(refused.error().pretty().find("extra < 10"), std::string::npos) << refused.error().pretty();
  check_answers();
}

TEST_F(WritUnits, AnotherTierCompilesForItsStack) {
  writ::Stage nothing = engine.stage();
  EXPECT_EQ(compiled_by(nothing, "deep"), kUnits + 1);
  check_answers();
  EXPECT_EQ(compiled_by(nothing), 0);
  check_answers();
}

TEST_F(WritUnits, CodeOfAUnitIsFreedWithTheLastReleaseThatRunsIt) {
  const std::uint64_t code_of_all = engine.stats().code_bytes;
  texts_[8] = unit_text(8, static_cast<int>(++answers_[8]));
  writ::Stage stage = engine.stage();
  put(stage, 8);
  EXPECT_EQ(compiled_by(stage), 1);
  const std::uint64_t code_of_one = engine.stats().code_bytes - code_of_all;
  EXPECT_GT(code_of_one, 0U);
  EXPECT_LT(code_of_one * 5, code_of_all);
  EXPECT_TRUE(engine.rollback());
  while (engine.stats().live_releases > 2) std::this_thread::yield();
  EXPECT_EQ(engine.stats().code_bytes, code_of_all);
}

}  // namespace
