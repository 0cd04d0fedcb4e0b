#include "bench/measure.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "support/check.h"

namespace writ::bench {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::optional<int> stay_on_this_core() {
  const int core = sched_getcpu();
  if (core < 0 || !stay_on_core(core)) return std::nullopt;
  return core;
}

bool stay_on_core(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<unsigned>(core), &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

double median(std::vector<double> values) {
  WRIT_CHECK(!values.empty());
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void print_figure(std::string_view name, std::optional<double> value, std::string_view unit) {
  if (!value) {
    fmt::print("figure {} unmeasured\n", name);
    return;
  }
  fmt::print("figure {} {:.3f}{}{}\n", name, *value, unit.empty() ? "" : " ", unit);
}

std::string read_source(std::string_view path) {
  std::ifstream file(fmt::format("{}/{}", WRIT_SOURCE_DIR, path), std::ios::binary);
  if (!file) {
    fmt::print(stderr, "cannot read {}\n", path);
    std::exit(4);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace writ::bench
