// Built-ins of bytes: conversions from and to text, and CEL's encoders extension.
#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "stdlib/binding.h"
#include "stdlib/modules.h"
#include "support/utf8.h"

namespace writ::stdlib {
namespace {

using Basis = FuelRule::Basis;
constexpr FuelRule kView{.basis = Basis::kNone, .shift = 0, .weight = 2};
constexpr FuelRule kScan{.basis = Basis::kFirst, .shift = 4, .weight = 4};
constexpr FuelRule kCopy{.basis = Basis::kSum, .shift = 6, .weight = 4};
constexpr FuelRule kRecode{.basis = Basis::kFirst, .shift = 3, .weight = 16};

constexpr ResultRule kEncoded = ResultRule{.most = &size_of::kBase64}.made();
constexpr ResultRule kDecoded = ResultRule{.most = &size_of::kOfBase64}.made();

Bytes bytes_of_string(std::string_view text) { return {text}; }
Bytes bytes_of_bytes(Bytes bytes) { return bytes; }
OrTrap<std::string_view> string_of_bytes(Bytes bytes) {
  if (support::find_malformed_utf8(bytes.data)) return std::unexpected(Trap::kInvalidArgument);
  return bytes.data;
}
std::optional<std::string_view> to_string(Bytes bytes) {
  if (support::find_malformed_utf8(bytes.data)) return std::nullopt;
  return bytes.data;
}

OrTrap<Bytes> concat(Call& call, Bytes left, Bytes right) {
  const std::uint64_t size = left.data.size() + right.data.size();
  if (size == 0) return Bytes{};
  char* const out = call.allocate<char>(size);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  std::ranges::copy(right.data, std::ranges::copy(left.data, out).out);
  return Bytes{{out, size}};
}

// ---- base64: RFC 4648, section 4 -----------------------------------------------------------------

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

OrTrap<std::string_view> encode(Call& call, Bytes bytes) {
  if (bytes.data.empty()) return std::string_view{};
  const std::uint64_t size = (bytes.data.size() + 2) / 3 * 4;
  char* const out = call.allocate<char>(size);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  char* end = out;
  for (std::size_t at = 0; at < bytes.data.size(); at += 3) {
    const std::string_view group = bytes.data.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) *end++ = i > group.size() ? '=' : kDigits[bits >> (18 - 6 * i) & 63U];
  }
  return std::string_view(out, size);
}

// By byte: its six bits, or 64.
constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(64);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

// The digits without their padding, which may be left out; nothing when they are too few or end in bits that no byte takes.
std::optional<std::string_view> digits_of(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  const std::size_t left = text.size() % 4;
  const bool is_digits = std::ranges::all_of(text, [](char c) { return kValues[static_cast<unsigned char>(c)] < 64; });
  if (!is_digits || left == 1) return std::nullopt;
  const std::uint32_t last = text.empty() ? 0U : kValues[static_cast<unsigned char>(text.back())];
  if ((left == 2 && (last & 15U) != 0) || (left == 3 && (last & 3U) != 0)) return std::nullopt;
  return text;
}

OrTrap<Bytes> decode(Call& call, std::string_view text) {
  if (text.empty()) return Bytes{};
  // What is allocated follows from the text's size alone, so that memory comes before the check.
  char* const out = call.allocate<char>((text.size() + 3) / 4 * 3);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  const auto digits = digits_of(text);
  if (!digits) return std::unexpected(Trap::kInvalidArgument);
  std::uint32_t bits = 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < digits->size(); ++i) {
    bits = bits << 6 | kValues[static_cast<unsigned char>((*digits)[i])];
    const std::size_t fresh = (i + 1) * 6 / 8;
    if (fresh > size) out[size++] = static_cast<char>(bits >> ((i + 1) * 6 - fresh * 8) & 255U);
  }
  return Bytes{{out, size}};
}

constexpr Builtin kRows[] = {
    row<bytes_of_string, kView, kSizeOfFirst>(Form::kFunction, "bytes", "writ_bytes_of_string", "The text's bytes.",
                                              R"(bytes("ab") == b"ab")"),
    row<bytes_of_bytes, kView, kSizeOfFirst>(Form::kFunction, "bytes", "writ_bytes_of_bytes", "The same bytes.",
                                             R"(bytes(b"ab") == b"ab")"),
    row<string_of_bytes, kScan, kSizeOfFirst>(Form::kFunction, "string", "writ_string_of_bytes",
                                              "The bytes as text; traps when they are not UTF-8.",
                                              R"(string(b"ab") == "ab")"),
    row<to_string, kScan, kSizeOfFirst>(Form::kMethod, "toString", "writ_bytes_toString",
                                        "The bytes as text, if they are UTF-8.", R"(b"ab".toString() == "ab")"),
    row<concat, kCopy, kSizeOfBoth.made()>(Form::kFunction, "+", "writ_bytes_concat", "Both, one behind the other.",
                                           R"(b"gate" + b"way" == b"gateway")"),
    row<encode, kRecode, kEncoded>(Form::kFunction, "base64.encode", "writ_base64_encode",
                                   "The bytes in base64, padded.", R"(base64.encode(b"hello") == "aGVsbG8=")"),
    row<decode, kRecode, kDecoded>(Form::kFunction, "base64.decode", "writ_base64_decode",
                                   "The bytes that base64 spells, with or without padding; traps on any other text.",
                                   R"(base64.decode("aGVsbG8") == b"hello")"),
};

}  // namespace

std::span<const Builtin> bytes_rows() { return kRows; }

}  // namespace writ::stdlib
