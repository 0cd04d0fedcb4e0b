// Slices: what their form must tell apart, what it must not, and that slices of one form become the same bytes.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "host/loader.h"
#include "host/release.h"
#include "ir/slice.h"
#include "jit/jit.h"
#include "support/deep_stack.h"
#include "support/diagnostic.h"

namespace writ::ir {
namespace {

constexpr const char* kSchema = R"(schema s
tier t { fuel 10_000 memory 4KiB stack 4KiB  grants h }
enum Level { low, mid, high }
record Row { n: int(0..9), text: string(..8), level: Level, seen: list<int>, at: ip }
capability h { reads fn ask(n: int) -> int cost 10 }
slot first(row: Row) -> int else -1
slot second(row: Row) -> int else -2
)";

constexpr const char* kPolicy = R"(policy p for s
config {
  knob: int = 3
  unread: int = 4
  words: set<string> = {"a", "b"}
}
const kRates: map<string, int> = {"x": 10, "y": 20}
fn twice(n: int) -> int = n * 2
fn sum(rows: list<int>) -> int {
  var total = 0
  for n in rows {
    total = total + n
  }
  return total
}
slot first(row) = decide {
  row.n + knob      "one"   when row.n > 7
  twice(row.n)      "two"   when row.text in words
  kRates["x"]       "three" when row.level == low
  sum(row.seen)     "four"  when row.text.startsWith("ab")
  h.ask(row.n)      "five"  when row.at in cidr("10.0.0.0/8")
  else double(row.n) * 3.5 > 2.5 ? 1 : 0
}
)";

struct Release {
  host::Sources sources;
  std::optional<host::Release> checked;
  std::vector<Slice> slices;

  /// Of the last unit.
  [[nodiscard]] const Slice& last() const { return slices.back(); }
};

Release release_of(const std::vector<std::string>& units) {
  Release release;
  host::add_unit(release.sources, "s.writ", kSchema);
  for (const std::string& unit : units) host::add_unit(release.sources, "unit.writ", unit);
  support::DeepThread("slices").run([&] {
    release.checked = host::check_release(release.sources, {.tier = {}, .tests = true, .question = nullptr});
    if (release.checked) release.slices = cut(release.checked->program, release.checked->config, /*tests=*/false);
  });
  for (const support::Diagnostic& finding : release.sources.diagnostics.sorted()) {
    if (finding.severity() == support::Severity::kError) {
      ADD_FAILURE() << support::render_short(finding, release.sources.map);
    }
  }
  return release;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::vector<char> bytes_of(const Release& release) {
  std::vector<char> bytes;
  support::DeepThread("slices").run([&] {
    auto object = jit::compile(release.checked->program, release.checked->config, release.last(), {});
    ASSERT_TRUE(object.has_value()) << object.error().message;
    bytes = std::move(object->bytes);
  });
  return bytes;
}

struct Edit {
  const char* name;
  const char* from;
  const char* to;
};

class SliceOfOtherCode : public testing::TestWithParam<Edit> {};
TEST_P(SliceOfOtherCode, HasAnotherForm) {
  const Release before = release_of({kPolicy});
  const Release after = release_of({replaced(kPolicy, GetParam().from, GetParam().to)});
  ASSERT_TRUE(before.checked && after.checked);
  EXPECT_NE(before.last().form, after.last().form);
}
constexpr Edit kOtherCode[] = {
    {"Literal", "row.n > 7", "row.n > 6"},
    {"Operator", "row.n > 7", "row.n >= 7"},
    {"Operand", "row.n + knob", "knob + row.n"},
    {"Double", "3.5", "3.25"},
    {"DoubleSign", "> 2.5", "> -2.5"},
    {"Text", R"("ab")", R"("ac")"},
    {"Network", "10.0.0.0/8", "10.0.0.0/9"},
    {"Enumerator", "== low", "== mid"},
    {"EntryOfAConstant", R"("y": 20)", R"("y": 21)"},
    {"KeyOfAConstant", R"("y": 20)", R"("z": 20)"},
    {"ElementOfAKnob", R"({"a", "b"})", R"({"a", "c"})"},
    {"Knob", "knob: int = 3", "knob: int = 4"},
    {"Field", R"(row.text in words)", R"("a" in words)"},
    {"BuiltIn", "startsWith", "endsWith"},
    {"BodyOfACallee", "n * 2", "n * 3"},
    {"Callee", "  twice(row.n)", "  sum(row.seen)"},
    {"HostArgument", "h.ask(row.n)", "h.ask(1)"},
    {"Assignment", "total = total + n", "total = n + total"},
    {"Loop", "for n in rows {", "for i, n in rows {"},
    {"NoReason", R"("two" )", ""},
    {"OrderOfRules", R"(  row.n + knob      "one"   when row.n > 7
  twice(row.n)      "two"   when row.text in words
)",
     R"(  twice(row.n)      "two"   when row.text in words
  row.n + knob      "one"   when row.n > 7
)"},
    {"NameOfTheUnit", "policy p for", "policy q for"},
    {"AnotherSlot", "slot first", "slot second(row) = 1\nslot first"},
};
INSTANTIATE_TEST_SUITE_P(Edits, SliceOfOtherCode, testing::ValuesIn(kOtherCode),
                         [](const auto& edit) { return std::string(edit.param.name); });

class SliceOfTheSameCode : public testing::TestWithParam<Edit> {};
TEST_P(SliceOfTheSameCode, HasTheSameFormAndBytes) {
  const Release before = release_of({kPolicy});
  const Release after = release_of({replaced(kPolicy, GetParam().from, GetParam().to)});
  ASSERT_TRUE(before.checked && after.checked);
  EXPECT_EQ(before.last().form, after.last().form);
  EXPECT_EQ(bytes_of(before), bytes_of(after));
}
constexpr Edit kSameCode[] = {
    {"Comment", "fn twice", "// Two of them.\n\n\nfn twice"},
    {"TextOfAReason", R"("two")", R"("a pair")"},
    {"NameOfALocal", "var total = 0\n  for n in rows {\n    total = total + n\n  }\n  return total",
     "var all = 0\n  for each in rows {\n    all = all + each\n  }\n  return all"},
    {"UnreadKnob", "unread: int = 4", "unread: int = 5"},
    {"ConditionOfAKnob", "knob: int = 3", "knob: int = 3 where knob < 5"},
    {"UncalledFunction", "fn twice", "fn idle(text: string) -> bool = text == \"idle\" && {1: 2} == {1: 2}\nfn twice"},
    {"UnreadConstant", "const kRates", "const kBefore = [1, 2]\nconst kRates"},
    {"Test", "slot first", "test \"nothing\" { expect 1 == 1 }\nslot first"},
};
INSTANTIATE_TEST_SUITE_P(Edits, SliceOfTheSameCode, testing::ValuesIn(kSameCode),
                         [](const auto& edit) { return std::string(edit.param.name); });

TEST(IrSlice, IsTheSameBesideOtherUnits) {
  const std::string other = replaced(replaced(replaced(kPolicy, "policy p", "policy a"), "slot first", "slot second"),
                                     R"("one")", R"("three hundred")");
  const Release alone = release_of({kPolicy});
  const Release second = release_of({other, kPolicy});
  ASSERT_TRUE(alone.checked && second.checked);
  EXPECT_EQ(alone.last().form, second.last().form);
  EXPECT_EQ(bytes_of(alone), bytes_of(second));
  EXPECT_NE(alone.last().places, second.last().places);
  EXPECT_EQ(second.slices.size(), 3U);  // the schema's else values, a, p
}

TEST(IrSlice, StatusesComeBackInTheProgramsNumbers) {
  const std::string other = replaced(replaced(kPolicy, "policy p", "policy a"), "slot first", "slot second");
  const Release release = release_of({other, replaced(kPolicy, R"("one")", R"("another")")});
  ASSERT_TRUE(release.checked);
  const Program& program = release.checked->program;
  const Slice& slice = release.last();
  EXPECT_EQ(slice.in_program(0), 0U);
  const runtime::Status reason = slice.in_program(runtime::reason_status(0));
  EXPECT_EQ(program.reasons[runtime::status_detail(reason) - 1], "another");
  const runtime::Status in_frame = runtime::reason_status(kRowReason);
  EXPECT_EQ(slice.in_program(in_frame), in_frame);
  const runtime::Status trap = slice.in_program(runtime::trap_status(runtime::Trap::kOverflow, 0));
  EXPECT_EQ(runtime::status_trap(trap), runtime::Trap::kOverflow);
  EXPECT_EQ(runtime::status_detail(trap), program.functions[slice.functions.front()].place);
}

}  // namespace
}  // namespace writ::ir
