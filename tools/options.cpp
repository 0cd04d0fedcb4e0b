#include "tools/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "frontend/config.h"
#include "jit/jit.h"
#include "support/limits.h"

namespace writ::tools {
namespace {

support::Colour colour_of(const std::string& option) {
  if (option == "always") return support::Colour::kOn;
  if (option == "never") return support::Colour::kOff;
  const char* const no_color = std::getenv("NO_COLOR");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  return wanted && ::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 ? support::Colour::kOn
                                                                                : support::Colour::kOff;
}

/// Of the environment: `WRIT__UNIT__FIELD=value`, by name.
std::vector<std::string> config_variables() {
  std::vector<std::string> found;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (frontend::is_config_variable(*variable)) found.emplace_back(*variable);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

Console ConsoleOptions::console() const {
  const Format as = format == "json" ? Format::kJson : format == "short" ? Format::kShort : Format::kPretty;
  return {as, colour_of(color)};
}

void add_console_options(CLI::App& app, ConsoleOptions& options) {
  app.add_option("--format", options.format, "How findings are shown")
      ->check(CLI::IsMember({"pretty", "short", "json"}))
      ->type_name("FORMAT");
  app.add_option("--color", options.color, "Colours; auto looks at the terminal and NO_COLOR")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
}

CLI::Option* add_repeatable(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                            const std::string& help) {
  return app.add_option(name, values, help)->allow_extra_args(false);
}

CLI::Option* add_text_options(CLI::App& app, ReleaseArguments& arguments) {
  CLI::Option* const paths =
      app.add_option("PATH", arguments.load.paths, "Policy and library files, or a folder of them")->required();
  app.add_option("--schema", arguments.load.schema, "The schema; else looked for among the paths and beside them")
      ->type_name("FILE");
  add_repeatable(app, "--config", arguments.load.documents,
                 "A document for the config blocks (.toml .json .yaml; UNIT.FIELD=FILE.csv for rows); later ones win")
      ->type_name("FILE");
  app.add_option("--tier", arguments.tier, "The tier that the policies are loaded under; else the schema's first")
      ->type_name("TIER");
  return paths;
}

CLI::Option* add_release_options(CLI::App& app, ReleaseArguments& arguments) {
  CLI::Option* const paths = add_text_options(app, arguments);
  arguments.load.variables = config_variables();
  add_repeatable(app, "--set", arguments.load.assignments,
                 "One value of a config block, over all documents and the variables WRIT__UNIT__FIELD")
      ->type_name("UNIT.FIELD=VALUE");
  return paths;
}

void add_engine_options(CLI::App& app, EngineArguments& arguments) {
  app.add_option("--engine", arguments.engine, "Native code, or the reference interpreter")
      ->check(CLI::IsMember({"jit", "interp"}))
      ->type_name("ENGINE");
  app.add_option("--opt", arguments.opt_level, "How hard native code is optimised")
      ->check(CLI::IsMember({0, 2}))
      ->type_name("LEVEL");
  app.add_option("--jit-sanitize", arguments.sanitizer, "Instrument native code: in a build with that sanitizer only")
      ->check([](const std::string& sanitizer) {
        const bool is_ours = !sanitizer.empty() && sanitizer == jit::kSanitizerName;
        return is_ours ? "" : "this build of writ has no such sanitizer: the presets dev and tsan have one each";
      })
      ->type_name("address|thread");
}

void add_budget_options(CLI::App& app, BudgetArguments& arguments) {
  app.add_option("--fuel", arguments.fuel, "Fuel of one call, instead of the tier's")
      ->check(CLI::Range(std::int64_t{0}, support::limits::kFuelQuota))
      ->type_name("N");
  app.add_option("--memory", arguments.memory, "Bytes of memory of one call, instead of the tier's")
      ->check(CLI::Range(std::int64_t{0}, support::limits::kMemoryQuota))
      ->type_name("BYTES");
}

void BudgetArguments::apply(host::Budget& budget) const {
  budget.fuel = fuel.value_or(budget.fuel);
  budget.memory = memory.value_or(budget.memory);
}

std::string wrong_line(const CLI::App& app, std::string_view message) {
  const std::string command = app.get_parent() == nullptr ? "writ" : "writ " + app.get_name();
  return fmt::format("{0}: {1} ({0} --help)", command, message);
}

std::string unknown_word(const CLI::App& app, std::string_view word) {
  word = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto near = support::nearest(word, candidates);
  return wrong_line(app, fmt::format("what is `{}`?{}", word, near ? fmt::format(" Did you mean {}?", *near) : ""));
}

}  // namespace writ::tools
