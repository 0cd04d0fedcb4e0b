// A syntax tree as an indented text, one node a line: what `--emit=ast` shows and tests compare.
//
// In: a tree. Out: text; nothing is left out but spans. It does not print Writ: that is the formatter's work.
#pragma once

#include <string>

#include "frontend/ast.h"

namespace writ::frontend {

[[nodiscard]] std::string print_ast(const ast::File& file);
[[nodiscard]] std::string print_ast(const ast::Expr& expression);

}  // namespace writ::frontend
