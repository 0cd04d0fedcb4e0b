// How a text calls a built-in, from its row.
#pragma once

#include <span>
#include <string>

#include "ir/type.h"
#include "stdlib/builtin.h"

namespace writ::tests {

[[nodiscard]] ir::TypeId type_of(const stdlib::Type& type, ir::Types& types);

/// `a.f(b)`, `f(a, b)`, `(a + b)`, `"%x".format([a])`.
[[nodiscard]] std::string call_text(const stdlib::Builtin& row, std::span<const std::string> arguments);

/// Whether it reads a value from text: then a literal that is no such text is refused, and one that is becomes the value.
[[nodiscard]] bool reads_text(const stdlib::Builtin& row);

}  // namespace writ::tests
