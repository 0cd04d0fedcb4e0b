// The limits table (limits.def) as constants and as rows for `writ limits`.
#pragma once

#include <cstdint>
#include <span>

namespace writ::support {

/// Limits by name: `limits::kNesting`.
namespace limits {
#define WRIT_LIMIT(name, value, unit, doc) inline constexpr std::int64_t k##name = value;
#include "support/limits.def"
#undef WRIT_LIMIT
}  // namespace limits

struct LimitRow {
  const char* name;  // UpperCamel, as in limits.def
  std::int64_t value;
  const char* unit;
  const char* doc;
};

/// All rows in table order; static storage.
[[nodiscard]] std::span<const LimitRow> limit_rows();

}  // namespace writ::support
