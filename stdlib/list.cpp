// Built-ins of lists that loops of the checker (frontend/check_list.cpp) cannot do as well: finding an order.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <expected>
#include <numeric>
#include <span>
#include <string_view>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {
namespace {

using Positions = std::span<std::int64_t>;

// Comparing two texts touches at most the bytes of the shorter one. In a round of the merge each comparison puts one of its two
// texts behind the others, so a round reads at most the list: that is what Basis::kSorting charges for each round.
constexpr FuelRule kSort{.basis = FuelRule::Basis::kSorting, .shift = 3, .weight = 8};

bool is_before(std::int64_t a, std::int64_t b) { return a < b; }
bool is_before(Uint a, Uint b) { return a.value < b.value; }
bool is_before(double a, double b) { return a < b; }
bool is_before(std::string_view a, std::string_view b) { return a < b; }  // by bytes, which is by code point
bool is_before(Bytes a, Bytes b) { return a.data < b.data; }
bool is_before(Timestamp a, Timestamp b) { return a.nanoseconds < b.nanoseconds; }
bool is_before(Duration a, Duration b) { return a.nanoseconds < b.nanoseconds; }

/// Puts each two neighbouring runs of `width` positions, both in order, into `to` as one.
template <typename T>
void merge_runs(List<T> keys, Positions from, Positions to, std::size_t width) {
  const auto before = [&](std::int64_t a, std::int64_t b) {
    return is_before(keys[static_cast<std::size_t>(a)], keys[static_cast<std::size_t>(b)]);
  };
  for (std::size_t begin = 0; begin < from.size(); begin += 2 * width) {
    const std::size_t middle = std::min(begin + width, from.size());
    const std::size_t end = std::min(middle + width, from.size());
    const Positions first = from.subspan(begin, middle - begin);
    const Positions second = from.subspan(middle, end - middle);
    std::ranges::merge(first, second, to.subspan(begin).begin(), before);  // of equal ones the first
  }
}

/// A merge sort from below: stable, n log n for any keys, and with its room in the arena.
template <typename T>
OrTrap<List<std::int64_t>> sort_order(Call& call, List<T> keys) {
  if (keys.empty()) return List<std::int64_t>{};
  auto* const room = call.allocate<std::int64_t>(2 * keys.size());
  if (room == nullptr) return std::unexpected(Trap::kOutOfMemory);
  if constexpr (std::same_as<T, double>) {
    if (std::ranges::any_of(keys, [](double key) { return std::isnan(key); })) {
      return std::unexpected(Trap::kInvalidArgument);
    }
  }
  Positions from(room, keys.size());
  Positions to(room + keys.size(), keys.size());
  std::iota(from.begin(), from.end(), std::int64_t{0});
  for (std::size_t width = 1; width < keys.size(); width *= 2) {
    merge_runs(keys, from, to, width);
    std::swap(from, to);
  }
  return from;
}

/// A position for each element.
constexpr ResultRule kOrder =
    ResultRule{.most = &size_of::kFirst, .each = &size_of::kLastPosition, .additive = true}.made();

constexpr std::string_view kOrderDoc =
    "The positions of the elements in ascending order, equal ones as they stand; NaN traps.";

constexpr Builtin kRows[] = {
    row<sort_order<std::int64_t>, kSort, kOrder>(Form::kMethod, "sortOrder", "writ_list_sortOrder_int", kOrderDoc,
                                                 "[30, 10, 20, 10].sortOrder() == [1, 3, 2, 0]"),
    row<sort_order<Uint>, kSort, kOrder>(Form::kMethod, "sortOrder", "writ_list_sortOrder_uint", kOrderDoc,
                                         "[18446744073709551615u, 1u].sortOrder() == [1, 0]"),
    row<sort_order<double>, kSort, kOrder>(Form::kMethod, "sortOrder", "writ_list_sortOrder_double", kOrderDoc,
                                           "[0.5, -1.0 / 0.0, -0.5].sortOrder() == [1, 2, 0]"),
    row<sort_order<std::string_view>, kSort, kOrder>(Form::kMethod, "sortOrder", "writ_list_sortOrder_string",
                                                     kOrderDoc, R"(["b", "ab", "ñ", "a"].sortOrder() == [3, 1, 0, 2])"),
    row<sort_order<Bytes>, kSort, kOrder>(Form::kMethod, "sortOrder", "writ_list_sortOrder_bytes", kOrderDoc,
                                          R"([b"\xff", b"\x00", b""].sortOrder() == [2, 1, 0])"),
    row<sort_order<Timestamp>, kSort, kOrder>(
        Form::kMethod, "sortOrder", "writ_list_sortOrder_timestamp", kOrderDoc,
        R"([timestamp("2026-01-02T00:00:00Z"), timestamp("2026-01-01T00:00:00Z")].sortOrder() == [1, 0])"),
    row<sort_order<Duration>, kSort, kOrder>(Form::kMethod, "sortOrder", "writ_list_sortOrder_duration", kOrderDoc,
                                             "[1h, 10s, 5m].sortOrder() == [1, 2, 0]"),
};

}  // namespace

std::span<const Builtin> list_rows() { return kRows; }

}  // namespace writ::stdlib
