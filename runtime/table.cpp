#include "runtime/table.h"

#include <cstring>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "support/check.h"

namespace writ::runtime {
namespace {

// ---- keys: how each kind of key is read from words and from an entry, and how it is compared ----

/// T as it lies in an entry; its words are its bytes, widened to a word.
template <typename T>
struct PlainKey {
  T value;
  static PlainKey of_words(const std::uint64_t* words) { return {static_cast<T>(words[0])}; }
  static PlainKey load(const std::byte* entry) {
    PlainKey key;
    std::memcpy(&key.value, entry, sizeof key.value);
    return key;
  }
  auto operator<=>(const PlainKey&) const = default;
};

struct TextKey {
  std::string_view value;
  static TextKey of_words(const std::uint64_t* words) {
    // SAFETY: a string's words are its address and its size (abi.h).
    return {{reinterpret_cast<const char*>(words[0]), words[1]}};
  }
  static TextKey load(const std::byte* entry) {
    StringStorage text;
    std::memcpy(&text, entry, sizeof text);
    return {{text.data, static_cast<std::size_t>(text.size)}};
  }
  auto operator<=>(const TextKey&) const = default;  // by bytes, unsigned
};

struct IpKey {
  Ip value;
  static IpKey of_words(const std::uint64_t* words) { return {{words[0], words[1]}}; }
  static IpKey load(const std::byte* entry) {
    IpKey key;
    std::memcpy(&key.value, entry, sizeof key.value);
    return key;
  }
  auto operator<=>(const IpKey&) const = default;
};

struct CidrKey {
  Ip network;
  std::int64_t prefix;
  static CidrKey of_words(const std::uint64_t* words) {
    return {{words[0], words[1]}, static_cast<std::int64_t>(words[2])};
  }
  static CidrKey load(const std::byte* entry) {
    Cidr cidr;
    std::memcpy(&cidr, entry, sizeof cidr);
    return {cidr.network, cidr.prefix};
  }
  auto operator<=>(const CidrKey&) const = default;
};

/// Calls `use` with a null pointer of the key type that serves `kind`.
template <typename Use>
decltype(auto) with_key_type(Kind kind, Use use) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kEnum:
      return use(static_cast<PlainKey<std::uint8_t>*>(nullptr));
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return use(static_cast<PlainKey<std::int64_t>*>(nullptr));
    case Kind::kUint:
      return use(static_cast<PlainKey<std::uint64_t>*>(nullptr));
    case Kind::kString:
    case Kind::kBytes:
      return use(static_cast<TextKey*>(nullptr));
    case Kind::kIp:
      return use(static_cast<IpKey*>(nullptr));
    case Kind::kCidr:
      return use(static_cast<CidrKey*>(nullptr));
    case Kind::kDouble:
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
      break;
  }
  WRIT_UNREACHABLE();
}

// ---- hashing -----------------------------------------------------------------------------------

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

/// SipHash-1-3 under the 128-bit key (seed, seed).
std::uint64_t sip_hash(std::string_view bytes, std::uint64_t seed) {
  SipState state{seed ^ 0x736f6d6570736575, seed ^ 0x646f72616e646f6d, seed ^ 0x6c7967656e657261,
                 seed ^ 0x7465646279746573};
  const std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    state.absorb(word);
  }
  std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
  for (std::size_t i = whole; i < bytes.size(); ++i) {
    last |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * (i - whole));
  }
  state.absorb(last);
  state.v2 ^= 0xFF;
  for (int i = 0; i < 3; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::uint64_t hash(std::uint64_t word, std::uint64_t seed) {
  // SAFETY: any object may be read as chars.
  return sip_hash({reinterpret_cast<const char*>(&word), sizeof word}, seed);
}
template <typename T>
std::uint64_t hash(PlainKey<T> key, std::uint64_t seed) {
  return hash(static_cast<std::uint64_t>(key.value), seed);
}
std::uint64_t hash(TextKey key, std::uint64_t seed) { return sip_hash(key.value, seed); }
template <typename Key>
  requires std::is_same_v<Key, IpKey> || std::is_same_v<Key, CidrKey>
std::uint64_t hash(Key key, std::uint64_t seed) {
  static_assert(std::has_unique_object_representations_v<Key>);
  // SAFETY: as above.
  return sip_hash({reinterpret_cast<const char*>(&key), sizeof key}, seed);
}

// ---- the three ways to find --------------------------------------------------------------------

template <typename Key>
const std::byte* find_linear(const Table& table, std::uint32_t stride, Key key) {
  const std::byte* entry = table.entries;
  for (std::int64_t i = 0; i < table.size; ++i, entry += stride) {
    if (Key::load(entry) == key) return entry;
  }
  return nullptr;
}

template <typename Key>
const std::byte* find_sorted(const Table& table, std::uint32_t stride, Key key) {
  std::int64_t low = 0;
  std::int64_t high = table.size;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const std::byte* const entry = table.entries + middle * stride;
    const auto order = Key::load(entry) <=> key;
    if (order == 0) return entry;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return nullptr;
}

/// The index slot of the entry with this key, or the free slot where it would go.
/// INVARIANT: an index is at most half full, so the probe ends.
template <typename Key>
std::int64_t probe(const Table& table, std::uint32_t stride, Key key, std::uint64_t seed) {
  auto slot = static_cast<std::int64_t>(hash(key, seed)) & table.index_mask;
  while (table.index[slot] != 0) {
    const std::byte* const entry = table.entries + static_cast<std::int64_t>(table.index[slot] - 1) * stride;
    if (Key::load(entry) == key) break;
    slot = (slot + 1) & table.index_mask;
  }
  return slot;
}

template <typename Key>
const std::byte* find(const Table& table, std::uint32_t stride, Key key, std::uint64_t seed) {
  if (table.index != nullptr) {
    const std::uint32_t number = table.index[probe(table, stride, key, seed)];
    return number == 0 ? nullptr : table.entries + static_cast<std::int64_t>(number - 1) * stride;
  }
  if (table.index_mask == kSortedTable) return find_sorted(table, stride, key);
  return find_linear(table, stride, key);
}

/// Takes the entry at `from` up as number table.size, unless its key is there already.
template <typename Key>
bool add_entry(Table& table, std::uint32_t* index, const std::byte* from, std::uint32_t stride, std::uint64_t seed) {
  const Key key = Key::load(from);
  if (index == nullptr) {
    if (find_linear(table, stride, key) != nullptr) return false;
  } else {
    const std::int64_t slot = probe(table, stride, key, seed);
    if (index[slot] != 0) return false;
    index[slot] = static_cast<std::uint32_t>(table.size + 1);
  }
  // SAFETY: entries lie in the memory that table_build was given to write.
  std::byte* const to = const_cast<std::byte*>(table.entries) + table.size * stride;
  if (to != from) std::memcpy(to, from, stride);  // whole entries apart: they do not overlap
  ++table.size;
  return true;
}

template <typename Key>
bool build(std::byte* memory, std::int64_t count, std::uint32_t stride, std::uint64_t seed, bool unique) {
  std::byte* const entries = memory + sizeof(Table);
  const std::int64_t slots = index_slots(count);
  std::uint32_t* index = nullptr;
  if (slots != 0) {
    // SAFETY: the index begins 8-aligned behind the entries, inside the memory that the caller allocated for it.
    index = reinterpret_cast<std::uint32_t*>(entries + (count * stride + 7) / 8 * 8);
    std::memset(index, 0, static_cast<std::size_t>(slots) * sizeof *index);
  }
  Table table{.entries = entries, .size = 0, .index = index, .index_mask = slots == 0 ? 0 : slots - 1};
  for (std::int64_t i = 0; i < count; ++i) {
    if (!add_entry<Key>(table, index, entries + i * stride, stride, seed) && unique) return false;
  }
  std::memcpy(memory, &table, sizeof table);
  return true;
}

}  // namespace

const std::byte* table_find(const Table& table, TableLayout layout, const std::uint64_t* key, std::uint64_t seed) {
  return with_key_type(layout.key,
                       [&]<typename Key>(Key*) { return find(table, layout.stride, Key::of_words(key), seed); });
}

bool table_build(std::byte* memory, std::int64_t count, TableLayout layout, std::uint64_t seed, bool unique) {
  return with_key_type(layout.key,
                       [&]<typename Key>(Key*) { return build<Key>(memory, count, layout.stride, seed, unique); });
}

std::uint64_t hash_key(Kind kind, const std::uint64_t* key, std::uint64_t seed) {
  return with_key_type(kind, [&]<typename Key>(Key*) { return hash(Key::of_words(key), seed); });
}

}  // namespace writ::runtime
