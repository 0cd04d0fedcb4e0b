// What a program's constants are made into for its built-ins (stdlib/prepared.h), in the order of Program::readings.
//
// In: a program that was checked, and a config whose texts were judged. Both engines use the same; it lives as long as the code.
#pragma once

#include "ir/program.h"
#include "stdlib/prepared.h"

namespace writ::ir {

/// Adds what is behind prepared.size() in Program::readings. A config without values stands for none: of its knobs nothing is made.
void prepare(stdlib::Prepared& prepared, const Program& program, const Config& config);

}  // namespace writ::ir
