// The engine that a command line asks for. `--engine=jit` is native code or an error, never anything else.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "host/engine.h"
#include "host/release.h"
#include "tools/console.h"
#include "tools/emit.h"
#include "tools/options.h"

namespace writ::tools {

/// Makes engines of the kind that was asked for; the compiler is loaded with the first native one.
class EngineChoice {
 public:
  EngineChoice(const EngineArguments& arguments, const host::Budget& budget, const std::set<Stage>& stages, bool tests);
  /// Native code without counters, of a release whose cost is proved.
  void leave_counters_out() { options_.code.proven = true; }

  /// The program and the config are borrowed by the engine, and the engine by nobody but its owner.
  [[nodiscard]] std::expected<std::unique_ptr<host::Engine>, host::EngineError> make(const ir::Program& program,
                                                                                     const ir::Config& config);
  /// Makes the release the one that answers: where there is an engine, by the swap of a server. An error leaves `engine` as it
  /// was.
  [[nodiscard]] std::expected<void, host::EngineError> swap(std::unique_ptr<host::Engine>& engine,
                                                            const host::Release& release);
  /// "native code (12 of 12 functions compiled)"
  [[nodiscard]] static std::string describe(const host::Engine& engine);

 private:
  bool native_;
  host::NativeOptions options_;
  std::optional<host::NativeCompiler> compiler_;
};

/// Tells why there is no engine; the status that this means.
[[nodiscard]] ExitStatus report(const host::EngineError& error, const support::SourceMap& sources, Console& console);

/// The engine as native code, if it is.
[[nodiscard]] const host::NativeEngine* as_native(const host::Engine& engine);

}  // namespace writ::tools
