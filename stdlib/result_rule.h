// How large a built-in's result can be, by the sizes of its arguments: what the cost proof (ir/bound.h) knows of a built-in.
//
// A row whose result has a size must name a rule (binding.h insists); a number's may, so that a loop may run up to it.
// tests/unit/stdlib_result_rule_test.cpp holds every rule against real calls. Sums and products stop at kAnySize.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

namespace writ::stdlib {

/// More than anything: no bound.
inline constexpr std::int64_t kAnySize = std::numeric_limits<std::int64_t>::max();

/// What is known of an argument: a number lies in low..most, a text has at most `most` bytes, a list at most `most` elements
/// of at most `each` bytes.
struct ArgumentSize {
  std::int64_t most = kAnySize;
  std::int64_t low = -kAnySize;
  std::int64_t each = kAnySize;
};
using ArgumentSizes = std::span<const ArgumentSize>;

struct ResultRule {
  using Size = std::int64_t (*)(ArgumentSizes);
  Size most = nullptr;    // bytes of a text, elements of a list, the number itself; null: any
  Size low = nullptr;     // of a number; null: any
  Size each = nullptr;    // of a list, of each element: the bytes of a text, or the number, which is not below 0
  bool additive = false;  // an argument that is larger by n makes `most` larger by at most n
  bool is_made = false;   // memory is taken for `most`; else the result is a view or a constant
  bool pays = false;      // `most` is paid for too (Call::charge_output)

  [[nodiscard]] constexpr ResultRule made() const {
    ResultRule out = *this;
    out.is_made = true;
    return out;
  }
  /// For a function that calls Call::charge_output.
  [[nodiscard]] constexpr ResultRule paid() const {
    ResultRule out = made();
    out.pays = true;
    return out;
  }
};

/// What has no bound keeps none, whatever is added.
[[nodiscard]] constexpr std::int64_t plus(std::int64_t a, std::int64_t b) {
  if (a == kAnySize || b == kAnySize) return kAnySize;
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return std::max(sum, -kAnySize);
  return a < 0 ? -kAnySize : kAnySize;
}
[[nodiscard]] constexpr std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return std::max(product, -kAnySize);
  return (a < 0) == (b < 0) ? kAnySize : -kAnySize;
}

// ---- the rules ---------------------------------------------------------------------------------

namespace size_of {

template <std::int64_t kSize>
constexpr std::int64_t fixed(ArgumentSizes /*args*/) {
  return kSize;
}
constexpr std::int64_t first(ArgumentSizes args) { return args[0].most; }
constexpr std::int64_t lowest_first(ArgumentSizes args) { return args[0].low; }
constexpr std::int64_t sum(ArgumentSizes args) { return plus(args[0].most, args[1].most); }
constexpr std::int64_t one_more(ArgumentSizes args) { return plus(args[0].most, 1); }
constexpr std::int64_t last_position(ArgumentSizes args) {
  return args[0].most == kAnySize ? kAnySize : std::max<std::int64_t>(args[0].most - 1, 0);
}
/// A replacement before, between and behind all bytes.
constexpr std::int64_t replaced(ArgumentSizes args) { return plus(args[0].most, times(one_more(args), args[2].most)); }
constexpr std::int64_t joined(ArgumentSizes args) { return times(args[0].most, args[0].each); }
constexpr std::int64_t joined_with(ArgumentSizes args) { return plus(joined(args), times(args[0].most, args[1].most)); }
constexpr std::int64_t quoted(ArgumentSizes args) { return plus(times(args[0].most, 2), 2); }
constexpr std::int64_t base64(ArgumentSizes args) { return times(plus(args[0].most, 2) / 3, 4); }
constexpr std::int64_t of_base64(ArgumentSizes args) { return times(plus(args[0].most, 3) / 4, 3); }
constexpr std::int64_t greatest(ArgumentSizes args) { return std::ranges::max(args, {}, &ArgumentSize::most).most; }
constexpr std::int64_t greatest_low(ArgumentSizes args) { return std::ranges::max(args, {}, &ArgumentSize::low).low; }
constexpr std::int64_t least(ArgumentSizes args) { return std::ranges::min(args, {}, &ArgumentSize::most).most; }
constexpr std::int64_t least_low(ArgumentSizes args) { return std::ranges::min(args, {}, &ArgumentSize::low).low; }

}  // namespace size_of

/// A number in these bounds.
template <std::int64_t kLow, std::int64_t kMost>
inline constexpr ResultRule kNumberIn{.most = size_of::fixed<kMost>, .low = size_of::fixed<kLow>};
/// At most so many bytes.
template <std::int64_t kBytes>
inline constexpr ResultRule kTextOf{.most = size_of::fixed<kBytes>, .additive = true};
/// At most the bytes of the first argument.
inline constexpr ResultRule kSizeOfFirst{.most = size_of::first, .additive = true};
/// The number of the first argument.
inline constexpr ResultRule kSameNumber{.most = size_of::first, .low = size_of::lowest_first, .additive = true};
inline constexpr ResultRule kSizeOfBoth{.most = size_of::sum, .additive = true};

}  // namespace writ::stdlib
