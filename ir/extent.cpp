#include "ir/extent.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace writ::ir {
namespace {

using stdlib::plus;

/// A relation that says no more than the value does is none.
Most tidy(Most most) {
  if (most.is_bounded()) most.factor = nullptr;
  if (most.origin != 0 && (most.growth == kNoBound || most.floor == kNoBound)) {
    most.origin = 0;
  }
  if (most.origin == 0) most.growth = most.floor = 0;
  return most;
}

const Factor* factor_of(std::span<const Most* const> operands) {
  for (const Most* operand : operands) {
    if (operand->factor != nullptr) return operand->factor;
  }
  return nullptr;
}

/// The corner of two ranges where `apply` is largest.
template <typename Apply>
std::int64_t largest(const Range& a, const Range& b, const Apply& apply) {
  const std::int64_t a_ends[] = {a.low(), a.up.value};
  const std::int64_t b_ends[] = {b.low(), b.up.value};
  std::int64_t most = -kNoBound;
  for (const std::int64_t x : a_ends) {
    for (const std::int64_t y : b_ends) most = std::max(most, apply(x, y));
  }
  return most;
}

/// The least number that is not 0 of a divisor's size; dividing by it gives the most.
std::int64_t least_divisor(const Range& b) {
  if (b.low() > 0) return b.low();
  if (b.up.value < 0) return -b.up.value;
  return 1;
}

}  // namespace

// ---- numbers -----------------------------------------------------------------------------------

Most without_bound(const Factor* factor) { return {.value = kNoBound, .factor = factor}; }

Most most_of(std::int64_t value, std::span<const Most* const> operands) {
  return tidy({.value = value, .factor = factor_of(operands)});
}

Most operator+(const Most& a, const Most& b) {
  const Most* const operands[] = {&a, &b};
  Most sum{.value = plus(a.value, b.value), .factor = factor_of(operands)};
  const auto& [follows, added] = a.origin != 0 ? std::tie(a, b) : std::tie(b, a);
  if (follows.origin != 0) {
    sum.origin = follows.origin;
    sum.growth = plus(follows.growth, added.value);
    sum.floor = plus(follows.floor, added.value);
  }
  return tidy(sum);
}

Most times(const Most& a, const Most& b) {
  const Most* const operands[] = {&a, &b};
  return most_of(stdlib::times(a.value, b.value), operands);
}

Most larger(const Most& a, const Most& b) {
  const Most* const operands[] = {&a, &b};
  Most most{.value = std::max(a.value, b.value), .factor = factor_of(operands)};
  const auto& [follows, other] = a.origin != 0 ? std::tie(a, b) : std::tie(b, a);
  if (follows.origin != 0) {
    const bool alike = follows.origin == other.origin;
    most.origin = follows.origin;
    most.growth = alike ? std::max(follows.growth, other.growth) : follows.growth;
    most.floor = std::max(follows.floor, alike ? other.floor : other.value);
  }
  return tidy(most);
}

Most smaller(const Most& a, const Most& b) { return a.value <= b.value ? a : b; }

Most narrowed(const Most& a, std::int64_t high) {
  Most out = a;
  out.value = std::max(std::min(a.value, high), -kNoBound);
  return tidy(out);
}

// ---- ranges ------------------------------------------------------------------------------------

Range Range::exactly(std::int64_t value) { return between(value, value); }

Range Range::between(std::int64_t low, std::int64_t high) {
  // The least number of all has no opposite: what is said of its neighbour holds for it too.
  return {.up = {.value = std::max(high, -kNoBound)}, .down = {.value = std::max(low, -kNoBound) * -1}};
}

Range operator-(const Range& a) { return {.up = a.down, .down = a.up}; }

Range operator+(const Range& a, const Range& b) { return {.up = a.up + b.up, .down = a.down + b.down}; }

Range operator*(const Range& a, const Range& b) {
  const Most* const operands[] = {&a.up, &a.down, &b.up, &b.down};
  const auto product = [](std::int64_t x, std::int64_t y) { return stdlib::times(x, y); };
  const auto negated = [&](std::int64_t x, std::int64_t y) { return -product(x, y); };
  return {.up = most_of(largest(a, b, product), operands), .down = most_of(largest(a, b, negated), operands)};
}

Range operator/(const Range& a, const Range& b) {
  const Most* const operands[] = {&a.up, &a.down};
  const std::int64_t divisor = least_divisor(b);
  // An unbounded number stays so: it is no number to divide.
  const auto part = [&](const Most& most) { return most.is_bounded() ? most.value / divisor : kNoBound; };
  const bool may_turn = b.low() < 0;
  const std::int64_t up = std::max<std::int64_t>({part(a.up), may_turn ? part(a.down) : 0, 0});
  const std::int64_t down = std::max<std::int64_t>({part(a.down), may_turn ? part(a.up) : 0, 0});
  return {.up = most_of(up, operands), .down = most_of(down, operands)};
}

Range operator%(const Range& a, const Range& b) {
  const std::int64_t divisor = std::max(b.up.value, b.down.value);
  const std::int64_t most = divisor == kNoBound ? kNoBound : std::max<std::int64_t>(divisor - 1, 0);
  const auto rest = [&](const Most& end) {
    return narrowed(larger({.value = end.value, .factor = end.factor}, {.value = 0}), most);
  };
  return {.up = rest(a.up), .down = rest(a.down)};
}

Range join(const Range& a, const Range& b) { return {.up = larger(a.up, b.up), .down = larger(a.down, b.down)}; }

Range narrowed(const Range& a, const Bound& bound) {
  Range out = a;
  if (bound.high) out.up = narrowed(a.up, *bound.high);
  if (bound.low) out.down = narrowed(a.down, std::max(*bound.low, -kNoBound) * -1);
  return out;
}

// ---- values ------------------------------------------------------------------------------------

ExtentPtr make_extent(Range range, std::vector<ExtentPtr> parts) {
  return std::make_shared<const Extent>(Extent{.range = range, .parts = std::move(parts)});
}

namespace {

using Pair = std::pair<const Extent*, const Extent*>;

ExtentPtr join(const ExtentPtr& a, const ExtentPtr& b, std::map<Pair, ExtentPtr>& known) {
  if (a == b) return a;
  ExtentPtr& joined = known[{a.get(), b.get()}];
  if (joined != nullptr) return joined;
  std::vector<ExtentPtr> parts;
  parts.reserve(a->parts.size());
  for (std::size_t i = 0; i < a->parts.size(); ++i) parts.push_back(join(a->parts[i], b->parts[i], known));
  return joined = make_extent(join(a->range, b->range), std::move(parts));
}

using Change = std::function<Most(const Most&)>;
ExtentPtr changed(const ExtentPtr& value, const Change& change, std::map<const Extent*, ExtentPtr>& known) {
  ExtentPtr& out = known[value.get()];
  if (out != nullptr) return out;
  const Range range{.up = change(value->range.up), .down = change(value->range.down)};
  std::vector<ExtentPtr> parts;
  parts.reserve(value->parts.size());
  for (const ExtentPtr& part : value->parts) parts.push_back(changed(part, change, known));
  if (range == value->range && parts == value->parts) return out = value;
  return out = make_extent(range, std::move(parts));
}

using Visit = std::function<void(const Most&, const Most&)>;
void visit_pairs(const ExtentPtr& a, const ExtentPtr& b, const Visit& visit, std::set<Pair>& known) {
  if (!known.insert({a.get(), b.get()}).second) return;
  visit(a->range.up, b->range.up);
  visit(a->range.down, b->range.down);
  for (std::size_t i = 0; i < a->parts.size(); ++i) visit_pairs(a->parts[i], b->parts[i], visit, known);
}

}  // namespace

ExtentPtr join(const ExtentPtr& a, const ExtentPtr& b) {
  std::map<Pair, ExtentPtr> known;
  return join(a, b, known);
}

ExtentPtr changed(const ExtentPtr& value, const Change& change) {
  std::map<const Extent*, ExtentPtr> known;
  return changed(value, change, known);
}

void visit_pairs(const ExtentPtr& a, const ExtentPtr& b, const Visit& visit) {
  std::set<Pair> known;
  visit_pairs(a, b, visit, known);
}

ExtentPtr narrowed(const ExtentPtr& value, TypeId bounded, const Types& types) {
  const Type& type = types[bounded];
  if (type.kind == Kind::kOptional) {
    return make_extent(value->range, {narrowed(value->parts[0], type.first, types)});
  }
  // A double's bound is no range of ours, nor are the enumerators of an enum.
  if (type.bound.empty() || type.kind == Kind::kDouble) return value;
  Bound bound = type.bound;
  const bool is_number = type.kind == Kind::kInt || type.kind == Kind::kUint || type.kind == Kind::kTimestamp ||
                         type.kind == Kind::kDuration;
  if (!is_number) bound.low.reset();
  if (type.kind == Kind::kUint) {  // its bits: a negative high is past every int
    if (bound.high && *bound.high < 0) bound.high.reset();
    bound.low.reset();
  }
  return make_extent(narrowed(value->range, bound), value->parts);
}

}  // namespace writ::ir
