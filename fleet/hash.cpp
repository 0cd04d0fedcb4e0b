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

}  // namespace writ::fleet
