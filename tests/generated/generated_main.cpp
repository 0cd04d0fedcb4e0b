// writ_generated [--programs=N] [--seed=S] [--batch=B] [--first=F] [--alone=1]: generated programs, each in five ways and in
// another style of writing, B to a release, from batch F on. Prints findings with the smallest text that still shows them, then
// the figures. Status 1 when there is a finding, or when a kind of node, a built-in or a trap never occurred. A crash names its
// batch: with --first and --alone each program is shown before it runs in a release of its own.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "support/deep_stack.h"
#include "tests/generated/campaign.h"

namespace writ::tests {
namespace {

constexpr int kShrinkTrials = 1000;
constexpr std::size_t kShownFindings = 10;

struct Options {
  std::uint64_t programs = 20'000;
  std::uint64_t seed = 1;
  std::uint64_t batch = 40;
  std::uint64_t first = 0;
  std::uint64_t alone = 0;
};

bool read(std::string_view argument, Options& options) {
  const auto value = [&](std::string_view name, std::uint64_t& out) {
    if (!argument.starts_with(name)) return false;
    out = std::strtoull(std::string(argument.substr(name.size())).c_str(), nullptr, 10);
    return out > 0;
  };
  return value("--programs=", options.programs) || value("--seed=", options.seed) || value("--batch=", options.batch) ||
         value("--first=", options.first) || value("--alone=", options.alone);
}

void show(const Finding& finding, const Options& options, std::uint64_t number) {
  fmt::print("finding, before it is shrunk: {}\n", finding.what);
  std::fflush(stdout);
  const Finding least = finding.bytes.unit.empty() ? finding : shrink(finding, kShrinkTrials);
  fmt::print("finding: --seed={} --batch={}, batch {}\n{}\n{}\n\n", options.seed, options.batch, number, least.what,
             least.text);
}

// Where a crash happened. Nothing here may allocate.
char where[160];
void say_where(int signal) {
  static_cast<void>(!write(STDERR_FILENO, where, std::strlen(where)));
  std::signal(signal, SIG_DFL);
  static_cast<void>(raise(signal));
}

void run_alone(const Batch& batch) {
  for (std::size_t i = 0; i < batch.units.size(); ++i) {
    const CaseBytes bytes{.world = batch.world, .unit = batch.units[i], .calls = batch.calls[i]};
    fmt::print("{}\n", text_of(bytes));
    std::fflush(stdout);
    if (const auto finding = judge(bytes)) fmt::print("finding: {}\n", finding->what);
  }
}

int run(const Options& options) {
  Coverage coverage;
  std::uint64_t programs = 0;
  std::size_t mismatches = 0;
  for (std::uint64_t number = options.first; programs < options.programs; ++number) {
    const auto count = static_cast<std::size_t>(std::min(options.batch, options.programs - programs));
    const Batch batch = make_batch(options.seed, number, count);
    *fmt::format_to_n(where, sizeof where - 1, "died: --seed={} --batch={} --first={} --programs={}\n", options.seed,
                      options.batch, number, count)
         .out = '\0';
    programs += count;
    if (options.alone != 0) {
      run_alone(batch);
      continue;
    }
    for (const Finding& finding : run_batch(batch, static_cast<std::uint32_t>(number), coverage)) {
      if (++mismatches <= kShownFindings) show(finding, options, number);
    }
  }
  const std::vector<std::string> missing = coverage.missing();
  if (!missing.empty()) fmt::print("never occurred: {}\n", fmt::join(missing, " "));
  fmt::print("nodes of a program, median: {}\n", coverage.median_nodes());
  fmt::print("programs whose cost has a bound: {}\n", coverage.bounded());
  fmt::print("figure generated.programs {}\nfigure generated.mismatches {}\nfigure generated.kinds_missing {}\n",
             programs, mismatches, missing.size());
  return mismatches == 0 && missing.empty() ? 0 : 1;
}

}  // namespace
}  // namespace writ::tests

int main(int count, char** arguments) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGILL, SIGBUS, SIGFPE}) std::signal(signal, writ::tests::say_where);
  writ::tests::Options options;
  for (int i = 1; i < count; ++i) {
    if (writ::tests::read(arguments[i], options)) continue;
    fmt::print(stderr, "usage: writ_generated [--programs=N] [--seed=S] [--batch=B]\n");
    return 2;
  }
  int status = 0;
  writ::support::on_deep_stack([&] { status = writ::tests::run(options); });
  return status;
}
