// Where a soak goes below the public interface: to count what the compiler is given, to have generated code instrumented as this program is, and to
// seed faults that it must then find.
//
// The linker puts the two functions of below_api.cpp in front of the engine's own (CMakeLists.txt here), in this one program. The
// engine knows nothing of it.
#pragma once

#include <cstdint>

#include "tests/soak/options.h"

namespace writ::soak {

/// Before the first engine is made; `options` and `counts` outlive the last.
void go_below(const Options& options, Counts& counts);

/// Has this thread announce its calls where no reclaimer looks, as if it had no sections: Fault::kNoPin. Before its first call.
void hide_from_reclaimer();

}  // namespace writ::soak
