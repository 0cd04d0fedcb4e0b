#include "frontend/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "frontend/source_text.h"
#include "support/limits.h"

namespace writ::frontend::document {
namespace {

using support::Code;
using support::Diagnostics;
using support::SourceFile;

constexpr std::string_view kRowsEnding = ".csv";
/// Where an editor finds the JSON Schema of a document; it is no unit.
constexpr std::string_view kSchemaKey = "$schema";

std::optional<Node> refuse_rows(const SourceFile& source, Diagnostics& diagnostics) {
  diagnostics
      .error(Code::kUnknownNotation, {source.id(), 0, 0}, "rows fill one list of records, and here none is named")
      .help = "say which config the rows fill: house.plans=plans.csv";
  return std::nullopt;
}

struct Notation {
  std::string_view ending;
  std::optional<Node> (*read)(const SourceFile&, Diagnostics&);
};
constexpr std::array kNotations = {
    Notation{"", read_toml},      Notation{".toml", read_toml}, Notation{".json", read_json},
    Notation{".yaml", read_yaml}, Notation{".yml", read_yaml},  Notation{kRowsEnding, refuse_rows},
};

/// `.toml` of `folder/prod.toml`; empty where the name has none.
std::string_view ending_of(std::string_view name) {
  name.remove_prefix(name.find_last_of('/') + 1);
  const std::size_t point = name.find_last_of('.');
  return point == std::string_view::npos || point == 0 ? "" : name.substr(point);
}

/// Whether a document may be read at all; an error if not.
bool check_document(const SourceFile& source, Diagnostics& diagnostics, ByteOrderMark mark) {
  const std::string_view text = source.text();
  if (text.size() > static_cast<std::size_t>(support::limits::kDocumentBytes)) {
    diagnostics.error(
        Code::kConfigTooLarge, {source.id(), 0, 0},
        fmt::format("the document has {} bytes, {} are allowed", text.size(), support::limits::kDocumentBytes));
    return false;
  }
  return check_characters(source, diagnostics, mark);
}

}  // namespace

std::optional<Node> read_document(const SourceFile& source, Diagnostics& diagnostics) {
  if (!check_document(source, diagnostics, ByteOrderMark::kRefused)) return std::nullopt;
  const std::string_view ending = ending_of(source.name());
  const auto* const notation = std::ranges::find(kNotations, ending, &Notation::ending);
  if (notation == kNotations.end()) {
    diagnostics.error(Code::kUnknownNotation, {source.id(), 0, 0}, fmt::format("no document's name ends in {}", ending))
        .help = "it is one of .toml, .json, .yaml, .yml and .csv";
    return std::nullopt;
  }
  auto document = notation->read(source, diagnostics);
  if (document) {
    std::erase_if(std::get<Table>(document->value).members,
                  [](const Member& member) { return member.key == kSchemaKey; });
  }
  return document;
}

bool has_known_ending(std::string_view name) {
  const std::string_view ending = ending_of(name);
  return !ending.empty() && std::ranges::find(kNotations, ending, &Notation::ending) != kNotations.end();
}

std::optional<Node> read_rows(const SourceFile& source, std::string_view knob, Diagnostics& diagnostics) {
  const std::size_t point = knob.find('.');
  if (point == std::string_view::npos) return refuse_rows(source, diagnostics);
  if (!check_document(source, diagnostics, ByteOrderMark::kAllowed)) return std::nullopt;
  auto rows = read_csv(source, diagnostics);
  if (!rows) return std::nullopt;
  const Span head = rows->span;
  Table fields;
  fields.members.push_back({std::string(knob.substr(point + 1)), head, *std::move(rows)});
  Table units;
  units.members.push_back({std::string(knob.substr(0, point)), head, {head, std::move(fields)}});
  return Node{head, std::move(units)};
}

bool has_unique_keys(const Table& table, Diagnostics& diagnostics) {
  std::vector<const Member*> members;
  members.reserve(table.members.size());
  for (const Member& member : table.members) members.push_back(&member);
  std::ranges::sort(members, [](const Member* a, const Member* b) {
    const auto order = a->key <=> b->key;
    return order != 0 ? order < 0 : a->key_span.begin < b->key_span.begin;
  });
  bool unique = true;
  for (std::size_t i = 1; i < members.size(); ++i) {
    if (members[i - 1]->key != members[i]->key) continue;
    unique = false;
    diagnostics.error(Code::kDuplicateEntry, members[i]->key_span, fmt::format("`{}` is given twice", members[i]->key))
        .labels.push_back({members[i - 1]->key_span, "it stands here too"});
  }
  return unique;
}

bool ValueCount::add(std::size_t begin) {
  if (++count_ <= support::limits::kDocumentValues) return true;
  const auto place = static_cast<std::uint32_t>(begin);
  diagnostics_.error(Code::kConfigTooLarge, {source_.id(), place, place + 1},
                     fmt::format("the document has more than {} values", support::limits::kDocumentValues));
  return false;
}

void report_too_deep(const SourceFile& source, std::size_t begin, Diagnostics& diagnostics) {
  const auto place = static_cast<std::uint32_t>(begin);
  diagnostics.error(Code::kConfigTooLarge, {source.id(), place, place + 1},
                    fmt::format("tables and lists are nested more than {} deep", support::limits::kInputNesting));
}

}  // namespace writ::frontend::document
