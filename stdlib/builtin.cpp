#include "stdlib/builtin.h"

#include <vector>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {

std::span<const Builtin> builtins() {
  static const std::vector<Builtin> all = [] {
    std::vector<Builtin> out;
    for (const auto rows : {string_rows(), bytes_rows(), list_rows(), net_rows(), time_rows(), convert_rows(),
                            format_rows(), share_rows(), math_rows()}) {
      out.insert(out.end(), rows.begin(), rows.end());
    }
    return out;
  }();
  return all;
}

std::int64_t dynamic_fuel(const Builtin& row, const std::uint64_t* args) {
  return rule_fuel(row.fuel, row.parameters, args);
}

}  // namespace writ::stdlib
