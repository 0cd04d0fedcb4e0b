// The bounds of a release's slots as people and as programs read them.
//
// In: a release with its bounds. Out: text, a row a slot. A slot that the host's own function answers has no row.
#pragma once

#include <string>

#include "host/release.h"

namespace writ::tools {

[[nodiscard]] std::string cost_table(const host::Release& release);
/// One object a line.
[[nodiscard]] std::string cost_json(const host::Release& release);

}  // namespace writ::tools
