// Lines for a prompt: at a terminal with editing and history (libedit), from a pipe or a file as they are.
//
// Out: lines without their ends, numbered from 1. At a terminal Ctrl-C gives up what was typed; the history is read from and
// written to $XDG_STATE_HOME/writ/repl_history (~/.local/state where that is unset), and a history that cannot be kept is
// no error. Judges nothing of what a line says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writ::tools {

struct PromptLine {
  enum class Kind : std::uint8_t { kText, kTooLong, kGivenUp } kind;
  std::int64_t number;
  std::string text;  // kText
};

class PromptLines {
 public:
  virtual ~PromptLines() = default;
  /// Nothing at the end. `continued`: the line goes on with an input that is not whole.
  [[nodiscard]] virtual std::optional<PromptLine> next(bool continued) = 0;
  /// Why the lines ended before the input did.
  [[nodiscard]] virtual std::optional<std::string> error() const { return std::nullopt; }
};

/// Standard input, which is no terminal.
[[nodiscard]] std::unique_ptr<PromptLines> piped_lines();
/// `names`: what a word may be completed to.
[[nodiscard]] std::unique_ptr<PromptLines> terminal_lines(std::function<std::vector<std::string>()> names);

}  // namespace writ::tools
