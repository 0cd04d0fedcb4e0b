// The values of Writ that the standard library has no type for, laid out as policies read them.
//
// An Ip, Cidr is a plain value. Bytes, Set and Map are views: they borrow what they are made of. A Map or Set made of a plain
// range is searched one by one; one that is promised to ascend by key is searched by halves.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "writ/writ.h"

namespace writ {

/// An address; IPv4 as ::ffff:a.b.c.d. Both halves are in host order.
struct Ip {
  std::uint64_t high = 0;
  std::uint64_t low = std::uint64_t{0xFFFF} << 32;

  /// `10.0.0.1`, `2001:db8::1`; nothing for any other text.
  [[nodiscard]] static std::optional<Ip> parse(std::string_view text) {
    std::uint64_t words[2];
    if (writ_read_ip({text.data(), text.size()}, words) == 0) return std::nullopt;
    return Ip{words[0], words[1]};
  }
  /// From an address in host order: 0x7F000001 is 127.0.0.1.
  [[nodiscard]] static constexpr Ip v4(std::uint32_t address) { return {0, std::uint64_t{0xFFFF} << 32 | address}; }
  /// From the 16 bytes of an in6_addr.
  [[nodiscard]] static constexpr Ip v6(std::span<const std::uint8_t, 16> bytes) {
    Ip ip{0, 0};
    for (std::size_t i = 0; i < 8; ++i) ip.high = ip.high << 8 | bytes[i];
    for (std::size_t i = 8; i < 16; ++i) ip.low = ip.low << 8 | bytes[i];
    return ip;
  }
  auto operator<=>(const Ip&) const = default;
};

/// A network; its host bits are zero. The prefix counts within 128 bits: that of 10.0.0.0/8 is 104.
struct Cidr {
  Ip network;
  std::int64_t prefix = 128;

  /// `10.0.0.0/8`; nothing for any other text, or where host bits are set.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text) {
    std::uint64_t words[3];
    if (writ_read_cidr({text.data(), text.size()}, words) == 0) return std::nullopt;
    return Cidr{{words[0], words[1]}, static_cast<std::int64_t>(words[2])};
  }
  bool operator==(const Cidr&) const = default;
};

/// A view of bytes that are no text.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr Bytes(std::span<const std::byte> bytes) : size_(bytes.size()), data_(bytes.data()) {}
  [[nodiscard]] constexpr std::span<const std::byte> span() const { return {data_, size_}; }

 private:
  std::size_t size_ = 0;
  const std::byte* data_ = nullptr;
};

/// One entry of a Map.
template <typename K, typename V>
struct Entry {
  K key;
  V value;
};

/// The promise that keys ascend strictly: texts by their bytes, the rest by value. A broken promise costs found keys only.
struct Ascending {};
inline constexpr Ascending kAscending;

namespace detail {

/// The storage of a set or a map.
template <typename T>
class Table {
 public:
  constexpr Table() = default;
  constexpr Table(std::span<const T> entries)
      : entries_(entries.data()), size_(static_cast<std::int64_t>(entries.size())) {}
  constexpr Table(Ascending, std::span<const T> entries) : Table(entries) { index_mask_ = -1; }

  [[nodiscard]] constexpr std::size_t size() const { return static_cast<std::size_t>(size_); }
  [[nodiscard]] constexpr const T* begin() const { return entries_; }
  [[nodiscard]] constexpr const T* end() const { return entries_ + size_; }

 private:
  const T* entries_ = nullptr;
  std::int64_t size_ = 0;
  const std::uint32_t* index_ = nullptr;  // only tables that policies make have one
  std::int64_t index_mask_ = 0;
};

}  // namespace detail

/// A view of distinct keys.
template <typename T>
struct Set : detail::Table<T> {
  using detail::Table<T>::Table;
};

/// A view of entries with distinct keys.
template <typename K, typename V>
struct Map : detail::Table<Entry<K, V>> {
  using detail::Table<Entry<K, V>>::Table;
};

}  // namespace writ
