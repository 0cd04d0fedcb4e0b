// Native code on demand: loads lib/libwrit_jit.so, and LLVM with it, only when a command first needs it.
#pragma once

#include <expected>
#include <string>

#include "host/engine.h"

namespace writ::tools {

/// An error is one sentence. The module is never unloaded.
[[nodiscard]] std::expected<host::NativeCompiler, std::string> load_native_compiler();

}  // namespace writ::tools
