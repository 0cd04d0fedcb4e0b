// The file of golden decisions that `writ build --golden` reads: one JSON object a line.
//
//   {"slot": "admit", "input": {"total": 7}, "given": ["clock.now=…"], "expect": {"answer": "allow"}}
//
// In: a path. Out: decisions without answers, and what each is expected to come to; or findings at their lines. `given` and
// `expect` may be left out; `expect` may name some of a decision's members (answer, trap, reason, emitted).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fleet/content.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::tools {

struct GoldenLine {
  fleet::GoldenDecision decision;
  nlohmann::json expected;  // an object
  support::Span span;
};

/// Nothing, and errors, when the file cannot be taken whole.
[[nodiscard]] std::optional<std::vector<GoldenLine>> read_golden(const std::string& path, support::SourceMap& sources,
                                                                 support::Diagnostics& diagnostics);

/// Whether a decision came to what its line expects; if not, an error at the line. `answer` is JSON.
void compare(const GoldenLine& line, const std::string& answer, support::Diagnostics& diagnostics);

}  // namespace writ::tools
