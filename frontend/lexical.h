// The values of literals: text in, value or the exact place of the mistake out. Pure functions.
//
// Numbers carry units (5s, 2h30m, 16KiB, 1u); strings carry CEL's escapes. Whether an int fits where it stands,
// sign included, is the checker's question: here a magnitude only has to fit 64 bits.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

namespace writ::frontend {

/// A mistake inside a literal; the range is relative to the literal's first byte.
struct LiteralError {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string message;
  std::string help;
};

struct IntValue {
  std::uint64_t magnitude;
  bool is_uint;  // written with u
};
struct DurationValue {
  std::int64_t nanoseconds;
};
/// A size (16KiB) is an IntValue.
using NumberValue = std::variant<IntValue, double, DurationValue>;

/// `text` is a whole NUMBER token.
[[nodiscard]] std::expected<NumberValue, LiteralError> decode_number(std::string_view text);

/// `text` is a whole STRING or BYTES token, prefix and quotes included.
[[nodiscard]] std::expected<std::string, LiteralError> decode_string(std::string_view text);

/// `text` is a piece of an f-string between its quotes and braces.
[[nodiscard]] std::expected<std::string, LiteralError> decode_fstring_text(std::string_view text);

}  // namespace writ::frontend
