// A release as a running program holds it: its texts, its typed program, its quota and its native code.
//
// In: texts and a tier. Out: a LiveRelease ready to publish, or a Report. Sources are checked by themselves: a plan that brings
// other documents to the same sources is configured and compiled from there. The slot table that a program's stub leads to stands
// in here, behind the release's own address: so one load gives a caller the code together with the quota it runs under and
// the names and places that a trap is told with. Freed by the Reclaimer, whole.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "host/engine.h"
#include "host/native_release.h"
#include "host/reclaim.h"
#include "host/release.h"
#include "host/slice_cache.h"
#include "jit/jit.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::host {

/// What is wrong with a text, with all that it takes to show it.
struct Report {
  support::SourceMap map;
  std::vector<support::Diagnostic> findings;
};

/// A source or a document of a release, under the name that its giver chose.
struct ReleaseText {
  enum class Kind : std::uint8_t { kSource, kDocument } kind;
  std::string name;
  std::string text;
  bool operator==(const ReleaseText&) const = default;
};

struct ReleasePlan {
  std::uint64_t number = 0;
  std::string tier;                // empty: the schema's first
  std::vector<ReleaseText> texts;  // none, and number 0: the schema's else values alone
};

/// Where releases are made; outlives them.
struct ReleaseHome {
  const ReleaseText& schema;
  const NativeCompiler& compiler;
  Reclaimer& reclaimer;
  SliceCache& slices;
  std::uint64_t engine_number;  // never used again in this process
};

/// A plan's sources. Plans of the same sources and tier share it.
struct CheckedTexts {
  CheckedUnits units;
  support::SourceMap map;
  std::int64_t text_count;
  std::int64_t text_bytes;
};

/// What compiling a plan gives. Releases of the same texts and tier share it.
struct CompiledPlan {
  std::shared_ptr<const CheckedTexts> checked;
  std::vector<std::int64_t> proven_fuel;  // as in host::Release: with other documents another proof
  std::vector<CompiledSlice> slices;
};

/// Checks and compiles; the plan's number matters only where it is 0. `checked`: its sources, where they are known from another
/// plan. Needs a deep stack.
[[nodiscard]] std::expected<std::shared_ptr<const CompiledPlan>, Report> compile(
    const ReleaseHome& home, const ReleasePlan& plan, std::shared_ptr<const CheckedTexts> checked);

class LiveRelease final : public Retirable {
 public:
  /// Links. `compiled`: of this plan, or of one that differs in the number.
  [[nodiscard]] static std::expected<std::unique_ptr<LiveRelease>, std::string> make(
      const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled);

  /// The release whose table this is.
  [[nodiscard]] static const LiveRelease& of(const jit::SlotCode* slots) {
    // SAFETY: every table that is ever published is a LiveRelease's, whose address stands before it.
    return *static_cast<const LiveRelease*>(slots[-1].call);
  }

  [[nodiscard]] std::uint64_t number() const { return plan_.number; }
  [[nodiscard]] const std::string& tier() const { return plan_.tier; }
  [[nodiscard]] const std::vector<ReleaseText>& texts() const { return plan_.texts; }
  [[nodiscard]] const std::shared_ptr<const CompiledPlan>& compiled() const { return compiled_; }
  [[nodiscard]] const ir::Program& program() const { return compiled_->checked->units.program; }
  [[nodiscard]] const Budget& budget() const { return budget_; }
  /// What a call of the slot pays when it begins, instead of being counted. kCounted: it is counted.
  [[nodiscard]] std::int64_t proven_fuel(ir::SlotId slot) const {
    return proven_fuel_ == nullptr ? kCounted : proven_fuel_[slot];
  }
  static constexpr std::int64_t kCounted = -1;
  [[nodiscard]] std::int64_t committed_at() const { return committed_at_; }  // nanoseconds since 1970
  /// Whose values its calls leave in an arena: a number that the releases of one engine and tier share.
  [[nodiscard]] std::uint64_t owner() const { return owner_; }
  [[nodiscard]] const support::SourceMap& sources() const { return compiled_->checked->map; }
  [[nodiscard]] const jit::SlotCode* slots() const { return table_.data() + 1; }
  [[nodiscard]] std::size_t native_stack_bytes() const { return native_stack_bytes_; }

  /// A status of the slot's `call`, in the program's numbers. As it is where nothing was called.
  [[nodiscard]] runtime::Status in_program(ir::SlotId slot, runtime::Status status) const {
    return slices_[slot] == nullptr ? status : slices_[slot]->in_program(status);
  }
  /// The status of a trap at the slot's own name, as its `call` would give it.
  [[nodiscard]] runtime::Status trap_at_entry(ir::SlotId slot, runtime::Trap trap) const;

 private:
  LiveRelease(const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled,
              NativeRelease code);

  // What every call reads lies together.
  Budget budget_;
  const std::int64_t* proven_fuel_;  // by SlotId, of `compiled_`; null: calls are counted
  std::size_t native_stack_bytes_;
  std::uint64_t owner_;
  std::vector<jit::SlotCode> table_;      // this release, then a row a slot
  std::vector<const ir::Slice*> slices_;  // of each slot's `call`; null where there is none

  ReleasePlan plan_;
  std::shared_ptr<const CompiledPlan> compiled_;
  NativeRelease code_;
  std::int64_t committed_at_;
};

}  // namespace writ::host
