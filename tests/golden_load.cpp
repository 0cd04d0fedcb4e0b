#include "tests/golden_load.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace writ::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSharedSchema = "golden.writ";  // of files that bring none

}  // namespace

const fs::path& golden_root() {
  static const fs::path kRoot = fs::path(WRIT_SOURCE_DIR) / "tests" / "golden";
  return kRoot;
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(golden_root())) {
    if (entry.path().extension() != ".writ" || entry.path().parent_path() == golden_root()) continue;
    names.push_back(fs::relative(entry.path(), golden_root()).string());
  }
  std::ranges::sort(names);
  return names;
}

std::string read_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

GoldenFile read_golden(const std::string& name) { return parse_golden(name, read_text(golden_root() / name)); }

std::string folder_of(const GoldenFile& file) { return file.name.substr(0, file.name.find('/')); }

void add_sections(const GoldenFile& file, host::Sources& sources) {
  for (const Section& section : file.sections) {
    if (section.is_document()) {
      host::add_document(sources, section.name, section.text);
    } else {
      host::add_unit(sources, section.name, section.text);
    }
  }
}

void add_surroundings(const GoldenFile& file, host::Sources& sources) {
  if (!sources.schema && !sources.diagnostics.has_errors()) {
    const std::string name = file.directive("schema").value_or(kSharedSchema);
    host::add_unit(sources, name, read_text(golden_root() / name));
  }
  for (const std::string& text : file.directives_of("set")) host::add_assignment(sources, text);
}

}  // namespace writ::tests
