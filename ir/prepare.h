// What a program's constants are made into for its built-ins (stdlib/prepared.h).
//
// In: a program that was checked, and a config whose texts were judged. The interpreter has all of a program,
// in the order of Program::readings, a slice's code those that it reads; what is made is the same.
#pragma once

#include "ir/program.h"
#include "ir/slice.h"
#include "stdlib/prepared.h"

namespace writ::ir {

/// Adds what is behind prepared.size() in Program::readings. A config without values stands for none: of its knobs nothing is made.
void prepare(stdlib::Prepared& prepared, const Program& program, const Config& config);

/// Of a slice, in the order of Slice::readings. It lives as long as the slice's code is called.
[[nodiscard]] stdlib::Prepared prepare(const Program& program, const Config& config, const Slice& slice);

}  // namespace writ::ir
