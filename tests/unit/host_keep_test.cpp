// Kept values: what is copied, and that a copy takes no more memory than what it was made of.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "host/live_keep.h"

namespace writ::host {
namespace {

struct Pair {
  std::uint64_t first[2];
  std::uint64_t second[2];
};

TEST(HostKeep, SharesWhatTheOriginalShares) {
  // [a, a], then [b, b] of that, and so on: 20 pairs in memory, a million elements to whoever looks at each.
  constexpr std::size_t kLevels = 20;
  ir::Types types;
  ir::TypeId type = types.list(types.plain(ir::Kind::kInt));
  const std::array<std::int64_t, 1> leaf = {7};
  std::array<Pair, kLevels> pairs{};
  std::uint64_t data = reinterpret_cast<std::uintptr_t>(leaf.data());
  std::uint64_t size = leaf.size();
  for (Pair& pair : pairs) {
    pair = {{data, size}, {data, size}};
    data = reinterpret_cast<std::uintptr_t>(&pair);
    size = 2;
    type = types.list(type);
  }

  ir::Image image;
  const ir::Words kept = keep(image, {data, size}, type, types);
  EXPECT_LE(image.bytes(), 64U * 1024);
  EXPECT_NE(kept[0], data);

  // Down the last element of each level there is the leaf, which is a copy.
  std::uint64_t at = kept[0];
  for (std::size_t level = 0; level < kLevels; ++level) {
    const Pair& pair = *reinterpret_cast<const Pair*>(at);
    EXPECT_EQ(pair.first[0], pair.second[0]);
    at = pair.second[0];
  }
  EXPECT_NE(at, reinterpret_cast<std::uintptr_t>(leaf.data()));
  EXPECT_EQ(*reinterpret_cast<const std::int64_t*>(at), 7);
}

}  // namespace
}  // namespace writ::host
