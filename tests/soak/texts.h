// The schema of a soak and the releases that it publishes: two policies whose answers carry a stamp, and names.
//
// In: a stamp, a number of names. Out: texts. Two releases with one stamp are the same; every declared name carries the stamp,
// so that no two stamps share one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace writ::soak {

inline constexpr const char* kSchema = R"(schema soak
capability hosted { reads fn wait_for_swaps() -> int cost 10 }
slot left(n: int) -> int else -1
slot right(n: int) -> int else -1
slot slow(n: int) -> int else -1
tier soak { grants hosted  fuel 1_000_000  memory 64KiB  stack 64KiB }
)";

/// What `left` and `right` of a release answer, so that neither stamp nor argument can be mistaken; `slow` answers the stamp.
constexpr std::int64_t answer_of(std::uint64_t stamp, std::int64_t n) {
  return static_cast<std::int64_t>(stamp) * 16 + n % 16;
}
constexpr std::uint64_t stamp_of(std::int64_t answer) { return static_cast<std::uint64_t>(answer) / 16; }
constexpr bool is_answer_to(std::int64_t answer, std::int64_t n) { return answer >= 0 && answer % 16 == n % 16; }

struct Text {
  std::string name;
  std::string text;
};

/// `left` and `slow` in the first unit, `right` in the second; with names also a library of at least so many: functions,
/// parameters, locals, config keys, enumerators, and reasons in `left`.
[[nodiscard]] std::vector<Text> texts_of(std::uint64_t stamp, std::uint64_t names);

}  // namespace writ::soak
