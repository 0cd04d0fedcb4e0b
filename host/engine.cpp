#include "host/engine.h"

#include <utility>

#include "ir/interpret.h"
#include "ir/slice.h"
#include "support/check.h"

namespace writ::host {
namespace {

class InterpreterEngine final : public Engine {
 public:
  InterpreterEngine(const ir::Program& program, const ir::Config& config)
      : program_(program), interpreter_(program, config) {}

  runtime::Result call(ir::FunctionId function, std::span<const std::uint64_t> arguments,
                       runtime::Frame& frame) const override {
    return interpreter_.call(function, arguments, frame);
  }

  std::optional<runtime::Result> ask(ir::SlotId slot, std::span<const std::uint64_t> arguments,
                                     runtime::Frame& frame) const override {
    const ir::SlotEntry& entry = program_.entries[slot];
    const std::optional<ir::FunctionId> function = entry.policy ? entry.policy : entry.otherwise;
    if (!function) return std::nullopt;
    return interpreter_.call(*function, arguments, frame);
  }

 private:
  const ir::Program& program_;
  ir::Interpreter interpreter_;
};

std::unexpected<EngineError> failure(std::string message) {
  return std::unexpected(EngineError{.diagnostic = std::nullopt, .message = std::move(message)});
}

}  // namespace

std::unique_ptr<Engine> make_interpreter(const ir::Program& program, const ir::Config& config) {
  return std::make_unique<InterpreterEngine>(program, config);
}

std::expected<std::unique_ptr<NativeEngine>, EngineError> NativeEngine::make(const NativeCompiler& compiler,
                                                                             const ir::Program& program,
                                                                             const ir::Config& config,
                                                                             const NativeOptions& options) {
  std::unique_ptr<NativeEngine> engine(new NativeEngine(compiler));
  auto swapped = engine->swap(program, config, options);
  if (!swapped) return std::unexpected(std::move(swapped.error()));
  return engine;
}

std::expected<void, EngineError> NativeEngine::swap(const ir::Program& program, const ir::Config& config,
                                                    const NativeOptions& options) {
  auto slices =
      cache_.compile(*compiler_.module, program, config, ir::cut(program, config, options.tests), options.code);
  if (!slices) return std::unexpected(EngineError{.diagnostic = std::move(slices.error()), .message = {}});
  auto code = NativeRelease::link(cache_, *compiler_.session, program, *slices);
  if (!code) return failure("the compiled code could not be linked: " + code.error());
  if (program_ == nullptr) {
    auto stub = compiler_.session->make_program(code->slots().data());
    if (!stub) return failure("no redirectable stub could be made: " + stub.error());
    program_ = *std::move(stub);
  }
  program_->publish(code->slots().data());
  running_ = std::make_unique<Running>(Running{*std::move(slices), *std::move(code), &program});
  return {};
}

runtime::Result NativeEngine::call(ir::FunctionId function, std::span<const std::uint64_t> arguments,
                                   runtime::Frame& frame) const {
  const jit::Entry entry = running_->code.function(function);
  WRIT_CHECK(entry != nullptr);
  return call(entry, function, arguments, frame);
}

std::optional<runtime::Result> NativeEngine::ask(ir::SlotId slot, std::span<const std::uint64_t> arguments,
                                                 runtime::Frame& frame) const {
  const jit::Entry entry = program_->current()[slot].call;
  if (entry == nullptr) return std::nullopt;
  const ir::SlotEntry& functions = running_->program->entries[slot];
  return call(entry, functions.policy ? *functions.policy : *functions.otherwise, arguments, frame);
}

runtime::Result NativeEngine::call(jit::Entry entry, ir::FunctionId function, std::span<const std::uint64_t> arguments,
                                   runtime::Frame& frame) const {
  frame.prepared = running_->code.prepared(function);
  runtime::Result result = compiler_.module->call(entry, frame, arguments.data(), arguments.size());
  result.status = running_->code.slice(function).in_program(result.status);
  return result;
}

}  // namespace writ::host
