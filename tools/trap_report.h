// How a trap is told to people: what ended the call, where, and what the host got instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/budget.h"
#include "runtime/abi.h"
#include "support/source.h"
#include "tools/console.h"

namespace writ::tools {

struct TrapReport {
  runtime::Trap trap;
  support::Span place;
  host::Budget budget;
  std::string_view tier;    // empty: none
  std::string consequence;  // "slot `score` gave its else value 0"; may be empty
  std::string note;         // may be empty
};

/// `access.writ:12:3`
[[nodiscard]] std::string place_text(support::Span span, const support::SourceMap& sources);

/// In the console's format, with a line end.
[[nodiscard]] std::string render(const TrapReport& report, const support::SourceMap& sources, const Console& console);

}  // namespace writ::tools
