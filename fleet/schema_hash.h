// The hash of a schema's meaning: layout and comments of its text, doc comments too, do not count; everything else does.
#pragma once

#include <optional>
#include <string_view>

#include "fleet/hash.h"
#include "frontend/ast.h"

namespace writ::fleet {

[[nodiscard]] Hash schema_hash(const ast::File& schema);
/// Nothing when the text cannot be parsed or is no schema.
[[nodiscard]] std::optional<Hash> schema_hash(std::string_view text);

}  // namespace writ::fleet
