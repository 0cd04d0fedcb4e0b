// Laws of the parser that no golden file can show: precedence, literal values, limits on the caller's stack.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "frontend/ast_printer.h"
#include "frontend/lexical.h"
#include "frontend/parser.h"
#include "frontend/source_text.h"
#include "support/diagnostic.h"
#include "support/limits.h"
#include "support/source.h"

namespace writ::frontend {
namespace {

using support::Code;
using support::Diagnostics;
using support::SourceFile;
namespace limits = support::limits;

/// The tree of an expression, or its first error.
std::string tree_of(const std::string& expression) {
  const SourceFile source(0, "expression", expression);
  Diagnostics diagnostics;
  const ast::ExprPtr tree = parse_expression(source, diagnostics);
  return tree != nullptr ? print_ast(*tree) : diagnostics.sorted().front().message;
}

/// The codes of a unit's errors and warnings, in order of place.
std::vector<Code> codes_of(std::string text) {
  const SourceFile source(0, "test.writ", std::move(text));
  Diagnostics diagnostics;
  static_cast<void>(parse(source, diagnostics));
  std::vector<Code> codes;
  for (const auto& diagnostic : diagnostics.sorted()) codes.push_back(diagnostic.code);
  return codes;
}

std::string times(std::string_view piece, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += piece;
  return out;
}

// ---- precedence ------------------------------------------------------------------------------------------------

struct Grouping {
  const char* written;
  const char* meant;
};

class PrecedenceTest : public testing::TestWithParam<Grouping> {};

TEST_P(PrecedenceTest, GroupsAsCelDoes) { EXPECT_EQ(tree_of(GetParam().written), tree_of(GetParam().meant)); }

INSTANTIATE_TEST_SUITE_P(
    All, PrecedenceTest,
    testing::Values(Grouping{"a || b && c", "a || (b && c)"}, Grouping{"a && b == c", "a && (b == c)"},
                    Grouping{"a == b ?? c", "a == (b ?? c)"}, Grouping{"a ?? b ?? c", "a ?? (b ?? c)"},
                    Grouping{"a ?? b + c", "a ?? (b + c)"}, Grouping{"a - b - c", "(a - b) - c"},
                    Grouping{"a + b * c", "a + (b * c)"}, Grouping{"a * b / c % d", "((a * b) / c) % d"},
                    Grouping{"-a * b", "(-a) * b"}, Grouping{"!a.b(c)", "!((a.b)(c))"}, Grouping{"-a[b]", "-(a[b])"},
                    Grouping{"a - -b", "a - (-b)"}, Grouping{"x in a ?? 1..b + 1", "x in (a ?? 1)..(b + 1)"},
                    Grouping{"a ? b : c ? d : e", "a ? b : (c ? d : e)"},
                    Grouping{"a ? b ? c : d : e", "a ? (b ? c : d) : e"},
                    Grouping{"a || b ? c : d", "(a || b) ? c : d"}, Grouping{"x.?f[a]", "(x.?f)[a]"},
                    Grouping{"a ?.5 : b", "a ? 0.5 : b"}, Grouping{"r with (a: 1).b", "(r with (a: 1)).b"}));

// ---- literals --------------------------------------------------------------------------------------------------

TEST(NumberTest, UnitsScaleToNanosecondsAndBytes) {
  const auto nanoseconds = [](std::string_view text) {
    const auto value = decode_number(text);
    return value ? std::get<DurationValue>(*value).nanoseconds : -1;
  };
  EXPECT_EQ(nanoseconds("5s"), 5'000'000'000);
  EXPECT_EQ(nanoseconds("2h30m"), 9'000'000'000'000);
  EXPECT_EQ(nanoseconds("1.5ms"), 1'500'000);
  EXPECT_EQ(nanoseconds("7d"), 604'800'000'000'000);
  EXPECT_EQ(nanoseconds("0ns"), 0);
  const auto integer = [](std::string_view text) {
    const auto value = decode_number(text);
    return value ? std::get<IntValue>(*value).magnitude : 0;
  };
  EXPECT_EQ(integer("16KiB"), 16'384U);
  EXPECT_EQ(integer("1_000"), 1'000U);
  EXPECT_EQ(integer("0xffff_ffff"), 0xFFFF'FFFFU);
  EXPECT_EQ(integer("18446744073709551615"), UINT64_MAX);
  EXPECT_FALSE(decode_number("18446744073709551616"));
  EXPECT_FALSE(decode_number("8388608TiB"));
  EXPECT_FALSE(decode_number("1.5ns"));
  EXPECT_FALSE(decode_number("1h1h"));
  EXPECT_FALSE(decode_number("1e3s"));
  EXPECT_FALSE(decode_number("0x"));
}

TEST(NumberTest, DoublesRoundTrip) {
  EXPECT_EQ(std::get<double>(*decode_number("1.5e3")), 1500.0);
  EXPECT_EQ(std::get<double>(*decode_number(".5")), 0.5);
  EXPECT_EQ(std::get<double>(*decode_number("1e-400")), 0.0);
  EXPECT_EQ(std::get<double>(*decode_number("1e-3")), 0.001);
}

TEST(StringTest, EscapesAreCels) {
  EXPECT_EQ(*decode_string(R"("\a\b\f\n\r\t\v\\\?\"\'\`")"), "\a\b\f\n\r\t\v\\?\"'`");
  EXPECT_EQ(*decode_string(R"('\x41\u00e9\U0001F600\101')"), "A\u00e9\U0001F600A");
  EXPECT_EQ(*decode_string(R"(b"\xff\377")"), "\xff\xff");
  EXPECT_EQ(*decode_string(R"(r"\n")"), "\\n");
  EXPECT_EQ(*decode_string("'''a'b\n'''"), "a'b\n");
  EXPECT_EQ(*decode_string(R"("")"), "");
  EXPECT_EQ(*decode_fstring_text("{{a}}"), "{a}");
  const auto wrong = decode_string(R"("ab\q")");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().begin, 3U);
  EXPECT_EQ(wrong.error().end, 5U);
}

TEST(Utf8Test, EveryMalformedKindIsRefused) {
  for (const std::string_view bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3(", "\xE2\x82("}) {
    EXPECT_EQ(decode_utf8(bad).bytes, 0U);
    EXPECT_EQ(codes_of("policy p for s\n// " + std::string(bad)), std::vector{Code::kMalformedUtf8});
  }
  EXPECT_EQ(decode_utf8("\xF4\x8F\xBF\xBF").code_point, 0x10FFFFU);
}

// ---- limits ----------------------------------------------------------------------------------------------------

/// Runs `work` on a thread whose stack is as small as hosts make them.
void on_small_stack(std::function<void()> work) {
  constexpr std::size_t kStackBytes = 256 * 1024;
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, kStackBytes), 0);
  pthread_t thread{};
  const auto entry = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, entry, &work), 0);
  pthread_attr_destroy(&attributes);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
}

struct Hostile {
  const char* name;
  Code code;
  std::string text;  // after `fn f() = `
};

std::vector<Hostile> hostile_texts() {
  return {
      {"parentheses", Code::kNestingTooDeep, times("(", 5'000) + "1" + times(")", 5'000)},
      {"unclosed", Code::kNestingTooDeep, times("(", 2'000)},
      {"brackets", Code::kNestingTooDeep, times("[", 100'000)},
      {"braces", Code::kNestingTooDeep, times("{", 100'000)},
      {"minuses", Code::kNestingTooDeep, times("-", 100'000) + "1"},
      {"nots", Code::kNestingTooDeep, times("!", 100'000) + "a"},
      {"matches", Code::kNestingTooDeep, times("match a + ", 60'000) + "a"},
      {"ternaries", Code::kNestingTooDeep, times("a?", 40'000) + "b" + times(":c", 40'000)},
      {"ternary chain", Code::kExpressionTooDeep, times("a?b:", 40'000) + "c"},
      {"sum", Code::kExpressionTooDeep, "a" + times("+a", 99'000)},
      {"coalescing", Code::kExpressionTooDeep, times("a??", 60'000) + "b"},
      {"members", Code::kExpressionTooDeep, "a" + times(".b", 90'000)},
      {"optional members", Code::kExpressionTooDeep, "a" + times("?.b", 60'000)},
      {"nested sums", Code::kExpressionTooDeep, times("(", 200) + "a" + times(times("+a", 300) + ")", 200)},
      {"types", Code::kNestingTooDeep, "1\nfn g(a: " + times("list<", 20'000) + "int" + times(">", 20'000) + ") = 1"},
      {"comments", Code::kNestingTooDeep, times("/*", 100'000)},
      {"f-strings", Code::kNestingTooDeep, times("f\"{", 5'000) + "1" + times("}\"", 5'000)},
      {"closers", Code::kUnclosedBracket, times("}", 100'000)},
      {"tokens", Code::kTooManyTokens, "[" + times("1,", 500'000) + "]"},
      {"name", Code::kBadName, times("a", 100'000)},
      {"digits", Code::kBadNumber, times("9", 100'000)},
      {"string", Code::kTokenTooLong, "\"" + times("a", 1'000'000) + "\""},
      {"text", Code::kSourceTooLarge, times(" ", static_cast<int>(limits::kSourceBytes))},
  };
}

TEST(LimitTest, HostileTextsEndInOneCodedErrorOnASmallStack) {
  for (const Hostile& hostile : hostile_texts()) {
    on_small_stack([&] {
      EXPECT_EQ(codes_of("policy p for s\nfn f() = " + hostile.text), std::vector{hostile.code}) << hostile.name;
    });
  }
}

TEST(LimitTest, TheDeepestTreesAreBuiltAndDestroyedOnASmallStack) {
  const int chain = static_cast<int>(limits::kChainTerms) - 1;
  const int nesting = static_cast<int>(limits::kNesting) - 1;
  const std::array<std::string, 5> deepest = {"a" + times("+a", chain), "a" + times(".b", chain),
                                              times("a??", chain) + "b", times("a?b:", chain) + "c",
                                              times("[", nesting) + times("]", nesting)};
  for (const std::string& text : deepest) {
    on_small_stack([&] { EXPECT_EQ(codes_of("policy p for s\nfn f() = " + text), std::vector<Code>{}) << text; });
  }
  const std::string ifs = times("if a { ", nesting - 1) + "x = 1" + times(" }", nesting - 1);
  const std::string else_ifs = "if a { }" + times(" else if a { }", static_cast<int>(limits::kElseIfChain));
  for (const std::string& text : {ifs, else_ifs}) {
    on_small_stack([&] { EXPECT_EQ(codes_of("policy p for s\nfn f() { " + text + " }"), std::vector<Code>{}); });
  }
}

TEST(LimitTest, OneCompilationReportsTwentyErrors) {
  EXPECT_EQ(codes_of("policy p for s\n" + times("fn f() = 1 +\n", 100)).size(),
            static_cast<std::size_t>(limits::kDiagnostics));
}

TEST(LimitTest, AThreadThatCannotStartIsAnError) {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65'534;
    const rlimit none{0, 0};
    const bool bounded = (getuid() != 0 || setuid(kNobody) == 0) && setrlimit(RLIMIT_NPROC, &none) == 0;
    _exit(bounded && codes_of("policy p for s") == std::vector{Code::kNoParserThread} ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(TokenDumpTest, ShowsPlaceKindAndText) {
  const SourceFile source(0, "test.writ", "x = a\n(b) - 5s");
  Diagnostics diagnostics;
  EXPECT_EQ(dump_tokens(source, diagnostics),
            "1:1\tName\tx\n1:3\tAssign\t=\n1:5\tName\ta\n2:1\tLeftParen\t(\n2:2\tName\tb\n2:3\tRightParen\t)\n"
            "2:5\tInfixMinus\t-\n2:7\tNumber\t5s\n2:9\tEndOfFile\t\n");
}

}  // namespace
}  // namespace writ::frontend
