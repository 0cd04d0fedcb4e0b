// The last few that an engine compiled, by their texts.
//
// In: a plan, and what compiling it gave. Out: the same again for a plan of the same texts and tier, so that texts that come
// back (an edit undone, a switch set back) are live in the time that linking takes; for a plan that differs in its documents
// alone, the sources as they were checked. What stands here is also what slice_cache.h finds again. The schema and the machine compiled for
// are the engine's, and the same for all. Bounded in number and bytes; what was used least lately goes first.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "host/live_release.h"

namespace writ::host {

/// One thread's at a time.
class CompiledCache {
 public:
  using Compiled = std::shared_ptr<const CompiledPlan>;

  /// Null when it is not there.
  [[nodiscard]] Compiled find(const ReleasePlan& plan);
  /// Of a plan with the same sources and tier; null when none is here.
  [[nodiscard]] std::shared_ptr<const CheckedTexts> find_sources(const ReleasePlan& plan) const;
  /// What is not there yet.
  void keep(const ReleasePlan& plan, Compiled compiled);

 private:
  struct Entry {
    std::string tier;
    std::vector<ReleaseText> texts;
    Compiled compiled;
    std::size_t bytes;
  };
  std::vector<Entry> entries_;  // the last used one last
  std::size_t bytes_ = 0;
};

}  // namespace writ::host
