// Every built-in's example holds on every engine.

#include "stdlib/builtin.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "frontend/check.h"
#include "frontend/parser.h"
#include "host/call.h"
#include "support/deep_stack.h"
#include "tests/engines.h"

namespace writ::tests {
namespace {

/// Whether the expression, a bool, is true; a failure of the test where it is not even that.
void expect_holds(const ir::Program& program, const EngineKind& kind) {
  const ir::Config config = ir::default_config(program);
  const host::Budget budget;
  const auto engine = make_engine(kind, program, config, budget.stack);
  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  support::on_deep_stack([&] {
    host::HostFunctions host(program);
    host::Caller caller(program, **engine, budget, host);
    const host::Outcome outcome = caller.call(static_cast<ir::FunctionId>(program.functions.size() - 1), {});
    EXPECT_EQ(outcome.trap(), runtime::Trap::kNone) << runtime::trap_spelling(outcome.trap());
    EXPECT_EQ(outcome.words[0], 1U);
  });
}

class BuiltinExample : public testing::TestWithParam<stdlib::BuiltinId> {};

TEST_P(BuiltinExample, holds_on_every_engine) {
  const stdlib::Builtin& row = stdlib::builtins()[GetParam()];
  SCOPED_TRACE(row.example);
  support::SourceMap sources;
  support::Diagnostics diagnostics;
  const support::SourceFile& source = sources.add("example", std::string(row.example));
  const ast::ExprPtr expression = frontend::parse_expression(source, diagnostics);
  ASSERT_TRUE(expression);
  const auto program = frontend::check_expression(nullptr, *expression, {}, diagnostics);
  for (const support::Diagnostic& diagnostic : diagnostics.sorted()) ADD_FAILURE() << render_short(diagnostic, sources);
  ASSERT_TRUE(program.has_value());
  ASSERT_EQ(program->types.kind(program->functions.back().result.value()), ir::Kind::kBool);
  for (const EngineKind& kind : kEngines) {
    SCOPED_TRACE(kind.name);
    expect_holds(*program, kind);
  }
}

std::string row_name(const testing::TestParamInfo<stdlib::BuiltinId>& info) {
  return std::string(stdlib::builtins()[info.param].symbol);
}

INSTANTIATE_TEST_SUITE_P(rows, BuiltinExample,
                         testing::Range(stdlib::BuiltinId{0},
                                        static_cast<stdlib::BuiltinId>(stdlib::builtins().size())),
                         row_name);

}  // namespace
}  // namespace writ::tests
