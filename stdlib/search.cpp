#include "stdlib/search.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace writ::stdlib {
namespace {

// glibc's memmem is several times faster on what people search for, but below 256 bytes it may compare the whole needle at
// every place: only needles up to this size go there.
constexpr std::size_t kQuickNeedleBytes = 32;

class Forward {
 public:
  explicit Forward(std::string_view text) : text_(text) {}
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(text_.size()); }
  unsigned char operator[](std::int64_t index) const {
    return static_cast<unsigned char>(text_[static_cast<std::size_t>(index)]);
  }

 private:
  std::string_view text_;
};

// Text read from its end: what finds the first place of the reversed needle finds the last place of the needle.
class Reversed {
 public:
  explicit Reversed(std::string_view text) : text_(text) {}
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(text_.size()); }
  unsigned char operator[](std::int64_t index) const {
    return static_cast<unsigned char>(text_[text_.size() - 1 - static_cast<std::size_t>(index)]);
  }

 private:
  std::string_view text_;
};

struct Suffix {
  std::int64_t before;  // index of the byte before the suffix; -1 when it is everything
  std::int64_t period;
};

// The largest suffix by the order of bytes, or by the reverse of that order.
template <typename Text>
Suffix maximal_suffix(const Text& needle, bool reverse_order) {
  Suffix suffix{.before = -1, .period = 1};
  std::int64_t j = 0;
  std::int64_t k = 1;
  while (j + k < needle.size()) {
    const unsigned char a = needle[j + k];
    const unsigned char b = needle[suffix.before + k];
    if (a == b) {
      if (k == suffix.period) {
        j += suffix.period;
        k = 1;
      } else {
        ++k;
      }
    } else if ((a < b) != reverse_order) {
      j += k;
      k = 1;
      suffix.period = j - suffix.before;
    } else {
      suffix = {.before = j, .period = 1};
      ++j;
      k = 1;
    }
  }
  return suffix;
}

// Source: Crochemore and Perrin, "Two-way string-matching", JACM 38 (1991): at most 2n - m comparisons, constant memory.
template <typename Text>
std::optional<std::int64_t> two_way(const Text& text, const Text& needle) {
  const Suffix by_order = maximal_suffix(needle, false);
  const Suffix by_reverse = maximal_suffix(needle, true);
  const auto [cut, suffix_period] = by_order.before > by_reverse.before ? by_order : by_reverse;
  bool periodic = suffix_period + cut < needle.size();
  for (std::int64_t i = 0; periodic && i <= cut; ++i) periodic = needle[i] == needle[i + suffix_period];
  const std::int64_t shift = periodic ? suffix_period : std::max(cut + 1, needle.size() - cut - 1) + 1;

  std::int64_t known = -1;  // the needle's bytes 0..known match at `at` already
  for (std::int64_t at = 0; at <= text.size() - needle.size();) {
    std::int64_t i = std::max(cut, known) + 1;
    while (i < needle.size() && needle[i] == text[at + i]) ++i;
    if (i < needle.size()) {
      at += i - cut;
      known = -1;
      continue;
    }
    i = cut;
    while (i > known && needle[i] == text[at + i]) --i;
    if (i <= known) return at;
    at += shift;
    known = periodic ? needle.size() - shift - 1 : -1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> find_first(std::string_view text, std::string_view needle) {
  if (needle.empty()) return 0;
  if (needle.size() > text.size()) return std::nullopt;
  if (needle.size() > kQuickNeedleBytes) {
    const auto at = two_way(Forward(text), Forward(needle));
    return at ? std::optional(static_cast<std::size_t>(*at)) : std::nullopt;
  }
  const void* const found = needle.size() == 1 ? std::memchr(text.data(), needle[0], text.size())
                                               : memmem(text.data(), text.size(), needle.data(), needle.size());
  if (found == nullptr) return std::nullopt;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::optional<std::size_t> find_last(std::string_view text, std::string_view needle) {
  if (needle.empty()) return text.size();
  if (needle.size() > text.size()) return std::nullopt;
  const auto from_end = two_way(Reversed(text), Reversed(needle));
  if (!from_end) return std::nullopt;
  return text.size() - needle.size() - static_cast<std::size_t>(*from_end);
}

}  // namespace writ::stdlib
