// One pass over the tokens of a text, before the parser: what is counted and decided without any grammar.
//
// In: the lexer's tokens, in order, comments included. Out: the tokens that the parser reads. The pass
//   - pairs brackets, so that a missing one is reported at its other half, and counts how deep they nest;
//   - caps what else would make the parser recurse: unary operators, ternaries, `match`, `else if`, type `<`;
//   - retypes `(`, `[` and `-` that continue an expression (the line rule), and `trap` and `emitted` after `expect`;
//   - reports the tokens that are wrong in themselves, and takes doc comments out.
// It knows nothing of declarations and builds nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frontend/source_text.h"
#include "frontend/tokens.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend {

/// The `///` lines right before a token.
struct DocComment {
  std::uint32_t token = 0;  // index into Scan::tokens of the token that follows
  support::Span span;
  std::string text;  // without `///` and one blank, joined by '\n'
};

struct Scan {
  std::vector<Token> tokens;     // ends with kEndOfFile
  std::vector<DocComment> docs;  // in order, at most one a token
};

/// Reports through `diagnostics`; after an error the result is not fit for parsing.
[[nodiscard]] Scan scan(const support::SourceFile& source, const std::vector<Token>& lexed,
                        const std::vector<InvisibleCharacter>& invisible, support::Diagnostics& diagnostics);

}  // namespace writ::frontend
