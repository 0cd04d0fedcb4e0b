// The cost proof against what programs really use: examples, the programs of the documentation, every golden program. On
// inputs inside the schema's bounds, and at them, a call with no more fuel and memory than the bound never runs out of either;
// and for slots without loops the bound is not far off.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "host/budget.h"
#include "host/release.h"
#include "ir/call_graph.h"
#include "ir/interpret.h"
#include "ir/walk.h"
#include "support/deep_stack.h"
#include "tests/golden_load.h"
#include "tests/input_maker.h"

namespace writ::tests {
namespace {

constexpr std::int64_t kMostArena = std::int64_t{64} << 20;

/// The most that calls of a slot have used.
struct Worst {
  std::int64_t fuel = 0;
  std::int64_t memory = 0;
};

/// Host functions that answer whatever their contract allows.
class AnyHost {
 public:
  AnyHost(const ir::Program& program, InputMaker& maker) : program_(program), maker_(maker) {
    for (const ir::HostFunctionDecl& decl : program.host_functions) functions_.push_back({this, &decl});
    for (Function& function : functions_) table_.push_back({.thunk = &answer, .context = &function});
  }
  [[nodiscard]] const runtime::HostFunction* table() const { return table_.data(); }

 private:
  struct Function {
    AnyHost* host;
    const ir::HostFunctionDecl* decl;
  };

  static runtime::Trap answer(runtime::Frame* frame, void* context, const std::uint64_t* /*args*/,
                              std::uint64_t* results) {
    const auto& [host, decl] = *static_cast<Function*>(context);
    if (!decl->result) return runtime::Trap::kNone;
    const ir::Words words = ir::write_value(host->image_, host->maker_.make(*decl->result), *decl->result,
                                            host->program_.types, false, frame->hash_seed);
    std::memcpy(results, words.data(), host->program_.types.words(*decl->result) * sizeof(std::uint64_t));
    return runtime::Trap::kNone;
  }

  const ir::Program& program_;
  InputMaker& maker_;
  ir::Image image_;
  std::vector<Function> functions_;
  std::vector<runtime::HostFunction> table_;
};

/// Calls a slot often with just its bound. `name` is for people.
Worst hold_to_bound(const host::Release& release, ir::SlotId slot, int calls, const std::string& name) {
  const ir::Program& program = release.program;
  const ir::CallBound& bound = *release.bounds[slot];
  InputMaker maker(program.types, vocabulary_of(program, release.config), slot + 1);
  AnyHost host(program, maker);
  const ir::Interpreter interpreter(program, release.config);
  std::vector<std::uint64_t> arena(static_cast<std::size_t>(bound.memory / 8) + 1);
  const ir::SlotEntry& entry = program.entries[slot];
  const ir::FunctionId function = entry.policy ? *entry.policy : *entry.otherwise;
  ir::Image image;
  Worst worst;
  for (int i = 0; i < calls; ++i) {
    const std::vector<std::uint64_t> words = maker.make_words(program.slots[slot].parameters, image, host::hash_seed());
    auto* const start = reinterpret_cast<std::byte*>(arena.data());
    runtime::Frame frame{.fuel = bound.fuel,
                         .arena_next = start,
                         .arena_end = start + bound.memory,
                         .stack_left = bound.stack,
                         .native_stack_end = support::native_stack_end(),
                         .host = host.table(),
                         .hash_seed = host::hash_seed(),
                         .results = {},
                         .prepared = nullptr,
                         .reason = {}};
    const runtime::Result result = interpreter.call(function, words, frame);
    const runtime::Trap trap = runtime::status_trap(result.status);
    const bool ran_out = trap == runtime::Trap::kOutOfFuel || trap == runtime::Trap::kOutOfMemory ||
                         trap == runtime::Trap::kStackOverflow;
    EXPECT_FALSE(ran_out) << name << ": " << runtime::trap_spelling(trap) << " in call " << i << ", bound "
                          << bound.fuel << " fuel, " << bound.memory << " bytes, " << bound.stack << " of stack";
    if (ran_out) break;
    if (trap == runtime::Trap::kNone) worst.fuel = std::max(worst.fuel, bound.fuel - frame.fuel);
    worst.memory = std::max(worst.memory, frame.arena_next - start);
  }
  return worst;
}

template <typename Part>
bool has_loop(const Part& part) {
  bool found = false;
  if constexpr (std::is_same_v<Part, ir::Body>) {
    for (const ir::Stmt& stmt : part) found = found || has_loop(stmt);
  } else {
    if constexpr (std::is_same_v<Part, ir::Stmt>) {
      found = std::holds_alternative<ir::While>(part.node) || std::holds_alternative<ir::ForList>(part.node) ||
              std::holds_alternative<ir::ForTable>(part.node) || std::holds_alternative<ir::ForRange>(part.node);
    }
    ir::for_each_part(part, [&](const auto& inner) { found = found || has_loop(inner); });
  }
  return found;
}

bool is_loop_free(const ir::Program& program, ir::SlotId slot) {
  const ir::FunctionId root = *program.entries[slot].policy;
  for (const ir::CallComponent& component : ir::call_components(program, {&root, 1})) {
    for (const ir::FunctionId id : component.functions) {
      if (has_loop(program.functions[id].body)) return false;
    }
  }
  return true;
}

std::optional<host::Release> load_release(const host::LoadRequest& request) {
  host::Sources sources;
  host::load(sources, request);
  auto release = host::check_release(sources, {.tier = "", .tests = false, .bounds = true});
  EXPECT_TRUE(release.has_value()) << (sources.diagnostics.sorted().empty()
                                           ? ""
                                           : sources.diagnostics.sorted().front().message);
  return release;
}

struct Example {
  const char* name;
  std::vector<std::string> paths;
  std::string schema;
  std::vector<std::string> documents;
};

std::string in_checkout(const std::string& path) { return std::string(WRIT_SOURCE_DIR) + "/" + path; }

const std::vector<Example>& examples() {
  static const std::vector<Example> kExamples = {
      {"gateway", {"examples/gateway/access.writ"}, "examples/gateway/gateway.writ", {}},
      {"gateway_configured",
       {"examples/gateway/access.writ"},
       "examples/gateway/gateway.writ",
       {"examples/gateway/gateway.toml"}},
      {"shop", {"examples/server/policies"}, "examples/server/shop.writ", {"examples/server/policies/shop.toml"}},
  };
  return kExamples;
}

TEST(Proof, HoldsForTheExamplesAndIsTight) {
  support::on_deep_stack([] {
    for (const Example& example : examples()) {
      host::LoadRequest request{
          .paths = {}, .schema = in_checkout(example.schema), .documents = {}, .variables = {}, .assignments = {}};
      for (const std::string& path : example.paths) request.paths.push_back(in_checkout(path));
      for (const std::string& path : example.documents) request.documents.push_back(in_checkout(path));
      const auto release = load_release(request);
      ASSERT_TRUE(release);
      for (ir::SlotId slot = 0; slot < release->bounds.size(); ++slot) {
        if (!release->program.entries[slot].policy) continue;
        const std::string name = fmt::format("{}.{}", example.name, release->program.slots[slot].name);
        ASSERT_TRUE(release->bounds[slot]);
        const ir::CallBound& bound = *release->bounds[slot];
        ASSERT_FALSE(bound.unbounded) << name << ": " << bound.unbounded->factor.what;
        const Worst worst = hold_to_bound(*release, slot, 4000, name);
        const bool loop_free = is_loop_free(release->program, slot);
        RecordProperty(
            name, fmt::format("fuel {} of {}, memory {} of {}", worst.fuel, bound.fuel, worst.memory, bound.memory));
        fmt::print("{:<32} {} fuel {} of {}, memory {} of {}\n", name, loop_free ? "no loops," : "loops,   ",
                   worst.fuel, bound.fuel, worst.memory, bound.memory);
        if (!loop_free) continue;
        EXPECT_LE(bound.fuel, 2 * worst.fuel) << name;
        EXPECT_LE(bound.memory, 2 * worst.memory) << name;
      }
    }
  });
}

class ProofOfGolden : public testing::TestWithParam<std::string> {};

TEST_P(ProofOfGolden, Holds) {
  const GoldenFile file = read_golden(GetParam());
  host::Sources sources;
  add_sections(file, sources);
  add_surroundings(file, sources);
  const std::string tier = file.directive("tier").value_or("");
  const auto release = host::check_release(sources, {.tier = tier, .tests = false, .bounds = true});
  if (!release) return;  // a file about what is refused
  support::on_deep_stack([&] {
    for (ir::SlotId slot = 0; slot < release->bounds.size(); ++slot) {
      const std::optional<ir::CallBound>& bound = release->bounds[slot];
      if (!release->program.entries[slot].policy || !bound) continue;
      if (bound->unbounded || bound->memory > kMostArena || bound->fuel > 10'000'000) continue;
      hold_to_bound(*release, slot, 60, release->program.slots[slot].name);
    }
  });
}

std::vector<std::string> running_files() {
  std::vector<std::string> names;
  for (const std::string& name : golden_names()) {
    if (name.starts_with("run/") || name.starts_with("listings/")) names.push_back(name);
  }
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, ProofOfGolden, testing::ValuesIn(running_files()), test_name);

}  // namespace
}  // namespace writ::tests
