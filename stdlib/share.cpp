#include "stdlib/share.h"

#include <algorithm>
#include <bit>
#include <span>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {

// ---- SHA-256; names and numbers of FIPS 180-4 ----------------------------------------------------

namespace {

constexpr std::array<std::uint32_t, 64> kRound{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t rotated(std::uint32_t x, int a, int b, int c) {
  return std::rotr(x, a) ^ std::rotr(x, b) ^ std::rotr(x, c);
}
std::uint32_t mixed(std::uint32_t x, int a, int b, int shift) { return std::rotr(x, a) ^ std::rotr(x, b) ^ x >> shift; }

template <typename T>
T read_big_endian(const std::uint8_t* bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value << 8 | bytes[i]);
  return value;
}

template <typename T>
void write_big_endian(T value, std::uint8_t* bytes) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
}

}  // namespace

void Sha256::compress() {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t t = 0; t < 16; ++t) w[t] = read_big_endian<std::uint32_t>(&block_[4 * t]);
  for (std::size_t t = 16; t < 64; ++t) {
    w[t] = mixed(w[t - 2], 17, 19, 10) + w[t - 7] + mixed(w[t - 15], 7, 18, 3) + w[t - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t t = 0; t < 64; ++t) {
    const std::uint32_t t1 = h + rotated(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + kRound[t] + w[t];
    const std::uint32_t t2 = rotated(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state_.size(); ++i) state_[i] += added[i];
}

Sha256& Sha256::update(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t used = bytes_ % block_.size();
    const std::size_t taken = std::min(block_.size() - used, bytes.size());
    std::copy_n(bytes.begin(), taken, block_.data() + used);
    bytes_ += taken;
    bytes.remove_prefix(taken);
    if (used + taken == block_.size()) compress();
  }
  return *this;
}

std::array<std::uint8_t, 32> Sha256::finish() {
  const std::uint64_t bits = bytes_ * 8;
  const std::size_t used = bytes_ % block_.size();
  block_[used] = 0x80;
  std::fill(block_.begin() + static_cast<std::ptrdiff_t>(used) + 1, block_.end(), 0);
  if (used + 1 > block_.size() - sizeof(bits)) {
    compress();
    block_.fill(0);
  }
  write_big_endian(bits, &block_[block_.size() - sizeof(bits)]);
  compress();
  std::array<std::uint8_t, 32> out{};
  for (std::size_t i = 0; i < state_.size(); ++i) write_big_endian(state_[i], &out[4 * i]);
  return out;
}

// ---- buckets -----------------------------------------------------------------------------------

std::int64_t bucket(std::string_view salt, std::string_view key) {
  const auto digest = Sha256().update(salt).update(std::string_view("\0", 1)).update(key).finish();
  return static_cast<std::int64_t>(read_big_endian<std::uint64_t>(digest.data()) % kBuckets);
}

namespace {

// A block of 64 bytes takes a few hundred nanoseconds, and no call takes less than one.
constexpr FuelRule kHash{.basis = FuelRule::Basis::kSum, .shift = 1, .weight = 240};

bool in_share(std::string_view salt, std::string_view key, std::int64_t share) { return bucket(salt, key) < share; }

constexpr Builtin kRows[] = {
    row<bucket, kHash, (kNumberIn<0, kBuckets - 1>)>(
        Form::kFunction, "bucket", "writ_bucket",
        "A number from 0 to 9,999 that depends on salt and key alone, for ever.",
        R"(bucket("salt", "key") == bucket("salt", "key"))"),
    row<in_share, kHash>(Form::kFunction, "in_share", "writ_in_share",
                         "Whether the key's bucket is below the share (of 10,000).",
                         R"(in_share("salt", "key", 10_000) && !in_share("salt", "key", 0))"),
};

}  // namespace

std::span<const Builtin> share_rows() { return kRows; }

}  // namespace writ::stdlib
