#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include <chrono>
#include <utility>

#include "jit/jit.h"
#include "jit/lower.h"
#include "jit/optimise.h"
#include "jit/verify.h"

namespace writ::jit {
namespace {

/// Runs a stage and notes how long it took.
template <typename Stage>
auto timed(std::int64_t& nanoseconds, const Stage& stage) {
  using Clock = std::chrono::steady_clock;
  struct Stopwatch {
    std::int64_t& nanoseconds;
    Clock::time_point start = Clock::now();
    ~Stopwatch() {
      nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
    }
  } const stopwatch{nanoseconds};
  return stage();
}

std::string text_of(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}

support::Diagnostic refused(std::string reason) {
  return {.code = support::Code::kCodeRefused,
          .message = "this release cannot be compiled: " + std::move(reason)};
}

}  // namespace

std::expected<Object, support::Diagnostic> compile(const ir::Program& program, const ir::Config& config,
                                                   const Options& options) {
  Object object;
  llvm::LLVMContext context;
  context.setDiscardValueNames(!options.keep_llvm && !options.keep_llvm_opt);
  auto lowered = timed(object.timings.lower, [&] { return lower(context, program, config, options); });
  if (!lowered) return std::unexpected(refused(lowered.error()));
  llvm::Module& module = **lowered;
  if (options.keep_llvm) object.llvm = text_of(module);

  const auto wrong = timed(object.timings.verify, [&] {
    return verify(module, {.limits = options.limits});
  });
  if (wrong) return std::unexpected(refused(*wrong));

  if (options.opt_level > 0) {
    timed(object.timings.optimise, [&] { optimise(module); });
  }
  if (options.keep_llvm_opt) object.llvm_opt = text_of(module);
  for (const llvm::Function& function : module) object.function_count += function.isDeclaration() ? 0 : 1;
  auto bytes = timed(object.timings.codegen, [&] { return generate_code(module, options.opt_level); });
  if (!bytes) return std::unexpected(refused(bytes.error()));
  object.bytes = std::move(*bytes);
  object.function_total = static_cast<std::uint32_t>(program.functions.size());
  return object;
}

}  // namespace writ::jit
