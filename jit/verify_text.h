// The verifier on LLVM IR as text, for tests and fuzzers: reads what Options::keep_llvm wrote, changed or not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace writ::jit {

/// The first thing that verify.h refuses, or why the text is no IR; nothing when all is well. `proven`: VerifyOptions::proven.
[[nodiscard]] std::optional<std::string> verify_text(std::string_view llvm_ir, bool proven = false);

}  // namespace writ::jit
