// Makes the perfect hash with which generated code looks a key up in a big constant collection.
//
// In: the keys' bytes, all different. Out: displacements and slots for runtime_calls.h's ConstantIndex, the same for the same
// keys in every run. Source: hash and displace (Pagh 1999): the buckets, fullest first, each take the first displacement that
// puts all their keys into free slots.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace writ::jit {

struct IndexTables {
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> displacements;  // a power of two
  std::vector<std::uint32_t> slots;          // a power of two; key numbers or kFreeSlot
};

/// Nothing when no seed of a fixed row serves, which only keys made for it bring about.
[[nodiscard]] std::optional<IndexTables> make_index(std::span<const std::string> keys);

}  // namespace writ::jit
