#include "ir/operate.h"

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include "ir/cost.h"
#include "stdlib/net.h"
#include "support/check.h"

namespace writ::ir {
namespace {

using runtime::Cidr;
using runtime::Ip;
using runtime::Trap;

constexpr std::int64_t kNanOrder = 2;

std::int64_t as_int(const Words& words) { return static_cast<std::int64_t>(words[0]); }
std::uint64_t as_uint(const Words& words) { return words[0]; }
double as_double(const Words& words) { return std::bit_cast<double>(words[0]); }
Ip as_ip(const Words& words) { return {words[0], words[1]}; }
Cidr as_cidr(const Words& words) { return {as_ip(words), static_cast<std::int64_t>(words[2])}; }
std::string_view as_text(const Words& words) {
  // SAFETY: a string's words are its address and its size (abi.h).
  return {reinterpret_cast<const char*>(words[0]), words[1]};
}
const runtime::Table& as_table(const Words& words) {
  // SAFETY: a set's or map's word is the address of its storage (abi.h).
  return *reinterpret_cast<const runtime::Table*>(words[0]);
}

Operated give(bool value) { return {.words = {static_cast<std::uint64_t>(value)}}; }
Operated give(std::int64_t value) { return {.words = {static_cast<std::uint64_t>(value)}}; }
Operated give(std::uint64_t value) { return {.words = {value}}; }
Operated give(double value) { return {.words = {std::bit_cast<std::uint64_t>(value)}}; }
Operated fail(Trap trap) { return {.trap = trap}; }

/// The result of one of the compiler's checked operations, which say whether they overflowed.
template <typename Whole>
Operated checked(bool overflowed, Whole value) {
  return overflowed ? fail(Trap::kOverflow) : give(value);
}

template <typename Whole>
Operated add(Whole a, Whole b) {
  Whole sum;
  const bool overflowed = __builtin_add_overflow(a, b, &sum);
  return checked(overflowed, sum);
}
template <typename Whole>
Operated subtract(Whole a, Whole b) {
  Whole difference;
  const bool overflowed = __builtin_sub_overflow(a, b, &difference);
  return checked(overflowed, difference);
}
template <typename Whole>
Operated multiply(Whole a, Whole b) {
  Whole product;
  const bool overflowed = __builtin_mul_overflow(a, b, &product);
  return checked(overflowed, product);
}

/// The trap of a / b and of a % b: first a zero divisor, then the one quotient that does not fit.
template <typename Whole>
Trap division_trap(Whole a, Whole b) {
  if (b == 0) return Trap::kDivisionByZero;
  if constexpr (std::is_signed_v<Whole>) {
    if (a == std::numeric_limits<Whole>::min() && b == -1) return Trap::kOverflow;
  }
  return Trap::kNone;
}
template <typename Whole>
Operated divide(Whole a, Whole b) {
  const Trap trap = division_trap(a, b);
  return trap == Trap::kNone ? give(a / b) : fail(trap);
}
template <typename Whole>
Operated remainder(Whole a, Whole b) {
  const Trap trap = division_trap(a, b);
  return trap == Trap::kNone ? give(a % b) : fail(trap);
}

std::int64_t order(std::int64_t a, std::uint64_t b) {
  if (std::cmp_less(a, b)) return -1;
  return std::cmp_equal(a, b) ? 0 : 1;
}

/// Exact: first against the whole part of `b`, which fits after the range checks; equal to that, the fraction decides.
/// -0.0 counts as 0.
template <typename Whole>
std::int64_t order(Whole a, double b) {
  constexpr double kBelowAll = std::is_signed_v<Whole> ? -0x1p63 : 0.0;
  constexpr double kAboveAll = std::is_signed_v<Whole> ? 0x1p63 : 0x1p64;
  if (std::isnan(b)) return kNanOrder;
  if (b >= kAboveAll) return -1;
  if (b < kBelowAll) return 1;
  const double whole = std::trunc(b);
  const auto whole_part = static_cast<Whole>(whole);
  if (a != whole_part) return a < whole_part ? -1 : 1;
  if (whole == b) return 0;
  return whole < b ? -1 : 1;
}

/// Charges for looking at two texts, then compares them.
template <typename Compare>
Operated compare_texts(const Words& a, const Words& b, runtime::Frame& frame, Compare compare) {
  const auto fuel = cost::compare_fuel(static_cast<std::int64_t>(a[1]), static_cast<std::int64_t>(b[1]));
  if (!runtime::charge_fuel(frame, fuel)) return fail(Trap::kOutOfFuel);
  return give(compare(as_text(a), as_text(b)));
}

bool lies_inside(const Cidr& inner, const Cidr& outer) {
  return inner.prefix >= outer.prefix && ir::lies_inside(inner.network, outer);
}

}  // namespace

bool lies_inside(Ip address, const Cidr& outer) { return stdlib::mask(address, outer.prefix) == outer.network; }

Operated operate(Op op, const Words& a, const Words& b, runtime::Frame& frame) {
  switch (op) {
    case Op::kBoolNot:
      return give(a[0] == 0);
    case Op::kWordEqual:
      return give(a[0] == b[0]);

    case Op::kIntAdd:
      return add(as_int(a), as_int(b));
    case Op::kIntSubtract:
      return subtract(as_int(a), as_int(b));
    case Op::kIntMultiply:
      return multiply(as_int(a), as_int(b));
    case Op::kIntDivide:
      return divide(as_int(a), as_int(b));
    case Op::kIntRemainder:
      return remainder(as_int(a), as_int(b));
    case Op::kIntNegate:
      return subtract(std::int64_t{0}, as_int(a));
    case Op::kIntLess:
      return give(as_int(a) < as_int(b));
    case Op::kIntLessEqual:
      return give(as_int(a) <= as_int(b));
    case Op::kIntGreater:
      return give(as_int(a) > as_int(b));
    case Op::kIntGreaterEqual:
      return give(as_int(a) >= as_int(b));

    case Op::kUintAdd:
      return add(as_uint(a), as_uint(b));
    case Op::kUintSubtract:
      return subtract(as_uint(a), as_uint(b));
    case Op::kUintMultiply:
      return multiply(as_uint(a), as_uint(b));
    case Op::kUintDivide:
      return divide(as_uint(a), as_uint(b));
    case Op::kUintRemainder:
      return remainder(as_uint(a), as_uint(b));
    case Op::kUintLess:
      return give(as_uint(a) < as_uint(b));
    case Op::kUintLessEqual:
      return give(as_uint(a) <= as_uint(b));
    case Op::kUintGreater:
      return give(as_uint(a) > as_uint(b));
    case Op::kUintGreaterEqual:
      return give(as_uint(a) >= as_uint(b));

    case Op::kDoubleAdd:
      return give(as_double(a) + as_double(b));
    case Op::kDoubleSubtract:
      return give(as_double(a) - as_double(b));
    case Op::kDoubleMultiply:
      return give(as_double(a) * as_double(b));
    case Op::kDoubleDivide:
      return give(as_double(a) / as_double(b));
    case Op::kDoubleNegate:
      return give(-as_double(a));
    case Op::kDoubleEqual:
      return give(as_double(a) == as_double(b));
    case Op::kDoubleLess:
      return give(as_double(a) < as_double(b));
    case Op::kDoubleLessEqual:
      return give(as_double(a) <= as_double(b));
    case Op::kDoubleGreater:
      return give(as_double(a) > as_double(b));
    case Op::kDoubleGreaterEqual:
      return give(as_double(a) >= as_double(b));

    case Op::kOrderIntUint:
      return give(order(as_int(a), as_uint(b)));
    case Op::kOrderIntDouble:
      return give(order(as_int(a), as_double(b)));
    case Op::kOrderUintDouble:
      return give(order(as_uint(a), as_double(b)));

    case Op::kStringEqual:
      return compare_texts(a, b, frame, std::equal_to());
    case Op::kStringLess:
      return compare_texts(a, b, frame, std::less());
    case Op::kStringLessEqual:
      return compare_texts(a, b, frame, std::less_equal());
    case Op::kStringGreater:
      return compare_texts(a, b, frame, std::greater());
    case Op::kStringGreaterEqual:
      return compare_texts(a, b, frame, std::greater_equal());
    case Op::kStringBytes:
      return give(a[1]);

    case Op::kIpEqual:
      return give(as_ip(a) == as_ip(b));
    case Op::kCidrEqual:
      return give(as_cidr(a) == as_cidr(b));
    case Op::kIpInCidr:
      return give(lies_inside(as_ip(a), as_cidr(b)));
    case Op::kCidrInCidr:
      return give(lies_inside(as_cidr(a), as_cidr(b)));

    case Op::kListSize:
      return give(a[1]);
    case Op::kTableSize:
      return give(as_table(a).size);
  }
  WRIT_UNREACHABLE();
}

}  // namespace writ::ir
