#include "tests/soak/process_state.h"

#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace writ::soak {
namespace {

std::int64_t entries_of(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

std::int64_t lines_of(const char* file) {
  std::ifstream in(file);
  return std::count(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>(), '\n');
}

/// smaps_rollup is exact; the numbers of statm are brought up to date now and then.
std::int64_t rss_kb() {
  std::ifstream in("/proc/self/smaps_rollup");
  for (std::string word; in >> word;) {
    if (word != "Rss:") continue;
    std::int64_t kilobytes = 0;
    in >> kilobytes;
    return kilobytes;
  }
  return 0;
}

}  // namespace

ProcessState process_state() {
  // Free memory that the allocator keeps for later is no drift.
  malloc_trim(0);
  return {.rss_kb = rss_kb(),
          .maps = lines_of("/proc/self/maps"),
          .fds = entries_of("/proc/self/fd"),
          .threads = entries_of("/proc/self/task")};
}

}  // namespace writ::soak
