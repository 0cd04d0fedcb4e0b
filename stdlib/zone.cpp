#include "stdlib/zone.h"

#include <algorithm>
#include <chrono>
#include <span>

namespace writ::stdlib {
namespace {

/// When a rule's half of the year begins: the week-th weekday (0: Sunday; week 5: the last) of a month, and the local second of
/// that day, which may lie outside of it.
struct RuleDay {
  std::int32_t month;
  std::int32_t week;
  std::int32_t weekday;
  std::int32_t second;
};
/// What holds behind the last change, for ever. Source: POSIX, "TZ", with the M form of days.
struct Rule {
  std::int32_t standard;
  std::int32_t summer;  // as standard: no halves
  RuleDay begin;        // of summer
  RuleDay end;
};
struct Row {
  std::uint32_t first;
  std::uint32_t count;
  std::uint32_t before;
  std::uint32_t rule;
};
struct Name {
  std::string_view text;
  std::size_t row;
};

#include "stdlib/zones.inc"

constexpr std::int64_t kOffsetNumbers = 512;  // a change is its second × this + the number of its offset
static_assert(std::size(kOffsets) <= kOffsetNumbers);
static_assert(std::ranges::is_sorted(kNames, {}, &Name::text));

std::int64_t moment_of(std::chrono::year year, const RuleDay& day, std::int64_t offset) {
  const std::chrono::month month(static_cast<unsigned>(day.month));
  const std::chrono::weekday weekday(static_cast<unsigned>(day.weekday));
  constexpr int kLastWeek = 5;
  const std::chrono::sys_days date =
      day.week == kLastWeek ? std::chrono::sys_days(year / month / weekday[std::chrono::last])
                            : std::chrono::sys_days(year / month / weekday[static_cast<unsigned>(day.week)]);
  return std::chrono::sys_seconds(date).time_since_epoch().count() + day.second - offset;
}

std::int64_t offset_by(const Rule& rule, std::int64_t moment) {
  if (rule.summer == rule.standard) return rule.standard;
  const auto local = std::chrono::sys_seconds(std::chrono::seconds(moment + rule.standard));
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local)).year();
  const std::int64_t begin = moment_of(year, rule.begin, rule.standard);
  const std::int64_t end = moment_of(year, rule.end, rule.summer);
  const bool summer = begin < end ? begin <= moment && moment < end : moment < end || begin <= moment;
  return summer ? rule.summer : rule.standard;
}

int two_digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return is_digit(text[0]) && is_digit(text[1]) ? (text[0] - '0') * 10 + (text[1] - '0') : -1;
}

// `+11:00`, `-02:30`, `02:00`, in seconds.
std::optional<std::int64_t> fixed_offset(std::string_view text) {
  const bool west = text.starts_with('-');
  if (west || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hours = two_digits(text);
  const int minutes = two_digits(text.substr(3));
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60;
  return west ? -seconds : seconds;
}

}  // namespace

std::optional<Zone> Zone::find(std::string_view text) {
  if (const auto fixed = fixed_offset(text)) return Zone(kNoRow, *fixed);
  const auto* const found = std::ranges::lower_bound(kNames, text, {}, &Name::text);
  if (found == std::end(kNames) || found->text != text) return std::nullopt;
  return Zone(found->row, 0);
}

std::int64_t Zone::offset_at(std::int64_t moment) const {
  if (row_ == kNoRow) return fixed_;
  const Row& row = kRows[row_];
  const std::span changes = std::span(kChanges).subspan(row.first, row.count);
  // The first change behind the moment.
  const auto next = std::ranges::upper_bound(changes, moment, {}, [](std::int64_t change) {
    return change >> 9;  // a floor, also before 1970
  });
  static_assert(kOffsetNumbers == 1 << 9);
  if (next == changes.end()) return offset_by(kRules[row.rule], moment);
  return kOffsets[next == changes.begin() ? row.before : static_cast<std::uint64_t>(next[-1]) % kOffsetNumbers];
}

std::string_view zones_version() { return kVersion; }

}  // namespace writ::stdlib
