#include "frontend/lexical.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <system_error>

namespace writ::frontend {
namespace {

using Error = std::unexpected<LiteralError>;

bool is_digit(char c) { return '0' <= c && c <= '9'; }
bool is_letter(char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z'); }

Error error_at(std::size_t begin, std::size_t end, std::string message, std::string help = {}) {
  return Error(LiteralError{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), std::move(message),
                            std::move(help)});
}

Error error_of(std::string_view text, std::string message, std::string help = {}) {
  return error_at(0, text.size(), std::move(message), std::move(help));
}

// ---- numbers ---------------------------------------------------------------------------------------------------

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array kDurationUnits = {Unit{"d", 86'400'000'000'000},
                                       Unit{"h", 3'600'000'000'000},
                                       Unit{"m", 60'000'000'000},
                                       Unit{"s", 1'000'000'000},
                                       Unit{"ms", 1'000'000},
                                       Unit{"us", 1'000},
                                       Unit{"ns", 1}};

constexpr std::array kSizeUnits = {Unit{"B", 1}, Unit{"KiB", 1LL << 10}, Unit{"MiB", 1LL << 20}, Unit{"GiB", 1LL << 30},
                                   Unit{"TiB", 1LL << 40}};

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

/// One piece of a number: `30m` of `2h30m`. A plain number is one piece without a unit.
struct Piece {
  std::string whole;     // digits, without _
  std::string fraction;  // digits after the point
  std::string exponent;  // `e-3`
  std::string_view unit;
  bool has_point = false;
};

/// Takes digits and the `_` between them off the front; nothing where a `_` does not stand between digits.
std::optional<std::string> take_digits(std::string_view& rest) {
  std::string digits;
  std::size_t at = 0;
  for (; at < rest.size() && (is_digit(rest[at]) || rest[at] == '_'); ++at) {
    if (rest[at] != '_') digits += rest[at];
  }
  if (at > 0 && (rest[0] == '_' || rest[at - 1] == '_')) return std::nullopt;
  rest.remove_prefix(at);
  return digits;
}

bool starts_exponent(std::string_view rest) {
  if (rest.empty() || (rest[0] != 'e' && rest[0] != 'E')) return false;
  const std::size_t digit = rest.size() > 1 && (rest[1] == '+' || rest[1] == '-') ? 2 : 1;
  return rest.size() > digit && is_digit(rest[digit]);
}

/// The next piece of a number, taken off the front of `rest`; nothing where it is not one.
std::optional<Piece> take_piece(std::string_view& rest) {
  Piece piece;
  auto whole = take_digits(rest);
  if (!whole) return std::nullopt;
  piece.whole = std::move(*whole);
  if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    auto fraction = take_digits(rest);
    if (!fraction) return std::nullopt;
    piece.fraction = std::move(*fraction);
    piece.has_point = true;
  }
  if (starts_exponent(rest)) {
    piece.exponent = 'e';
    rest.remove_prefix(1);
    if (!is_digit(rest[0])) {
      if (rest[0] == '-') piece.exponent += '-';
      rest.remove_prefix(1);
    }
    const auto digits = take_digits(rest);
    if (!digits) return std::nullopt;
    piece.exponent += *digits;
  }
  std::size_t letters = 0;
  while (letters < rest.size() && is_letter(rest[letters])) ++letters;
  piece.unit = rest.substr(0, letters);
  rest.remove_prefix(letters);
  return piece;
}

std::expected<NumberValue, LiteralError> integer(std::string_view text, std::string_view digits, int base,
                                                 bool is_uint) {
  std::uint64_t magnitude = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (status == std::errc::result_out_of_range) {
    return error_of(text, "this integer does not fit 64 bits");
  }
  if (status != std::errc() || end != digits.data() + digits.size()) {
    return error_of(text, fmt::format("`{}` is not a number", text));
  }
  return IntValue{magnitude, is_uint};
}

std::expected<NumberValue, LiteralError> hexadecimal(std::string_view text) {
  std::string digits;
  bool is_uint = false;
  for (std::size_t i = 2; i < text.size(); ++i) {
    const bool last = i + 1 == text.size();
    if (last && (text[i] == 'u' || text[i] == 'U')) {
      is_uint = true;
    } else if (text[i] != '_' || last || i == 2) {
      digits += text[i];
    }
  }
  return integer(text, digits, 16, is_uint);
}

std::expected<NumberValue, LiteralError> floating(std::string_view text, const Piece& piece) {
  const std::string digits = fmt::format("{}.{}{}", piece.whole.empty() ? "0" : piece.whole,
                                         piece.fraction.empty() ? "0" : piece.fraction, piece.exponent);
  double value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status == std::errc::result_out_of_range) {
    if (piece.exponent.starts_with("e-")) return 0.0;
    return error_of(text, "this number is too large for a double");
  }
  return value;
}

/// digits × factor, exactly; nothing where that is no whole number of the smallest unit or leaves 64 bits.
std::optional<std::int64_t> scaled(const Piece& piece, std::int64_t factor) {
  __extension__ using Wide = __int128;
  constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
  Wide value = 0;
  for (const char c : piece.whole) {
    value = value * 10 + (c - '0');
    if (value > kMost) return std::nullopt;
  }
  value *= factor;
  for (const char c : piece.fraction) {
    if (factor % 10 != 0 && c != '0') return std::nullopt;
    factor /= 10;
    value += static_cast<Wide>(factor) * (c - '0');
  }
  if (value > kMost) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

Error unknown_unit(std::string_view text, std::string_view unit) {
  if (unit == "KB" || unit == "MB" || unit == "GB" || unit == "kB") {
    return error_of(text, fmt::format("`{}` is no unit of Writ", unit), "sizes count in powers of 1024: KiB, MiB, GiB");
  }
  return error_of(text, fmt::format("`{}` is glued to a number and is no unit", unit),
                  "units are ns us ms s m h d, B KiB MiB GiB TiB, and u for uint");
}

/// `2h30m`: units from large to small, each once.
std::expected<NumberValue, LiteralError> duration(std::string_view text, Piece piece, std::string_view rest) {
  std::int64_t total = 0;
  std::int64_t last_factor = std::numeric_limits<std::int64_t>::max();
  while (true) {
    const Unit* unit = find_unit(kDurationUnits, piece.unit);
    if (unit == nullptr) return unknown_unit(text, piece.unit);
    if (unit->factor >= last_factor) {
      return error_of(text, "the units of a duration go from large to small, each once", "like 1d2h30m5s");
    }
    last_factor = unit->factor;
    const auto part = scaled(piece, unit->factor);
    if (!piece.exponent.empty() || !part || __builtin_add_overflow(total, *part, &total)) {
      return error_of(text, "this duration does not fit 64-bit nanoseconds");
    }
    if (rest.empty()) return DurationValue{total};
    auto next = take_piece(rest);
    if (!next || next->whole.empty()) return error_of(text, fmt::format("`{}` is not a duration", text));
    piece = std::move(*next);
  }
}

// ---- strings ---------------------------------------------------------------------------------------------------

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto put_tail = [&](std::uint32_t shift) { put(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
    put_tail(0);
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12U));
    put_tail(6);
    put_tail(0);
  } else {
    put(0xF0U | (code_point >> 18U));
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
}

/// What a one-letter escape stands for.
std::optional<char> simple_escape(char letter) {
  switch (letter) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
      return letter;
    default:
      return std::nullopt;
  }
}

struct NumericEscape {
  std::size_t prefix;  // bytes before the digits: `\x` has 2, an octal escape 1
  std::size_t digits;
  int base;
};

std::optional<NumericEscape> numeric_escape(char letter) {
  switch (letter) {
    case 'x':
    case 'X':
      return NumericEscape{2, 2, 16};
    case 'u':
      return NumericEscape{2, 4, 16};
    case 'U':
      return NumericEscape{2, 8, 16};
    case '0':
    case '1':
    case '2':
    case '3':
      return NumericEscape{1, 3, 8};
    default:
      return std::nullopt;
  }
}

enum class Content { kString, kBytes, kFString };

/// Decodes `body`, which starts `offset` bytes after the literal's first byte.
class EscapeDecoder {
 public:
  EscapeDecoder(std::string_view body, std::size_t offset, Content content)
      : body_(body), offset_(offset), content_(content) {}

  std::expected<std::string, LiteralError> run() {
    while (at_ < body_.size()) {
      const std::size_t plain = std::min(body_.find_first_of("\\{}", at_), body_.size());
      out_.append(body_, at_, plain - at_);
      at_ = plain;
      if (at_ == body_.size()) break;
      if (body_[at_] == '\\') {
        if (auto error = escape()) return Error(std::move(*error));
      } else {
        out_ += body_[at_];
        at_ += content_ == Content::kFString ? 2 : 1;  // the lexer lets only {{ and }} through
      }
    }
    return std::move(out_);
  }

 private:
  LiteralError error(std::size_t length, std::string message, std::string help = {}) const {
    const std::size_t end = std::min(at_ + length, body_.size());
    return {static_cast<std::uint32_t>(offset_ + at_), static_cast<std::uint32_t>(offset_ + end), std::move(message),
            std::move(help)};
  }

  std::optional<LiteralError> escape() {
    const char letter = body_[at_ + 1];  // the lexer never ends a string right after a backslash
    if (const auto plain = simple_escape(letter)) {
      out_ += *plain;
      at_ += 2;
      return std::nullopt;
    }
    if (const auto form = numeric_escape(letter)) return numeric(*form);
    const bool ascii = static_cast<unsigned char>(letter) < 0x80;
    return error(
        2, ascii && letter != '\n' ? fmt::format("strings have no escape \\{}", letter) : "strings have no such escape",
        "write \\\\ for a backslash, or a raw string: r\"…\"");
  }

  std::optional<LiteralError> numeric(NumericEscape form) {
    const std::size_t length = form.prefix + form.digits;
    const char* first = body_.data() + at_ + form.prefix;
    std::uint32_t value = 0;
    if (at_ + length > body_.size()) return short_escape(form);
    const auto [end, status] = std::from_chars(first, first + form.digits, value, form.base);
    if (status != std::errc() || end != first + form.digits) return short_escape(form);
    if (content_ == Content::kBytes) {
      if (form.digits > 3) {
        return error(length, "a bytes literal has no \\u escapes", "write the bytes of the UTF-8 form: \\x..");
      }
      out_ += static_cast<char>(value);
    } else {
      if (value > 0x10FFFF || (0xD800 <= value && value <= 0xDFFF)) {
        return error(length, fmt::format("U+{:04X} is not a character", value));
      }
      append_utf8(out_, value);
    }
    at_ += length;
    return std::nullopt;
  }

  LiteralError short_escape(NumericEscape form) const {
    return error(form.prefix,
                 fmt::format("this escape needs {} {} digits", form.digits, form.base == 8 ? "octal" : "hexadecimal"));
  }

  std::string_view body_;
  std::size_t offset_;
  Content content_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::expected<NumberValue, LiteralError> decode_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return hexadecimal(text);
  std::string_view rest = text;
  auto piece = take_piece(rest);
  if (!piece) {
    return error_of(text, fmt::format("`{}` is not a number", text), "a `_` stands between two digits");
  }
  if (rest.starts_with('.')) {
    return error_of(text, fmt::format("`{}` is not a number", text),
                    fmt::format("an address is written ip(\"{}\")", text));
  }
  const bool whole = !piece->has_point && piece->exponent.empty();
  if (rest.empty() && piece->unit.empty()) {
    return whole ? integer(text, piece->whole, 10, false) : floating(text, *piece);
  }
  if (rest.empty() && whole && (piece->unit == "u" || piece->unit == "U")) {
    return integer(text, piece->whole, 10, true);
  }
  if (const Unit* unit = find_unit(kSizeUnits, piece->unit); rest.empty() && whole && unit != nullptr) {
    const auto bytes = scaled(*piece, unit->factor);
    if (!bytes) return error_of(text, "this size does not fit 64 bits");
    return IntValue{static_cast<std::uint64_t>(*bytes), false};
  }
  if (rest.starts_with('_')) return unknown_unit(text, text.substr(text.size() - rest.size() - piece->unit.size()));
  return duration(text, std::move(*piece), rest);
}

std::expected<std::string, LiteralError> decode_string(std::string_view text) {
  const std::size_t quote = text.find_first_of("\"'");
  const std::string_view prefix = text.substr(0, quote);
  const bool raw = prefix.find_first_of("rR") != std::string_view::npos;
  const bool bytes = prefix.find_first_of("bB") != std::string_view::npos;
  const bool triple = text.size() >= quote + 6 && text[quote + 1] == text[quote] && text[quote + 2] == text[quote];
  const std::size_t quotes = triple ? 3 : 1;
  const std::size_t begin = quote + quotes;
  const std::string_view body = text.substr(begin, text.size() - begin - quotes);
  if (raw) return std::string(body);
  return EscapeDecoder(body, begin, bytes ? Content::kBytes : Content::kString).run();
}

std::expected<std::string, LiteralError> decode_fstring_text(std::string_view text) {
  return EscapeDecoder(text, 0, Content::kFString).run();
}

}  // namespace writ::frontend
