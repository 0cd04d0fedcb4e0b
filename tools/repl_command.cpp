// `writ repl`: a prompt.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/document.h"
#include "frontend/parser.h"
#include "support/deep_stack.h"
#include "support/limits.h"
#include "tools/options.h"
#include "tools/prompt_lines.h"
#include "tools/prompt_session.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "An expression prints its value. `let x = e` names a value; `fn`, `record`, `enum` and `const` stand as in a "
    "library;\n"
    "what is given again takes the place of what was, also for all that used it. A policy, library or schema is typed\n"
    "whole and ended by a line `:end`. `:help` lists the commands.\n"
    "From a pipe there is no prompt: answers go to standard output, errors to standard error, a wrong input is passed "
    "over,\n"
    "and the status in the end is the highest of all inputs.\n\n"
    "Examples:\n"
    "  writ repl                                      the language, without a schema\n"
    "  writ repl policies/ --schema gateway.writ --config prod.toml\n"
    "  echo '2h30m / 5' | writ repl\n"
    "  writ repl --schema gateway.writ --given 'geo.country=\"DE\"' < session.txt\n";

constexpr std::string_view kEnd = ":end";
/// What a line needs to close a bracket, a string or a comment.
constexpr std::string_view kClosing = ")]}\"'/";

struct ReplArguments {
  ReleaseArguments release;
  PromptOptions prompt;
};

struct Command {
  std::string_view name;
  std::string_view argument;
  std::string_view help;
};
constexpr Command kCommands[] = {
    {":type", "EXPR", "the type of an expression, which is not run"},
    {":fuel", "EXPR", "what an expression uses of fuel and memory"},
    {":asm", "NAME", "the machine code of a function or slot"},
    {":load", "PATH", "reads a unit, a folder of units, or a config document"},
    {":help", "", "this list"},
    {":quit", "", "ends the prompt; so does Ctrl-D"},
};

std::string help_text() {
  std::string text;
  for (const Command& command : kCommands) {
    text += fmt::format("{:<6} {:<5} {}\n", command.name, command.argument, command.help);
  }
  return text + fmt::format("{:<12} ends a policy, library or schema that was typed\n", kEnd);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Reads inputs, which may take several lines, and hands each to the session.
class Repl {
 public:
  Repl(PromptSession& session, PromptLines& lines, Console& console)
      : session_(session), lines_(lines), console_(console) {}

  /// The highest status of all inputs.
  ExitStatus run() {
    while (!quits_ && console_.is_open()) {
      console_.flush();
      std::optional<PromptLine> line = lines_.next(pending_.is_unit || !pending_.text.empty());
      if (!line) break;
      take(*std::move(line));
    }
    if (const auto error = lines_.error()) {
      console_.say(fmt::format("writ: cannot read standard input: {}", *error));
      return ExitStatus::kCouldNot;
    }
    if (!pending_.text.empty() && !quits_) finish();
    return worst_;
  }

 private:
  /// The input so far.
  struct Pending {
    std::string name;
    std::string text;
    bool is_open = false;  // in a bracket, a string or a comment
    bool is_unit = false;
    bool is_dropped = false;  // a unit that was too large
  };

  void take(const PromptLine& line) {
    switch (line.kind) {
      case PromptLine::Kind::kGivenUp:
        pending_ = {};
        return;
      case PromptLine::Kind::kTooLong:
        return refuse(line.number);
      case PromptLine::Kind::kText:
        return take_text(line.number, line.text);
    }
  }

  void take_text(std::int64_t number, const std::string& text) {
    const std::string_view word = trimmed(text);
    if (pending_.is_unit && word == kEnd) return finish();
    if (pending_.is_dropped) return;
    if (pending_.text.empty()) {
      if (word.empty()) return;
      if (word.starts_with(':')) return note(command(number, word));
      pending_.name = fmt::format("prompt[{}]", number);
    }
    pending_.text += text + "\n";
    if (pending_.text.size() > static_cast<std::size_t>(support::limits::kSourceBytes)) return refuse(number);
    // Judging reads all lines again: not for those that can close nothing.
    if (pending_.is_unit || (pending_.is_open && text.find_first_of(kClosing) == std::string::npos)) return;
    const frontend::InputState state = frontend::judge_input(support::SourceFile(0, pending_.name, pending_.text));
    pending_.is_open = state == frontend::InputState::kOpen;
    switch (state) {
      case frontend::InputState::kOpen:
      case frontend::InputState::kDocumented:
        return;
      case frontend::InputState::kUnit:
        pending_.is_unit = true;
        return;
      case frontend::InputState::kEmpty:
        pending_ = {};
        return;
      case frontend::InputState::kWhole:
        return finish();
    }
  }

  void finish() {
    Pending input = std::exchange(pending_, {});
    if (input.is_dropped) return;
    PromptText text{.name = std::move(input.name), .text = std::move(input.text)};
    note(input.is_unit ? session_.take_unit(std::move(text)) : session_.take(std::move(text)));
  }

  void refuse(std::int64_t line) {
    const bool is_unit = pending_.is_unit;  // the rest of which is still to come
    pending_ = {.name = {}, .text = {}, .is_open = false, .is_unit = is_unit, .is_dropped = is_unit};
    console_.say(fmt::format("writ repl: line {}: this input is over the limit of {} bytes", line,
                             support::limits::kSourceBytes));
    note(ExitStatus::kNo);
  }

  ExitStatus command(std::int64_t number, std::string_view line) {
    const std::size_t space = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view name = line.substr(0, space);
    const std::string argument(trimmed(line.substr(space)));
    const auto* const row = std::ranges::find(kCommands, name, &Command::name);
    if (row == std::end(kCommands)) return unknown(name);
    if (argument.empty() != row->argument.empty()) {
      console_.say(row->argument.empty() ? fmt::format("writ repl: {} takes nothing", name)
                                         : fmt::format("writ repl: write {} {}", name, row->argument));
      return ExitStatus::kUsage;
    }
    return run_command(name, {.name = fmt::format("prompt[{}]", number), .text = argument});
  }

  ExitStatus run_command(std::string_view name, PromptText argument) {
    if (name == ":type") return session_.print_type(std::move(argument));
    if (name == ":fuel") return session_.print_fuel(std::move(argument));
    if (name == ":asm") return session_.print_assembly(argument.text);
    if (name == ":load") return load(argument.text);
    if (name == ":help") {
      console_.print(help_text());
    } else {
      quits_ = true;
    }
    return ExitStatus::kYes;
  }

  ExitStatus load(const std::string& path) {
    host::LoadRequest request{.paths = {}, .schema = {}, .documents = {}, .variables = {}, .assignments = {}};
    (frontend::document::has_known_ending(path) ? request.documents : request.paths).push_back(path);
    return session_.load(request);
  }

  ExitStatus unknown(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Command& command : kCommands) names.push_back(command.name);
    const auto near = support::nearest(name, names);
    console_.say(fmt::format("writ repl: no command {}{}", name,
                             near ? fmt::format("; did you mean {}?", *near) : std::string(" (:help lists them)")));
    return ExitStatus::kUsage;
  }

  void note(ExitStatus status) { worst_ = std::max(worst_, status); }

  PromptSession& session_;
  PromptLines& lines_;
  Console& console_;
  Pending pending_;
  bool quits_ = false;
  ExitStatus worst_ = ExitStatus::kYes;
};

ExitStatus converse(const ReplArguments& arguments, bool at_terminal, Console& console) {
  PromptOptions options = arguments.prompt;
  options.tier = arguments.release.tier;
  options.shows_types = at_terminal;
  PromptSession session(std::move(options), console);
  const ExitStatus started = session.load(arguments.release.load);
  if (started != ExitStatus::kYes) return started;
  const auto names = [&session] {
    std::vector<std::string> all = session.names();
    for (const Command& command : kCommands) all.emplace_back(command.name);
    return all;
  };
  const std::unique_ptr<PromptLines> lines = at_terminal ? terminal_lines(names) : piped_lines();
  if (at_terminal) console.say("writ " WRIT_VERSION "; :help lists the commands, Ctrl-D ends");
  const ExitStatus status = Repl(session, *lines, console).run();
  return at_terminal ? ExitStatus::kYes : status;  // a person has seen the errors
}

ExitStatus repl_command(const ReplArguments& arguments, Console& console) {
  const bool at_terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  // A policy ends by its fuel; Ctrl-C must not end the prompt with it.
  if (at_terminal) std::signal(SIGINT, SIG_IGN);
  ExitStatus status = ExitStatus::kBug;
  support::on_deep_stack([&] { status = converse(arguments, at_terminal, console); });
  return status;
}

}  // namespace

Action add_repl(CLI::App& app) {
  auto arguments = std::make_shared<ReplArguments>();
  add_release_options(app, arguments->release)->required(false);
  add_engine_options(app, arguments->prompt.engine);
  add_budget_options(app, arguments->prompt.budget);
  add_repeatable(app, "--given", arguments->prompt.givens, "What a host function answers")->type_name("CAP.FN=VALUE");
  app.footer(kFooter);
  return [arguments](Console& console) { return repl_command(*arguments, console); };
}

}  // namespace writ::tools
