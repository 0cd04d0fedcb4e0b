// ./dev bench compile: how long a new text takes until it answers, in a process that has compiled before.
//
// Each round compiles a fresh text of every size, from its bytes to the entry in the running slot table, and then once
// more from the object files that the first way made. Answers are compared with the interpreter's. compile_units.h measures
// what a change to one of ten units costs. docs/benchmarks.md says more.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/compile_texts.h"
#include "bench/compile_units.h"
#include "bench/gate.h"
#include "bench/measure.h"
#include "bench/random.h"
#include "frontend/check.h"
#include "frontend/parser.h"
#include "host/budget.h"
#include "host/native_release.h"
#include "host/slice_cache.h"
#include "ir/interpret.h"
#include "ir/program.h"
#include "ir/slice.h"
#include "jit/jit.h"
#include "jit/module.h"
#include "runtime/abi.h"
#include "support/deep_stack.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::bench {
namespace {

enum Stage : std::uint8_t {
  kParse,
  kCheck,
  kCut,
  kLower,
  kVerify,
  kOptimise,
  kCodegen,
  kLink,
  kPublish,
};
constexpr std::array kStageNames = {"parse",    "check",   "cut",  "lower",  "verify",
                                    "optimise", "codegen", "link", "publish"};
static_assert(kStageNames.size() == kPublish + 1);
using Stages = std::array<std::int64_t, kStageNames.size()>;  // nanoseconds

struct Size {
  int rules;
  int rounds;
};
constexpr Size kSizes[] = {{3, 31}, {20, 31}, {200, 15}, {2000, 5}};
constexpr std::size_t kSampleRequests = 64;
constexpr const char* kGrowthFigure = "compile.rules_2000_over_200";
constexpr const char* kSmallFigure = "compile.rules_3_ms";
constexpr const char* kCachedFigure = "compile.cached_us";
constexpr const char* kOneUnitFigure = "compile.one_unit_of_ten_over_full";
constexpr const char* kConfigFigure = "compile.config_only_over_full";

/// One text's way to a callable entry.
struct Compiled {
  Stages stages{};
  std::int64_t total_ns = 0;
  std::int64_t cached_ns = 0;  // the same release again, from its object
};

struct Series {
  Size size;
  std::vector<Compiled> rounds = {};

  template <class Field>
  [[nodiscard]] double median_of(Field field) const {
    std::vector<double> values;
    values.reserve(rounds.size());
    for (const Compiled& round : rounds) values.push_back(static_cast<double>(field(round)));
    return median(std::move(values));
  }
  [[nodiscard]] double least_total_ns() const {
    return static_cast<double>(std::ranges::min(rounds, {}, &Compiled::total_ns).total_ns);
  }
  [[nodiscard]] double total_ns() const {
    return median_of([](const Compiled& round) { return round.total_ns; });
  }
  [[nodiscard]] double cached_ns() const {
    return median_of([](const Compiled& round) { return round.cached_ns; });
  }
};

[[noreturn]] void fail(std::string_view what) {
  fmt::print(stderr, "compile: {}\n", what);
  for (const char* name : {kGrowthFigure, kSmallFigure, kCachedFigure, kOneUnitFigure, kConfigFigure}) {
    print_figure(name, std::nullopt);
  }
  std::exit(1);
}

template <class T>
T must(std::expected<T, std::string> made) {
  if (!made) fail(made.error());
  return *std::move(made);
}

class Stopwatch {
 public:
  /// Nanoseconds since it was made.
  [[nodiscard]] std::int64_t total() const { return now_ns() - start_ns_; }
  /// Nanoseconds since the last lap.
  std::int64_t lap() {
    const std::int64_t last_ns = std::exchange(lap_ns_, now_ns());
    return lap_ns_ - last_ns;
  }

 private:
  std::int64_t start_ns_ = now_ns();
  std::int64_t lap_ns_ = start_ns_;
};

/// A text on its way through the front end, and what it became.
struct Checked {
  support::SourceMap sources;
  support::Diagnostics diagnostics;
  std::optional<ast::File> file;
  std::optional<ir::Program> program;
  ir::Config config;

  void parse(std::string name, std::string text) {
    file = frontend::parse(sources.add(std::move(name), std::move(text)), diagnostics);
    if (!file) refuse();
  }
  void check(const ast::File& schema) {
    const ast::File* const units[] = {&*file};
    take(frontend::check(schema, units, {}, diagnostics));
  }
  void check_schema() { take(frontend::check_schema(*file, diagnostics)); }

 private:
  void take(std::optional<ir::Program> checked) {
    program = std::move(checked);
    if (!program) refuse();
    config = ir::default_config(*program);
  }
  [[noreturn]] void refuse() const {
    const std::vector<support::Diagnostic> errors = diagnostics.sorted();
    fail(errors.empty() ? "a text was refused" : support::render_short(errors.front(), sources));
  }
};

// Ends the program when native code and the interpreter disagree on any request.
void compare_answers(const Checked& policy, jit::Entry entry, std::span<const Request> sample) {
  const ir::Program& program = *policy.program;
  const ir::Interpreter interpreter(program, policy.config);
  const host::Budget budget = host::budget_of(program.tiers.front());
  const runtime::Frame fresh{.fuel = budget.fuel,
                             .arena_next = nullptr,
                             .arena_end = nullptr,  // no rule here allocates
                             .stack_left = budget.stack,
                             .native_stack_end = support::native_stack_end(),
                             .host = nullptr,
                             .hash_seed = host::hash_seed(),
                             .results = {},
                             .prepared = nullptr,
                             .reason = {}};
  for (const Request& request : sample) {
    const std::uint64_t word = std::bit_cast<std::uint64_t>(&request);
    runtime::Frame native_frame = fresh;
    runtime::Frame reference_frame = fresh;
    const runtime::Result native = jit::call(entry, native_frame, &word, 1);
    const runtime::Result reference = interpreter.call(*program.entries.front().policy, {&word, 1}, reference_frame);
    if (native.word != reference.word || native.status != reference.status ||
        native_frame.fuel != reference_frame.fuel) {
      fail("native code and the interpreter disagree");
    }
  }
}

constexpr jit::Module kModule = {.compile = &jit::compile, .create_session = &jit::Session::create, .call = &jit::call};

/// A release, and what it borrows.
struct Live {
  Checked policy;
  std::vector<host::CompiledSlice> slices = {};
  std::optional<host::NativeRelease> code = std::nullopt;
};

/// What a serving process has had since it started: the schema's tree and its else values, a session, and the stub that
/// calls go through.
class Server {
 public:
  Server() : session_(must(jit::Session::create())) {
    empty_.policy.parse("gate.writ", read_source("bench/rule/gate.writ"));
    empty_.policy.check_schema();
    compile_slices(empty_);
    link(empty_);
    stub_ = must(session_->make_program(empty_.code->slots().data()));
  }

  /// Makes the text the running release, then does so once more from the objects that came out.
  Compiled compile(const std::string& text, std::span<const Request> sample) {
    Compiled compiled;
    Stages& stages = compiled.stages;
    auto live = std::make_unique<Live>();
    Checked& policy = live->policy;
    stop();

    Stopwatch watch;
    policy.parse("generated.writ", text);
    stages[kParse] = watch.lap();
    policy.check(*empty_.policy.file);
    stages[kCheck] = watch.lap();
    stages[kCut] = compile_slices(*live);
    watch.lap();
    link(*live);
    stages[kLink] = watch.lap();
    const jit::Entry entry = publish(std::move(live));
    stages[kPublish] = watch.lap();
    compiled.total_ns = watch.total();

    const jit::Timings& timings = running_->slices.back().object->object.timings;  // the schema's slice was there
    stages[kLower] = timings.lower;
    stages[kVerify] = timings.verify;
    stages[kOptimise] = timings.optimise;
    stages[kCodegen] = timings.codegen;
    compare_answers(running_->policy, entry, sample);
    compiled.cached_ns = start_again(sample);
    return compiled;
  }

 private:
  /// Nanoseconds of cutting alone.
  std::int64_t compile_slices(Live& live) {
    const ir::Program& program = *live.policy.program;
    Stopwatch watch;
    std::vector<ir::Slice> slices = ir::cut(program, live.policy.config, /*tests=*/false);
    const std::int64_t spent_ns = watch.total();
    auto compiled =
        cache_.compile(kModule, program, live.policy.config, std::move(slices), {.stack = program.tiers.front().stack});
    if (!compiled) fail(compiled.error().message);
    live.slices = *std::move(compiled);
    return spent_ns;
  }

  void link(Live& live) {
    live.code = must(host::NativeRelease::link(cache_, *session_, *live.policy.program, live.slices));
  }

  /// Nanoseconds from objects that are there, and whose code is not, to an entry that is called.
  std::int64_t start_again(std::span<const Request> sample) {
    std::unique_ptr<Live> live = stop();
    live->code.reset();
    Stopwatch watch;
    link(*live);
    const jit::Entry entry = publish(std::move(live));
    const std::int64_t spent_ns = watch.total();
    compare_answers(running_->policy, entry, sample);
    return spent_ns;
  }

  /// Makes the schema's else values answer. What ran before is nobody's then.
  std::unique_ptr<Live> stop() {
    stub_->publish(empty_.code->slots().data());
    return std::move(running_);
  }

  /// The entry of the only slot, as callers find it from here on.
  jit::Entry publish(std::unique_ptr<Live> live) {
    stub_->publish(live->code->slots().data());
    running_ = std::move(live);
    return stub_->current()->call;
  }

  // Destroyed in reverse order: the stub before the code it leads to.
  std::unique_ptr<jit::Session> session_;
  host::SliceCache cache_;
  Live empty_;
  std::unique_ptr<Live> running_;
  std::unique_ptr<jit::Program> stub_;
};

void measure(std::span<Series> all) {
  Server server;
  const Requests sample = prepare_requests(kSampleRequests, kSeed);
  const int most_rounds = all.front().size.rounds;
  // Round -1 warms the process up: parser tables, target machine, allocator.
  for (int round = -1; round < most_rounds; ++round) {
    for (Series& series : all) {
      if (round >= series.size.rounds) continue;
      const auto seed = kSeed + static_cast<std::uint64_t>(round + 1);
      const Compiled compiled = server.compile(policy_of_rules(series.size.rules, seed), sample.all);
      if (round >= 0) series.rounds.push_back(compiled);
    }
  }
}

void print_table(std::span<const Series> all) {
  fmt::print("\n{:>6} {:>7} {:>10} {:>10} {:>10}", "rules", "rounds", "text ms", "least ms", "object ms");
  for (const char* name : kStageNames) fmt::print(" {:>9}", name);
  fmt::print(" {:>9}\n", "other");
  for (const Series& series : all) {
    const double total_ns = series.total_ns();
    fmt::print("{:6} {:7} {:10.3f} {:10.3f} {:10.3f}", series.size.rules, series.size.rounds, total_ns / 1e6,
               series.least_total_ns() / 1e6, series.cached_ns() / 1e6);
    double rest_ns = total_ns;
    for (std::size_t stage = 0; stage < kStageNames.size(); ++stage) {
      const double stage_ns = series.median_of([&](const Compiled& round) { return round.stages[stage]; });
      fmt::print(" {:7.1f} %", 100 * stage_ns / total_ns);
      rest_ns -= stage_ns;
    }
    fmt::print(" {:7.1f} %\n", 100 * rest_ns / total_ns);
  }
  fmt::print("\n");
}

int run() {
  std::vector<Series> all;
  for (const Size& size : kSizes) all.push_back({.size = size});
  measure(all);
  fmt::print("from a new text, or from its object, to the entry that callers find; medians\n");
  print_table(all);
  std::string wrong;
  const UnitTimes units = measure_units(wrong);
  if (!wrong.empty()) fail(wrong);
  fmt::print(
      "ten units of 20 rules: all {:.1f} ms, one of them {:.1f} ms, a value that one reads {:.1f} ms; medians\n\n",
      units.full_ms, units.one_unit_ms, units.config_ms);
  const Series &three = all[0], &two_hundred = all[2], &two_thousand = all[3];
  print_figure(kGrowthFigure, two_thousand.total_ns() / two_hundred.total_ns());
  print_figure(kSmallFigure, three.total_ns() / 1e6, "ms");
  print_figure(kCachedFigure, three.cached_ns() / 1e3, "us");
  print_figure(kOneUnitFigure, units.one_unit_over_full);
  print_figure(kConfigFigure, units.config_over_full);
  return 0;
}

}  // namespace
}  // namespace writ::bench

int main() { return writ::bench::run(); }
