// writ_cel CASES.jsonl LEFT_OUT.tsv OUT.jsonl: CEL's conformance cases, each as written and with its literals hoisted, on
// the interpreter and on native code at both levels.
//
// A case passes when all six give the expected value and type, or all fail where it must fail: by a trap, or refused by the
// checker. What is left out on purpose is run too: a case that passes and is listed all the same is a failure of the list.
// Last lines: `cel: P passed, L listed, F failed` and the figures. Status 1 when F is not 0.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "frontend/check.h"
#include "frontend/parser.h"
#include "host/call.h"
#include "ir/image.h"
#include "ir/value.h"
#include "support/deep_stack.h"
#include "tests/cel/cel_case.h"
#include "tests/cel/hoist.h"
#include "tests/engines.h"

namespace writ::tests {
namespace {

/// What came of one way to run a case.
struct Outcome {
  bool passed = false;
  std::string said;  // a value, a trap, a finding
};

struct Argument {
  std::string name;
  ast::TypeExpr type;
  std::variant<ir::Value, nlohmann::json> value;
};

/// What hoisted literals may take in a case that has variables of its own, of which none has more than two.
constexpr std::size_t kWordsBesideVariables = 8;

/// `list<int>?` as a syntax tree.
std::optional<ast::TypeExpr> read_type(const std::string& text) {
  support::SourceMap sources;
  support::Diagnostics diagnostics;
  const support::SourceFile& source = sources.add("type", "schema s\nrecord R { f: " + text + " }\n");
  auto file = frontend::parse(source, diagnostics);
  if (!file || diagnostics.has_errors()) return std::nullopt;
  return std::move(std::get<ast::Record>(file->decls.front().node).fields.front().type);
}

/// One case with its literals in place or hoisted, checked.
class Checked {
 public:
  Checked(const CelCase& wanted, bool hoisted) : wanted_(wanted) {
    const support::SourceFile& source = sources_.add("case", wanted.expression);
    const ast::ExprPtr expression = frontend::parse_expression(source, diagnostics_);
    if (!expression || diagnostics_.has_errors()) return;
    for (const CelVariable& variable : wanted.variables) add(variable.name, variable.type, variable.value);
    if (hoisted) {
      const std::size_t words = wanted.variables.empty() ? jit::kMaxCallWords : kWordsBesideVariables;
      for (Hoisted& literal : hoist_literals(*expression, words))
        add(literal.name, literal.type, std::move(literal.value));
    }
    if (!refused_.empty()) return;
    std::vector<frontend::Variable> variables;
    variables.reserve(arguments_.size());
    for (const Argument& argument : arguments_) variables.push_back({argument.name, &argument.type});
    program_ = frontend::check_expression(nullptr, *expression, variables, diagnostics_);
  }

  [[nodiscard]] Outcome run(const EngineKind& kind) const {
    if (!program_) return {.passed = wanted_.error, .said = refusal()};
    const ir::Types& types = program_->types;
    const ir::TypeId type = program_->functions.back().result.value();
    const std::string found_type = cel_type(type, types);
    if (wanted_.type && *wanted_.type != found_type) return {.said = "type " + found_type};
    if (!wanted_.error && !wanted_.value) return {.passed = true, .said = "type " + found_type};
    return call(kind, type);
  }

 private:
  template <typename Value>
  void add(const std::string& name, const std::string& type, Value value) {
    auto read = read_type(type);
    if (!read) {
      refused_ = "no type is called " + type;
      return;
    }
    arguments_.push_back({name, *std::move(read), std::move(value)});
  }

  [[nodiscard]] std::string refusal() const {
    if (!refused_.empty()) return refused_;
    for (const support::Diagnostic& finding : diagnostics_.sorted()) return render_short(finding, sources_);
    return "refused without a word";
  }

  [[nodiscard]] Outcome call(const EngineKind& kind, ir::TypeId type) const {
    const ir::Config config = ir::default_config(*program_);
    const host::Budget budget;
    const auto engine = make_engine(kind, *program_, config, budget.stack);
    if (!engine) {
      return {.said = engine.error().diagnostic ? engine.error().diagnostic->message : engine.error().message};
    }
    ir::Image image;
    std::vector<std::uint64_t> words;
    if (!write_arguments(image, words)) return {.said = "an argument does not fit its type"};
    Outcome out;
    support::on_deep_stack([&] {
      host::HostFunctions host(*program_);
      host::Caller caller(*program_, **engine, budget, host);
      const auto id = static_cast<ir::FunctionId>(program_->functions.size() - 1);
      const host::Outcome outcome = caller.call(id, words);
      if (outcome.trap() != runtime::Trap::kNone) {
        out = {.passed = wanted_.error, .said = fmt::format("trap {}", runtime::trap_spelling(outcome.trap()))};
        return;
      }
      const ir::Value value = ir::read_value(outcome.words, type, program_->types);
      out.said = ir::literal_text(value, type, program_->types);
      out.passed = wanted_.value && matches(*wanted_.value, value, type, program_->types);
    });
    return out;
  }

  bool write_arguments(ir::Image& image, std::vector<std::uint64_t>& words) const {
    const ir::Function& function = program_->functions.back();
    const ir::Types& types = program_->types;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      const ir::TypeId type = function.locals[i].type;
      const auto* ready = std::get_if<ir::Value>(&arguments_[i].value);
      const auto value = ready != nullptr ? std::optional(*ready)
                                          : read_value(std::get<nlohmann::json>(arguments_[i].value), type, types);
      if (!value) return false;
      const ir::Words written = ir::write_value(image, *value, type, types, /*sorted=*/false, /*seed=*/0);
      words.insert(words.end(), written.begin(), written.begin() + types.words(type));
    }
    return true;
  }

  const CelCase& wanted_;
  support::SourceMap sources_;
  support::Diagnostics diagnostics_;
  std::string refused_;
  std::vector<Argument> arguments_;
  std::optional<ir::Program> program_;
};

/// Runs a case in all ways, writes a line for each, and gives what the first way that failed said.
std::optional<std::string> run_case(const CelCase& each, std::ostream& out) {
  std::optional<std::string> failed;
  for (const bool hoisted : {false, true}) {
    const Checked checked(each, hoisted);
    for (const EngineKind& kind : kEngines) {
      const Outcome outcome = checked.run(kind);
      out << nlohmann::json{{"suite", each.suite},
                            {"name", each.name},
                            {"engine", kind.native ? "jit" : "interp"},
                            {"level", kind.opt_level},
                            {"hoisted", hoisted},
                            {"outcome", outcome.passed ? "passed" : "failed"},
                            {"value", outcome.said}}
                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
          << '\n';
      if (!outcome.passed && !failed) {
        failed = fmt::format("{}{}: {}", kind.name, hoisted ? ", hoisted" : "", outcome.said);
      }
    }
  }
  return failed;
}

/// The titles that are left out on purpose, with the reason.
std::map<std::string, std::string> read_left_out(const char* path) {
  std::map<std::string, std::string> out;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t reason = line.rfind('\t');
    if (line.empty() || line.front() == '#' || reason == std::string::npos) continue;
    out.emplace(line.substr(0, reason), line.substr(reason + 1));
  }
  return out;
}

int run(const char* cases, const char* left_out_list, const char* out_path) {
  const auto left_out = read_left_out(left_out_list);
  std::ifstream in(cases);
  std::ofstream out(out_path);
  if (!in || !out) {
    std::cerr << "cel: cannot read " << cases << " or write " << out_path << '\n';
    return 4;
  }
  int passed = 0;
  int listed = 0;
  int failed = 0;
  for (std::string line; std::getline(in, line);) {
    const CelCase each = CelCase::read(line);
    const auto failure = run_case(each, out);
    const bool is_left_out = left_out.contains(each.title());
    if (is_left_out && failure) {
      ++listed;
    } else if (!is_left_out && !failure) {
      ++passed;
    } else {
      ++failed;
      fmt::print("{}\t{}\t{}\n", each.title(), each.expression, failure.value_or("passes, and is listed as left out"));
    }
  }
  fmt::print("cel: {} passed, {} listed, {} failed\n", passed, listed, failed);
  fmt::print("figure cel.passed {}\nfigure cel.listed {}\nfigure cel.failed {}\n", passed, listed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace writ::tests

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: writ_cel CASES.jsonl LEFT_OUT.tsv OUT.jsonl\n";
    return 2;
  }
  return writ::tests::run(arguments[1], arguments[2], arguments[3]);
}
