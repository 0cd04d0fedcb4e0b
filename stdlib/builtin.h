// The table of built-in functions: one row carries name, signature, doc, example, fuel and the C++ function.
//
// A built-in is a C++ function over views of Writ values; its Writ signature and its thunk are derived from the C++ type
// (binding.h), so adding one touches one file. Both engines call the same thunk. The thunk charges fuel by the row's rule,
// then the function allocates (charging memory), then checks its arguments, then works.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/abi.h"
#include "stdlib/result_rule.h"

namespace writ::stdlib {

/// How a text is read that has a grammar of its own. A constant one is judged when the program is checked, a knob's value when
/// documents are applied.
enum class Reading : std::uint8_t {
  kPlain,       // it has none
  kZone,        // a time zone (zone.h)
  kGlob,        // a pattern of the glob kind (glob.h)
  kPattern,     // a regular expression (regex.h)
  kExtraction,  // one with at most one group
  kWords,       // a list of texts to be found together (words.h)
};
/// Whether the argument has to be a constant, of which the release makes something once (prepared.h). Its words are then the
/// number in Program::readings and 0.
[[nodiscard]] constexpr bool is_prepared(Reading reading) { return reading >= Reading::kPattern; }
/// What is wrong with a text, as words behind "it is"; nothing when it can be read so.
[[nodiscard]] std::optional<std::string> refuse(Reading reading, std::string_view text);

/// The type of a parameter or result: a kind, and for list, set and optional the element's kind; and how a text is read.
struct Type {
  runtime::Kind kind;
  runtime::Kind element = runtime::Kind::kBool;
  Reading reading = Reading::kPlain;
  bool operator==(const Type&) const = default;
};

/// What a call costs beside its constant weight: (size of the basis in bytes) >> shift units of fuel. Numbers have size 0, lists
/// 16 an element. What is written beyond the size of what is read pays 1/64 of its bytes when that is known (Call::charge_output).
struct FuelRule {
  enum class Basis : std::uint8_t {
    kNone,     // constant cost only
    kFirst,    // bytes of argument 0
    kSecond,   // bytes of argument 1
    kSmaller,  // the smaller of arguments 0 and 1
    kSum,      // of arguments 0 and 1
    kProduct,  // one byte more than argument 0 × argument 1; of what is prepared, its cost
    kSorting,  // of argument 0, a list, and of the texts in it × the bits that the number of its elements takes
  };
  Basis basis = Basis::kNone;
  std::uint8_t shift = 4;
  std::uint8_t weight = 4;  // typed nodes it counts as in its function's constant charge
  /// The most that the function charges for itself (Call::charge), by the sizes of arguments 0 and 1; null: nothing.
  using More = std::int64_t (*)(std::int64_t first, std::int64_t second);
  const More* more = nullptr;
};

/// What is written and paid for costs one unit for each 1 << kOutputShift bytes.
inline constexpr int kOutputShift = 6;

/// Reads `args` (the words of all arguments), writes the result's words to `results`; draws on the frame.
using Thunk = runtime::Trap (*)(runtime::Frame& frame, const std::uint64_t* args, std::uint64_t* results);

inline constexpr std::size_t kMaxParameters = 4;

struct Builtin {
  std::string_view name;    // CEL's spelling: "startsWith"
  std::string_view symbol;  // unique link name: "writ_string_startsWith"
  bool method = false;      // x.f(y); else f(x, y)
  std::uint8_t parameter_count = 0;
  Type parameters[kMaxParameters]{};
  Type result{};
  FuelRule fuel;
  ResultRule makes;          // how large the result can be
  std::string_view doc;      // one sentence
  std::string_view example;  // a Writ expression that is true: `"abc".startsWith("ab")`
  Thunk thunk = nullptr;
};

/// Whether the number of a constant that is made ready stands in its calls.
[[nodiscard]] constexpr bool takes_prepared(const Builtin& row) {
  return std::ranges::any_of(row.parameters, [](const Type& type) { return is_prepared(type.reading); });
}

/// A built-in's number: its index in builtins().
using BuiltinId = std::uint16_t;

/// All rows: strings, then bytes, lists, net, time, conversions, format, share, math; static storage, the same order in every run.
[[nodiscard]] std::span<const Builtin> builtins();

/// The fuel that a call costs beside its weight, by its arguments' words.
[[nodiscard]] std::int64_t dynamic_fuel(const Builtin& row, const runtime::Frame& frame, const std::uint64_t* args);

}  // namespace writ::stdlib
