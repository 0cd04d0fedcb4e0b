#include "stdlib/builtin.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "stdlib/binding.h"
#include "stdlib/glob.h"
#include "stdlib/modules.h"
#include "stdlib/regex.h"
#include "stdlib/zone.h"

namespace writ::stdlib {

std::span<const Builtin> builtins() {
  static const std::vector<Builtin> all = [] {
    std::vector<Builtin> out;
    for (const auto rows : {string_rows(), bytes_rows(), list_rows(), net_rows(), time_rows(), convert_rows(),
                            format_rows(), share_rows(), math_rows(), regex_rows(), glob_rows(), version_rows()}) {
      out.insert(out.end(), rows.begin(), rows.end());
    }
    return out;
  }();
  return all;
}

std::optional<std::string> refuse(Reading reading, std::string_view text) {
  switch (reading) {
    case Reading::kPlain:
      return std::nullopt;
    case Reading::kZone:
      if (Zone::find(text)) return std::nullopt;
      return fmt::format("no time zone of tzdata {} and no offset such as +02:00", zones_version());
    case Reading::kGlob:
      return refuse_glob(text);
    case Reading::kPattern:
    case Reading::kExtraction: {
      const auto regex = Regex::make(text);
      if (!regex) return regex.error();
      if (reading == Reading::kPattern || regex->groups() <= 1) return std::nullopt;
      return fmt::format("a pattern with {} groups, and one can be extracted: (?:…) makes none", regex->groups());
    }
    case Reading::kWords:
      return std::nullopt;
  }
  std::unreachable();
}

std::int64_t dynamic_fuel(const Builtin& row, const runtime::Frame& frame, const std::uint64_t* args) {
  return rule_fuel(row.fuel, frame, row.parameters, args);
}

}  // namespace writ::stdlib
