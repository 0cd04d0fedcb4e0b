// The cache of what an engine compiled: what it finds again, and what it lets go.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/compiled_cache.h"
#include "support/limits.h"

namespace writ::host {
namespace {

ReleasePlan plan_of(const std::string& text, std::string tier = "t") {
  return {.number = 1, .tier = std::move(tier), .texts = {{ReleaseText::Kind::kSource, "p.writ", text}}};
}

CompiledCache::Compiled compiled_of(std::size_t object_bytes = 0) {
  auto object = std::make_shared<SliceObject>();
  object->object.bytes.resize(object_bytes);
  return std::make_shared<const CompiledPlan>(nullptr, std::vector<std::int64_t>{},
                                              std::vector{CompiledSlice{.slice = {}, .object = object}});
}

TEST(CompiledCache, FindsByTextsAndTierWhateverTheNumber) {
  CompiledCache cache;
  const auto first = compiled_of();
  const auto other_tier = compiled_of();
  cache.keep(plan_of("first"), first);
  cache.keep(plan_of("first", "u"), other_tier);
  ReleasePlan again = plan_of("first");
  again.number = 2;
  EXPECT_EQ(cache.find(again), first);
  EXPECT_EQ(cache.find(plan_of("first", "u")), other_tier);
  EXPECT_EQ(cache.find(plan_of("second")), nullptr);
  ReleasePlan document = plan_of("first");
  document.texts.front().kind = ReleaseText::Kind::kDocument;
  EXPECT_EQ(cache.find(document), nullptr);
}

TEST(CompiledCache, LetsGoWhatWasUsedLeastLately) {
  CompiledCache cache;
  for (int i = 0; i < support::limits::kCachedReleases; ++i) cache.keep(plan_of(std::to_string(i)), compiled_of());
  EXPECT_NE(cache.find(plan_of("0")), nullptr);
  cache.keep(plan_of("one more"), compiled_of());
  EXPECT_NE(cache.find(plan_of("0")), nullptr);
  EXPECT_EQ(cache.find(plan_of("1")), nullptr);
  EXPECT_NE(cache.find(plan_of("2")), nullptr);
}

TEST(CompiledCache, HoldsNoMoreThanItsBytes) {
  CompiledCache cache;
  const std::size_t half = support::limits::kCachedBytes / 2;
  cache.keep(plan_of("a"), compiled_of(half));
  cache.keep(plan_of("b"), compiled_of(half - 100));
  EXPECT_NE(cache.find(plan_of("a")), nullptr);
  cache.keep(plan_of("c"), compiled_of(half));
  EXPECT_EQ(cache.find(plan_of("b")), nullptr);
  EXPECT_NE(cache.find(plan_of("c")), nullptr);
  cache.keep(plan_of("d"), compiled_of(2 * half + 1));
  EXPECT_EQ(cache.find(plan_of("c")), nullptr);
  EXPECT_EQ(cache.find(plan_of("d")), nullptr);
}

}  // namespace
}  // namespace writ::host
