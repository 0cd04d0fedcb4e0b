#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

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
    ~Stopwatch() { nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count(); }
  } const stopwatch{nanoseconds};
  return stage();
}

std::string text_of(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}

support::Diagnostic refused(std::string reason) {
  support::Diagnostic diagnostic;
  diagnostic.code = support::Code::kCodeRefused;
  diagnostic.message = "this release cannot be compiled: " + std::move(reason);
  return diagnostic;
}

}  // namespace

std::expected<Object, support::Diagnostic> compile(const ir::Program& program, const ir::Config& config,
                                                   const ir::Slice& slice, const Options& options) {
  if (options.sanitizer != Sanitizer::kNone && options.sanitizer != kSanitizerOfThisBuild) {
    return std::unexpected(
        refused("this build of writ does not have the sanitizer that its code is to be instrumented for"));
  }
  Object object;
  llvm::LLVMContext context;
  context.setDiscardValueNames(!options.keep_llvm && !options.keep_llvm_opt);
  auto lowered = timed(object.timings.lower, [&] { return lower(context, program, config, slice, options); });
  if (!lowered) return std::unexpected(refused(lowered.error()));
  llvm::Module& module = *lowered->module;
  object.compiled = std::move(lowered->written);
  if (options.keep_llvm) object.llvm = text_of(module);

  const auto wrong = timed(object.timings.verify,
                           [&] { return verify(module, {.limits = options.limits, .proven = options.proven}); });
  if (wrong) return std::unexpected(refused(*wrong));

  if (options.opt_level > 0) {
    timed(object.timings.optimise, [&] { optimise(module); });
  }
  if (options.keep_llvm_opt) object.llvm_opt = text_of(module);
  instrument(module, options.sanitizer);
  auto bytes = timed(object.timings.codegen, [&] { return generate_code(module, options.opt_level); });
  if (!bytes) return std::unexpected(refused(bytes.error()));
  object.bytes = std::move(*bytes);
  return object;
}

}  // namespace writ::jit
