#include "tools/engine_choice.h"

#include <fmt/format.h>

#include <utility>

#include "tools/native.h"

namespace writ::tools {

EngineChoice::EngineChoice(const EngineArguments& arguments, const host::Budget& budget, const std::set<Stage>& stages,
                           bool tests)
    : native_(arguments.native()) {
  options_.code.opt_level = arguments.opt_level;
  if (!arguments.sanitizer.empty())
    options_.code.sanitizer = jit::kSanitizerOfThisBuild;  // options.cpp allows no other
  options_.code.stack = budget.stack;
  options_.tests = tests;
  options_.code.keep_llvm = stages.contains(Stage::kLlvm);
  options_.code.keep_llvm_opt = stages.contains(Stage::kLlvmOpt);
}

std::expected<std::unique_ptr<host::Engine>, host::EngineError> EngineChoice::make(const ir::Program& program,
                                                                                   const ir::Config& config) {
  if (!native_) return host::make_interpreter(program, config);
  if (!compiler_) {
    auto loaded = load_native_compiler();
    if (!loaded) return std::unexpected(host::EngineError{.diagnostic = std::nullopt, .message = loaded.error()});
    compiler_ = *std::move(loaded);
  }
  return host::NativeEngine::make(*compiler_, program, config, options_);
}

std::expected<void, host::EngineError> EngineChoice::swap(std::unique_ptr<host::Engine>& engine,
                                                          const host::Release& release) {
  options_.code.stack = release.budget.stack;
  if (auto* const native = dynamic_cast<host::NativeEngine*>(engine.get())) {
    return native->swap(release.program, release.config, options_);
  }
  auto made = make(release.program, release.config);
  if (!made) return std::unexpected(std::move(made.error()));
  engine = *std::move(made);
  return {};
}

std::string EngineChoice::describe(const host::Engine& engine) {
  const host::NativeEngine* const native = as_native(engine);
  if (native == nullptr) return "the interpreter";
  std::set<ir::FunctionId> all, compiled;
  for (const auto& [slice, object] : native->slices()) {
    all.insert(slice.functions.begin(), slice.functions.end());
    for (std::size_t number = 0; number < slice.functions.size(); ++number) {
      if (object->object.compiled[number]) compiled.insert(slice.functions[number]);
    }
  }
  return fmt::format("native code ({} of {} functions compiled)", compiled.size(), all.size());
}

ExitStatus report(const host::EngineError& error, const support::SourceMap& sources, Console& console) {
  if (error.diagnostic) {
    console.report(*error.diagnostic, sources, Console::Stream::kTalk);
    return ExitStatus::kNo;
  }
  console.say(fmt::format("writ: {}", error.message));
  return ExitStatus::kCouldNot;
}

const host::NativeEngine* as_native(const host::Engine& engine) {
  return dynamic_cast<const host::NativeEngine*>(&engine);
}

}  // namespace writ::tools
