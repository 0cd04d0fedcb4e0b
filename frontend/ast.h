// The syntax tree of one unit, as the author wrote it: names unresolved, types unchecked.
//
// In: what parser.cpp reads. Out: what check.cpp and the printer walk. Every node keeps its span.
// Depth is bounded by limits::kNesting and limits::kChainTerms, so plain recursion over it is safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "support/source.h"

namespace writ::ast {

using support::Span;

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;

struct Name {
  std::string text;
  Span span;
};

// ---- types -------------------------------------------------------------------------------------

/// `(..16)`, `(100..599)`: literal expressions (int, double, duration, size; possibly negated); an end may be missing.
struct Bounds {
  ExprPtr low;   // may be null
  ExprPtr high;  // may be null
  Span span;
};

/// `list<string(..64)>(..32)?`
struct TypeExpr {
  Name name;
  std::vector<TypeExpr> arguments;
  std::optional<Bounds> bounds;
  bool optional = false;
  Span span;
};

// ---- expressions -------------------------------------------------------------------------------

enum class UnaryOp : std::uint8_t { kNot, kNegate };
enum class BinaryOp : std::uint8_t {
  kOr,
  kAnd,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kCoalesce,  // ??
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
};

struct BoolLiteral {
  bool value;
};
/// A size such as 16KiB is an int. `-9223372036854775808` is Unary(kNegate, 2^63).
struct IntLiteral {
  std::uint64_t magnitude;
  bool is_uint;
};
struct DoubleLiteral {
  double value;
};
struct StringLiteral {
  std::string value;
};
struct BytesLiteral {
  std::string value;
};
struct DurationLiteral {
  std::int64_t nanoseconds;
};
struct AbsentLiteral {};
struct NameRef {
  std::string name;
};
/// x.f; x?.f of an x that may be absent; CEL's x.?f, for which also the field may be.
enum class Dot : std::uint8_t { kPlain, kMaybe, kAsk };
struct Member {
  ExprPtr object;
  Name field;
  Dot dot;
};
struct Index {
  ExprPtr object;
  ExprPtr key;
  bool optional;
};  // x[i], x[?i]
struct Argument {
  std::optional<Name> name;
  ExprPtr value;
};
/// f(x), x.f(y), x?.f(y), cap.f(x), Rec(f: v, ..). The callee is a NameRef or a Member.
struct Call {
  ExprPtr callee;
  std::vector<Argument> arguments;
  bool fill; /* a last `..` */
};
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
struct Binary {
  BinaryOp op;
  Span op_span;
  ExprPtr left;
  ExprPtr right;
};
struct Ternary {
  ExprPtr condition;
  ExprPtr then;
  ExprPtr otherwise;
};
struct ListElement {
  ExprPtr value;
  bool optional; /* [?o] */
};
struct ListLiteral {
  std::vector<ListElement> elements;
};
struct SetLiteral {
  std::vector<ExprPtr> elements;
};  // never empty: {} is a MapLiteral
struct MapEntry {
  ExprPtr key;
  ExprPtr value;
  bool optional; /* {?k: v} */
};
struct MapLiteral {
  std::vector<MapEntry> entries;
};
struct Range {
  ExprPtr low;
  ExprPtr high; /* may be null */
};  // only to the right of `in`
struct FString {
  std::vector<std::variant<std::string, ExprPtr>> parts;
};
struct With {
  ExprPtr object;
  std::vector<Argument> fields;
};  // every argument is named

/// A pattern of a match arm: `_`, `absent`, `some(u)`, an expression (enumerator or literal).
struct Pattern {
  enum class Kind : std::uint8_t { kRest, kAbsent, kSome, kValue } kind;
  std::optional<Name> binding;  // some(u)
  ExprPtr value;                // kValue
  Span span;
};
struct MatchArm {
  std::vector<Pattern> patterns;
  ExprPtr value;
  Span span;
};
struct Match {
  ExprPtr subject;
  std::vector<MatchArm> arms;
};

// decide / collect
struct RuleItem;
struct Rule {
  ExprPtr value;
  ExprPtr reason;     // a string literal or a field of a row; may be null
  ExprPtr condition;  // null in the `else` rule
};
struct RuleLet {
  Name name;
  std::optional<TypeExpr> type;
  ExprPtr value;
};
struct RuleFor {
  std::vector<Name> names;
  ExprPtr rows;
  std::vector<RuleItem> items;
};
struct RuleItem {
  Span span;
  std::variant<Rule, RuleLet, RuleFor> node;
};
struct Decide {
  std::vector<RuleItem> items;
  std::optional<Rule> otherwise;
  Span else_span;
};
struct Collect {
  std::vector<RuleItem> items;
};

struct Expr {
  Span span;
  std::variant<BoolLiteral, IntLiteral, DoubleLiteral, StringLiteral, BytesLiteral, DurationLiteral, AbsentLiteral,
               NameRef, Member, Index, Call, Unary, Binary, Ternary, ListLiteral, SetLiteral, MapLiteral, Range,
               FString, With, Match, Decide, Collect>
      node;
};

// ---- statements --------------------------------------------------------------------------------

using Block = std::vector<Stmt>;

struct Let {
  bool is_var;
  Name name;
  std::optional<TypeExpr> type;
  ExprPtr value;
};
enum class AssignOp : std::uint8_t { kSet, kAdd, kSubtract };
struct Assign {
  ExprPtr target;
  AssignOp op;
  ExprPtr value;
};  // target is judged by the checker
struct If {
  std::optional<Name> binding;  // if let NAME = condition
  ExprPtr condition;
  Block then;
  std::optional<Block> otherwise;  // `else if` is a block of one If
};
struct For {
  std::vector<Name> names; /* one or two */
  ExprPtr iterable;
  Block body;
};
struct While {
  ExprPtr condition;
  Block body;
};
struct Return {
  ExprPtr value;
};
struct Break {};
struct Continue {};
struct ExprStmt {
  ExprPtr value;
};

// only in tests
struct Given {
  Name capability;
  Name function;
  std::vector<ExprPtr> arguments; /* null is `_` */
  ExprPtr answer;
};
struct WithConfig {
  std::vector<Argument> knobs;
};
struct ExpectValue {
  ExprPtr condition;
  std::optional<std::string> because;
  Span because_span;
};
struct ExpectTrap {
  Name trap;
  ExprPtr call;
};
struct ExpectEmitted {
  ExprPtr call;
};

struct Stmt {
  Span span;
  std::variant<Let, Assign, If, For, While, Return, Break, Continue, ExprStmt, Given, WithConfig, ExpectValue,
               ExpectTrap, ExpectEmitted>
      node;
};

// ---- declarations ------------------------------------------------------------------------------

struct Field {
  std::string doc;
  Name name;
  TypeExpr type;
  ExprPtr initial; /* may be null */
};
struct Record {
  Name name;
  std::vector<Field> fields;
};
struct Enumerator {
  std::string doc;
  Name name;
};
struct Enum {
  Name name;
  bool ordered;
  std::vector<Enumerator> enumerators;
};
struct Parameter {
  Name name;
  std::optional<TypeExpr> type;
};

enum class Effect : std::uint8_t { kPure, kReads, kEmits };
struct CapabilityFn {
  std::string doc;
  Effect effect;
  Name name;
  std::vector<Parameter> parameters;
  std::optional<TypeExpr> result;  // none for emits
  std::optional<std::uint64_t> cost;
  Span span;
};
struct Capability {
  Name name;
  std::vector<CapabilityFn> functions;
};

/// A schema's slot: where the host asks.
struct SlotDecl {
  Name name;
  std::vector<Parameter> parameters;
  TypeExpr result;
  bool else_host = false;
  ExprPtr otherwise;  // null with else_host or where the author forgot it
};
/// A tier's clauses as written; the checker judges names, order and doubles.
struct Tier {
  Name name;
  std::vector<Name> grants;
  ExprPtr fuel, memory, stack;  // literals; may be null
  bool proven = false;
};
struct DefaultBounds {
  std::vector<TypeExpr> bounds;
};  // `string ..1KiB`: name and bounds

struct Knob {
  std::string doc;
  Name name;
  TypeExpr type;
  ExprPtr initial;
  ExprPtr where; /* either may be null */
};
struct Config {
  std::vector<Knob> knobs;
};
struct Const {
  Name name;
  std::optional<TypeExpr> type;
  ExprPtr value;
};

/// A body is `= expression` or a block.
using Body = std::variant<ExprPtr, Block>;
struct Function {
  Name name;
  std::vector<Parameter> parameters;
  std::optional<TypeExpr> result;  // none: a function of emits calls only
  Body body;
};
/// A policy's slot; parameters may leave their types to the schema.
struct SlotImpl {
  Name name;
  std::vector<Parameter> parameters;
  std::optional<TypeExpr> result;
  Body body;
};
struct Test {
  std::string name;
  Span name_span;
  Block body;
};
/// `use common.{is_bot}`; without names the unit's name qualifies: `common.is_bot(x)`.
struct Use {
  Name unit;
  std::vector<Name> names;
};

struct Decl {
  Span span;
  std::string doc;          // `///` lines before it, joined by '\n'
  bool is_private = false;  // libraries
  std::variant<Record, Enum, Capability, SlotDecl, Tier, DefaultBounds, Config, Const, Function, SlotImpl, Test, Use>
      node;
};

enum class UnitKind : std::uint8_t { kSchema, kPolicy, kLibrary };

struct File {
  UnitKind kind = UnitKind::kPolicy;
  std::optional<std::uint64_t> edition;
  Span edition_span;
  std::string doc;
  Name name;
  std::optional<Name> schema;  // `for gateway`
  std::vector<Decl> decls;     // in order
  Span span;
};

/// What is typed at a prompt, a unit apart: declarations, `let x = e`, or an expression (never null).
using Input = std::variant<std::vector<Decl>, Let, ExprPtr>;

}  // namespace writ::ast
