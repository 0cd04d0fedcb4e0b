// The engines that every running test is run on: the reference, and native code at each level.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "host/engine.h"

namespace writ::tests {

struct EngineKind {
  std::string_view name;
  bool native;
  int opt_level;
};
inline constexpr EngineKind kEngines[] = {{"interp", false, 0}, {"jit-O0", true, 0}, {"jit-O2", true, 2}};

/// The compiler that is linked into this test, with one session for the whole process.
[[nodiscard]] const host::NativeCompiler& native_compiler();

/// Functions of tests are compiled too. `stack` is the tier's. `proven`: without counters, where there would be some.
[[nodiscard]] std::expected<std::unique_ptr<host::Engine>, host::EngineError> make_engine(const EngineKind& kind,
                                                                                          const ir::Program& program,
                                                                                          const ir::Config& config,
                                                                                          std::int64_t stack,
                                                                                          bool proven = false);

}  // namespace writ::tests
