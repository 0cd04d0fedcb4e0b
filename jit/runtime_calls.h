// What generated code calls for look-ups that are too big to be code, and the layouts of the constant data they read.
//
// They charge nothing, allocate nothing and read constant data that lowering made; every call ends after one probe or
// log2(n) steps, so that the charge for the key alone (ir/cost.h) covers it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/abi.h"
#include "runtime/table.h"

namespace writ::jit {

/// A perfect hash over the keys of a constant collection; see constant_index.h for how it is made. In constant data.
struct ConstantIndex {
  struct Slot {
    std::uint32_t entry;   // kFreeSlot: none
    std::uint32_t offset;  // of the key's bytes in `keys`
    std::uint32_t size;
  };
  const std::uint32_t* displacements;  // by bucket
  const Slot* slots;
  const char* keys;
  std::uint64_t seed;
  std::uint32_t bucket_mask;
  std::uint32_t slot_mask;
};
inline constexpr std::uint32_t kFreeSlot = ~std::uint32_t{0};

/// Addresses from `first` to `last`, both included.
struct AddressRange {
  runtime::Ip first;
  runtime::Ip last;
};

/// The slot of a key is slot_of its hash and its bucket's displacement.
[[nodiscard]] std::uint64_t index_hash(const void* key, std::uint64_t size, std::uint64_t seed);
[[nodiscard]] constexpr std::uint32_t bucket_of(std::uint64_t hash, std::uint32_t mask) {
  return static_cast<std::uint32_t>(hash) & mask;
}
[[nodiscard]] constexpr std::uint32_t slot_of(std::uint64_t hash, std::uint32_t displacement, std::uint32_t mask) {
  constexpr std::uint32_t kSpread = 0x9E3779B9U;  // 2^32 / the golden ratio
  const std::uint32_t mixed = static_cast<std::uint32_t>(hash >> 32) * (2 * displacement + 1) + displacement * kSpread;
  return mixed >> 7 & mask;  // the high bits of a product are the mixed ones
}

/// The number of the entry with this key (text, or words in memory), or -1.
[[nodiscard]] std::int64_t find_constant(const ConstantIndex* index, const void* key, std::uint64_t size);

/// `ranges` ascend and do not overlap.
[[nodiscard]] bool in_ranges(const AddressRange* ranges, std::int64_t count, std::uint64_t high, std::uint64_t low);

[[nodiscard]] const std::byte* find_in_table(const runtime::Table* table, const runtime::TableLayout* layout,
                                             const std::uint64_t* key, std::uint64_t seed);
[[nodiscard]] bool build_table(std::byte* memory, std::int64_t count, const runtime::TableLayout* layout,
                               std::uint64_t seed, bool unique);

[[nodiscard]] bool is_utf8(const char* text, std::uint64_t size);

/// -1, 0, 1 by value; 2 for NaN.
[[nodiscard]] std::int64_t order_int_double(std::int64_t a, double b);
[[nodiscard]] std::int64_t order_uint_double(std::uint64_t a, double b);

}  // namespace writ::jit
