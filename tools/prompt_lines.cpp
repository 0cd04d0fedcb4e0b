#include "tools/prompt_lines.h"

#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "host/line_reader.h"

namespace writ::tools {
namespace {

constexpr int kHistoryLines = 1000;
constexpr const char* kPrompt = "writ> ";
constexpr const char* kContinuationPrompt = "....> ";

class PipedLines final : public PromptLines {
 public:
  PipedLines() : reader_(host::Descriptor(::dup(STDIN_FILENO))) {}

  std::optional<PromptLine> next(bool) override {
    const std::optional<host::InputLine> line = reader_.next();
    if (!line) return std::nullopt;
    if (line->too_long) return PromptLine{PromptLine::Kind::kTooLong, line->number, {}};
    return PromptLine{PromptLine::Kind::kText, line->number, std::string(line->text)};
  }
  std::optional<std::string> error() const override { return reader_.error(); }

 private:
  host::LineReader reader_;
};

/// Where the history is kept; nothing where nobody has a home.
std::optional<std::filesystem::path> history_file() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  std::filesystem::path folder = state != nullptr ? state : "";
  if (!folder.is_absolute()) {  // unset, or what the XDG rules say to ignore
    const char* const home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') return std::nullopt;
    folder = std::filesystem::path(home) / ".local" / "state";
  }
  return folder / "writ" / "repl_history";
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == ':';
}

class TerminalLines final : public PromptLines {
 public:
  explicit TerminalLines(std::function<std::vector<std::string>()> names) : names_(std::move(names)) {
    edit_ = el_init("writ", stdin, stdout, stderr);
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, kHistoryLines);
    history(history_, &event, H_SETUNIQUE, 1);
    if (file_) history(history_, &event, H_LOAD, file_->c_str());
    el_set(edit_, EL_CLIENTDATA, this);
    el_set(edit_, EL_PROMPT, &TerminalLines::prompt);
    el_set(edit_, EL_HIST, history, history_);
    el_set(edit_, EL_EDITOR, "emacs");
    // Wide, because what el_set is given here it copies and never frees.
    el_wset(edit_, EL_ADDFN, L"writ-complete", L"complete a name", &TerminalLines::complete);
    el_set(edit_, EL_BIND, "^I", "writ-complete", nullptr);
    // While a line is typed Ctrl-C and Ctrl-Z are keys like any other.
    el_set(edit_, EL_SETTY, "-d", "-isig", nullptr);
    el_wset(edit_, EL_ADDFN, L"writ-give-up", L"give up the input", &TerminalLines::give_up);
    el_set(edit_, EL_BIND, "^C", "writ-give-up", nullptr);
    el_wset(edit_, EL_ADDFN, L"writ-suspend", L"stop until the shell goes on", &TerminalLines::suspend);
    el_set(edit_, EL_BIND, "^Z", "writ-suspend", nullptr);
    el_source(edit_, nullptr);  // ~/.editrc
  }
  ~TerminalLines() override {
    save();
    history_end(history_);
    el_end(edit_);
  }
  TerminalLines(const TerminalLines&) = delete;
  TerminalLines& operator=(const TerminalLines&) = delete;

  std::optional<PromptLine> next(bool continued) override {
    continued_ = continued;
    given_up_ = false;
    int count = 0;
    const char* const typed = el_gets(edit_, &count);
    if (given_up_) {
      std::fputs("^C\n", stdout);
      std::fflush(stdout);
      return PromptLine{PromptLine::Kind::kGivenUp, number_, {}};
    }
    if (typed == nullptr || count <= 0) {
      std::fputc('\n', stdout);
      std::fflush(stdout);
      return std::nullopt;
    }
    std::string text(typed, static_cast<std::size_t>(count));
    while (text.ends_with('\n')) text.pop_back();
    if (text.find_first_not_of(" \t") != std::string::npos) {
      HistEvent event;
      history(history_, &event, H_ENTER, text.c_str());
    }
    return PromptLine{PromptLine::Kind::kText, ++number_, std::move(text)};
  }

 private:
  static TerminalLines& of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    // SAFETY: the constructor set it.
    return *static_cast<TerminalLines*>(self);
  }

  static char* prompt(EditLine* edit) {
    return const_cast<char*>(of(edit).continued_ ? kContinuationPrompt : kPrompt);  // libedit only reads it
  }

  static unsigned char give_up(EditLine* edit, int) {
    of(edit).given_up_ = true;
    return CC_NEWLINE;
  }

  static unsigned char suspend(EditLine* edit, int) {
    el_set(edit, EL_PREP_TERM, 0);
    std::raise(SIGTSTP);
    el_set(edit, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
  }

  /// Puts in what all names that fit have in common; where that is nothing more, lists them.
  static unsigned char complete(EditLine* edit, int) {
    const LineInfo* const line = el_line(edit);
    const char* begin = line->cursor;
    while (begin != line->buffer && is_word(begin[-1])) --begin;
    const std::string_view word(begin, static_cast<std::size_t>(line->cursor - begin));
    std::vector<std::string> fitting = of(edit).names_();
    std::erase_if(fitting, [&](const std::string& name) { return !name.starts_with(word); });
    if (word.empty() || fitting.empty()) return CC_REFRESH_BEEP;
    std::string common = fitting.front();
    for (const std::string& name : fitting) {
      common.erase(std::ranges::mismatch(common, name).in1, common.end());
    }
    if (common.size() > word.size()) {
      el_insertstr(edit, common.c_str() + word.size());
      return CC_REFRESH;
    }
    if (fitting.size() == 1) return CC_REFRESH_BEEP;
    std::fputc('\n', stdout);
    for (const std::string& name : fitting) std::fprintf(stdout, "%s  ", name.c_str());
    std::fputc('\n', stdout);
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  void save() {
    if (!file_) return;
    std::error_code error;
    std::filesystem::create_directories(file_->parent_path(), error);
    HistEvent event;
    history(history_, &event, H_SAVE, file_->c_str());
  }

  std::function<std::vector<std::string>()> names_;
  std::optional<std::filesystem::path> file_ = history_file();
  EditLine* edit_ = nullptr;
  History* history_ = nullptr;
  std::int64_t number_ = 0;
  bool continued_ = false;
  bool given_up_ = false;
};

}  // namespace

std::unique_ptr<PromptLines> piped_lines() { return std::make_unique<PipedLines>(); }

std::unique_ptr<PromptLines> terminal_lines(std::function<std::vector<std::string>()> names) {
  return std::make_unique<TerminalLines>(std::move(names));
}

}  // namespace writ::tools
