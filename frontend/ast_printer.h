// A syntax tree as an indented text, one node a line: what `--emit=ast` shows and tests compare.
//
// In: a tree. Out: text; nothing is left out but spans. It does not print Writ: that is the formatter's work.
#pragma once

#include <cstdint>
#include <string>

#include "frontend/ast.h"

namespace writ::frontend {

/// Whether doc comments are printed; other comments are not in the tree.
enum class Docs : std::uint8_t { kPrinted, kLeftOut };

[[nodiscard]] std::string print_ast(const ast::File& file, Docs docs = Docs::kPrinted);
[[nodiscard]] std::string print_ast(const ast::Expr& expression);

}  // namespace writ::frontend
