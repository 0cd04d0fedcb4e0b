// Look-up in sets and maps at run time (runtime::Table), for every kind of key that fits words.
//
// Both engines call these; they charge nothing (their callers charge by ir/cost.h before).
#pragma once

#include <bit>
#include <cstdint>

#include "runtime/abi.h"

namespace writ::runtime {

/// How the entries of a table lie: what a key is, where the value starts, the distance of two entries.
/// Keys: bool, int, uint, timestamp, duration, enum (1 or 8 bytes in memory), string, bytes, ip, cidr.
struct TableLayout {
  Kind key;
  std::uint32_t value_offset;
  std::uint32_t stride;
};

/// Table::index_mask of a table without index whose keys ascend: searched by halves.
inline constexpr std::int64_t kSortedTable = -1;

/// Tables up to this many entries are searched one by one and have no index.
inline constexpr std::int64_t kLinearEntries = 8;
/// Index slots of a table with this many entries: a power of two, at most half full; 0 when it has no index.
[[nodiscard]] constexpr std::int64_t index_slots(std::int64_t entries) {
  return entries <= kLinearEntries ? 0
                                   : static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(entries) * 2));
}

/// The entry with this key (words as in abi.h), or null. `seed` is the frame's hash_seed, with which the index was made.
[[nodiscard]] const std::byte* table_find(const Table& table, TableLayout layout, const std::uint64_t* key,
                                          std::uint64_t seed);

/// Makes a table at `memory` (ir::cost::table_bytes(count, stride) bytes: header, entries, index) from `count` entries that lie
/// at memory + 32 already. Returns false when two keys are equal and `unique` is set; else later doubles are dropped.
[[nodiscard]] bool table_build(std::byte* memory, std::int64_t count, TableLayout layout, std::uint64_t seed,
                               bool unique);

/// Keyed hash of a key's words; equal keys hash alike. Source: SipHash-1-3 (Aumasson, Bernstein).
[[nodiscard]] std::uint64_t hash_key(Kind kind, const std::uint64_t* key, std::uint64_t seed);

}  // namespace writ::runtime
