// Time zones: the offset from UTC at a moment, by an IANA name or an offset as text.
//
// The data are Writ's own, compiled in (zones.inc, made by scripts/zones.py): never the machine's, so that a policy means the
// same everywhere. Look-ups are by halves, without memory. What it does not do: abbreviations, and local time to moments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace writ::stdlib {

class Zone {
 public:
  /// `Europe/Berlin`, `UTC`; `+11:00`, `-02:30`, `02:00`. Nothing for what is neither.
  [[nodiscard]] static std::optional<Zone> find(std::string_view text);

  /// Seconds east of Greenwich that hold at a moment, in seconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] std::int64_t offset_at(std::int64_t moment) const;

 private:
  static constexpr std::size_t kNoRow = ~std::size_t{0};
  Zone(std::size_t row, std::int64_t fixed) : row_(row), fixed_(fixed) {}

  std::size_t row_;     // of the table; kNoRow: the offset is fixed
  std::int64_t fixed_;  // seconds
};

/// Of the zone data: tzdata's, such as "2025b".
[[nodiscard]] std::string_view zones_version();

}  // namespace writ::stdlib
