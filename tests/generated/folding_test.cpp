// Every built-in at boundary values: arguments as literals, the whole as a constant, and arguments handed in by the host give the
// same value or the same trap, in all ways to run a program.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "stdlib/builtin.h"
#include "support/deep_stack.h"
#include "tests/generated/builtin_call.h"
#include "tests/generated/campaign.h"
#include "tests/generated/five_ways.h"
#include "tests/generated/values.h"

namespace writ::tests {
namespace {

constexpr std::size_t kTrials = 4;         // a row
constexpr std::size_t kRowsTogether = 16;  // in a release

/// One call in its three forms.
struct Trial {
  const stdlib::Builtin* row;
  std::string parameters;  // `a0: string, a1: int`
  std::string names;       // `a0, a1`
  std::string result;
  std::string hoisted;
  std::string literal;
  std::vector<ir::Value> arguments;
  Answer expected = {};  // of the hoisted form on the interpreter

  [[nodiscard]] bool traps() const { return expected.trap != runtime::Trap::kNone; }
};

Trial make_trial(const stdlib::Builtin& row, ByteSource& bytes) {
  ir::Types types;
  Trial trial{.row = &row,
              .parameters = {},
              .names = {},
              .result = types.text(type_of(row.result, types)),
              .hoisted = {},
              .literal = {},
              .arguments = {}};
  std::vector<std::string> names;
  std::vector<std::string> literals;
  std::vector<std::string> parameters;
  for (std::size_t i = 0; i < row.parameter_count; ++i) {
    const ir::TypeId type = type_of(row.parameters[i], types);
    const stdlib::Reading reading = row.parameters[i].reading;
    if (is_prepared(reading)) {  // a literal in all forms
      names.push_back(literal(readable_value(reading, bytes), type, types).text);
      literals.push_back(names.back());
      continue;
    }
    trial.arguments.push_back(reading == stdlib::Reading::kPlain ? make_value(bytes, type, types, Fidelity::kLiteral)
                                                                 : readable_value(reading, bytes));
    Literal written = literal(trial.arguments.back(), type, types);
    // An empty list says no type.
    for (; written.ambiguous && !bytes.exhausted(); written = literal(trial.arguments.back(), type, types)) {
      trial.arguments.back() = make_value(bytes, type, types, Fidelity::kLiteral);
    }
    literals.push_back(written.text);
    names.push_back(fmt::format("a{}", i));
    parameters.push_back(names.back());
    trial.parameters += fmt::format("{}{}: {}", trial.parameters.empty() ? "" : ", ", names.back(), types.text(type));
  }
  trial.names = fmt::format("{}", fmt::join(parameters, ", "));
  trial.hoisted = call_text(row, names);
  trial.literal = call_text(row, literals);
  return trial;
}

/// A release with a slot for each trial in each form: 3 × its number, then 0 hoisted, 1 literal, 2 constant.
Texts make_texts(const std::vector<Trial>& trials, bool only_hoisted) {
  using Kind = host::ReleaseText::Kind;
  std::string schema = "schema s\n";
  std::string unit = "policy p for s\n";
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const Trial& each = trials[i];
    schema +=
        fmt::format("slot h{0}({1}) -> {2} else host\nslot l{0}() -> {2} else host\nslot c{0}() -> {2} else host\n", i,
                    each.parameters, each.result);
    unit += fmt::format("slot h{}({}) = {}\n", i, each.names, each.hoisted);
    if (only_hoisted) continue;
    if (!each.traps() || !reads_text(*each.row)) unit += fmt::format("slot l{}() = {}\n", i, each.literal);
    if (each.traps()) continue;
    unit += fmt::format("const C{0}: {1} = {2}\nslot c{0}() = C{0}\n", i, each.result, each.literal);
  }
  schema += "tier all { fuel 100_000  memory 16KiB  stack 64KiB }\n";
  return {.schema = {.kind = Kind::kSource, .name = "s.writ", .text = schema},
          .others = {{.kind = Kind::kSource, .name = "p.writ", .text = unit}}};
}

Question question(std::size_t slot, std::vector<ir::Value> arguments) {
  return {.slot = static_cast<ir::SlotId>(slot),
          .arguments = std::move(arguments),
          .fuel = 100'000,
          .memory = 16'384,
          .script = {}};
}

void expect_same(const Answer& answer, const Trial& trial, std::string_view form, std::string_view way) {
  EXPECT_EQ(answer.ending, trial.expected.ending) << trial.literal << " as " << form << " on " << way;
  EXPECT_EQ(answer.value, trial.expected.value) << trial.literal << " as " << form << " on " << way;
}

void expect_refused_as_constant(const Trial& trial) {
  using Kind = host::ReleaseText::Kind;
  const Texts texts{
      .schema = {.kind = Kind::kSource,
                 .name = "s.writ",
                 .text = "schema s\ntier all { fuel 9 memory 1KiB stack 1KiB }"},
      .others = {{.kind = Kind::kSource,
                  .name = "p.writ",
                  .text = fmt::format("policy p for s\nconst C: {} = {}\n", trial.result, trial.literal)}}};
  EXPECT_FALSE(OneWay::make(texts, ByteSource({})).has_value()) << trial.literal;
}

class Folding : public testing::TestWithParam<std::size_t> {};

TEST_P(Folding, changes_nothing) {
  support::on_deep_stack([] {
    const auto rows = stdlib::builtins();
    std::vector<Trial> trials;
    for (std::size_t row = GetParam(); row < std::min(rows.size(), GetParam() + kRowsTogether); ++row) {
      const Batch drawn = make_batch(1, row, 1);
      ByteSource bytes(drawn.units[0]);
      for (std::size_t i = 0; i < kTrials; ++i) trials.push_back(make_trial(rows[row], bytes));
    }
    const auto first = OneWay::make(make_texts(trials, true), ByteSource({}));
    ASSERT_TRUE(first.has_value()) << first.error();
    for (std::size_t i = 0; i < trials.size(); ++i) {
      trials[i].expected = (*first)->ask(question(3 * i, trials[i].arguments));
    }
    const auto all = FiveWays::make(make_texts(trials, false), ByteSource({}));
    ASSERT_TRUE(all.has_value()) << all.error();
    for (std::size_t i = 0; i < trials.size(); ++i) {
      const Trial& trial = trials[i];
      const auto judge_form = [&](std::size_t form, const char* name, std::vector<ir::Value> arguments) {
        const auto answers = (*all)->ask(question(3 * i + form, std::move(arguments)));
        for (std::size_t way = 0; way < kWayCount; ++way) expect_same(answers[way], trial, name, kWays[way]);
      };
      judge_form(0, "arguments", trial.arguments);
      if (!trial.traps() || !reads_text(*trial.row)) judge_form(1, "literals", {});
      if (trial.traps()) {
        expect_refused_as_constant(trial);
      } else {
        judge_form(2, "a constant", {});
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(rows, Folding, testing::Range(std::size_t{0}, stdlib::builtins().size(), kRowsTogether));

}  // namespace
}  // namespace writ::tests
