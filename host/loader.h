// The texts of one release, read and parsed: a schema, its policies and libraries, configuration layers.
//
// In: paths as the user gave them (load), or texts that are in memory already (add_*). Out: Sources, which own every text
// and tree, with a diagnostic for all that could not be read or parsed. A library that a unit uses and nobody named is
// looked for beside that unit; so is the schema, under its own name. Checks no names and no types: release.h does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "frontend/ast.h"
#include "frontend/config.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::host {

struct LoadRequest {
  std::vector<std::string> paths;        // units, or folders of units
  std::string schema;                    // empty: among the paths, or beside the first unit
  std::vector<std::string> documents;    // each a path, or unit.field=path for rows
  std::vector<std::string> variables;    // WRIT__UNIT__FIELD=value
  std::vector<std::string> assignments;  // unit.field=value
};

struct Sources {
  support::SourceMap map;
  support::Diagnostics diagnostics;
  std::optional<ast::File> schema;
  std::vector<ast::File> units;  // policies and libraries, in the order of their reading
  std::vector<frontend::ConfigLayer> layers;
  std::int64_t text_count = 0;  // units and documents
  std::int64_t text_bytes = 0;
};

void load(Sources& sources, const LoadRequest& request);

/// Parses a unit that is in memory. A schema becomes the release's; a second one is an error, and so is one text too many.
void add_unit(Sources& sources, std::string name, std::string text);
/// The ending of the name says the notation; of rows the name begins with `unit.field=`, or is `unit.field.csv`.
void add_document(Sources& sources, std::string name, std::string text);
void add_variable(Sources& sources, std::string text);
void add_assignment(Sources& sources, std::string text);

/// The units as the checker takes them.
[[nodiscard]] std::vector<const ast::File*> unit_pointers(const Sources& sources);

}  // namespace writ::host
