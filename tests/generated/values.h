// Values of a type, and how a unit writes them.
//
// In: decisions and a type. Out: an ir::Value, with a leaning to where things change: limits of 64 bits, sizes around powers of
// two and around where tables get an index, bounds and one beyond, texts that look like other things, text that is none.
#pragma once

#include <string>

#include "ir/type.h"
#include "ir/value.h"
#include "tests/generated/byte_source.h"

namespace writ::tests {

/// What a value may be beside what its type says.
enum class Fidelity : std::uint8_t {
  kLiteral,   // within all bounds, and sayable in a text
  kInBounds,  // within all bounds
  kAnything,  // bounds may be broken, text need not be UTF-8, enumerators need not exist
};

[[nodiscard]] ir::Value make_value(ByteSource& bytes, ir::TypeId type, const ir::Types& types, Fidelity fidelity);

/// The value as an expression. Where `ambiguous` comes out true it needs a place that says its type.
struct Literal {
  std::string text;
  bool ambiguous = false;
};
[[nodiscard]] Literal literal(const ir::Value& value, ir::TypeId type, const ir::Types& types);

}  // namespace writ::tests
