// The C interface (writ/writ.h) over the live engine. Built into writ::writ, not into host/: it is the one place that links
// the compiler directly.
#include "host/live_api.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/call.h"
#include "host/live_engine.h"
#include "host/live_keep.h"
#include "host/live_prometheus.h"
#include "include/writ/writ.h"
#include "jit/jit.h"
#include "stdlib/net.h"
#include "support/check.h"

namespace host = writ::host;
namespace ir = writ::ir;
namespace runtime = writ::runtime;
namespace support = writ::support;

// ---- the handles -------------------------------------------------------------------------------

struct writ_report {
  host::Report report;
  std::vector<std::string> codes;
  std::string pretty;
};

struct writ_stage {
  host::LiveEngine& engine;
  std::vector<host::ReleaseChange> changes;
};

struct writ_history {
  std::vector<host::ReleaseInfo> releases;
};

struct writ_kept {
  ir::Image image;
};

struct writ_pin {
  const host::LiveEngine& engine;
  const host::LiveRelease& release;
  host::Pin pin;
  std::mutex mutex;
  ir::Image kept;  // under mutex
};

struct writ_slot {
  host::LiveSlot slot;
  const host::LiveEngine& engine;
};

struct writ_stats {
  host::EngineCounts counts;
  std::vector<std::string> slots;
  std::string prometheus;
};

namespace {

const writ::jit::Module kModule = {
    .compile = &writ::jit::compile, .create_session = &writ::jit::Session::create, .call = &writ::jit::call};

// The numbers that writ.h repeats for other languages.
static_assert(WRIT_TRAP_OUT_OF_FUEL == static_cast<int>(runtime::Trap::kOutOfFuel) &&
              WRIT_TRAP_HOST_ERROR == static_cast<int>(runtime::Trap::kHostError) &&
              std::size(runtime::kTrapRows) == WRIT_TRAP_HOST_ERROR);

std::string_view view(writ_text text) { return {text.data, text.size}; }
writ_text text(std::string_view view) { return {view.data(), view.size()}; }

// ---- reports -----------------------------------------------------------------------------------

writ_report* make_report(host::Report report) {
  auto made = std::make_unique<writ_report>();
  made->report = std::move(report);
  for (const support::Diagnostic& finding : made->report.findings) {
    made->codes.push_back(support::code_text(finding.code));
    made->pretty += support::render_pretty(finding, made->report.map, support::Colour::kOff);
  }
  return made.release();
}

/// A set-up that cannot work, told in one sentence.
writ_report* make_report(std::string sentence) {
  return new writ_report{.report = {}, .codes = {}, .pretty = std::move(sentence)};
}

// ---- open answers ------------------------------------------------------------------------------

/// What an open answer keeps in writ_answer::state; the section is the call's.
struct State {
  const writ_slot* slot;
  const host::LiveRelease* release;
  alignas(host::ReadSection) std::byte section[sizeof(host::ReadSection)];
};
static_assert(sizeof(State) <= sizeof(writ_answer::state) && alignof(State) <= alignof(std::uint64_t));

State& state_of(writ_answer& answer) {
  // SAFETY: writ_open made it there.
  return *reinterpret_cast<State*>(answer.state);
}

/// The pinned release, if there is a pin. That of another engine would lead to slots of another schema.
const host::LiveRelease* pinned(const writ_slot& slot, const writ_pin* pin) {
  if (pin == nullptr) return nullptr;
  WRIT_CHECK(&pin->engine == &slot.engine);
  return &pin->release;
}

void keep_words(ir::Image& image, writ_answer& answer) {
  const State& state = state_of(answer);
  const ir::Program& program = state.release->program();
  ir::Words words;
  std::memcpy(words.data(), answer.words, sizeof answer.words);
  words = host::keep(image, words, program.slots[state.slot->slot.id].result, program.types);
  std::memcpy(answer.words, words.data(), sizeof answer.words);
}

}  // namespace

extern "C" {

// ---- reports -----------------------------------------------------------------------------------

size_t writ_report_size(const writ_report* report) { return report->report.findings.size(); }

writ_finding writ_report_at(const writ_report* report, size_t index) {
  const support::Diagnostic& finding = report->report.findings[index];
  const support::Place place = report->report.map.place(finding.span);
  return {.code = text(report->codes[index]),
          .is_error = finding.severity() == support::Severity::kError,
          .message = text(finding.message),
          .help = text(finding.help),
          .file = text(report->report.map.file(finding.span.source).name()),
          .line = place.line,
          .column = place.column};
}

writ_text writ_report_pretty(const writ_report* report) { return text(report->pretty); }

void writ_report_free(writ_report* report) { delete report; }

// ---- engines -----------------------------------------------------------------------------------

writ_engine* writ_engine_make(writ_text schema_name, writ_text schema_text, writ_report** report) {
  auto session = kModule.create_session();
  if (!session) {
    *report = make_report("native code is not to be had: " + session.error());
    return nullptr;
  }
  auto engine = host::LiveEngine::make({.module = &kModule, .session = *std::move(session)},
                                       {.kind = host::ReleaseText::Kind::kSource,
                                        .name = std::string(view(schema_name)),
                                        .text = std::string(view(schema_text))});
  if (!engine) {
    *report = make_report(std::move(engine.error()));
    return nullptr;
  }
  return new writ_engine{*std::move(engine)};
}

void writ_engine_free(writ_engine* engine) { delete engine; }

void* writ_host_allocate(writ_host_call* call, size_t bytes) {
  // SAFETY: writ_host_call is the name that a Frame has outside (live_call.cpp).
  return runtime::allocate(*reinterpret_cast<runtime::Frame*>(call), bytes);
}

writ_report* writ_engine_provide(writ_engine* engine, writ_text name, const writ_signature* signature,
                                 writ_host_function function, void* context, void (*drop)(void* context)) {
  host::Context owned(context, drop != nullptr ? drop : [](void*) {});
  auto wrong = engine->engine->provide(view(name), *signature, function, std::move(owned));
  return wrong ? make_report(*std::move(wrong)) : nullptr;
}

writ_report* writ_engine_on_trap(writ_engine* engine, void (*handler)(void* context, const writ_trap*), void* context,
                                 void (*drop)(void* context)) {
  host::TrapHandler owned{handler, host::Context(context, drop != nullptr ? drop : [](void*) {})};
  auto wrong = engine->engine->on_trap(std::move(owned));
  return wrong ? make_report(*std::move(wrong)) : nullptr;
}

// ---- releases ----------------------------------------------------------------------------------

writ_stage* writ_stage_make(writ_engine* engine) { return new writ_stage{*engine->engine, {}}; }

void writ_stage_free(writ_stage* stage) { delete stage; }

void writ_stage_source(writ_stage* stage, writ_text name, writ_text source) {
  const std::string given(view(name));
  stage->changes.push_back(
      {given, host::ReleaseText{host::ReleaseText::Kind::kSource, given, std::string(view(source))}});
}

void writ_stage_config(writ_stage* stage, writ_text name, writ_text document) {
  const std::string given(view(name));
  stage->changes.push_back(
      {given, host::ReleaseText{host::ReleaseText::Kind::kDocument, given, std::string(view(document))}});
}

void writ_stage_remove(writ_stage* stage, writ_text name) {
  stage->changes.push_back({std::string(view(name)), std::nullopt});
}

uint64_t writ_stage_commit(writ_stage* stage, writ_text tier, writ_report** report) {
  auto number = stage->engine.commit(stage->changes, view(tier));
  if (number) return *number;
  *report = make_report(std::move(number.error()));
  return 0;
}

int writ_engine_rollback(writ_engine* engine, uint64_t* release) {
  const std::optional<std::uint64_t> number = engine->engine->rollback();
  *release = number.value_or(0);
  return number ? 1 : 0;
}

writ_history* writ_engine_history(writ_engine* engine) { return new writ_history{engine->engine->history()}; }
size_t writ_history_size(const writ_history* history) { return history->releases.size(); }
writ_release_info writ_history_at(const writ_history* history, size_t index) {
  const host::ReleaseInfo& info = history->releases[index];
  return {.number = info.number,
          .tier = text(info.tier),
          .committed_at = info.committed_at,
          .unit_count = info.text_count,
          .is_running = info.is_running};
}
void writ_history_free(writ_history* history) { delete history; }

writ_pin* writ_pin_make(writ_engine* engine) {
  const host::ReadSection section;
  const host::LiveRelease& release = engine->engine->running();
  return new writ_pin{*engine->engine, release, host::Pin(release), {}, {}};
}
uint64_t writ_pin_release(const writ_pin* pin) { return pin->release.number(); }
void writ_pin_free(writ_pin* pin) { delete pin; }

// ---- calls -------------------------------------------------------------------------------------

writ_slot* writ_slot_make(writ_engine* engine, writ_text name, const writ_signature* signature, int answers_itself,
                          writ_report** report) {
  auto slot = engine->engine->slot(view(name), *signature, answers_itself != 0);
  if (slot) return new writ_slot{*slot, *engine->engine};
  *report = make_report(std::move(slot.error()));
  return nullptr;
}

void writ_slot_free(writ_slot* slot) { delete slot; }

int writ_call(const writ_slot* slot, const writ_pin* pin, const uint64_t* arguments, uint64_t* words) {
  return static_cast<int>(host::ask_once(slot->slot, pinned(*slot, pin), arguments, words));
}

void writ_open(const writ_slot* slot, const writ_pin* pin, const writ_limits* limits, const uint64_t* arguments,
               writ_answer* open) {
  State& state = *new (open->state) State;
  new (state.section) host::ReadSection;
  const host::LiveRelease* const held = pinned(*slot, pin);
  const host::LiveRelease& release = held != nullptr ? *held : slot->engine.running();
  state.slot = slot;
  state.release = &release;
  const host::CallLimits bounds =
      limits != nullptr ? host::CallLimits{limits->fuel, limits->memory} : host::CallLimits{};
  host::ask(slot->slot, release, arguments, bounds, *open);
  open->reason = open->trap_file = {};
  open->trap_line = open->trap_column = 0;
  if (open->trap != 0) {
    const auto [file, place] = host::place_of(slot->slot, release, open->status);
    open->trap_file = text(file);
    open->trap_line = place.line;
    open->trap_column = place.column;
  } else if (runtime::status_detail(open->status) != 0) {
    const runtime::Status status = release.in_program(slot->slot.id, open->status);
    open->reason = text(host::reason_of(release.program(), status, host::last_reason()).value());
  }
}

void writ_close(writ_answer* answer) {
  State& state = state_of(*answer);
  const host::LiveSlot& slot = state.slot->slot;
  std::unique_ptr<host::TrapNews> news;
  if (answer->trap != 0) news = host::trap_news(slot, *state.release, answer->status);
  host::close();
  // SAFETY: writ_open made it there.
  std::launder(reinterpret_cast<host::ReadSection*>(state.section))->~ReadSection();
  host::tell(slot, std::move(news));
}

writ_kept* writ_keep(writ_answer* answer) {
  auto kept = std::make_unique<writ_kept>();
  keep_words(kept->image, *answer);
  return kept.release();
}

void writ_kept_free(writ_kept* kept) { delete kept; }

void writ_keep_in_pin(writ_pin* pin, writ_answer* answer) {
  const std::scoped_lock lock(pin->mutex);
  keep_words(pin->kept, *answer);
}

// ---- watching ----------------------------------------------------------------------------------

writ_text writ_trap_spelling(uint8_t kind) { return text(runtime::trap_spelling(static_cast<runtime::Trap>(kind))); }

writ_stats* writ_stats_take(writ_engine* engine) {
  auto stats = std::make_unique<writ_stats>();
  const ir::Program& schema = engine->engine->schema();
  stats->counts = engine->engine->counts();
  for (const ir::SlotDecl& slot : schema.slots) stats->slots.push_back(slot.name);
  stats->prometheus = host::prometheus_text(stats->counts, schema);
  return stats.release();
}
uint64_t writ_stats_running(const writ_stats* stats) { return stats->counts.running; }
uint64_t writ_stats_live_releases(const writ_stats* stats) { return stats->counts.live_releases; }
uint64_t writ_stats_code_bytes(const writ_stats* stats) { return stats->counts.code_bytes; }
uint64_t writ_stats_compiled_units(const writ_stats* stats) { return stats->counts.compiled_units; }
uint64_t writ_stats_swaps(const writ_stats* stats) { return stats->counts.swaps; }
uint64_t writ_stats_refused(const writ_stats* stats) { return stats->counts.refused; }
uint64_t writ_stats_emit_failures(const writ_stats* stats) { return stats->counts.emit_failures; }
size_t writ_stats_slot_count(const writ_stats* stats) { return stats->slots.size(); }
writ_slot_stats writ_stats_slot(const writ_stats* stats, size_t index) {
  const host::SlotCounts& counts = stats->counts.slots[index];
  return {.slot = text(stats->slots[index]), .calls = counts.calls(), .traps = counts.traps(), .fuel = counts.fuel};
}
writ_text writ_stats_prometheus(const writ_stats* stats) { return text(stats->prometheus); }
void writ_stats_free(writ_stats* stats) { delete stats; }

// ---- values ------------------------------------------------------------------------------------

int writ_read_ip(writ_text given, uint64_t* words) {
  const std::optional<runtime::Ip> ip = writ::stdlib::parse_ip(view(given));
  if (!ip) return 0;
  words[0] = ip->high;
  words[1] = ip->low;
  return 1;
}

int writ_read_cidr(writ_text given, uint64_t* words) {
  const std::optional<runtime::Cidr> cidr = writ::stdlib::parse_cidr(view(given));
  if (!cidr) return 0;
  words[0] = cidr->network.high;
  words[1] = cidr->network.low;
  words[2] = static_cast<std::uint64_t>(cidr->prefix);
  return 1;
}

}  // extern "C"
