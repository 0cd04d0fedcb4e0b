// UTF-8, one code point at a time, safe on any bytes.
//
// Source: RFC 3629; overlong forms, surrogates and code points above U+10FFFF are malformed. A
// malformed byte counts as one code point of one byte, so every function ends on every input. What
// it does not do: normalise or fold case.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace writ::support {

struct Decoded {
  char32_t code_point = 0;  // the byte itself where it is malformed
  std::size_t size = 1;     // bytes taken, 1..4
  bool valid = false;
};

/// The code point that starts at byte `at`, which lies inside `text`.
[[nodiscard]] Decoded decode_utf8(std::string_view text, std::size_t at);

/// The offset of the first malformed byte; nothing when the whole text is UTF-8.
[[nodiscard]] std::optional<std::size_t> find_malformed_utf8(std::string_view text);

/// Whether a code point can drive a terminal or hide text in it: C0 and C1 controls, DEL, line and
/// paragraph separators, bidirectional and zero-width controls.
[[nodiscard]] bool is_control(char32_t code_point);

/// Text safe to print on one line: controls as `\n` or `\u{202e}`, malformed bytes as `\x9b`; the
/// rest as it is.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace writ::support
