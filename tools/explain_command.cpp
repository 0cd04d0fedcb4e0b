// `writ explain CODE`: what a code of a diagnostic or a trap stands for, how one comes by it and the way out; without a code, all of
// them, a line each.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "runtime/abi.h"
#include "support/diagnostic.h"
#include "tools/explanations.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

struct Explained {
  std::string code;      // W2001, T0001
  std::string severity;  // error, warning, trap
  std::string title;
  std::string_view text;  // may be empty
};

std::vector<Explained> all_codes() {
  std::vector<Explained> rows;
  for (const support::CodeRow& row : support::code_rows()) {
    const bool is_error = row.severity == support::Severity::kError;
    rows.push_back({support::code_text(row.code), is_error ? "error" : "warning", row.title, explanation_of(row.code)});
  }
  for (const runtime::TrapRow& row : runtime::kTrapRows) {
    rows.push_back(
        {fmt::format("T{:04}", static_cast<int>(row.trap)), "trap", fmt::format("{}: {}", row.spelling, row.doc), {}});
  }
  return rows;
}

ExitStatus explain(const std::string& code, Console& console) {
  bool found = false;
  for (const Explained& row : all_codes()) {
    if (!code.empty() && row.code != code) continue;
    found = true;
    console.print(console.format() == Format::kJson
                      ? fmt::format("{{\"code\": {}, \"severity\": {}, \"title\": {}, \"text\": {}}}\n",
                                    support::json_quote(row.code), support::json_quote(row.severity),
                                    support::json_quote(row.title), support::json_quote(row.text))
                      : fmt::format("{}  {:<7}  {}\n{}", row.code, row.severity, row.title,
                                    code.empty() ? std::string_view{} : row.text));
  }
  if (found) return ExitStatus::kYes;
  console.say(fmt::format("no code {}: `writ explain` lists all of them", code));
  return ExitStatus::kUsage;
}

}  // namespace

Action add_explain(CLI::App& app) {
  const auto code = std::make_shared<std::string>();
  app.add_option("CODE", *code, "W2001, T0001; all of them when left out");
  app.footer(
      "Examples:\n"
      "  writ explain W2001\n"
      "  writ explain                                  every code there is\n");
  return [code](Console& console) { return explain(*code, console); };
}

}  // namespace writ::tools
