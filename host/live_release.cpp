#include "host/live_release.h"

#include <chrono>
#include <utility>

#include "frontend/check.h"
#include "host/loader.h"
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

std::optional<host::Release> check_else_values(Sources& sources) {
  if (sources.diagnostics.has_errors() || !sources.schema) return std::nullopt;
  auto program = frontend::check_schema(*sources.schema, sources.diagnostics);
  if (!program) return std::nullopt;
  ir::Config config = ir::default_config(*program);
  return host::Release{
      .program = *std::move(program), .config = std::move(config), .budget = {}, .bounds = {}, .proven_fuel = {}};
}

std::optional<host::Release> check_texts(Sources& sources, const ReleasePlan& plan) {
  for (const ReleaseText& text : plan.texts) {
    switch (text.kind) {
      case ReleaseText::Kind::kSource:
        add_unit(sources, text.name, text.text);
        break;
      case ReleaseText::Kind::kDocument:
        add_document(sources, text.name, text.text);
        break;
    }
  }
  return check_release(sources, {.tier = plan.tier});
}

}  // namespace

std::expected<std::shared_ptr<const CompiledPlan>, Report> compile(const ReleaseHome& home, const ReleasePlan& plan) {
  Sources sources;
  add_unit(sources, home.schema.name, home.schema.text);
  if (!sources.schema && !sources.diagnostics.has_errors()) {
    return std::unexpected(report_of(sources, support::Code::kSchemaNotFound, home.schema.name + " is not a schema"));
  }
  std::optional<host::Release> checked = plan.number == 0 ? check_else_values(sources) : check_texts(sources, plan);
  if (!checked) return std::unexpected(report_of(sources));
  auto object = home.compiler.module->compile(checked->program, checked->config,
                                              {.stack = checked->budget.stack, .proven = checked->is_proven()});
  if (!object) {
    sources.diagnostics.add(std::move(object.error()));
    return std::unexpected(report_of(sources));
  }
  checked->budget.memory = checked->budget.memory / 8 * 8;  // what an arena can be made of
  return std::make_shared<const CompiledPlan>(*std::move(checked), std::move(sources.map), *std::move(object));
}

std::expected<std::unique_ptr<LiveRelease>, std::string> LiveRelease::make(
    const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled) {
  auto code = home.compiler.session->link(compiled->object, compiled->checked.program);
  if (!code) return std::unexpected("the compiled code could not be linked: " + code.error());
  return std::unique_ptr<LiveRelease>(new LiveRelease(home, std::move(plan), std::move(compiled), *std::move(code)));
}

LiveRelease::LiveRelease(const ReleaseHome& home, ReleasePlan plan, std::shared_ptr<const CompiledPlan> compiled,
                         std::unique_ptr<jit::Release> code)
    : Retirable(home.reclaimer),
      budget_(compiled->checked.budget),
      proven_fuel_(compiled->checked.is_proven() ? compiled->checked.proven_fuel.data() : nullptr),
      native_stack_bytes_(code->native_stack_bytes()),
      owner_(home.engine_number << 32),
      all_code_bytes_(home.code_bytes),
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
  const std::size_t slot_count = program().slots.size();
  table_.reserve(slot_count + 1);
  table_.push_back({.call = this, .otherwise = nullptr});
  table_.insert(table_.end(), code_->slots(), code_->slots() + slot_count);
  all_code_bytes_.fetch_add(code_bytes(), std::memory_order_relaxed);
}

LiveRelease::~LiveRelease() { all_code_bytes_.fetch_sub(code_bytes(), std::memory_order_relaxed); }

}  // namespace writ::host
