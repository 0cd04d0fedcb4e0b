// ./dev soak: releases are swapped under callers on every core, and every answer is judged.
//
// The run itself is a process of its own, watched by this one: if it dies, what it had counted is still told, and its death
// counts as a failure. Prints a figure a line; status 1 when a check failed.
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include "tests/soak/options.h"
#include "tests/soak/run.h"

namespace writ::soak {
namespace {

constexpr std::int64_t kMostRssDriftKb = 1'024;

/// In memory that a child process shares.
Counts& shared_counts() {
  void* const memory = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("soak: mmap");
    std::exit(4);
  }
  return *new (memory) Counts{};
}

/// Runs the soak in a child; true when that came to its end.
bool run_watched(const Options& options, Counts& counts) {
  const pid_t child = fork();
  if (child == 0) {
    run(options, counts);
    std::fflush(nullptr);
    _exit(0);  // without the destructors of what the parent has too
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    std::perror("soak: fork");
    std::exit(4);
  }
  if (WIFSIGNALED(status)) fmt::print(stderr, "soak: the run died of signal {}\n", WTERMSIG(status));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 && counts.is_complete;
}

void check_what_ran(const Options& options, Counts& counts) {
  const auto expect = [&](bool holds, const char* sentence) {
    if (holds) return;
    ++counts.failed;
    fmt::print(stderr, "soak: {}\n", sentence);
  };
  if (options.seconds != 0) return;  // cut off
  expect(counts.swaps >= options.swaps, "fewer swaps than asked for");
  expect(counts.compiled >= options.fresh, "fewer releases were compiled than asked for");
  expect(counts.names >= options.names, "the compiler saw fewer names than asked for");
  expect(counts.calls >= options.calls, "fewer calls than asked for");
}

bool print_figures(const Counts& counts) {
  const auto figure = [](const char* name, auto value) { fmt::print("figure soak.{} {}\n", name, value); };
  figure("calls", counts.calls.load());
  figure("swaps", counts.swaps.load());
  figure("fresh", counts.compiled.load());
  figure("failed", counts.failed.load());
  figure("torn", counts.torn.load());
  figure("rss_drift_kb", counts.rss_drift_kb.load());
  figure("maps_drift", counts.maps_drift.load());
  figure("fds_drift", counts.fds_drift.load());
  figure("threads_drift", counts.threads_drift.load());
  figure("names", counts.names.load());
  return counts.failed == 0 && counts.torn == 0 && counts.rss_drift_kb <= kMostRssDriftKb && counts.maps_drift <= 0 &&
         counts.fds_drift <= 0 && counts.threads_drift <= 0;
}

}  // namespace
}  // namespace writ::soak

int main(int count, char** words) {
  using namespace writ::soak;
  Options options;
  CLI::App app{"releases are swapped under callers on every core, and every answer is judged", "soak"};
  app.add_option("--swaps", options.swaps, "releases made visible")->check(CLI::PositiveNumber);
  app.add_option("--fresh", options.fresh, "of them, those compiled from texts never seen: a fifth at most, or all");
  app.add_option("--calls", options.calls, "at least so many, spread over the swaps");
  app.add_option("--names", options.names, "distinct names in the fresh releases together");
  app.add_option("--callers", options.callers, "threads that ask all the time; 0: one a core");
  app.add_option("--groups", options.groups, "engines, with a publisher each")->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds, "stop by then; 0: when all is done");
  const std::map<std::string, Fault> faults = {
      {"torn", Fault::kTorn}, {"early-free", Fault::kEarlyFree}, {"no-pin", Fault::kNoPin}};
  app.add_option("--break", options.fault, "seed a fault, which must be reported")
      ->transform(CLI::CheckedTransformer(faults));
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (options.fresh != options.swaps && options.fresh > options.swaps / 5) {
    fmt::print(stderr, "soak: --fresh is at most a fifth of --swaps, or all of them\n");
    return 2;
  }
  Counts& counts = shared_counts();
  const auto start = std::chrono::steady_clock::now();
  if (run_watched(options, counts)) {
    check_what_ran(options, counts);
  } else {
    ++counts.failed;
  }
  const bool holds = print_figures(counts);
  fmt::print("figure soak.seconds {:.0f}\n",
             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return holds ? 0 : 1;
}
