// Built-ins of arithmetic that operators do not give. Those called math.… have the names and meanings of CEL's math extension.
#include <bit>
#include <cmath>
#include <cstdint>
#include <expected>
#include <limits>
#include <span>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {
namespace {

constexpr FuelRule kOne{.basis = FuelRule::Basis::kNone, .shift = 0, .weight = 2};
constexpr FuelRule kSlow{.basis = FuelRule::Basis::kNone, .shift = 0, .weight = 8};
constexpr FuelRule kWide{.basis = FuelRule::Basis::kNone, .shift = 0, .weight = 16};

constexpr ResultRule kGreatest{.most = &size_of::kGreatest, .low = &size_of::kGreatestLow};
constexpr ResultRule kLeast{.most = &size_of::kLeast, .low = &size_of::kLeastLow};
constexpr ResultRule kSign = kNumberIn<-1, 1>;

OrTrap<std::int64_t> mul_div(std::int64_t a, std::int64_t b, std::int64_t c) {
  if (c == 0) return std::unexpected(Trap::kDivisionByZero);
  const __int128 result = static_cast<__int128>(a) * b / c;
  if (result < std::numeric_limits<std::int64_t>::min() || result > std::numeric_limits<std::int64_t>::max()) {
    return std::unexpected(Trap::kOverflow);
  }
  return static_cast<std::int64_t>(result);
}

// ---- the greatest, the least ---------------------------------------------------------------------

bool is_below(std::int64_t a, std::int64_t b) { return a < b; }
bool is_below(Uint a, Uint b) { return a.value < b.value; }
bool is_below(double a, double b) { return a < b; }

// Of equal ones the first; a NaN only where it comes first.
template <typename T, typename... Others>
T greatest(T first, Others... others) {
  ((first = is_below(first, others) ? others : first), ...);
  return first;
}
template <typename T, typename... Others>
T least(T first, Others... others) {
  ((first = is_below(others, first) ? others : first), ...);
  return first;
}

// ---- sign and rounding ---------------------------------------------------------------------------

OrTrap<std::int64_t> abs_int(std::int64_t value) {
  if (value == std::numeric_limits<std::int64_t>::min()) return std::unexpected(Trap::kOverflow);
  return value < 0 ? -value : value;
}
Uint abs_uint(Uint value) { return value; }
double abs_double(double value) { return std::fabs(value); }

std::int64_t sign_int(std::int64_t value) { return (value > 0 ? 1 : 0) - (value < 0 ? 1 : 0); }
Uint sign_uint(Uint value) { return {value.value == 0 ? 0U : 1U}; }
double sign_double(double value) {
  if (std::isnan(value) || value == 0) return value;
  return value < 0 ? -1.0 : 1.0;
}

double ceil(double value) { return std::ceil(value); }
double floor(double value) { return std::floor(value); }
double round(double value) { return std::round(value); }
double trunc(double value) { return std::trunc(value); }
double sqrt(double value) { return std::sqrt(value); }
double sqrt_int(std::int64_t value) { return std::sqrt(static_cast<double>(value)); }
double sqrt_uint(Uint value) { return std::sqrt(static_cast<double>(value.value)); }

bool is_nan(double value) { return std::isnan(value); }
bool is_inf(double value) { return std::isinf(value); }
bool is_finite(double value) { return std::isfinite(value); }

// ---- bits ----------------------------------------------------------------------------------------

std::int64_t bit_and(std::int64_t a, std::int64_t b) { return a & b; }
Uint bit_and_uint(Uint a, Uint b) { return {a.value & b.value}; }
std::int64_t bit_or(std::int64_t a, std::int64_t b) { return a | b; }
Uint bit_or_uint(Uint a, Uint b) { return {a.value | b.value}; }
std::int64_t bit_xor(std::int64_t a, std::int64_t b) { return a ^ b; }
Uint bit_xor_uint(Uint a, Uint b) { return {a.value ^ b.value}; }
std::int64_t bit_not(std::int64_t value) { return ~value; }
Uint bit_not_uint(Uint value) { return {~value.value}; }

// Zeroes come in from both sides, for an int too: what is shifted is its 64 bits. By 64 and more nothing is left.
template <typename T, bool kUp>
OrTrap<T> shift(T value, std::int64_t bits) {
  if (bits < 0) return std::unexpected(Trap::kInvalidArgument);
  const auto whole = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t moved = kUp ? whole << (bits & 63) : whole >> (bits & 63);
  return std::bit_cast<T>(bits > 63 ? std::uint64_t{0} : moved);
}

// ---- rows ----------------------------------------------------------------------------------------

constexpr auto kFunction = Form::kFunction;
constexpr std::string_view kGreatestDoc = "The greatest of one to four numbers of one type.";
constexpr std::string_view kLeastDoc = "The least of one to four numbers of one type.";
constexpr std::string_view kAbsDoc = "The number without its sign; traps for the lowest int.";
constexpr std::string_view kSignDoc = "-1, 0 or 1, of the number's type; of a double -0.0 and NaN too.";
constexpr std::string_view kSqrtDoc = "The square root as a double; NaN of a number below zero.";
constexpr std::string_view kAndDoc = "The bits that both have.";
constexpr std::string_view kOrDoc = "The bits that either has.";
constexpr std::string_view kXorDoc = "The bits in which they differ.";
constexpr std::string_view kNotDoc = "Each bit turned over.";
constexpr std::string_view kLeftDoc = "The bits moved up, zeroes below; a negative count traps.";
constexpr std::string_view kRightDoc = "The bits moved down, zeroes above, also of an int; a negative count traps.";

constexpr Builtin kRows[] = {
    row<mul_div, kWide>(kFunction, "mulDiv", "writ_mulDiv",
                        "a * b / c with a middle that cannot overflow, truncated; traps on c == 0 and on overflow.",
                        "mulDiv(4_000_000_000_000, 9_000_000, 12_000_000) == 3_000_000_000_000"),
    row<greatest<std::int64_t>, kOne, kGreatest>(kFunction, "math.greatest", "writ_math_greatest_int_1", kGreatestDoc,
                                                 "math.greatest(-5) == -5"),
    row<greatest<std::int64_t, std::int64_t>, kOne, kGreatest>(kFunction, "math.greatest", "writ_math_greatest_int_2",
                                                               kGreatestDoc, "math.greatest(3, -3) == 3"),
    row<greatest<std::int64_t, std::int64_t, std::int64_t>, kOne, kGreatest>(
        kFunction, "math.greatest", "writ_math_greatest_int_3", kGreatestDoc, "math.greatest(1, 10, 3) == 10"),
    row<greatest<std::int64_t, std::int64_t, std::int64_t, std::int64_t>, kOne, kGreatest>(
        kFunction, "math.greatest", "writ_math_greatest_int_4", kGreatestDoc, "math.greatest(1, 10, 3, 12) == 12"),
    row<greatest<Uint>, kOne, kGreatest>(kFunction, "math.greatest", "writ_math_greatest_uint_1", kGreatestDoc,
                                         "math.greatest(5u) == 5u"),
    row<greatest<Uint, Uint>, kOne, kGreatest>(kFunction, "math.greatest", "writ_math_greatest_uint_2", kGreatestDoc,
                                               "math.greatest(1u, 7u) == 7u"),
    row<greatest<Uint, Uint, Uint>, kOne, kGreatest>(kFunction, "math.greatest", "writ_math_greatest_uint_3",
                                                     kGreatestDoc, "math.greatest(1u, 10u, 3u) == 10u"),
    row<greatest<Uint, Uint, Uint, Uint>, kOne, kGreatest>(kFunction, "math.greatest", "writ_math_greatest_uint_4",
                                                           kGreatestDoc, "math.greatest(1u, 10u, 3u, 12u) == 12u"),
    row<greatest<double>, kOne>(kFunction, "math.greatest", "writ_math_greatest_double_1", kGreatestDoc,
                                "math.greatest(-5.5) == -5.5"),
    row<greatest<double, double>, kOne>(kFunction, "math.greatest", "writ_math_greatest_double_2", kGreatestDoc,
                                        "math.greatest(1.5, -3.5) == 1.5"),
    row<greatest<double, double, double>, kOne>(kFunction, "math.greatest", "writ_math_greatest_double_3", kGreatestDoc,
                                                "math.greatest(1.5, 10.5, 3.5) == 10.5"),
    row<greatest<double, double, double, double>, kOne>(kFunction, "math.greatest", "writ_math_greatest_double_4",
                                                        kGreatestDoc, "math.greatest(1.5, 10.5, 3.5, 12.5) == 12.5"),
    row<least<std::int64_t>, kOne, kLeast>(kFunction, "math.least", "writ_math_least_int_1", kLeastDoc,
                                           "math.least(5) == 5"),
    row<least<std::int64_t, std::int64_t>, kOne, kLeast>(kFunction, "math.least", "writ_math_least_int_2", kLeastDoc,
                                                         "math.least(3, -3) == -3"),
    row<least<std::int64_t, std::int64_t, std::int64_t>, kOne, kLeast>(kFunction, "math.least", "writ_math_least_int_3",
                                                                       kLeastDoc, "math.least(1, 10, -3) == -3"),
    row<least<std::int64_t, std::int64_t, std::int64_t, std::int64_t>, kOne, kLeast>(
        kFunction, "math.least", "writ_math_least_int_4", kLeastDoc, "math.least(1, 10, -3, -4) == -4"),
    row<least<Uint>, kOne, kLeast>(kFunction, "math.least", "writ_math_least_uint_1", kLeastDoc,
                                   "math.least(5u) == 5u"),
    row<least<Uint, Uint>, kOne, kLeast>(kFunction, "math.least", "writ_math_least_uint_2", kLeastDoc,
                                         "math.least(7u, 1u) == 1u"),
    row<least<Uint, Uint, Uint>, kOne, kLeast>(kFunction, "math.least", "writ_math_least_uint_3", kLeastDoc,
                                               "math.least(7u, 10u, 3u) == 3u"),
    row<least<Uint, Uint, Uint, Uint>, kOne, kLeast>(kFunction, "math.least", "writ_math_least_uint_4", kLeastDoc,
                                                     "math.least(7u, 10u, 3u, 2u) == 2u"),
    row<least<double>, kOne>(kFunction, "math.least", "writ_math_least_double_1", kLeastDoc,
                             "math.least(-5.5) == -5.5"),
    row<least<double, double>, kOne>(kFunction, "math.least", "writ_math_least_double_2", kLeastDoc,
                                     "math.least(1.5, -3.5) == -3.5"),
    row<least<double, double, double>, kOne>(kFunction, "math.least", "writ_math_least_double_3", kLeastDoc,
                                             "math.least(1.5, 10.5, 0.5) == 0.5"),
    row<least<double, double, double, double>, kOne>(kFunction, "math.least", "writ_math_least_double_4", kLeastDoc,
                                                     "math.least(1.5, 10.5, 0.5, 0.25) == 0.25"),
    row<abs_int, kOne>(kFunction, "math.abs", "writ_math_abs_int", kAbsDoc, "math.abs(-11) == 11"),
    row<abs_uint, kOne>(kFunction, "math.abs", "writ_math_abs_uint", kAbsDoc, "math.abs(1u) == 1u"),
    row<abs_double, kOne>(kFunction, "math.abs", "writ_math_abs_double", kAbsDoc, "math.abs(-11.5) == 11.5"),
    row<sign_int, kOne, kSign>(kFunction, "math.sign", "writ_math_sign_int", kSignDoc, "math.sign(-11) == -1"),
    row<sign_uint, kOne, kSign>(kFunction, "math.sign", "writ_math_sign_uint", kSignDoc, "math.sign(100u) == 1u"),
    row<sign_double, kOne>(kFunction, "math.sign", "writ_math_sign_double", kSignDoc, "math.sign(-32.5) == -1.0"),
    row<ceil, kOne>(kFunction, "math.ceil", "writ_math_ceil", "The next whole number up.", "math.ceil(1.2) == 2.0"),
    row<floor, kOne>(kFunction, "math.floor", "writ_math_floor", "The next whole number down.",
                     "math.floor(-1.2) == -2.0"),
    row<round, kOne>(kFunction, "math.round", "writ_math_round",
                     "The nearest whole number; a half goes away from zero.", "math.round(-1.5) == -2.0"),
    row<trunc, kOne>(kFunction, "math.trunc", "writ_math_trunc", "The number without its fraction.",
                     "math.trunc(-1.7) == -1.0"),
    row<sqrt, kSlow>(kFunction, "math.sqrt", "writ_math_sqrt_double", kSqrtDoc, "math.sqrt(6.25) == 2.5"),
    row<sqrt_int, kSlow>(kFunction, "math.sqrt", "writ_math_sqrt_int", kSqrtDoc, "math.sqrt(49) == 7.0"),
    row<sqrt_uint, kSlow>(kFunction, "math.sqrt", "writ_math_sqrt_uint", kSqrtDoc, "math.sqrt(49u) == 7.0"),
    row<is_nan, kOne>(kFunction, "math.isNaN", "writ_math_isNaN", "Whether it is no number.", "math.isNaN(0.0 / 0.0)"),
    row<is_inf, kOne>(kFunction, "math.isInf", "writ_math_isInf", "Whether it is infinite, of either sign.",
                      "math.isInf(-1.0 / 0.0)"),
    row<is_finite, kOne>(kFunction, "math.isFinite", "writ_math_isFinite", "Whether it is neither infinite nor NaN.",
                         "math.isFinite(1.5)"),
    row<bit_and, kOne>(kFunction, "math.bitAnd", "writ_math_bitAnd_int", kAndDoc, "math.bitAnd(6, 3) == 2"),
    row<bit_and_uint, kOne>(kFunction, "math.bitAnd", "writ_math_bitAnd_uint", kAndDoc, "math.bitAnd(6u, 3u) == 2u"),
    row<bit_or, kOne>(kFunction, "math.bitOr", "writ_math_bitOr_int", kOrDoc, "math.bitOr(6, 3) == 7"),
    row<bit_or_uint, kOne>(kFunction, "math.bitOr", "writ_math_bitOr_uint", kOrDoc, "math.bitOr(6u, 3u) == 7u"),
    row<bit_xor, kOne>(kFunction, "math.bitXor", "writ_math_bitXor_int", kXorDoc, "math.bitXor(6, 3) == 5"),
    row<bit_xor_uint, kOne>(kFunction, "math.bitXor", "writ_math_bitXor_uint", kXorDoc, "math.bitXor(6u, 3u) == 5u"),
    row<bit_not, kOne>(kFunction, "math.bitNot", "writ_math_bitNot_int", kNotDoc, "math.bitNot(1) == -2"),
    row<bit_not_uint, kOne>(kFunction, "math.bitNot", "writ_math_bitNot_uint", kNotDoc,
                            "math.bitNot(1u) == 18446744073709551614u"),
    row<shift<std::int64_t, true>, kOne>(kFunction, "math.bitShiftLeft", "writ_math_bitShiftLeft_int", kLeftDoc,
                                         "math.bitShiftLeft(1, 10) == 1024"),
    row<shift<Uint, true>, kOne>(kFunction, "math.bitShiftLeft", "writ_math_bitShiftLeft_uint", kLeftDoc,
                                 "math.bitShiftLeft(1u, 10) == 1024u"),
    row<shift<std::int64_t, false>, kOne>(kFunction, "math.bitShiftRight", "writ_math_bitShiftRight_int", kRightDoc,
                                          "math.bitShiftRight(-1024, 3) == 2305843009213693824"),
    row<shift<Uint, false>, kOne>(kFunction, "math.bitShiftRight", "writ_math_bitShiftRight_uint", kRightDoc,
                                  "math.bitShiftRight(1024u, 3) == 128u"),
};

}  // namespace

std::span<const Builtin> math_rows() { return kRows; }

}  // namespace writ::stdlib
