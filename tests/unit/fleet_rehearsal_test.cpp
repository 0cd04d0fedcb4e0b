// A release tried out before it answers: what holds it back.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "fleet/rehearsal.h"
#include "support/diagnostic.h"

namespace writ::fleet {
namespace {

NamedText schema() {
  return {"shop.writ", R"(schema shop
record Order { total: int, note: string = "" }
enum Verdict { allow, deny }
capability clock { reads fn now() -> timestamp  cost 10 }
capability audit { emits fn note(text: string)  cost 20 }
slot admit(order: Order) -> Verdict else deny
tier staff { grants clock, audit  fuel 10_000  memory 64KiB  stack 64KiB }
)"};
}

constexpr const char* kPolicy = R"(policy sale for shop
config { limit: int = 10 }
slot admit(order) = decide {
  deny "too late" when clock.now() > timestamp("2027-01-01T00:00:00Z")
  allow "small" when 100 / order.total > limit
  else deny
}
)";

RehearsalEngine interpreter() {
  return [](const ir::Program& program, const ir::Config& config, const host::Budget&) {
    return host::make_interpreter(program, config);
  };
}

Content content_with(std::vector<GoldenDecision> golden, std::vector<NamedText> tests = {}) {
  return {.tier = "staff",
          .sources = {{"sale.writ", kPolicy}},
          .documents = {{"prod.toml", "[sale]\nlimit = 20\n"}},
          .tests = std::move(tests),
          .golden = std::move(golden)};
}

GoldenDecision decision(std::string input, std::string answer = "", std::string slot = "admit") {
  return {std::move(slot), std::move(input), {"clock.now=timestamp(\"2026-06-01T00:00:00Z\")"}, std::move(answer)};
}

/// "W7002 message", of the first finding.
std::string finding(const Content& content) {
  const auto rehearsal = rehearse(schema(), content, interpreter());
  if (rehearsal) return "";
  const support::Diagnostic& first = rehearsal.error().findings.front();
  return support::code_text(first.code) + " " + first.message;
}

TEST(Rehearsal, RecordsWhatGoldenDecisionsComeTo) {
  const auto rehearsal = rehearse(
      schema(), content_with({decision(R"({"total": 1})"), decision(R"({"total": 50})"), decision(R"({"total": 0})")}),
      interpreter());
  ASSERT_TRUE(rehearsal);
  EXPECT_EQ(rehearsal->answers[0], R"({"answer": "allow", "reason": "small"})");
  EXPECT_EQ(rehearsal->answers[1], R"({"answer": "deny"})");
  EXPECT_EQ(rehearsal->answers[2], R"({"answer": "deny", "trap": "division_by_zero"})");
}

TEST(Rehearsal, HoldsDecisionsToTheirAnswers) {
  const std::string small = R"({"answer": "allow", "reason": "small"})";
  EXPECT_EQ(finding(content_with({decision(R"({"total": 1})", small)})), "");
  EXPECT_EQ(finding(content_with({decision(R"({"total": 9})", small)})),
            "W7002 slot `admit` gives {\"answer\": \"deny\"} here, and gave " + small + " where the release was built");
}

TEST(Rehearsal, RunsTestsOfSourcesAndOfTestUnits) {
  const auto unit = [](const std::string& verdict) {
    return NamedText{"sale_tests.writ",
                     "library sale_tests for shop\ntest \"dear\" {\n  given clock.now() = "
                     "timestamp(\"2026-06-01T00:00:00Z\")\n  expect admit(Order(total: 50, ..)) == " +
                         verdict + "\n}\n"};
  };
  const auto held = rehearse(schema(), content_with({}, {unit("deny")}), interpreter());
  ASSERT_TRUE(held) << held.error().findings.front().message;
  EXPECT_EQ(held->tests, 1U);
  EXPECT_TRUE(finding(content_with({}, {unit("allow")})).starts_with("W7001 "))
      << finding(content_with({}, {unit("allow")}));
}

TEST(Rehearsal, RefusesWhatDoesNotCheck) {
  Content content = content_with({});
  content.sources[0].text += "nonsense";
  EXPECT_TRUE(finding(content).starts_with("W1007 ")) << finding(content);
  content = content_with({});
  content.tier = "nobody";
  EXPECT_TRUE(finding(content).starts_with("W4001 ")) << finding(content);
  content = content_with({});
  content.documents[0].text = "[sale]\nlimits = 3\n";
  EXPECT_TRUE(finding(content).starts_with("W3003 ")) << finding(content);
}

TEST(Rehearsal, RefusesDecisionsThatCannotBeMade) {
  EXPECT_TRUE(finding(content_with({decision("{}", "", "amit")})).starts_with("W2005 "));
  EXPECT_TRUE(finding(content_with({decision(R"({"total": "x"})")})).starts_with("W5001 "));
  EXPECT_TRUE(finding(content_with({decision("{")})).starts_with("W5002 "));
  Content content = content_with({decision(R"({"total": 1})")});
  content.golden[0].given = {"clock.then=1"};
  EXPECT_TRUE(finding(content).starts_with("W2002 ")) << finding(content);
}

TEST(Rehearsal, TellsWhyThereIsNoEngine) {
  const RehearsalEngine broken = [](const ir::Program&, const ir::Config&, const host::Budget&) {
    return std::unexpected(host::EngineError{.diagnostic = std::nullopt, .message = "no code today"});
  };
  const auto rehearsal = rehearse(schema(), content_with({}), broken);
  ASSERT_FALSE(rehearsal);
  EXPECT_EQ(rehearsal.error().findings.front().message, "no code today");
}

}  // namespace
}  // namespace writ::fleet
