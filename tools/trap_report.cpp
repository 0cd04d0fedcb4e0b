#include "tools/trap_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/diagnostic.h"
#include "support/utf8.h"

namespace writ::tools {
namespace {

using runtime::Trap;

constexpr std::size_t kShownBytes = 120;  // of the source line

std::string code_of(Trap trap) { return fmt::format("T{:04}", static_cast<int>(trap)); }

std::string_view doc_of(Trap trap) {
  for (const runtime::TrapRow& row : runtime::kTrapRows) {
    if (row.trap == trap) return row.doc;
  }
  return {};
}

/// "out of fuel: the call used its whole fuel, 20000 (tier tenant)"
std::string message_of(const TrapReport& report) {
  std::string name(runtime::trap_spelling(report.trap));
  std::ranges::replace(name, '_', ' ');
  std::string quota;
  if (report.trap == Trap::kOutOfFuel) quota = fmt::format(", {}", report.budget.fuel);
  if (report.trap == Trap::kOutOfMemory) quota = fmt::format(", {} bytes", report.budget.memory);
  if (report.trap == Trap::kStackOverflow) quota = fmt::format(", {} bytes", report.budget.stack);
  if (!quota.empty() && !report.tier.empty()) quota += fmt::format(" (tier {})", report.tier);
  return fmt::format("{}: {}{}", name, doc_of(report.trap), quota);
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The line and what is marked in it, both safe to print.
struct Excerpt {
  std::string line;
  std::size_t indent = 0;
  std::size_t width = 1;
};

Excerpt excerpt_of(support::Span span, const support::SourceFile& file, std::string_view line) {
  std::size_t begin = span.begin - static_cast<std::size_t>(line.data() - file.text().data());
  const std::size_t end = std::min(begin + (span.end - span.begin), line.size());
  // What stands far to the right is shown from its own beginning.
  if (begin > kShownBytes) {
    line.remove_prefix(begin);
    return {.line = support::printable(line.substr(0, kShownBytes)), .indent = 0, .width = 1};
  }
  return {.line = support::printable(line.substr(0, kShownBytes + (end - begin))),
          .indent = code_points(support::printable(line.substr(0, begin))),
          .width = std::max<std::size_t>(1, code_points(support::printable(line.substr(begin, end - begin))))};
}

std::string pretty(const TrapReport& report, const support::SourceMap& sources, support::Colour colour) {
  const support::SourceFile& file = sources.file(report.place.source);
  const support::Place place = sources.place(report.place);
  const Excerpt excerpt = excerpt_of(report.place, file, file.line(place.line));
  const std::string margin(std::to_string(place.line).size(), ' ');
  const bool coloured = colour == support::Colour::kOn;
  std::string text = fmt::format("{}trap[{}]{}: {}\n", coloured ? "\x1b[1;31m" : "", code_of(report.trap),
                                 coloured ? "\x1b[0m" : "", message_of(report));
  text += fmt::format("{} ╭─ {}\n", margin, place_text(report.place, sources));
  text += fmt::format("{} │ {}\n", place.line, excerpt.line);
  text += fmt::format("{} │ {}{}\n", margin, std::string(excerpt.indent, ' '), std::string(excerpt.width, '^'));
  if (!report.consequence.empty()) text += fmt::format("{} = {}\n", margin, report.consequence);
  if (!report.note.empty()) text += fmt::format("{} = note: {}\n", margin, report.note);
  return text;
}

}  // namespace

std::string place_text(support::Span span, const support::SourceMap& sources) {
  const support::Place place = sources.place(span);
  return fmt::format("{}:{}:{}", sources.file(span.source).name(), place.line, place.column);
}

std::string render(const TrapReport& report, const support::SourceMap& sources, const Console& console) {
  switch (console.format()) {
    case Format::kPretty:
      return pretty(report, sources, console.colour());
    case Format::kShort:
      return fmt::format("{}: trap[{}]: {}\n", place_text(report.place, sources), code_of(report.trap),
                         message_of(report));
    case Format::kJson:
      return fmt::format(
          "{{\"trap\": {}, \"at\": {}, \"message\": {}}}\n", support::json_quote(runtime::trap_spelling(report.trap)),
          support::json_quote(place_text(report.place, sources)), support::json_quote(message_of(report)));
  }
  return {};
}

}  // namespace writ::tools
