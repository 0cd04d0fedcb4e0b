// The typed program as text, for --emit=ir and golden files: one function after another, charges shown.
#pragma once

#include <string>

#include "ir/program.h"

namespace writ::ir {

[[nodiscard]] std::string print(const Program& program);
[[nodiscard]] std::string print(const Function& function, const Program& program);

}  // namespace writ::ir
