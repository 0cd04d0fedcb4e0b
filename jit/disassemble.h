// Machine code to text, for `--emit=asm`. In: bytes in memory and the functions in them. Out: one function after another, as
// `name: (size bytes)` and a line an instruction, with the names of callees. Seen inside jit/ only.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "jit/object_check.h"

namespace writ::jit {

/// What lies at an address outside the text: the name of a function, or nothing.
using NameOf = std::function<std::string(std::uint64_t)>;

/// `text` is the linked text section; `functions` are by offset.
[[nodiscard]] std::string disassemble(std::span<const std::uint8_t> text, std::span<const NativeFunction> functions,
                                      const NameOf& name_of);

}  // namespace writ::jit
