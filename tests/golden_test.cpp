// Runs every file under tests/golden and holds what it prints against what it claims (README.md there). A file that runs is a
// differential test as well: all engines must agree in value, reason, trap and its place, fuel, bytes and emitted values.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frontend/check.h"
#include "host/call.h"
#include "host/given.h"
#include "host/input.h"
#include "host/release.h"
#include "host/test_runner.h"
#include "support/deep_stack.h"
#include "tests/engines.h"
#include "tests/golden_file.h"
#include "tests/golden_load.h"

namespace writ::tests {
namespace {

/// One thing that happened, in the words of a claim.
struct Fact {
  std::string key;
  std::string rest;
  bool must_be_claimed = true;
  bool operator==(const Fact& other) const { return key == other.key && rest == other.rest; }
};

std::string text_of(const Fact& fact) { return fact.rest.empty() ? fact.key : fact.key + " " + fact.rest; }

std::string text_of(const std::vector<Fact>& facts) {
  std::string text;
  for (const Fact& fact : facts) text += "    " + text_of(fact) + "\n";
  return text;
}

/// What one engine made of a file.
struct Observation {
  std::vector<std::vector<Fact>> calls;  // one a call of the file
  std::vector<support::Diagnostic> findings;
  std::string llvm;
};

std::int64_t quantity(std::string_view text) {
  const std::string digits(text);
  char* end = nullptr;
  const std::int64_t number = std::strtoll(digits.c_str(), &end, 10);
  const std::string_view unit(end);
  return unit == "KiB" ? number * 1024 : unit == "MiB" ? number * 1024 * 1024 : number;
}

/// `fuel=1000 memory=4KiB stack=4KiB`
void apply_limits(std::string_view text, host::Budget& budget) {
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    const std::size_t equals = word.find('=');
    const std::int64_t value = quantity(word.substr(equals + 1));
    if (word.starts_with("fuel=")) budget.fuel = value;
    if (word.starts_with("memory=")) budget.memory = value;
    if (word.starts_with("stack=")) budget.stack = value;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
}

/// A golden file brought as far as its folder asks.
class GoldenRun {
 public:
  explicit GoldenRun(const GoldenFile& file) : file_(file), folder_(folder_of(file)) {}

  void run() {
    add_sections(file_, sources_);
    own_sources_ = sources_.map.size();
    if (folder_ == "parse") return take_findings();
    add_surroundings(file_, sources_);
    check();
    take_findings();
    if (release_ && folder_ != "check") observe();
  }

  [[nodiscard]] const std::vector<support::Diagnostic>& findings() const { return findings_; }
  /// Of the first engine; what differs on others is in disagreements().
  [[nodiscard]] const std::vector<std::vector<Fact>>& calls() const { return calls_; }
  [[nodiscard]] const std::string& llvm() const { return llvm_; }
  [[nodiscard]] const std::vector<std::string>& disagreements() const { return disagreements_; }

  /// The line in the golden file; 0 for a place in another.
  [[nodiscard]] std::uint32_t line_of(support::Span span) const {
    return span.source < own_sources_ ? sources_.map.place(span).line : 0;
  }

 private:
  void check() {
    const std::string tier = file_.directive("tier").value_or("");
    if (sources_.schema && sources_.units.empty()) {
      if (!sources_.diagnostics.has_errors()) {
        static_cast<void>(frontend::check_schema(*sources_.schema, sources_.diagnostics));
      }
      return;
    }
    release_ =
        host::check_release(sources_, {.tier = tier, .tests = true, .unused = file_.directive("warns") == "unused"});
    const std::optional<std::string> limits = file_.directive("limits");
    if (!release_ || !limits) return;
    apply_limits(*limits, release_->budget);
    release_->proven_fuel.clear();  // other limits than the proof was held against
  }

  void take_findings() { findings_ = sources_.diagnostics.sorted(); }

  void observe() {
    bool first = true;
    for (const EngineKind& kind : kEngines) {
      if (!is_wanted(kind)) continue;
      Observation observation;
      support::on_deep_stack([&] { observation = observe_on(kind); });
      if (first) {
        calls_ = observation.calls;
        std::ranges::copy(observation.findings, std::back_inserter(findings_));
        first_engine_ = kind.name;
      } else {
        compare(kind, observation);
      }
      if (!observation.llvm.empty()) llvm_ = std::move(observation.llvm);
      first = false;
    }
  }

  [[nodiscard]] bool is_wanted(const EngineKind& kind) const {
    if (folder_ == "llvm") return kind.native && kind.opt_level == 2;
    const std::optional<std::string> run = file_.directive("run");
    return !run || (" " + *run + " ").find(fmt::format(" {} ", kind.name)) != std::string::npos;
  }

  void compare(const EngineKind& kind, const Observation& other) {
    for (std::size_t i = 0; i < calls_.size() && i < other.calls.size(); ++i) {
      if (calls_[i] == other.calls[i]) continue;
      disagreements_.push_back(fmt::format("call {} differs\n  {}:\n{}  {}:\n{}", i + 1, first_engine_,
                                           text_of(calls_[i]), kind.name, text_of(other.calls[i])));
    }
    for (const support::Diagnostic& finding : other.findings) {
      const auto same = [&](const support::Diagnostic& known) {
        return known.code == finding.code && known.span == finding.span && known.message == finding.message;
      };
      if (std::ranges::any_of(findings_, same)) continue;
      disagreements_.push_back(
          fmt::format("only {} says: {}", kind.name, support::render_short(finding, sources_.map)));
    }
  }

  Observation observe_on(const EngineKind& kind) {
    Observation observation;
    const auto engine =
        make_engine(kind, release_->program, release_->config, release_->budget.stack, release_->is_proven());
    if (!engine) {
      if (engine.error().diagnostic) {
        observation.findings.push_back(*engine.error().diagnostic);
      } else {
        disagreements_.push_back(fmt::format("no engine {}: {}", kind.name, engine.error().message));
      }
      return observation;
    }
    if (const auto* native = dynamic_cast<const host::NativeEngine*>(engine->get())) {
      for (const host::CompiledSlice& compiled : native->slices()) observation.llvm += compiled.object->object.llvm_opt;
    }
    if (const std::optional<ir::SlotId> slot = asked_slot()) observation.calls = ask(**engine, *slot);
    observation.findings = run_tests(kind);
    return observation;
  }

  /// The slot of the directive, or the one that has a policy; none where the file only has tests.
  [[nodiscard]] std::optional<ir::SlotId> asked_slot() const {
    const ir::Program& program = release_->program;
    const std::optional<std::string> name = file_.directive("slot");
    const bool only_tests =
        !program.tests.empty() && file_.calls.front().line == 0 && file_.calls.front().claims.empty();
    if (!name && only_tests) return std::nullopt;
    for (ir::SlotId id = 0; id < program.slots.size(); ++id) {
      if (name ? program.slots[id].name == *name : program.entries[id].policy.has_value()) return id;
    }
    return std::nullopt;
  }

  std::vector<std::vector<Fact>> ask(const host::Engine& engine, ir::SlotId slot) {
    const ir::Program& program = release_->program;
    host::HostFunctions host(program);
    for (const std::string& text : file_.directives_of("given")) {
      if (auto answer = host::read_given(text, program, sources_)) host.answer(*std::move(answer));
    }
    host::Caller caller(program, engine, release_->budget, host, release_->proven_fuel);
    host::InputReader input(program, program.slots[slot].parameters);
    std::vector<std::vector<Fact>> calls;
    for (const Call& call : file_.calls) {
      const auto words = input.read(call.input);
      calls.push_back(words ? facts_of(caller.decide(slot, *words), slot)
                            : std::vector{Fact{"mismatch", words.error().text()}});
    }
    return calls;
  }

  std::vector<Fact> facts_of(const host::Decision& decision, ir::SlotId slot) const {
    const ir::Types& types = release_->program.types;
    const bool trapped = decision.trap != runtime::Trap::kNone;
    std::vector<Fact> facts;
    if (trapped) {
      facts.push_back(
          {"trap", fmt::format("{} {}", runtime::trap_spelling(decision.trap), place_text(*decision.place))});
    }
    const std::string answer =
        decision.answer ? ir::literal_text(*decision.answer, release_->program.slots[slot].result, types) : "host";
    facts.push_back({"result", answer, !trapped});
    if (decision.reason) facts.push_back({"reason", std::string(*decision.reason)});
    for (const host::Emission& emission : decision.emitted) facts.push_back({"emitted", text_of_emission(emission)});
    facts.push_back({"fuel", std::to_string(decision.outcome.fuel), false});
    facts.push_back({"memory", std::to_string(decision.outcome.memory), false});
    return facts;
  }

  [[nodiscard]] std::string place_text(support::Span span) const {
    const support::Place place = sources_.map.place(span);
    const std::string own = fmt::format("{}:{}", place.line, place.column);
    return line_of(span) != 0 ? own : fmt::format("{}:{}", sources_.map.file(span.source).name(), own);
  }

  [[nodiscard]] std::string text_of_emission(const host::Emission& emission) const {
    const ir::HostFunctionDecl& function = release_->program.host_functions[emission.function];
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < emission.arguments.size(); ++i) {
      arguments.push_back(ir::literal_text(emission.arguments[i], function.parameters[i], release_->program.types));
    }
    return fmt::format("{}({})", function.full_name(), fmt::join(arguments, ", "));
  }

  std::vector<support::Diagnostic> run_tests(const EngineKind& kind) {
    host::TestRunner runner(*release_, [&](const ir::Program& program, const ir::Config& config) {
      return make_engine(kind, program, config, release_->budget.stack);
    });
    std::vector<support::Diagnostic> all;
    for (const ir::Test& test : release_->program.tests) {
      const auto failures = runner.run(test);
      if (failures) std::ranges::copy(*failures, std::back_inserter(all));
    }
    return all;
  }

  const GoldenFile& file_;
  std::string folder_;
  host::Sources sources_;
  std::size_t own_sources_ = 0;
  std::optional<host::Release> release_;
  std::vector<support::Diagnostic> findings_;
  std::vector<std::vector<Fact>> calls_;
  std::string_view first_engine_;
  std::string llvm_;
  std::vector<std::string> disagreements_;
};

/// What a file's claims lack and have too much, and the edits that would put them right.
class Judgement {
 public:
  explicit Judgement(const GoldenFile& file) : file_(file) {}

  void judge(const GoldenRun& run) {
    judge_findings(run);
    for (std::size_t i = 0; i < file_.calls.size(); ++i) {
      judge_call(file_.calls[i], i < run.calls().size() ? run.calls()[i] : std::vector<Fact>{});
    }
    for (const Claim& claim : file_.code) {
      const bool found = run.llvm().find(claim.rest) != std::string::npos;
      if (found != (claim.key == "has")) {
        complaints_.push_back(
            fmt::format("line {}: the code {} `{}`", claim.written, found ? "has" : "lacks", claim.rest));
      }
    }
  }

  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  [[nodiscard]] const std::vector<Edit>& edits() const { return edits_; }

 private:
  void judge_findings(const GoldenRun& run) {
    std::vector<const Claim*> open;
    for (const Claim& claim : file_.findings) open.push_back(&claim);
    for (const support::Diagnostic& finding : run.findings()) {
      const std::uint32_t line = run.line_of(finding.span);
      const Fact fact{finding.severity() == support::Severity::kError ? "error" : "warning",
                      fmt::format("{} {}", support::code_text(finding.code), finding.message)};
      const auto at_line = [&](const Claim* claim) { return claim->line == line || line == 0; };
      auto found = std::ranges::find_if(open, [&](const Claim* claim) {
        return at_line(claim) && claim->key == fact.key && claim->rest == fact.rest;
      });
      if (found == open.end()) {
        found = std::ranges::find_if(open, at_line);
        if (found == open.end()) {
          add(line, fact);
          continue;
        }
        replace(**found, fact);
      }
      open.erase(found);
    }
    for (const Claim* claim : open) remove(*claim);
  }

  void judge_call(const Call& call, const std::vector<Fact>& facts) {
    std::vector<const Claim*> open;
    for (const Claim& claim : call.claims) open.push_back(&claim);
    for (const Fact& fact : facts) {
      const auto found = std::ranges::find_if(open, [&](const Claim* claim) { return claim->key == fact.key; });
      if (found == open.end()) {
        if (fact.must_be_claimed) add(call.line, fact);
        continue;
      }
      if ((*found)->rest != fact.rest) replace(**found, fact);
      open.erase(found);
    }
    for (const Claim* claim : open) remove(*claim);
  }

  void add(std::uint32_t line, const Fact& fact) {
    complaints_.push_back(fmt::format("line {}: not claimed: {}", line, text_of(fact)));
    edits_.push_back(add_to_line(file_, line, text_of(fact)));
  }
  void replace(const Claim& claim, const Fact& fact) {
    complaints_.push_back(
        fmt::format("line {}: claimed: {} {}\n         found: {}", claim.line, claim.key, claim.rest, text_of(fact)));
    const std::string written = file_.text.substr(claim.begin, claim.end - claim.begin);
    const std::size_t key = written.find(claim.key);
    edits_.push_back({claim.begin + key, claim.end, text_of(fact)});
  }
  void remove(const Claim& claim) {
    complaints_.push_back(
        fmt::format("line {}: claimed, and did not happen: {} {}", claim.line, claim.key, claim.rest));
    edits_.push_back({claim.begin, claim.end, ""});
  }

  const GoldenFile& file_;
  std::vector<std::string> complaints_;
  std::vector<Edit> edits_;
};

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, claims_what_happens) {
  const GoldenFile file = read_golden(GetParam());
  GoldenRun run(file);
  run.run();
  for (const std::string& disagreement : run.disagreements()) ADD_FAILURE() << disagreement;
  Judgement judgement(file);
  judgement.judge(run);
  if (!judgement.edits().empty() && std::getenv("WRIT_UPDATE") != nullptr) {
    for (const std::string& complaint : judgement.complaints()) {
      fmt::print("rewritten: {}: {}\n", file.name, complaint);
    }
    std::ofstream(golden_root() / file.name, std::ios::binary) << edited(file, judgement.edits());
    return;
  }
  for (const std::string& complaint : judgement.complaints()) ADD_FAILURE() << file.name << ": " << complaint;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.rfind('.'));
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(files, Golden, testing::ValuesIn(golden_names()), test_name);

}  // namespace
}  // namespace writ::tests
