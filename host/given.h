// --given cap.fn=VALUE: what a host function answers in this run.
#pragma once

#include <optional>
#include <string>

#include "host/host_functions.h"
#include "host/loader.h"
#include "ir/program.h"

namespace writ::host {

/// The answer that `text` names, for any arguments; nothing, and a diagnostic in `sources`, when it names none. `program` is
/// the schema's, or one checked against it.
[[nodiscard]] std::optional<Answer> read_given(const std::string& text, const ir::Program& program, Sources& sources);

}  // namespace writ::host
