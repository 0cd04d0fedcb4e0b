// Whole values, owned and deep: constants, configuration, test expectations, what is printed.
//
// A Value knows nothing of memory layouts; image.h writes one into memory as runtime/abi.h says and reads one back.
// Not used on the call path.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ir/type.h"
#include "runtime/abi.h"

namespace writ::ir {

struct Value;

struct EnumValue {
  std::uint32_t number;
  bool operator==(const EnumValue&) const = default;
};
struct UintValue {
  std::uint64_t value;
  bool operator==(const UintValue&) const = default;
};
/// Elements of a list or a set, or the fields of a record in declaration order.
struct Sequence {
  std::vector<Value> items;
};
/// Entries in iteration order.
struct Entry;  // key and value
struct Entries {
  std::vector<Entry> items;
};
struct AbsentValue {
  bool operator==(const AbsentValue&) const = default;
};

/// bool, int/duration/timestamp (int64), uint, double, string/bytes, ip, cidr, enum, list/set/record, map, absent.
/// A present T? is the value of T itself (there is no T??).
struct Value {
  std::variant<bool, std::int64_t, UintValue, double, std::string, runtime::Ip, runtime::Cidr, EnumValue, Sequence,
               Entries, AbsentValue>
      node;
};
struct Entry {
  Value key;
  Value value;
};

/// Equality of the language: sets and maps ignore order, doubles as IEEE. Both of `type`.
[[nodiscard]] bool equal(const Value& a, const Value& b, TypeId type, const Types& types);

/// As an author would write it: `2h30m`, `"text"`, `[1, 2]`, `Plan(name: "a", …)`, enumerators by name.
[[nodiscard]] std::string literal_text(const Value& value, TypeId type, const Types& types);
/// As JSON: durations, ips, cidrs, timestamps, enumerators as strings in literal form; records as objects; absent as null.
[[nodiscard]] std::string json_text(const Value& value, TypeId type, const Types& types);

/// What a value takes in memory, near enough to bound it: 8 bytes a scalar, 16 and its bytes a string, and all it holds.
[[nodiscard]] std::int64_t value_bytes(const Value& value);

/// Total order for sorting constant sets and maps by ascending key (numbers, strings by bytes, ips, enums, records by fields).
[[nodiscard]] std::strong_ordering key_order(const Value& a, const Value& b);

}  // namespace writ::ir
