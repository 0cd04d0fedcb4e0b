// Bytes as decisions: whatever is generated asks a ByteSource, so that a fuzzer or a shrinker steers it by the bytes alone.
//
// In: any bytes, borrowed. Out: choices. When the bytes are used up every choice is the first one, which is the smallest:
// fewer bytes give a smaller program, and every string of bytes gives one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace writ::tests {

class ByteSource {
 public:
  explicit ByteSource(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool exhausted() const { return next_ == bytes_.size(); }

  /// 0 … count - 1. `count` is 1 to 65,536.
  std::uint32_t below(std::size_t count) {
    if (count <= 1) return 0;
    std::uint32_t drawn = byte();
    if (count > 256) drawn = drawn << 8 | byte();
    return static_cast<std::uint32_t>(drawn % count);
  }

  /// True in about so many of 100 cases.
  bool chance(std::uint32_t percent) { return byte() * 100 / 256 >= 100 - percent; }

  std::uint64_t word() {
    std::uint64_t drawn = 0;
    for (int i = 0; i < 8; ++i) drawn = drawn << 8 | byte();
    return drawn;
  }

  template <typename Items>
  auto& pick(Items& items) {
    return items[below(std::size(items))];
  }

 private:
  std::uint32_t byte() { return exhausted() ? 0 : bytes_[next_++]; }

  std::span<const std::uint8_t> bytes_;
  std::size_t next_ = 0;
};

}  // namespace writ::tests
