#include "host/live_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "host/budget.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::host {
namespace {

Report sentence(support::Code code, std::string message) {
  Report report;
  support::Diagnostic& finding = report.findings.emplace_back();
  finding.code = code;
  finding.span.source = report.map.add("writ", "").id();
  finding.message = std::move(message);
  return report;
}

std::size_t words_of(const std::vector<ir::TypeId>& parameters, const ir::Types& types) {
  return std::accumulate(parameters.begin(), parameters.end(), std::size_t{0},
                         [&](std::size_t sum, ir::TypeId type) { return sum + types.words(type); });
}

void apply(std::vector<ReleaseText>& texts, const ReleaseChange& change) {
  const auto found = std::ranges::find(texts, change.name, &ReleaseText::name);
  if (!change.text) {
    if (found != texts.end()) texts.erase(found);
  } else if (found != texts.end()) {
    *found = *change.text;
  } else {
    texts.push_back(*change.text);
  }
}

}  // namespace

// ---- making ------------------------------------------------------------------------------------

LiveEngine::LiveEngine(NativeCompiler compiler, ReleaseText schema, std::unique_ptr<Reclaimer> reclaimer)
    : compiler_(std::move(compiler)), schema_text_(std::move(schema)), reclaimer_(std::move(reclaimer)) {
  static std::atomic<std::uint64_t> last_number{0};
  number_ = ++last_number;
}

std::expected<std::unique_ptr<LiveEngine>, Report> LiveEngine::make(NativeCompiler compiler, ReleaseText schema) {
  auto reclaimer = Reclaimer::start();
  if (!reclaimer) return std::unexpected(sentence(support::Code::kInternal, reclaimer.error()));
  std::unique_ptr<LiveEngine> engine(new LiveEngine(std::move(compiler), std::move(schema), *std::move(reclaimer)));
  if (auto report = engine->start()) return std::unexpected(*std::move(report));
  return engine;
}

std::optional<Report> LiveEngine::start() {
  auto release = build({});
  if (!release) return std::move(release.error());
  empty_ = *std::move(release);
  auto program = compiler_.session->make_program(empty_->slots());
  if (!program) return sentence(support::Code::kInternal, program.error());
  program_ = *std::move(program);
  site_ = {.running = program_->location(),
           .trap_handler = &trap_handler_,
           .host = {},
           .roster = std::make_shared<Roster>(schema().slots.size()),
           .arena_bytes = static_cast<std::size_t>(Budget{}.memory),
           .hash_seed = hash_seed()};
  for (const ir::Tier& tier : schema().tiers) {
    site_.arena_bytes = std::max(site_.arena_bytes, static_cast<std::size_t>(tier.memory));
  }
  bind_host_functions();
  return std::nullopt;
}

void LiveEngine::bind_host_functions() {
  const std::vector<ir::HostFunctionDecl>& declared = schema().host_functions;
  functions_.resize(declared.size());
  for (std::size_t i = 0; i < declared.size(); ++i) {
    LiveFunction& function = functions_[i];
    function.emits = declared[i].effect == ir::Effect::kEmits;
    function.argument_words = words_of(declared[i].parameters, schema().types);
    function.result = declared[i].result;
    function.types = &schema().types;
    function.emit_failures = &emit_failures_;
    site_.host.push_back(function.row());
  }
}

LiveEngine::~LiveEngine() {
  if (site_.roster != nullptr) site_.roster->abandon();
  // Callers may have seen each of them: the reclaimer frees them, after the stub that led there is gone.
  program_.reset();
  for (std::unique_ptr<LiveRelease>& release : kept_) reclaimer_->retire(std::move(release));
  if (empty_ != nullptr) reclaimer_->retire(std::move(empty_));
  reclaimer_.reset();
}

// ---- setting up --------------------------------------------------------------------------------

std::optional<std::string> LiveEngine::provide(std::string_view name, const writ_signature& signature,
                                               writ_host_function body, Context context) {
  if (is_set_up_) return fmt::format("{}: host functions are provided before the first release is committed", name);
  const std::vector<ir::HostFunctionDecl>& declared = schema().host_functions;
  const auto found = std::ranges::find(declared, name, &ir::HostFunctionDecl::full_name);
  if (found == declared.end()) return fmt::format("{}: the schema has no such host function", name);
  if (auto wrong = find_mismatch(signature, *found, schema().types)) return fmt::format("{}: {}", name, *wrong);
  LiveFunction& function = functions_[static_cast<std::size_t>(found - declared.begin())];
  if (function.body != nullptr) return fmt::format("{}: it has been provided already", name);
  function.body = body;
  function.context = context.get();
  contexts_.push_back(std::move(context));
  return std::nullopt;
}

std::optional<std::string> LiveEngine::on_trap(TrapHandler handler) {
  if (is_set_up_) return "a trap handler is set before the first release is committed";
  if (trap_handler_.call != nullptr) return "a trap handler has been set already";
  trap_handler_ = std::move(handler);
  return std::nullopt;
}

std::expected<LiveSlot, std::string> LiveEngine::slot(std::string_view name, const writ_signature& signature,
                                                      bool answers_itself) const {
  const std::vector<ir::SlotDecl>& slots = schema().slots;
  const auto found = std::ranges::find(slots, name, &ir::SlotDecl::name);
  if (found == slots.end()) return std::unexpected(fmt::format("{}: the schema has no such slot", name));
  if (auto wrong = find_mismatch(signature, *found, schema().types)) {
    return std::unexpected(fmt::format("slot {}: {}", name, *wrong));
  }
  if (answers_itself != found->else_host) {
    return std::unexpected(fmt::format("slot {}: {}", name,
                                       found->else_host
                                           ? "the schema says `else host`: give the program's own function"
                                           : "the schema has an else value: no function of the program's own "
                                             "would ever be asked"));
  }
  std::vector<ir::TypeId> parameters;
  for (const ir::Local& parameter : found->parameters) parameters.push_back(parameter.type);
  return LiveSlot{.site = &site_,
                  .result_words = schema().types.words(found->result),
                  .id = static_cast<ir::SlotId>(found - slots.begin()),
                  .caller = jit::caller(words_of(parameters, schema().types))};
}

// ---- releases ----------------------------------------------------------------------------------

std::expected<std::unique_ptr<LiveRelease>, Report> LiveEngine::build(ReleasePlan plan) {
  const ReleaseHome home{schema_text_, compiler_, *reclaimer_, slices_, number_};
  auto compiled = this->compiled(home, plan);
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  auto release = LiveRelease::make(home, std::move(plan), *std::move(compiled));
  if (!release) return std::unexpected(sentence(support::Code::kInternal, std::move(release.error())));
  return *std::move(release);
}

std::expected<std::shared_ptr<const CompiledPlan>, Report> LiveEngine::compiled(const ReleaseHome& home,
                                                                                const ReleasePlan& plan) {
  if (auto known = cache_.find(plan)) return known;
  std::expected<std::shared_ptr<const CompiledPlan>, Report> compiled;
  compiling_.run([&] { compiled = compile(home, plan, cache_.find_sources(plan)); });
  if (compiled) cache_.keep(plan, *compiled);
  return compiled;
}

std::expected<std::uint64_t, Report> LiveEngine::commit(const std::vector<ReleaseChange>& changes,
                                                        std::string_view tier) {
  is_set_up_ = true;
  const std::scoped_lock lock(commit_mutex_);
  std::vector<ReleaseText> texts = last().texts();
  for (const ReleaseChange& change : changes) apply(texts, change);
  return commit_texts(std::move(texts), tier);
}

std::expected<std::uint64_t, Report> LiveEngine::replace(std::vector<ReleaseText> texts, std::string_view tier) {
  is_set_up_ = true;
  const std::scoped_lock lock(commit_mutex_);
  return commit_texts(std::move(texts), tier);
}

std::expected<std::uint64_t, Report> LiveEngine::commit_texts(std::vector<ReleaseText> texts, std::string_view tier) {
  const LiveRelease& before = last();
  ReleasePlan plan{.number = next_number_, .tier = std::string(tier), .texts = std::move(texts)};
  if (plan.tier.empty() && !schema().tiers.empty()) plan.tier = schema().tiers.front().name;
  if (before.number() != 0 && plan.tier == before.tier() && plan.texts == before.texts()) return before.number();
  auto release = build(std::move(plan));
  if (!release) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(std::move(release.error()));
  }
  publish(*std::move(release));
  return next_number_++;
}

void LiveEngine::publish(std::unique_ptr<LiveRelease> release) {
  program_->publish(release->slots());
  swaps_.fetch_add(1, std::memory_order_relaxed);
  std::unique_ptr<LiveRelease> dropped;
  {
    const std::scoped_lock lock(kept_mutex_);
    kept_.push_back(std::move(release));
    if (kept_.size() > support::limits::kKeptReleases + 1) {
      dropped = std::move(kept_.front());
      kept_.pop_front();
    }
  }
  if (dropped == nullptr) return;
  has_dropped_ = true;
  reclaimer_->retire(std::move(dropped));
}

std::optional<std::uint64_t> LiveEngine::rollback() {
  const std::scoped_lock lock(commit_mutex_);
  if (kept_.empty() || (kept_.size() == 1 && has_dropped_)) return std::nullopt;
  const LiveRelease& before = kept_.size() == 1 ? *empty_ : *kept_[kept_.size() - 2];
  program_->publish(before.slots());
  swaps_.fetch_add(1, std::memory_order_relaxed);
  std::unique_ptr<LiveRelease> dropped;
  {
    const std::scoped_lock kept_lock(kept_mutex_);
    dropped = std::move(kept_.back());
    kept_.pop_back();
  }
  reclaimer_->retire(std::move(dropped));
  return before.number();
}

std::vector<ReleaseInfo> LiveEngine::history() const {
  const std::scoped_lock lock(kept_mutex_);
  std::vector<ReleaseInfo> list;
  for (auto release = kept_.rbegin(); release != kept_.rend(); ++release) {
    list.push_back({.number = (*release)->number(),
                    .tier = (*release)->tier(),
                    .committed_at = (*release)->committed_at(),
                    .text_count = (*release)->texts().size(),
                    .is_running = release == kept_.rbegin()});
  }
  return list;
}

// ---- watching ----------------------------------------------------------------------------------

EngineCounts LiveEngine::counts() const {
  EngineCounts counts{.live_releases = reclaimer_->counters().live,
                      .code_bytes = slices_.code_bytes(),
                      .compiled_units = slices_.compiled_count(),
                      .swaps = swaps_.load(std::memory_order_relaxed),
                      .refused = refused_.load(std::memory_order_relaxed),
                      .emit_failures = emit_failures_.load(std::memory_order_relaxed),
                      .slots = site_.roster->sum()};
  const ReadSection section;
  counts.running = running().number();
  return counts;
}

}  // namespace writ::host
