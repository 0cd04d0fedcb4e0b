// Which functions of a program call which. Knows FunctionCall nodes only: what a host function re-enters is a new call.
#pragma once

#include <span>
#include <vector>

#include "ir/program.h"

namespace writ::ir {

/// Each function that this one calls, once, ascending.
[[nodiscard]] std::vector<FunctionId> callees(const Function& function);

/// Functions that can all reach one another; `recursive` when one of them can reach itself.
struct CallComponent {
  std::vector<FunctionId> functions;
  bool recursive = false;
};

/// The components that can be reached from `roots`, callees before callers.
[[nodiscard]] std::vector<CallComponent> call_components(const Program& program, std::span<const FunctionId> roots);

}  // namespace writ::ir
