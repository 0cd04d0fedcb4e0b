// writ_generated [--programs=N] [--seed=S] [--batch=B] [--first=F] [--alone=1]: generated programs, each in five ways and in
// another style of writing, B to a release, from batch F on, a batch at a time on each core. Prints findings with the smallest text that still shows them, then
// the figures. Status 1 when there is a finding, or when a kind of node, a built-in or a trap never occurred. A crash names its
// batch: with --first and --alone each program is shown before it runs in a release of its own.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

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

// Where a crash of this thread happened. Nothing here may allocate.
thread_local char where[160];
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

/// Batches that threads take one after another, and what has come of them.
class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options) {}

  /// Takes batches until none is left; on every thread that helps.
  void work() {
    Coverage coverage;
    const std::uint64_t batches = (options_.programs + options_.batch - 1) / options_.batch;
    for (std::uint64_t i = next_++; i < batches; i = next_++) run(i, coverage);
    const std::scoped_lock lock(mutex_);
    coverage_.add(coverage);
  }

  /// The figures, when all work is done; the exit status.
  [[nodiscard]] int report() const {
    const std::vector<std::string> missing = coverage_.missing();
    if (!missing.empty()) fmt::print("never occurred: {}\n", fmt::join(missing, " "));
    fmt::print("nodes of a program, median: {}\n", coverage_.median_nodes());
    fmt::print("programs whose cost has a bound: {}\n", coverage_.bounded());
    fmt::print("figure generated.programs {}\nfigure generated.mismatches {}\nfigure generated.kinds_missing {}\n",
               options_.programs, mismatches_, missing.size());
    return mismatches_ == 0 && missing.empty() ? 0 : 1;
  }

 private:
  void run(std::uint64_t i, Coverage& coverage) {
    const std::uint64_t number = options_.first + i;
    const auto count = static_cast<std::size_t>(std::min(options_.batch, options_.programs - i * options_.batch));
    const Batch batch = make_batch(options_.seed, number, count);
    *fmt::format_to_n(where, sizeof where - 1, "died: --seed={} --batch={} --first={} --programs={}\n", options_.seed,
                      options_.batch, number, count)
         .out = '\0';
    if (options_.alone != 0) {
      run_alone(batch);
      return;
    }
    const auto findings = run_batch(batch, static_cast<std::uint32_t>(number), coverage);
    const std::scoped_lock lock(mutex_);
    for (const Finding& finding : findings) {
      if (++mismatches_ <= kShownFindings) show(finding, options_, number);
    }
  }

  const Options options_;
  std::atomic<std::uint64_t> next_ = 0;
  std::mutex mutex_;
  Coverage coverage_;
  std::size_t mismatches_ = 0;
};

int run(const Options& options) {
  Campaign campaign(options);
  {
    const unsigned threads = options.alone != 0 ? 1 : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> helpers(threads);
    for (std::jthread& helper : helpers) {
      helper = std::jthread([&] { support::on_deep_stack([&] { campaign.work(); }); });
    }
  }
  return campaign.report();
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
  return writ::tests::run(options);
}
