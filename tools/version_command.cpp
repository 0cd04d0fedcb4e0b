// `writ version`.

#include <fmt/format.h>

#include "ir/cost.h"
#include "tools/options.h"

namespace writ::tools {

Action add_version(CLI::App& app) {
  app.footer(
      "The cost table's version says when the same call costs the same fuel.\n\n"
      "Examples:\n"
      "  writ version\n"
      "  writ version --format json\n");
  return [](Console& console) {
    const bool as_json = console.format() == Format::kJson;
    console.print(as_json
                      ? fmt::format("{{\"version\": \"{}\", \"cost_table\": {}}}\n", WRIT_VERSION, ir::cost::kVersion)
                      : fmt::format("writ {} (cost table {})\n", WRIT_VERSION, ir::cost::kVersion));
    return ExitStatus::kYes;
  };
}

}  // namespace writ::tools
