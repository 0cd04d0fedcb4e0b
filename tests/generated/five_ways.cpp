#include "tests/generated/five_ways.h"

#include <algorithm>

#include "host/live_call.h"
#include "tests/engines.h"
#include "tests/generated/relinked.h"

namespace writ::tests {
namespace {

std::string text_of(const std::vector<support::Diagnostic>& findings, const support::SourceMap& map) {
  std::string text;
  for (const support::Diagnostic& each : findings) {
    if (each.severity() == support::Severity::kError) text += render_short(each, map) + "\n";
  }
  return text;
}

std::string text_of(const host::Report& report) { return text_of(report.findings, report.map); }

std::vector<host::ReleaseChange> changes(const Texts& texts, bool to_add) {
  std::vector<host::ReleaseChange> out;
  for (const host::ReleaseText& each : texts.others) {
    out.push_back({.name = each.name, .text = to_add ? std::optional(each) : std::nullopt});
  }
  return out;
}

std::vector<ir::TypeId> types_of(const std::vector<ir::Local>& parameters) {
  std::vector<ir::TypeId> types;
  for (const ir::Local& each : parameters) types.push_back(each.type);
  return types;
}

int enter_live(void* context, writ_host_call* /*call*/, const std::uint64_t* arguments, std::uint64_t* results) {
  return ScriptedHost::answer(context, arguments, results) ? 1 : 0;
}

}  // namespace

// ---- one way -----------------------------------------------------------------------------------

std::expected<std::unique_ptr<OneWay>, std::string> OneWay::make(const Texts& texts, ByteSource bytes) {
  auto made = std::make_unique<OneWay>();
  host::Sources& sources = made->sources_;
  host::add_unit(sources, texts.schema.name, texts.schema.text);
  for (const host::ReleaseText& each : texts.others) {
    if (each.kind == host::ReleaseText::Kind::kSource) {
      host::add_unit(sources, each.name, each.text);
    } else {
      host::add_document(sources, each.name, each.text);
    }
  }
  made->release_ = host::check_release(sources, {});
  if (!made->release_) return std::unexpected(text_of(sources.diagnostics.sorted(), sources.map));
  made->host_ = std::make_unique<ScriptedHost>(made->program(), bytes);
  made->interpreter_ = host::make_interpreter(made->program(), made->release_->config);
  made->frame_ = std::make_unique<OwnFrame>(*made->release_, sources.map, *made->host_);
  return made;
}

Answer OneWay::ask(const Question& question, const host::Engine& engine, unsigned char garbage) {
  const std::span<const std::uint64_t> words = lay_out(question);
  const std::optional<ir::FunctionId> otherwise = program().entries[question.slot].otherwise;
  return frame_->ask(question, garbage, [&](bool wants_else, runtime::Frame& frame) {
    return wants_else ? engine.call(*otherwise, words, frame) : *engine.ask(question.slot, words, frame);
  });
}

// ---- making ------------------------------------------------------------------------------------

std::expected<std::unique_ptr<FiveWays>, std::string> FiveWays::make(const Texts& texts, ByteSource bytes) {
  std::unique_ptr<FiveWays> made(new FiveWays);
  auto first = OneWay::make(texts, bytes);
  if (!first) return std::unexpected(std::move(first.error()));
  made->first_ = *std::move(first);
  if (auto wrong = made->compile()) return std::unexpected(*std::move(wrong));
  if (auto wrong = made->start(texts)) return std::unexpected(*std::move(wrong));
  if (auto wrong = made->publish(texts)) return std::unexpected(*std::move(wrong));
  return made;
}

std::optional<std::string> FiveWays::compile() {
  const host::Release& release = first_->release();
  for (const EngineKind& kind : kEngines) {
    if (!kind.native) continue;
    auto engine = make_engine(kind, release.program, release.config, release.budget.stack);
    if (!engine) {
      const host::EngineError& error = engine.error();
      return std::string(kind.name) + ": " + (error.diagnostic ? error.diagnostic->message : error.message);
    }
    native_.push_back(*std::move(engine));
  }
  auto relinked = make_relinked(*native_.back(), program(), release.config);
  if (!relinked) return relinked.error();
  native_.push_back(*std::move(relinked));
  return std::nullopt;
}

std::optional<std::string> FiveWays::start(const Texts& texts) {
  auto session = jit::Session::create();
  if (!session) return session.error();
  host::NativeCompiler compiler{native_compiler().module, *std::move(session)};
  auto engine = host::LiveEngine::make(std::move(compiler), texts.schema);
  if (!engine) return text_of(engine.error());
  live_ = *std::move(engine);
  const ir::Program& schema = live_->schema();
  host_types_ = std::make_unique<HostTypes>(schema.types);
  for (ir::HostFunctionId id = 0; id < schema.host_functions.size(); ++id) {
    const ir::HostFunctionDecl& each = schema.host_functions[id];
    if (auto wrong = live_->provide(each.full_name(), host_types_->signature(each.parameters, each.result), &enter_live,
                                    host::Context(first_->host().context(id), [](void*) {}))) {
      return wrong;
    }
  }
  for (const ir::SlotDecl& each : schema.slots) {
    const auto slot =
        live_->slot(each.name, host_types_->signature(types_of(each.parameters), each.result), each.else_host);
    if (!slot) return slot.error();
    slots_.push_back(*slot);
  }
  return std::nullopt;
}

// The texts come, go and come back: then what the engine kept is linked again.
std::optional<std::string> FiveWays::publish(const Texts& texts) {
  for (const bool to_add : {true, false, true}) {
    const auto number = live_->commit(changes(texts, to_add), "");
    if (!number) return text_of(number.error());
  }
  return std::nullopt;
}

// ---- asking ------------------------------------------------------------------------------------

std::array<Answer, kWayCount> FiveWays::ask(const Question& question) {
  std::array<Answer, kWayCount> answers;
  answers.front() = first_->ask(question);
  for (std::size_t i = 0; i < native_.size(); ++i) {
    answers[i + 1] = first_->ask(question, *native_[i], static_cast<unsigned char>(0x35 * (i + 1)));
  }
  answers.back() = live(question, first_->lay_out(question));
  return answers;
}

Answer FiveWays::live(const Question& question, std::span<const std::uint64_t> words) {
  first_->host().begin(question.script);
  const host::ReadSection section;
  const host::LiveRelease& release = live_->running();
  writ_answer got{};
  host::ask(slots_[question.slot], release, words.data(), {.fuel = question.fuel, .memory = question.memory}, got);
  ir::Words out{};
  std::copy(std::begin(got.words), std::end(got.words), out.begin());
  Answer answer;
  answer.value = got.source == WRIT_ANSWER_HOST ? "host" : value_text(out, question.slot, release.program());
  answer.fuel = got.fuel;
  answer.memory = got.memory;
  describe(answer, release.in_program(question.slot, got.status), host::last_reason(), release.program(),
           release.sources());
  answer.asked = first_->host().take_asked();
  answer.told = first_->host().take_told();
  host::close();
  return answer;
}

}  // namespace writ::tests
