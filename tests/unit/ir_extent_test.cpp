// The sizes that the cost proof computes with: what holds for all numbers in two ranges holds for what is made of the ranges.
#include <gtest/gtest.h>

#include <random>

#include "ir/extent.h"

namespace writ::ir {
namespace {

constexpr std::int64_t kEnds[] = {INT64_MIN, -1'000, -7, -1, 0, 1, 3, 7, 1'000, INT64_MAX};

bool holds(const Range& range, std::int64_t value) {
  return value <= range.up.value && (range.down.value == kNoBound || value >= range.low());
}

/// A number of low..high: an end, or any.
std::int64_t any_of(std::int64_t low, std::int64_t high, std::mt19937_64& random) {
  if (random() % 3 == 0) return random() % 2 == 0 ? low : high;
  const std::uint64_t width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) +
                                   (width == ~0ULL ? random() : random() % (width + 1)));
}

TEST(Extent, ArithmeticOnRangesHoldsEveryResult) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    std::int64_t ends[4];
    for (std::int64_t& end : ends) end = kEnds[random() % std::size(kEnds)];
    if (ends[0] > ends[1]) std::swap(ends[0], ends[1]);
    if (ends[2] > ends[3]) std::swap(ends[2], ends[3]);
    const Range a = Range::between(ends[0], ends[1]);
    const Range b = Range::between(ends[2], ends[3]);
    const std::int64_t x = any_of(ends[0], ends[1], random);
    const std::int64_t y = any_of(ends[2], ends[3], random);
    std::int64_t result = 0;
    if (!__builtin_add_overflow(x, y, &result)) {
      ASSERT_TRUE(holds(a + b, result)) << x << " + " << y;
    }
    if (!__builtin_sub_overflow(x, y, &result)) {
      ASSERT_TRUE(holds(a + -b, result)) << x << " - " << y;
    }
    if (!__builtin_mul_overflow(x, y, &result)) {
      ASSERT_TRUE(holds(a * b, result)) << x << " * " << y;
    }
    if (y != 0 && (x != INT64_MIN || y != -1)) {
      ASSERT_TRUE(holds(a / b, x / y)) << x << " / " << y << " of " << ends[2] << ".." << ends[3];
      ASSERT_TRUE(holds(a % b, x % y)) << x << " % " << y;
    }
    ASSERT_TRUE(holds(join(a, b), x) && holds(join(a, b), y));
  }
}

TEST(Extent, WhatHasNoBoundKeepsNoneAndItsReason) {
  const Factor factor{.what = "`n` has no bound", .help = {}, .declared = {}};
  const Most none = without_bound(&factor);
  for (const Most& most :
       {none + Most{.value = -1}, Most{.value = 5} + none, times(none, {.value = 2}), larger({.value = 3}, none)}) {
    EXPECT_EQ(most.value, kNoBound);
    EXPECT_EQ(most.factor, &factor);
  }
  EXPECT_EQ(smaller(none, {.value = 3}).value, 3);
  EXPECT_EQ(narrowed(none, 64), (Most{.value = 64}));
  EXPECT_EQ(times(none, {.value = 0}).value, 0);
}

TEST(Extent, ANumberRemembersWhatItFollowsFrom) {
  const Most start{.value = 100, .origin = 7, .growth = 0, .floor = -kNoBound};
  const Most longer = start + Most{.value = 3} + Most{.value = 2};
  EXPECT_EQ(longer.origin, 7U);
  EXPECT_EQ(longer.growth, 5);
  // On another path it is set to something.
  const Most either = larger(longer, {.value = 40});
  EXPECT_EQ(either.origin, 7U);
  EXPECT_EQ(either.growth, 5);
  EXPECT_EQ(either.floor, 40);
  // Twice itself follows from itself by as much as it can be.
  EXPECT_EQ((start + start).growth, 100);
  EXPECT_EQ(times(start, {.value = 2}).origin, 0U);
}

}  // namespace
}  // namespace writ::ir
