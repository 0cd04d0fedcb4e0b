// Tokens: what the lexer makes of a text, as plain values that know nothing of ANTLR.
//
// A token is a kind and a byte range of its source. Kinds are rows of tokens.def, in the order of the grammar's.
// Texts and values are not copied here: literal text is decoded by lexical.h when the AST is built.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/source.h"

namespace writ::frontend {

enum class TokenKind : std::uint8_t {
  kEndOfFile = 0,
#define WRIT_TOKEN(name, grammar_name, token_class, shown) k##name,
#include "frontend/tokens.def"
#undef WRIT_TOKEN
};

enum class TokenClass : std::uint8_t {
  kSymbol,
  kReserved,  // a keyword that may not be a bare name
  kSoft,      // a keyword that may
  kName,
  kLiteral,  // a whole literal
  kText,     // a piece of an f-string
  kComment,  // never reaches the parser
  kWrong,    // always an error
};

struct Token {
  TokenKind kind = TokenKind::kEndOfFile;
  bool first_on_line = false;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

[[nodiscard]] TokenClass token_class(TokenKind kind);

/// A name, or a soft word, which is one wherever no keyword is asked for.
[[nodiscard]] bool is_name(TokenKind kind);

/// `(`, `[`, `{`, and what an f-string and its holes begin with.
[[nodiscard]] bool opens_bracket(TokenKind kind);
[[nodiscard]] bool closes_bracket(TokenKind kind);

/// The first word of a declaration, after any `private`; `private` too.
[[nodiscard]] bool starts_declaration(TokenKind kind);

/// The row's name: `CallOpen`.
[[nodiscard]] std::string_view token_name(TokenKind kind);

/// How a message shows this kind: "`when`", "a number".
[[nodiscard]] std::string describe(TokenKind kind);

/// How a message shows this token: "`deny`", "the end of the file".
[[nodiscard]] std::string describe(const Token& token, std::string_view source_text);

}  // namespace writ::frontend
