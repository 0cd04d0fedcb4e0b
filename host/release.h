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

struct Release {
  ir::Program program;
  ir::Config config;
  Budget budget;
  std::vector<std::vector<support::Span>> origins = {};  // of the config's values: frontend::Configured
};

struct ReleaseOptions {
  std::string_view tier;                         // empty: the schema's first
  bool tests = false;                            // keep test blocks
  const frontend::Question* question = nullptr;  // of a prompt
};

[[nodiscard]] std::optional<Release> check_release(Sources& sources, const ReleaseOptions& options);

}  // namespace writ::host
