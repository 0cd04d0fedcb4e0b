#include "support/source.h"

#include <algorithm>
#include <utility>

namespace writ::support {

SourceFile::SourceFile(SourceId id, std::string name, std::string text)
    : id_(id), name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
  for (std::uint32_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

Place SourceFile::place(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::uint32_t start = *std::prev(next);
  // A code point starts at every byte that is not a continuation byte (10xxxxxx).
  const auto column = std::count_if(text_.begin() + start, text_.begin() + offset,
                                    [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return {static_cast<std::uint32_t>(next - line_starts_.begin()), static_cast<std::uint32_t>(column) + 1};
}

std::string_view SourceFile::line(std::uint32_t line) const {
  if (line == 0 || line > line_count()) return {};
  const std::uint32_t begin = line_starts_[line - 1];
  const auto end = line < line_count() ? line_starts_[line] - 1 : static_cast<std::uint32_t>(text_.size());
  std::string_view out = text().substr(begin, end - begin);
  if (out.ends_with('\r')) out.remove_suffix(1);
  return out;
}

const SourceFile& SourceMap::add(std::string name, std::string text) {
  const auto id = static_cast<SourceId>(files_.size());
  return files_.emplace_back(id, std::move(name), std::move(text));
}

}  // namespace writ::support
