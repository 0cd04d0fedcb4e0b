#include "frontend/parser.h"

#include <antlr4-runtime.h>
#include <fmt/core.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "frontend/lexical.h"
#include "frontend/scan.h"
#include "frontend/source_text.h"
#include "frontend/syntax_error.h"
#include "grammar/WritLexer.h"
#include "grammar/WritParser.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::frontend {
namespace {

using grammar::WritLexer;
using grammar::WritParser;
using support::Code;
using support::Diagnostics;
using support::SourceFile;
using support::Span;
namespace limits = support::limits;

// ---- the two tables that repeat the grammar's order ------------------------------------------------------------

#define WRIT_TOKEN(name, grammar_name, token_class, shown) \
  static_assert(static_cast<int>(TokenKind::k##name) == static_cast<int>(WritLexer::grammar_name));
#include "frontend/tokens.def"
#undef WRIT_TOKEN

constexpr std::size_t kRuleCount = WritParser::RuleWord + 1;

/// The reading of each rule; derives from the parser only to see its rule numbers by their short names.
struct ReadingOfRule : WritParser {
  static constexpr std::array<Reading, kRuleCount> table() {
    std::array<Reading, kRuleCount> readings{};
    std::array<bool, kRuleCount> seen{};
    const auto set = [&](Reading reading, std::initializer_list<int> rules) {
      for (const int rule : rules) {
        readings[static_cast<std::size_t>(rule)] = reading;
        seen[static_cast<std::size_t>(rule)] = true;
      }
    };
#define WRIT_READING(name, grammar_rules, wanted) set(Reading::k##name, {grammar_rules});
#include "frontend/readings.def"
#undef WRIT_READING
    return std::find(seen.begin(), seen.end(), false) == seen.end()
               ? readings
               : throw "a rule of WritParser.g4 stands in no row of readings.def";
  }
};
constexpr std::array<Reading, kRuleCount> kReadings = ReadingOfRule::table();

// ---- text and tokens as ANTLR wants them -----------------------------------------------------------------------

/// A text as a stream of bytes. Positions are byte offsets, which is what spans are made of.
class ByteStream final : public antlr4::CharStream {
 public:
  explicit ByteStream(std::string_view text) : text_(text) {}

  void consume() override { ++at_; }
  std::size_t LA(ssize_t i) override {
    const std::size_t wanted = at_ + static_cast<std::size_t>(i) - (i > 0 ? 1 : 0);
    return wanted < text_.size() ? static_cast<unsigned char>(text_[wanted]) : EOF;
  }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = index; }
  std::size_t size() override { return text_.size(); }
  std::string getSourceName() const override { return {}; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string toString() const override { return {}; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// The generated lexer without its token objects: each token is read off the lexer's own fields.
class TokenLexer final : public WritLexer {
 public:
  explicit TokenLexer(ByteStream* text) : WritLexer(text) { removeErrorListeners(); }

  Token next() {
    if (modeStack.empty()) pushMode(DEFAULT_MODE);  // an unmatched `}` must find something to pop
    nextToken();
    const auto end = static_cast<std::uint32_t>(getCharIndex());
    if (ended_ || type == antlr4::Token::EOF) return {TokenKind::kEndOfFile, false, end, end};
    return {static_cast<TokenKind>(type), false, static_cast<std::uint32_t>(tokenStartCharIndex), end};
  }

  antlr4::Token* emit() override { return nullptr; }
  antlr4::Token* emitEOF() override {
    ended_ = true;
    return nullptr;
  }

 private:
  using WritLexer::emit;
  bool ended_ = false;
};

/// A token of ours in ANTLR's interface.
class TapeToken final : public antlr4::Token {
 public:
  TapeToken(frontend::Token token, std::size_t index) : token_(token), index_(index) {}

  std::size_t getType() const override {
    return token_.kind == TokenKind::kEndOfFile ? EOF : static_cast<std::size_t>(token_.kind);
  }
  std::size_t getTokenIndex() const override { return index_; }
  std::size_t getStartIndex() const override { return token_.begin; }
  std::size_t getStopIndex() const override { return token_.end; }
  std::size_t getLine() const override { return 0; }
  std::size_t getCharPositionInLine() const override { return 0; }
  std::size_t getChannel() const override { return DEFAULT_CHANNEL; }
  std::string getText() const override { return {}; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return {}; }

 private:
  frontend::Token token_;
  std::size_t index_;
};

/// The scanned tokens, ready to be read back and forth.
class TokenTape final : public antlr4::TokenStream {
 public:
  explicit TokenTape(const std::vector<Token>& tokens) {
    tokens_.reserve(tokens.size());
    for (const Token& token : tokens) tokens_.emplace_back(token, tokens_.size());
  }

  void consume() override { at_ = std::min(at_ + 1, tokens_.size() - 1); }
  antlr4::Token* LT(ssize_t k) override {
    if (k < 0) return static_cast<std::size_t>(-k) <= at_ ? &tokens_[at_ - static_cast<std::size_t>(-k)] : nullptr;
    return &tokens_[std::min(at_ + static_cast<std::size_t>(k) - 1, tokens_.size() - 1)];
  }
  std::size_t LA(ssize_t k) override { return LT(k)->getType(); }
  antlr4::Token* get(std::size_t index) const override { return const_cast<TapeToken*>(&tokens_.at(index)); }
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override { at_ = std::min(index, tokens_.size() - 1); }
  std::size_t size() override { return tokens_.size(); }
  std::string getSourceName() const override { return {}; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText() override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }

 private:
  std::vector<TapeToken> tokens_;
  std::size_t at_ = 0;
};

/// Stops at the first token that does not fit and remembers where that was. Repairs and prints nothing.
class StopAtFirstError final : public antlr4::BailErrorStrategy {
 public:
  std::optional<SyntaxFailure> failure;

  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    note(*parser, parser->getCurrentToken()->getTokenIndex());
    const auto fits = parser->getATN().nextTokens(parser->getATN().states[parser->getState()]);
    if (fits.size() == 1 && fits.getSingleElement() > 0) {
      failure->expected = static_cast<TokenKind>(fits.getSingleElement());
    }
    throw antlr4::ParseCancellationException("stopped");
  }
  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override {
    note(*parser, error.getOffendingToken()->getTokenIndex());
  }
  void recover(antlr4::Parser*, std::exception_ptr) override { throw antlr4::ParseCancellationException("stopped"); }

 private:
  void note(antlr4::Parser& parser, std::size_t at) {
    failure = SyntaxFailure{at, kReadings[parser.getContext()->getRuleIndex()], std::nullopt};
  }
};

// ---- ANTLR's cache ---------------------------------------------------------------------------------------------

/// The parser's look-ahead states, which make every parse but the first fast. One for the process, because warmth is: a parser
/// costs 20 ms cold. Ours instead of the generated code's own, so that it can be emptied. INVARIANT: used under `mutex` only.
struct WarmCache {
  std::mutex mutex;
  std::vector<antlr4::dfa::DFA> decisions;
  antlr4::atn::PredictionContextCache contexts;

  void refill(const antlr4::atn::ATN& atn) {
    decisions.clear();
    contexts.clear();
    for (std::size_t i = 0; i < atn.getNumberOfDecisions(); ++i) {
      decisions.emplace_back(atn.getDecisionState(i), i);
    }
  }
  std::size_t states() const {
    std::size_t count = 0;
    for (const auto& decision : decisions) count += decision.states.size();
    return count;
  }
};

WarmCache& warm_cache() {
  static WarmCache cache;
  return cache;
}

/// The generated parser over a tape, with the warm cache behind it. INVARIANT: the caller holds the cache's mutex.
class TreeParser {
 public:
  TreeParser(WarmCache& cache, TokenTape& tape)
      : cache_(cache), tape_(tape), parser_(&tape), strategy_(std::make_shared<StopAtFirstError>()) {
    if (cache.decisions.empty()) cache.refill(parser_.getATN());
    parser_.setInterpreter(
        new antlr4::atn::ParserATNSimulator(&parser_, parser_.getATN(), cache.decisions, cache.contexts));
    parser_.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::SLL);
    parser_.removeErrorListeners();
    parser_.setErrorHandler(strategy_);
  }
  ~TreeParser() {
    if (cache_.states() > static_cast<std::size_t>(limits::kParserStates)) cache_.decisions.clear();
  }
  TreeParser(const TreeParser&) = delete;
  TreeParser& operator=(const TreeParser&) = delete;

  /// Reads one `rule` from where the tape stands; null after a failure.
  template <class Context>
  Context* read(Context* (WritParser::*rule)()) {
    strategy_->failure.reset();
    try {
      return (parser_.*rule)();
    } catch (const antlr4::ParseCancellationException&) {
      WRIT_CHECK(strategy_->failure.has_value());
      parser_.setContext(nullptr);
      return nullptr;
    }
  }
  const SyntaxFailure& failure() const { return *strategy_->failure; }
  bool at_end() const { return tape_.LA(1) == antlr4::Token::EOF; }
  std::size_t position() const { return tape_.index(); }
  void seek(std::size_t token) { tape_.seek(token); }
  /// Frees the parse trees read so far.
  void drop_trees() { parser_.getTreeTracker().reset(); }
  WritParser& generated() { return parser_; }

 private:
  WarmCache& cache_;
  TokenTape& tape_;
  WritParser parser_;
  std::shared_ptr<StopAtFirstError> strategy_;
};

// ---- the tree builder ------------------------------------------------------------------------------------------

/// An expression with the height of its tree, which is kept under a limit so that every later walk may recurse.
struct Tree {
  ast::ExprPtr expr;
  int height = 0;
};

/// How tightly an infix operator binds; larger is tighter.
enum class Precedence { kNone, kOr, kAnd, kCompare, kRange, kCoalesce, kAdd, kMultiply };

struct InfixRow {
  TokenKind token;
  Precedence precedence;
  ast::BinaryOp op;  // meaningless for `..`
};

constexpr std::array kInfix = {
    InfixRow{TokenKind::kOr, Precedence::kOr, ast::BinaryOp::kOr},
    InfixRow{TokenKind::kAnd, Precedence::kAnd, ast::BinaryOp::kAnd},
    InfixRow{TokenKind::kEqual, Precedence::kCompare, ast::BinaryOp::kEqual},
    InfixRow{TokenKind::kNotEqual, Precedence::kCompare, ast::BinaryOp::kNotEqual},
    InfixRow{TokenKind::kLess, Precedence::kCompare, ast::BinaryOp::kLess},
    InfixRow{TokenKind::kLessEqual, Precedence::kCompare, ast::BinaryOp::kLessEqual},
    InfixRow{TokenKind::kGreater, Precedence::kCompare, ast::BinaryOp::kGreater},
    InfixRow{TokenKind::kGreaterEqual, Precedence::kCompare, ast::BinaryOp::kGreaterEqual},
    InfixRow{TokenKind::kIn, Precedence::kCompare, ast::BinaryOp::kIn},
    InfixRow{TokenKind::kRange, Precedence::kRange, ast::BinaryOp::kOr},
    InfixRow{TokenKind::kOpenRange, Precedence::kRange, ast::BinaryOp::kOr},
    InfixRow{TokenKind::kOrElse, Precedence::kCoalesce, ast::BinaryOp::kCoalesce},
    InfixRow{TokenKind::kPlus, Precedence::kAdd, ast::BinaryOp::kAdd},
    InfixRow{TokenKind::kInfixMinus, Precedence::kAdd, ast::BinaryOp::kSubtract},
    InfixRow{TokenKind::kStar, Precedence::kMultiply, ast::BinaryOp::kMultiply},
    InfixRow{TokenKind::kSlash, Precedence::kMultiply, ast::BinaryOp::kDivide},
    InfixRow{TokenKind::kPercent, Precedence::kMultiply, ast::BinaryOp::kRemainder},
};

/// An operand longer than this is not repeated in a message.
constexpr std::size_t kShownOperandBytes = 40;

const InfixRow& infix_row(TokenKind kind) {
  const auto row = std::find_if(kInfix.begin(), kInfix.end(), [&](const InfixRow& r) { return r.token == kind; });
  WRIT_CHECK(row != kInfix.end());
  return *row;
}

/// Parse trees to syntax trees: the only reader of parse trees. Member functions are named for the rules they read.
class TreeBuilder {
 public:
  TreeBuilder(const SourceFile& source, const Scan& scan, Diagnostics& diagnostics)
      : source_(source),
        tokens_(scan.tokens),
        docs_(scan.docs),
        doc_used_(scan.docs.size()),
        diagnostics_(diagnostics) {}

  void edition(WritParser::EditionContext* ctx, ast::File& file) {
    file.doc = doc_at(ctx);
    file.edition = whole_number(ctx->NUMBER());
    file.edition_span = span(ctx);
  }

  void header(WritParser::HeaderContext* ctx, ast::File& file) {
    switch (first(ctx).kind) {
      case TokenKind::kSchema:
        file.kind = ast::UnitKind::kSchema;
        break;
      case TokenKind::kLibrary:
        file.kind = ast::UnitKind::kLibrary;
        break;
      default:
        file.kind = ast::UnitKind::kPolicy;
        break;
    }
    const std::string doc = doc_at(ctx);
    if (!doc.empty()) file.doc = doc;
    file.name = name(ctx->name(0));
    if (ctx->FOR() != nullptr) file.schema = name(ctx->name(1));
    if (file.kind == ast::UnitKind::kSchema && file.schema) {
      error(Code::kMisplacedForm, file.schema->span, "a schema is for no other schema");
    }
    if (file.kind != ast::UnitKind::kSchema && !file.schema) {
      error(Code::kMissingPart, span(ctx), "this unit does not say which schema it is for").help =
          fmt::format("write {} {} for SCHEMA", source_.text(span(first(ctx))), file.name.text);
    }
  }

  void declaration(WritParser::DeclarationContext* ctx, ast::File& file) {
    too_deep_reported_ = false;
    ast::Decl decl;
    decl.span = span(ctx);
    decl.doc = doc_at(ctx);
    decl.is_private = ctx->PRIVATE() != nullptr;
    if (declaration_node(ctx, decl)) file.decls.push_back(std::move(decl));
  }

  ast::ExprPtr lone_expression(WritParser::Lone_expressionContext* ctx) { return expr(ctx->expression()); }

  ast::Let lone_binding(WritParser::Lone_bindingContext* ctx) {
    ast::Let out = let(ctx->binding());
    if (out.is_var) {
      error(Code::kMisplacedForm, out.name.span, "a prompt has no `var`").help =
          fmt::format("write let {} = …: a name may be given again", out.name.text);
    }
    return out;
  }

  /// Doc comments that no declaration took.
  void report_stray_docs() {
    for (std::size_t i = 0; i < docs_.size(); ++i) {
      if (doc_used_[i]) continue;
      support::Diagnostic warning;
      warning.code = Code::kStrayDocComment;
      warning.span = docs_[i].span;
      warning.message = "this doc comment stands before nothing that has documentation";
      warning.help = "a plain comment begins with two slashes";
      diagnostics_.add(std::move(warning));
    }
  }

 private:
  // ---- places ---------------------------------------------------------------------------------------------------

  const Token& token(antlr4::Token* t) const { return tokens_[t->getTokenIndex()]; }
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): asked of nodes that were read
  const Token& token(antlr4::tree::TerminalNode* node) const { return token(node->getSymbol()); }
  const Token& first(antlr4::ParserRuleContext* ctx) const { return token(ctx->start); }
  const Token& last(antlr4::ParserRuleContext* ctx) const { return token(ctx->stop); }
  Span span(const Token& t) const { return {source_.id(), t.begin, t.end}; }
  Span span(antlr4::ParserRuleContext* ctx) const { return {source_.id(), first(ctx).begin, last(ctx).end}; }
  Span span(antlr4::tree::TerminalNode* node) const { return span(token(node)); }
  template <class Where>
  std::string text(Where where) const {
    return std::string(source_.text(span(where)));
  }

  support::Diagnostic& error(Code code, Span at, std::string message) {
    return diagnostics_.error(code, at, std::move(message));
  }

  /// The doc comment before `ctx`, if there is one.
  std::string doc_at(antlr4::ParserRuleContext* ctx) {
    const auto index = static_cast<std::uint32_t>(ctx->start->getTokenIndex());
    const auto doc = std::lower_bound(docs_.begin(), docs_.end(), index,
                                      [](const DocComment& d, std::uint32_t i) { return d.token < i; });
    if (doc == docs_.end() || doc->token != index) return {};
    doc_used_[static_cast<std::size_t>(doc - docs_.begin())] = true;
    return doc->text;
  }

  // ---- names and literals ---------------------------------------------------------------------------------------

  /// A `name`, `word` or `enumerator`.
  ast::Name name(antlr4::ParserRuleContext* ctx) const { return {text(ctx), span(ctx)}; }
  ast::Name name(antlr4::tree::TerminalNode* node) const { return {text(node), span(node)}; }

  template <class Contexts>
  std::vector<ast::Name> names(const Contexts& contexts) const {
    std::vector<ast::Name> out;
    for (auto* ctx : contexts) out.push_back(name(ctx));
    return out;
  }

  template <class Node>
  static Tree make(Node node, Span span, int height = 1) {
    auto expr = std::make_unique<ast::Expr>();
    expr->span = span;
    expr->node = std::move(node);
    return {std::move(expr), height};
  }

  void literal_error(const Token& t, const LiteralError& wrong, Code code) {
    error(code, {source_.id(), t.begin + wrong.begin, t.begin + wrong.end}, wrong.message).help = wrong.help;
  }

  Tree number(const Token& t) {
    const auto value = decode_number(source_.text(span(t)));
    if (!value) {
      literal_error(t, value.error(), Code::kBadNumber);
      return make(ast::IntLiteral{0, false}, span(t));
    }
    if (const auto* integer = std::get_if<IntValue>(&*value)) {
      return make(ast::IntLiteral{integer->magnitude, integer->is_uint}, span(t));
    }
    if (const auto* duration = std::get_if<DurationValue>(&*value)) {
      return make(ast::DurationLiteral{duration->nanoseconds}, span(t));
    }
    return make(ast::DoubleLiteral{std::get<double>(*value)}, span(t));
  }

  /// A number that must be a plain count or a size, such as a cost.
  std::optional<std::uint64_t> whole_number(antlr4::tree::TerminalNode* node) {
    const Tree tree = number(token(node));
    if (const auto* value = std::get_if<ast::IntLiteral>(&tree.expr->node)) return value->magnitude;
    error(Code::kBadNumber, span(node), "this must be a whole number");
    return std::nullopt;
  }

  std::string string(const Token& t) {
    auto value = decode_string(source_.text(span(t)));
    if (value) return std::move(*value);
    literal_error(t, value.error(), Code::kBadEscape);
    return {};
  }

  Tree literal(const Token& t) {
    switch (t.kind) {
      case TokenKind::kNumber:
        return number(t);
      case TokenKind::kString:
        return make(ast::StringLiteral{string(t)}, span(t));
      case TokenKind::kBytes:
        return make(ast::BytesLiteral{string(t)}, span(t));
      case TokenKind::kAbsent:
        return make(ast::AbsentLiteral{}, span(t));
      default:
        return make(ast::BoolLiteral{t.kind == TokenKind::kTrue}, span(t));
    }
  }

  // ---- types ----------------------------------------------------------------------------------------------------

  ast::TypeExpr type(WritParser::TypeContext* ctx) {
    ast::TypeExpr out;
    out.name = name(ctx->name());
    out.span = span(ctx);
    if (auto* arguments = ctx->type_arguments()) {
      for (auto* argument : arguments->type()) out.arguments.push_back(type(argument));
    }
    if (auto* bounds = ctx->type_bounds()) out.bounds = type_bounds(bounds->low, bounds->high, span(bounds));
    out.optional = ctx->QUESTION() != nullptr || ctx->OR_ELSE() != nullptr;
    if (auto* twice = ctx->OR_ELSE()) {
      auto& diagnostic = error(Code::kMisplacedForm, span(twice), "a type is optional once");
      diagnostic.help = "drop one ?";
      diagnostic.fix = support::Fix{span(twice), "?"};
    }
    return out;
  }

  std::optional<ast::TypeExpr> maybe_type(WritParser::TypeContext* ctx) {
    return ctx == nullptr ? std::nullopt : std::optional(type(ctx));
  }
  std::optional<ast::TypeExpr> maybe_type(WritParser::ResultContext* ctx) {
    return ctx == nullptr ? std::nullopt : std::optional(type(ctx->type()));
  }

  ast::Bounds type_bounds(WritParser::LimitContext* low, WritParser::LimitContext* high, Span at) {
    if (low == nullptr && high == nullptr) error(Code::kMissingPart, at, "these bounds have no end");
    return {limit(low), limit(high), at};
  }

  ast::ExprPtr limit(WritParser::LimitContext* ctx) {
    if (ctx == nullptr) return nullptr;
    Tree value = number(token(ctx->NUMBER()));
    if (ctx->MINUS() == nullptr) return std::move(value.expr);
    return make(ast::Unary{ast::UnaryOp::kNegate, std::move(value.expr)}, span(ctx)).expr;
  }

  // ---- expressions ----------------------------------------------------------------------------------------------

  ast::ExprPtr expr(WritParser::ExpressionContext* ctx) { return expression(ctx).expr; }

  Tree expression(WritParser::ExpressionContext* ctx) {
    Tree tree = expression_or_range(ctx);
    if (const auto* range = std::get_if<ast::Range>(&tree.expr->node); range != nullptr) misplaced_range(tree);
    return tree;
  }

  /// After `in` of a `for`, where a range may stand.
  ast::ExprPtr iterable(WritParser::ExpressionContext* ctx) { return expression_or_range(ctx).expr; }

  void misplaced_range(const Tree& tree) {
    error(Code::kMisplacedRange, tree.expr->span, "a range stands only after `in`").help =
        "write x in a..b, or for x in a..b { … }";
  }

  /// A tree over `height` levels of others. Too high a tree is reported once a declaration, and cut off so that nothing deep is
  /// ever built or destroyed.
  template <class Node>
  Tree grow(Node node, Span at, int height) {
    if (height < limits::kChainTerms) return make(std::move(node), at, height + 1);
    if (!too_deep_reported_) {
      error(Code::kExpressionTooDeep, at,
            fmt::format("this expression has more than {} operators in one tree", limits::kChainTerms))
          .help = "name its parts with let";
    }
    too_deep_reported_ = true;
    return make(ast::AbsentLiteral{}, at);
  }

  Tree expression_or_range(WritParser::ExpressionContext* ctx) {
    const auto conditions = ctx->operation();
    if (conditions.size() == 1) return operation(conditions.front());
    // c1 ? v1 : c2 ? v2 : v3, from the right.
    const auto values = ctx->expression();
    Tree otherwise = plain_operation(conditions.back());
    for (std::size_t i = values.size(); i-- > 0;) {
      Tree condition = plain_operation(conditions[i]);
      Tree then = expression(values[i]);
      const Span at = support::join(condition.expr->span, otherwise.expr->span);
      const int height = std::max({condition.height, then.height, otherwise.height});
      otherwise =
          grow(ast::Ternary{std::move(condition.expr), std::move(then.expr), std::move(otherwise.expr)}, at, height);
    }
    return otherwise;
  }

  Tree plain_operation(WritParser::OperationContext* ctx) {
    Tree tree = operation(ctx);
    if (std::holds_alternative<ast::Range>(tree.expr->node)) misplaced_range(tree);
    return tree;
  }

  /// Operator precedence over the grammar's flat list, by two stacks.
  Tree operation(WritParser::OperationContext* ctx) {
    std::vector<Tree> trees;
    std::vector<const Token*> pending;
    const auto reduce_before = [&](const Token& op) {
      while (!pending.empty() && binds_before(*pending.back(), op, trees.back().expr->span)) reduce(trees, pending);
    };
    for (auto* child : ctx->children) {
      if (auto* next = dynamic_cast<WritParser::OperandContext*>(child)) {
        trees.push_back(operand(next));
      } else if (auto* sign = dynamic_cast<WritParser::InfixContext*>(child)) {
        const Token& op = first(sign);
        reduce_before(op);
        pending.push_back(&op);
      } else {
        const Token& op = token(dynamic_cast<antlr4::tree::TerminalNode*>(child));
        reduce_before(op);
        trees.back() = open_range(std::move(trees.back()), op);
      }
    }
    while (!pending.empty()) reduce(trees, pending);
    return std::move(trees.front());
  }

  /// Whether `left` takes the operand between the two.
  bool binds_before(const Token& left, const Token& right, Span between) {
    const Precedence a = infix_row(left.kind).precedence;
    const Precedence b = infix_row(right.kind).precedence;
    if (a == b && a == Precedence::kCompare) comparison_chain(left, right, between);
    return a == b ? a != Precedence::kCoalesce : a > b;
  }

  void comparison_chain(const Token& left, const Token& right, Span between) {
    const std::string middle(source_.text(between));
    auto& diagnostic = error(Code::kComparisonChain, span(right), "comparisons do not chain");
    diagnostic.labels.push_back({span(left), "the first comparison is here"});
    if (!orders(left.kind) || !orders(right.kind) || middle.size() > kShownOperandBytes) return;
    diagnostic.help = fmt::format("compare twice: … {} {} && {} {} …", text(left), middle, middle, text(right));
    diagnostic.fix = support::Fix{{source_.id(), between.end, between.end}, " && " + middle};
  }

  static bool orders(TokenKind kind) {
    return kind == TokenKind::kLess || kind == TokenKind::kLessEqual || kind == TokenKind::kGreater ||
           kind == TokenKind::kGreaterEqual;
  }

  void reduce(std::vector<Tree>& trees, std::vector<const Token*>& pending) {
    const Token& op = *pending.back();
    pending.pop_back();
    Tree right = std::move(trees.back());
    trees.pop_back();
    trees.back() = combine(std::move(trees.back()), op, std::move(right));
  }

  Tree combine(Tree left, const Token& op, Tree right) {
    const InfixRow& row = infix_row(op.kind);
    const Span at = support::join(left.expr->span, right.expr->span);
    const int height = std::max(left.height, right.height);
    const bool right_may_be_range = op.kind == TokenKind::kIn;
    if (std::holds_alternative<ast::Range>(left.expr->node)) misplaced_range(left);
    if (!right_may_be_range && std::holds_alternative<ast::Range>(right.expr->node)) misplaced_range(right);
    if (op.kind == TokenKind::kRange) {
      return grow(ast::Range{std::move(left.expr), std::move(right.expr)}, at, height);
    }
    return grow(ast::Binary{row.op, span(op), std::move(left.expr), std::move(right.expr)}, at, height);
  }

  Tree open_range(Tree low, const Token& op) {
    if (std::holds_alternative<ast::Range>(low.expr->node)) misplaced_range(low);
    const Span at = support::join(low.expr->span, span(op));
    const int height = low.height;
    return grow(ast::Range{std::move(low.expr), nullptr}, at, height);
  }

  Tree operand(WritParser::OperandContext* ctx) {
    Tree tree = primary(ctx->primary());
    for (auto* next : ctx->suffix()) tree = suffix(next, std::move(tree));
    const auto prefix_begin = ctx->start->getTokenIndex();
    for (std::size_t i = ctx->primary()->start->getTokenIndex(); i-- > prefix_begin;) {
      const ast::UnaryOp op = tokens_[i].kind == TokenKind::kNot ? ast::UnaryOp::kNot : ast::UnaryOp::kNegate;
      const Span at = support::join(span(tokens_[i]), tree.expr->span);
      const int height = tree.height;
      tree = grow(ast::Unary{op, std::move(tree.expr)}, at, height);
    }
    return tree;
  }

  Tree suffix(WritParser::SuffixContext* ctx, Tree object) {
    const Token& kind = first(ctx);
    const Span at = support::join(object.expr->span, span(last(ctx)));
    if (auto* key = ctx->expression()) {
      Tree inner = expression(key);
      const int height = std::max(object.height, inner.height);
      return grow(ast::Index{std::move(object.expr), std::move(inner.expr), ctx->QUESTION() != nullptr}, at, height);
    }
    if (kind.kind == TokenKind::kCallOpen) {
      Arguments list = arguments(ctx->arguments());
      const int height = std::max(object.height, list.height);
      if (!may_be_called(*object.expr) && !too_deep_reported_)
        error(Code::kMisplacedForm, object.expr->span, "only a name can be called");
      return grow(ast::Call{std::move(object.expr), std::move(list.items), list.fill}, at, height);
    }
    if (kind.kind == TokenKind::kWith) return with(ctx, std::move(object), at);
    const int height = object.height;
    return grow(ast::Member{std::move(object.expr), name(ctx->word()), dot(kind.kind)}, at, height);
  }

  static ast::Dot dot(TokenKind kind) {
    if (kind == TokenKind::kDot) return ast::Dot::kPlain;
    return kind == TokenKind::kMaybeDot ? ast::Dot::kMaybe : ast::Dot::kAsk;
  }

  static bool may_be_called(const ast::Expr& callee) {
    return std::holds_alternative<ast::NameRef>(callee.node) || std::holds_alternative<ast::Member>(callee.node);
  }

  Tree with(WritParser::SuffixContext* ctx, Tree object, Span at) {
    Arguments list = arguments(ctx->arguments());
    for (const ast::Argument& argument : list.items) {
      if (!argument.name) error(Code::kMisplacedForm, argument.value->span, "`with` takes named fields only");
    }
    if (list.fill) error(Code::kMisplacedForm, span(ctx), "`..` stands only in a record literal");
    const int height = std::max(object.height, list.height);
    return grow(ast::With{std::move(object.expr), std::move(list.items)}, at, height);
  }

  struct Arguments {
    std::vector<ast::Argument> items;
    bool fill = false;
    int height = 0;
  };

  Arguments arguments(WritParser::ArgumentsContext* ctx) {
    Arguments out;
    for (auto* argument : ctx->argument()) {
      if (out.fill) {
        error(Code::kMisplacedForm, span(argument), "nothing may follow `..`");
        break;
      }
      if (argument->RANGE() != nullptr) {
        out.fill = true;
        continue;
      }
      Tree value = expression(argument->expression());
      out.height = std::max(out.height, value.height);
      ast::Argument item;
      if (auto* word = argument->word()) item.name = name(word);
      item.value = std::move(value.expr);
      out.items.push_back(std::move(item));
    }
    return out;
  }

  Tree primary(WritParser::PrimaryContext* ctx) {
    if (auto* bare = ctx->name()) return make(ast::NameRef{text(bare)}, span(bare));
    if (auto* constant = ctx->literal()) return literal(first(constant));
    if (auto* text_with_holes = ctx->fstring()) return fstring(text_with_holes);
    if (auto* choice = ctx->match_expression()) return match(choice);
    if (auto* block = ctx->rule_block()) return rule_block(block);
    switch (first(ctx).kind) {
      case TokenKind::kLeftParen:
        return parenthesised(ctx);
      case TokenKind::kLeftBracket:
        return list(ctx);
      default:
        return braces(ctx);
    }
  }

  /// Parentheses leave no node, but their span: a message about the operand points at all of it.
  Tree parenthesised(WritParser::PrimaryContext* ctx) {
    Tree tree = expression(ctx->expression());
    tree.expr->span = span(ctx);
    return tree;
  }

  Tree list(WritParser::PrimaryContext* ctx) {
    ast::ListLiteral out;
    int height = 0;
    for (auto* element : ctx->element()) {
      Tree tree = expression(element->expression());
      height = std::max(height, tree.height);
      out.elements.push_back({std::move(tree.expr), element->QUESTION() != nullptr});
    }
    return grow(std::move(out), span(ctx), height);
  }

  /// A set, or a map where an entry has a `:`; `{}` is a map until types tell.
  Tree braces(WritParser::PrimaryContext* ctx) {
    const auto entries = ctx->entry();
    const bool is_set =
        !entries.empty() && entries.front()->COLON() == nullptr && entries.front()->QUESTION() == nullptr;
    ast::SetLiteral set;
    ast::MapLiteral map;
    int height = 0;
    for (auto* entry : entries) {
      Tree key = expression(entry->expression(0));
      height = std::max(height, key.height);
      if (is_set) {
        if (entry->COLON() != nullptr || entry->QUESTION() != nullptr) {
          error(Code::kMisplacedForm, span(entry), "an entry of a map stands among the elements of a set");
          break;
        }
        set.elements.push_back(std::move(key.expr));
        continue;
      }
      if (entry->COLON() == nullptr) {
        error(Code::kMisplacedForm, span(entry), "this entry of a map has no value").help = "write key: value";
        break;
      }
      Tree value = expression(entry->expression(1));
      height = std::max(height, value.height);
      map.entries.push_back({std::move(key.expr), std::move(value.expr), entry->QUESTION() != nullptr});
    }
    return is_set ? grow(std::move(set), span(ctx), height) : grow(std::move(map), span(ctx), height);
  }

  Tree fstring(WritParser::FstringContext* ctx) {
    ast::FString out;
    int height = 0;
    for (auto* child : ctx->children) {
      if (auto* hole = dynamic_cast<WritParser::ExpressionContext*>(child)) {
        Tree tree = expression(hole);
        height = std::max(height, tree.height);
        out.parts.emplace_back(std::move(tree.expr));
        continue;
      }
      const Token& t = token(dynamic_cast<antlr4::tree::TerminalNode*>(child));
      if (t.kind != TokenKind::kFStringText) continue;
      auto piece = decode_fstring_text(source_.text(span(t)));
      if (!piece) literal_error(t, piece.error(), Code::kBadEscape);
      append_text(out, piece ? std::move(*piece) : std::string());
    }
    return grow(std::move(out), span(ctx), height);
  }

  static void append_text(ast::FString& out, std::string piece) {
    auto* last = out.parts.empty() ? nullptr : std::get_if<std::string>(&out.parts.back());
    if (last != nullptr) {
      *last += piece;
    } else {
      out.parts.emplace_back(std::move(piece));
    }
  }

  Tree match(WritParser::Match_expressionContext* ctx) {
    ast::Match out;
    Tree subject = expression(ctx->expression());
    int height = subject.height;
    out.subject = std::move(subject.expr);
    for (auto* arm : ctx->arm()) {
      Tree value = expression(arm->expression());
      height = std::max(height, value.height);
      ast::MatchArm item;
      for (auto* alternative : arm->pattern()) item.patterns.push_back(pattern(alternative));
      item.value = std::move(value.expr);
      item.span = span(arm);
      out.arms.push_back(std::move(item));
    }
    return grow(std::move(out), span(ctx), height);
  }

  ast::Pattern pattern(WritParser::PatternContext* ctx) {
    ast::Pattern out{};
    out.span = span(ctx);
    const Token& head = first(ctx);
    if (head.kind == TokenKind::kSome) {
      out.kind = ast::Pattern::Kind::kSome;
      out.binding = name(ctx->name());
    } else if (head.kind == TokenKind::kAbsent) {
      out.kind = ast::Pattern::Kind::kAbsent;
    } else if (ctx->word() == nullptr && ctx->name() != nullptr && text(head) == "_") {
      out.kind = ast::Pattern::Kind::kRest;
    } else {
      out.kind = ast::Pattern::Kind::kValue;
      out.value = pattern_value(ctx);
    }
    return out;
  }

  ast::ExprPtr pattern_value(WritParser::PatternContext* ctx) {
    if (auto* head = ctx->name()) {
      Tree tree = make(ast::NameRef{text(head)}, span(head));
      if (ctx->word() == nullptr) return std::move(tree.expr);
      return make(ast::Member{std::move(tree.expr), name(ctx->word()), ast::Dot::kPlain}, span(ctx)).expr;
    }
    if (ctx->MINUS() == nullptr) return literal(first(ctx)).expr;
    Tree value = number(token(ctx->NUMBER()));
    return make(ast::Unary{ast::UnaryOp::kNegate, std::move(value.expr)}, span(ctx)).expr;
  }

  // ---- decide and collect ---------------------------------------------------------------------------------------

  Tree rule_block(WritParser::Rule_blockContext* ctx) {
    int height = 0;
    std::vector<ast::RuleItem> items = rule_items(ctx->rule_item(), height);
    auto* otherwise = ctx->otherwise();
    if (ctx->COLLECT() != nullptr) {
      if (otherwise != nullptr) {
        error(Code::kMisplacedForm, span(otherwise->ELSE()), "`collect` has no `else`").help =
            "no rule that holds gives the empty list";
      }
      return grow(ast::Collect{std::move(items)}, span(ctx), height);
    }
    ast::Decide out;
    out.items = std::move(items);
    if (otherwise != nullptr) {
      Tree value = expression(otherwise->expression());
      height = std::max(height, value.height);
      out.otherwise =
          ast::Rule{std::move(value.expr), reason(otherwise->reason(), otherwise->expression(), height), nullptr};
      out.else_span = span(otherwise->ELSE());
    }
    return grow(std::move(out), span(ctx), height);
  }

  std::vector<ast::RuleItem> rule_items(const std::vector<WritParser::Rule_itemContext*>& contexts, int& height) {
    std::vector<ast::RuleItem> out;
    for (auto* ctx : contexts) {
      if (ctx->SEMICOLON() != nullptr) continue;
      ast::RuleItem item;
      item.span = span(ctx);
      if (auto* rule = ctx->decision()) {
        item.node = decision(rule, height);
      } else if (auto* bound = ctx->binding()) {
        item.node = rule_let(bound, height);
      } else {
        item.node = rule_for(ctx, height);
      }
      out.push_back(std::move(item));
    }
    return out;
  }

  ast::Rule decision(WritParser::DecisionContext* ctx, int& height) {
    Tree value = expression(ctx->expression(0));
    Tree condition = expression(ctx->expression(1));
    height = std::max({height, value.height, condition.height});
    return {std::move(value.expr), reason(ctx->reason(), ctx->expression(0), height), std::move(condition.expr)};
  }

  ast::RuleLet rule_let(WritParser::BindingContext* ctx, int& height) {
    if (ctx->VAR() != nullptr) {
      error(Code::kMisplacedForm, span(ctx->VAR()), "between rules stands `let`; nothing there changes").fix =
          support::Fix{span(ctx->VAR()), "let"};
    }
    Tree value = expression(ctx->expression());
    height = std::max(height, value.height);
    return {name(ctx->name()), maybe_type(ctx->type()), std::move(value.expr)};
  }

  ast::RuleFor rule_for(WritParser::Rule_itemContext* ctx, int& height) {
    Tree rows = expression_or_range(ctx->expression());
    height = std::max(height, rows.height);
    return {names(ctx->loop_names()->name()), std::move(rows.expr), rule_items(ctx->rule_item(), height)};
  }

  ast::ExprPtr reason(WritParser::ReasonContext* ctx, WritParser::ExpressionContext* value, int& height) {
    if (ctx == nullptr) return nullptr;
    if (first(ctx).first_on_line) {
      error(Code::kMisplacedForm, span(ctx), "a reason stands on the line where its value ends")
          .labels.push_back({span(value), "the value is here"});
    }
    if (ctx->STRING() != nullptr) return literal(first(ctx)).expr;
    Tree tree = make(ast::NameRef{text(ctx->name())}, span(ctx->name()));
    for (auto* field : ctx->word()) {
      const Span at = support::join(tree.expr->span, span(field));
      const int below = tree.height;
      tree = grow(ast::Member{std::move(tree.expr), name(field), ast::Dot::kPlain}, at, below);
    }
    height = std::max(height, tree.height);
    return std::move(tree.expr);
  }

  // ---- statements -----------------------------------------------------------------------------------------------

  ast::Block block(WritParser::BlockContext* ctx) {
    ast::Block out;
    for (auto* next : ctx->statement()) {
      if (auto made = statement(next)) out.push_back(std::move(*made));
    }
    return out;
  }

  template <class Node>
  static ast::Stmt stmt(Node node, Span span) {
    ast::Stmt out;
    out.span = span;
    out.node = std::move(node);
    return out;
  }

  std::optional<ast::Stmt> statement(WritParser::StatementContext* ctx) {
    const Span at = span(ctx);
    if (auto* bound = ctx->binding()) return stmt(let(bound), at);
    if (auto* choice = ctx->if_statement()) return stmt(if_statement(choice), at);
    if (auto* wish = ctx->expectation()) return expectation(wish);
    switch (first(ctx).kind) {
      case TokenKind::kFor:
        return stmt(ast::For{names(ctx->loop_names()->name()), iterable(ctx->expression(0)), block(ctx->block())}, at);
      case TokenKind::kWhile:
        return stmt(ast::While{expr(ctx->expression(0)), block(ctx->block())}, at);
      case TokenKind::kReturn:
        return stmt(ast::Return{expr(ctx->expression(0))}, at);
      case TokenKind::kBreak:
        return stmt(ast::Break{}, at);
      case TokenKind::kContinue:
        return stmt(ast::Continue{}, at);
      case TokenKind::kGiven:
        return given(ctx);
      case TokenKind::kWith:
        return stmt(ast::WithConfig{knobs(ctx)}, at);
      default:
        return expression_statement(ctx);
    }
  }

  ast::Let let(WritParser::BindingContext* ctx) {
    return {ctx->VAR() != nullptr, name(ctx->name()), maybe_type(ctx->type()), expr(ctx->expression())};
  }

  /// if … else if … else …: from the last branch back, so that the chain nests without recursion.
  ast::If if_statement(WritParser::If_statementContext* ctx) {
    const auto conditions = ctx->condition();
    const auto blocks = ctx->block();
    std::optional<ast::Block> otherwise;
    if (blocks.size() > conditions.size()) otherwise = block(blocks.back());
    for (std::size_t i = conditions.size(); i-- > 0;) {
      ast::If branch = if_branch(conditions[i], blocks[i]);
      branch.otherwise = std::move(otherwise);
      if (i == 0) return branch;
      ast::Block one;
      one.push_back(stmt(std::move(branch), {source_.id(), first(conditions[i]).begin, last(ctx).end}));
      otherwise = std::move(one);
    }
    WRIT_UNREACHABLE();
  }

  ast::If if_branch(WritParser::ConditionContext* condition, WritParser::BlockContext* body) {
    ast::If out;
    if (condition->LET() != nullptr) out.binding = name(condition->name());
    out.condition = expr(condition->expression());
    out.then = block(body);
    return out;
  }

  ast::Stmt expression_statement(WritParser::StatementContext* ctx) {
    const auto sides = ctx->expression();
    if (sides.size() == 1) {
      check_stands_alone(ctx);
      return stmt(ast::ExprStmt{expr(sides[0])}, span(ctx));
    }
    const ast::AssignOp op = ctx->PLUS_ASSIGN() != nullptr    ? ast::AssignOp::kAdd
                             : ctx->MINUS_ASSIGN() != nullptr ? ast::AssignOp::kSubtract
                                                              : ast::AssignOp::kSet;
    return stmt(ast::Assign{expr(sides[0]), op, expr(sides[1])}, span(ctx));
  }

  /// What reads as a statement of its own but was meant as something else.
  void check_stands_alone(WritParser::StatementContext* ctx) {
    const Token& head = first(ctx);
    const std::size_t index = ctx->start->getTokenIndex();
    if (head.kind == TokenKind::kLeftBrace) {
      const Token& before = tokens_[index - 1];
      const bool record = !head.first_on_line && before.kind == TokenKind::kName;
      error(Code::kMisplacedForm, span(head),
            record ? "a record is built with parentheses" : "a block cannot stand alone")
          .help = record ? fmt::format("write {}(field: value)", text(before)) : "";
    } else if (starts_declaration(head.kind) && ctx->start == ctx->stop && !tokens_[index + 1].first_on_line) {
      error(Code::kMisplacedForm, span(head),
            fmt::format("{} begins a declaration, which cannot stand in a block", describe(head.kind)));
    }
  }

  // ---- tests ----------------------------------------------------------------------------------------------------

  /// given CAPABILITY.FUNCTION(ARGUMENT…) = ANSWER
  std::optional<ast::Stmt> given(WritParser::StatementContext* ctx) {
    Tree left = expression(ctx->expression(0));
    auto* call = std::get_if<ast::Call>(&left.expr->node);
    auto* callee = call == nullptr ? nullptr : std::get_if<ast::Member>(&call->callee->node);
    auto* capability = callee == nullptr ? nullptr : std::get_if<ast::NameRef>(&callee->object->node);
    if (capability == nullptr || callee->dot != ast::Dot::kPlain) {
      error(Code::kMisplacedForm, left.expr->span, "`given` takes a call of a capability's function").help =
          "write given geo.country(_) = \"DE\"";
      return std::nullopt;
    }
    ast::Given out;
    out.capability = {std::move(capability->name), callee->object->span};
    out.function = std::move(callee->field);
    for (ast::Argument& argument : call->arguments) {
      const auto* word = std::get_if<ast::NameRef>(&argument.value->node);
      const bool any = word != nullptr && word->name == "_";
      out.arguments.push_back(any ? nullptr : std::move(argument.value));
    }
    out.answer = expr(ctx->expression(1));
    return stmt(std::move(out), span(ctx));
  }

  std::vector<ast::Argument> knobs(WritParser::StatementContext* ctx) {
    std::vector<ast::Argument> out;
    for (auto* knob : ctx->knob()) out.push_back({name(knob->word()), expr(knob->expression())});
    return out;
  }

  ast::Stmt expectation(WritParser::ExpectationContext* ctx) {
    if (ctx->TRAP() != nullptr) return stmt(ast::ExpectTrap{name(ctx->name()), expr(ctx->expression())}, span(ctx));
    if (ctx->EMITTED() != nullptr) return stmt(ast::ExpectEmitted{expr(ctx->expression())}, span(ctx));
    ast::ExpectValue out;
    out.condition = expr(ctx->expression());
    if (auto* because = ctx->STRING()) {
      out.because = string(token(because));
      out.because_span = span(because);
    }
    return stmt(std::move(out), span(ctx));
  }

  // ---- declarations ---------------------------------------------------------------------------------------------

  /// False where the declaration is so incomplete that it has no node.
  bool declaration_node(WritParser::DeclarationContext* ctx, ast::Decl& decl) {
    if (auto* record_ctx = ctx->record()) {
      decl.node = record(record_ctx);
    } else if (auto* enum_ctx = ctx->enumeration()) {
      decl.node = enumeration(enum_ctx);
    } else if (auto* capability_ctx = ctx->capability()) {
      decl.node = capability(capability_ctx);
    } else if (auto* slot_ctx = ctx->slot()) {
      return slot(slot_ctx, decl);
    } else if (auto* tier_ctx = ctx->tier()) {
      decl.node = tier(tier_ctx);
    } else if (auto* bounds_ctx = ctx->default_bounds()) {
      decl.node = default_bounds(bounds_ctx);
    } else if (auto* use_ctx = ctx->use()) {
      decl.node = use(use_ctx);
    } else if (auto* config_ctx = ctx->config()) {
      decl.node = config(config_ctx);
    } else if (auto* constant_ctx = ctx->constant()) {
      decl.node =
          ast::Const{name(constant_ctx->name()), maybe_type(constant_ctx->type()), expr(constant_ctx->expression())};
    } else if (auto* function_ctx = ctx->function()) {
      decl.node = ast::Function{name(function_ctx->name()), parameters(function_ctx->parameters()),
                                maybe_type(function_ctx->result()), body(function_ctx->body())};
    } else {
      auto* test_ctx = ctx->test();
      const Token& title = token(test_ctx->STRING());
      decl.node = ast::Test{string(title), span(title), block(test_ctx->block())};
    }
    return true;
  }

  ast::Record record(WritParser::RecordContext* ctx) {
    ast::Record out{name(ctx->name()), {}};
    for (auto* field : ctx->field()) {
      if (auto* where = field->WHERE()) {
        error(Code::kMisplacedForm, span(where), "a field of a record has no `where`").help =
            "bounds say what a field may hold: int(1..10)";
      }
      ast::Field item;
      item.doc = doc_at(field);
      item.name = name(field->word());
      item.type = type(field->type());
      if (field->ASSIGN() != nullptr) item.initial = expr(field->expression(0));
      out.fields.push_back(std::move(item));
    }
    return out;
  }

  ast::Config config(WritParser::ConfigContext* ctx) {
    ast::Config out;
    for (auto* field : ctx->field()) {
      ast::Knob knob;
      knob.doc = doc_at(field);
      knob.name = name(field->word());
      knob.type = type(field->type());
      const bool has_initial = field->ASSIGN() != nullptr;
      if (has_initial) knob.initial = expr(field->expression(0));
      if (field->WHERE() != nullptr) knob.where = expr(field->expression(has_initial ? 1 : 0));
      out.knobs.push_back(std::move(knob));
    }
    return out;
  }

  ast::Enum enumeration(WritParser::EnumerationContext* ctx) {
    ast::Enum out{name(ctx->name()), ctx->ORDERED() != nullptr, {}};
    for (auto* enumerator : ctx->enumerator()) out.enumerators.push_back({doc_at(enumerator), name(enumerator)});
    return out;
  }

  ast::Capability capability(WritParser::CapabilityContext* ctx) {
    ast::Capability out{name(ctx->name()), {}};
    for (auto* function : ctx->host_function()) out.functions.push_back(host_function(function));
    return out;
  }

  ast::CapabilityFn host_function(WritParser::Host_functionContext* ctx) {
    ast::CapabilityFn out{};
    out.doc = doc_at(ctx);
    out.name = name(ctx->name());
    out.parameters = parameters(ctx->parameters());
    out.result = maybe_type(ctx->result());
    out.span = span(ctx);
    if (auto* cost = ctx->NUMBER()) out.cost = whole_number(cost);
    switch (first(ctx).kind) {
      case TokenKind::kPure:
        out.effect = ast::Effect::kPure;
        break;
      case TokenKind::kReads:
        out.effect = ast::Effect::kReads;
        break;
      case TokenKind::kEmits:
        out.effect = ast::Effect::kEmits;
        break;
      default:
        error(Code::kMissingPart, out.name.span, "this host function does not say what it does").help =
            "write pure, reads or emits before fn";
        break;
    }
    return out;
  }

  std::vector<ast::Parameter> parameters(WritParser::ParametersContext* ctx) {
    std::vector<ast::Parameter> out;
    for (auto* parameter : ctx->parameter()) {
      out.push_back({name(parameter->word()), maybe_type(parameter->type())});
    }
    return out;
  }

  ast::Body body(WritParser::BodyContext* ctx) {
    if (auto* value = ctx->expression()) return expr(value);
    return block(ctx->block());
  }

  /// With a body a policy's slot, without one a schema's.
  bool slot(WritParser::SlotContext* ctx, ast::Decl& decl) {
    if (auto* body_ctx = ctx->body()) {
      if (auto* otherwise = ctx->ELSE()) {
        error(Code::kMisplacedForm, span(otherwise), "a slot's `else` belongs to the schema");
      }
      decl.node =
          ast::SlotImpl{name(ctx->word()), parameters(ctx->parameters()), maybe_type(ctx->result()), body(body_ctx)};
      return true;
    }
    auto result = maybe_type(ctx->result());
    if (!result) {
      error(Code::kMissingPart, span(ctx->word()),
            "this slot has neither a type, as in a schema, nor a body, as in a policy")
          .help = "in a schema write slot f(x: T) -> U else …, in a policy slot f(x) = …";
      return false;
    }
    ast::SlotDecl out{name(ctx->word()), parameters(ctx->parameters()), std::move(*result), false, nullptr};
    if (auto* otherwise = ctx->expression()) {
      out.else_host = text(otherwise) == "host";
      if (!out.else_host) out.otherwise = expr(otherwise);
    }
    decl.node = std::move(out);
    return true;
  }

  ast::Tier tier(WritParser::TierContext* ctx) {
    ast::Tier out;
    out.name = name(ctx->name());
    for (auto* clause : ctx->tier_clause()) tier_clause(clause, out);
    return out;
  }

  void tier_clause(WritParser::Tier_clauseContext* ctx, ast::Tier& out) {
    ast::ExprPtr* quota = nullptr;
    switch (first(ctx).kind) {
      case TokenKind::kGrants:
        for (auto* granted : ctx->name()) out.grants.push_back(name(granted));
        return;
      case TokenKind::kProven:
        out.proven = true;
        return;
      case TokenKind::kFuel:
        quota = &out.fuel;
        break;
      case TokenKind::kMemory:
        quota = &out.memory;
        break;
      default:
        quota = &out.stack;
        break;
    }
    if (*quota != nullptr) {
      error(Code::kMisplacedForm, span(ctx), "this quota is given twice")
          .labels.push_back({(*quota)->span, "it is given first here"});
    }
    *quota = number(token(ctx->NUMBER())).expr;
  }

  ast::DefaultBounds default_bounds(WritParser::Default_boundsContext* ctx) {
    ast::DefaultBounds out;
    for (auto* bound : ctx->default_bound()) {
      ast::TypeExpr item;
      item.name = name(bound->name());
      item.bounds = type_bounds(bound->low, bound->high, span(bound));
      item.span = span(bound);
      out.bounds.push_back(std::move(item));
    }
    return out;
  }

  ast::Use use(WritParser::UseContext* ctx) {
    std::vector<ast::Name> all = names(ctx->name());
    ast::Use out;
    out.unit = std::move(all.front());
    out.names.assign(std::make_move_iterator(all.begin() + 1), std::make_move_iterator(all.end()));
    return out;
  }

  const SourceFile& source_;
  const std::vector<Token>& tokens_;
  const std::vector<DocComment>& docs_;
  std::vector<bool> doc_used_;
  Diagnostics& diagnostics_;
  bool too_deep_reported_ = false;
};

// ---- from text to tree -----------------------------------------------------------------------------------------

/// All tokens of a checked text; fewer after an error.
std::vector<Token> lex(const SourceFile& source, Diagnostics& diagnostics) {
  ByteStream bytes(source.text());
  TokenLexer lexer(&bytes);
  std::vector<Token> out;
  do {
    const Token& token = out.emplace_back(lexer.next());
    const Span at{source.id(), token.begin, token.end};
    if (token.end - token.begin > static_cast<std::uint32_t>(limits::kTokenBytes)) {
      diagnostics.error(Code::kTokenTooLong, {source.id(), token.begin, token.begin + 1},
                        fmt::format("this word or literal has {} bytes, {} are allowed", token.end - token.begin,
                                    limits::kTokenBytes));
      break;
    }
    if (out.size() > static_cast<std::size_t>(limits::kTokens)) {
      diagnostics.error(Code::kTooManyTokens, at,
                        fmt::format("the text has more than {} words and signs", limits::kTokens));
      break;
    }
  } while (out.back().kind != TokenKind::kEndOfFile);
  return out;
}

/// The tokens of a text that passed every check before the parser; nothing after an error.
std::optional<Scan> scan_text(const SourceFile& source, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();
  const auto invisible = check_text(source, diagnostics);
  if (!invisible) return std::nullopt;
  const std::vector<Token> lexed = lex(source, diagnostics);
  if (diagnostics.error_count() != errors_before) return std::nullopt;
  Scan scanned = scan(source, lexed, *invisible, diagnostics);
  if (diagnostics.error_count() != errors_before) return std::nullopt;
  return scanned;
}

/// After a failure at token `failed` in the declaration at `begin`: the next declaration, outside all brackets and first on its
/// line. INVARIANT: brackets are paired, the scanner saw to it.
std::size_t next_declaration(const std::vector<Token>& tokens, std::size_t begin, std::size_t failed) {
  int depth = 0;
  for (std::size_t i = begin; i + 1 < tokens.size(); ++i) {
    const TokenKind kind = tokens[i].kind;
    if (i > begin && i >= failed && depth == 0 && tokens[i].first_on_line && starts_declaration(kind)) return i;
    depth += opens_bracket(kind) ? 1 : closes_bracket(kind) ? -1 : 0;
  }
  return tokens.size() - 1;
}

/// Whether a text without a header begins with a declaration. Its first words are soft: `test` alone is a name.
bool begins_declaration(const std::vector<Token>& tokens) {
  if (tokens.size() < 2 || !starts_declaration(tokens[0].kind)) return false;
  const TokenKind next = tokens[1].kind;
  return tokens[0].kind == TokenKind::kFn || next == TokenKind::kFn || next == TokenKind::kString ||
         next == TokenKind::kLeftBrace || is_name(next);
}

bool begins_binding(const std::vector<Token>& tokens) {
  return tokens[0].kind == TokenKind::kLet || tokens[0].kind == TokenKind::kVar;
}

bool begins_unit(const std::vector<Token>& tokens) {
  if (tokens.size() < 2) return false;
  switch (tokens[0].kind) {
    case TokenKind::kSchema:
    case TokenKind::kPolicy:
    case TokenKind::kLibrary:
      return is_name(tokens[1].kind);
    case TokenKind::kEdition:
      return tokens[1].kind == TokenKind::kNumber;
    default:
      return false;
  }
}

/// Whether a string without its end may go on in the next line.
bool spans_lines(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_of("\"'"), text.size()));
  return text.starts_with("\"\"\"") || text.starts_with("'''");
}

/// Whether lexed lines leave something open. A string that ends with its line is wrong and leaves nothing open.
bool is_open(const std::vector<Token>& tokens, std::string_view text) {
  int depth = 0;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kUnterminated) {
      return spans_lines(text.substr(token.begin, token.end - token.begin)) && token.end == text.size();
    }
    depth += opens_bracket(token.kind) || token.kind == TokenKind::kCommentOpen     ? 1
             : closes_bracket(token.kind) || token.kind == TokenKind::kCommentClose ? -1
                                                                                    : 0;
    if (depth < 0) return false;
  }
  return depth > 0;
}

/// A unit, declaration by declaration: each is built and its parse tree dropped before the next, and a mistake in one is one
/// error and leaves the others readable.
class UnitParse {
 public:
  UnitParse(const SourceFile& source, const Scan& scanned, Diagnostics& diagnostics)
      : source_(source),
        scan_(scanned),
        diagnostics_(diagnostics),
        tape_(scanned.tokens),
        parser_(warm_cache(), tape_),
        builder_(source, scanned, diagnostics) {}

  std::optional<ast::File> unit() {
    const std::size_t errors_before = diagnostics_.error_count();
    ast::File file;
    file.span = {source_.id(), 0, static_cast<std::uint32_t>(source_.text().size())};
    if (!read_header(file)) return std::nullopt;
    read_declarations(file);
    if (diagnostics_.error_count() != errors_before) return std::nullopt;
    builder_.report_stray_docs();
    return file;
  }

  std::optional<ast::Input> input() {
    const std::size_t errors_before = diagnostics_.error_count();
    std::optional<ast::Input> out;
    if (begins_declaration(scan_.tokens)) {
      ast::File file;
      read_declarations(file);
      out = std::move(file.decls);
    } else if (begins_binding(scan_.tokens)) {
      if (auto* tree = parser_.read(&WritParser::lone_binding)) {
        out = builder_.lone_binding(tree);
      } else {
        report_failure();
      }
    } else if (ast::ExprPtr expression = lone_expression()) {
      out = std::move(expression);
    }
    return diagnostics_.error_count() == errors_before ? std::move(out) : std::nullopt;
  }

  ast::ExprPtr lone_expression() {
    const std::size_t errors_before = diagnostics_.error_count();
    ast::ExprPtr out;
    if (auto* tree = parser_.read(&WritParser::lone_expression)) {
      out = builder_.lone_expression(tree);
    } else {
      report_failure();
    }
    return diagnostics_.error_count() == errors_before ? std::move(out) : nullptr;
  }

  LookAhead look_ahead() {
    auto* profiler = new antlr4::atn::ProfilingATNSimulator(&parser_.generated());
    profiler->setPredictionMode(antlr4::atn::PredictionMode::SLL);
    parser_.generated().setInterpreter(profiler);
    LookAhead out;
    if (parser_.read(&WritParser::unit) == nullptr) report_failure();
    for (const auto& decision : profiler->getDecisionInfo()) {
      out.max_tokens = std::max<std::int64_t>(out.max_tokens, decision.SLL_MaxLook);
      out.ll_fallbacks += decision.LL_Fallback;
      out.ambiguities += static_cast<std::int64_t>(decision.ambiguities.size());
    }
    return out;
  }

 private:
  void read_declarations(ast::File& file) {
    while (!parser_.at_end()) {
      const std::size_t begin = parser_.position();
      if (auto* tree = parser_.read(&WritParser::declaration)) {
        builder_.declaration(tree, file);
      } else {
        report_failure();
        parser_.seek(next_declaration(scan_.tokens, begin, parser_.failure().at));
      }
      parser_.drop_trees();
    }
  }

  bool read_header(ast::File& file) {
    if (scan_.tokens.size() == 1) {
      diagnostics_.error(Code::kEmptySource, {source_.id(), 0, 0}, "this text holds no unit").help =
          "a unit begins with schema, policy or library and a name";
      return false;
    }
    if (scan_.tokens.front().kind == TokenKind::kEdition) {
      auto* edition = parser_.read(&WritParser::edition);
      if (edition == nullptr) return report_failure();
      builder_.edition(edition, file);
    }
    auto* header = parser_.read(&WritParser::header);
    if (header == nullptr) return report_failure();
    builder_.header(header, file);
    return true;
  }

  bool report_failure() {
    diagnostics_.add(explain(parser_.failure(), scan_.tokens, source_));
    return false;
  }

  const SourceFile& source_;
  const Scan& scan_;
  Diagnostics& diagnostics_;
  TokenTape tape_;
  TreeParser parser_;
  TreeBuilder builder_;
};

// ---- the parser's own thread -----------------------------------------------------------------------------------

/// What one bracket may cost the parser in stack, sanitizers included; it recurses about ten frames a level.
constexpr std::size_t kStackBytesPerLevel = 128ULL * 1024;
constexpr std::size_t kStackBytes =
    static_cast<std::size_t>(limits::kNesting + limits::kTypeNesting) * kStackBytesPerLevel;

/// Runs `work` on a thread with a known stack, alone with ANTLR's cache, and waits for it.
bool run_on_parser_thread(const std::function<void()>& work) {
  const auto entry = [](void* argument) -> void* {
    const std::lock_guard lock(warm_cache().mutex);
    (*static_cast<const std::function<void()>*>(argument))();
    return nullptr;
  };
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_t thread{};
  const bool started = pthread_attr_setstacksize(&attributes, kStackBytes) == 0 &&
                       pthread_create(&thread, &attributes, entry, const_cast<std::function<void()>*>(&work)) == 0;
  pthread_attr_destroy(&attributes);
  return started && pthread_join(thread, nullptr) == 0;
}

/// `work` on a scanned text, on the parser's thread.
void with_scan(const SourceFile& source, Diagnostics& diagnostics, const std::function<void(const Scan&)>& work) {
  const bool ran = run_on_parser_thread([&] {
    const auto scanned = scan_text(source, diagnostics);
    if (scanned) work(*scanned);
  });
  if (!ran)
    diagnostics.error(Code::kNoParserThread, {source.id(), 0, 0}, "the parser's own thread could not be started");
}

}  // namespace

std::optional<ast::File> parse(const SourceFile& source, Diagnostics& diagnostics) {
  std::optional<ast::File> file;
  with_scan(source, diagnostics, [&](const Scan& scanned) { file = UnitParse(source, scanned, diagnostics).unit(); });
  return file;
}

ast::ExprPtr parse_expression(const SourceFile& source, Diagnostics& diagnostics) {
  ast::ExprPtr out;
  with_scan(source, diagnostics,
            [&](const Scan& scanned) { out = UnitParse(source, scanned, diagnostics).lone_expression(); });
  return out;
}

std::optional<ast::Input> parse_input(const SourceFile& source, Diagnostics& diagnostics) {
  std::optional<ast::Input> out;
  with_scan(source, diagnostics, [&](const Scan& scanned) { out = UnitParse(source, scanned, diagnostics).input(); });
  return out;
}

InputState judge_input(const SourceFile& source) {
  Diagnostics ignored;  // said when the whole input is parsed
  std::vector<Token> tokens = lex(source, ignored);
  if (ignored.has_errors()) return InputState::kWhole;
  const bool has_doc = std::ranges::find(tokens, TokenKind::kDocComment, &Token::kind) != tokens.end();
  const bool open = is_open(tokens, source.text());
  std::erase_if(tokens, [](const Token& token) { return token_class(token.kind) == TokenClass::kComment; });
  if (begins_unit(tokens)) return InputState::kUnit;
  if (open) return InputState::kOpen;
  if (tokens.size() > 1) return InputState::kWhole;
  return has_doc ? InputState::kDocumented : InputState::kEmpty;
}

std::string dump_tokens(const SourceFile& source, Diagnostics& diagnostics) {
  std::string out;
  with_scan(source, diagnostics, [&](const Scan& scanned) {
    for (const Token& token : scanned.tokens) {
      const Span at{source.id(), token.begin, token.end};
      const support::Place place = source.place(token.begin);
      out += fmt::format("{}:{}\t{}\t{}\n", place.line, place.column, token_name(token.kind), source.text(at));
    }
  });
  return out;
}

std::size_t parser_states() {
  WarmCache& cache = warm_cache();
  const std::lock_guard lock(cache.mutex);
  return cache.states();
}

LookAhead measure_look_ahead(const SourceFile& source, Diagnostics& diagnostics) {
  LookAhead out;
  with_scan(source, diagnostics,
            [&](const Scan& scanned) { out = UnitParse(source, scanned, diagnostics).look_ahead(); });
  return out;
}

}  // namespace writ::frontend
