// Any bytes as a document in each notation: reading ends with a tree or with an error, never otherwise, and a tree is no deeper
// than its limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "frontend/document.h"
#include "support/check.h"
#include "support/diagnostic.h"
#include "support/limits.h"
#include "support/source.h"

namespace {

namespace document = writ::frontend::document;
namespace support = writ::support;

std::int64_t depth_of(const document::Node& node) {
  std::int64_t most = 0;
  if (const auto* array = std::get_if<document::Array>(&node.value)) {
    for (const document::Node& item : array->items) most = std::max(most, 1 + depth_of(item));
  } else if (const auto* table = std::get_if<document::Table>(&node.value)) {
    for (const document::Member& member : table->members) most = std::max(most, 1 + depth_of(member.value));
  }
  return most;
}

void check(const std::optional<document::Node>& node, const support::Diagnostics& diagnostics) {
  WRIT_CHECK(node.has_value() != diagnostics.has_errors());
  // A unit's table and the document around it are two more.
  if (node) WRIT_CHECK(depth_of(*node) <= support::limits::kInputNesting + 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"fuzz.toml", "fuzz.json", "fuzz.yaml"}) {
    const support::SourceFile source(0, name, text);
    support::Diagnostics diagnostics;
    check(document::read_document(source, diagnostics), diagnostics);
  }
  const support::SourceFile rows(0, "fuzz.csv", text);
  support::Diagnostics diagnostics;
  check(document::read_rows(rows, "unit.knob", diagnostics), diagnostics);
  return 0;
}
