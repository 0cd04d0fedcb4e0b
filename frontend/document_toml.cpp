// TOML to the neutral tree. The one file that sees toml++, whose exceptions end here.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "frontend/document.h"
#include "stdlib/time.h"
#include "support/limits.h"

namespace writ::frontend::document {
namespace {

using support::Code;
using support::Diagnostics;
using support::SourceFile;

// ---- size --------------------------------------------------------------------------------------

// toml++ and the trees it builds recurse by brackets and by the points of dotted keys (`a.a.a.a = 1`), and its own limit does not
// count the latter; the number of values it does not limit at all. So both are measured over the text first: a small scan that
// knows strings and comments.
class SizeScan {
 public:
  explicit SizeScan(std::string_view text) : text_(text) {}

  /// Whether toml++ may read the text; an error if not.
  [[nodiscard]] bool may_be_read(const SourceFile& source, Diagnostics& diagnostics) {
    ValueCount values(source, diagnostics);
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      count(c);
      if (brackets_ + points_ > support::limits::kInputNesting) {
        report_too_deep(source, at_, diagnostics);
        return false;
      }
      if (begins_value(c) && !values.add(at_)) return false;
      ++at_;
    }
    return true;
  }

 private:
  // One of these stands before each value, or is it.
  static bool begins_value(char c) { return c == ',' || c == '=' || c == '[' || c == '{'; }

  void count(char c) {
    if (c == '.') {
      ++points_;
    } else if (c == '\n' || c == ',' || c == '=' || c == '[' || c == '{') {
      points_ = 0;
    }
    if (c == '[' || c == '{') ++brackets_;
    if ((c == ']' || c == '}') && brackets_ > 0) --brackets_;
  }

  // A string that does not end takes the rest of the text: toml++ refuses it without looking inside.
  void skip_string(char quote) {
    const std::string mark(text_.substr(at_).starts_with(std::string(3, quote)) ? 3 : 1, quote);
    at_ += mark.size();
    while (at_ < text_.size() && !text_.substr(at_).starts_with(mark)) {
      if (mark.size() == 1 && text_[at_] == '\n') return;
      at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_ + mark.size(), text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t brackets_ = 0;
  std::int64_t points_ = 0;
};

// ---- places ------------------------------------------------------------------------------------

// toml++'s lines and columns (code points) as byte offsets, in constant time whatever the length of a line.
class Offsets {
 public:
  explicit Offsets(std::string_view text) : text_(text) {
    std::uint32_t points = 0;
    line_points_.push_back(0);
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (!starts_point(text[at])) continue;
      if (points % kStep == 0) checkpoints_.push_back(static_cast<std::uint32_t>(at));
      ++points;
      if (text[at] == '\n') line_points_.push_back(points);
    }
  }

  [[nodiscard]] std::uint32_t byte(const toml::source_position& place) const {
    if (place.line == 0 || place.line > line_points_.size()) return 0;
    const std::uint32_t point = line_points_[place.line - 1] + std::max(place.column, 1U) - 1;
    if (point / kStep >= checkpoints_.size()) return static_cast<std::uint32_t>(text_.size());
    std::size_t at = checkpoints_[point / kStep];
    for (std::uint32_t left = point % kStep; left > 0 && at < text_.size(); --left) {
      do {
        ++at;
      } while (at < text_.size() && !starts_point(text_[at]));
    }
    return static_cast<std::uint32_t>(at);
  }

 private:
  static constexpr std::uint32_t kStep = 64;
  static bool starts_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

  std::string_view text_;
  std::vector<std::uint32_t> line_points_;  // code points before each line
  std::vector<std::uint32_t> checkpoints_;  // byte offset of every kStep-th code point
};

// ---- the tree ----------------------------------------------------------------------------------

class TomlReader {
 public:
  TomlReader(const SourceFile& source, Diagnostics& diagnostics)
      : source_(source), offsets_(source.text()), diagnostics_(diagnostics) {}

  [[nodiscard]] Span span(const toml::source_region& region) const {
    const std::uint32_t begin = offsets_.byte(region.begin);
    return {source_.id(), begin, std::max(begin, offsets_.byte(region.end))};
  }

  Node table(const toml::table& table) {
    Table out;
    for (const auto& [key, value] : table) {
      out.members.push_back({std::string(key.str()), span(key.source()), node(value)});
    }
    return {span(table.source()), std::move(out)};
  }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  Node node(const toml::node& node) {
    if (const auto* table = node.as_table()) return this->table(*table);
    if (const auto* array = node.as_array()) return this->array(*array);
    const Span place = span(node.source());
    if (const auto* text = node.as_string()) return {place, text->get()};
    if (const auto* number = node.as_integer()) return {place, integer(number->get())};
    if (const auto* number = node.as_floating_point()) return {place, number->get()};
    if (const auto* flag = node.as_boolean()) return {place, flag->get()};
    if (const auto* moment = node.as_date_time()) return timestamp(moment->get(), place);
    diagnostics_.error(Code::kConfigMismatch, place, "a date or a time alone is no value in Writ").help =
        "write a moment with its offset: 2026-01-01T00:00:00Z";
    failed_ = true;
    return {place, Absent{}};
  }

  Node array(const toml::array& array) {
    Array out;
    out.items.reserve(array.size());
    for (const toml::node& item : array) out.items.push_back(node(item));
    return {span(array.source()), std::move(out)};
  }

  static Integer integer(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    return {value < 0, value < 0 ? 0 - bits : bits};
  }

  Node timestamp(const toml::date_time& moment, Span place) {
    if (moment.offset) {
      const int minutes = std::abs(int{moment.offset->minutes});
      const auto value = stdlib::parse_timestamp(
          fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}{}{:02}:{:02}", moment.date.year, moment.date.month,
                      moment.date.day, moment.time.hour, moment.time.minute, moment.time.second, moment.time.nanosecond,
                      moment.offset->minutes < 0 ? '-' : '+', minutes / 60, minutes % 60));
      if (value) return {place, Typed{ir::Kind::kTimestamp, ir::Value{*value}}};
    }
    diagnostics_
        .error(Code::kConfigMismatch, place,
               moment.offset ? "this moment lies outside the years 1678 to 2261"
                             : "a date and time without an offset is no moment")
        .help = "write it with its offset: 2026-01-01T00:00:00Z";
    failed_ = true;
    return {place, Absent{}};
  }

  const SourceFile& source_;
  Offsets offsets_;
  Diagnostics& diagnostics_;
  bool failed_ = false;
};

}  // namespace

std::optional<Node> read_toml(const SourceFile& source, Diagnostics& diagnostics) {
  if (!SizeScan(source.text()).may_be_read(source, diagnostics)) return std::nullopt;
  TomlReader reader(source, diagnostics);
  try {
    const toml::table root = toml::parse(source.text());
    Node out = reader.table(root);
    if (reader.failed()) return std::nullopt;
    return out;
  } catch (const toml::parse_error& error) {
    diagnostics.error(Code::kConfigSyntax, reader.span(error.source()),
                      fmt::format("the document is not TOML: {}", error.description()));
  } catch (const std::exception& error) {
    diagnostics.error(Code::kConfigSyntax, {source.id(), 0, 0},
                      fmt::format("the document cannot be read: {}", error.what()));
  }
  return std::nullopt;
}

}  // namespace writ::frontend::document
