// Wording of syntax errors: from where the parser stopped to one diagnostic.
//
// In: the tokens, the one that did not fit, and what was being read. Out: a message of the form "after `when` I
// expected a condition", the narrowest span, and a help where the slip is a known one. Never a list of tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "frontend/tokens.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend {

/// What the parser was reading: groups of grammar rules.
enum class Reading : std::uint8_t {
#define WRIT_READING(name, grammar_rules, wanted) k##name,
#include "frontend/readings.def"
#undef WRIT_READING
};

struct SyntaxFailure {
  std::size_t at = 0;  // index of the token that did not fit
  Reading reading{};
  std::optional<TokenKind> expected;  // where only one kind would have fitted
};

/// What a word that other languages have as an operator is here: `and` is `&&`.
[[nodiscard]] std::optional<std::string_view> operator_of(std::string_view word);

[[nodiscard]] support::Diagnostic explain(const SyntaxFailure& failure, const std::vector<Token>& tokens,
                                          const support::SourceFile& source);

}  // namespace writ::frontend
