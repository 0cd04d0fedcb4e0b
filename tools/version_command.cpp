// `writ version`.

#include <fmt/format.h>

#include "ir/cost.h"
#include "stdlib/zone.h"
#include "tools/options.h"

namespace writ::tools {

Action add_version(CLI::App& app) {
  app.footer(
      "The cost table's version says when the same call costs the same fuel; the time zones' is that\n"
      "of the tzdata they were made from.\n\n"
      "Examples:\n"
      "  writ version\n"
      "  writ version --format json\n");
  return [](Console& console) {
    const bool as_json = console.format() == Format::kJson;
    console.print(as_json ? fmt::format("{{\"version\": \"{}\", \"cost_table\": {}, \"time_zones\": \"{}\"}}\n",
                                        WRIT_VERSION, ir::cost::kVersion, stdlib::zones_version())
                          : fmt::format("writ {} (cost table {}, time zones {})\n", WRIT_VERSION, ir::cost::kVersion,
                                        stdlib::zones_version()));
    return ExitStatus::kYes;
  };
}

}  // namespace writ::tools
