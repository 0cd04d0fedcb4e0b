// The cost table: what fuel, memory and stack everything takes. Its version is part of a release.
//
// Fixed on the typed program, by types and sizes, never by representation or by what an optimiser does.
// Constant costs are summed by meter.cpp into Function::entry_fuel and the loops' turn_fuel; what depends on data is charged
// when it happens, by these functions in the interpreter and by the same formulas in jit/.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/table.h"

namespace writ::ir::cost {

inline constexpr std::int64_t kVersion = 1;

/// Typed nodes that one unit of constant fuel covers.
inline constexpr std::int64_t kNodesPerFuel = 16;
/// A function's entry or a loop's turn, by the typed nodes of its body (nested loops apart).
[[nodiscard]] constexpr std::int64_t body_fuel(std::int64_t nodes) { return 1 + nodes / kNodesPerFuel; }

/// Typed nodes that these count as; every other expression and every statement is one, a built-in what its row says.
inline constexpr std::int64_t kLookupNodes =
    4;  // MapGet, MapFind, TableHas, ConstantHas, TableOf; each key of SetMake, MapMake
inline constexpr std::int64_t kNetworksNodes = 8;  // InNetworks
inline constexpr std::int64_t kCallNodes = 4;      // FunctionCall, HostCall

/// Comparing two strings of these sizes in bytes.
inline constexpr int kCompareShift = 6;
[[nodiscard]] constexpr std::int64_t compare_fuel(std::int64_t a_bytes, std::int64_t b_bytes) {
  return std::min(a_bytes, b_bytes) >> kCompareShift;
}
/// Looking up a key of this size in bytes (0 for what is not a string) in a set or map, constant or not.
inline constexpr int kLookupShift = 5;
[[nodiscard]] constexpr std::int64_t lookup_fuel(std::int64_t key_bytes) { return key_bytes >> kLookupShift; }

/// Room of a list that grows, when it has none left: twice what it holds.
[[nodiscard]] constexpr std::int64_t grown(std::int64_t size) { return std::max<std::int64_t>(4, 2 * size); }
/// Making a set or map of a list with this many keys, beside lookup_fuel for each: what SetMake counts in nodes.
[[nodiscard]] constexpr std::int64_t keys_fuel(std::int64_t keys) { return keys * kLookupNodes / kNodesPerFuel; }

/// Metered stack of one call.
[[nodiscard]] constexpr std::int64_t stack_bytes(std::int64_t parameters_and_locals) {
  return 64 + 8 * parameters_and_locals;
}

using runtime::index_slots;
using runtime::kLinearEntries;
/// A table's header.
inline constexpr std::int64_t kTableBytes = sizeof(runtime::Table);
/// A new set or map of this many entries: header, entries, index.
[[nodiscard]] constexpr std::int64_t table_bytes(std::int64_t entries, std::int64_t stride) {
  return kTableBytes + (entries * stride + 7) / 8 * 8 + index_slots(entries) * 4;
}

}  // namespace writ::ir::cost
