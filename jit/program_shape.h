// What lowering asks of a function's tree before it writes any code: how big a piece is, which locals it touches, whether a
// loop's turns all cost the same. Pure questions; nothing here sees LLVM.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "ir/program.h"

namespace writ::jit {

/// Expressions and statements, all levels.
[[nodiscard]] std::size_t node_count(const ir::Stmt& stmt);
[[nodiscard]] std::size_t node_count(const ir::Body& body);

struct LocalUse {
  std::set<ir::LocalId> read;
  std::set<ir::LocalId> written;
};
/// Of the statements from `first` up to `last`, all levels.
[[nodiscard]] LocalUse local_use(const ir::Stmt* first, const ir::Stmt* last);

/// The constant behind a ConstantRef or a KnobRef; null for everything else.
[[nodiscard]] const ir::Constant* constant_of(const ir::Expr& expr, const ir::Program& program,
                                              const ir::Config& config);

/// The most bytes that a string or bytes value can have, when its node alone says so.
[[nodiscard]] std::optional<std::int64_t> most_bytes(const ir::Expr& expr, const ir::Program& program,
                                                     const ir::Config& config);

/// Whether each turn of a counted loop takes the loop's constant charge and nothing else, and only the count ends it: no
/// call, no charge by data that could be more than 0, no Break of this loop, no Return.
[[nodiscard]] bool has_constant_turns(const ir::Body& body, const ir::Program& program, const ir::Config& config);

}  // namespace writ::jit
