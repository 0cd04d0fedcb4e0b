#include "frontend/syntax_error.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace writ::frontend {
namespace {

using support::Code;
using support::Diagnostic;
using support::Fix;
using support::SourceFile;
using support::Span;

constexpr const char* kWanted[] = {
#define WRIT_READING(name, grammar_rules, wanted) wanted,
#include "frontend/readings.def"
#undef WRIT_READING
};

/// One failure with what its explanation looks at.
struct Scene {
  const SyntaxFailure& failure;
  const std::vector<Token>& tokens;
  const SourceFile& source;

  const Token& found() const { return tokens[failure.at]; }
  const Token* previous(std::size_t back = 1) const {
    return back <= failure.at ? &tokens[failure.at - back] : nullptr;
  }
  bool follows(TokenKind kind) const { return previous() != nullptr && previous()->kind == kind; }
  bool reads(Reading reading) const { return failure.reading == reading; }
  std::string_view text(const Token& token) const { return source.text(span(token)); }
  Span span(const Token& token) const { return {source.id(), token.begin, token.end}; }
};

bool begins_condition(TokenKind kind) {
  switch (kind) {
    case TokenKind::kWhen:
    case TokenKind::kWhere:
    case TokenKind::kIf:
    case TokenKind::kWhile:
    case TokenKind::kExpect:
      return true;
    default:
      return false;
  }
}

/// Tokens after which only a value can stand, wherever they stand.
bool needs_value(TokenKind kind) {
  switch (kind) {
    case TokenKind::kReturn:
    case TokenKind::kIn:
    case TokenKind::kAssign:
    case TokenKind::kPlusAssign:
    case TokenKind::kMinusAssign:
    case TokenKind::kFatArrow:
    case TokenKind::kOr:
    case TokenKind::kAnd:
    case TokenKind::kEqual:
    case TokenKind::kNotEqual:
    case TokenKind::kLessEqual:
    case TokenKind::kGreater:
    case TokenKind::kGreaterEqual:
    case TokenKind::kPlus:
    case TokenKind::kMinus:
    case TokenKind::kInfixMinus:
    case TokenKind::kStar:
    case TokenKind::kSlash:
    case TokenKind::kPercent:
    case TokenKind::kNot:
    case TokenKind::kOrElse:
      return true;
    default:
      return false;
  }
}

/// A line that ends where a value or a condition had to follow.
bool lacks_its_value(const Scene& scene) {
  const TokenKind previous = scene.previous()->kind;
  return scene.found().first_on_line && (begins_condition(previous) || needs_value(previous));
}

std::string wanted(const Scene& scene) {
  const Token* previous = scene.previous();
  if (previous != nullptr) {
    if (begins_condition(previous->kind)) return "a condition";
    if (needs_value(previous->kind)) return "a value";
    if (previous->kind == TokenKind::kArrow) return "a type";
    const bool typed = scene.reads(Reading::kField) || scene.reads(Reading::kParameters) ||
                       scene.reads(Reading::kStatement) || scene.reads(Reading::kConstant);
    if (previous->kind == TokenKind::kColon && typed) return "a type";
  }
  const bool before_parameters = scene.reads(Reading::kParameters) && previous != nullptr &&
                                 previous->kind != TokenKind::kComma && !opens_bracket(previous->kind);
  if (before_parameters) return "`(`";
  // A `}` closes a block that may also go on, which the reading's own words say.
  if (scene.failure.expected && *scene.failure.expected != TokenKind::kRightBrace) {
    return describe(*scene.failure.expected);
  }
  return kWanted[static_cast<std::size_t>(scene.failure.reading)];
}

// ---- known slips: each looks at the scene and, if it knows it, completes the diagnostic -------------------------

void suggest(Diagnostic& diagnostic, Span span, std::string_view replacement, std::string help) {
  diagnostic.help = std::move(help);
  diagnostic.fix = Fix{span, std::string(replacement)};
}

bool single_equals(const Scene& scene, Diagnostic& diagnostic) {
  if (scene.found().kind != TokenKind::kAssign) return false;
  const Token* previous = scene.previous();
  if (scene.reads(Reading::kArguments) || scene.reads(Reading::kSuffix)) {
    diagnostic.message = "an argument is named with `:`, not with `=`";
    suggest(diagnostic, scene.span(scene.found()), ":", "write a `:`");
    return true;
  }
  if (previous != nullptr && previous->kind == TokenKind::kOpenRange) {
    diagnostic.message = "`a..b` leaves b out, and there is no `..=`";
    diagnostic.help = "write a..b + 1";
    return true;
  }
  if (scene.reads(Reading::kParameters)) {
    diagnostic.message = "a parameter has no default value";
    return true;
  }
  const bool doubled = previous != nullptr && previous->end == scene.found().begin;
  if (doubled && (previous->kind == TokenKind::kEqual || previous->kind == TokenKind::kNotEqual)) {
    diagnostic.message = "there is one equality, written == and !=";
    suggest(diagnostic, scene.span(scene.found()), "", "drop the last `=`");
    return true;
  }
  constexpr std::array kArithmetic = {TokenKind::kStar, TokenKind::kSlash, TokenKind::kPercent};
  if (doubled && std::find(kArithmetic.begin(), kArithmetic.end(), previous->kind) != kArithmetic.end()) {
    diagnostic.message = fmt::format("there is no `{}=`", scene.text(*previous));
    diagnostic.help = fmt::format("write x = x {} …", scene.text(*previous));
    return true;
  }
  constexpr std::array kDeclares = {Reading::kConfig, Reading::kKnob, Reading::kRecord, Reading::kField,
                                    Reading::kEnumeration};
  if (std::any_of(kDeclares.begin(), kDeclares.end(), [&](Reading r) { return scene.reads(r); })) return false;
  diagnostic.message = "`=` gives a value to a name; it does not compare";
  suggest(diagnostic, scene.span(scene.found()), "==", "to compare, write ==");
  return true;
}

bool foreign_word(const Scene& scene, Diagnostic& diagnostic) {
  if (scene.found().kind != TokenKind::kName) return false;
  const std::string_view word = scene.text(scene.found());
  const auto ours = operator_of(word);
  if (!ours) return false;
  diagnostic.message = fmt::format("`{}` is no operator of Writ", word);
  suggest(diagnostic, scene.span(scene.found()), *ours, fmt::format("write {}", *ours));
  return true;
}

/// `not x`: the parser stops at x.
bool foreign_not(const Scene& scene, Diagnostic& diagnostic) {
  if (!scene.follows(TokenKind::kName) || scene.text(*scene.previous()) != "not") return false;
  diagnostic.span = scene.span(*scene.previous());
  diagnostic.message = "`not` is no operator of Writ";
  suggest(diagnostic, diagnostic.span, "!", "write !");
  return true;
}

bool single_pipe(const Scene& scene, Diagnostic& diagnostic) {
  if (scene.found().kind != TokenKind::kPipe) return false;
  diagnostic.message = "`|` separates patterns; it does not join conditions";
  suggest(diagnostic, scene.span(scene.found()), "||", "write || for `or`");
  return true;
}

/// `list<int>= …`: the lexer reads `>=`.
bool glued_type_end(const Scene& scene, Diagnostic& diagnostic) {
  if (scene.found().kind != TokenKind::kGreaterEqual || !scene.reads(Reading::kType)) return false;
  diagnostic.message = "`>=` is one operator here";
  suggest(diagnostic, scene.span(scene.found()), "> =", "put a blank between > and =");
  return true;
}

/// `Rec{f: v}`: a brace never continues an expression.
bool record_with_braces(const Scene& scene, Diagnostic& diagnostic) {
  if (scene.tokens[scene.failure.at].kind == TokenKind::kEndOfFile) return false;
  // The parser stops at the `{`, or, where a block may stand, at the `:` behind the first field.
  std::size_t brace = scene.failure.at;
  if (scene.found().kind == TokenKind::kColon && scene.failure.at >= 2) brace = scene.failure.at - 2;
  if (brace == 0 || scene.tokens[brace].kind != TokenKind::kLeftBrace) return false;
  const Token& name = scene.tokens[brace - 1];
  const bool type_like = name.kind == TokenKind::kName && scene.text(name).front() >= 'A' &&
                         scene.text(name).front() <= 'Z' && !scene.tokens[brace].first_on_line;
  if (!type_like) return false;
  diagnostic.code = Code::kMisplacedForm;
  diagnostic.span = scene.span(scene.tokens[brace]);
  diagnostic.message = "a record is built with parentheses";
  diagnostic.help = fmt::format("write {}(field: value)", scene.text(name));
  return true;
}

bool arrow_mixed_up(const Scene& scene, Diagnostic& diagnostic) {
  const TokenKind found = scene.found().kind;
  if (found == TokenKind::kFatArrow && !scene.reads(Reading::kMatch)) {
    diagnostic.message = "`=>` belongs to match arms";
    if (scene.follows(TokenKind::kRightParen)) {
      suggest(diagnostic, scene.span(scene.found()), "->", "before a result type write ->");
    }
    return true;
  }
  if (found == TokenKind::kArrow && scene.reads(Reading::kMatch)) {
    diagnostic.message = "an arm is written with =>";
    suggest(diagnostic, scene.span(scene.found()), "=>", "write =>");
    return true;
  }
  return false;
}

bool double_optional(const Scene& scene, Diagnostic& diagnostic) {
  const bool after_optional = scene.follows(TokenKind::kQuestion) && scene.found().kind == TokenKind::kQuestion;
  if (!after_optional) return false;
  diagnostic.message = "a type is optional once";
  suggest(diagnostic, scene.span(scene.found()), "", "drop one ?");
  return true;
}

bool bare_return(const Scene& scene, Diagnostic& diagnostic) {
  if (!scene.follows(TokenKind::kReturn)) return false;
  diagnostic.span = scene.span(*scene.previous());
  diagnostic.message = "after `return` I expected a value";
  diagnostic.help = "every `return` carries a value";
  return true;
}

bool reserved_name(const Scene& scene, Diagnostic& diagnostic) {
  const Token& found = scene.found();
  if (token_class(found.kind) != TokenClass::kReserved || !scene.reads(Reading::kName)) return false;
  diagnostic.message = fmt::format("{} is a reserved word and cannot be a name here", describe(found.kind));
  diagnostic.help = "reserved words may name fields, enumerators, parameters and slots";
  return true;
}

/// `if (x) return`: a body without braces.
bool body_without_braces(const Scene& scene, Diagnostic& diagnostic) {
  if (scene.failure.expected != TokenKind::kLeftBrace || !scene.reads(Reading::kBlock)) return false;
  diagnostic.message =
      fmt::format("I expected a block in braces before {}", describe(scene.found(), scene.source.text()));
  return true;
}

/// The bracket that the token that did not fit stands in.
const Token* innermost_bracket(const Scene& scene) {
  int depth = 0;
  for (std::size_t i = scene.failure.at; i-- > 0;) {
    const TokenKind kind = scene.tokens[i].kind;
    if (closes_bracket(kind)) ++depth;
    if (opens_bracket(kind) && depth-- == 0) return &scene.tokens[i];
  }
  return nullptr;
}

bool ends_item(TokenKind kind) {
  return is_name(kind) || token_class(kind) == TokenClass::kLiteral || closes_bracket(kind) ||
         kind == TokenKind::kTrue || kind == TokenKind::kFalse || kind == TokenKind::kAbsent;
}

bool missing_comma(const Scene& scene, Diagnostic& diagnostic) {
  constexpr std::array kSeparated = {Reading::kArguments,   Reading::kPrimary, Reading::kSuffix,
                                     Reading::kEnumeration, Reading::kUse,     Reading::kParameters};
  const bool inside = std::find(kSeparated.begin(), kSeparated.end(), scene.failure.reading) != kSeparated.end();
  const TokenKind found = scene.found().kind;
  const bool begins_item = is_name(found) || token_class(found) == TokenClass::kLiteral;
  if (!inside || !begins_item || scene.previous() == nullptr || !ends_item(scene.previous()->kind)) return false;
  if (innermost_bracket(scene) == nullptr) return false;
  diagnostic.message = fmt::format("before {} I expected a comma", describe(scene.found(), scene.source.text()));
  diagnostic.help = "lists, calls and enums separate their parts by commas";
  return true;
}

/// A keyword of statements where a value is read: somebody wrote a block.
bool block_as_value(const Scene& scene, Diagnostic& diagnostic) {
  const Token* before_brace = scene.previous(2);
  const TokenKind found = scene.found().kind;
  const bool statement = found == TokenKind::kLet || found == TokenKind::kVar || found == TokenKind::kReturn ||
                         found == TokenKind::kIf || found == TokenKind::kFor || found == TokenKind::kWhile;
  if (!statement || !scene.follows(TokenKind::kLeftBrace) || !scene.reads(Reading::kPrimary)) return false;
  diagnostic.code = Code::kMisplacedForm;
  diagnostic.span = scene.span(*scene.previous());
  if (before_brace != nullptr && before_brace->kind == TokenKind::kFatArrow) {
    diagnostic.message = "a match arm is one expression, not a block";
  } else if (before_brace != nullptr && before_brace->kind == TokenKind::kAssign) {
    diagnostic.message = "after `=` stands an expression, not a block";
    diagnostic.help = "a body in braces has no `=` before it";
  } else {
    diagnostic.message = "a block cannot stand here";
  }
  return true;
}

/// Whether the rule that is being read is the `else` of its block.
bool reads_otherwise(const Scene& scene) {
  int depth = 0;
  for (std::size_t i = scene.failure.at; i-- > 0;) {
    const TokenKind kind = scene.tokens[i].kind;
    if (closes_bracket(kind)) ++depth;
    if (opens_bracket(kind) && depth-- == 0) return false;
    if (depth == 0 && kind == TokenKind::kElse) return true;
    if (depth == 0 && kind == TokenKind::kWhen) return false;
  }
  return false;
}

bool rule_slip(const Scene& scene, Diagnostic& diagnostic) {
  if (!scene.reads(Reading::kReason) && !scene.reads(Reading::kRules)) return false;
  if (scene.found().kind == TokenKind::kRightBrace) return false;
  // A reason has failed behind its first name, which may be the value of the next rule.
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is read has begun with a token
  const Token& start = scene.reads(Reading::kReason) ? *scene.previous() : scene.found();
  if (reads_otherwise(scene)) {
    diagnostic.span = scene.span(start);
    diagnostic.message = "nothing may follow `else`: it is the last rule";
    return true;
  }
  if (!scene.reads(Reading::kReason)) return false;
  diagnostic.span = scene.span(start);
  diagnostic.message =
      start.first_on_line ? "the rule before this has no `when`" : "a reason is a string or a field of a row";
  return true;
}

bool with_braces(const Scene& scene, Diagnostic& diagnostic) {
  const bool brace_next =
      scene.found().kind == TokenKind::kWith && scene.tokens[scene.failure.at + 1].kind == TokenKind::kLeftBrace;
  const bool brace_here = scene.follows(TokenKind::kWith) && scene.found().kind == TokenKind::kLeftBrace;
  if (!brace_next && !brace_here) return false;
  diagnostic.message = "`with` takes its fields in parentheses";
  diagnostic.help = "write r with (field: value)";
  return true;
}

/// Where a declaration should begin: what stands there is a second unit, a slip of the pen, or left over.
bool no_declaration(const Scene& scene, Diagnostic& diagnostic) {
  if (!scene.reads(Reading::kDeclaration)) return false;
  const Token& found = scene.found();
  const std::string shown = describe(found, scene.source.text());
  if (found.kind == TokenKind::kSchema || found.kind == TokenKind::kPolicy || found.kind == TokenKind::kLibrary) {
    diagnostic.message = fmt::format("{} begins another unit; a file holds one", shown);
  } else if (!found.first_on_line && scene.previous() != nullptr) {
    diagnostic.message =
        fmt::format("{} does not fit after {}", shown, describe(*scene.previous(), scene.source.text()));
  } else {
    diagnostic.message = fmt::format("I expected a declaration, found {}", shown);
    struct Row {
      std::string_view theirs;
      std::string_view ours;
    };
    constexpr std::array kForeign = {Row{"def", "fn"},     Row{"function", "fn"}, Row{"func", "fn"},
                                     Row{"fun", "fn"},     Row{"import", "use"},  Row{"include", "use"},
                                     Row{"let", "const"},  Row{"var", "const"},   Row{"struct", "record"},
                                     Row{"type", "record"}};
    const auto row =
        std::find_if(kForeign.begin(), kForeign.end(), [&](const Row& r) { return r.theirs == scene.text(found); });
    if (row != kForeign.end()) {
      suggest(diagnostic, diagnostic.span, row->ours, fmt::format("write {}", row->ours));
      return true;
    }
    constexpr std::array<std::string_view, 11> kWords = {"record", "enum",  "capability", "slot", "tier",   "use",
                                                         "config", "const", "fn",         "test", "default"};
    const auto near = found.kind == TokenKind::kName ? support::nearest(scene.text(found), kWords) : std::nullopt;
    if (near) suggest(diagnostic, diagnostic.span, *near, fmt::format("did you mean {}?", *near));
  }
  return true;
}

/// `kind: common.Kind`: a type is one name.
bool dotted_type(const Scene& scene, Diagnostic& diagnostic) {
  const Token* before = scene.previous(2);
  if (scene.found().kind != TokenKind::kDot || before == nullptr || !is_name(scene.previous()->kind)) return false;
  const Token& type = scene.tokens[scene.failure.at + 1];
  constexpr std::array kBeforeType = {TokenKind::kColon, TokenKind::kArrow, TokenKind::kLess, TokenKind::kComma};
  const bool type_stands_here = std::find(kBeforeType.begin(), kBeforeType.end(), before->kind) != kBeforeType.end();
  if (!type_stands_here || !is_name(type.kind) || scene.reads(Reading::kArguments)) return false;
  diagnostic.message = "a type has one name, without its library";
  diagnostic.help = fmt::format("take it over at the top: use {}.{}", scene.text(*scene.previous()), scene.text(type));
  return true;
}

/// `i++`: the parser stops at the second sign.
bool step_by_one(const Scene& scene, Diagnostic& diagnostic) {
  const bool doubled = scene.follows(TokenKind::kPlus) && scene.previous()->end == scene.found().begin;
  if (scene.found().kind != TokenKind::kPlus || !doubled) return false;
  diagnostic.message = "there is no `++`";
  diagnostic.help = "write i += 1";
  return true;
}

/// `r with (c.d: 1)`: the parser stops at the `:`.
bool dotted_field(const Scene& scene, Diagnostic& diagnostic) {
  const Token* dot = scene.previous(2);
  const Token* owner = scene.previous(3);
  if (scene.found().kind != TokenKind::kColon || dot == nullptr || owner == nullptr) return false;
  if (dot->kind != TokenKind::kDot || !is_name(owner->kind) || !is_name(scene.previous()->kind)) return false;
  if (innermost_bracket(scene) == nullptr) return false;
  const std::string_view outer = scene.text(*owner);
  diagnostic.message = "a field is named by one name";
  diagnostic.help =
      fmt::format("nest them: r with ({}: r.{} with ({}: …))", outer, outer, scene.text(*scene.previous()));
  return true;
}

/// `switch x { … }`, read as a name and a value behind it.
bool foreign_switch(const Scene& scene, Diagnostic& diagnostic) {
  std::size_t start = scene.failure.at;
  while (start > 0 && !scene.tokens[start].first_on_line) --start;
  const Token& word = scene.tokens[start];
  if (word.kind != TokenKind::kName || scene.text(word) != "switch" || start == scene.failure.at) return false;
  diagnostic.span = scene.span(word);
  diagnostic.message = "there is no `switch`";
  diagnostic.help = "write match x { 1 => a, 2 => b, _ => c }";
  return true;
}

/// `let x = if c { a } else { b }`.
bool if_as_value(const Scene& scene, Diagnostic& diagnostic) {
  const bool value_wanted = scene.previous() != nullptr && needs_value(scene.previous()->kind);
  if (scene.found().kind != TokenKind::kIf || !value_wanted || scene.found().first_on_line) return false;
  diagnostic.message = "`if` gives no value";
  diagnostic.help = "write c ? a : b";
  return true;
}

using Slip = bool (*)(const Scene&, Diagnostic&);
constexpr std::array<Slip, 21> kSlips = {
    dotted_type,    step_by_one,         dotted_field,    foreign_switch, if_as_value,   glued_type_end,
    single_equals,  foreign_word,        foreign_not,     single_pipe,    with_braces,   record_with_braces,
    block_as_value, arrow_mixed_up,      double_optional, bare_return,    reserved_name, missing_comma,
    rule_slip,      body_without_braces, no_declaration};

}  // namespace

std::optional<std::string_view> operator_of(std::string_view word) {
  struct Row {
    std::string_view word;
    std::string_view ours;
  };
  constexpr std::array kRows = {Row{"and", "&&"}, Row{"or", "||"}, Row{"AND", "&&"}, Row{"OR", "||"}, Row{"is", "=="}};
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.word == word; });
  return row == kRows.end() ? std::nullopt : std::optional(row->ours);
}

Diagnostic explain(const SyntaxFailure& failure, const std::vector<Token>& tokens, const SourceFile& source) {
  const Scene scene{failure, tokens, source};
  Diagnostic diagnostic;
  diagnostic.code = Code::kUnexpectedToken;
  diagnostic.span = scene.span(scene.found());
  const Token* previous = scene.previous();
  if (previous != nullptr && (scene.found().kind == TokenKind::kEndOfFile || lacks_its_value(scene))) {
    diagnostic.span.begin = diagnostic.span.end = previous->end;  // on the line of the mistake, not on the next
  }
  for (const Slip slip : kSlips) {
    if (slip(scene, diagnostic)) return diagnostic;
  }
  const std::string found = describe(scene.found(), source.text());
  diagnostic.message = previous == nullptr ? fmt::format("I expected {}, found {}", wanted(scene), found)
                                           : fmt::format("after {} I expected {}, found {}",
                                                         describe(*previous, source.text()), wanted(scene), found);
  return diagnostic;
}

}  // namespace writ::frontend
