// What a prompt holds: the texts that were typed and loaded, and the one release that they make.
//
// In: one input after another. Out: answers and errors on the console, a status for each input. What is typed outside of units
// makes a library of its own, which sees all that the units declare. Every input is checked together with all texts, compiled
// and made visible by the swap that a server makes; the release before is freed, and a wrong input changes nothing. It keeps
// texts and one release, so what it takes depends on what is declared and not on how much was typed. Reads no lines.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "frontend/ast.h"
#include "host/engine.h"
#include "host/release.h"
#include "tools/console.h"
#include "tools/engine_choice.h"
#include "tools/evaluation.h"
#include "tools/options.h"

namespace writ::tools {

struct PromptOptions {
  std::string tier;
  EngineArguments engine;
  BudgetArguments budget;
  std::vector<std::string> givens;
  bool shows_types = false;  // with each value
};

/// A text under the name that messages show.
struct PromptText {
  std::string name;
  std::string text;
};

/// Must be used on a deep stack.
class PromptSession {
 public:
  PromptSession(PromptOptions options, Console& console);
  PromptSession(const PromptSession&) = delete;
  PromptSession& operator=(const PromptSession&) = delete;

  /// Reads files; units and the schema take the place of those of the same name.
  ExitStatus load(const host::LoadRequest& request);
  /// A schema, policy or library that was typed.
  ExitStatus take_unit(PromptText unit);
  /// Declarations, `let x = e`, or an expression, whose value is printed.
  ExitStatus take(PromptText input);

  ExitStatus print_type(PromptText expression);
  ExitStatus print_fuel(PromptText expression);
  /// Of a function or slot, by its name alone or with its unit's.
  ExitStatus print_assembly(const std::string& name);
  /// What an input may name: declarations and built-in functions.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Unit {
    std::string name;
    PromptText text;
  };
  /// Declarations typed at once. A name that was declared again since is no longer theirs.
  struct Typed {
    PromptText text;
    std::vector<std::string> names;
  };
  struct Texts {
    std::optional<PromptText> schema;
    std::vector<Unit> units;
    std::vector<PromptText> documents;
    std::vector<std::string> variables;
    std::vector<std::string> assignments;
    std::vector<Typed> typed;
  };
  /// The texts, read again with an input behind them, and what they come to.
  struct Draft {
    host::Sources sources;
    ast::File prompt;  // until it is among the units
    std::optional<host::Release> release;
  };

  [[nodiscard]] std::unique_ptr<Draft> read(const Texts& texts) const;
  /// Checks a draft and what is asked of it.
  bool check(Draft& draft, const ast::Expr* expression, const ast::TypeExpr* type) const;
  /// Makes a checked draft the release that answers.
  std::optional<ExitStatus> publish(std::unique_ptr<Draft> draft);
  /// Reads, checks and publishes; then the texts are the session's.
  ExitStatus change(Texts texts);
  ExitStatus declare(std::unique_ptr<Draft> draft, std::vector<ast::Decl> declarations, PromptText text);
  ExitStatus bind(std::unique_ptr<Draft> draft, const ast::Let& let, const std::string& place);
  /// Asks the draft's expression; nothing, and a status, when there is no value.
  [[nodiscard]] std::optional<Evaluation> ask(std::unique_ptr<Draft> draft, ExitStatus& status);
  void print(const Evaluation& evaluation);
  /// The draft with this expression checked, or null when it is wrong.
  [[nodiscard]] std::unique_ptr<Draft> question(PromptText expression) const;
  [[nodiscard]] std::optional<std::vector<host::Answer>> answers();
  ExitStatus refuse(const Draft& draft) const;
  void tell_warnings(const Draft& draft, support::SourceId source) const;

  PromptOptions options_;
  Console& console_;
  EngineChoice choice_;
  Texts texts_;
  std::unique_ptr<Draft> running_;
  std::unique_ptr<host::Engine> engine_;  // borrows the running release
};

}  // namespace writ::tools
