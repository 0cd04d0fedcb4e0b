// The two ways to run a program, behind one small interface: the reference interpreter and native code.
//
// In: a program and the values of its knobs, both borrowed. Out: words and a status; what they mean is in runtime/abi.h.
// An engine owns no frame: the caller brings fuel, arena and stack (call.h). Calls may run on any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/native_release.h"
#include "host/slice_cache.h"
#include "ir/program.h"
#include "jit/jit.h"
#include "jit/module.h"
#include "runtime/abi.h"
#include "support/diagnostic.h"

namespace writ::host {

class Engine {
 public:
  virtual ~Engine() = default;
  /// A function of Role kSlot, kElse or kTest; word 0 is in the result, the others in frame.results.
  [[nodiscard]] virtual runtime::Result call(ir::FunctionId function, std::span<const std::uint64_t> arguments,
                                             runtime::Frame& frame) const = 0;
  /// The slot's policy, or without one its else function. Nothing where the host's own function answers.
  [[nodiscard]] virtual std::optional<runtime::Result> ask(ir::SlotId slot, std::span<const std::uint64_t> arguments,
                                                           runtime::Frame& frame) const = 0;
};

[[nodiscard]] std::unique_ptr<Engine> make_interpreter(const ir::Program& program, const ir::Config& config);

/// The native compiler of this process. Outlives the engines made with it.
struct NativeCompiler {
  const jit::Module* module;
  std::unique_ptr<jit::Session> session;
};

/// Why there is no native engine: a limit that the user's text broke, or one sentence about a failure of our own.
struct EngineError {
  std::optional<support::Diagnostic> diagnostic;
  std::string message;
};

struct NativeOptions {
  jit::Options code;
  bool tests = false;  // the functions of tests too
};

/// Native code of one release, reached through a redirectable stub as in a server.
class NativeEngine final : public Engine {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<NativeEngine>, EngineError> make(const NativeCompiler& compiler,
                                                                                      const ir::Program& program,
                                                                                      const ir::Config& config,
                                                                                      const NativeOptions& options);
  /// Makes another release the one that answers, by one redirect of the stub, and frees of the one before what the two do not
  /// share. An error leaves that one running. No call may be under way.
  [[nodiscard]] std::expected<void, EngineError> swap(const ir::Program& program, const ir::Config& config,
                                                      const NativeOptions& options);
  [[nodiscard]] runtime::Result call(ir::FunctionId function, std::span<const std::uint64_t> arguments,
                                     runtime::Frame& frame) const override;
  [[nodiscard]] std::optional<runtime::Result> ask(ir::SlotId slot, std::span<const std::uint64_t> arguments,
                                                   runtime::Frame& frame) const override;

  [[nodiscard]] const std::vector<CompiledSlice>& slices() const { return running_->slices; }
  [[nodiscard]] std::string disassembly() const { return running_->code.disassembly(); }

 private:
  struct Running {
    std::vector<CompiledSlice> slices;
    NativeRelease code;
    const ir::Program* program;
  };

  explicit NativeEngine(const NativeCompiler& compiler) : compiler_(compiler) {}
  runtime::Result call(jit::Entry entry, ir::FunctionId function, std::span<const std::uint64_t> arguments,
                       runtime::Frame& frame) const;

  const NativeCompiler& compiler_;
  // Destroyed in reverse order: the stub goes before the code it leads to.
  SliceCache cache_;
  std::unique_ptr<Running> running_;
  std::unique_ptr<jit::Program> program_;
};

/// Makes an engine for a program and values that the caller keeps alive; how is the maker's business.
using EngineMaker =
    std::function<std::expected<std::unique_ptr<Engine>, EngineError>(const ir::Program&, const ir::Config&)>;

}  // namespace writ::host
