#include "frontend/tokens.h"

#include <fmt/core.h>

#include <cstddef>

namespace writ::frontend {
namespace {

struct TokenRow {
  const char* name;
  TokenClass token_class;
  const char* shown;
};

constexpr TokenRow kRows[] = {
    {"EndOfFile", TokenClass::kText, "the end of the text"},
#define WRIT_TOKEN(name, grammar_name, token_class, shown) {#name, TokenClass::k##token_class, shown},
#include "frontend/tokens.def"
#undef WRIT_TOKEN
};

const TokenRow& row(TokenKind kind) { return kRows[static_cast<std::size_t>(kind)]; }

bool is_spelled(TokenKind kind) {
  const TokenClass c = token_class(kind);
  return c == TokenClass::kSymbol || c == TokenClass::kReserved || c == TokenClass::kSoft ||
         kind == TokenKind::kFStringHole || kind == TokenKind::kFStringLoneBrace;
}

}  // namespace

TokenClass token_class(TokenKind kind) { return row(kind).token_class; }

bool is_name(TokenKind kind) {
  return token_class(kind) == TokenClass::kName || token_class(kind) == TokenClass::kSoft;
}

bool opens_bracket(TokenKind kind) {
  switch (kind) {
    case TokenKind::kLeftParen:
    case TokenKind::kCallOpen:
    case TokenKind::kLeftBracket:
    case TokenKind::kIndexOpen:
    case TokenKind::kLeftBrace:
    case TokenKind::kFStringOpen:
    case TokenKind::kFStringHole:
      return true;
    default:
      return false;
  }
}

bool closes_bracket(TokenKind kind) {
  switch (kind) {
    case TokenKind::kRightParen:
    case TokenKind::kRightBracket:
    case TokenKind::kRightBrace:
    case TokenKind::kFStringClose:
      return true;
    default:
      return false;
  }
}

bool starts_declaration(TokenKind kind) {
  switch (kind) {
    case TokenKind::kPrivate:
    case TokenKind::kRecord:
    case TokenKind::kOrdered:
    case TokenKind::kEnum:
    case TokenKind::kCapability:
    case TokenKind::kSlot:
    case TokenKind::kTier:
    case TokenKind::kDefault:
    case TokenKind::kUse:
    case TokenKind::kConfig:
    case TokenKind::kConst:
    case TokenKind::kFn:
    case TokenKind::kTest:
      return true;
    default:
      return false;
  }
}

std::string_view token_name(TokenKind kind) { return row(kind).name; }

std::string describe(TokenKind kind) {
  return is_spelled(kind) ? fmt::format("`{}`", row(kind).shown) : row(kind).shown;
}

std::string describe(const Token& token, std::string_view source_text) {
  constexpr std::size_t kShownBytes = 40;
  const std::string_view text = source_text.substr(token.begin, token.end - token.begin);
  const bool quotable = token.kind == TokenKind::kName || token.kind == TokenKind::kNumber ||
                        token.kind == TokenKind::kString || token.kind == TokenKind::kBytes;
  if (!quotable || text.size() > kShownBytes || text.find('\n') != std::string_view::npos) {
    return describe(token.kind);
  }
  return fmt::format("`{}`", text);
}

}  // namespace writ::frontend
