#include "fleet/running_node.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "fleet/refusal.h"
#include "fleet/rehearsal.h"

namespace writ::fleet {
namespace {

using support::Diagnostic;

constexpr std::chrono::milliseconds kLongestNap{1'000};

Instant now() {
  return {.steady = std::chrono::steady_clock::now().time_since_epoch(),
          .wall = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                      .count()};
}

/// The first finding, which says enough to find it again; all of them show where the release was made.
Diagnostic first_of(host::Report report) {
  if (report.findings.empty()) return refusal(support::Code::kInternal, "it cannot be made here, and nothing says why");
  Diagnostic first = std::move(report.findings.front());
  first.message = support::render_short(first, report.map);
  while (first.message.ends_with('\n')) first.message.pop_back();
  return first;
}

Notice trouble(std::string message) {
  return {.kind = NoticeKind::kTrouble,
          .sequence = 0,
          .release = {},
          .code = support::Code::kSourceTrouble,
          .message = std::move(message)};
}

std::vector<host::ReleaseText> texts_of(const Content& content) {
  using Kind = host::ReleaseText::Kind;
  std::vector<host::ReleaseText> texts;
  for (const auto& [name, text] : content.sources) texts.push_back({Kind::kSource, name, text});
  for (const auto& [name, text] : content.documents) texts.push_back({Kind::kDocument, name, text});
  return texts;
}

}  // namespace

RunningNode::RunningNode(host::LiveEngine& engine, std::unique_ptr<Source> source, NodeStore store, NodeRules rules,
                         NodeMemory memory, const Pacing& pacing, std::function<void(const Notice&)> tell)
    : engine_(engine),
      source_(std::move(source)),
      store_(std::move(store)),
      name_(rules.node),
      node_(std::move(rules), std::move(memory), now()),
      pacing_(pacing),
      tell_(std::move(tell)),
      reread_at_(Clock::now() + pacing.reread),
      wake_(::eventfd(0, EFD_CLOEXEC)) {
  take(node_.start());
  take(source_->read_again());
  look_after();
  thread_ = std::thread([this] { loop(); });
}

RunningNode::~RunningNode() {
  stops_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
}

NodeStatus RunningNode::status() const {
  const std::scoped_lock lock(shown_mutex_);
  return shown_;
}

std::optional<Hash> RunningNode::held() const {
  const std::scoped_lock lock(shown_mutex_);
  return held_;
}

// ---- the loop ----------------------------------------------------------------------------------

void RunningNode::loop() {
  while (true) {
    wait();
    if (stops_) return;
    take(source_->take());
    if (Clock::now() >= reread_at_) {
      reread_at_ = Clock::now() + pacing_.reread;
      take(source_->read_again());
    }
    look_after();
  }
}

void RunningNode::wait() {
  const bool is_watchful = node_.is_on_trial() || node_.held() != nullptr;
  const auto due = std::chrono::ceil<std::chrono::milliseconds>(std::min(reread_at_, report_at_) - Clock::now());
  const auto nap = std::clamp(due, std::chrono::milliseconds(0), is_watchful ? pacing_.watch : kLongestNap);
  pollfd polled[] = {{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                     {.fd = source_->descriptor(), .events = POLLIN, .revents = 0}};
  ::poll(polled, std::size(polled), static_cast<int>(nap.count()));
}

void RunningNode::look_after() {
  if (node_.held() != nullptr && store_.is_approved(node_.held()->hash())) take(node_.approved(now()));
  take(node_.tick(traffic(), now()));
  report();
}

void RunningNode::report() {
  show();
  if (!has_news_ && Clock::now() < report_at_) return;
  has_news_ = false;
  report_at_ = Clock::now() + pacing_.report;
  // A source that takes no status may still bring releases.
  auto done = source_->acknowledge(name_, encode(node_.status(now())));
  if (done || !trouble_.empty()) return;
  trouble_ = std::move(done.error());
  tell(trouble(trouble_));
}

void RunningNode::show() {
  NodeStatus status = node_.status(now());
  const std::scoped_lock lock(shown_mutex_);
  shown_ = std::move(status);
  held_ = node_.held() == nullptr ? std::nullopt : std::optional(node_.held()->hash());
}

void RunningNode::take(Heard heard) {
  if (heard.answered) take(node_.heard(now()));
  if (!heard.problem.empty() && heard.problem != trouble_) tell(trouble(heard.problem));
  if (!heard.problem.empty() || !heard.candidates.empty()) trouble_ = std::move(heard.problem);
  for (const std::string& bytes : heard.candidates) take(node_.offer(bytes, now()));
}

void RunningNode::tell(const Notice& notice) {
  has_news_ = true;
  if (tell_) tell_(notice);
}

// ---- tasks -------------------------------------------------------------------------------------

void RunningNode::take(Step step) {
  while (true) {
    show();  // whoever hears a notice and asks finds what it says
    for (const Notice& notice : step.notices) tell(notice);
    if (!step.task) return;
    step = std::visit([this](const auto& task) { return perform(task); }, *step.task);
  }
}

Step RunningNode::perform(const TryOut& task) {
  const RehearsalEngine make_engine =
      [this](const ir::Program& program, const ir::Config& config,
             const host::Budget& budget) -> std::expected<std::unique_ptr<host::Engine>, host::EngineError> {
    host::NativeOptions options;
    options.code.stack = budget.stack;
    options.code.sanitizer = jit::kSanitizerOfThisBuild;
    options.tests = true;
    return host::NativeEngine::make(engine_.compiler(), program, config, options);
  };
  const host::ReleaseText& schema = engine_.schema_text();
  auto rehearsal = rehearse({.name = schema.name, .text = schema.text}, task.release->content(), make_engine);
  if (!rehearsal) return node_.tried_out(std::unexpected(first_of(std::move(rehearsal.error()))), now());
  return node_.tried_out(std::move(rehearsal->functions), now());
}

Step RunningNode::perform(const Remember& task) { return node_.remembered(store_.save(task.memory), now()); }

Step RunningNode::perform(const Activate& task) {
  const bool is_empty = task.release == nullptr;
  auto done = is_empty ? engine_.replace({}, "")
                       : engine_.replace(texts_of(task.release->content()), task.release->content().tier);
  if (!done) return node_.activated(std::unexpected(first_of(std::move(done.error()))), traffic(), now());
  Functions functions;
  {
    const host::ReadSection section;
    functions = functions_used(engine_.running().program());
  }
  return node_.activated(std::move(functions), traffic(), now());
}

std::vector<Traffic> RunningNode::traffic() const {
  std::vector<Traffic> traffic;
  for (const host::SlotCounts& slot : engine_.counts().slots) {
    traffic.push_back({.calls = slot.calls(), .traps = slot.traps()});
  }
  return traffic;
}

}  // namespace writ::fleet
