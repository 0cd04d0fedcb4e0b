// Drives a fuzz target over files instead of over libFuzzer's inputs: `writ_fuzz_NAME PATH…`, a
// PATH being a file or a folder of files. A finding kept in fuzz/corpus is thereby replayed by
// every build, also by compilers without libFuzzer. It judges nothing: a target that does not like
// an input aborts.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool replay_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    const std::filesystem::path root = argv[i];
    if (!std::filesystem::is_directory(root, error)) {
      if (!replay_file(root)) return 4;
      ++files;
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root, error)) {
      if (!entry.is_regular_file()) continue;
      if (!replay_file(entry.path())) return 4;
      ++files;
    }
  }
  std::printf("%zu inputs replayed\n", files);
  return 0;
}
