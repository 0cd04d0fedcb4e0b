#include "host/loader.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "frontend/parser.h"
#include "host/file.h"
#include "support/limits.h"

namespace writ::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRowsEnding = ".csv";

/// A span for what concerns a whole file, read or not.
support::Span whole_file(Sources& sources, const std::string& name) {
  return {.source = sources.map.add(name, "").id()};
}

void report(Sources& sources, const std::string& path, FileError error) {
  const support::Code code = error.too_large ? support::Code::kFileTooLarge : support::Code::kUnreadableFile;
  sources.diagnostics.error(code, whole_file(sources, path), std::move(error.message));
}

/// Counts a text in; an error where the release holds no more.
bool fits(Sources& sources, const std::string& name, std::size_t bytes) {
  sources.text_count += 1;
  sources.text_bytes += static_cast<std::int64_t>(bytes);
  if (sources.text_count <= support::limits::kUnits && sources.text_bytes <= support::limits::kReleaseBytes)
    return true;
  report(sources, name,
         {.too_large = true, .message = fmt::format("the release is too large: {} is over its limits", name)});
  return false;
}

struct DocumentName {
  std::string path;
  std::string knob;  // unit.field of a document of rows
};

/// Takes `house.plans=plans.csv` apart; and `house.plans.csv`, so that a folder of documents can hold one.
DocumentName document_name(std::string name) {
  if (!name.ends_with(kRowsEnding)) return {.path = std::move(name), .knob = {}};
  const std::size_t equals = name.find('=');
  if (equals != std::string::npos) return {.path = name.substr(equals + 1), .knob = name.substr(0, equals)};
  const std::string file = fs::path(name).filename().string();
  return {.path = std::move(name), .knob = file.substr(0, file.size() - kRowsEnding.size())};
}

class Loader {
 public:
  explicit Loader(Sources& sources) : sources_(sources) {}

  void read_units(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      auto files = unit_files(path);
      if (!files) {
        report(sources_, path, std::move(files.error()));
        continue;
      }
      for (const std::string& file : *files) read_unit(file);
    }
  }

  /// Reads and parses a file once, however often it is named.
  void read_unit(const std::string& path) {
    std::error_code unknown;
    if (!seen_.insert(fs::weakly_canonical(path, unknown).string()).second) return;
    auto text = read_file(path, support::limits::kSourceBytes);
    if (!text) return report(sources_, path, std::move(text.error()));
    add_unit(sources_, path, *std::move(text));
  }

  void find_schema() {
    if (sources_.schema || sources_.diagnostics.has_errors()) return;
    if (sources_.units.empty()) return;
    const ast::File& unit = sources_.units.front();
    if (!unit.schema) return;
    const fs::path beside = beside_of(unit, unit.schema->text);
    if (exists(beside)) return read_unit(beside.string());
    sources_.diagnostics
        .error(support::Code::kSchemaNotFound, unit.schema->span,
               fmt::format("the schema `{}` is not among the files given", unit.schema->text))
        .help = "say where it is: --schema FILE";
  }

  /// Libraries that are used and were not named; what they use in turn comes by the growing list.
  void find_used_libraries() {
    for (std::size_t i = 0; i < sources_.units.size(); ++i) {
      for (const std::string& name : unknown_uses(sources_.units[i])) {
        const fs::path beside = beside_of(sources_.units[i], name);
        if (exists(beside)) read_unit(beside.string());
      }
    }
  }

 private:
  [[nodiscard]] fs::path beside_of(const ast::File& unit, const std::string& name) const {
    return fs::path(sources_.map.file(unit.span.source).name()).replace_filename(name + ".writ");
  }

  static bool exists(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
  }

  [[nodiscard]] bool is_known(const std::string& unit_name) const {
    for (const ast::File& unit : sources_.units) {
      if (unit.name.text == unit_name) return true;
    }
    return false;
  }

  [[nodiscard]] std::vector<std::string> unknown_uses(const ast::File& unit) const {
    std::vector<std::string> names;
    for (const ast::Decl& decl : unit.decls) {
      const auto* use = std::get_if<ast::Use>(&decl.node);
      if (use != nullptr && !is_known(use->unit.text)) names.push_back(use->unit.text);
    }
    return names;
  }

  Sources& sources_;
  std::set<std::string> seen_;
};

}  // namespace

void load(Sources& sources, const LoadRequest& request) {
  Loader loader(sources);
  if (!request.schema.empty()) loader.read_unit(request.schema);
  loader.read_units(request.paths);
  loader.find_schema();
  loader.find_used_libraries();
  for (const std::string& document : request.documents) {
    const std::string path = document_name(document).path;
    auto text = read_file(path, support::limits::kDocumentBytes);
    if (text) {
      add_document(sources, document, *std::move(text));
    } else {
      report(sources, path, std::move(text.error()));
    }
  }
  for (const std::string& variable : request.variables) add_variable(sources, variable);
  for (const std::string& assignment : request.assignments) add_assignment(sources, assignment);
}

void add_unit(Sources& sources, std::string name, std::string text) {
  if (!fits(sources, name, text.size())) return;
  const support::SourceFile& source = sources.map.add(std::move(name), std::move(text));
  std::optional<ast::File> file = frontend::parse(source, sources.diagnostics);
  if (!file) return;
  if (file->kind != ast::UnitKind::kSchema) {
    sources.units.push_back(*std::move(file));
    return;
  }
  if (!sources.schema) {
    sources.schema = std::move(file);
    return;
  }
  sources.diagnostics
      .error(support::Code::kSchemaNotFound, file->name.span,
             fmt::format("a release has one schema, and `{}` is a second", file->name.text))
      .labels.push_back({sources.schema->name.span, "the first is here"});
}

void add_document(Sources& sources, std::string name, std::string text) {
  DocumentName parts = document_name(std::move(name));
  if (!fits(sources, parts.path, text.size())) return;
  const support::SourceFile& source = sources.map.add(std::move(parts.path), std::move(text));
  sources.layers.push_back({frontend::ConfigLayer::Kind::kDocument, &source, std::move(parts.knob)});
}

void add_variable(Sources& sources, std::string text) {
  const support::SourceFile& source = sources.map.add("environment", std::move(text));
  sources.layers.push_back({frontend::ConfigLayer::Kind::kVariable, &source});
}

void add_assignment(Sources& sources, std::string text) {
  const support::SourceFile& source = sources.map.add("--set", std::move(text));
  sources.layers.push_back({frontend::ConfigLayer::Kind::kAssignment, &source});
}

std::vector<const ast::File*> unit_pointers(const Sources& sources) {
  std::vector<const ast::File*> pointers;
  for (const ast::File& unit : sources.units) pointers.push_back(&unit);
  return pointers;
}

}  // namespace writ::host
