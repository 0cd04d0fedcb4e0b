// Built-ins of arithmetic that operators do not give.
#include <cstdint>
#include <expected>
#include <limits>
#include <span>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {
namespace {

constexpr FuelRule kWide{.basis = FuelRule::Basis::kNone, .shift = 0, .weight = 16};

OrTrap<std::int64_t> mul_div(std::int64_t a, std::int64_t b, std::int64_t c) {
  if (c == 0) return std::unexpected(Trap::kDivisionByZero);
  const __int128 result = static_cast<__int128>(a) * b / c;
  if (result < std::numeric_limits<std::int64_t>::min() || result > std::numeric_limits<std::int64_t>::max()) {
    return std::unexpected(Trap::kOverflow);
  }
  return static_cast<std::int64_t>(result);
}

constexpr Builtin kRows[] = {
    row<mul_div, kWide>(Form::kFunction, "mulDiv", "writ_mulDiv",
                        "a * b / c with a middle that cannot overflow, truncated; traps on c == 0 and on overflow.",
                        "mulDiv(4_000_000_000_000, 9_000_000, 12_000_000) == 3_000_000_000_000"),
};

}  // namespace

std::span<const Builtin> math_rows() { return kRows; }

}  // namespace writ::stdlib
