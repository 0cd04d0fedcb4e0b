#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "stdlib/binding.h"
#include "stdlib/modules.h"
#include "support/limits.h"

// What the clauses of "…".format([…]) write where string(x) writes something else: named by the clause, called by nobody else.

namespace writ::stdlib {
namespace {

using Basis = FuelRule::Basis;
constexpr FuelRule kDigits{.basis = Basis::kNone, .shift = 0, .weight = 32};
constexpr FuelRule kShortest{.basis = Basis::kNone, .shift = 0, .weight = 96};
constexpr FuelRule kExact{.basis = Basis::kNone, .shift = 0, .weight = 240};
constexpr FuelRule kHex{.basis = Basis::kFirst, .shift = 3, .weight = 4};

constexpr std::int64_t kPrecisionMax = support::limits::kFormatPrecision;
/// Room for the longest double: its sign, digits before and behind the point.
constexpr std::size_t kDoubleRoom = 1 + std::numeric_limits<double>::max_exponent10 + 2 + kPrecisionMax;

/// A sign, a digit, the point, an exponent of three digits, and those behind the point.
constexpr SizeRule kScientificSize = [](ArgumentSizes args) {
  return std::max<std::int64_t>(9, 8 + std::clamp<std::int64_t>(args[1].most, 0, kPrecisionMax));
};
constexpr SizeRule kFixedSize = [](ArgumentSizes args) {
  return static_cast<std::int64_t>(kDoubleRoom) - kPrecisionMax +
         std::clamp<std::int64_t>(args[1].most, 0, kPrecisionMax);
};
constexpr SizeRule kHexSize = [](ArgumentSizes args) { return times(args[0].most, 2); };
constexpr ResultRule kFixed = ResultRule{.most = &kFixedSize}.made();
constexpr ResultRule kScientific = ResultRule{.most = &kScientificSize}.made();
constexpr ResultRule kHexDigits = ResultRule{.most = &kHexSize}.made();

std::optional<std::string_view> no_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return std::nullopt;
}

OrTrap<std::string_view> shortest(Call& call, double value) {
  if (const auto name = no_number(value)) return *name;
  std::array<char, 32> room{};
  const auto written = fmt::format_to_n(room.data(), room.size(), "{}", value);
  return call.copy({room.data(), written.size});
}

template <std::chars_format kForm>
OrTrap<std::string_view> with_precision(Call& call, double value, std::int64_t precision) {
  if (precision < 0 || precision > kPrecisionMax) return std::unexpected(Trap::kInvalidArgument);
  if (const auto name = no_number(value)) return *name;
  std::array<char, kDoubleRoom> room{};
  const auto written = std::to_chars(room.data(), room.data() + room.size(), value, kForm, static_cast<int>(precision));
  return call.copy({room.data(), written.ptr});
}

template <typename T>
OrTrap<std::string_view> digits(Call& call, T value, std::int64_t base) {
  if (base < 2 || base > 16) return std::unexpected(Trap::kInvalidArgument);
  std::array<char, 65> room{};  // a sign and 64 bits
  const auto written = std::to_chars(room.data(), room.data() + room.size(), value, static_cast<int>(base));
  return call.copy({room.data(), written.ptr});
}
OrTrap<std::string_view> digits_of_uint(Call& call, Uint value, std::int64_t base) {
  return digits(call, value.value, base);
}

OrTrap<std::string_view> hex_of_string(Call& call, std::string_view text) {
  if (text.empty()) return std::string_view{};
  char* const out = call.allocate<char>(2 * text.size());
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  char* end = out;
  for (const unsigned char byte : text) {
    *end++ = "0123456789abcdef"[byte >> 4];
    *end++ = "0123456789abcdef"[byte & 15];
  }
  return std::string_view(out, end);
}
OrTrap<std::string_view> hex_of_bytes(Call& call, Bytes bytes) { return hex_of_string(call, bytes.data); }

/// Seconds, with as many digits behind the point as it takes.
OrTrap<std::string_view> seconds(Call& call, Duration value) {
  constexpr std::uint64_t kPerSecond = 1'000'000'000;
  const bool negative = value.nanoseconds < 0;
  const auto raw = static_cast<std::uint64_t>(value.nanoseconds);
  const std::uint64_t size = negative ? 0 - raw : raw;
  std::array<char, 32> room{};
  auto out = fmt::format_to(room.data(), "{}{}", negative ? "-" : "", size / kPerSecond);
  if (size % kPerSecond != 0) {
    out = fmt::format_to(out, ".{:09}", size % kPerSecond);
    while (out[-1] == '0') --out;
  }
  *out++ = 's';
  return call.copy({room.data(), out});
}

constexpr Builtin kRows[] = {
    row<shortest, kShortest, kTextOf<24>.made()>(Form::kFunction, "%s", "writ_format_double",
                                                 "The double as CEL writes it: string(x), but Infinity for inf.",
                                                 R"("%s".format([-1.0 / 0.0]) == "-Infinity")"),
    row<seconds, kDigits, kTextOf<22>.made()>(Form::kFunction, "%s", "writ_format_duration", "The duration in seconds.",
                                              R"("%s".format([1h45m47s]) == "6347s")"),
    row<with_precision<std::chars_format::fixed>, kExact, kFixed>(Form::kFunction, "%f", "writ_format_fixed",
                                                                  "The double with so many digits behind the point.",
                                                                  R"("%.2f".format([1.005]) == "1.00")"),
    row<with_precision<std::chars_format::scientific>, kExact, kScientific>(
        Form::kFunction, "%e", "writ_format_scientific",
        "The double as a power of ten, with so many digits behind the point.",
        R"("%.1e".format([1052.0]) == "1.1e+03")"),
    row<digits<std::int64_t>, kDigits, kTextOf<65>.made()>(Form::kFunction, "%x", "writ_format_digits",
                                                           "The digits of the number to a base from 2 to 16.",
                                                           R"("%b %o %x".format([-5, 11, 30]) == "-101 13 1e")"),
    row<digits_of_uint, kDigits, kTextOf<64>.made()>(Form::kFunction, "%x", "writ_format_digits_of_uint",
                                                     "The digits of the number to a base from 2 to 16.",
                                                     R"("%X".format([6000u]) == "1770")"),
    row<hex_of_string, kHex, kHexDigits>(Form::kFunction, "%x", "writ_format_hex_of_string",
                                         "The bytes of the text as two hexadecimal digits each.",
                                         R"("%x".format(["añ"]) == "61c3b1")"),
    row<hex_of_bytes, kHex, kHexDigits>(Form::kFunction, "%x", "writ_format_hex_of_bytes",
                                        "The bytes as two hexadecimal digits each.",
                                        R"("%X".format([b"\xff\x0a"]) == "FF0A")"),
};

}  // namespace

std::span<const Builtin> format_rows() { return kRows; }

}  // namespace writ::stdlib
