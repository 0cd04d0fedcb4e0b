// `writ`: reads the command line, runs one command, ends with its status. Each command has its own file.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "tools/console.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  writ run access.writ --schema gateway.writ --slot authorize --input requests.jsonl\n"
    "  echo '2h30m / 5' | writ repl\n\n"
    "Statuses: 0 yes; 1 what a text says is wrong; 2 wrong usage; 3 the policy trapped; 4 could not; 5 not to be "
    "trusted; 70 a bug in writ.\n"
    "Each command explains itself: writ run --help\n";

/// A descriptor that the parent closed would be given to the next file we open, and our answers would go there. The null
/// device, opened the wrong way round, makes every use of it an error instead.
void hold_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
    }
  }
}

int run(int argc, char** argv) {
  CLI::App app("Policies and configuration as code: checked, metered, compiled to native code.", "writ");
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_help_flag("-h,--help", "This help");
  ConsoleOptions console_options;
  std::vector<std::pair<CLI::App*, Action>> commands;
#define WRIT_COMMAND(name, doc)                               \
  {                                                           \
    CLI::App* const command = app.add_subcommand(#name, doc); \
    commands.emplace_back(command, add_##name(*command));     \
    add_console_options(*command, console_options);           \
  }
#include "tools/commands.def"
#undef WRIT_COMMAND
  const auto chosen = [&] {
    return std::ranges::find_if(commands, [](const auto& row) { return row.first->parsed(); });
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    const CLI::App& at = chosen() == commands.end() ? app : *chosen()->first;
    const std::vector<std::string> unread = app.remaining(/*recurse=*/true);
    console_options.console().say(unread.empty() ? wrong_line(at, error.what()) : unknown_word(at, unread.front()));
    return static_cast<int>(ExitStatus::kUsage);
  }
  Console console = console_options.console();
  return static_cast<int>(console.finish(chosen()->second(console)));
}

}  // namespace
}  // namespace writ::tools

int main(int argc, char** argv) {
  using writ::tools::ExitStatus;
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write, told in one place
  writ::tools::hold_standard_descriptors();
  try {
    return writ::tools::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "writ: internal error: {}\n", error.what());
  } catch (...) {
    fmt::print(stderr, "writ: internal error: an exception of no known kind\n");
  }
  return static_cast<int>(ExitStatus::kBug);
}
