// CSV (RFC 4180) to the neutral tree: a list of tables, one a row, whose keys are the cells of the first row. An empty line is no
// row.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "frontend/document.h"

namespace writ::frontend::document {
namespace {

using support::Code;
using support::Diagnostics;
using support::SourceFile;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class CsvReader {
 public:
  CsvReader(const SourceFile& source, Diagnostics& diagnostics)
      : source_(source), text_(source.text()), diagnostics_(diagnostics), values_(source, diagnostics) {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  std::optional<Node> read() {
    skip_empty_lines();
    const Span head{source_.id(), position(at_), position(std::min(text_.find_first_of("\r\n", at_), text_.size()))};
    if (!read_header()) return std::nullopt;
    Array rows;
    skip_empty_lines();
    while (at_ < text_.size()) {
      auto row = read_row();
      if (!row) return std::nullopt;
      // What a row lacks, the header lacks: that is where it is told, once.
      rows.items.push_back({head, *std::move(row)});
      skip_empty_lines();
    }
    return Node{head, std::move(rows)};
  }

 private:
  [[nodiscard]] static std::uint32_t position(std::size_t at) { return static_cast<std::uint32_t>(at); }

  void skip_empty_lines() { at_ = std::min(text_.find_first_not_of("\r\n", at_), text_.size()); }

  bool read_header() {
    const auto cells = read_cells();
    if (!cells) return false;
    Table names;
    for (const Node& cell : *cells) {
      header_.push_back({std::get<Cell>(cell.value).text, cell.span});
      names.members.push_back({header_.back().text, cell.span, {}});
      if (header_.back().text.empty()) {
        return wrong(cell.span.begin, cell.span.end, "the first row says the name of each field, and here is none");
      }
    }
    return has_unique_keys(names, diagnostics_);
  }

  std::optional<Table> read_row() {
    const std::size_t begin = at_;
    auto cells = read_cells();
    if (!cells) return std::nullopt;
    if (cells->size() != header_.size()) {
      wrong(begin, std::min(text_.find_first_of("\r\n", begin), text_.size()),
            fmt::format("this row has {} cells, the first row has {}", cells->size(), header_.size()));
      return std::nullopt;
    }
    Table row;
    for (std::size_t i = 0; i < cells->size(); ++i) {
      row.members.push_back({header_[i].text, header_[i].span, std::move((*cells)[i])});
    }
    return row;
  }

  /// The cells up to the line's end, which is passed over.
  std::optional<std::vector<Node>> read_cells() {
    std::vector<Node> cells;
    while (true) {
      auto cell = read_cell();
      if (!cell) return std::nullopt;
      cells.push_back(*std::move(cell));
      if (at_ >= text_.size() || text_[at_] != ',') break;
      ++at_;
    }
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    if (at_ < text_.size()) ++at_;
    return cells;
  }

  std::optional<Node> read_cell() {
    if (!values_.add(at_)) return std::nullopt;
    const std::size_t begin = at_;
    Cell cell;
    if (text_.substr(at_).starts_with('"')) {
      if (!read_quoted(cell.text)) return std::nullopt;
    } else {
      at_ = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
      cell.text = text_.substr(begin, at_ - begin);
    }
    if (!ends_cell()) {
      wrong(at_, at_ + 1,
            text_[begin] == '"' ? "behind the closing quote I expected a comma or the line's end"
                                : "a quote stands only around a whole cell, and twice inside of one");
      return std::nullopt;
    }
    return Node{{source_.id(), position(begin), position(at_)}, std::move(cell)};
  }

  bool read_quoted(std::string& out) {
    const std::size_t begin = at_++;
    while (true) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return wrong(begin, begin + 1, "this cell has no closing quote");
      out += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (!text_.substr(at_).starts_with('"')) return true;
      out += '"';
      ++at_;
    }
  }

  [[nodiscard]] bool ends_cell() const {
    const std::string_view rest = text_.substr(at_);
    return rest.empty() || rest[0] == ',' || rest[0] == '\n' || rest.starts_with("\r\n");
  }

  bool wrong(std::size_t begin, std::size_t end, std::string message) {
    diagnostics_.error(Code::kConfigSyntax, {source_.id(), position(begin), position(end)}, std::move(message));
    return false;
  }

  const SourceFile& source_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  ValueCount values_;
  std::size_t at_ = 0;
  std::vector<Key> header_;
};

}  // namespace

std::optional<Node> read_csv(const SourceFile& source, Diagnostics& diagnostics) {
  return CsvReader(source, diagnostics).read();
}

}  // namespace writ::frontend::document
