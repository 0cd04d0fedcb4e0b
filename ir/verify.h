// Checks the invariants of program.h on a metered program, so that a bug of the checker is found before an engine meets it.
//
// In: a program after meter(). Out: nothing, or what is wrong first and in which function. It judges shapes (types without
// bounds), ranges of ids, the targets of break and continue, that bodies with a result return, and that charges are there.
// Two properties it judges only as far as the text shows them: a local is written somewhere before it is read, and
// OptionalGet of a local stands under a test of that local.
#pragma once

#include <optional>
#include <string>

#include "ir/program.h"

namespace writ::ir {

[[nodiscard]] std::optional<std::string> verify(const Program& program);

}  // namespace writ::ir
