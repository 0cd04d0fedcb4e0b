#include "jit/runtime_calls.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "support/utf8.h"

namespace writ::jit {
namespace {

/// The two halves of a 128-bit product, folded. Source: wyhash (Wang Yi), the `mum` step.
std::uint64_t multiply_fold(std::uint64_t a, std::uint64_t b) {
  using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Up to 8 bytes as a number; the rest is zero.
std::uint64_t read_tail(const std::byte* bytes, std::uint64_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, std::min<std::uint64_t>(size, sizeof word));
  return word;
}

/// The sign of a - b for a whole number and a double that is not NaN; `low` and `end` are the type's least value and one
/// past its greatest, both exact as doubles.
template <typename Whole>
std::int64_t order_whole(Whole a, double b, double low, double end) {
  if (b < low) return 1;
  if (b >= end) return -1;
  const double floor = std::floor(b);
  const auto whole = static_cast<Whole>(floor);
  if (a != whole) return a < whole ? -1 : 1;
  return floor < b ? -1 : 0;
}

}  // namespace

std::uint64_t index_hash(const void* key, std::uint64_t size, std::uint64_t seed) {
  constexpr std::uint64_t kFirst = 0xA0761D6478BD642FU;
  constexpr std::uint64_t kSecond = 0xE7037ED1A0B428DBU;
  const auto* bytes = static_cast<const std::byte*>(key);
  std::uint64_t state = seed ^ size * kFirst;
  std::uint64_t left = size;
  for (; left > 8; left -= 8, bytes += 8) {
    state = multiply_fold(state ^ read_tail(bytes, 8), kSecond);
  }
  return multiply_fold(state ^ read_tail(bytes, left), kFirst ^ size);
}

std::int64_t find_constant(const ConstantIndex* index, const void* key, std::uint64_t size) {
  const std::uint64_t hash = index_hash(key, size, index->seed);
  const std::uint32_t displacement = index->displacements[bucket_of(hash, index->bucket_mask)];
  const ConstantIndex::Slot& slot = index->slots[slot_of(hash, displacement, index->slot_mask)];
  if (slot.entry == kFreeSlot || slot.size != size) return -1;
  if (std::memcmp(index->keys + slot.offset, key, size) != 0) return -1;
  return slot.entry;
}

bool in_ranges(const AddressRange* ranges, std::int64_t count, std::uint64_t high, std::uint64_t low) {
  const runtime::Ip address{high, low};
  const AddressRange* const end = ranges + count;
  const AddressRange* const after = std::upper_bound(
      ranges, end, address, [](const runtime::Ip& ip, const AddressRange& range) { return ip < range.first; });
  return after != ranges && address <= (after - 1)->last;
}

const std::byte* find_in_table(const runtime::Table* table, const runtime::TableLayout* layout,
                               const std::uint64_t* key, std::uint64_t seed) {
  return runtime::table_find(*table, *layout, key, seed);
}

bool build_table(std::byte* memory, std::int64_t count, const runtime::TableLayout* layout, std::uint64_t seed,
                 bool unique) {
  return runtime::table_build(memory, count, *layout, seed, unique);
}

bool is_utf8(const char* text, std::uint64_t size) { return !support::find_malformed_utf8({text, size}); }

std::int64_t order_int_double(std::int64_t a, double b) {
  if (std::isnan(b)) return 2;
  return order_whole(a, b, -0x1p63, 0x1p63);
}

std::int64_t order_uint_double(std::uint64_t a, double b) {
  if (std::isnan(b)) return 2;
  return order_whole(a, b, 0.0, 0x1p64);
}

}  // namespace writ::jit
