#include "tests/engines.h"

#include "support/check.h"

namespace writ::tests {

const host::NativeCompiler& native_compiler() {
  static const jit::Module kModule{&jit::compile, &jit::Session::create, &jit::call};
  static const host::NativeCompiler kCompiler = [] {
    auto session = jit::Session::create();
    WRIT_CHECK(session.has_value());
    return host::NativeCompiler{&kModule, *std::move(session)};
  }();
  return kCompiler;
}

std::expected<std::unique_ptr<host::Engine>, host::EngineError> make_engine(const EngineKind& kind,
                                                                            const ir::Program& program,
                                                                            const ir::Config& config,
                                                                            std::int64_t stack, bool proven) {
  if (!kind.native) return host::make_interpreter(program, config);
  host::NativeOptions options;
  options.code.opt_level = kind.opt_level;
  options.code.stack = stack;
  options.tests = true;
  options.code.proven = proven;
  options.code.keep_llvm_opt = true;
  options.code.sanitizer = jit::kSanitizerOfThisBuild;
  return host::NativeEngine::make(native_compiler(), program, config, options);
}

}  // namespace writ::tests
