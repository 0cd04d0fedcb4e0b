// Configuration: documents, variables of the environment and --set values to the values of a program's knobs.
//
// Layered in the order given, later wins, over the knobs' defaults. A document has one table a unit. A record merges
// by field, collections are replaced whole, scalars may be Writ literals in strings ("20s", "64MiB"). Unknown keys, wrong types
// and a broken `where` are diagnostics at the document's own line and key. Sets and maps come out in ascending key order. Reads
// neither files nor the environment.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend {

struct ConfigLayer {
  enum class Kind : std::uint8_t { kDocument, kAssignment, kVariable } kind;
  /// kAssignment: the text is `unit.field=value`, the value a Writ expression. kVariable: `WRIT__UNIT__FIELD=value`.
  const support::SourceFile* source;
  std::string knob = {};  // of a document of rows: the `unit.field` that it fills
};

/// The values after all layers. An origin is the key that gave a value: of a record, which merges by field, each key in the order
/// of the layers; of anything else the last; none where the default stands.
struct Configured {
  ir::Config values;
  std::vector<std::vector<support::Span>> origins;  // one a knob
};

/// Holds every knob's value against its `where`; the interpreter judges. `place_of` says where a knob got its value.
[[nodiscard]] bool conditions_hold(const ir::Program& program, const ir::Config& config,
                                   const std::function<support::Span(ir::KnobId)>& place_of,
                                   support::Diagnostics& diagnostics);

/// Nothing when a layer is wrong or a `where` is broken.
[[nodiscard]] std::optional<Configured> configure(const ir::Program& program, std::span<const ConfigLayer> layers,
                                                  support::Diagnostics& diagnostics);

/// Whether a variable of the environment is meant for a config, by its name.
[[nodiscard]] bool is_config_variable(std::string_view name);

}  // namespace writ::frontend
