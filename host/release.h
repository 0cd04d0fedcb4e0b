// A checked release: what both engines take, and the quota it runs under.
//
// In: loaded sources without errors. Out: the typed program, the values of its knobs, the budget of its tier; or nothing and
// diagnostics in the sources.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "frontend/check.h"
#include "host/budget.h"
#include "host/loader.h"
#include "ir/program.h"

namespace writ::host {

/// What texts alone make; the values of its knobs are beside it.
struct CheckedUnits {
  ir::Program program;
  Budget budget;
};

struct Release {
  ir::Program program;
  ir::Config config;
  Budget budget;
  std::vector<std::vector<support::Span>> origins = {};  // of the config's values: frontend::Configured
};

struct ReleaseOptions {
  std::string_view tier;                         // empty: the schema's first
  bool tests = false;                            // keep test blocks
  bool unused = false;                           // warn of names that nothing uses
  const frontend::Question* question = nullptr;  // of a prompt
};

/// The sources' units, whatever their documents say.
[[nodiscard]] std::optional<CheckedUnits> check_units(Sources& sources, const ReleaseOptions& options);
[[nodiscard]] std::optional<Release> check_release(Sources& sources, const ReleaseOptions& options);

}  // namespace writ::host
