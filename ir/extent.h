// How large a value can be: the abstract values of the cost proof (bound.h).
//
// In: sizes and ranges. Out: sums, joins and the like of them, never less than what the values that they stand for could have.
// While a loop's body is looked at, a number also remembers how it follows from what it was when the turn began (`origin`):
// that is how growth by a bounded amount a turn is told from growth by a factor. Knows types, no program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ir/type.h"
#include "stdlib/result_rule.h"

namespace writ::ir {

inline constexpr std::int64_t kNoBound = stdlib::kAnySize;

/// What has no bound, and what would give it one.
struct Factor {
  std::string what;  // "`Request.path` has no bound"
  std::string help;
  std::optional<support::Span> declared;  // where the bound would stand
};

/// The most that a number can be.
struct Most {
  std::int64_t value = 0;
  const Factor* factor = nullptr;  // why there is none, where value is kNoBound
  // Within the loop of `origin`, a number of a local when the turn began: at most max(that + growth, floor). 0: not known.
  std::uint32_t origin = 0;
  std::int64_t growth = 0;
  std::int64_t floor = 0;

  [[nodiscard]] bool is_bounded() const { return value != kNoBound; }
  bool operator==(const Most&) const = default;
};

[[nodiscard]] Most without_bound(const Factor* factor);
/// `value`, saturated, of which an operand without bound is the reason.
[[nodiscard]] Most most_of(std::int64_t value, std::span<const Most* const> operands);
[[nodiscard]] Most operator+(const Most& a, const Most& b);
[[nodiscard]] Most times(const Most& a, const Most& b);
[[nodiscard]] Most larger(const Most& a, const Most& b);
[[nodiscard]] Most smaller(const Most& a, const Most& b);
/// At most `high`, which a check has seen to.
[[nodiscard]] Most narrowed(const Most& a, std::int64_t high);

/// A number between -down and up. A size has down 0 and counts from 0.
struct Range {
  Most up;
  Most down;

  [[nodiscard]] static Range exactly(std::int64_t value);
  [[nodiscard]] static Range between(std::int64_t low, std::int64_t high);
  [[nodiscard]] static Range size(Most most) { return {.up = most, .down = {}}; }
  [[nodiscard]] std::int64_t low() const { return -down.value; }
  bool operator==(const Range&) const = default;
};

[[nodiscard]] Range operator-(const Range& a);
[[nodiscard]] Range operator+(const Range& a, const Range& b);
[[nodiscard]] Range operator*(const Range& a, const Range& b);
/// Truncated, and with the dividend's sign.
[[nodiscard]] Range operator/(const Range& a, const Range& b);
[[nodiscard]] Range operator%(const Range& a, const Range& b);
[[nodiscard]] Range join(const Range& a, const Range& b);
[[nodiscard]] Range narrowed(const Range& a, const Bound& bound);

struct Extent;
using ExtentPtr = std::shared_ptr<const Extent>;

/// Immutable, and shared: types make a graph of it (a record that is a field twice), so walks remember where they were.
struct Extent {
  Range range;                   // an int's or uint's value; bytes of a text; elements of a collection; else 0
  std::vector<ExtentPtr> parts;  // a list's or set's element; key and value; what an optional holds; fields
};

[[nodiscard]] ExtentPtr make_extent(Range range, std::vector<ExtentPtr> parts = {});
[[nodiscard]] ExtentPtr join(const ExtentPtr& a, const ExtentPtr& b);
/// After a CheckBound: the outermost bound of `bounded`, of a T? that of T.
[[nodiscard]] ExtentPtr narrowed(const ExtentPtr& value, TypeId bounded, const Types& types);

/// A value with each of its numbers changed. Parts that are shared stay so, and are changed once.
[[nodiscard]] ExtentPtr changed(const ExtentPtr& value, const std::function<Most(const Most&)>& change);
/// Calls `visit` with the numbers of both, pair by pair; they are of one type. Shared pairs are visited once.
void visit_pairs(const ExtentPtr& a, const ExtentPtr& b, const std::function<void(const Most&, const Most&)>& visit);

}  // namespace writ::ir
