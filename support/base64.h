// Base64, the one reader and writer of it: RFC 4648, section 4, on any bytes.
//
// In: a text of digits, whose padding may be left out, or bytes. Out: the bytes that the text spells, or the padded text. A text is
// refused where it has another character, too few digits, or last bits that no byte takes: every text that is read has one value,
// and a value one padded text. What it does not do: allocate where the caller gives the memory, pass over line ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace writ::support {

/// The most bytes that a text of this size spells.
[[nodiscard]] constexpr std::size_t base64_decoded_most(std::size_t size) { return (size + 3) / 4 * 3; }
/// The size of the padded text of so many bytes.
[[nodiscard]] constexpr std::size_t base64_encoded_size(std::size_t size) { return (size + 2) / 3 * 4; }

/// Writes at most base64_decoded_most bytes to `out` and tells how many; nothing when the text is not base64.
[[nodiscard]] std::optional<std::size_t> decode_base64(std::string_view text, char* out);
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// Writes base64_encoded_size characters to `out`.
void encode_base64(std::string_view bytes, char* out);
[[nodiscard]] std::string encode_base64(std::string_view bytes);

}  // namespace writ::support
