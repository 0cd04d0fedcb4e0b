// Parsing: the text of one unit to its syntax tree. This header and ast.h are all that others see of it.
//
// In: a source file. Out: a tree, or nothing and at least one error in `diagnostics`. The whole syntax is read, also
// what the checker refuses; names and types are not looked at. Every cost is bounded by a row of limits.def, whatever
// the text, and the caller's stack is not used: the parser runs on a thread of its own with a known stack.
// All functions may be called from any thread; parses run one after another, because they share ANTLR's warm cache.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "frontend/ast.h"
#include "frontend/tokens.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend {

/// A schema, policy or library.
[[nodiscard]] std::optional<ast::File> parse(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// One expression and nothing else, as in `writ eval` and `--set`. Null where it is wrong.
[[nodiscard]] ast::ExprPtr parse_expression(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// What is typed at a prompt and is no unit.
[[nodiscard]] std::optional<ast::Input> parse_input(const support::SourceFile& source,
                                                    support::Diagnostics& diagnostics);

/// How lines typed at a prompt stand, by their tokens alone. They end with a line end.
enum class InputState : std::uint8_t {
  kWhole,       // right or wrong: more lines would not help
  kEmpty,       // nothing but white space and comments
  kOpen,        // a bracket, a string or a comment goes on in the next line
  kDocumented,  // a doc comment: what it documents follows
  kUnit,        // the first words of a schema, policy or library, whose end no token shows
};
[[nodiscard]] InputState judge_input(const support::SourceFile& source);

/// The tokens that the parser reads, one a line: place, kind, text. What is wrong is reported and left out.
[[nodiscard]] std::string dump_tokens(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// The gauge of ANTLR's look-ahead cache: DFA states now held. Bounded by limits::kParserStates.
[[nodiscard]] std::size_t parser_states();

/// How hard the grammar made the parser look: for tests of the grammar.
struct LookAhead {
  std::int64_t max_tokens = 0;    // the furthest that one decision looked
  std::int64_t ll_fallbacks = 0;  // decisions that a finite look-ahead without context could not make
  std::int64_t ambiguities = 0;
};
[[nodiscard]] LookAhead measure_look_ahead(const support::SourceFile& source, support::Diagnostics& diagnostics);

}  // namespace writ::frontend
