// Whether what a host program says of its types (writ/writ.h) is what the schema says: kinds, names, sizes, offsets.
//
// In: a signature as the host's language has it, and the schema's types. Out: nothing, or one sentence that names the field.
// A policy reads the host's memory by the schema's layout: after this check the two are the same.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "include/writ/writ.h"
#include "ir/program.h"

namespace writ::host {

[[nodiscard]] std::optional<std::string> find_mismatch(const writ_signature& signature, const ir::SlotDecl& slot,
                                                       const ir::Types& types);
[[nodiscard]] std::optional<std::string> find_mismatch(const writ_signature& signature,
                                                       const ir::HostFunctionDecl& function, const ir::Types& types);

/// Whether a value of this type holds an address: it is valid only as long as what made it.
[[nodiscard]] bool holds_address(ir::TypeId type, const ir::Types& types);

}  // namespace writ::host
