// Whether what a host function answered is a value of its type at all.
//
// In: the words of an answer, its type. Out: yes or no. Looked at: addresses that are not there, sizes that no call could
// hold, flags and enumerators that do not exist, text that is not UTF-8; through lists, sets, maps and records. Not here: the
// declared bounds of the answer itself and its text, which both engines check; bounds inside are checked where they are read.
#pragma once

#include <cstdint>

#include "ir/type.h"

namespace writ::host {

/// `words`: those of the type. Linear in the answer's size, which it bounds.
[[nodiscard]] bool is_value(const std::uint64_t* words, ir::TypeId type, const ir::Types& types) noexcept;

}  // namespace writ::host
