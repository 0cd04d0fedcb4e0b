// A release tried out before it answers anybody: its texts checked and compiled, its tests run, its golden decisions made again.
//
// In: the schema, a content, a way to make engines. Out: what the golden decisions came to, or every finding. `writ build` records
// decisions with it and a node holds itself to them, so both see the same. Host functions are never called: tests and decisions
// bring what they answer. Publishes nothing; a call costs what the release's tier allows, times tests and decisions.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fleet/content.h"
#include "host/budget.h"
#include "host/engine.h"
#include "host/live_release.h"

namespace writ::fleet {

/// An engine for a program with its tests, for calls of that budget. The program and the config outlive it.
using RehearsalEngine = std::function<std::expected<std::unique_ptr<host::Engine>, host::EngineError>(
    const ir::Program&, const ir::Config&, const host::Budget&)>;

struct Rehearsal {
  std::size_t tests = 0;             // that ran, and held
  std::vector<std::string> answers;  // of the golden decisions, in their order
  std::set<std::string> functions;   // of the host, that its slots may call: "geo.country"
};

/// The host functions that a program's slots may call, by full name.
[[nodiscard]] std::set<std::string> functions_used(const ir::Program& program);

/// The answers of golden decisions that have one already are compared with it; an empty one is only made. Takes a deep stack of
/// its own.
[[nodiscard]] std::expected<Rehearsal, host::Report> rehearse(const NamedText& schema, const Content& content,
                                                              const RehearsalEngine& make_engine);

}  // namespace writ::fleet
