// Source texts and places in them.
//
// A SourceMap owns every text that a compilation reads (units, config documents) and gives each a small id.
// A Span is a half-open byte range in one of them; it is 12 bytes and means nothing without its map.
// What it does not do: read files (tools/ and host/ do) or judge their content (frontend/ does).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace writ::support {

using SourceId = std::uint32_t;

/// A half-open byte range [begin, end) of the text `source`.
struct Span {
  SourceId source = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Span&) const = default;
};

/// The span from the start of `first` to the end of `last`; both must be of one source.
[[nodiscard]] constexpr Span join(Span first, Span last) { return {first.source, first.begin, last.end}; }

/// A place as people read it: both count from 1; the column counts code points.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  bool operator==(const Place&) const = default;
};

/// One text with the name it is shown under. Immutable.
class SourceFile {
 public:
  SourceFile(SourceId id, std::string name, std::string text);

  [[nodiscard]] SourceId id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view text(Span span) const { return text().substr(span.begin, span.end - span.begin); }
  /// The place of byte `offset`; offsets past the end give the end.
  [[nodiscard]] Place place(std::uint32_t offset) const;
  /// Line `line` (from 1) without its line end; empty past the last.
  [[nodiscard]] std::string_view line(std::uint32_t line) const;
  [[nodiscard]] std::uint32_t line_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }

 private:
  SourceId id_;
  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

/// Owns the texts of one compilation. References stay valid while the map lives. Not thread-safe.
class SourceMap {
 public:
  const SourceFile& add(std::string name, std::string text);
  [[nodiscard]] const SourceFile& file(SourceId id) const { return files_.at(id); }
  [[nodiscard]] Place place(Span span) const { return file(span.source).place(span.begin); }
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  std::deque<SourceFile> files_;
};

}  // namespace writ::support
