// Checking: from syntax trees to one typed program.
//
// In: the schema's tree, the trees of a release's policies and libraries, the tier they are loaded under. Out: an ir::Program
// with all charges in place, or diagnostics. Linear in the size of the text; no inference search. Reads no files.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/ast.h"
#include "ir/program.h"
#include "support/diagnostic.h"

namespace writ::frontend {

/// What a prompt asks of a release.
struct Question {
  const ast::File* unit;        // of the release: a library that sees what all units declare, private or not
  const ast::Expr* expression;  // in that unit; it may ask slots, like a test; null: nothing is asked
  const ast::TypeExpr* type;    // of the expression; null: its own
};

struct CheckOptions {
  std::string_view tier;               // empty: the first that the schema lists; a tier it lacks is an error
  bool tests = true;                   // check and keep test blocks
  bool unused = false;                 // warn of names that nothing uses; tests count as uses where they are checked
  const Question* question = nullptr;  // the program's last function gives the answer; Role kTest
};

/// Checks a schema alone: an ir::Program with types, slots, tiers, host functions and else functions, and no policy.
[[nodiscard]] std::optional<ir::Program> check_schema(const ast::File& schema, support::Diagnostics& diagnostics);

/// Checks a release: the schema and the units given (policies and libraries of that schema, in any order).
[[nodiscard]] std::optional<ir::Program> check(const ast::File& schema, std::span<const ast::File* const> units,
                                               const CheckOptions& options, support::Diagnostics& diagnostics);

struct Variable {
  std::string name;
  const ast::TypeExpr* type;  // as written; its names are the schema's
};

/// Checks one expression over variables; the schema may be null (no records, no slots). The program's last function takes the
/// variables in order and gives the expression's value. Role kTest. With `answers`, the value is what this host function of
/// the schema answers with, and has its type.
[[nodiscard]] std::optional<ir::Program> check_expression(const ast::File* schema, const ast::Expr& expression,
                                                          std::span<const Variable> variables,
                                                          support::Diagnostics& diagnostics,
                                                          std::optional<ir::HostFunctionId> answers = {});

}  // namespace writ::frontend
