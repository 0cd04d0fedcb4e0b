// What `writ explain CODE` says beside a code's title: how one comes by it, in an example, and the way out.
//
// In: the code of a diagnostic. Out: some lines of plain text for the codes that authors meet most, nothing for the rest, whose title
// and help say all there is. What it is not: the message of an occurrence, which is written at its place.
#pragma once

#include <string_view>

#include "support/diagnostic.h"

namespace writ::tools {

/// Whole lines, each with its line end; empty where there are none.
[[nodiscard]] std::string_view explanation_of(support::Code code);

}  // namespace writ::tools
