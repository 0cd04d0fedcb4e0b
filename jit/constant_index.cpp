#include "jit/constant_index.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "jit/runtime_calls.h"

namespace writ::jit {
namespace {

constexpr std::uint64_t kSeeds = 8;
constexpr std::uint32_t kDisplacements = 4096;  // tried for a bucket
constexpr std::size_t kKeysPerBucket = 4;

using Bucket = std::vector<std::uint32_t>;  // entry numbers

/// Puts a bucket's keys into free slots; false when no displacement does.
bool place(const Bucket& bucket, const std::vector<std::uint64_t>& hashes, std::uint32_t& displacement,
           std::vector<std::uint32_t>& slots) {
  const auto mask = static_cast<std::uint32_t>(slots.size() - 1);
  for (displacement = 0; displacement < kDisplacements; ++displacement) {
    std::size_t placed = 0;
    for (; placed < bucket.size(); ++placed) {
      std::uint32_t& slot = slots[slot_of(hashes[bucket[placed]], displacement, mask)];
      if (slot != kFreeSlot) break;
      slot = bucket[placed];
    }
    if (placed == bucket.size()) return true;
    for (std::size_t i = 0; i < placed; ++i) {
      slots[slot_of(hashes[bucket[i]], displacement, mask)] = kFreeSlot;
    }
  }
  return false;
}

std::optional<IndexTables> try_seed(std::span<const std::string> keys, std::uint64_t seed) {
  std::vector<std::uint64_t> hashes;
  for (const std::string& key : keys) hashes.push_back(index_hash(key.data(), key.size(), seed));

  std::vector<Bucket> buckets(std::bit_ceil(keys.size() / kKeysPerBucket + 1));
  const auto bucket_mask = static_cast<std::uint32_t>(buckets.size() - 1);
  for (std::uint32_t i = 0; i < hashes.size(); ++i) {
    buckets[bucket_of(hashes[i], bucket_mask)].push_back(i);
  }
  std::vector<std::uint32_t> fullest_first(buckets.size());
  std::iota(fullest_first.begin(), fullest_first.end(), 0U);
  std::ranges::sort(fullest_first, [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(buckets[b].size(), a) < std::pair(buckets[a].size(), b);
  });

  IndexTables tables{.seed = seed,
                     .displacements = std::vector<std::uint32_t>(buckets.size()),
                     .slots = std::vector<std::uint32_t>(std::bit_ceil(keys.size() + keys.size() / 4 + 1), kFreeSlot)};
  for (const std::uint32_t i : fullest_first) {
    if (!place(buckets[i], hashes, tables.displacements[i], tables.slots)) return std::nullopt;
  }
  return tables;
}

}  // namespace

std::optional<IndexTables> make_index(std::span<const std::string> keys) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    if (auto tables = try_seed(keys, seed)) return tables;
  }
  return std::nullopt;
}

}  // namespace writ::jit
