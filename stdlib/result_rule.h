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

/// A size by those of the arguments. Rules hold the address of a variable: in what is an argument of a template g++ 12 takes that,
/// and the address of a function not.
using SizeRule = std::int64_t (*)(ArgumentSizes);

struct ResultRule {
  const SizeRule* most = nullptr;  // bytes of a text, elements of a list, the number itself; null: any
  const SizeRule* low = nullptr;   // of a number; null: any
  const SizeRule* each =
      nullptr;            // of a list, of each element: the bytes of a text, or the number, which is not below 0
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
inline constexpr SizeRule kFixed = [](ArgumentSizes /*args*/) { return kSize; };
inline constexpr SizeRule kFirst = [](ArgumentSizes args) { return args[0].most; };
inline constexpr SizeRule kLowestFirst = [](ArgumentSizes args) { return args[0].low; };
inline constexpr SizeRule kSum = [](ArgumentSizes args) { return plus(args[0].most, args[1].most); };
inline constexpr SizeRule kOneMore = [](ArgumentSizes args) { return plus(args[0].most, 1); };
inline constexpr SizeRule kLastPosition = [](ArgumentSizes args) {
  return args[0].most == kAnySize ? kAnySize : std::max<std::int64_t>(args[0].most - 1, 0);
};
/// A replacement before, between and behind all bytes.
inline constexpr SizeRule kReplaced = [](ArgumentSizes args) {
  return plus(args[0].most, times(plus(args[0].most, 1), args[2].most));
};
inline constexpr SizeRule kJoined = [](ArgumentSizes args) { return times(args[0].most, args[0].each); };
inline constexpr SizeRule kJoinedWith = [](ArgumentSizes args) {
  return plus(times(args[0].most, args[0].each), times(args[0].most, args[1].most));
};
inline constexpr SizeRule kQuoted = [](ArgumentSizes args) { return plus(times(args[0].most, 2), 2); };
inline constexpr SizeRule kBase64 = [](ArgumentSizes args) { return times(plus(args[0].most, 2) / 3, 4); };
inline constexpr SizeRule kOfBase64 = [](ArgumentSizes args) { return times(plus(args[0].most, 3) / 4, 3); };
inline constexpr SizeRule kGreatest = [](ArgumentSizes args) {
  return std::ranges::max(args, {}, &ArgumentSize::most).most;
};
inline constexpr SizeRule kGreatestLow = [](ArgumentSizes args) {
  return std::ranges::max(args, {}, &ArgumentSize::low).low;
};
inline constexpr SizeRule kLeast = [](ArgumentSizes args) {
  return std::ranges::min(args, {}, &ArgumentSize::most).most;
};
inline constexpr SizeRule kLeastLow = [](ArgumentSizes args) {
  return std::ranges::min(args, {}, &ArgumentSize::low).low;
};

}  // namespace size_of

/// A number in these bounds.
template <std::int64_t kLow, std::int64_t kMost>
inline constexpr ResultRule kNumberIn{.most = &size_of::kFixed<kMost>, .low = &size_of::kFixed<kLow>};
/// At most so many bytes.
template <std::int64_t kBytes>
inline constexpr ResultRule kTextOf{.most = &size_of::kFixed<kBytes>, .additive = true};
/// At most the bytes of the first argument.
inline constexpr ResultRule kSizeOfFirst{.most = &size_of::kFirst, .additive = true};
/// The number of the first argument.
inline constexpr ResultRule kSameNumber{.most = &size_of::kFirst, .low = &size_of::kLowestFirst, .additive = true};
inline constexpr ResultRule kSizeOfBoth{.most = &size_of::kSum, .additive = true};

}  // namespace writ::stdlib
