// Parts of the command that are loaded when they are first needed, with the large libraries behind them.
#pragma once

#include <expected>
#include <string>

namespace writ::tools {

/// The C function of this name in lib/FILE, which is never unloaded. The error is the loader's, one sentence.
[[nodiscard]] std::expected<void*, std::string> load_entry(const char* file, const char* symbol);

}  // namespace writ::tools
