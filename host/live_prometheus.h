// An engine's counters as text for Prometheus (text format 0.0.4).
#pragma once

#include <string>

#include "host/live_engine.h"

namespace writ::host {

[[nodiscard]] std::string prometheus_text(const EngineCounts& counts, const ir::Program& schema);

}  // namespace writ::host
