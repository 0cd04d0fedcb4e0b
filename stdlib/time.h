// Timestamps and durations as text: the one reader and writer of both for literals, documents, input and built-ins.
//
// Both are 64-bit nanoseconds: about 292 years to each side. What it does not do: clocks, time zones by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace writ::stdlib {

/// RFC 3339: `2026-11-23T08:20:10.5+01:00`; up to nine digits of a second, upper-case T and Z. No leap second (:60).
/// Nanoseconds since 1970-01-01T00:00:00Z; nothing for what is no such moment or does not fit.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text);
/// In UTC, with as many digits of a second as it takes: `2026-11-23T07:20:10.5Z`.
[[nodiscard]] std::string format_timestamp(std::int64_t nanoseconds);

/// A duration literal: `2h30m`, `7d`, `1s500ms`, `-90s`; units d h m s ms us ns, the largest first, each at most once. A fraction
/// of a unit is read if it is whole nanoseconds: `1.5s`.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);
/// The shortest such literal without fractions; `0s`.
[[nodiscard]] std::string format_duration(std::int64_t nanoseconds);

}  // namespace writ::stdlib
