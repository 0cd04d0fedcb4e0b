// An engine of a running program: one schema, its host functions, and the releases that are published under it.
//
// In: the schema's text, host functions, staged changes. Out: a number for each release, or a Report and nothing changed.
// Publishing is one redirect of the program's one stub: every slot changes at once. Commits queue behind one another, also
// those of two threads, and each applies its changes to the release that runs when its turn comes. One that comes to the
// texts of a cached release compiles nothing; any other compiles the slices that are new in it. Releases that are no longer kept for rollback
// go to the Reclaimer. What it does not do: calls (live_call.h), C++ types (live_layout.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/compiled_cache.h"
#include "host/live_call.h"
#include "host/live_layout.h"
#include "host/live_release.h"
#include "host/reclaim.h"
#include "host/slice_cache.h"
#include "support/deep_stack.h"

namespace writ::host {

/// One edit of the running release: a text under a name, or without it the name's removal.
struct ReleaseChange {
  std::string name;
  std::optional<ReleaseText> text;
};

struct ReleaseInfo {
  std::uint64_t number;
  std::string tier;
  std::int64_t committed_at;  // nanoseconds since 1970
  std::size_t text_count;
  bool is_running;
};

struct EngineCounts {
  std::uint64_t running = 0;
  std::uint64_t live_releases = 0;
  std::uint64_t code_bytes = 0;
  std::uint64_t compiled_units = 0;
  std::uint64_t swaps = 0;
  std::uint64_t refused = 0;
  std::uint64_t emit_failures = 0;
  std::vector<SlotCounts> slots;
};

class LiveEngine {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<LiveEngine>, Report> make(NativeCompiler compiler,
                                                                               ReleaseText schema);
  /// No call may be under way, no pin left.
  ~LiveEngine();
  LiveEngine(const LiveEngine&) = delete;
  LiveEngine& operator=(const LiveEngine&) = delete;

  // ---- setting up: before the first commit

  /// What is wrong, if anything.
  [[nodiscard]] std::optional<std::string> provide(std::string_view name, const writ_signature& signature,
                                                   writ_host_function body, Context context);
  [[nodiscard]] std::optional<std::string> on_trap(TrapHandler handler);
  [[nodiscard]] std::expected<LiveSlot, std::string> slot(std::string_view name, const writ_signature& signature,
                                                          bool answers_itself) const;

  // ---- releases

  [[nodiscard]] std::expected<std::uint64_t, Report> commit(const std::vector<ReleaseChange>& changes,
                                                            std::string_view tier);
  /// A release of these texts alone, whatever runs.
  [[nodiscard]] std::expected<std::uint64_t, Report> replace(std::vector<ReleaseText> texts, std::string_view tier);
  /// The number of the release that runs now; nothing when no earlier one is kept.
  std::optional<std::uint64_t> rollback();
  [[nodiscard]] std::vector<ReleaseInfo> history() const;

  /// Within a ReadSection: valid until it ends.
  [[nodiscard]] const LiveRelease& running() const { return site_.running_release(); }

  // ---- watching

  [[nodiscard]] EngineCounts counts() const;
  [[nodiscard]] const ir::Program& schema() const { return empty_->program(); }
  [[nodiscard]] const ReleaseText& schema_text() const { return schema_text_; }
  [[nodiscard]] const NativeCompiler& compiler() const { return compiler_; }

 private:
  LiveEngine(NativeCompiler compiler, ReleaseText schema, std::unique_ptr<Reclaimer> reclaimer);
  /// Compiles the else values and makes the stub that leads to them.
  [[nodiscard]] std::optional<Report> start();
  void bind_host_functions();
  [[nodiscard]] std::expected<std::unique_ptr<LiveRelease>, Report> build(ReleasePlan plan);
  [[nodiscard]] std::expected<std::shared_ptr<const CompiledPlan>, Report> compiled(const ReleaseHome& home,
                                                                                    const ReleasePlan& plan);
  /// Under commit_mutex_.
  [[nodiscard]] std::expected<std::uint64_t, Report> commit_texts(std::vector<ReleaseText> texts,
                                                                  std::string_view tier);
  void publish(std::unique_ptr<LiveRelease> release);
  /// The last one published. For whoever commits.
  [[nodiscard]] const LiveRelease& last() const { return kept_.empty() ? *empty_ : *kept_.back(); }

  NativeCompiler compiler_;
  ReleaseText schema_text_;
  std::uint64_t number_;
  SliceCache slices_;  // outlives the reclaimer, which frees code; under commit_mutex_
  std::unique_ptr<Reclaimer> reclaimer_;
  mutable support::DeepThread compiling_{"writ-compile"};  // constants are folded by the interpreter, which recurses
  std::unique_ptr<LiveRelease> empty_;                     // without policies: what answers before the first commit
  std::unique_ptr<jit::Program> program_;
  CallSite site_;
  std::vector<LiveFunction> functions_;  // by HostFunctionId; never grows: rows of site_.host hold its addresses
  std::vector<Context> contexts_;
  TrapHandler trap_handler_;
  std::atomic<bool> is_set_up_{false};  // a commit has begun

  std::mutex commit_mutex_;  // from a commit's first look at the running release to its end
  CompiledCache cache_;      // under commit_mutex_, as the next two
  std::uint64_t next_number_ = 1;
  bool has_dropped_ = false;                       // a release that could have been rolled back to
  mutable std::mutex kept_mutex_;                  // taken inside commit_mutex_ to change kept_, alone to read it
  std::deque<std::unique_ptr<LiveRelease>> kept_;  // the running one last

  std::atomic<std::uint64_t> swaps_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> emit_failures_{0};
};

}  // namespace writ::host
