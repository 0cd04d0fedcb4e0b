#include "tests/soak/below_api.h"

#include <bit>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/reclaim.h"
#include "jit/jit.h"

namespace writ::soak {
namespace {

const Options* options = nullptr;
Counts* counts = nullptr;

/// Counts distinct names by their hashes, in memory that is touched before the soak measures any.
class Names {
 public:
  void make_room_for(std::uint64_t names) { hashes_.assign(std::bit_ceil(names * 2 + 4'096), 0); }

  void see(const ir::Program& program) {
    const std::scoped_lock lock(mutex_);
    for (const ir::Function& function : program.functions) {
      see(function.name);
      see(std::string_view(function.name).substr(0, function.name.find('.')));  // its unit
      for (const ir::Local& local : function.locals) see(local.name);
    }
    for (const ir::Knob& knob : program.knobs) see(knob.name);
    for (const std::string& reason : program.reasons) see(reason);
    for (std::size_t id = 0; id < program.types.enum_count(); ++id) {
      for (const std::string& name : program.types.enum_type(static_cast<ir::EnumId>(id)).enumerators) see(name);
    }
  }

 private:
  void see(std::string_view name) {
    const std::size_t hash = std::hash<std::string_view>{}(name) | 1;
    const std::size_t mask = hashes_.size() - 1;
    std::size_t at = (hash >> 1) & mask;
    while (hashes_[at] != 0 && hashes_[at] != hash) at = (at + 1) & mask;
    if (hashes_[at] == hash) return;
    hashes_[at] = hash;
    counts->names.fetch_add(1, std::memory_order_relaxed);
  }

  std::mutex mutex_;
  std::vector<std::size_t> hashes_;
};

Names names;

}  // namespace

void go_below(const Options& given, Counts& shared) {
  options = &given;
  counts = &shared;
  names.make_room_for(given.names);
}

void hide_from_reclaimer() {
  thread_local host::reclaim::StdSlot nowhere;
  host::reclaim::fast_slot = &nowhere;
}

// ---- in front of the engine's own --------------------------------------------------------------

using Compiled = std::expected<jit::Object, support::Diagnostic>;

#define WRIT_SOAK_COMPILE "_ZN4writ3jit7compileERKNS_2ir7ProgramERKNS1_6ConfigERKNS1_5SliceERKNS0_7OptionsE"
Compiled compile_for_real(const ir::Program& program, const ir::Config& config, const ir::Slice& slice,
                          const jit::Options& options) asm("__real_" WRIT_SOAK_COMPILE);
Compiled compile(const ir::Program& program, const ir::Config& config, const ir::Slice& slice,
                 const jit::Options& options) asm("__wrap_" WRIT_SOAK_COMPILE);

Compiled compile(const ir::Program& program, const ir::Config& config, const ir::Slice& slice,
                 const jit::Options& given) {
  counts->compiled.fetch_add(1, std::memory_order_relaxed);
  names.see(program);
  jit::Options as_this_build = given;
  as_this_build.sanitizer = jit::kSanitizerOfThisBuild;
  return compile_for_real(program, config, slice, as_this_build);
}

using Retired = std::unique_ptr<host::Retirable>;

#define WRIT_SOAK_RETIRE "_ZN4writ4host9Reclaimer6retireESt10unique_ptrINS0_9RetirableESt14default_deleteIS3_EE"
void retire_for_real(host::Reclaimer& reclaimer, Retired release) asm("__real_" WRIT_SOAK_RETIRE);
void retire(host::Reclaimer& reclaimer, Retired release) asm("__wrap_" WRIT_SOAK_RETIRE);

void retire(host::Reclaimer& reclaimer, Retired release) {
  if (options->fault == Fault::kEarlyFree) return release.reset();
  retire_for_real(reclaimer, std::move(release));
}

}  // namespace writ::soak
