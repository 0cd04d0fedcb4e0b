// What a configuration document says, before anybody knows what its values should be: one small tree for every notation.
//
// In: TOML (document_toml.cpp), or a Writ expression of constants (document_literal.cpp). Out: a tree that config.cpp reads by
// the knobs' types. Its depth is bounded by limits::kInputNesting, of an expression by limits::kNesting. What it does not do:
// know types or defaults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "frontend/ast.h"
#include "ir/value.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend::document {

using support::Span;

struct Node;

/// A whole number; its type is the reader's choice.
struct Integer {
  bool negative;
  std::uint64_t magnitude;
};
/// A value whose text says its kind: `5s`, `ip("…")`, `7u`, a TOML date and time.
struct Typed {
  ir::Kind kind;
  ir::Value value;
};
/// A bare word: an enumerator.
struct Word {
  std::string text;
};
/// The right side of an assignment, read once its knob's type is known: an expression, or a plain word of that type.
struct Unread {
  std::string_view text;  // of the source
};
struct Absent {};
struct Array {
  std::vector<Node> items;
};
/// A map literal.
struct Pair;
struct Pairs {
  std::vector<Pair> items;
};
struct Member;
struct Table {
  std::vector<Member> members;
  std::string record;  // a record literal's name; empty for a table
};

struct Node {
  Span span;
  std::variant<bool, Integer, double, std::string, Typed, Word, Unread, Absent, Array, Pairs, Table> value;
};

struct Pair {
  Node key;
  Node value;
};

struct Member {
  std::string key;
  Span key_span;
  Node value;
};

/// A TOML document as one table.
[[nodiscard]] std::optional<Node> read_toml(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// `unit.field=value` as the table that a document would have; the value stays unread.
[[nodiscard]] std::optional<Node> read_assignment(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// A constant expression: literals, minus, lists, sets, maps, record literals, enumerators, `cidr("…")` and its like.
[[nodiscard]] std::optional<Node> read_literal(const ast::Expr& expression, support::Diagnostics& diagnostics);

/// The Writ expression that stands at `text`, a part of the source.
[[nodiscard]] std::optional<Node> read_expression(const support::SourceFile& source, std::string_view text,
                                                  support::Diagnostics& diagnostics);

}  // namespace writ::frontend::document
