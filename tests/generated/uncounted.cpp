#include "tests/generated/uncounted.h"

#include <limits>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "ir/walk.h"
#include "tests/engines.h"

namespace writ::tests {
namespace {

template <typename Part>
bool has_while(const Part& part) {
  bool found = false;
  if constexpr (std::is_same_v<Part, ir::Body>) {
    for (const ir::Stmt& stmt : part) found = found || has_while(stmt);
  } else {
    if constexpr (std::is_same_v<Part, ir::Stmt>) found = std::holds_alternative<ir::While>(part.node);
    ir::for_each_part(part, [&](const auto& inner) { found = found || has_while(inner); });
  }
  return found;
}

std::string_view unit_of(const ir::Function& function) {
  return std::string_view(function.name).substr(0, function.name.find('.'));
}

/// The units that no proven tier takes.
std::set<std::string_view> endless_units(const ir::Program& program) {
  std::set<std::string_view> units;
  for (const ir::Function& function : program.functions) {
    if (function.recursive || has_while(function.body)) units.insert(unit_of(function));
  }
  return units;
}

}  // namespace

std::expected<Uncounted, std::string> Uncounted::make(const World& world, std::span<const WrittenUnit> units,
                                                      const ir::Program& program, const host::SlotBounds& bounds,
                                                      ByteSource bytes) {
  const std::set<std::string_view> endless = endless_units(program);
  Uncounted made;
  std::vector<WrittenUnit> proved;
  for (ir::SlotId slot = 0; slot < units.size(); ++slot) {
    const bool is_proved =
        !bounds[slot]->unbounded && !endless.contains(unit_of(program.functions[*program.entries[slot].policy]));
    made.slots_.push_back(is_proved ? std::optional(static_cast<ir::SlotId>(proved.size())) : std::nullopt);
    if (is_proved) proved.push_back(units[slot]);
  }
  if (proved.empty()) return made;
  auto way = OneWay::make(render(world, proved, {}), bytes);
  if (!way) return std::unexpected(std::move(way.error()));
  made.way_ = *std::move(way);
  const host::Release& release = made.way_->release();
  auto native = make_engine(kEngines[2], release.program, release.config, release.budget.stack, /*proven=*/true);
  if (!native)
    return std::unexpected(native.error().diagnostic ? native.error().diagnostic->message : native.error().message);
  made.native_ = *std::move(native);
  return made;
}

std::optional<Answer> Uncounted::ask(Question question) {
  if (!slots_[question.slot]) return std::nullopt;
  question.slot = *slots_[question.slot];
  question.fuel = std::numeric_limits<std::int64_t>::max();
  return way_->ask(question, *native_, 0x5C);
}

}  // namespace writ::tests
