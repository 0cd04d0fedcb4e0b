// The JSON Schema (2020-12) of a release's configuration documents, for editors and for checks before a release.
//
// In: a typed program. Out: one schema: an object with a table for each unit that has a config. It refuses no document that Writ
// takes. Writ refuses more: a `where` (told as $comment), a number or a text beyond its bound that is written in another way, the
// spelling of a literal, a field that no layer gives.
#pragma once

#include <nlohmann/json.hpp>

#include "ir/program.h"
#include "support/source.h"

namespace writ::tools {

/// `sources`: the texts that the program was made of.
[[nodiscard]] nlohmann::ordered_json config_schema(const ir::Program& program, const support::SourceMap& sources);

/// A value as JSON: as documents take it, save for bytes.
[[nodiscard]] nlohmann::ordered_json json_value(const ir::Program& program, const ir::Value& value, ir::TypeId type);

}  // namespace writ::tools
