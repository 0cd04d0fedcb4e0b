#include "stdlib/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <expected>
#include <limits>
#include <span>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {
namespace {

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the end is given
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_int(std::string_view text) { return parse_whole<std::int64_t>(text); }
std::optional<std::uint64_t> parse_uint(std::string_view text) { return parse_whole<std::uint64_t>(text); }

std::optional<double> parse_double(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf" || text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-inf" || text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  const auto value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue{"true", "TRUE", "True", "t", "T", "1"};
  constexpr std::array<std::string_view, 6> kFalse{"false", "FALSE", "False", "f", "F", "0"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return std::nullopt;
}

std::string format_double(double value) {
  if (std::isnan(value)) return "NaN";
  return fmt::format("{}", value);
}

// ---- built-ins ---------------------------------------------------------------------------------

namespace {

using Basis = FuelRule::Basis;
constexpr FuelRule kNumber{.basis = Basis::kNone, .shift = 0, .weight = 2};
constexpr FuelRule kParse{.basis = Basis::kFirst, .shift = 3, .weight = 16};
constexpr FuelRule kFormat{.basis = Basis::kNone, .shift = 0, .weight = 32};
constexpr FuelRule kFormatDouble{.basis = Basis::kNone, .shift = 0, .weight = 96};

template <typename T>
OrTrap<T> or_overflow(std::optional<T> value) {
  if (!value) return std::unexpected(Trap::kOverflow);
  return *value;
}
template <typename T>
OrTrap<T> or_invalid(std::optional<T> value) {
  if (!value) return std::unexpected(Trap::kInvalidArgument);
  return *value;
}

// A double that truncates into T; both ends are powers of two, so exact. As in CEL the lowest int itself is out of range.
template <typename T>
std::optional<T> truncate(double value, double below, double above) {
  if (value > below && value < above) return static_cast<T>(value);
  return std::nullopt;  // NaN too
}
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

std::optional<Uint> parse_uint_value(std::string_view text) {
  return parse_uint(text).transform([](std::uint64_t value) { return Uint{value}; });
}

// to int
std::int64_t int_of_int(std::int64_t value) { return value; }
OrTrap<std::int64_t> int_of_uint(Uint value) {
  if (value.value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::unexpected(Trap::kOverflow);
  }
  return static_cast<std::int64_t>(value.value);
}
OrTrap<std::int64_t> int_of_double(double value) { return or_overflow(truncate<std::int64_t>(value, -kTwo63, kTwo63)); }
OrTrap<std::int64_t> int_of_string(std::string_view text) { return or_invalid(parse_int(text)); }
std::int64_t int_of_timestamp(Timestamp value) {
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  const std::int64_t seconds = value.nanoseconds / kPerSecond;
  return value.nanoseconds % kPerSecond < 0 ? seconds - 1 : seconds;
}
std::optional<std::int64_t> to_int(std::string_view text) { return parse_int(text); }

// to uint
Uint uint_of_uint(Uint value) { return value; }
OrTrap<Uint> uint_of_int(std::int64_t value) {
  if (value < 0) return std::unexpected(Trap::kOverflow);
  return Uint{static_cast<std::uint64_t>(value)};
}
OrTrap<Uint> uint_of_double(double value) {
  const auto whole = truncate<std::uint64_t>(value, -1.0, kTwo64);
  if (!whole) return std::unexpected(Trap::kOverflow);
  return Uint{*whole};
}
OrTrap<Uint> uint_of_string(std::string_view text) { return or_invalid(parse_uint_value(text)); }
std::optional<Uint> to_uint(std::string_view text) { return parse_uint_value(text); }

// The optional form of a conversion that traps.
template <typename To, typename From, OrTrap<To> (*kConvert)(From)>
std::optional<To> if_it_fits(From value) {
  const auto converted = kConvert(value);
  return converted ? std::optional(*converted) : std::nullopt;
}

// to double
double double_of_double(double value) { return value; }
double double_of_int(std::int64_t value) { return static_cast<double>(value); }
double double_of_uint(Uint value) { return static_cast<double>(value.value); }
OrTrap<double> double_of_string(std::string_view text) { return or_invalid(parse_double(text)); }
std::optional<double> to_double(std::string_view text) { return parse_double(text); }

// to bool
bool bool_of_bool(bool value) { return value; }
OrTrap<bool> bool_of_string(std::string_view text) { return or_invalid(parse_bool(text)); }
std::optional<bool> to_bool(std::string_view text) { return parse_bool(text); }

// to string
std::string_view string_of_string(std::string_view text) { return text; }
std::string_view string_of_bool(bool value) { return value ? "true" : "false"; }
OrTrap<std::string_view> string_of_int(Call& call, std::int64_t value) {
  const fmt::format_int digits(value);
  return call.copy({digits.data(), digits.size()});
}
OrTrap<std::string_view> string_of_uint(Call& call, Uint value) {
  const fmt::format_int digits(value.value);
  return call.copy({digits.data(), digits.size()});
}
OrTrap<std::string_view> string_of_double(Call& call, double value) { return call.copy(format_double(value)); }

constexpr Builtin kRows[] = {
    row<int_of_int, kNumber, kSameNumber>(Form::kFunction, "int", "writ_int_of_int", "The same int.", "int(7) == 7"),
    row<int_of_uint, kNumber, kSameNumber>(Form::kFunction, "int", "writ_int_of_uint",
                                           "The same number; traps when it is too large.", "int(7u) == 7"),
    row<int_of_double, kNumber>(Form::kFunction, "int", "writ_int_of_double",
                                "The number without its fraction; traps when it does not fit.", "int(-7.9) == -7"),
    row<int_of_string, kParse>(Form::kFunction, "int", "writ_int_of_string",
                               "The number that decimal digits spell; traps on any other text.", R"(int("-7") == -7)"),
    row<int_of_timestamp, kNumber>(Form::kFunction, "int", "writ_int_of_timestamp",
                                   "The whole seconds since 1970-01-01T00:00:00Z.",
                                   R"(int(timestamp("1970-01-01T00:01:00Z")) == 60)"),
    row<to_int, kParse>(Form::kMethod, "toInt", "writ_string_toInt",
                        "The number that decimal digits spell, if they do.", R"("12".toInt() == 12)"),
    row<if_it_fits<std::int64_t, Uint, int_of_uint>, kNumber, kSameNumber>(
        Form::kMethod, "toInt", "writ_uint_toInt", "The same number, if it fits.", "(7u).toInt() == 7"),
    row<if_it_fits<std::int64_t, double, int_of_double>, kNumber>(Form::kMethod, "toInt", "writ_double_toInt",
                                                                  "The number without its fraction, if it fits.",
                                                                  "(-7.9).toInt() == -7 && (1e300).toInt() == absent"),
    row<uint_of_uint, kNumber, kSameNumber>(Form::kFunction, "uint", "writ_uint_of_uint", "The same uint.",
                                            "uint(7u) == 7u"),
    row<uint_of_int, kNumber, kSameNumber>(Form::kFunction, "uint", "writ_uint_of_int",
                                           "The same number; traps when it is negative.", "uint(7) == 7u"),
    row<uint_of_double, kNumber>(Form::kFunction, "uint", "writ_uint_of_double",
                                 "The number without its fraction; traps when it does not fit.", "uint(7.9) == 7u"),
    row<uint_of_string, kParse>(Form::kFunction, "uint", "writ_uint_of_string",
                                "The number that decimal digits spell; traps on any other text.", R"(uint("7") == 7u)"),
    row<to_uint, kParse>(Form::kMethod, "toUint", "writ_string_toUint",
                         "The number that decimal digits spell, if they do.", R"("12".toUint() == 12u)"),
    row<if_it_fits<Uint, std::int64_t, uint_of_int>, kNumber>(Form::kMethod, "toUint", "writ_int_toUint",
                                                              "The same number, unless it is negative.",
                                                              "(7).toUint() == 7u && (-7).toUint() == absent"),
    row<if_it_fits<Uint, double, uint_of_double>, kNumber>(Form::kMethod, "toUint", "writ_double_toUint",
                                                           "The number without its fraction, if it fits.",
                                                           "(7.9).toUint() == 7u"),
    row<double_of_double, kNumber>(Form::kFunction, "double", "writ_double_of_double", "The same double.",
                                   "double(0.5) == 0.5"),
    row<double_of_int, kNumber>(Form::kFunction, "double", "writ_double_of_int", "The nearest double.",
                                "double(7) == 7.0"),
    row<double_of_uint, kNumber>(Form::kFunction, "double", "writ_double_of_uint", "The nearest double.",
                                 "double(7u) == 7.0"),
    row<double_of_string, kParse>(Form::kFunction, "double", "writ_double_of_string",
                                  "The double nearest to the number that a text spells; traps on any other text.",
                                  R"(double("1e3") == 1000.0)"),
    row<to_double, kParse>(Form::kMethod, "toDouble", "writ_string_toDouble",
                           "The double nearest to the number that a text spells, if it does.",
                           R"("0.5".toDouble() == 0.5)"),
    row<bool_of_bool, kNumber>(Form::kFunction, "bool", "writ_bool_of_bool", "The same bool.", "bool(true)"),
    row<bool_of_string, kParse>(Form::kFunction, "bool", "writ_bool_of_string",
                                "What true, t, 1, false, f, 0 spell; traps on any other text.", R"(bool("true"))"),
    row<to_bool, kParse>(Form::kMethod, "toBool", "writ_string_toBool",
                         "What true, t, 1, false, f, 0 spell, if the text is one of them.",
                         R"("true".toBool() == true)"),
    row<string_of_string, kNumber, kSizeOfFirst>(Form::kFunction, "string", "writ_string_of_string", "The same text.",
                                                 R"(string("a") == "a")"),
    row<string_of_bool, kNumber, kTextOf<5>>(Form::kFunction, "string", "writ_string_of_bool",
                                             "The text true or false.", R"(string(1 < 2) == "true")"),
    row<string_of_int, kFormat, kTextOf<20>.made()>(Form::kFunction, "string", "writ_string_of_int",
                                                    "The number in decimal digits.", R"(string(-7) == "-7")"),
    row<string_of_uint, kFormat, kTextOf<20>.made()>(Form::kFunction, "string", "writ_string_of_uint",
                                                     "The number in decimal digits.", R"(string(7u) == "7")"),
    row<string_of_double, kFormatDouble, kTextOf<24>.made()>(Form::kFunction, "string", "writ_string_of_double",
                                                             "The shortest text that reads back as the same double.",
                                                             R"(string(0.1) == "0.1")"),
};

}  // namespace

std::span<const Builtin> convert_rows() { return kRows; }

}  // namespace writ::stdlib
