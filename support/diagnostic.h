// A user's mistake: code, place, reason, way out. And the three ways to show one: pretty, short, JSON.
//
// Codes are rows of diagnostics.def. A message says what is wrong here, a label says where a demand came from,
// help says what to do. Nothing in here reads files or colours by itself: the renderers are pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/source.h"

namespace writ::support {

enum class Severity : std::uint8_t { kWarning, kError };

enum class Code : std::uint16_t {
#define WRIT_DIAGNOSTIC(name, number, severity, title) k##name = number,
#include "support/diagnostics.def"
#undef WRIT_DIAGNOSTIC
};

struct CodeRow {
  Code code;
  const char* name;
  Severity severity;
  const char* title;
};

/// All rows in table order; static storage.
[[nodiscard]] std::span<const CodeRow> code_rows();
[[nodiscard]] const CodeRow& code_row(Code code);
/// `W2001`.
[[nodiscard]] std::string code_text(Code code);

/// A second place that explains the first: "the slot is declared here".
struct Label {
  Span span;
  std::string text;
};

/// An edit that a tool may apply: replace `span` by `text`.
struct Fix {
  Span span;
  std::string text;
};

struct Diagnostic {
  Code code = Code::kInternal;
  Span span;
  std::string message;        // one line, no final full stop
  std::string note;           // what is shown under the carets; may be empty
  std::vector<Label> labels;  // in other places
  std::string help;           // "drop the quotes: deny"; may be empty
  std::optional<Fix> fix;     // only where we are sure

  [[nodiscard]] Severity severity() const { return code_row(code).severity; }
};

/// Collects diagnostics of one compilation: at most limits::kDiagnostics errors are kept, one for each (code, place); more are
/// counted. Not thread-safe.
class Diagnostics {
 public:
  /// Adds one; the reference stays valid until the next call.
  Diagnostic& error(Code code, Span span, std::string message);
  void add(Diagnostic diagnostic);
  [[nodiscard]] bool has_errors() const { return error_count_ != 0; }
  [[nodiscard]] std::size_t error_count() const { return error_count_; }
  /// Sorted by place; stable.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;
  [[nodiscard]] std::size_t suppressed() const { return suppressed_; }

 private:
  std::vector<Diagnostic> items_;
  Diagnostic overflow_;  // takes the text of what is not kept
  std::size_t error_count_ = 0;
  std::size_t suppressed_ = 0;
};

/// The value of `--color` after looking at the terminal and NO_COLOR.
enum class Colour : std::uint8_t { kOff, kOn };

[[nodiscard]] std::string render_pretty(const Diagnostic&, const SourceMap&, Colour);
/// `access.writ:12:3: error[W2001]: message (help)`; one line.
[[nodiscard]] std::string render_short(const Diagnostic&, const SourceMap&);
/// One JSON object on one line: code, severity, message, file, line, column, end_line, end_column, labels, help, fix.
[[nodiscard]] std::string render_json(const Diagnostic&, const SourceMap&);

/// JSON string literal of UTF-8 text, quotes included; control characters escaped.
[[nodiscard]] std::string json_quote(std::string_view text);

/// The candidate closest to `name` by edit distance, if near enough to be a likely slip; for "did you mean".
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view name,
                                                      std::span<const std::string_view> candidates);

}  // namespace writ::support
