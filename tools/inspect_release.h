// `writ inspect FILE.wrel`: what a release file holds.
#pragma once

#include <string>

#include "tools/console.h"
#include "tools/release_options.h"

namespace writ::tools {

/// Without keys, what the statement says of itself and that nobody checked it; with keys that hold, the content too.
[[nodiscard]] ExitStatus inspect_release(const std::string& path, const TrustArguments& trust, Console& console);

}  // namespace writ::tools
