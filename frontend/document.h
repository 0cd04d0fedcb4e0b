// What a configuration document says, before anybody knows what its values should be: one small tree for every notation.
//
// In: a document in a notation that its name tells (document.cpp, one document_*.cpp each), or a Writ expression of constants
// (document_literal.cpp). Out: a tree that config.cpp reads by the knobs' types. A document's depth is bounded by
// limits::kInputNesting and its size by kDocumentBytes and kDocumentValues, an expression's depth by limits::kNesting. What it
// does not do: know types or defaults.
#pragma once

#include <cstddef>
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
/// A cell of a row: a plain text, read once its field's type is known. Where it is empty its field may be left out.
struct Cell {
  std::string text;
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
  std::variant<bool, Integer, double, std::string, Typed, Word, Unread, Cell, Absent, Array, Pairs, Table> value;
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

/// A document as one table, in the notation that the ending of its name says; TOML where the name has none.
[[nodiscard]] std::optional<Node> read_document(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// Whether a file is a document, by the ending of its name.
[[nodiscard]] bool has_known_ending(std::string_view name);

/// A document of rows as the value of one knob, `unit.field`. The name ends in .csv; a byte order mark is passed over, because
/// spreadsheets write one.
[[nodiscard]] std::optional<Node> read_rows(const support::SourceFile& source, std::string_view knob,
                                            support::Diagnostics& diagnostics);

/// The notations. In: a text of valid UTF-8, without a byte order mark, not larger than limits::kDocumentBytes.
[[nodiscard]] std::optional<Node> read_toml(const support::SourceFile& source, support::Diagnostics& diagnostics);
[[nodiscard]] std::optional<Node> read_json(const support::SourceFile& source, support::Diagnostics& diagnostics);
[[nodiscard]] std::optional<Node> read_yaml(const support::SourceFile& source, support::Diagnostics& diagnostics);
/// Of rows: a list of tables, whose keys are the cells of the first row.
[[nodiscard]] std::optional<Node> read_csv(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// Reports the keys that a table holds twice.
[[nodiscard]] bool has_unique_keys(const Table& table, support::Diagnostics& diagnostics);

/// Counts the values of one document against limits::kDocumentValues.
class ValueCount {
 public:
  ValueCount(const support::SourceFile& source, support::Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  /// One more, which begins at this byte; false, with an error, when it is one too many.
  [[nodiscard]] bool add(std::size_t begin);

 private:
  const support::SourceFile& source_;
  support::Diagnostics& diagnostics_;
  std::int64_t count_ = 0;
};

/// That tables and lists are nested deeper than limits::kInputNesting, at this byte.
void report_too_deep(const support::SourceFile& source, std::size_t begin, support::Diagnostics& diagnostics);

/// `unit.name=value` as the table that a document would have; behind the name may stand fields. The value stays unread.
[[nodiscard]] std::optional<Node> read_assignment(const support::SourceFile& source, support::Diagnostics& diagnostics);

/// A constant expression: literals, minus, lists, sets, maps, record literals, enumerators, `cidr("…")` and its like.
[[nodiscard]] std::optional<Node> read_literal(const ast::Expr& expression, support::Diagnostics& diagnostics);

/// A name and where it stands.
struct Key {
  std::string text;
  Span span;
};
/// The table that a document would have which holds one value: at this path, of a unit, a knob and perhaps fields. The value, a
/// part of the source's text, stays unread.
[[nodiscard]] Node single_value(const support::SourceFile& source, std::vector<Key> path, std::string_view value);

/// The Writ expression `text`, which stands at this place of the source.
[[nodiscard]] std::optional<Node> read_expression(const support::SourceFile& source, Span place, std::string_view text,
                                                  support::Diagnostics& diagnostics);

}  // namespace writ::frontend::document
