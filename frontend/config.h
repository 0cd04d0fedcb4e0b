// Configuration documents: TOML and --set values to the values of a program's knobs.
//
// Layered, later wins: the knobs' defaults, documents in order, single values. A document has one table a unit. A record merges
// by field, collections are replaced whole, scalars may be Writ literals in strings ("20s", "64MiB"). Unknown keys, wrong types
// and a broken `where` are diagnostics at the document's own line and key. Sets and maps come out in ascending key order.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "ir/program.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend {

struct ConfigLayer {
  enum class Kind : std::uint8_t { kToml, kAssignment } kind;
  const support::SourceFile* source;  // kAssignment: the text is `unit.field=value`, the value a Writ expression
};

/// Holds every knob's value against its `where`; the interpreter judges. `place_of` says where a knob got its value.
[[nodiscard]] bool conditions_hold(const ir::Program& program, const ir::Config& config,
                                   const std::function<support::Span(ir::KnobId)>& place_of,
                                   support::Diagnostics& diagnostics);

/// The values after all layers; nothing when a layer is wrong or a `where` is broken.
[[nodiscard]] std::optional<ir::Config> configure(const ir::Program& program, std::span<const ConfigLayer> layers,
                                                  support::Diagnostics& diagnostics);

}  // namespace writ::frontend
