// How a text calls a built-in, from its row.
#pragma once

#include <span>
#include <string>

#include "ir/type.h"
#include "ir/value.h"
#include "stdlib/builtin.h"
#include "tests/generated/byte_source.h"

namespace writ::tests {

[[nodiscard]] ir::TypeId type_of(const stdlib::Type& type, ir::Types& types);

/// `a.f(b)`, `f(a, b)`, `(a + b)`, `"%x".format([a])`.
[[nodiscard]] std::string call_text(const stdlib::Builtin& row, std::span<const std::string> arguments);

/// Whether it reads a value from text: then a literal that is no such text is refused, and one that is becomes the value.
[[nodiscard]] bool reads_text(const stdlib::Builtin& row);

/// A value for an argument that a built-in reads in a grammar of its own, and can read.
[[nodiscard]] ir::Value readable_value(stdlib::Reading reading, ByteSource& bytes);

}  // namespace writ::tests
