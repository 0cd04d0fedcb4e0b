// A release's code from its bytes alone, as one finds it in a cache.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "host/engine.h"
#include "ir/program.h"

namespace writ::tests {

/// An engine whose code is linked anew from copies of the bytes of `native`'s objects; `native` is of `program` and `config`, which
/// outlive it.
[[nodiscard]] std::expected<std::unique_ptr<host::Engine>, std::string> make_relinked(const host::Engine& native,
                                                                                      const ir::Program& program,
                                                                                      const ir::Config& config);

}  // namespace writ::tests
