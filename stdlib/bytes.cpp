// Built-ins of bytes: conversions from and to text, and CEL's encoders extension.
#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "stdlib/binding.h"
#include "stdlib/modules.h"
#include "support/base64.h"
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

// ---- base64 --------------------------------------------------------------------------------------

OrTrap<std::string_view> encode(Call& call, Bytes bytes) {
  if (bytes.data.empty()) return std::string_view{};
  const std::size_t size = support::base64_encoded_size(bytes.data.size());
  char* const out = call.allocate<char>(size);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  support::encode_base64(bytes.data, out);
  return std::string_view(out, size);
}

OrTrap<Bytes> decode(Call& call, std::string_view text) {
  if (text.empty()) return Bytes{};
  // What is allocated follows from the text's size alone, so that memory comes before the check.
  char* const out = call.allocate<char>(support::base64_decoded_most(text.size()));
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  const auto size = support::decode_base64(text, out);
  if (!size) return std::unexpected(Trap::kInvalidArgument);
  return Bytes{{out, *size}};
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
