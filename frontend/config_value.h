// One value of a document by the type that its knob declares.
//
// In: a node of the neutral tree and a type. Out: an ir::Value of that type, within its bounds, sets and maps by ascending key;
// or diagnostics at the node. Text stands for every scalar that has a literal: "20s", "64MiB", "10.0.0.0/8", "admin"; of bytes
// it is base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/document.h"
#include "ir/program.h"
#include "support/diagnostic.h"

namespace writ::frontend {

/// Reads the values of one knob. Borrows everything it is made of.
class ConfigValueReader {
 public:
  /// `subject` is the knob's name in messages, before the part of its value that is meant: `access.share`.
  ConfigValueReader(const ir::Program& program, const support::SourceFile& source, support::Diagnostics& diagnostics,
                    std::string subject)
      : program_(program), source_(source), diagnostics_(diagnostics), subject_(std::move(subject)) {}

  /// `base` is the value so far, into whose fields a record merges; null where there is none.
  [[nodiscard]] std::optional<ir::Value> read(const document::Node& node, ir::TypeId type, const ir::Value* base);

 private:
  using Result = std::optional<ir::Value>;

  Result read_unbounded(const document::Node& node, ir::TypeId type, const ir::Value* base);
  Result read_unread(const document::Unread& unread, const document::Node& node, ir::TypeId type,
                     const ir::Value* base);
  Result read_cell(const document::Cell& cell, const document::Node& node, ir::TypeId type);
  Result read_list(const document::Node& node, const ir::Type& type, ir::TypeId type_id);
  Result read_set(const document::Node& node, const ir::Type& type, ir::TypeId type_id);
  Result read_map(const document::Node& node, const ir::Type& type, ir::TypeId type_id);
  Result read_record(const document::Node& node, ir::TypeId type, const ir::Value* base);
  [[nodiscard]] bool may_be_left_out(const ir::Field& field) const;
  Result missing_field(const ir::Field& field, const ir::RecordType& record, const document::Node& node,
                       const ir::Value* base);
  Result mismatch(const document::Node& node, ir::TypeId type);
  [[nodiscard]] std::string help_for(const document::Node& node, ir::TypeId type) const;

  const ir::Program& program_;
  const support::SourceFile& source_;
  support::Diagnostics& diagnostics_;
  std::string subject_;  // with the part that is being read: `house.plans[2].rate`
};

/// The value that a text without quotes stands for, where it can only mean one thing: `20s`, `64MiB`, `2026-01-01T00:00:00Z`; of
/// bytes in base64. Nothing for a text that has to be read as an expression. Bounds are the caller's.
[[nodiscard]] std::optional<ir::Value> plain_value(std::string_view text, ir::TypeId type, const ir::Types& types);

/// Reports a key that `known` lacks, with the likeliest of them.
void report_unknown_key(support::Diagnostics& diagnostics, const document::Member& member, std::string message,
                        const std::vector<std::string_view>& known);

template <typename Map>
[[nodiscard]] std::vector<std::string_view> names_of(const Map& map) {
  std::vector<std::string_view> names;
  names.reserve(map.size());
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

}  // namespace writ::frontend
