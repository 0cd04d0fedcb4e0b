#include "tools/cost_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "support/diagnostic.h"

namespace writ::tools {
namespace {

using Row = std::array<std::string, 4>;  // slot, fuel, memory, stack

std::string cell(std::int64_t amount) { return amount == ir::kNoBound ? "no bound" : fmt::to_string(amount); }

Row row_of(std::string_view name, std::int64_t fuel, std::int64_t memory, std::int64_t stack) {
  return {std::string(name), cell(fuel), cell(memory), cell(stack)};
}

std::string json_amount(std::int64_t amount) { return amount == ir::kNoBound ? "null" : fmt::to_string(amount); }

}  // namespace

std::string cost_table(const host::Release& release) {
  std::vector<Row> rows{{"slot", "fuel", "memory", "stack"}};
  for (ir::SlotId slot = 0; slot < release.bounds.size(); ++slot) {
    const std::optional<ir::CallBound>& bound = release.bounds[slot];
    if (!bound) continue;
    rows.push_back(row_of(release.program.slots[slot].name, bound->fuel, bound->memory, bound->stack));
  }
  rows.push_back(row_of("quota", release.budget.fuel, release.budget.memory, release.budget.stack));
  std::array<std::size_t, 4> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    text += fmt::format("{:<{}}  {:>{}}  {:>{}}  {:>{}}\n", row[0], widths[0], row[1], widths[1], row[2], widths[2],
                        row[3], widths[3]);
  }
  return text;
}

std::string cost_json(const host::Release& release) {
  std::string text;
  for (ir::SlotId slot = 0; slot < release.bounds.size(); ++slot) {
    const std::optional<ir::CallBound>& bound = release.bounds[slot];
    if (!bound) continue;
    text += fmt::format(
        "{{\"slot\": {}, \"fuel\": {}, \"memory\": {}, \"stack\": {}, "
        "\"quota\": {{\"fuel\": {}, \"memory\": {}, \"stack\": {}}}}}\n",
        support::json_quote(release.program.slots[slot].name), json_amount(bound->fuel), json_amount(bound->memory),
        json_amount(bound->stack), release.budget.fuel, release.budget.memory, release.budget.stack);
  }
  return text;
}

}  // namespace writ::tools
