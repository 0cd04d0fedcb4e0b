#include "support/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

#include "support/check.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::support {

// ---- codes -------------------------------------------------------------------------------------

std::span<const CodeRow> code_rows() {
  static constexpr CodeRow kRows[] = {
#define WRIT_DIAGNOSTIC(name, number, severity, title) {Code::k##name, #name, Severity::k##severity, title},
#include "support/diagnostics.def"
#undef WRIT_DIAGNOSTIC
  };
  return kRows;
}

const CodeRow& code_row(Code code) {
  const auto rows = code_rows();
  const auto row = std::ranges::find(rows, code, &CodeRow::code);
  WRIT_CHECK(row != rows.end());
  return *row;
}

std::string code_text(Code code) { return fmt::format("W{}", static_cast<unsigned>(code)); }

// ---- collecting --------------------------------------------------------------------------------

Diagnostic& Diagnostics::error(Code code, Span span, std::string message) {
  const auto same = [&](const Diagnostic& d) {
    return d.code == code && d.span.source == span.source && d.span.begin == span.begin;
  };
  Diagnostic fresh;
  fresh.code = code;
  fresh.span = span;
  fresh.message = std::move(message);
  if (std::ranges::any_of(items_, same)) return overflow_ = std::move(fresh);

  const bool is_error = fresh.severity() == Severity::kError;
  const std::size_t kept = is_error ? error_count_ : items_.size() - error_count_;
  if (is_error) ++error_count_;
  if (kept >= static_cast<std::size_t>(limits::kDiagnostics)) {
    ++suppressed_;
    return overflow_ = std::move(fresh);
  }
  return items_.emplace_back(std::move(fresh));
}

void Diagnostics::add(Diagnostic diagnostic) {
  Diagnostic& slot = error(diagnostic.code, diagnostic.span, {});
  slot = std::move(diagnostic);
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  const auto place = [](const Diagnostic& d) { return std::tuple(d.span.source, d.span.begin); };
  std::vector<Diagnostic> out;
  for (const Diagnostic& item : items_) {
    out.insert(std::ranges::upper_bound(out, place(item), {}, place), item);
  }
  return out;
}

// ---- one line ----------------------------------------------------------------------------------

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_utf8(text, at);
    const char32_t c = decoded.code_point;
    if (!decoded.valid) {
      out += "\\ufffd";
    } else if (c == U'"' || c == U'\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == U'\n') {
      out += "\\n";
    } else if (is_control(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(at, decoded.size);
    }
    at += decoded.size;
  }
  return out += '"';
}

std::string render_short(const Diagnostic& diagnostic, const SourceMap& sources) {
  const SourceFile& file = sources.file(diagnostic.span.source);
  const Place place = file.place(diagnostic.span.begin);
  const char* const severity = diagnostic.severity() == Severity::kError ? "error" : "warning";
  std::string out = fmt::format("{}:{}:{}: {}[{}]: {}", printable(file.name()), place.line, place.column, severity,
                                code_text(diagnostic.code), printable(diagnostic.message));
  if (!diagnostic.help.empty()) out += fmt::format(" ({})", printable(diagnostic.help));
  return out;
}

namespace {

std::string json_span(Span span, const SourceMap& sources) {
  const SourceFile& file = sources.file(span.source);
  const Place begin = file.place(span.begin);
  const Place end = file.place(span.end);
  return fmt::format(R"("file":{},"line":{},"column":{},"end_line":{},"end_column":{})", json_quote(file.name()),
                     begin.line, begin.column, end.line, end.column);
}

std::string json_edit(Span span, std::string_view text, const SourceMap& sources) {
  return fmt::format(R"({{{},"text":{}}})", json_span(span, sources), json_quote(text));
}

}  // namespace

std::string render_json(const Diagnostic& diagnostic, const SourceMap& sources) {
  std::string labels;
  for (const Label& label : diagnostic.labels) {
    if (!labels.empty()) labels += ',';
    labels += json_edit(label.span, label.text, sources);
  }
  const bool is_error = diagnostic.severity() == Severity::kError;
  return fmt::format(R"({{"code":"{}","severity":"{}","message":{},{},"note":{},"labels":[{}],"help":{},"fix":{}}})",
                     code_text(diagnostic.code), is_error ? "error" : "warning", json_quote(diagnostic.message),
                     json_span(diagnostic.span, sources), json_quote(diagnostic.note), labels,
                     json_quote(diagnostic.help),
                     diagnostic.fix ? json_edit(diagnostic.fix->span, diagnostic.fix->text, sources) : "null");
}

// ---- did you mean ------------------------------------------------------------------------------

namespace {

// Longer names are not compared: the rows below live on the stack.
constexpr std::size_t kComparedBytes = 64;
using DistanceRow = std::array<std::size_t, kComparedBytes + 1>;

// Optimal string alignment distance (Damerau-Levenshtein where no part is edited twice), or `bound`
// + 1 when it is larger.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t bound) {
  const std::size_t length_gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (length_gap > bound || std::max(a.size(), b.size()) > kComparedBytes) return bound + 1;
  DistanceRow before{};
  DistanceRow last{};
  DistanceRow row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = last;
    last = row;
  }
  return std::min(last[b.size()], bound + 1);
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view name, std::span<const std::string_view> candidates) {
  // A slip is one edit in a short name, one in three letters in a long one.
  std::size_t bound = std::max<std::size_t>(1, name.size() / 3);
  std::optional<std::string_view> best;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate, bound);
    // A distance of the candidate's whole length would turn any letter into any other.
    if (distance > bound || distance >= std::max(name.size(), candidate.size())) continue;
    best = candidate;
    if (distance == 0) break;
    bound = distance - 1;
  }
  return best;
}

}  // namespace writ::support
