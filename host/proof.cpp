#include "host/proof.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "support/deep_stack.h"

namespace writ::host {
namespace {

/// "12000 fuel of 10000", for each that is over the quota.
std::string over_quota(const ir::CallBound& bound, const ir::Tier& tier) {
  struct Row {
    std::int64_t bound;
    std::int64_t quota;
    std::string_view unit;
  };
  const Row rows[] = {{bound.fuel, tier.fuel, "fuel"},
                      // What an arena can be made of.
                      {bound.memory, tier.memory / 8 * 8, "bytes of memory"},
                      {bound.stack, tier.stack, "bytes of stack"}};
  std::string text;
  for (const Row& row : rows) {
    if (row.bound <= row.quota) continue;
    text += fmt::format("{}{} of {} {}", text.empty() ? "" : ", ", row.bound, row.quota, row.unit);
  }
  return text;
}

support::Span place_of_slot(const ir::Program& program, ir::SlotId slot) {
  const ir::SlotEntry& entry = program.entries[slot];
  if (!entry.policy) return program.slots[slot].span;
  return program.places[program.functions[*entry.policy].place];
}

}  // namespace

SlotBounds find_bounds(const ir::Program& program, const ir::Config& config) {
  SlotBounds bounds;
  support::on_deep_stack([&] { bounds = ir::bound_slots(program, config); });
  return bounds;
}

support::Diagnostic unbounded_cost(const ir::Program& program, ir::SlotId slot, const ir::Unbounded& unbounded,
                                   support::Code code) {
  support::Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.span = program.places[unbounded.place];
  diagnostic.message =
      fmt::format("the cost of `{}` has no bound: {}", program.slots[slot].name, unbounded.factor.what);
  if (unbounded.factor.declared) diagnostic.labels.push_back({*unbounded.factor.declared, "it is declared here"});
  diagnostic.help = unbounded.factor.help;
  return diagnostic;
}

namespace {

/// Why a call of the slot is not provably within the tier's quota, if it is not.
std::optional<support::Diagnostic> refusal_of(const ir::Program& program, ir::SlotId slot, const ir::CallBound& bound,
                                              const ir::Tier& tier) {
  support::Diagnostic refusal;
  if (bound.unbounded) {
    refusal = unbounded_cost(program, slot, *bound.unbounded, support::Code::kNotProvable);
    refusal.labels.push_back({tier.span, fmt::format("tier {} is proven", tier.name)});
    return refusal;
  }
  const std::string over = over_quota(bound, tier);
  if (over.empty()) return std::nullopt;
  refusal.code = support::Code::kBoundOverQuota;
  refusal.span = place_of_slot(program, slot);
  refusal.message = fmt::format("a call of `{}` may use {}", program.slots[slot].name, over);
  refusal.labels.push_back({tier.span, fmt::format("tier {} is proven, and its quota is here", tier.name)});
  return refusal;
}

}  // namespace

std::optional<std::vector<std::int64_t>> prove(const ir::Program& program, const SlotBounds& bounds,
                                               const ir::Tier& tier, support::Diagnostics& diagnostics) {
  std::vector<std::int64_t> fuel;
  for (ir::SlotId slot = 0; slot < bounds.size(); ++slot) {
    fuel.push_back(bounds[slot] ? bounds[slot]->fuel : 0);
    if (!bounds[slot]) continue;
    if (auto refusal = refusal_of(program, slot, *bounds[slot], tier)) diagnostics.add(*std::move(refusal));
  }
  if (diagnostics.has_errors()) return std::nullopt;
  return fuel;
}

}  // namespace writ::host
