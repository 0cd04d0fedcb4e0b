// Stable shares of a population: which of 10,000 buckets a key falls into.
//
// Frozen for ever: the first 8 bytes, big-endian, of SHA-256(salt, 0x00, key), modulo 10,000.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace writ::stdlib {

inline constexpr std::int64_t kBuckets = 10'000;

[[nodiscard]] std::int64_t bucket(std::string_view salt, std::string_view key);

/// SHA-256 of the parts one behind another. Source: FIPS 180-4, section 6.2.
class Sha256 {
 public:
  Sha256& update(std::string_view bytes);
  [[nodiscard]] std::array<std::uint8_t, 32> finish();

 private:
  void compress();

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::uint64_t bytes_ = 0;
};

}  // namespace writ::stdlib
