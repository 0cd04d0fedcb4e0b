// A short run of generated programs, and the tests of what judges them.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/deep_stack.h"
#include "tests/generated/campaign.h"

namespace writ::tests {
namespace {

constexpr std::uint64_t kSeed = 20'261'123;
constexpr std::size_t kBatch = 40;

CaseBytes case_of(const Batch& batch, std::size_t i) {
  return {.world = batch.world, .unit = batch.units[i], .calls = batch.calls[i]};
}

TEST(Generated, programs_agree_in_all_ways_and_styles) {
  support::on_deep_stack([] {
    Coverage coverage;
    for (std::uint64_t number = 0; number < 5; ++number) {
      const auto findings = run_batch(make_batch(kSeed, number, kBatch), static_cast<std::uint32_t>(number), coverage);
      for (const Finding& finding : findings) ADD_FAILURE() << finding.what << "\n" << finding.text;
    }
    EXPECT_GE(coverage.median_nodes(), 30U);
    EXPECT_GE(coverage.bounded(), 20U);
    // All nodes, operators, traps and most built-ins occur; ./dev check generated insists on the rest.
    EXPECT_LE(coverage.missing().size(), 40U);
  });
}

TEST(Generated, bytes_alone_decide) {
  const Batch batch = make_batch(kSeed, 0, 1);
  EXPECT_EQ(text_of(case_of(batch, 0)), text_of(case_of(batch, 0)));
  EXPECT_NE(text_of(case_of(batch, 0)), text_of(case_of(make_batch(kSeed, 1, 1), 0)));
}

TEST(Generated, no_bytes_are_the_smallest_program) {
  support::on_deep_stack([] {
    const auto finding = judge({});
    EXPECT_FALSE(finding.has_value()) << finding->what;
    EXPECT_LT(text_of(CaseBytes{}).size(), 1000U);
  });
}

// Optimised code that forgets one unit of fuel wherever the host was asked.
void forget_a_unit(std::size_t way, Answer& answer) {
  if (kWays[way] == "jit-O2" && answer.trap == runtime::Trap::kNone && !answer.asked.empty()) --answer.fuel;
}

TEST(Generated, a_wrong_answer_is_found_and_made_small) {
  support::on_deep_stack([] {
    const Batch batch = make_batch(kSeed, 0, kBatch);
    std::optional<Finding> found;
    for (std::size_t i = 0; i < kBatch; ++i) {  // the longest, which has most to lose
      auto finding = judge(case_of(batch, i), &forget_a_unit);
      if (finding && (!found || finding->text.size() > found->text.size())) found = std::move(finding);
    }
    ASSERT_TRUE(found.has_value());
    EXPECT_NE(found->what.find("jit-O2"), std::string::npos) << found->what;
    const Finding least = shrink(*found, 60, &forget_a_unit);
    EXPECT_LT(least.text.size(), found->text.size());
    EXPECT_NE(least.what.find("jit-O2"), std::string::npos) << least.what;
    EXPECT_NE(least.text.find("cap."), std::string::npos) << least.text;
  });
}

TEST(Generated, a_trap_in_another_place_is_a_finding) {
  support::on_deep_stack([] {
    const Batch batch = make_batch(kSeed, 0, kBatch);
    const Tamper move = [](std::size_t way, Answer& answer) {
      if (kWays[way] == "swapped" && answer.trap != runtime::Trap::kNone) answer.place += "0";
    };
    bool is_found = false;
    for (std::size_t i = 0; i < kBatch && !is_found; ++i) is_found = judge(case_of(batch, i), move).has_value();
    EXPECT_TRUE(is_found);
  });
}

TEST(Generated, a_call_that_costs_more_than_its_proof_says_is_a_finding) {
  support::on_deep_stack([] {
    const Batch batch = make_batch(kSeed, 0, kBatch);
    const Tamper charge = [](std::size_t /*way*/, Answer& answer) { answer.fuel += std::int64_t{1} << 40; };
    const Tamper take = [](std::size_t /*way*/, Answer& answer) { answer.memory += std::int64_t{1} << 40; };
    for (const Tamper& tamper : {charge, take}) {
      bool is_found = false;
      for (std::size_t i = 0; i < kBatch && !is_found; ++i) {
        const auto finding = judge(case_of(batch, i), tamper);
        is_found = finding && finding->what.find("proved: ") != std::string::npos;
      }
      EXPECT_TRUE(is_found);
    }
  });
}

TEST(Generated, what_answers_otherwise_without_counters_is_a_finding) {
  support::on_deep_stack([] {
    const Batch batch = make_batch(kSeed, 0, kBatch);
    const Tamper everywhere = [](std::size_t /*way*/, Answer& answer) { answer.ending += "?"; };
    bool is_found = false;
    for (std::size_t i = 0; i < kBatch && !is_found; ++i) {
      const auto finding = judge(case_of(batch, i), everywhere);
      is_found = finding && finding->what.find("uncounted: ") != std::string::npos;
    }
    EXPECT_TRUE(is_found);
  });
}

}  // namespace
}  // namespace writ::tests
