// The types of JSON values that no schema speaks of: the variables of `writ eval`.
//
// In: one JSON object. Out: for each member its name and the type that its value has by itself: bool, int, double, string, or a
// list of one of these. Anything else needs a schema.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/ast.h"
#include "host/input.h"

namespace writ::host {

struct InputVariable {
  std::string name;
  std::optional<ast::TypeExpr> type;  // nothing: an object, null, an empty or a mixed list
};

[[nodiscard]] std::expected<std::vector<InputVariable>, Mismatch> input_variables(std::string_view json);

}  // namespace writ::host
