// Golden files as the front end takes them: which there are, their texts, their schema, their configuration.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/loader.h"
#include "tests/golden_file.h"

namespace writ::tests {

/// tests/golden in the checkout.
[[nodiscard]] const std::filesystem::path& golden_root();

/// Every golden file by its path from the root, sorted. What lies at the root itself is shared by others.
[[nodiscard]] std::vector<std::string> golden_names();

[[nodiscard]] std::string read_text(const std::filesystem::path& path);
[[nodiscard]] GoldenFile read_golden(const std::string& name);

/// The first folder of the name: how far the file goes.
[[nodiscard]] std::string folder_of(const GoldenFile& file);

/// Parses the file's own sections; they come first in the source map.
void add_sections(const GoldenFile& file, host::Sources& sources);
/// Then the schema it names or shares, and its single values.
void add_surroundings(const GoldenFile& file, host::Sources& sources);

}  // namespace writ::tests
