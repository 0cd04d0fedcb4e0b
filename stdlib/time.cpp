#include "stdlib/time.h"

#include <fmt/format.h>

#include <chrono>
#include <expected>
#include <iterator>
#include <limits>

#include "stdlib/binding.h"
#include "stdlib/modules.h"
#include "stdlib/zone.h"

namespace writ::stdlib {
namespace {

constexpr std::int64_t kPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

using Wide = __int128;

std::optional<std::int64_t> narrow(Wide value) {
  if (value < std::numeric_limits<std::int64_t>::min() || value > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads a text from its front; a failed read leaves it failed for good.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// Exactly `count` digits.
  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || !is_digit(rest_[0])) return fail();
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// One to nine digits behind a point, as nanoseconds; 0 without a point.
  std::int64_t fraction() {
    if (!take('.')) return 0;
    std::int64_t value = 0;
    std::int64_t unit = kPerSecond;
    if (rest_.empty() || !is_digit(rest_[0])) return fail();
    while (!rest_.empty() && is_digit(rest_[0])) {
      if (unit == 1) return fail();
      unit /= 10;
      value += (rest_[0] - '0') * unit;
      rest_.remove_prefix(1);
    }
    return value;
  }
  int fail() {
    failed_ = true;
    return 0;
  }
  [[nodiscard]] bool ended_well() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// `Z`, `+01:00`: seconds east of Greenwich.
std::int64_t read_offset(Reader& reader) {
  if (reader.take('Z')) return 0;
  const bool west = reader.take('-');
  if (!west) reader.expect('+');
  const int hours = reader.digits(2);
  reader.expect(':');
  const int minutes = reader.digits(2);
  if (hours > 23 || minutes > 59) return reader.fail();
  const std::int64_t seconds = std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60;
  return west ? -seconds : seconds;
}

// Days and the time of day of a moment; the time of day is never negative.
struct Moment {
  std::chrono::sys_days day;
  std::int64_t nanoseconds;
};

Moment split_moment(std::int64_t nanoseconds) {
  const auto moment = std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(nanoseconds));
  // floor, written out: multiplying the lowest day back into nanoseconds does not fit.
  constexpr std::int64_t kPerDay = kSecondsPerDay * kPerSecond;
  std::int64_t days = moment.time_since_epoch().count() / kPerDay;
  std::int64_t rest = moment.time_since_epoch().count() % kPerDay;
  if (rest < 0) {
    rest += kPerDay;
    --days;
  }
  return {std::chrono::sys_days(std::chrono::days(days)), rest};
}

// The moment so many seconds later, at most a day.
Moment moved(Moment moment, std::int64_t seconds) {
  constexpr std::int64_t kPerDay = kSecondsPerDay * kPerSecond;
  moment.nanoseconds += seconds * kPerSecond;
  const int days = moment.nanoseconds < 0 ? -1 : moment.nanoseconds >= kPerDay ? 1 : 0;
  return {moment.day + std::chrono::days(days), moment.nanoseconds - days * kPerDay};
}

}  // namespace

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  Reader reader(text);
  const int year = reader.digits(4);
  reader.expect('-');
  const int month = reader.digits(2);
  reader.expect('-');
  const int day = reader.digits(2);
  reader.expect('T');
  const int hours = reader.digits(2);
  reader.expect(':');
  const int minutes = reader.digits(2);
  reader.expect(':');
  const int seconds = reader.digits(2);
  const std::int64_t fraction = reader.fraction();
  const std::int64_t offset = read_offset(reader);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!reader.ended_well() || !date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t total =
      days * kSecondsPerDay + hours * std::int64_t{3600} + minutes * std::int64_t{60} + seconds - offset;
  return narrow(static_cast<Wide>(total) * kPerSecond + fraction);
}

std::string format_timestamp(std::int64_t nanoseconds) {
  const Moment moment = split_moment(nanoseconds);
  const std::chrono::year_month_day date(moment.day);
  const std::int64_t seconds = moment.nanoseconds / kPerSecond;
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), seconds / 3600,
                                seconds / 60 % 60, seconds % 60);
  if (const std::int64_t fraction = moment.nanoseconds % kPerSecond; fraction != 0) {
    std::string digits = fmt::format("{:09}", fraction);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += "." + digits;
  }
  return out + "Z";
}

// ---- durations ---------------------------------------------------------------------------------

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr Unit kUnits[] = {
    {"d", kSecondsPerDay * kPerSecond},
    {"h", 3600 * kPerSecond},
    {"m", 60 * kPerSecond},
    {"s", kPerSecond},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
};

// Takes the unit that the letters in front spell, if it stands in `allowed`.
const Unit* take_unit(std::string_view& text, std::span<const Unit> allowed) {
  std::size_t letters = 0;
  while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
  for (const Unit& unit : allowed) {
    if (unit.name == text.substr(0, letters)) {
      text.remove_prefix(letters);
      return &unit;
    }
  }
  return nullptr;
}

// A decimal number as value / scale.
struct Decimal {
  Wide value = 0;
  Wide scale = 1;
};

// Takes digits with at most one point inside them. Bounded so that value × a day's nanoseconds fits 128 bits.
std::optional<Decimal> take_decimal(std::string_view& text) {
  constexpr Wide kMost = Wide{1} << 64;
  Decimal out;
  bool behind_point = false;
  bool digit_before = false;
  while (!text.empty() && (is_digit(text[0]) || (text[0] == '.' && digit_before && !behind_point))) {
    if (text[0] == '.') {
      behind_point = true;
      digit_before = false;
    } else {
      out.value = out.value * 10 + (text[0] - '0');
      if (behind_point) out.scale *= 10;
      if (out.value > kMost || out.scale > kMost) return std::nullopt;
      digit_before = true;
    }
    text.remove_prefix(1);
  }
  return digit_before ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::span<const Unit> allowed = kUnits;
  Wide total = 0;
  while (!text.empty()) {
    const auto number = take_decimal(text);
    if (!number) return std::nullopt;
    const Unit* const unit = take_unit(text, allowed);
    if (unit == nullptr) return std::nullopt;
    const Wide scaled = number->value * unit->nanoseconds;
    if (scaled % number->scale != 0) return std::nullopt;
    total += scaled / number->scale;
    allowed = allowed.subspan(static_cast<std::size_t>(unit - allowed.data()) + 1);
  }
  return narrow(negative ? -total : total);
}

std::string format_duration(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  std::string out = nanoseconds < 0 ? "-" : "";
  // Unsigned, because the lowest duration has no positive twin.
  auto rest = nanoseconds < 0 ? 0 - static_cast<std::uint64_t>(nanoseconds) : static_cast<std::uint64_t>(nanoseconds);
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.nanoseconds);
    if (rest >= size) fmt::format_to(std::back_inserter(out), "{}{}", rest / size, unit.name);
    rest %= size;
  }
  return out;
}

// ---- built-ins ---------------------------------------------------------------------------------

namespace {

using Basis = FuelRule::Basis;
constexpr FuelRule kParse{.basis = Basis::kFirst, .shift = 4, .weight = 48};
constexpr FuelRule kFormat{.basis = Basis::kNone, .shift = 0, .weight = 240};
constexpr FuelRule kPick{.basis = Basis::kNone, .shift = 0, .weight = 8};
constexpr FuelRule kPickInZone{.basis = Basis::kSecond, .shift = 4, .weight = 48};

OrTrap<Timestamp> timestamp(std::string_view text) {
  const auto value = parse_timestamp(text);
  if (!value) return std::unexpected(Trap::kInvalidArgument);
  return Timestamp{*value};
}
OrTrap<Duration> duration(std::string_view text) {
  const auto value = parse_duration(text);
  if (!value) return std::unexpected(Trap::kInvalidArgument);
  return Duration{*value};
}
std::optional<Timestamp> to_timestamp(std::string_view text) {
  return parse_timestamp(text).transform([](std::int64_t value) { return Timestamp{value}; });
}
std::optional<Duration> to_duration(std::string_view text) {
  return parse_duration(text).transform([](std::int64_t value) { return Duration{value}; });
}
OrTrap<std::string_view> timestamp_text(Call& call, Timestamp value) {
  return call.copy(format_timestamp(value.nanoseconds));
}
OrTrap<std::string_view> duration_text(Call& call, Duration value) {
  return call.copy(format_duration(value.nanoseconds));
}

OrTrap<Timestamp> timestamp_of_int(std::int64_t seconds) {
  std::int64_t nanoseconds = 0;
  if (__builtin_mul_overflow(seconds, kPerSecond, &nanoseconds)) return std::unexpected(Trap::kOverflow);
  return Timestamp{nanoseconds};
}
Timestamp timestamp_of_timestamp(Timestamp value) { return value; }
Duration duration_of_duration(Duration value) { return value; }

// The parts of a moment, in UTC or as a zone's clocks show it.
std::chrono::year_month_day date_of(const Moment& moment) { return {moment.day}; }
std::int64_t full_year(const Moment& moment) { return static_cast<int>(date_of(moment).year()); }
std::int64_t month(const Moment& moment) { return static_cast<unsigned>(date_of(moment).month()) - std::int64_t{1}; }
std::int64_t date(const Moment& moment) { return static_cast<unsigned>(date_of(moment).day()); }
std::int64_t day_of_month(const Moment& moment) { return date(moment) - 1; }
std::int64_t day_of_week(const Moment& moment) { return std::chrono::weekday(moment.day).c_encoding(); }
std::int64_t day_of_year(const Moment& moment) {
  return (moment.day - std::chrono::sys_days(date_of(moment).year() / std::chrono::January / 1)).count();
}
template <std::int64_t kUnit, std::int64_t kModulus>
std::int64_t time_part(const Moment& moment) {
  return moment.nanoseconds / kUnit % kModulus;
}

template <auto kPart>
std::int64_t in_utc(Timestamp value) {
  return kPart(split_moment(value.nanoseconds));
}
template <auto kPart>
OrTrap<std::int64_t> in_zone(Timestamp value, ZoneText name) {
  const auto zone = Zone::find(name.text);
  if (!zone) return std::unexpected(Trap::kInvalidArgument);
  const Moment moment = split_moment(value.nanoseconds);
  const std::int64_t second =
      std::chrono::sys_seconds(moment.day).time_since_epoch().count() + moment.nanoseconds / kPerSecond;
  return kPart(moved(moment, zone->offset_at(second)));
}
template <std::int64_t kUnit, std::int64_t kModulus>
std::int64_t duration_part(Duration value) {
  return value.nanoseconds / kUnit % kModulus;
}
constexpr std::int64_t kWhole = std::numeric_limits<std::int64_t>::max();

constexpr Builtin kRows[] = {
    row<timestamp, kParse>(Form::kFunction, "timestamp", "writ_timestamp",
                           "The moment that an RFC 3339 text spells; traps on any other text.",
                           R"(timestamp("2026-01-01T01:00:00+01:00") == timestamp("2026-01-01T00:00:00Z"))"),
    row<timestamp_of_int, kPick>(Form::kFunction, "timestamp", "writ_timestamp_of_int",
                                 "The moment so many seconds after 1970-01-01T00:00:00Z; traps outside the range.",
                                 R"(timestamp(60) == timestamp("1970-01-01T00:01:00Z"))"),
    row<timestamp_of_timestamp, kPick>(Form::kFunction, "timestamp", "writ_timestamp_of_timestamp", "The same moment.",
                                       "timestamp(timestamp(60)) == timestamp(60)"),
    row<duration_of_duration, kPick>(Form::kFunction, "duration", "writ_duration_of_duration", "The same duration.",
                                     "duration(90s) == 90s"),
    row<duration, kParse>(Form::kFunction, "duration", "writ_duration",
                          "The duration that a literal such as 2h30m spells; traps on any other text.",
                          R"(duration("2h30m") == 150m)"),
    row<to_timestamp, kParse>(Form::kMethod, "toTimestamp", "writ_string_toTimestamp",
                              "The moment that an RFC 3339 text spells, if it does.",
                              R"("1970-01-01T00:00:00Z".toTimestamp() == timestamp("1970-01-01T00:00:00Z"))"),
    row<to_duration, kParse>(Form::kMethod, "toDuration", "writ_string_toDuration",
                             "The duration that a literal such as 2h30m spells, if it does.",
                             R"("1.5s".toDuration() == 1500ms)"),
    row<timestamp_text, kFormat, kTextOf<30>.made()>(
        Form::kFunction, "string", "writ_string_of_timestamp", "The moment as RFC 3339, in UTC.",
        R"(string(timestamp("2026-01-01T00:00:00.50Z")) == "2026-01-01T00:00:00.5Z")"),
    row<duration_text, kFormat, kTextOf<32>.made()>(Form::kFunction, "string", "writ_string_of_duration",
                                                    "The duration as a literal.", R"(string(90s) == "1m30s")"),
    row<in_utc<full_year>, kPick>(Form::kMethod, "getFullYear", "writ_timestamp_getFullYear", "The year, in UTC.",
                                  R"(timestamp("2026-11-23T08:20:10Z").getFullYear() == 2026)"),
    row<in_utc<month>, kPick>(Form::kMethod, "getMonth", "writ_timestamp_getMonth", "The month from 0, in UTC.",
                              R"(timestamp("2026-11-23T08:20:10Z").getMonth() == 10)"),
    row<in_utc<date>, kPick>(Form::kMethod, "getDate", "writ_timestamp_getDate", "The day of the month from 1, in UTC.",
                             R"(timestamp("2026-11-23T08:20:10Z").getDate() == 23)"),
    row<in_utc<day_of_month>, kPick>(Form::kMethod, "getDayOfMonth", "writ_timestamp_getDayOfMonth",
                                     "The day of the month from 0, in UTC.",
                                     R"(timestamp("2026-11-23T08:20:10Z").getDayOfMonth() == 22)"),
    row<in_utc<day_of_week>, kPick>(Form::kMethod, "getDayOfWeek", "writ_timestamp_getDayOfWeek",
                                    "The day of the week, in UTC; Sunday is 0.",
                                    R"(timestamp("2026-11-23T08:20:10Z").getDayOfWeek() == 1)"),
    row<in_utc<day_of_year>, kPick>(Form::kMethod, "getDayOfYear", "writ_timestamp_getDayOfYear",
                                    "The day of the year from 0, in UTC.",
                                    R"(timestamp("2026-02-01T00:00:00Z").getDayOfYear() == 31)"),
    row<in_utc<time_part<3600 * kPerSecond, 24>>, kPick>(Form::kMethod, "getHours", "writ_timestamp_getHours",
                                                         "The hour of the day, in UTC.",
                                                         R"(timestamp("2026-11-23T08:20:10Z").getHours() == 8)"),
    row<in_utc<time_part<60 * kPerSecond, 60>>, kPick>(Form::kMethod, "getMinutes", "writ_timestamp_getMinutes",
                                                       "The minute of the hour, in UTC.",
                                                       R"(timestamp("2026-11-23T08:20:10Z").getMinutes() == 20)"),
    row<in_utc<time_part<kPerSecond, 60>>, kPick>(Form::kMethod, "getSeconds", "writ_timestamp_getSeconds",
                                                  "The second of the minute.",
                                                  R"(timestamp("2026-11-23T08:20:10Z").getSeconds() == 10)"),
    row<in_utc<time_part<1'000'000, 1000>>, kPick>(Form::kMethod, "getMilliseconds", "writ_timestamp_getMilliseconds",
                                                   "The millisecond of the second.",
                                                   R"(timestamp("2026-11-23T08:20:10.5Z").getMilliseconds() == 500)"),
    row<in_zone<full_year>, kPickInZone>(
        Form::kMethod, "getFullYear", "writ_timestamp_getFullYear_in",
        "The year in a time zone: an IANA name, or an offset such as +02:00; any other text traps.",
        R"(timestamp("2026-01-01T02:00:00Z").getFullYear("America/New_York") == 2025)"),
    row<in_zone<month>, kPickInZone>(Form::kMethod, "getMonth", "writ_timestamp_getMonth_in",
                                     "The month from 0, in a time zone.",
                                     R"(timestamp("2026-07-01T02:30:10.5Z").getMonth("America/New_York") == 5)"),
    row<in_zone<date>, kPickInZone>(Form::kMethod, "getDate", "writ_timestamp_getDate_in",
                                    "The day of the month from 1, in a time zone.",
                                    R"(timestamp("2026-07-01T02:30:10.5Z").getDate("-02:30") == 1)"),
    row<in_zone<day_of_month>, kPickInZone>(
        Form::kMethod, "getDayOfMonth", "writ_timestamp_getDayOfMonth_in",
        "The day of the month from 0, in a time zone.",
        R"(timestamp("2026-07-01T02:30:10.5Z").getDayOfMonth("America/New_York") == 29)"),
    row<in_zone<day_of_week>, kPickInZone>(
        Form::kMethod, "getDayOfWeek", "writ_timestamp_getDayOfWeek_in",
        "The day of the week, in a time zone; Sunday is 0.",
        R"(timestamp("2026-07-01T02:30:10.5Z").getDayOfWeek("America/New_York") == 2)"),
    row<in_zone<day_of_year>, kPickInZone>(Form::kMethod, "getDayOfYear", "writ_timestamp_getDayOfYear_in",
                                           "The day of the year from 0, in a time zone.",
                                           R"(timestamp("2025-12-31T23:30:00Z").getDayOfYear("Europe/Berlin") == 0)"),
    row<in_zone<time_part<3600 * kPerSecond, 24>>, kPickInZone>(
        Form::kMethod, "getHours", "writ_timestamp_getHours_in", "The hour of the day, in a time zone.",
        R"(timestamp("2026-07-01T02:30:10.5Z").getHours("Europe/Berlin") == 4)"),
    row<in_zone<time_part<60 * kPerSecond, 60>>, kPickInZone>(
        Form::kMethod, "getMinutes", "writ_timestamp_getMinutes_in", "The minute of the hour, in a time zone.",
        R"(timestamp("2026-07-01T02:30:10.5Z").getMinutes("Asia/Kolkata") == 0)"),
    row<in_zone<time_part<kPerSecond, 60>>, kPickInZone>(
        Form::kMethod, "getSeconds", "writ_timestamp_getSeconds_in", "The second of the minute, in a time zone.",
        R"(timestamp("2026-07-01T02:30:10.5Z").getSeconds("02:00") == 10)"),
    row<in_zone<time_part<1'000'000, 1000>>, kPickInZone>(
        Form::kMethod, "getMilliseconds", "writ_timestamp_getMilliseconds_in",
        "The millisecond of the second, in a time zone.",
        R"(timestamp("2026-07-01T02:30:10.5Z").getMilliseconds("UTC") == 500)"),
    row<duration_part<3600 * kPerSecond, kWhole>, kPick>(Form::kMethod, "getHours", "writ_duration_getHours",
                                                         "The whole hours of a duration.", "(150m).getHours() == 2"),
    row<duration_part<60 * kPerSecond, kWhole>, kPick>(Form::kMethod, "getMinutes", "writ_duration_getMinutes",
                                                       "The whole minutes of a duration.", "(2h).getMinutes() == 120"),
    row<duration_part<kPerSecond, kWhole>, kPick>(Form::kMethod, "getSeconds", "writ_duration_getSeconds",
                                                  "The whole seconds of a duration.", "(2m).getSeconds() == 120"),
    row<duration_part<1'000'000, 1000>, kPick>(Form::kMethod, "getMilliseconds", "writ_duration_getMilliseconds",
                                               "The milliseconds behind the whole seconds of a duration, as in CEL.",
                                               "(1s500ms).getMilliseconds() == 500"),
};

}  // namespace

std::span<const Builtin> time_rows() { return kRows; }

}  // namespace writ::stdlib
