// Runs the `test` blocks of a release on either engine.
//
// In: a checked release with its tests, a way to make an engine. Out: for each test the expectations that did not hold, as
// diagnostics at their places. Values that a test gives to the config make a program of their own. Prints nothing.
#pragma once

#include <expected>
#include <memory>
#include <vector>

#include "host/engine.h"
#include "host/release.h"
#include "ir/program.h"
#include "support/diagnostic.h"

namespace writ::host {

/// Must run on a thread with a deep stack. Borrows the release.
class TestRunner {
 public:
  TestRunner(const Release& release, EngineMaker make_engine);

  /// Empty: the test passed. An error: no engine could be made.
  [[nodiscard]] std::expected<std::vector<support::Diagnostic>, EngineError> run(const ir::Test& test);

 private:
  struct Prepared {
    std::vector<ir::TestKnob> knobs;
    ir::Config config;
    std::unique_ptr<Engine> engine;
  };

  /// The release's values, and those that the test gives.
  [[nodiscard]] ir::Config config_of(const ir::Test& test) const;
  /// The engine for a test's values; the last one made is kept.
  [[nodiscard]] std::expected<const Engine*, EngineError> engine_for(const ir::Test& test);

  const Release& release_;
  EngineMaker make_engine_;
  std::unique_ptr<Prepared> plain_;    // no values of its own: most tests
  std::unique_ptr<Prepared> special_;  // the last with values
};

}  // namespace writ::host
