// What stands behind the C interface's engine handle, for libraries that work on the same engine: fleet/'s follow().
#pragma once

#include <memory>

#include "host/live_engine.h"
#include "include/writ/writ.h"

struct writ_engine {
  std::unique_ptr<writ::host::LiveEngine> engine;
};
