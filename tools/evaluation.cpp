#include "tools/evaluation.h"

#include <fmt/format.h>

#include <utility>

#include "tools/trap_report.h"

namespace writ::tools {

Evaluation evaluate(const ir::Program& program, const host::Engine& engine, const host::Budget& budget,
                    std::vector<host::Answer> answers, std::span<const std::uint64_t> words) {
  const auto id = static_cast<ir::FunctionId>(program.functions.size() - 1);
  host::HostFunctions host(program);
  for (host::Answer& answer : answers) host.answer(std::move(answer));
  host::Caller caller(program, engine, budget, host);
  Evaluation evaluation;
  evaluation.outcome = caller.call(id, words);
  evaluation.unanswered = host.take_unanswered();
  if (evaluation.outcome.trap() != runtime::Trap::kNone) return evaluation;
  const ir::TypeId type = program.functions[id].result.value();
  evaluation.value = ir::read_value(evaluation.outcome.words, type, program.types);
  evaluation.reason = host::reason_of(program, evaluation.outcome.status, evaluation.outcome.reason);
  evaluation.emitted = host.take_emissions();
  return evaluation;
}

std::string trap_text(const Evaluation& evaluation, const ir::Program& program, const host::Budget& budget,
                      const support::SourceMap& sources, const Console& console) {
  TrapReport report{.trap = evaluation.outcome.trap(),
                    .place = host::place_of(program, evaluation.outcome.status),
                    .budget = budget,
                    .tier = {},
                    .consequence = {},
                    .note = {}};
  if (evaluation.unanswered) {
    report.note = fmt::format("nothing answers {0} here: --given {0}=VALUE",
                              program.host_functions[*evaluation.unanswered].full_name());
  }
  return render(report, sources, console);
}

std::string usage_text(const host::Outcome& outcome) {
  return fmt::format("fuel {}, memory {}", outcome.fuel, outcome.memory);
}

}  // namespace writ::tools
