// Native code of one release: the code of its slices behind one slot table.
//
// In: compiled slices, and the program that they were cut from. Out: entries by slot and by function, and what turns the
// numbers of a slice's statuses into the program's. What of it another release runs too is linked once (slice_cache.h). It
// publishes nothing and frees nothing by itself.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/slice_cache.h"
#include "ir/program.h"
#include "jit/jit.h"
#include "runtime/abi.h"
#include "stdlib/prepared.h"

namespace writ::host {

class NativeRelease {
 public:
  /// Links what no other release runs. The slices and the program are borrowed.
  [[nodiscard]] static std::expected<NativeRelease, std::string> link(SliceCache& cache, jit::Session& session,
                                                                      const ir::Program& program,
                                                                      std::span<const CompiledSlice> slices);

  /// By SlotId.
  [[nodiscard]] const std::vector<jit::SlotCode>& slots() const { return slots_; }
  /// The entry of a function that a host asks for; null for others.
  [[nodiscard]] jit::Entry function(ir::FunctionId id) const;
  /// For the frame of a call of a function with an entry.
  [[nodiscard]] const stdlib::Prepared* prepared(ir::FunctionId id) const { return functions_.at(id).prepared; }
  /// The slice that a function with an entry belongs to.
  [[nodiscard]] const ir::Slice& slice(ir::FunctionId id) const { return *functions_.at(id).slice; }
  /// The very bytes that run, disassembled, one slice after another.
  [[nodiscard]] std::string disassembly() const;
  /// What a thread must have free for any call, under the tier's stack.
  [[nodiscard]] std::size_t native_stack_bytes() const;

 private:
  struct Function {
    jit::Entry entry;
    const ir::Slice* slice;
    const stdlib::Prepared* prepared;
  };

  NativeRelease() = default;
  void add(const CompiledSlice& compiled, std::shared_ptr<const jit::Code> code);
  void fill_slots(const ir::Program& program);

  std::vector<std::shared_ptr<const jit::Code>> code_;  // by slice
  std::map<ir::FunctionId, Function> functions_;
  std::vector<jit::SlotCode> slots_;
};

}  // namespace writ::host
