#include "host/given.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "frontend/check.h"
#include "frontend/config_value.h"
#include "frontend/parser.h"
#include "host/call.h"
#include "host/engine.h"
#include "support/deep_stack.h"

namespace writ::host {
namespace {

using support::Code;

std::optional<ir::HostFunctionId> find_function(const ir::Program& program, const std::string& name) {
  for (ir::HostFunctionId id = 0; id < program.host_functions.size(); ++id) {
    if (program.host_functions[id].full_name() == name) return id;
  }
  return std::nullopt;
}

/// What an expression without variables says that a host function of the schema answers.
std::optional<ir::Value> evaluate(const support::SourceFile& source, ir::HostFunctionId answers, Sources& sources) {
  const ast::ExprPtr expression = frontend::parse_expression(source, sources.diagnostics);
  if (!expression) return std::nullopt;
  const ast::File* const schema = sources.schema ? &*sources.schema : nullptr;
  const auto program = frontend::check_expression(schema, *expression, {}, sources.diagnostics, answers);
  if (!program) return std::nullopt;
  const ir::Config config = ir::default_config(*program);
  const auto engine = make_interpreter(*program, config);
  const auto function = static_cast<ir::FunctionId>(program->functions.size() - 1);
  const ir::TypeId type = program->functions[function].result.value();
  std::optional<ir::Value> value;
  support::on_deep_stack([&] {
    HostFunctions host(*program);
    Caller caller(*program, *engine, {}, host);
    const Outcome outcome = caller.call(function, {});
    if (outcome.trap() != runtime::Trap::kNone) {
      const std::string message = fmt::format("this trapped: {}", runtime::trap_spelling(outcome.trap()));
      sources.diagnostics.error(Code::kTypeMismatch, place_of(*program, outcome.status), message);
      return;
    }
    value = ir::read_value(outcome.words, type, program->types);
  });
  return value;
}

}  // namespace

std::optional<Answer> read_given(const std::string& text, const ir::Program& program, Sources& sources) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const std::optional<ir::HostFunctionId> function = find_function(program, name);
  if (!function || !program.host_functions[*function].result || equals == std::string::npos) {
    const support::Span span{
        .source = sources.map.add("--given", text).id(), .begin = 0, .end = static_cast<std::uint32_t>(name.size())};
    sources.diagnostics.error(Code::kUnknownName, span, fmt::format("no host function `{}` gives an answer", name))
        .help = "write --given CAPABILITY.FUNCTION=VALUE";
    return std::nullopt;
  }
  const support::SourceFile& source = sources.map.add("--given", text.substr(equals + 1));
  std::optional<ir::Value> value =
      frontend::plain_value(source.text(), *program.host_functions[*function].result, program.types);
  if (!value) value = evaluate(source, *function, sources);
  if (!value) return std::nullopt;
  std::vector<std::optional<ir::Value>> anything(program.host_functions[*function].parameters.size());
  return Answer{.function = *function, .arguments = std::move(anything), .value = std::move(*value)};
}

}  // namespace writ::host
