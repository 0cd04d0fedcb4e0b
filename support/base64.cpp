#include "support/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace writ::support {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// By byte: its six bits, or 64.
constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(64);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

std::uint32_t value_of(char digit) { return kValues[static_cast<unsigned char>(digit)]; }

// The digits without their padding; nothing when they are too few or end in bits that no byte takes.
std::optional<std::string_view> digits_of(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  const std::size_t left = text.size() % 4;
  if (left == 1 || !std::ranges::all_of(text, [](char c) { return value_of(c) < 64; })) return std::nullopt;
  const std::uint32_t last = text.empty() ? 0U : value_of(text.back());
  if ((left == 2 && (last & 15U) != 0) || (left == 3 && (last & 3U) != 0)) return std::nullopt;
  return text;
}

}  // namespace

std::optional<std::size_t> decode_base64(std::string_view text, char* out) {
  const auto digits = digits_of(text);
  if (!digits) return std::nullopt;
  std::uint32_t bits = 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < digits->size(); ++i) {
    bits = bits << 6 | value_of((*digits)[i]);
    const std::size_t fresh = (i + 1) * 6 / 8;
    if (fresh > size) out[size++] = static_cast<char>(bits >> ((i + 1) * 6 - fresh * 8) & 255U);
  }
  return size;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes(base64_decoded_most(text.size()), '\0');
  const auto size = decode_base64(text, bytes.data());
  if (!size) return std::nullopt;
  bytes.resize(*size);
  return bytes;
}

void encode_base64(std::string_view bytes, char* out) {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) *out++ = i > group.size() ? '=' : kDigits[bits >> (18 - 6 * i) & 63U];
  }
}

std::string encode_base64(std::string_view bytes) {
  std::string text(base64_encoded_size(bytes.size()), '\0');
  encode_base64(bytes, text.data());
  return text;
}

}  // namespace writ::support
