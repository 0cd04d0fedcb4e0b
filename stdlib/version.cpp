// Built-ins of versions: the order of Semantic Versioning 2.0.0.
#include <algorithm>
#include <charconv>
#include <compare>
#include <expected>
#include <optional>
#include <string_view>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}
bool is_number(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }
bool has_leading_zero(std::string_view number) { return number.size() > 1 && number[0] == '0'; }

/// Takes the text up to a dot and the dot, or all of it.
std::string_view take_identifier(std::string_view& text) {
  const std::size_t dot = text.find('.');
  const std::string_view out = text.substr(0, dot);
  text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  return out;
}

/// Texts of digits of any length, without leading zeros.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_is_number = is_number(a);
  if (a_is_number != is_number(b)) return a_is_number ? std::strong_ordering::less : std::strong_ordering::greater;
  return a_is_number ? compare_numbers(a, b) : a <=> b;
}

/// Whether a text is identifiers with dots between them.
bool are_identifiers(std::string_view text, bool leading_zeros) {
  if (text.empty() || text.ends_with('.')) return false;
  while (!text.empty()) {
    const std::string_view one = take_identifier(text);
    if (one.empty() || !std::ranges::all_of(one, is_identifier_character)) return false;
    if (!leading_zeros && is_number(one) && has_leading_zero(one)) return false;
  }
  return true;
}

/// `1.2.3-rc.1+build`: the build says nothing about the order and is not kept.
struct Version {
  std::string_view numbers;
  std::string_view prerelease;  // empty: none
};

std::optional<Version> read_version(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus != std::string_view::npos && !are_identifiers(text.substr(plus + 1), true)) return std::nullopt;
  text = text.substr(0, plus);
  const std::size_t dash = text.find('-');
  const Version out{.numbers = text.substr(0, dash),
                    .prerelease = dash == std::string_view::npos ? std::string_view{} : text.substr(dash + 1)};
  if (dash != std::string_view::npos && !are_identifiers(out.prerelease, false)) return std::nullopt;
  if (std::ranges::count(out.numbers, '.') != 2 || out.numbers.ends_with('.')) return std::nullopt;
  for (std::string_view rest = out.numbers; !rest.empty();) {
    const std::string_view number = take_identifier(rest);
    if (!is_number(number) || has_leading_zero(number)) return std::nullopt;
  }
  return out;
}

std::strong_ordering compare_dotted(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const auto order = compare_identifiers(take_identifier(a), take_identifier(b));
    if (order != 0) return order;
  }
  return !a.empty() <=> !b.empty();
}

/// -1, 0 or 1; nothing where one is no version.
std::optional<std::int64_t> compare(std::string_view a, std::string_view b) {
  const auto left = read_version(a);
  const auto right = read_version(b);
  if (!left || !right) return std::nullopt;
  auto order = compare_dotted(left->numbers, right->numbers);
  // A version comes behind its pre-releases.
  if (order == 0) order = left->prerelease.empty() <=> right->prerelease.empty();
  if (order == 0) order = compare_dotted(left->prerelease, right->prerelease);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

constexpr ResultRule kOrder = kNumberIn<-1, 1>;
constexpr FuelRule kCompare{.basis = FuelRule::Basis::kSum, .shift = 3, .weight = 16};

OrTrap<std::int64_t> compare_versions(std::string_view a, std::string_view b) {
  const auto order = compare(a, b);
  if (!order) return std::unexpected(Trap::kInvalidArgument);
  return *order;
}
std::optional<std::int64_t> compare_version(std::string_view a, std::string_view b) { return compare(a, b); }

constexpr Builtin kRows[] = {
    row<compare_versions, kCompare, kOrder>(
        Form::kFunction, "compareVersions", "writ_compareVersions",
        "-1, 0 or 1 as the first version precedes, equals or follows the second by Semantic Versioning 2.0.0; traps "
        "where "
        "one is no version.",
        R"(compareVersions("1.10.0", "1.9.3") == 1 && compareVersions("2.0.0-rc.1", "2.0.0") == -1)"),
    row<compare_version, kCompare, kOrder>(
        Form::kMethod, "compareVersion", "writ_string_compareVersion", "As compareVersions, if both are versions.",
        R"("1.2.3".compareVersion("1.2") == absent && "1.2.3".compareVersion("1.2.3") == 0)"),
};

}  // namespace

std::span<const Builtin> version_rows() { return kRows; }

}  // namespace writ::stdlib
