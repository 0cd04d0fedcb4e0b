// The slices that an engine compiled, by what they are made of, and their code while it runs.
//
// In: a checked program and the values of its knobs. Out: for each slice its object: one that is still held by somebody, of
// whatever release, where it has the same form, else one that is compiled. So a release costs what is not yet there: a unit that
// changed, and those that copy functions of it or read a value that changed. Linked code is shared in the same way, and freed
// with the last release that runs it. It holds nothing itself: who keeps objects, and how many, is the caller's business
// (compiled_cache.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/program.h"
#include "ir/slice.h"
#include "jit/jit.h"
#include "jit/module.h"
#include "stdlib/prepared.h"
#include "support/diagnostic.h"

namespace writ::host {

/// What slices of one form share.
struct SliceObject {
  std::string key;  // the form, the tier's stack, whether it is proven
  jit::Object object;
  stdlib::Prepared prepared;  // for its calls
  std::weak_ptr<const jit::Code> code;
};

/// A slice of one release: its own numbers, and what it shares.
struct CompiledSlice {
  ir::Slice slice;  // without its form
  std::shared_ptr<SliceObject> object;
};

/// One thread's at a time, but for the counts. Outlives the code that it linked. Options other than the tier's are
/// the same whenever it is asked.
class SliceCache {
 public:
  [[nodiscard]] std::expected<std::vector<CompiledSlice>, support::Diagnostic> compile(const jit::Module& module,
                                                                                       const ir::Program& program,
                                                                                       const ir::Config& config,
                                                                                       std::vector<ir::Slice> slices,
                                                                                       const jit::Options& options);
  [[nodiscard]] std::expected<std::shared_ptr<const jit::Code>, std::string> link(jit::Session& session,
                                                                                  const ir::Program& program,
                                                                                  const CompiledSlice& compiled);

  /// Of all code that lives.
  [[nodiscard]] std::uint64_t code_bytes() const { return code_bytes_.load(std::memory_order_relaxed); }
  /// How often a slice had to be compiled.
  [[nodiscard]] std::uint64_t compiled_count() const { return compiled_count_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] std::shared_ptr<SliceObject> find(const std::string& key) const;

  std::unordered_map<std::size_t, std::weak_ptr<SliceObject>> known_;  // by their keys' hashes
  std::atomic<std::uint64_t> code_bytes_{0};
  std::atomic<std::uint64_t> compiled_count_{0};
};

}  // namespace writ::host
