// One expression's answer: what `writ eval` prints, and the prompt.
//
// In: a program whose last function gives the answer, an engine, a budget, what host functions answer. Out: the value or the
// trap, and what goes with it. Must run on a deep stack.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/call.h"
#include "support/source.h"
#include "tools/console.h"

namespace writ::tools {

struct Evaluation {
  host::Outcome outcome;
  std::optional<ir::Value> value;       // nothing after a trap
  std::optional<std::string> reason;    // of the rule that decided
  std::vector<host::Emission> emitted;  // empty after a trap
  std::optional<ir::HostFunctionId> unanswered;
};

[[nodiscard]] Evaluation evaluate(const ir::Program& program, const host::Engine& engine, const host::Budget& budget,
                                  std::vector<host::Answer> answers, std::span<const std::uint64_t> words);

/// The trap that ended an evaluation, in the console's format.
[[nodiscard]] std::string trap_text(const Evaluation& evaluation, const ir::Program& program,
                                    const host::Budget& budget, const support::SourceMap& sources,
                                    const Console& console);
/// "fuel 12, memory 0"
[[nodiscard]] std::string usage_text(const host::Outcome& outcome);

}  // namespace writ::tools
