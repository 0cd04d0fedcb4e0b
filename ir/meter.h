// Fills in what a program costs: entry_fuel, stack_bytes and recursive of every function, turn_fuel of every loop.
//
// Runs once, at the end of checking, before any specialising; see cost.h for the table.
#pragma once

#include "ir/program.h"

namespace writ::ir {

void meter(Program& program);

}  // namespace writ::ir
