#include "host/live_release.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "frontend/check.h"
#include "frontend/config.h"
#include "host/loader.h"
#include "ir/slice.h"
#include "jit/module.h"

namespace writ::host {
namespace {

Report report_of(Sources& sources) { return {.map = std::move(sources.map), .findings = sources.diagnostics.sorted()}; }

/// Something that no text of the release can help.
Report report_of(Sources& sources, support::Code code, std::string message) {
  const support::Span nowhere{.source = sources.map.add("writ", "").id()};
  sources.diagnostics.error(code, nowhere, std::move(message));
  return report_of(sources);
}

std::optional<CheckedUnits> check_else_values(Sources& sources) {
  if (sources.diagnostics.has_errors() || !sources.schema) return std::nullopt;
  auto program = frontend::check_schema(*sources.schema, sources.diagnostics);
  if (!program) return std::nullopt;
  return CheckedUnits{.program = *std::move(program), .budget = {}, .proven = {}};
}

std::expected<std::shared_ptr<const CheckedTexts>, Report> check_sources(const ReleaseHome& home,
                                                                         const ReleasePlan& plan) {
  Sources sources;
  add_unit(sources, home.schema.name, home.schema.text);
  if (!sources.schema && !sources.diagnostics.has_errors()) {
    return std::unexpected(report_of(sources, support::Code::kSchemaNotFound, home.schema.name + " is not a schema"));
  }
  for (const ReleaseText& text : plan.texts) {
    if (text.kind == ReleaseText::Kind::kSource) add_unit(sources, text.name, text.text);
  }
  auto units = plan.number == 0 ? check_else_values(sources) : check_units(sources, {.tier = plan.tier});
  if (!units) return std::unexpected(report_of(sources));
  units->budget.memory = units->budget.memory / 8 * 8;  // what an arena can be made of
  return std::make_shared<const CheckedTexts>(*std::move(units), std::move(sources.map), sources.text_count,
                                              sources.text_bytes);
}

/// The values of the program's knobs, whose sources stand beside the documents where a finding shows both.
std::optional<ir::Config> configure(Sources& documents, const CheckedTexts& checked, const ReleasePlan& plan) {
  documents.map = checked.map;
  documents.text_count = checked.text_count;
  documents.text_bytes = checked.text_bytes;
  for (const ReleaseText& text : plan.texts) {
    if (text.kind == ReleaseText::Kind::kDocument) add_document(documents, text.name, text.text);
  }
  if (documents.diagnostics.has_errors()) return std::nullopt;
  auto configured = frontend::configure(checked.units.program, documents.layers, documents.diagnostics);
  if (!configured) return std::nullopt;
  return std::move(configured->values);
}

/// Release::proven_fuel, under these values.
std::optional<std::vector<std::int64_t>> proven_fuel(const CheckedUnits& units, const ir::Config& config,
                                                     support::Diagnostics& diagnostics) {
  if (!units.proven) return std::vector<std::int64_t>{};
  return prove(units.program, find_bounds(units.program, config), *units.proven, diagnostics);
}

}  // namespace

std::expected<std::shared_ptr<const CompiledPlan>, Report> compile(const ReleaseHome& home, const ReleasePlan& plan,
                                                                   std::shared_ptr<const CheckedTexts> checked) {
  if (checked == nullptr) {
    auto made = check_sources(home, plan);
    if (!made) return std::unexpected(std::move(made.error()));
    checked = *std::move(made);
  }
  const ir::Program& program = checked->units.program;
  Sources documents;
  const auto config = configure(documents, *checked, plan);
  if (!config) return std::unexpected(report_of(documents));
  auto fuel = proven_fuel(checked->units, *config, documents.diagnostics);
  if (!fuel) return std::unexpected(report_of(documents));
  auto slices =
      home.slices.compile(*home.compiler.module, program, *config, ir::cut(program, *config, /*tests=*/false),
                          {.stack = checked->units.budget.stack, .proven = checked->units.proven.has_value()});
  if (!slices) {
    documents.diagnostics.add(std::move(slices.error()));
    return std::unexpected(report_of(documents));
  }
  return std::make_shared<const CompiledPlan>(std::move(checked), *std::move(fuel), *std::move(slices));
}

std::expected<std::unique_ptr<LiveRelease>, std::string> LiveRelease::make(
    const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled) {
  auto code =
      NativeRelease::link(home.slices, *home.compiler.session, compiled->checked->units.program, compiled->slices);
  if (!code) return std::unexpected("the compiled code could not be linked: " + code.error());
  return std::unique_ptr<LiveRelease>(new LiveRelease(home, std::move(plan), std::move(compiled), *std::move(code)));
}

LiveRelease::LiveRelease(const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled,
                         NativeRelease code)
    : Retirable(home.reclaimer),
      budget_(compiled->checked->units.budget),
      proven_fuel_(compiled->proven_fuel.empty() ? nullptr : compiled->proven_fuel.data()),
      native_stack_bytes_(code.native_stack_bytes()),
      owner_(home.engine_number << 32),
      plan_(std::move(plan)),
      compiled_(std::move(compiled)),
      code_(std::move(code)),
      committed_at_(
          std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()) {
  const std::vector<ir::Tier>& tiers = program().tiers;
  if (plan_.number != 0 && plan_.tier.empty() && !tiers.empty()) plan_.tier = tiers.front().name;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    if (tiers[i].name == plan_.tier) owner_ |= i + 1;
  }
  table_.reserve(code_.slots().size() + 1);
  table_.push_back({.call = this, .otherwise = nullptr, .prepared = nullptr});
  table_.insert(table_.end(), code_.slots().begin(), code_.slots().end());
  for (const ir::SlotEntry& slot : program().entries) {
    const std::optional<ir::FunctionId> function = slot.policy ? slot.policy : slot.otherwise;
    slices_.push_back(function ? &code_.slice(*function) : nullptr);
  }
}

runtime::Status LiveRelease::trap_at_entry(ir::SlotId slot, runtime::Trap trap) const {
  const ir::SlotEntry& entry = program().entries[slot];
  const ir::Function& function = program().functions[entry.policy ? *entry.policy : *entry.otherwise];
  const std::vector<ir::PlaceId>& places = slices_[slot]->places;
  const auto number = std::ranges::find(places, function.place) - places.begin();
  return runtime::trap_status(trap, static_cast<std::uint32_t>(number));
}

}  // namespace writ::host
