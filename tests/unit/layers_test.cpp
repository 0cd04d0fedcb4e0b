// The layers are law: every #include of every source file is judged by layers.txt. In: the
// checkout. Out: one failure for each breach, with file and line. It reads text only; a header
// reached through a macro would escape it.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

struct Layers {
  Words order;                        // bottom-up
  std::map<std::string, Words> rows;  // by folder, by file, and "system"

  bool grants(const std::string& row, std::string_view include) const {
    const auto found = rows.find(row);
    return found != rows.end() && std::ranges::any_of(found->second, [&](const std::string& word) {
             return word == "*" || include.starts_with(word);
           });
  }

  bool knows(const std::string& folder, const std::string& other) const {
    const auto self = std::ranges::find(order, folder);
    const auto target = std::ranges::find(order, other);
    return target != order.end() && target <= self && std::ranges::count(rows.at(folder), "!" + other) == 0;
  }

  // `file` is relative to the root, as are the includes between quotes.
  bool allows(const std::string& file, const std::string& include, bool quoted) const {
    const std::string folder = file.substr(0, file.find('/'));
    if (grants(file, include) || grants(folder, include)) return true;
    // What a program that embeds Writ sees is the folder include/, so there a path begins behind it.
    if (folder == "include") return quoted ? include.starts_with("writ/") : is_standard(include);
    if (quoted) return knows(folder, include.substr(0, include.find('/')));
    return is_standard(include) || grants("system", include);
  }

  static bool is_standard(const std::string& include) { return include.find_first_of("./") == std::string::npos; }
};

Layers read_layers(const fs::path& path) {
  Layers layers;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    if (!(words >> name)) continue;
    if (name != "system" && !name.contains('/')) layers.order.push_back(name);
    for (std::string word; words >> word;) layers.rows[name].push_back(word);
    layers.rows.try_emplace(name);
  }
  return layers;
}

struct Include {
  std::string path;
  bool quoted;
};

std::optional<Include> read_include(const std::string& line) {
  if (!line.starts_with("#include ")) return std::nullopt;
  const std::size_t open = line.find_first_of("\"<");
  if (open == std::string::npos) return std::nullopt;
  const std::size_t close = line.find_first_of("\">", open + 1);
  return Include{line.substr(open + 1, close - open - 1), line[open] == '"'};
}

bool is_source(const fs::path& path) {
  constexpr std::array kExtensions = {".h", ".hpp", ".inc", ".cpp", ".def"};
  return std::ranges::find(kExtensions, path.extension()) != kExtensions.end();
}

TEST(Layers, EveryIncludeGoesDown) {
  const fs::path root = WRIT_SOURCE_DIR;
  const Layers layers = read_layers(root / "layers.txt");
  ASSERT_FALSE(layers.order.empty());
  for (const std::string& folder : layers.order) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!is_source(entry.path())) continue;
      const std::string file = fs::relative(entry.path(), root).generic_string();
      std::ifstream in(entry.path());
      int number = 0;
      for (std::string line; std::getline(in, line);) {
        ++number;
        if (const auto include = read_include(line)) {
          EXPECT_TRUE(layers.allows(file, include->path, include->quoted))
              << file << ':' << number << " may not include " << include->path;
        }
      }
    }
  }
}

TEST(Layers, EveryFolderWithSourcesIsListed) {
  const Layers layers = read_layers(fs::path(WRIT_SOURCE_DIR) / "layers.txt");
  for (const auto& top : fs::directory_iterator(WRIT_SOURCE_DIR)) {
    const std::string name = top.path().filename().string();
    if (!top.is_directory() || name.starts_with('.') || name == "build") continue;
    const bool has_sources = std::ranges::any_of(fs::recursive_directory_iterator(top.path()),
                                                 [](const auto& e) { return is_source(e.path()); });
    EXPECT_TRUE(!has_sources || std::ranges::count(layers.order, name) == 1)
        << name << " holds sources and is not in layers.txt";
  }
}

}  // namespace
