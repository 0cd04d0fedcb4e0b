// Takes the literals out of an expression and hands them in as arguments, so that nothing can be folded.
//
// In: a parsed expression. Out: the same with each bool, number, text, bytes and duration literal (a minus before a number
// included) replaced by a variable, and the variables with their types and values. What a call has no room for stays a
// literal, and so does the text of a `format`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "frontend/ast.h"
#include "ir/value.h"

namespace writ::tests {

struct Hoisted {
  std::string name;
  std::string type;
  ir::Value value;
};

/// `words`: how many the variables may take in all.
[[nodiscard]] std::vector<Hoisted> hoist_literals(ast::Expr& expression, std::size_t words);

}  // namespace writ::tests
