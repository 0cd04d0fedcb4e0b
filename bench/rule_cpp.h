// The rule of rule/access.writ, written by hand in C++: what the bench holds Writ against.
#pragma once

#include "bench/gate.h"

namespace writ::bench {

[[nodiscard]] bool permit(const Request& request);

}  // namespace writ::bench
