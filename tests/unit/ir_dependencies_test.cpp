// What a slot depends on, through locals, calls, loops and the host.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "frontend/check.h"
#include "frontend/parser.h"
#include "ir/dependencies.h"
#include "support/diagnostic.h"

namespace writ::ir {
namespace {

constexpr std::string_view kSchema = R"(schema shop
record Order { total: int, customer: Customer?, lines: list<Line>, tags: map<string, string>, note: string }
record Customer { name: string, home: Home }
record Home { city: string, street: string }
record Line { price: int, title: string }
capability clock { reads fn now() -> timestamp  cost 10 }
capability log { emits fn note(customer: Customer)  cost 20 }
slot f(order: Order) -> int else 0
tier t { grants clock, log  fuel 1000 memory 1KiB stack 16KiB }
)";

constexpr std::string_view kHead = R"(policy p for shop
config { most: int = 1, unused: int = 2 }
)";

class DependenciesTest : public testing::Test {
 protected:
  Dependencies of(std::string_view body, std::string_view schema_text = kSchema) {
    support::SourceMap sources;
    support::Diagnostics diagnostics;
    const auto schema = frontend::parse(sources.add("shop.writ", std::string(schema_text)), diagnostics);
    const auto policy = frontend::parse(sources.add("p.writ", std::string(kHead) + std::string(body)), diagnostics);
    for (const auto& diagnostic : diagnostics.sorted()) ADD_FAILURE() << render_short(diagnostic, sources);
    const ast::File* const units[] = {&*policy};
    program_ = frontend::check(*schema, units, {}, diagnostics);
    for (const auto& diagnostic : diagnostics.sorted()) {
      if (diagnostic.severity() == support::Severity::kError) ADD_FAILURE() << render_short(diagnostic, sources);
    }
    return program_ ? dependencies(*program_, 0) : Dependencies{};
  }
  std::string paths(std::string_view body) { return fmt::format("{}", fmt::join(of(body).paths, " ")); }

  std::optional<Program> program_;
};

TEST_F(DependenciesTest, APathIsListedWhereItsValueIsLookedAt) {
  EXPECT_EQ(paths("slot f(order) = order.total"), "order.total");
  EXPECT_EQ(paths("slot f(order) = 3"), "");
  EXPECT_EQ(paths("slot f(order) = order.customer == absent ? 1 : 2"), "order.customer");
  EXPECT_EQ(paths("slot f(order) = order.customer?.home.city == \"x\" ? 1 : 2"),
            "order.customer order.customer.home order.customer.home.city");
}

TEST_F(DependenciesTest, ElementsOfListsAndMaps) {
  EXPECT_EQ(paths("slot f(order) = order.lines[0].price"), "order.lines[].price");
  EXPECT_EQ(paths("slot f(order) = order.tags[\"a\"].size()"), "order.tags[\"a\"]");
  EXPECT_EQ(paths("slot f(order) = order.tags[order.note].size()"), "order.note order.tags[]");
  EXPECT_EQ(paths("slot f(order) = order.lines.exists(l, l.price > 3) ? 1 : 2"), "order.lines order.lines[].price");
}

TEST_F(DependenciesTest, ThroughLocalsAndBranches) {
  EXPECT_EQ(paths("slot f(order) {\n  let l = order.total > 1 ? order.lines[0] : order.lines[1]\n  return l.price\n}"),
            "order.lines[].price order.total");
}

TEST_F(DependenciesTest, ThroughFunctionsWhateverTheirOrder) {
  EXPECT_EQ(paths("slot f(order) = cheap(first(order)) ? 1 : 2\n"
                  "fn first(o: Order) -> Line { return o.lines[0] }\n"
                  "fn cheap(l: Line) -> bool { return l.price < most }"),
            "order.lines[].price");
  const Dependencies all = of("slot f(order) = g(order.total)\nfn g(n: int) -> int { return n < 1 ? most : g(n - 1) }");
  EXPECT_EQ(all.functions.size(), 3);  // the slot, g, and the slot's else
  EXPECT_EQ(all.paths, std::set<std::string>{"order.total"});
}

TEST_F(DependenciesTest, KnobsAndHostFunctionsOfAllThatIsReached) {
  const Dependencies all =
      of("fn late() -> bool { return clock.now() > timestamp(\"2026-01-01T00:00:00Z\") }\n"
         "slot f(order) = late() ? most : 0");
  ASSERT_EQ(all.knobs.size(), 1);
  EXPECT_EQ(program_->knobs[*all.knobs.begin()].name, "most");
  ASSERT_EQ(all.host_functions.size(), 1);
  EXPECT_EQ(program_->host_functions[*all.host_functions.begin()].full_name(), "clock.now");
}

TEST_F(DependenciesTest, ARecordThatGoesToTheHostIsReadWhole) {
  EXPECT_EQ(paths("slot f(order) {\n  if let c = order.customer { log.note(c) }\n  return 1\n}"), "order.customer");
}

// Records of two lists each, 13 deep: more than 2^13 paths.
TEST_F(DependenciesTest, PathsAreLimited) {
  std::string schema = "schema shop\nrecord R0 { a: int, b: int }\n";
  std::string body = "slot f(order) {\n  let r13 = order\n";
  for (int i = 1; i <= 13; ++i) schema += fmt::format("record R{} {{ a: list<R{}>, b: list<R{}> }}\n", i, i - 1, i - 1);
  for (int i = 13; i > 0; --i) body += fmt::format("  let r{0} = most > {0} ? r{1}.a[0] : r{1}.b[0]\n", i - 1, i);
  schema += "slot f(order: R13) -> int else 0\ntier t { fuel 1000 memory 1KiB stack 16KiB }\n";
  const Dependencies all = of(body + "  return r0.a\n}", schema);
  EXPECT_GT(all.paths.size(), kDependencyPathsMax / 4);
  EXPECT_LE(all.paths.size(), kDependencyPathsMax);
}

}  // namespace
}  // namespace writ::ir
