// `writ limits`: the limits table.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "support/limits.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
  return digits;
}

ExitStatus print_limits(Console& console) {
  std::size_t name_columns = 0;
  for (const support::LimitRow& row : support::limit_rows()) {
    name_columns = std::max(name_columns, std::string_view(row.name).size());
  }
  for (const support::LimitRow& row : support::limit_rows()) {
    if (console.format() == Format::kJson) {
      console.print(fmt::format("{{\"name\": {}, \"value\": {}, \"unit\": {}, \"doc\": {}}}\n",
                                support::json_quote(row.name), row.value, support::json_quote(row.unit),
                                support::json_quote(row.doc)));
    } else {
      console.print(
          fmt::format("{:<{}}  {:>17} {:<12}  {}\n", row.name, name_columns, grouped(row.value), row.unit, row.doc));
    }
  }
  return ExitStatus::kYes;
}

}  // namespace

Action add_limits(CLI::App& app) {
  app.footer(
      "Everything that writ reads, keeps or runs has a limit. The quotas of calls are the schema's (its tiers).\n\n"
      "Examples:\n"
      "  writ limits\n"
      "  writ limits --format json                      one JSON object a limit\n");
  return print_limits;
}

}  // namespace writ::tools
