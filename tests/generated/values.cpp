#include "tests/generated/values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "support/check.h"

namespace writ::tests {
namespace {

using ir::Kind;
using ir::Value;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();

constexpr std::int64_t kInts[] = {0,
                                  1,
                                  -1,
                                  2,
                                  3,
                                  7,
                                  10,
                                  16,
                                  63,
                                  64,
                                  100,
                                  255,
                                  1000,
                                  -2,
                                  -100,
                                  1LL << 31,
                                  1 << 16,
                                  1LL << 32,
                                  1LL << 53,
                                  (1LL << 53) + 1,
                                  kLargest / 2,
                                  kLargest,
                                  kSmallest,
                                  kLargest - 1,
                                  kSmallest + 1};
constexpr double kDoubles[] = {0.0,
                               1.0,
                               -1.0,
                               0.5,
                               2.5,
                               -2.5,
                               0.1,
                               100.0,
                               1e15,
                               9007199254740993.0,
                               9223372036854775808.0,
                               18446744073709551616.0,
                               -9223372036854775808.0,
                               1.7976931348623157e308,
                               5e-324,
                               -0.0,
                               std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN()};
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDurations[] = {
    0,        kSecond,   90 * kSecond, 3600 * kSecond, 86'400 * kSecond, 1,          -1,
    -kSecond, 1'500'000, kLargest,     kSmallest + 1,  kLargest - 1,     2 * kSecond};
constexpr std::int64_t kTimestamps[] = {0,
                                        1'769'860'800 * kSecond,  // 2026-01-31T12:00:00Z
                                        1'709'164'800 * kSecond,  // 2024-02-29
                                        1'709'251'199 * kSecond,
                                        -1,
                                        -kSecond,
                                        951'782'400 * kSecond,  // 2000-02-29
                                        kLargest,
                                        kSmallest,
                                        kSecond - 1};
// Texts that built-ins and tables take apart; then ones whose size is at a limit of some loop or charge.
constexpr std::string_view kTexts[] = {"",
                                       "a",
                                       "b",
                                       "abc",
                                       "ab,c",
                                       "abab",
                                       " GET ",
                                       "a\u00f1b",
                                       "\xF0\x9F\x98\x80",
                                       "12",
                                       "-7",
                                       "1.5",
                                       "true",
                                       "10.0.0.1",
                                       "::ffff:10.0.0.1",
                                       "2001:db8::1",
                                       "10.0.0.0/8",
                                       "2026-01-31T12:00:00Z",
                                       "2h30m",
                                       "1.2.3",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "aGVsbG8=",
                                       "\"q\"\\\n\t",
                                       "{0} of {1}",
                                       "x.y.z/w"};
constexpr std::size_t kSizes[] = {7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300};
constexpr std::string_view kBrokenText[] = {"\xFF", "a\xC3", "\xED\xA0\x80", "\xC0\x80", "ab\x80!", "\xF4\x90\x80\x80"};

class Maker {
 public:
  Maker(ByteSource& bytes, const ir::Types& types, Fidelity fidelity)
      : bytes_(bytes), types_(types), fidelity_(fidelity) {}

  Value make(ir::TypeId id, int depth) {
    const ir::Type& type = types_[id];
    switch (type.kind) {
      case Kind::kBool:
        return {bytes_.chance(50)};
      case Kind::kInt:
        return {number(type.bound, kInts)};
      case Kind::kDuration:
        return {number(type.bound, kDurations)};
      case Kind::kTimestamp:
        return {number(type.bound, kTimestamps)};
      case Kind::kUint:
        return {ir::UintValue{unsigned_number(type.bound)}};
      case Kind::kDouble:
        return {real(type.bound)};
      case Kind::kString:
        return {text(type.bound, false)};
      case Kind::kBytes:
        return {text(type.bound, true)};
      case Kind::kIp:
        return {address()};
      case Kind::kCidr:
        return {network()};
      case Kind::kEnum:
        return {enumerator(type.decl)};
      case Kind::kRecord:
        return record(type.decl, depth);
      case Kind::kList:
        return {ir::Sequence{items(type, depth)}};
      case Kind::kSet:
        return {ir::Sequence{distinct(items(type, depth))}};
      case Kind::kMap:
        return entries(type, depth);
      case Kind::kOptional:
        return bytes_.chance(60) ? make(type.first, depth) : Value{ir::AbsentValue{}};
    }
    WRIT_UNREACHABLE();
  }

 private:
  [[nodiscard]] bool breaks_bounds() { return fidelity_ == Fidelity::kAnything && bytes_.chance(12); }

  std::int64_t number(const ir::Bound& bound, std::span<const std::int64_t> special) {
    if (!bound.empty() && breaks_bounds()) {
      if (bound.high && *bound.high < kLargest && bytes_.chance(50)) return *bound.high + 1;
      if (bound.low && *bound.low > kSmallest) return *bound.low - 1;
    }
    const std::uint32_t how = bytes_.below(8);
    std::int64_t drawn = how < 5 ? bytes_.pick(special) : bytes_.below(256);
    if (how == 7) drawn = static_cast<std::int64_t>(bytes_.word());
    if (bound.empty()) return drawn;
    const std::int64_t low = bound.low.value_or(kSmallest);
    const std::int64_t high = bound.high.value_or(kLargest);
    return bytes_.chance(30) ? (bytes_.chance(50) ? high : low) : std::clamp(drawn, low, high);
  }

  std::uint64_t unsigned_number(const ir::Bound& bound) {
    const std::uint32_t how = bytes_.below(8);
    std::uint64_t drawn = how < 5 ? static_cast<std::uint64_t>(bytes_.pick(kInts)) : bytes_.below(256);
    if (how == 7) drawn = bytes_.word();
    if (bound.empty()) return drawn;
    const auto low = static_cast<std::uint64_t>(bound.low.value_or(0));
    const auto high = static_cast<std::uint64_t>(bound.high.value_or(-1));
    if (breaks_bounds() && high != std::numeric_limits<std::uint64_t>::max()) return high + 1;
    return std::clamp(drawn, low, high);
  }

  double real(const ir::Bound& bound) {
    double drawn = bytes_.pick(kDoubles);
    if (bytes_.chance(15)) drawn = std::bit_cast<double>(bytes_.word());
    if (fidelity_ == Fidelity::kLiteral && !std::isfinite(drawn)) drawn = 1.5;
    if (bound.empty() || breaks_bounds()) return drawn;
    const double low = bound.low ? std::bit_cast<double>(*bound.low) : -1e300;
    const double high = bound.high ? std::bit_cast<double>(*bound.high) : 1e300;
    return std::isnan(drawn) ? low : std::clamp(drawn, low, high);
  }

  std::string text(const ir::Bound& bound, bool any_bytes) {
    std::string drawn(bytes_.pick(kTexts));
    if (bytes_.chance(6)) drawn = std::string(bytes_.pick(kSizes), static_cast<char>('a' + bytes_.below(3)));
    if (bytes_.chance(4)) drawn += drawn;
    if ((any_bytes && bytes_.chance(30)) || (fidelity_ == Fidelity::kAnything && bytes_.chance(6))) {
      drawn += bytes_.pick(kBrokenText);
    }
    const auto high = static_cast<std::size_t>(bound.high.value_or(kLargest));
    const auto low = static_cast<std::size_t>(bound.low.value_or(0));
    if (bound.high && breaks_bounds()) return std::string(high + 1, 'z');
    if (drawn.size() > high) drawn = std::string(high, 'y');
    if (drawn.size() < low) drawn += std::string(low - drawn.size(), 'x');
    return drawn;
  }

  runtime::Ip address() {
    static constexpr runtime::Ip kAddresses[] = {{0, 0},
                                                 {0, 1},
                                                 {0, 0xFFFF'0A00'0001},
                                                 {0, 0xFFFF'7F00'0001},
                                                 {0, 0xFFFF'C000'0201},
                                                 {0, 0xFFFF'A9FE'0102},
                                                 {0x2001'0DB8'0000'0000, 1},
                                                 {0xFE80'0000'0000'0000, 5},
                                                 {~std::uint64_t{0}, ~std::uint64_t{0}}};
    if (bytes_.chance(15)) return {bytes_.word(), bytes_.word()};
    return bytes_.pick(kAddresses);
  }

  runtime::Cidr network() {
    static constexpr std::int64_t kPrefixes[] = {104, 96, 120, 128, 0, 64, 63, 65, 1, 127};
    runtime::Cidr drawn{.network = address(), .prefix = bytes_.pick(kPrefixes)};
    const auto keep = [](std::uint64_t half, std::int64_t bits) {
      if (bits <= 0) return std::uint64_t{0};
      return bits >= 64 ? half : half & ~(~std::uint64_t{0} >> bits);
    };
    drawn.network = {keep(drawn.network.high, drawn.prefix), keep(drawn.network.low, drawn.prefix - 64)};
    return drawn;
  }

  ir::EnumValue enumerator(ir::EnumId id) {
    const std::size_t count = types_.enum_type(id).enumerators.size();
    return {breaks_bounds() ? static_cast<std::uint32_t>(count) : bytes_.below(count)};
  }

  Value record(ir::RecordId id, int depth) {
    ir::Sequence fields;
    for (const ir::Field& field : types_.record_type(id).fields) fields.items.push_back(make(field.type, depth + 1));
    return {std::move(fields)};
  }

  std::size_t size(const ir::Bound& bound, int depth) {
    static constexpr std::size_t kCounts[] = {0, 1, 2, 3, 3, 2, 5, 8, 9, 17};
    const bool is_small = depth > 1 || (fidelity_ == Fidelity::kLiteral && !bytes_.chance(10));
    const std::size_t drawn = bytes_.below(is_small ? 3 : std::size(kCounts));
    const auto high = static_cast<std::size_t>(bound.high.value_or(kLargest));
    if (bound.high && *bound.high < 20 && breaks_bounds()) return high + 1;
    return std::clamp(kCounts[drawn], static_cast<std::size_t>(bound.low.value_or(0)), high);
  }

  std::vector<Value> items(const ir::Type& type, int depth) {
    std::vector<Value> made;
    const std::size_t count = size(type.bound, depth);
    for (std::size_t i = 0; i < count; ++i) made.push_back(make(type.first, depth + 1));
    return made;
  }

  static std::vector<Value> distinct(std::vector<Value> made) {
    std::vector<Value> kept;
    for (Value& value : made) {
      const bool is_there =
          std::ranges::any_of(kept, [&](const Value& other) { return ir::key_order(value, other) == 0; });
      if (!is_there) kept.push_back(std::move(value));
    }
    return kept;
  }

  Value entries(const ir::Type& type, int depth) {
    ir::Entries made;
    for (Value& key : distinct(items(type, depth)))
      made.items.push_back({std::move(key), make(type.second, depth + 1)});
    return {std::move(made)};
  }

  ByteSource& bytes_;
  const ir::Types& types_;
  Fidelity fidelity_;
};

class LiteralWriter {
 public:
  explicit LiteralWriter(const ir::Types& types) : types_(types) {}

  std::string text(const Value& value, ir::TypeId id) {
    const ir::Type& type = types_[id];
    switch (type.kind) {
      case Kind::kEnum:
        return enumerator(std::get<ir::EnumValue>(value.node).number, types_.enum_type(type.decl));
      case Kind::kRecord:
        return record(std::get<ir::Sequence>(value.node), types_.record_type(type.decl));
      case Kind::kOptional:
        ambiguous = true;
        return std::holds_alternative<ir::AbsentValue>(value.node) ? "absent" : text(value, type.first);
      case Kind::kList:
        return sequence("[", std::get<ir::Sequence>(value.node), type.first, "]");
      case Kind::kSet:
        return sequence("{", std::get<ir::Sequence>(value.node), type.first, "}");
      case Kind::kMap:
        return map(std::get<ir::Entries>(value.node), type);
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kIp:
      case Kind::kCidr:
        return scalar(ir::literal_text(value, id, types_));
    }
    WRIT_UNREACHABLE();
  }

  bool ambiguous = false;

 private:
  // What was never read may be no enumerator.
  static std::string enumerator(std::uint32_t number, const ir::EnumType& type) {
    return type.name + "." + (number < type.enumerators.size() ? type.enumerators[number] : std::to_string(number));
  }

  // A minus behind another operator or at the start of a line would be taken for an infix one.
  static std::string scalar(std::string text) { return text.starts_with('-') ? "(" + text + ")" : text; }

  // Fields say their types themselves.
  std::string record(const ir::Sequence& fields, const ir::RecordType& type) {
    const bool before = ambiguous;
    std::string out = type.name + "(";
    for (std::size_t i = 0; i < fields.items.size(); ++i) {
      out += (i == 0 ? "" : ", ") + type.fields[i].name + ": " + text(fields.items[i], type.fields[i].type);
    }
    ambiguous = before;
    return out + ")";
  }

  std::string sequence(const char* open, const ir::Sequence& items, ir::TypeId element, const char* close) {
    if (items.items.empty()) ambiguous = true;
    std::string out = open;
    for (const Value& item : items.items) out += (&item == items.items.data() ? "" : ", ") + text(item, element);
    return out + close;
  }

  std::string map(const ir::Entries& entries, const ir::Type& type) {
    if (entries.items.empty()) ambiguous = true;
    std::string out = "{";
    for (const ir::Entry& entry : entries.items) {
      out += (&entry == entries.items.data() ? "" : ", ") + text(entry.key, type.first) + ": " +
             text(entry.value, type.second);
    }
    return out + "}";
  }

  const ir::Types& types_;
};

}  // namespace

Value make_value(ByteSource& bytes, ir::TypeId type, const ir::Types& types, Fidelity fidelity) {
  return Maker(bytes, types, fidelity).make(type, 0);
}

Literal literal(const Value& value, ir::TypeId type, const ir::Types& types) {
  LiteralWriter writer(types);
  std::string text = writer.text(value, type);
  return {.text = std::move(text), .ambiguous = writer.ambiguous};
}

}  // namespace writ::tests
