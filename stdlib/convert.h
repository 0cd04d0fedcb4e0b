// Numbers as text: what the conversion built-ins, printers and readers share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace writ::stdlib {

/// Decimal digits with an optional `-`; nothing else, and in range.
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> parse_uint(std::string_view text);
/// A decimal number with or without point and exponent, `NaN`, `inf`, `-inf`, CEL's `Infinity`; nothing else, and not too large.
[[nodiscard]] std::optional<double> parse_double(std::string_view text);
/// `true`, `TRUE`, `True`, `t`, `T`, `1` and their opposites, as CEL's bool() reads.
[[nodiscard]] std::optional<bool> parse_bool(std::string_view text);

/// The shortest text that reads back as the same double: `0.1`, `1e+20`, `3`, `NaN`, `inf`.
[[nodiscard]] std::string format_double(double value);

}  // namespace writ::stdlib
