#include "fleet/hash.h"

#include <sodium.h>

namespace writ::fleet {

Hash hash_of(std::span<const std::byte> bytes) {
  Hash hash;
  // SAFETY: std::byte and unsigned char are both bytes.
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
  return hash;
}

Hash hash_of(std::string_view bytes) { return hash_of(std::as_bytes(std::span(bytes))); }

std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte) >> 4U];
    text += kDigits[std::to_integer<std::size_t>(byte) & 15U];
  }
  return text;
}

std::optional<Hash> read_hash(std::string_view digits) {
  Hash hash;
  if (digits.size() != 2 * hash.size()) return std::nullopt;
  const auto value = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const int high = value(digits[2 * i]);
    const int low = value(digits[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<std::byte>(high * 16 + low);
  }
  return hash;
}

}  // namespace writ::fleet
