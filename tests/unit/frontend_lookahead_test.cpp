// The grammar is decidable in two tokens, so ANTLR's cache of look-ahead states stays small whatever authors write: measured over
// random programs of the whole syntax and over programs made to make a parser look far ahead.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "frontend/parser.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend {
namespace {

using support::Diagnostics;
using support::SourceFile;

/// Writes random valid programs over all forms of the grammar.
class ProgramWriter {
 public:
  explicit ProgramWriter(std::uint64_t seed) : random_(seed) {}

  std::string unit() {
    text_ = "policy p for s\n";
    for (int i = 0, n = 1 + pick(6); i < n; ++i) declaration();
    return std::move(text_);
  }

  /// One expression, nested up to `depth` and not stopping early: what a hostile author would write.
  std::string hostile_expression(int depth) {
    text_.clear();
    eager_ = true;
    expression(depth);
    eager_ = false;
    return std::move(text_);
  }

  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }

 private:
  bool maybe() { return pick(2) == 0; }
  void put(std::string_view words) { text_ += words; }

  template <std::size_t N>
  void one_of(const std::array<std::string_view, N>& all) {
    put(all[static_cast<std::size_t>(pick(static_cast<int>(N)))]);
  }

  void name() {
    one_of(std::array<std::string_view, 12>{"a", "b_c", "req", "config", "fuel", "test", "_", "record", "slot", "trap",
                                            "use", "cost"});
  }
  void word() {
    one_of(
        std::array<std::string_view, 10>{"x", "match", "in", "when", "with", "let", "else", "true", "policy", "where"});
  }
  void literal() {
    one_of(std::array<std::string_view, 12>{"1", "0x1F", "2h30m", "16KiB", "1u", ".5", "1.5e3", "true", "absent", "'s'",
                                            "b\"x\"", "r'raw'"});
  }

  template <class Item>
  void list(std::string_view open, std::string_view close, int least, Item item) {
    put(open);
    const int n = least + pick(3);
    for (int i = 0; i < n; ++i) {
      if (i > 0) put(", ");
      item();
    }
    if (n > 0 && maybe()) put(", ");
    put(close);
  }

  void type(int depth) {
    if (depth > 0 && maybe()) {
      put("map<");
      type(0);
      put(", ");
      type(depth - 1);
      put(">");
    } else {
      one_of(std::array<std::string_view, 4>{"int", "Role", "string(..64)", "int(-5..5)"});
    }
    if (maybe()) put("?");
  }

  void arguments(int depth) {
    list("(", ")", 0, [&] {
      if (maybe()) {
        word();
        put(": ");
      }
      expression(depth);
    });
  }

  void expression(int depth) {
    operation(depth);
    while (depth > 0 && pick(6) == 0) {
      put(" ? ");
      expression(depth - 1);
      put(" : ");
      operation(depth - 1);
    }
  }

  void operation(int depth) {
    operand(depth);
    // One comparison at most: a second is refused.
    if (depth > 0 && pick(4) == 0) {
      one_of(std::array<std::string_view, 4>{" < ", " == ", " in ", " >= "});
      operand(depth - 1);
    }
    while (depth > 0 && pick(3) == 0) {
      one_of(std::array<std::string_view, 7>{" && ", " || ", " ?? ", " + ", " - ", " * ", " % "});
      operand(depth - 1);
    }
  }

  void operand(int depth) {
    if (pick(5) == 0) put(maybe() ? "!" : "-");
    primary(depth);
    while (pick(3) == 0) suffix(depth);
  }

  void suffix(int depth) {
    switch (pick(depth > 0 ? 6 : 2)) {
      case 0:
        put(".");
        return word();
      case 1:
        put(maybe() ? "?." : ".?");
        return word();
      case 2:
        put(".f");
        return arguments(depth - 1);
      case 3:
        put("[");
        expression(depth - 1);
        return put("]");
      case 4:
        put("[?");
        expression(depth - 1);
        return put("]");
      default:
        return list(" with (", ")", 1, [&] {
          word();
          put(": ");
          expression(depth - 1);
        });
    }
  }

  void primary(int depth) {
    if (depth == 0 || (!eager_ && pick(3) == 0)) return maybe() ? name() : literal();
    --depth;
    switch (pick(9)) {
      case 0:
        put("(");
        expression(depth);
        return put(")");
      case 1:
        return list("[", "]", 0, [&] { expression(depth); });
      case 2:
        return list("{", "}", 1, [&] { expression(depth); });
      case 3:
        return list("{", "}", 0, [&] {
          if (maybe()) put("?");
          expression(depth);
          put(": ");
          expression(depth);
        });
      case 4:
        name();
        return arguments(depth);
      case 5:
        put("f\"\"\"t{ ");  // a form whose braces may hold several lines
        expression(depth);
        return put(" }{{\"\"\"");
      case 6:
        return match(depth);
      case 7:
        return rules(depth);
      default:
        return name();
    }
  }

  void match(int depth) {
    put("match ");
    expression(depth);
    put(" {\n");
    for (int i = 0, n = pick(4); i < n; ++i) {
      one_of(std::array<std::string_view, 7>{"some(u)", "absent", "_", "Role.admin", "-1", "'s'", "a | b | 1"});
      put(" => ");
      expression(depth);
      put(maybe() ? ",\n" : "\n");
    }
    put("}");
  }

  void rules(int depth) {
    put("decide {\n");
    for (int i = 0, n = pick(4); i < n; ++i) rule_item(depth);
    put("else ");
    expression(depth);
    put(maybe() ? " \"none\"\n}" : "\n}");
  }

  void rule_item(int depth) {
    if (pick(5) == 0) {
      put("let a = ");
      expression(depth);
      return put("\n");
    }
    if (depth > 0 && pick(5) == 0) {
      put("for r in ");
      expression(depth - 1);
      put(" {\n");
      rule_item(depth - 1);
      return put("}\n");
    }
    expression(depth);
    one_of(std::array<std::string_view, 3>{" ", " \"why\" ", " r.name.x "});
    put("when ");
    expression(depth);
    put("\n");
  }

  void block(int depth) {
    put("{\n");
    for (int i = 0, n = pick(4); i < n; ++i) statement(depth);
    put("}");
  }

  void condition(int depth) {
    if (maybe()) put("let u = ");
    expression(depth);
    put(" ");
    block(depth - 1);
  }

  void statement(int depth) {
    if (depth <= 0) return put("break\n");
    switch (pick(12)) {
      case 0:
        put(maybe() ? "let a = " : "var a: int = ");
        expression(depth);
        break;
      case 1:
        name();
        put(maybe() ? " = " : " += ");
        expression(depth);
        break;
      case 2:
        put("if ");
        condition(depth);
        while (maybe()) {
          put(" else if ");
          condition(depth);
        }
        if (maybe()) {
          put(" else ");
          block(depth - 1);
        }
        break;
      case 3:
        put(maybe() ? "for x in 0..n " : "for k, v in m ");
        block(depth - 1);
        break;
      case 4:
        put("while ");
        expression(depth);
        put(" ");
        block(depth - 1);
        break;
      case 5:
        put("return ");
        expression(depth);
        break;
      case 6:
        put("continue;");
        break;
      case 7:
        put("given geo.country(_, 1) = ");
        expression(depth);
        break;
      case 8:
        put("with config { share: 0 match: ");
        expression(depth);
        put(" }");
        break;
      case 9:
        put("expect ");
        expression(depth);
        if (maybe()) put(" because \"x\"");
        break;
      case 10:
        put(maybe() ? "expect trap overflow " : "expect emitted ");
        put("audit.note");
        arguments(depth - 1);
        break;
      default:
        put("audit.note");
        arguments(depth - 1);
        break;
    }
    put("\n");
  }

  void field() {
    word();
    put(": ");
    type(2);
    if (maybe()) {
      put(" = ");
      expression(2);
    }
    put(maybe() ? ",\n" : "\n");
  }

  void declaration() {
    switch (pick(11)) {
      case 0:
        put("record R {\n");
        for (int i = 0, n = pick(4); i < n; ++i) field();
        return put("}\n");
      case 1:
        put(maybe() ? "ordered " : "private ");
        return put("enum E { low, match, in, }\n");
      case 2:
        return put(
            "capability c { reads fn f(a: ip, match: int) -> string(..2)? cost 2\n emits fn note(t: string) }\n");
      case 3:
        put("slot match(x: R) -> Role else ");
        expression(2);
        return put("\n");
      case 4:
        return put("tier t { grants a, b fuel 1_000 memory 1MiB stack 64KiB proven }\n");
      case 5:
        return put("default bounds { string ..1KiB, list ..64 int 0..5 }\nuse lib.{a, b,}\nuse lib.c\n");
      case 6:
        put("config {\n");
        for (int i = 0, n = pick(4); i < n; ++i) field();
        return put("}\n");
      case 7:
        put("const C: int = ");
        expression(4);
        return put("\n");
      case 8:
        put("fn f(a: int, in) -> int = ");
        expression(4);
        return put("\n");
      case 9:
        put("slot s(x) ");
        block(4);
        return put("\n");
      default:
        put("test \"t\" ");
        block(4);
        return put("\n");
    }
  }

  std::mt19937_64 random_;
  std::string text_;
  bool eager_ = false;
};

/// Parses a program that must be valid.
void expect_valid(const std::string& text) {
  const SourceFile source(0, "test.writ", text);
  Diagnostics diagnostics;
  const bool parsed = parse(source, diagnostics).has_value();
  ASSERT_TRUE(parsed) << diagnostics.sorted().front().message << " at byte " << diagnostics.sorted().front().span.begin
                      << "\n"
                      << text;
}

constexpr int kRandomPrograms = 1'000;
constexpr int kHostilePrograms = 3'000;
constexpr std::size_t kStatesMax = 300;

TEST(LookAheadTest, NoDecisionLooksFurtherThanTwoTokens) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const SourceFile source(0, "test.writ", ProgramWriter(seed).unit());
    Diagnostics diagnostics;
    const LookAhead seen = measure_look_ahead(source, diagnostics);
    ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.sorted().front().message << "\n" << source.text();
    ASSERT_LE(seen.max_tokens, 2) << source.text();
    ASSERT_EQ(seen.ll_fallbacks, 0) << source.text();
    ASSERT_EQ(seen.ambiguities, 0) << source.text();
  }
}

TEST(LookAheadTest, RandomProgramsKeepTheCacheSmall) {
  for (std::uint64_t seed = 1'000; seed < 1'000 + kRandomPrograms; ++seed) {
    ASSERT_NO_FATAL_FAILURE(expect_valid(ProgramWriter(seed).unit()));
  }
  EXPECT_LE(parser_states(), kStatesMax);
}

/// A program of about 400 bytes, each another shape of nesting in the places where decisions are made.
std::string hostile_program(std::uint64_t seed) {
  constexpr std::array<std::string_view, 8> kPlaces = {
      "fn f() = g(",      "fn f() = {",          "fn f() { x = (",        "fn f() = decide { (",
      "fn f() = match (", "config { a: int = (", "test \"t\" { expect (", "fn f() { if (c ? "};
  constexpr std::array<std::string_view, 8> kEnds = {")",
                                                     ": 1}",
                                                     ") y += 1 }",
                                                     ") r.why when c else d }",
                                                     ") { _ => 1 }",
                                                     ") where: int }",
                                                     ") with config { in: 1 } }",
                                                     " : d) { } else { } }"};
  ProgramWriter writer(seed);
  const std::size_t place = seed % kPlaces.size();
  std::string text = "policy p for s\n";
  text += kPlaces[place];
  text += writer.hostile_expression(3 + writer.pick(3));
  text += kEnds[place];
  return text + "\n";
}

TEST(LookAheadTest, HostileProgramsKeepTheCacheSmall) {
  for (std::uint64_t seed = 0; seed < kHostilePrograms; ++seed) {
    std::string text = hostile_program(seed);
    if (text.size() > 4'000) continue;  // many small shapes, not a few large ones
    ASSERT_NO_FATAL_FAILURE(expect_valid(text));
  }
  EXPECT_LE(parser_states(), kStatesMax);
}

}  // namespace
}  // namespace writ::frontend
