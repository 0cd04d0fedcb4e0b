// Collections that are put together at run time: lists that grow, and sets and maps of lists.
//
// Both engines call these for Reserve, Append and TableOf (program.h), so their charges and memory are the same by nature.
// Elements and keys come in storage layout. A false or a trap leaves the frame for its owner to end the call.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/abi.h"
#include "runtime/table.h"

namespace writ::ir {

/// A list while it grows. INVARIANT: `room` elements fit behind the `size` that are there.
struct ListBuilder {
  std::byte* data = nullptr;
  std::int64_t size = 0;
  std::int64_t room = 0;
};

/// An empty list with room for `count` elements of `stride` bytes. False: the quota does not hold it.
[[nodiscard]] bool reserve(runtime::Frame& frame, ListBuilder& list, std::int64_t count, std::int64_t stride);

/// Puts one element behind the others. A list without room moves to fresh memory for cost::grown of its size before; what it
/// leaves is not given back. False: the quota does not hold that.
[[nodiscard]] bool append(runtime::Frame& frame, ListBuilder& list, const std::byte* element, std::int64_t stride);

/// Keys, and for a map values, one behind another.
struct TableSource {
  const std::byte* keys;
  const std::byte* values;  // null for a set
  std::int64_t count;
  std::uint32_t key_stride;
  std::uint32_t value_stride;
};

/// A set or map of `source`. ORDER: fuel for all keys, memory, then double keys: a set drops the later ones, a map is an
/// invalid_argument.
[[nodiscard]] runtime::Trap make_table(runtime::Frame& frame, const TableSource& source,
                                       const runtime::TableLayout& layout, const std::byte*& table);

}  // namespace writ::ir
