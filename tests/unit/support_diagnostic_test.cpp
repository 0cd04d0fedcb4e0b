// Diagnostics as people and programs see them, to the byte.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostic.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::support {
namespace {

Span find(const SourceFile& file, std::string_view part) {
  const auto at = file.text().find(part);
  EXPECT_NE(at, std::string_view::npos) << part;
  return {file.id(), static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + part.size())};
}

Diagnostic make(Span span, std::string message) {
  Diagnostic d;
  d.code = Code::kTypeMismatch;
  d.span = span;
  d.message = std::move(message);
  return d;
}

TEST(RenderPretty, ShowsLinesLabelsNoteAndHelp) {
  SourceMap sources;
  const SourceFile& file = sources.add("policies/access.writ",
                                       "\n\npolicy access for gateway\n\n\n\n\n\n\n\n\n"
                                       "  \"deny\" when req.ip in blocked\n");
  Diagnostic d = make(find(file, "\"deny\""), "this rule answers with a string");
  d.note = "string";
  d.labels.push_back({find(file, "gateway"), "the slot is asked for here"});
  d.help = "drop the quotes: deny";
  EXPECT_EQ(render_pretty(d, sources, Colour::kOff),
            "error[W2001]: this rule answers with a string\n"
            "   ╭─ policies/access.writ:12:3\n"
            "   │\n"
            " 3 │ policy access for gateway\n"
            "   │                   ─────── the slot is asked for here\n"
            "12 │   \"deny\" when req.ip in blocked\n"
            "   │   ^^^^^^ string\n"
            "   │\n"
            "   = help: drop the quotes: deny\n"
            "   ╰─ writ explain W2001\n");
}

TEST(RenderPretty, QuotesOtherFilesInTheirOwnBlock) {
  SourceMap sources;
  const SourceFile& schema = sources.add("gateway.writ", "schema gateway\nslot f() -> int\n");
  const SourceFile& file = sources.add("p.writ", "slot f() = \"a\"");
  Diagnostic d = make(find(file, "\"a\""), "wrong");
  d.labels.push_back({find(schema, "int"), "asked for here"});
  EXPECT_EQ(render_pretty(d, sources, Colour::kOff),
            "error[W2001]: wrong\n"
            "  ╭─ p.writ:1:12\n"
            "  │\n"
            "1 │ slot f() = \"a\"\n"
            "  │            ^^^\n"
            "  ├─ gateway.writ:2:13\n"
            "  │\n"
            "2 │ slot f() -> int\n"
            "  │             ─── asked for here\n"
            "  ╰─ writ explain W2001\n");
}

TEST(RenderPretty, MarksBehindTabsWideAndCombiningCharacters) {
  SourceMap sources;
  const SourceFile& file = sources.add("a", "\t\"日e\xCC\x81\" x");
  EXPECT_EQ(render_pretty(make(find(file, "x"), "m"), sources, Colour::kOff),
            "error[W2001]: m\n"
            "  ╭─ a:1:8\n"
            "  │\n"
            "1 │     \"日e\xCC\x81\" x\n"
            "  │           ^\n"
            "  ╰─ writ explain W2001\n");
}

TEST(RenderPretty, NoTextDrivesTheTerminal) {
  SourceMap sources;
  const SourceFile& file = sources.add("a\x1b[2J", "\x1b]0;t\x07 \xE2\x80\xAE \xC2\x9B \xFF x");
  Diagnostic d = make(find(file, "x"), "no `\x1b`");
  d.note = "\r";
  d.help = "\n";
  EXPECT_EQ(render_pretty(d, sources, Colour::kOff),
            "error[W2001]: no `\\u{1b}`\n"
            "  ╭─ a\\u{1b}[2J:1:14\n"
            "  │\n"
            "1 │ \\u{1b}]0;t\\u{7} \\u{202e} \\u{9b} \\xff x\n"
            "  │                                      ^ \\r\n"
            "  │\n"
            "  = help: \\n\n"
            "  ╰─ writ explain W2001\n");
}

TEST(RenderPretty, LongLinesAreWindowed) {
  SourceMap sources;
  const SourceFile& file = sources.add("a", std::string(5000, 'a') + "!" + std::string(5000, 'b'));
  const std::string text = render_pretty(make(find(file, "!"), "m"), sources, Colour::kOff);
  EXPECT_EQ(text, "error[W2001]: m\n  ╭─ a:1:5001\n  │\n1 │ …" + std::string(40, 'a') + "!" + std::string(59, 'b') +
                      "…\n  │ " + std::string(41, ' ') + "^\n  ╰─ writ explain W2001\n");
}

TEST(RenderPretty, EmptyAndLineCrossingSpans) {
  SourceMap sources;
  const SourceFile& file = sources.add("a", "ab\ncd\n");
  const std::string at_end = render_pretty(make({file.id(), 6, 6}, "m"), sources, Colour::kOff);
  EXPECT_EQ(at_end, "error[W2001]: m\n  ╭─ a:3:1\n  │\n3 │\n  │ ^\n  ╰─ writ explain W2001\n");
  const std::string across = render_pretty(make({file.id(), 1, 5}, "m"), sources, Colour::kOff);
  EXPECT_EQ(across, "error[W2001]: m\n  ╭─ a:1:2\n  │\n1 │ ab\n  │  ^\n  ╰─ writ explain W2001\n");
}

TEST(RenderPretty, ColourIsOptional) {
  SourceMap sources;
  const SourceFile& file = sources.add("a", "x");
  EXPECT_EQ(render_pretty(make(find(file, "x"), "m"), sources, Colour::kOn),
            "\x1b[1;31merror[W2001]\x1b[0m\x1b[1m: m\x1b[0m\n"
            "  \x1b[34m╭─\x1b[0m a:1:1\n"
            "  \x1b[34m│\x1b[0m\n"
            "\x1b[34m1 │\x1b[0m x\n"
            "  \x1b[34m│\x1b[0m \x1b[1;31m^\x1b[0m\n"
            "  \x1b[34m╰─\x1b[0m writ explain W2001\n");
}

TEST(RenderShort, IsOneLine) {
  SourceMap sources;
  const SourceFile& file = sources.add("a.writ", "x\n yz");
  Diagnostic d = make(find(file, "yz"), "wrong\n");
  EXPECT_EQ(render_short(d, sources), "a.writ:2:2: error[W2001]: wrong\\n");
  d.help = "do that";
  EXPECT_EQ(render_short(d, sources), "a.writ:2:2: error[W2001]: wrong\\n (do that)");
}

TEST(RenderJson, HoldsEverything) {
  SourceMap sources;
  const SourceFile& file = sources.add("a.writ", "x\n yz");
  Diagnostic d = make(find(file, "yz"), "a \"b\"\x1b");
  d.note = "n";
  d.labels.push_back({find(file, "x"), "here"});
  d.help = "h";
  d.fix = Fix{find(file, "yz"), "y"};
  EXPECT_EQ(render_json(d, sources),
            R"({"code":"W2001","severity":"error","message":"a \"b\"\u001b",)"
            R"("file":"a.writ","line":2,"column":2,"end_line":2,"end_column":4,"note":"n",)"
            R"("labels":[{"file":"a.writ","line":1,"column":1,"end_line":1,"end_column":2,"text":"here"}],)"
            R"("help":"h","fix":{"file":"a.writ","line":2,"column":2,"end_line":2,"end_column":4,"text":"y"}})");
}

TEST(JsonQuote, EscapesWhatJsonAndTerminalsNeed) {
  EXPECT_EQ(json_quote("a\"\\\n\t\x7f é \xE2\x80\xAE \xFF"), R"("a\"\\\n\u0009\u007f é \u202e \ufffd")");
}

TEST(Diagnostics, KeepsOneForEachCodeAndPlaceInOrder) {
  Diagnostics all;
  all.error(Code::kUnknownName, {0, 9, 10}, "second");
  all.error(Code::kUnknownName, {0, 2, 3}, "first").help = "kept";
  all.error(Code::kUnknownName, {0, 2, 8}, "again");
  all.error(Code::kTypeMismatch, {0, 2, 3}, "other code");
  const std::vector<Diagnostic> sorted = all.sorted();
  ASSERT_EQ(sorted.size(), 3u);
  EXPECT_EQ(sorted[0].message, "first");
  EXPECT_EQ(sorted[0].help, "kept");
  EXPECT_EQ(sorted[1].message, "other code");
  EXPECT_EQ(sorted[2].message, "second");
  EXPECT_EQ(all.error_count(), 3u);
  EXPECT_EQ(all.suppressed(), 0u);
}

TEST(Diagnostics, CountsWhatIsOverTheLimit) {
  Diagnostics all;
  for (std::uint32_t i = 0; i < 10'000; ++i) all.error(Code::kUnknownName, {0, i, i}, "m").note = "n";
  EXPECT_EQ(all.sorted().size(), static_cast<std::size_t>(limits::kDiagnostics));
  EXPECT_EQ(all.suppressed(), 10'000u - static_cast<std::size_t>(limits::kDiagnostics));
  EXPECT_TRUE(all.has_errors());
}

TEST(CodeRows, NumbersAreUniqueAndSpelled) {
  for (const CodeRow& row : code_rows()) {
    EXPECT_EQ(&code_row(row.code), &row) << row.name;
    EXPECT_EQ(code_text(row.code).size(), 5u) << row.name;
  }
}

TEST(Nearest, FindsLikelySlipsOnly) {
  const std::vector<std::string_view> names = {"status", "headers", "method", "ip", "id"};
  EXPECT_EQ(nearest("staus", names), "status");
  EXPECT_EQ(nearest("ehaders", names), "headers");
  EXPECT_EQ(nearest("Method", names), "method");
  EXPECT_EQ(nearest("pi", names), "ip");
  EXPECT_EQ(nearest("x", names), std::nullopt);
  EXPECT_EQ(nearest("duration", names), std::nullopt);
  EXPECT_EQ(nearest(std::string(1'000'000, 'a'), names), std::nullopt);
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (const std::string_view bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                                     "\xF4\x90\x80\x80", "\xF5", "\xFF", "\xE2\x82", "\xC3("}) {
    EXPECT_EQ(find_malformed_utf8(bad), 0u) << printable(bad);
  }
  EXPECT_EQ(find_malformed_utf8("a é € 😀"), std::nullopt);
  EXPECT_EQ(find_malformed_utf8(""), std::nullopt);
}

}  // namespace
}  // namespace writ::support
