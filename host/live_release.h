// A release as a running program holds it: its texts, its typed program, its quota and its native code.
//
// In: texts and a tier. Out: a LiveRelease ready to publish, or a Report. The slot table that a program's stub leads to stands
// in here, behind the release's own address: so one load gives a caller the code together with the quota it runs under and
// the names and places that a trap is told with. Freed by the Reclaimer, whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "host/engine.h"
#include "host/reclaim.h"
#include "host/release.h"
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
  std::atomic<std::uint64_t>& code_bytes;  // of all releases that live
  std::uint64_t engine_number;             // never used again in this process
};

/// What compiling a plan gives. Releases of the same texts and tier share it.
struct CompiledPlan {
  host::Release checked;
  support::SourceMap sources;
  jit::Object object;
};

/// Checks and compiles; the plan's number matters only where it is 0. Needs a deep stack.
[[nodiscard]] std::expected<std::shared_ptr<const CompiledPlan>, Report> compile(const ReleaseHome& home,
                                                                                 const ReleasePlan& plan);

class LiveRelease final : public Retirable, public jit::Release {
 public:
  /// Links. `compiled`: of this plan, or of one that differs in the number.
  [[nodiscard]] static std::expected<std::unique_ptr<LiveRelease>, std::string> make(
      const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled);
  ~LiveRelease() override;

  /// The release whose table this is.
  [[nodiscard]] static const LiveRelease& of(const jit::SlotCode* slots) {
    // SAFETY: every table that is ever published is a LiveRelease's, whose address stands before it.
    return *static_cast<const LiveRelease*>(slots[-1].call);
  }

  [[nodiscard]] std::uint64_t number() const { return plan_.number; }
  [[nodiscard]] const std::string& tier() const { return plan_.tier; }
  [[nodiscard]] const std::vector<ReleaseText>& texts() const { return plan_.texts; }
  [[nodiscard]] const std::shared_ptr<const CompiledPlan>& compiled() const { return compiled_; }
  [[nodiscard]] const ir::Program& program() const { return compiled_->checked.program; }
  [[nodiscard]] const Budget& budget() const { return budget_; }
  /// What a call of the slot pays when it begins, instead of being counted. kCounted: it is counted.
  [[nodiscard]] std::int64_t proven_fuel(ir::SlotId slot) const {
    return proven_fuel_ == nullptr ? kCounted : proven_fuel_[slot];
  }
  static constexpr std::int64_t kCounted = -1;
  [[nodiscard]] std::int64_t committed_at() const { return committed_at_; }  // nanoseconds since 1970
  /// Whose values its calls leave in an arena: a number that the releases of one engine and tier share.
  [[nodiscard]] std::uint64_t owner() const { return owner_; }
  [[nodiscard]] const support::SourceMap& sources() const { return compiled_->sources; }

  // jit::Release
  [[nodiscard]] const jit::SlotCode* slots() const override { return table_.data() + 1; }
  [[nodiscard]] jit::Entry function(ir::FunctionId id) const override { return code_->function(id); }
  [[nodiscard]] std::string disassembly() const override { return code_->disassembly(); }
  [[nodiscard]] std::size_t code_bytes() const override { return code_->code_bytes(); }
  [[nodiscard]] std::size_t native_stack_bytes() const override { return native_stack_bytes_; }

 private:
  LiveRelease(const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled,
              std::unique_ptr<jit::Release> code);

  // What every call reads lies together.
  Budget budget_;
  const std::int64_t* proven_fuel_;  // by SlotId, of `compiled_`; null: calls are counted
  std::size_t native_stack_bytes_;
  std::uint64_t owner_;
  std::vector<jit::SlotCode> table_;  // this release, then a row a slot

  std::atomic<std::uint64_t>& all_code_bytes_;
  ReleasePlan plan_;
  std::shared_ptr<const CompiledPlan> compiled_;
  std::unique_ptr<jit::Release> code_;
  std::int64_t committed_at_;
};

}  // namespace writ::host
