#include "frontend/scan.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "frontend/syntax_error.h"
#include "support/limits.h"

namespace writ::frontend {
namespace {

using support::Code;
using support::Diagnostics;
using support::SourceFile;
using support::Span;
namespace limits = support::limits;

/// A bracket that waits for its other half, and what is being counted directly inside it.
struct Open {
  Token token;
  bool lines_matter = true;  // false in ( ), [ ] and the braces of an f-string
  bool one_line = false;     // inside a one-line f-string's braces
  int matches = 0;           // `match` whose `{` has not come yet
  int questions = 0;         // `?` whose `:` has not come yet
  int type_depth = 0;        // `<` after a name whose `>` has not come yet
  int else_ifs = 0;
};

/// What closes `kind`; only for kinds that open.
TokenKind closer_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::kLeftParen:
    case TokenKind::kCallOpen:
      return TokenKind::kRightParen;
    case TokenKind::kLeftBracket:
    case TokenKind::kIndexOpen:
      return TokenKind::kRightBracket;
    case TokenKind::kFStringOpen:
      return TokenKind::kFStringClose;
    default:
      return TokenKind::kRightBrace;
  }
}

/// May stand between a type's `<` and its `>`; anything else shows that the `<` was a comparison.
bool fits_in_type(TokenKind kind) {
  return is_name(kind) || kind == TokenKind::kLess || kind == TokenKind::kGreater || kind == TokenKind::kComma ||
         kind == TokenKind::kQuestion || opens_bracket(kind) || closes_bracket(kind);
}

class Scanner {
 public:
  Scanner(const SourceFile& source, const std::vector<InvisibleCharacter>& invisible, Diagnostics& diagnostics)
      : source_(source), text_(source.text()), invisible_(invisible), diagnostics_(diagnostics) {}

  Scan run(const std::vector<Token>& lexed) {
    out_.tokens.reserve(lexed.size());
    for (const Token& token : lexed) {
      if (!take(token)) return std::move(out_);
    }
    check_all_closed();
    check_remaining_invisible();
    return std::move(out_);
  }

 private:
  Span span(const Token& token) const { return {source_.id(), token.begin, token.end}; }
  std::string_view text(const Token& token) const { return text_.substr(token.begin, token.end - token.begin); }
  /// The kind of the `back`-th kept token from the end; end of file before the first.
  TokenKind before(std::size_t back) const {
    const std::size_t size = out_.tokens.size();
    return back <= size ? out_.tokens[size - back].kind : TokenKind::kEndOfFile;
  }

  // All steps below return false after an error that makes the rest of the text meaningless.

  bool take(Token token) {
    token.first_on_line = line_breaks_before(token);
    check_invisible(token);
    switch (token_class(token.kind)) {
      case TokenClass::kComment:
        return take_comment(token);
      case TokenClass::kWrong:
        return comment_opens_.empty() ? report_wrong(token) : true;
      default:
        return comment_opens_.empty() ? keep(token) : true;
    }
  }

  bool keep(Token token) {
    if (breaks_fstring(token)) return false;
    last_end_ = token.end;
    attach_docs();
    if (is_name(token.kind)) check_name(token);
    if (joins_with_a_word(token) || has_three_dots(token)) return false;
    split_maybe_dot_before_number(token);
    retype_open_range(token);
    retype_continuation(token);
    retype_after_expect(token);
    if (!count(token)) return false;
    if (closes_bracket(token.kind) && !close(token)) return false;
    if (opens_bracket(token.kind) && !open(token)) return false;
    is_range_of_operand_ = token.kind == TokenKind::kRange && operand_ends_here();
    out_.tokens.push_back(token);
    return true;
  }

  // ---- what the parser would read as two statements, or as one that means something else ----------------------

  /// `a and b`, `not a`.
  bool joins_with_a_word(const Token& token) {
    const bool operand = is_name(token.kind) || token_class(token.kind) == TokenClass::kLiteral ||
                         token.kind == TokenKind::kTrue || token.kind == TokenKind::kFalse;
    if (!operand || token.first_on_line || before(1) != TokenKind::kName) return false;
    const Token& word = out_.tokens.back();
    std::optional<std::string_view> ours;
    if (text(word) == "not") {
      if (wants_condition(before(2))) ours = "!";
    } else if (!word.first_on_line && operand_ends_here(2) && !starts_declaration(before(2))) {
      ours = operator_of(text(word));
    }
    if (!ours) return false;
    auto& diagnostic =
        diagnostics_.error(Code::kUnexpectedToken, span(word), fmt::format("`{}` is no operator of Writ", text(word)));
    diagnostic.help = fmt::format("write {}", *ours);
    diagnostic.fix = support::Fix{span(word), std::string(*ours)};
    return true;
  }

  static bool wants_condition(TokenKind before) {
    constexpr std::array kKinds = {TokenKind::kReturn,    TokenKind::kAssign, TokenKind::kWhen,
                                   TokenKind::kIf,        TokenKind::kWhile,  TokenKind::kExpect,
                                   TokenKind::kLeftParen, TokenKind::kAnd,    TokenKind::kOr};
    return std::ranges::find(kKinds, before) != kKinds.end();
  }

  /// `1...5` is `1..` and `.5` to the lexer.
  bool has_three_dots(const Token& token) {
    if (token.kind != TokenKind::kNumber || before(1) != TokenKind::kRange || text(token).front() != '.' ||
        out_.tokens.back().end != token.begin) {
      return false;
    }
    const Span dots{source_.id(), out_.tokens.back().begin, token.begin + 1};
    auto& diagnostic = diagnostics_.error(Code::kUnexpectedToken, dots, "`...` means nothing in Writ");
    diagnostic.help = "write a..b, which leaves b out";
    diagnostic.fix = support::Fix{dots, ".."};
    return true;
  }

  bool line_breaks_before(const Token& token) const {
    const std::string_view gap = text_.substr(last_end_, token.begin - last_end_);
    return last_end_ == 0 || gap.find('\n') != std::string_view::npos;
  }

  // ---- tokens that are wrong in themselves --------------------------------------------------------------------

  bool report_wrong(const Token& token) {
    switch (token.kind) {
      case TokenKind::kUnterminated:
        if (!open_.empty() && open_.back().one_line && open_.back().token.kind != TokenKind::kFStringOpen) {
          return broken_fstring();  // its quote was the f-string's own
        }
        diagnostics_.error(Code::kUnterminated, unterminated_span(token), "this string has no end");
        return true;
      case TokenKind::kBadWord:
        if (!was_invisible_) {
          diagnostics_.error(Code::kBadName, span(token),
                             "this word is not a name: names are ASCII letters, digits and _");
        }
        return true;
      case TokenKind::kFStringLoneBrace:
        diagnostics_.error(Code::kUnexpectedToken, span(token), "this `}` closes nothing in the f-string").help =
            "write }} for a brace";
        return true;
      default:
        report_unknown(token);
        return true;
    }
  }

  /// The whole string, also where the lexer found the line's end only after pieces of an f-string.
  Span unterminated_span(const Token& token) {
    std::uint32_t begin = token.begin;
    if (!open_.empty() && open_.back().token.kind == TokenKind::kFStringOpen) {
      begin = open_.back().token.begin;
      open_.pop_back();
    }
    const bool at_line_end = token.end - token.begin == 1 && text(token).find_first_of("\r\n") == 0;
    return {source_.id(), begin, at_line_end ? token.begin : token.end};
  }

  void report_unknown(const Token& token) {
    const char c = text(token).front();
    auto& diagnostic =
        diagnostics_.error(Code::kUnexpectedToken, span(token), fmt::format("`{}` means nothing in Writ", c));
    switch (c) {
      case '&':
        diagnostic.help = "write && for `and`";
        diagnostic.fix = support::Fix{span(token), "&&"};
        break;
      case '#':
        diagnostic.help = "a comment begins with //";
        diagnostic.fix = support::Fix{span(token), "//"};
        break;
      case '`':
        diagnostic.help = "strings stand in \" or '";
        break;
      default:
        break;
    }
  }

  void check_name(const Token& token) {
    if (token.end - token.begin <= static_cast<std::uint32_t>(limits::kNameBytes)) return;
    diagnostics_.error(
        Code::kBadName, span(token),
        fmt::format("this name has {} bytes, {} are allowed", token.end - token.begin, limits::kNameBytes));
  }

  // ---- invisible characters ------------------------------------------------------------------------------------

  /// Judges the invisible characters up to the end of `token`: those inside a string are only flagged.
  void check_invisible(const Token& token) {
    was_invisible_ = false;
    const bool is_text =
        token.kind == TokenKind::kString || token.kind == TokenKind::kBytes || token.kind == TokenKind::kFStringText;
    for (; next_invisible_ < invisible_.size() && invisible_[next_invisible_].begin < token.end; ++next_invisible_) {
      const InvisibleCharacter& character = invisible_[next_invisible_];
      const bool inside = character.begin >= token.begin;
      report_invisible(character, inside && is_text);
      was_invisible_ |= inside;
    }
  }

  void check_remaining_invisible() {
    for (; next_invisible_ < invisible_.size(); ++next_invisible_) {
      report_invisible(invisible_[next_invisible_], false);
    }
  }

  void report_invisible(const InvisibleCharacter& character, bool in_string) {
    const Span at{source_.id(), character.begin, character.end};
    if (!in_string) {
      diagnostics_.error(
          Code::kForbiddenCharacter, at,
          fmt::format("the invisible character U+{:04X} may not stand outside strings", character.code_point));
      return;
    }
    support::Diagnostic warning;
    warning.code = Code::kHiddenCharacter;
    warning.span = at;
    warning.message = fmt::format("this string holds the invisible character U+{:04X}", character.code_point);
    warning.help = fmt::format("write it as an escape: \\U{:08x}", character.code_point);
    diagnostics_.add(std::move(warning));
  }

  // ---- comments -------------------------------------------------------------------------------------------------

  bool take_comment(const Token& token) {
    if (token.kind == TokenKind::kCommentOpen) {
      if (comment_opens_.size() == static_cast<std::size_t>(limits::kNesting)) {
        too_deep(span(token), "comments", limits::kNesting);
        return false;
      }
      comment_opens_.push_back(token);
    } else if (token.kind == TokenKind::kCommentClose) {
      comment_opens_.pop_back();
    } else if (token.kind == TokenKind::kDocComment) {
      docs_.push_back(token);
    }
    return true;
  }

  void attach_docs() {
    if (docs_.empty()) return;
    DocComment doc{
        static_cast<std::uint32_t>(out_.tokens.size()), support::join(span(docs_.front()), span(docs_.back())), {}};
    for (const Token& line : docs_) {
      std::string_view content = text(line).substr(3);
      if (content.starts_with(' ')) content.remove_prefix(1);
      if (content.ends_with('\r')) content.remove_suffix(1);
      if (&line != &docs_.front()) doc.text += '\n';
      doc.text += content;
    }
    out_.docs.push_back(std::move(doc));
    docs_.clear();
  }

  // ---- retyping -------------------------------------------------------------------------------------------------

  /// `c ?.5 : 1`: before a digit `?.` is a `?` and the start of a number.
  void split_maybe_dot_before_number(Token& token) {
    if (token.kind != TokenKind::kNumber || before(1) != TokenKind::kMaybeDot) return;
    Token& dot = out_.tokens.back();
    if (dot.end != token.begin) return;
    dot.kind = TokenKind::kQuestion;
    --dot.end;
    --token.begin;
    if (!open_.empty()) ++open_.back().questions;
  }

  /// `x in 1..`: no operand begins behind it, or only on the next line where lines matter. A `{` begins none: no set ends a range.
  void retype_open_range(const Token& next) {
    if (!is_range_of_operand_ || before(1) != TokenKind::kRange) return;
    if (same_line(next) && begins_operand(next.kind)) return;
    out_.tokens.back().kind = TokenKind::kOpenRange;
  }

  static bool begins_operand(TokenKind kind) {
    switch (kind) {
      case TokenKind::kLeftParen:
      case TokenKind::kLeftBracket:
      case TokenKind::kMinus:
      case TokenKind::kNot:
      case TokenKind::kFStringOpen:
      case TokenKind::kTrue:
      case TokenKind::kFalse:
      case TokenKind::kAbsent:
      case TokenKind::kMatch:
      case TokenKind::kDecide:
      case TokenKind::kCollect:
        return true;
      default:
        return is_name(kind) || token_class(kind) == TokenClass::kLiteral;
    }
  }

  bool same_line(const Token& token) const {
    return !token.first_on_line || (!open_.empty() && !open_.back().lines_matter);
  }

  /// The line rule: a `(`, `[` or `-` continues the expression that ends before it on the same line, or anywhere where lines do
  /// not matter.
  void retype_continuation(Token& token) const {
    if (!same_line(token) || !operand_ends_here()) return;
    switch (token.kind) {
      case TokenKind::kLeftParen:
        token.kind = TokenKind::kCallOpen;
        return;
      case TokenKind::kLeftBracket:
        token.kind = TokenKind::kIndexOpen;
        return;
      case TokenKind::kMinus:
        token.kind = TokenKind::kInfixMinus;
        return;
      default:
        return;
    }
  }

  bool operand_ends_here(std::size_t back = 1) const {
    const TokenKind last = before(back);
    if (before(back + 1) == TokenKind::kTrap) return false;  // what follows a trap's name is a new expression
    switch (last) {
      case TokenKind::kRightParen:
      case TokenKind::kRightBracket:
      case TokenKind::kRightBrace:
      case TokenKind::kFStringClose:
      case TokenKind::kTrue:
      case TokenKind::kFalse:
      case TokenKind::kAbsent:
        return true;
      default:
        break;
    }
    if (token_class(last) == TokenClass::kReserved) {
      const TokenKind dot = before(back + 1);  // x.match is a name
      return dot == TokenKind::kDot || dot == TokenKind::kMaybeDot || dot == TokenKind::kDotMaybe;
    }
    return is_name(last) || token_class(last) == TokenClass::kLiteral;
  }

  /// `expect trap NAME` and `expect emitted NAME`: anywhere else the two words are names.
  void retype_after_expect(const Token& token) {
    if (!is_name(token.kind) || before(1) != TokenKind::kName || before(2) != TokenKind::kExpect) return;
    Token& word = out_.tokens.back();
    if (text(word) == "trap") word.kind = TokenKind::kTrap;
    if (text(word) == "emitted") word.kind = TokenKind::kEmitted;
  }

  // ---- brackets -------------------------------------------------------------------------------------------------

  bool open(const Token& token) {
    if (!deepen(token)) return false;
    Open entry;
    entry.token = token;
    entry.lines_matter = token.kind == TokenKind::kLeftBrace;
    const bool inherits = !open_.empty() && open_.back().one_line;
    const bool one_line_fstring = token.kind == TokenKind::kFStringOpen && token.end - token.begin == 2;
    entry.one_line = inherits || one_line_fstring;
    open_.push_back(entry);
    return true;
  }

  bool close(const Token& token) {
    const auto fits = [&](const Open& entry) { return closer_of(entry.token.kind) == token.kind; };
    if (!open_.empty() && fits(open_.back())) {
      depth_ -= 1 + open_.back().matches + open_.back().questions + open_.back().type_depth;
      open_.pop_back();
      return true;
    }
    const auto partner = std::find_if(open_.rbegin(), open_.rend(), fits);
    if (partner == open_.rend()) {
      auto& stray = diagnostics_.error(Code::kUnclosedBracket, span(token),
                                       fmt::format("this {} closes nothing", describe(token.kind)));
      if (!open_.empty()) stray.labels.push_back({span(open_.back().token), "this is open here"});
      return false;
    }
    auto& diagnostic = unclosed(open_.back().token);
    diagnostic.labels.push_back({span(token), fmt::format("this {} closes the {} outside it", describe(token.kind),
                                                          describe(partner->token.kind))});
    return false;
  }

  support::Diagnostic& unclosed(const Token& opener) {
    if (opener.kind == TokenKind::kFStringOpen) {
      return diagnostics_.error(Code::kUnterminated, span(opener), "this f-string has no end");
    }
    return diagnostics_.error(Code::kUnclosedBracket, span(opener),
                              fmt::format("this {} is never closed", describe(opener.kind)));
  }

  void check_all_closed() {
    if (!comment_opens_.empty()) {
      diagnostics_.error(Code::kUnterminated, span(comment_opens_.front()), "this comment has no end");
      return;
    }
    if (open_.empty()) return;
    if (!suspect_) {
      unclosed(open_.back().token);
      return;
    }
    unclosed(suspect_->first).labels.push_back({span(suspect_->second), "a declaration begins here, still inside it"});
  }

  /// A line end inside the braces of a one-line f-string.
  bool breaks_fstring(const Token& token) {
    if (!token.first_on_line || open_.empty() || !open_.back().one_line) return false;
    broken_fstring();
    return true;
  }

  bool broken_fstring() {
    const auto fstring = std::find_if(open_.begin(), open_.end(), [](const Open& entry) { return entry.one_line; });
    diagnostics_.error(Code::kUnterminated, span(fstring->token), "this f-string does not end on its line").help =
        "an f-string over several lines stands in f\"\"\"…\"\"\"";
    return false;
  }

  // ---- what makes a parser recurse ------------------------------------------------------------------------------

  bool too_deep(Span at, std::string_view what, std::int64_t limit) {
    diagnostics_.error(Code::kNestingTooDeep, at, fmt::format("{} are nested more than {} deep", what, limit));
    return false;
  }

  bool deepen(const Token& token) {
    if (++depth_ <= limits::kNesting) return true;
    return too_deep(span(token), "brackets", limits::kNesting);
  }

  bool count(const Token& token) {
    note_suspect(token);
    if (!count_unary(token)) return false;
    Open& level = open_.empty() ? ground_ : open_.back();
    return count_else_if(token, level) && count_ternary(token, level) && count_match(token, level) &&
           count_type(token, level);
  }

  /// A declaration at the left margin inside a `{`: the brace that was open there is probably the one that lacks its end.
  void note_suspect(const Token& token) {
    if (suspect_ || open_.empty() || !starts_declaration(token.kind)) return;
    const bool at_margin = token.begin == 0 || text_[token.begin - 1] == '\n';
    if (at_margin) suspect_ = {open_.back().token, token};
  }

  bool count_unary(const Token& token) {
    const bool prefix = token.kind == TokenKind::kMinus || token.kind == TokenKind::kNot;
    unary_run_ = prefix ? unary_run_ + 1 : 0;
    if (unary_run_ <= limits::kUnaryChain) return true;
    return too_deep(span(token), "unary operators", limits::kUnaryChain);
  }

  bool count_else_if(const Token& token, Open& level) {
    if (token.kind != TokenKind::kIf) return true;
    level.else_ifs = before(1) == TokenKind::kElse ? level.else_ifs + 1 : 0;
    if (level.else_ifs <= limits::kElseIfChain) return true;
    return too_deep(span(token), "`else if` branches", limits::kElseIfChain);
  }

  /// `a ? b ? …`: a `?` of a type is counted too and forgotten at the next `:`, `->` or `,`, which no ternary goes across.
  bool count_ternary(const Token& token, Open& level) {
    switch (token.kind) {
      case TokenKind::kQuestion:
        ++level.questions;
        return deepen(token);
      case TokenKind::kColon:
        depth_ -= level.questions > 0 ? 1 : 0;
        level.questions -= level.questions > 0 ? 1 : 0;
        return true;
      case TokenKind::kArrow:
      case TokenKind::kComma:
      case TokenKind::kFn:
      case TokenKind::kAssign:
        depth_ -= level.questions;
        level.questions = 0;
        return true;
      default:
        return true;
    }
  }

  /// `match match …`: the subject nests without a bracket until its `{`.
  bool count_match(const Token& token, Open& level) {
    if (token.kind == TokenKind::kMatch && !names_a_member()) {
      ++level.matches;
      return deepen(token);
    }
    const bool was_a_name =
        before(1) == TokenKind::kMatch && (token.kind == TokenKind::kColon || token.kind == TokenKind::kComma);
    if (level.matches > 0 && (was_a_name || token.kind == TokenKind::kLeftBrace)) {
      --level.matches;
      --depth_;
    }
    return true;
  }

  bool names_a_member() const {
    const TokenKind dot = before(1);
    return dot == TokenKind::kDot || dot == TokenKind::kMaybeDot || dot == TokenKind::kDotMaybe;
  }

  /// `list<list<…`: whether a `<` after a name is a type's, only its `>` tells, so comparisons count until something shows what they
  /// are. Only the three generic types have the small limit of types.
  bool count_type(const Token& token, Open& level) {
    if (token.kind == TokenKind::kLess && is_name(before(1))) {
      ++level.type_depth;
      if (level.type_depth > limits::kTypeNesting && is_generic(out_.tokens.back())) {
        return too_deep(span(token), "types", limits::kTypeNesting);
      }
      return deepen(token);
    }
    const bool next_in_list =
        token.kind == TokenKind::kComma && closer_of(level.token.kind) == TokenKind::kRightBracket;
    if (token.kind == TokenKind::kGreater && level.type_depth > 0) {
      --level.type_depth;
      --depth_;
    } else if (next_in_list || !fits_in_type(token.kind)) {
      depth_ -= level.type_depth;
      level.type_depth = 0;
    }
    return true;
  }

  bool is_generic(const Token& name) const {
    const std::string_view word = text(name);
    return word == "list" || word == "set" || word == "map";
  }

  const SourceFile& source_;
  std::string_view text_;
  const std::vector<InvisibleCharacter>& invisible_;
  Diagnostics& diagnostics_;

  Scan out_;
  std::vector<Open> open_;
  Open ground_;  // what is counted outside all brackets
  std::vector<Token> comment_opens_;
  std::vector<Token> docs_;  // not yet followed by a token
  std::optional<std::pair<Token, Token>> suspect_;
  std::size_t next_invisible_ = 0;
  std::uint32_t last_end_ = 0;  // of the last token that is no comment
  std::int64_t depth_ = 0;
  std::int64_t unary_run_ = 0;
  bool is_range_of_operand_ = false;  // the last token is a `..` with an operand before it
  bool was_invisible_ = false;
};

}  // namespace

Scan scan(const SourceFile& source, const std::vector<Token>& lexed, const std::vector<InvisibleCharacter>& invisible,
          Diagnostics& diagnostics) {
  return Scanner(source, invisible, diagnostics).run(lexed);
}

}  // namespace writ::frontend
