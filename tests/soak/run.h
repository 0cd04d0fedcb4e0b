// A whole soak: warms up, measures the process, goes on to the end, measures again.
//
// In: options. Out: everything in Counts, which may be read at any time while it runs.
#pragma once

#include "tests/soak/options.h"

namespace writ::soak {

void run(const Options& options, Counts& counts);

}  // namespace writ::soak
