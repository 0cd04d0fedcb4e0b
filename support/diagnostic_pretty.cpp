// render_pretty: a diagnostic as a picture of the source, for people at a terminal.
//
// Hostile text cannot drive the terminal: whatever is quoted passes through printable(). Long lines
// are shown as a window around the marked place.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/diagnostic.h"
#include "support/utf8.h"

namespace writ::support {
namespace {

constexpr std::size_t kWholeLineBytes = 120;  // longer lines are windowed
constexpr std::size_t kWindowBefore = 40;     // code points shown before the mark
constexpr std::size_t kWindowSize = 100;      // code points shown in all
constexpr std::size_t kTabStop = 4;

// ---- colours -----------------------------------------------------------------------------------

enum class Ink : std::uint8_t { kPlain, kBold, kError, kWarning, kFrame, kLabel };

constexpr std::string_view ink_sequence(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "";
    case Ink::kBold:
      return "\x1b[1m";
    case Ink::kError:
      return "\x1b[1;31m";
    case Ink::kWarning:
      return "\x1b[1;33m";
    case Ink::kFrame:
      return "\x1b[34m";
    case Ink::kLabel:
      return "\x1b[36m";
  }
  return "";
}

// ---- columns -----------------------------------------------------------------------------------

struct CodePointRange {
  char32_t first;
  char32_t last;
};

// Terminals give these two columns. Source: Unicode EastAsianWidth.txt, W and F, joined into
// blocks.
constexpr CodePointRange kWide[] = {
    {0x1100, 0x115F}, {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2614, 0x2615},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},
    {0x4E00, 0xA4CF}, {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

// And these none: combining marks and variation selectors of the scripts that source texts are
// likely to hold.
constexpr CodePointRange kZeroWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

bool contains(std::span<const CodePointRange> ranges, char32_t code_point) {
  return std::ranges::any_of(
      ranges, [&](const CodePointRange& range) { return code_point >= range.first && code_point <= range.last; });
}

std::size_t columns(char32_t code_point) {
  if (contains(kZeroWidth, code_point)) return 0;
  return contains(kWide, code_point) ? 2 : 1;
}

// ---- one marked line ---------------------------------------------------------------------------

/// A byte range of one line with what is said about it.
struct Mark {
  std::uint32_t line;
  std::size_t begin;  // bytes from the line's start
  std::size_t end;
  bool primary;
  std::string text;
};

/// The part of a line that is shown: its text as printed, and where the mark stands in columns.
struct Excerpt {
  std::string text;
  std::size_t mark_column = 0;
  std::size_t mark_columns = 0;
};

std::size_t window_start(std::string_view line, std::size_t mark) {
  std::size_t at = std::min(mark, line.size());
  for (std::size_t points = 0; at > 0 && points < kWindowBefore; ++points) {
    do {
      --at;
    } while (at > 0 && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U);
  }
  return at;
}

Excerpt make_excerpt(std::string_view line, std::size_t mark_begin, std::size_t mark_end) {
  const bool windowed = line.size() > kWholeLineBytes;
  const std::size_t start = windowed ? window_start(line, mark_begin) : 0;
  const std::size_t points_max = windowed ? kWindowSize : line.size();
  Excerpt out;
  std::size_t column = 0;
  if (start > 0) {
    out.text = "…";
    column = 1;
  }
  std::size_t at = start;
  for (std::size_t points = 0; at < line.size() && points < points_max; ++points) {
    const Decoded decoded = decode_utf8(line, at);
    std::string shown;
    std::size_t width = 0;
    if (decoded.valid && decoded.code_point == U'\t') {
      width = kTabStop - column % kTabStop;
      shown.assign(width, ' ');
    } else {
      shown = printable(line.substr(at, decoded.size));
      const bool escaped = !decoded.valid || is_control(decoded.code_point);
      width = escaped ? shown.size() : columns(decoded.code_point);
    }
    if (at < mark_begin) out.mark_column += width;
    if (at >= mark_begin && at < mark_end) out.mark_columns += width;
    out.text += shown;
    column += width;
    at += decoded.size;
  }
  if (at < line.size()) out.text += "…";
  if (start > 0) ++out.mark_column;
  out.mark_columns = std::max<std::size_t>(out.mark_columns, 1);
  return out;
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// ---- the picture -------------------------------------------------------------------------------

class Picture {
 public:
  Picture(const Diagnostic& diagnostic, const SourceMap& sources, Colour colour)
      : diagnostic_(diagnostic), sources_(sources), colour_(colour) {}

  std::string draw() {
    gutter_ = gutter_width();
    heading();
    file_block(diagnostic_.span.source, "╭─");
    for (const SourceId other : other_sources()) file_block(other, "├─");
    if (!diagnostic_.help.empty()) {
      row("│", "");
      row("=", "help: " + printable(diagnostic_.help));
    }
    row("╰─", "writ explain " + code_text(diagnostic_.code));
    return std::move(out_);
  }

 private:
  [[nodiscard]] Ink severity_ink() const {
    return diagnostic_.severity() == Severity::kError ? Ink::kError : Ink::kWarning;
  }

  [[nodiscard]] std::string paint(Ink ink, std::string_view text) const {
    if (colour_ == Colour::kOff || ink == Ink::kPlain || text.empty()) return std::string(text);
    return fmt::format("{}{}\x1b[0m", ink_sequence(ink), text);
  }

  [[nodiscard]] std::size_t gutter_width() const {
    std::uint32_t last = sources_.place(diagnostic_.span).line;
    for (const Label& label : diagnostic_.labels) {
      last = std::max(last, sources_.place(label.span).line);
    }
    return fmt::formatted_size("{}", last);
  }

  // The sources of labels in other files, in the order of the labels.
  [[nodiscard]] std::vector<SourceId> other_sources() const {
    std::vector<SourceId> out;
    for (const Label& label : diagnostic_.labels) {
      const SourceId id = label.span.source;
      if (id != diagnostic_.span.source && !std::ranges::count(out, id)) out.push_back(id);
    }
    return out;
  }

  void heading() {
    const bool is_error = diagnostic_.severity() == Severity::kError;
    const std::string kind = fmt::format("{}[{}]", is_error ? "error" : "warning", code_text(diagnostic_.code));
    out_ += paint(severity_ink(), kind);
    out_ += paint(Ink::kBold, ": " + printable(diagnostic_.message));
    out_ += '\n';
  }

  // A line without a number: frame character, then text.
  void row(std::string_view frame, std::string_view text) {
    out_ += std::string(gutter_ + 1, ' ') + paint(Ink::kFrame, frame);
    if (!text.empty()) out_ += fmt::format(" {}", text);
    out_ += '\n';
  }

  // The place that stands over a file's block: the diagnostic's own, or the first label's in
  // another file.
  [[nodiscard]] Span heading_span(SourceId source) const {
    if (source == diagnostic_.span.source) return diagnostic_.span;
    return std::ranges::find(diagnostic_.labels, source, [](const Label& label) { return label.span.source; })->span;
  }

  // A multi-line span is marked to the end of its first line.
  [[nodiscard]] Mark make_mark(Span span, bool primary, const std::string& text) const {
    const SourceFile& file = sources_.file(span.source);
    const Place place = file.place(span.begin);
    const std::string_view line = file.line(place.line);
    const auto start = static_cast<std::size_t>(line.data() - file.text().data());
    const auto begin = std::max<std::size_t>(span.begin, start) - start;
    const auto end = std::min<std::size_t>(std::max(span.end, span.begin) - start, line.size());
    return {place.line, begin, std::max(begin, end), primary, printable(text)};
  }

  // By line; in one line the diagnostic's own mark is first.
  [[nodiscard]] std::vector<Mark> marks_in(SourceId source) const {
    std::vector<Mark> marks;
    const auto insert = [&](Mark mark) {
      marks.insert(std::ranges::upper_bound(marks, mark.line, {}, &Mark::line), std::move(mark));
    };
    if (source == diagnostic_.span.source) insert(make_mark(diagnostic_.span, true, diagnostic_.note));
    for (const Label& label : diagnostic_.labels) {
      if (label.span.source == source) insert(make_mark(label.span, false, label.text));
    }
    return marks;
  }

  void file_block(SourceId source, std::string_view corner) {
    const SourceFile& file = sources_.file(source);
    const std::vector<Mark> marks = marks_in(source);
    const Place place = file.place(heading_span(source).begin);
    row(corner, fmt::format("{}:{}:{}", printable(file.name()), place.line, place.column));
    row("│", "");
    std::uint32_t last_line = 0;
    for (const Mark& mark : marks) {
      const std::string_view line = file.line(mark.line);
      const Excerpt excerpt = make_excerpt(line, mark.begin, mark.end);
      // A windowed line is quoted again for each mark, as each has its own window.
      if (mark.line != last_line || line.size() > kWholeLineBytes) source_line(mark.line, excerpt);
      underline(mark, excerpt);
      last_line = mark.line;
    }
  }

  void source_line(std::uint32_t number, const Excerpt& excerpt) {
    out_ += paint(Ink::kFrame, fmt::format("{:>{}} │", number, gutter_));
    if (!excerpt.text.empty()) out_ += " " + excerpt.text;
    out_ += '\n';
  }

  void underline(const Mark& mark, const Excerpt& excerpt) {
    std::string line = repeat(mark.primary ? "^" : "─", excerpt.mark_columns);
    if (!mark.text.empty()) line += " " + mark.text;
    row("│", std::string(excerpt.mark_column, ' ') + paint(mark.primary ? severity_ink() : Ink::kLabel, line));
  }

  const Diagnostic& diagnostic_;
  const SourceMap& sources_;
  Colour colour_;
  std::size_t gutter_ = 1;
  std::string out_;
};

}  // namespace

std::string render_pretty(const Diagnostic& diagnostic, const SourceMap& sources, Colour colour) {
  return Picture(diagnostic, sources, colour).draw();
}

}  // namespace writ::support
