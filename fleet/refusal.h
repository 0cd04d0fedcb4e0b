// A diagnostic that concerns a whole file: it has no place in a text.
#pragma once

#include <string>
#include <utility>

#include "support/diagnostic.h"

namespace writ::fleet {

[[nodiscard]] inline support::Diagnostic refusal(support::Code code, std::string message, std::string help = {}) {
  support::Diagnostic out;
  out.code = code;
  out.message = std::move(message);
  out.help = std::move(help);
  return out;
}

}  // namespace writ::fleet
