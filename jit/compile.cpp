#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "ir/call_graph.h"
#include "jit/jit.h"
#include "jit/lower.h"
#include "jit/optimise.h"
#include "jit/symbols.h"
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

std::uint32_t reachable_functions(const ir::Program& program, const Options& options) {
  std::vector<ir::FunctionId> roots;
  for (ir::FunctionId id = 0; id < program.functions.size(); ++id) {
    if (is_exported(program.functions[id], options.tests)) roots.push_back(id);
  }
  std::size_t count = 0;
  for (const ir::CallComponent& component : ir::call_components(program, roots)) {
    count += component.functions.size();
  }
  return static_cast<std::uint32_t>(count);
}

}  // namespace

std::expected<Object, support::Diagnostic> compile(const ir::Program& program, const ir::Config& config,
                                                   const Options& options) {
  if (options.sanitizer != Sanitizer::kNone && options.sanitizer != kSanitizerOfThisBuild) {
    return std::unexpected(
        refused("this build of writ does not have the sanitizer that its code is to be instrumented for"));
  }
  Object object;
  llvm::LLVMContext context;
  context.setDiscardValueNames(!options.keep_llvm && !options.keep_llvm_opt);
  auto lowered = timed(object.timings.lower, [&] { return lower(context, program, config, options); });
  if (!lowered) return std::unexpected(refused(lowered.error()));
  llvm::Module& module = *lowered->module;
  object.function_count = lowered->function_count;
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
  object.function_total = reachable_functions(program, options);
  return object;
}

}  // namespace writ::jit
