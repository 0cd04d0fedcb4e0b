// The bytes of release files: integers little-endian, texts behind their length. One value, one form.
//
// A ByteReader never reads past its end and never allocates more than the bytes that stand there: after the first thing that
// does not fit it gives zeros and empty texts, and is_good() is false for good.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace writ::fleet {

class ByteWriter {
 public:
  void u32(std::uint64_t value) { integer(value, 4); }
  void u64(std::uint64_t value) { integer(value, 8); }
  void raw(std::string_view bytes) { bytes_ += bytes; }
  void raw(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) bytes_ += std::to_integer<char>(byte);
  }
  /// Length, then the bytes.
  void text(std::string_view bytes) {
    u32(bytes.size());
    raw(bytes);
  }
  [[nodiscard]] std::string take() && { return std::move(bytes_); }

 private:
  void integer(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i, value >>= 8U) bytes_ += static_cast<char>(value & 0xFFU);
  }
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  [[nodiscard]] std::uint64_t u64() { return integer(8); }
  [[nodiscard]] std::string_view raw(std::size_t count) {
    if (count > rest_.size()) {
      is_good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  void raw(std::span<std::byte> out) {
    const std::string_view bytes = raw(out.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) out[i] = static_cast<std::byte>(bytes[i]);
  }
  [[nodiscard]] std::string_view text() { return raw(u32()); }

  [[nodiscard]] bool is_good() const { return is_good_; }
  /// Everything was read, and fitted.
  [[nodiscard]] bool is_at_end() const { return is_good_ && rest_.empty(); }

 private:
  std::uint64_t integer(std::size_t count) {
    const std::string_view bytes = raw(count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return value;
  }
  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace writ::fleet
