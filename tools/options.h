// Groups of options that several commands take, and how they are shown in --help.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/budget.h"
#include "host/loader.h"
#include "support/diagnostic.h"
#include "tools/console.h"

namespace writ::tools {

/// What a command does once its line is read.
using Action = std::function<ExitStatus(Console&)>;

struct ConsoleOptions {
  std::string format = "pretty";
  std::string color = "auto";
  [[nodiscard]] Console console() const;
};
void add_console_options(CLI::App& app, ConsoleOptions& options);

/// PATH… --schema --config --set --tier
struct ReleaseArguments {
  host::LoadRequest load;
  std::string tier;
};
/// Gives PATH, which is required unless the caller says otherwise.
CLI::Option* add_release_options(CLI::App& app, ReleaseArguments& arguments);

/// --engine --opt --jit-sanitize
struct EngineArguments {
  std::string engine = "jit";
  int opt_level = 2;
  std::string sanitizer;  // empty: none
  [[nodiscard]] bool native() const { return engine == "jit"; }
};
void add_engine_options(CLI::App& app, EngineArguments& arguments);

/// --fuel --memory: instead of the tier's.
struct BudgetArguments {
  std::optional<std::int64_t> fuel;
  std::optional<std::int64_t> memory;
  [[nodiscard]] bool is_given() const { return fuel || memory; }
  void apply(host::Budget& budget) const;
};
void add_budget_options(CLI::App& app, BudgetArguments& arguments);

/// `--name VALUE`, once for each value.
CLI::Option* add_repeatable(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                            const std::string& help);

/// What is wrong with the command line of `app`, and where help is: one line.
[[nodiscard]] std::string wrong_line(const CLI::App& app, std::string_view message);
/// The same of an option or command that there is not, with the one that was likely meant.
[[nodiscard]] std::string unknown_word(const CLI::App& app, std::string_view word);

#define WRIT_COMMAND(name, doc) [[nodiscard]] Action add_##name(CLI::App& app);
#include "tools/commands.def"
#undef WRIT_COMMAND

}  // namespace writ::tools
