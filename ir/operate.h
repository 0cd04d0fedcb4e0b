// What each row of op.def means on words: the specification of the operators.
//
// Integers never wrap: what does not fit traps. Numbers of two kinds compare by exact value, never by rounding one of them.
// Charges compare_fuel where op.def says so and nothing else.
#pragma once

#include "ir/image.h"
#include "ir/program.h"
#include "runtime/abi.h"

namespace writ::ir {

struct Operated {
  Words words{};
  runtime::Trap trap = runtime::Trap::kNone;
};

/// `b` is not looked at by operators of one operand.
[[nodiscard]] Operated operate(Op op, const Words& a, const Words& b, runtime::Frame& frame);

/// Whether the address lies inside the network.
[[nodiscard]] bool lies_inside(runtime::Ip address, const runtime::Cidr& outer);

}  // namespace writ::ir
