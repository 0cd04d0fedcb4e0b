#include "fleet/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "fleet/refusal.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::fleet {
namespace {

using support::Code;
using support::Diagnostic;

Notice notice(NoticeKind kind, const SignedRelease& release, std::string message) {
  return {.kind = kind,
          .sequence = release.statement().sequence,
          .release = release.hash(),
          .code = std::nullopt,
          .message = std::move(message)};
}

Notice trouble(NoticeKind kind, Code code, std::string message) {
  return {.kind = kind, .sequence = 0, .release = {}, .code = code, .message = std::move(message)};
}

bool is(const ReleasePtr& release, const Hash& hash) { return release != nullptr && release->hash() == hash; }

Step step(Notice notice) { return {.notices = {std::move(notice)}, .task = std::nullopt}; }

}  // namespace

Node::Node(NodeRules rules, NodeMemory memory, Instant now)
    : rules_(std::move(rules)), memory_(std::move(memory)), heard_at_(now.steady) {}

// ---- the rows of what it knows -----------------------------------------------------------------

Expectation Node::expectation(Instant now) const {
  return {.channel = rules_.feed.channel,
          .tenant = rules_.feed.tenant,
          .schema = rules_.schema,
          .sequence = memory_.sequence,
          .hash = memory_.hash,
          .earlier = memory_.earlier,
          .now = now.wall,
          .passed = memory_.passed,
          .engine_version = rules_.engine_version};
}

NodeMemory Node::memory_with(const SignedRelease& release, Fate fate, Instant now) const {
  NodeMemory memory = memory_;
  if (fate == Fate::kGood) memory.good = release.bytes();
  const std::uint64_t sequence = release.statement().sequence;
  if (sequence < memory.sequence) return memory;  // a later one was refused or held meanwhile
  if (memory.fate != Fate::kNone && release.hash() != memory.hash) {
    memory.earlier.push_back(memory.hash);
    if (memory.earlier.size() > support::limits::kRememberedReleases) memory.earlier.erase(memory.earlier.begin());
  }
  memory.sequence = sequence;
  memory.hash = release.hash();
  memory.fate = fate;
  memory.passed = std::max(memory.passed, now.wall);
  return memory;
}

NodeStatus Node::status(Instant now) const {
  NodeStatus status{.node = rules_.node,
                    .tenant = rules_.feed.tenant,
                    .channel = rules_.feed.channel,
                    .running = 0,
                    .release = {},
                    .is_on_trial = is_on_trial(),
                    .highest = memory_.sequence,
                    .fate = std::string(spelling(memory_.fate)),
                    .calls = 0,
                    .traps = 0,
                    .heard_s = std::chrono::duration_cast<std::chrono::seconds>(now.steady - heard_at_).count(),
                    .said_at = now.wall,
                    .refusal = refusal_};
  if (running_ != nullptr) {
    status.running = running_->statement().sequence;
    status.release = hex(running_->hash());
  }
  for (std::size_t i = 0; i < traffic_.size(); ++i) {
    status.calls += traffic_[i].calls - traffic_at_start_[i].calls;
    status.traps += traffic_[i].traps - traffic_at_start_[i].traps;
  }
  return status;
}

// ---- tasks -------------------------------------------------------------------------------------

Step Node::remember(Purpose purpose, NodeMemory memory) {
  purpose_ = purpose;
  next_memory_ = std::move(memory);
  return {.notices = {}, .task = Remember{next_memory_}};
}

Step Node::activate(Purpose purpose, ReleasePtr release) {
  purpose_ = purpose;
  return {.notices = {}, .task = Activate{std::move(release)}};
}

Step Node::start() {
  if (memory_.good.empty()) return {};
  auto release = SignedRelease::verify(memory_.good, rules_.trusted);
  if (!release) return refuse(nullptr, hash_of(memory_.good), std::move(release.error()));
  // Its place and its time were judged when it came. Whose it is, and what it needs, may have changed with this program.
  Expectation here = expectation({});
  here.sequence = 0;
  here.hash = {};
  here.now = release->statement().expires - 1;
  here.passed = 0;
  if (auto verdict = judge(*release, here); !verdict) {
    return refuse(&*release, release->hash(), std::move(verdict.error()));
  }
  good_ = std::make_shared<const SignedRelease>(*std::move(release));
  candidate_ = good_;
  return activate(Purpose::kStart, good_);
}

// ---- a release comes ---------------------------------------------------------------------------

Step Node::offer(std::string_view bytes, Instant now) {
  WRIT_CHECK(!purpose_);
  auto release = SignedRelease::verify(bytes, rules_.trusted);
  if (!release) return refuse(nullptr, hash_of(bytes), std::move(release.error()));
  auto verdict = judge(*release, expectation(now));
  if (!verdict) return refuse(&*release, release->hash(), std::move(verdict.error()));
  if (*verdict == Judgement::kAlreadyRunning) {
    const Hash& hash = release->hash();
    // Otherwise this process has ended while it was on trial or held.
    if (memory_.fate == Fate::kRefused || is(running_, hash) || is(held_, hash)) return {};
  }
  candidate_ = std::make_shared<const SignedRelease>(*std::move(release));
  purpose_ = Purpose::kTrial;
  return {.notices = {}, .task = TryOut{candidate_}};
}

Step Node::tried_out(std::expected<Functions, Diagnostic> outcome, Instant now) {
  WRIT_CHECK(purpose_ == Purpose::kTrial);
  if (!outcome) return give_up(std::move(outcome.error()), now);
  const bool is_known = std::ranges::all_of(*outcome, [&](const std::string& function) {
    return running_functions_.contains(function) || rules_.capabilities.contains(function);
  });
  if (!is_known) return remember(Purpose::kHold, memory_with(*candidate_, Fate::kHeld, now));
  return remember(Purpose::kTrial, memory_with(*candidate_, Fate::kOnTrial, now));
}

Step Node::approved(Instant now) {
  WRIT_CHECK(!purpose_ && held_ != nullptr);
  candidate_ = held_;
  return remember(Purpose::kTrial, memory_with(*candidate_, Fate::kOnTrial, now));
}

Step Node::remembered(std::expected<void, std::string> outcome, Instant now) {
  const Purpose purpose = std::exchange(purpose_, std::nullopt).value();
  if (!outcome) return not_remembered(purpose, std::move(outcome.error()), now);
  memory_ = std::move(next_memory_);
  const ReleasePtr release = candidate_;
  switch (purpose) {
    case Purpose::kTrial:
      held_.reset();
      return activate(Purpose::kTrial, release);
    case Purpose::kHold: {
      held_ = std::exchange(candidate_, nullptr);
      Notice held = notice(NoticeKind::kHeld, *held_, "it uses host functions that the running release does not");
      held.code = Code::kReleaseHeld;
      return step(std::move(held));
    }
    case Purpose::kRefuse:
      held_.reset();
      candidate_.reset();
      return refuse(release.get(), release->hash(), std::move(reason_));
    case Purpose::kRollBack: {
      candidate_.reset();
      Notice back = notice(NoticeKind::kRolledBack, *release, reason_.message);
      back.code = reason_.code;
      return step(std::move(back));
    }
    case Purpose::kProve:
      trial_ends_.reset();
      good_ = running_;
      return step(notice(NoticeKind::kProved, *running_, "it is what this node starts from"));
    case Purpose::kStart:
      break;
  }
  WRIT_UNREACHABLE();
}

Step Node::not_remembered(Purpose purpose, std::string message, Instant now) {
  const ReleasePtr release = std::exchange(candidate_, nullptr);
  Diagnostic why = refusal(Code::kNotRemembered, std::move(message));
  switch (purpose) {
    case Purpose::kTrial:
    case Purpose::kHold:
      // Without a memory an older one could come back in its place. It is tried again when the source is next read.
      return refuse(release.get(), release->hash(), std::move(why));
    case Purpose::kRefuse:
      return refuse(release.get(), release->hash(), std::move(reason_));
    case Purpose::kRollBack: {
      Step back = step(notice(NoticeKind::kRolledBack, *release, reason_.message));
      back.notices.front().code = reason_.code;
      back.notices.push_back(trouble(NoticeKind::kTrouble, why.code, std::move(why.message)));
      return back;
    }
    case Purpose::kProve:
      trial_ends_ = now.steady + rules_.trial;
      return step(trouble(NoticeKind::kTrouble, why.code, std::move(why.message)));
    case Purpose::kStart:
      break;
  }
  WRIT_UNREACHABLE();
}

Step Node::activated(std::expected<Functions, Diagnostic> outcome, std::vector<Traffic> traffic, Instant now) {
  const Purpose purpose = std::exchange(purpose_, std::nullopt).value();
  if (purpose == Purpose::kRollBack) return rolled_back(std::move(outcome), std::move(traffic), now);
  const ReleasePtr release = candidate_;
  if (!outcome && purpose == Purpose::kTrial) return give_up(std::move(outcome.error()), now);
  candidate_.reset();
  if (!outcome) return refuse(release.get(), release->hash(), std::move(outcome.error()));
  run(release, *std::move(outcome), std::move(traffic));
  if (purpose == Purpose::kTrial) trial_ends_ = now.steady + rules_.trial;
  return step(notice(NoticeKind::kActivated, *release, release->statement().note));
}

void Node::run(ReleasePtr release, Functions functions, std::vector<Traffic> traffic) {
  running_ = std::move(release);
  running_functions_ = std::move(functions);
  traffic_at_start_ = std::move(traffic);
  traffic_ = traffic_at_start_;
  trial_ends_.reset();
  is_expired_ = false;
}

// ---- refusing ----------------------------------------------------------------------------------

Step Node::give_up(Diagnostic why, Instant now) {
  reason_ = std::move(why);
  return remember(Purpose::kRefuse, memory_with(*candidate_, Fate::kRefused, now));
}

Step Node::refuse(const SignedRelease* release, const Hash& hash, Diagnostic why) {
  Refusal refused{.sequence = release == nullptr ? 0 : release->statement().sequence,
                  .release = hex(hash),
                  .code = support::code_text(why.code),
                  .message = std::move(why.message)};
  if (refusal_ && refusal_->release == refused.release && refusal_->code == refused.code) return {};
  refusal_ = std::move(refused);
  return step({.kind = why.code == Code::kReleaseEquivocation ? NoticeKind::kEquivocation : NoticeKind::kRefused,
               .sequence = refusal_->sequence,
               .release = hash,
               .code = why.code,
               .message = refusal_->message});
}

// ---- going back --------------------------------------------------------------------------------

Step Node::roll_back(Diagnostic why) {
  refusal_ = Refusal{.sequence = running_->statement().sequence,
                     .release = hex(running_->hash()),
                     .code = support::code_text(why.code),
                     .message = why.message};
  reason_ = std::move(why);
  candidate_ = running_;
  // What it does harm with stops first; after a crash in between it is on trial again.
  return activate(Purpose::kRollBack, good_);
}

Step Node::rolled_back(std::expected<Functions, Diagnostic> outcome, std::vector<Traffic> traffic, Instant now) {
  if (!outcome && good_ != nullptr) {
    good_.reset();
    return activate(Purpose::kRollBack, nullptr);
  }
  if (!outcome) {
    trial_ends_.reset();
    candidate_.reset();
    return step(trouble(NoticeKind::kTrouble, outcome.error().code, std::move(outcome.error().message)));
  }
  run(good_, *std::move(outcome), std::move(traffic));
  return remember(Purpose::kRollBack, memory_with(*candidate_, Fate::kRefused, now));
}

std::optional<Diagnostic> Node::too_many_traps() const {
  for (std::size_t i = 0; i < traffic_.size(); ++i) {
    const std::uint64_t calls = traffic_[i].calls - traffic_at_start_[i].calls;
    const std::uint64_t traps = traffic_[i].traps - traffic_at_start_[i].traps;
    if (calls < rules_.traps.calls_min) continue;
    if (static_cast<double>(traps) <= rules_.traps.rate_max * static_cast<double>(calls)) continue;
    return refusal(Code::kReleaseTrapped, fmt::format("{} of {} calls of one slot trapped", traps, calls));
  }
  return std::nullopt;
}

// ---- time --------------------------------------------------------------------------------------

Step Node::heard(Instant now) {
  heard_at_ = now.steady;
  if (!std::exchange(is_silent_, false)) return {};
  return step({.kind = NoticeKind::kHeardAgain,
               .sequence = 0,
               .release = {},
               .code = std::nullopt,
               .message = "the source answers again"});
}

Step Node::tick(std::vector<Traffic> traffic, Instant now) {
  WRIT_CHECK(!purpose_);
  if (running_ != nullptr) traffic_ = std::move(traffic);
  Step step;
  if (auto why = trial_ends_ ? too_many_traps() : std::nullopt) {
    step = roll_back(*std::move(why));
  } else if (trial_ends_ && now.steady >= *trial_ends_) {
    step = remember(Purpose::kProve, memory_with(*running_, Fate::kGood, now));
  }
  look_at_the_clock(now, step.notices);
  return step;
}

void Node::look_at_the_clock(Instant now, std::vector<Notice>& notices) {
  if (!is_silent_ && now.steady - heard_at_ > rules_.silence_max) {
    is_silent_ = true;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.steady - heard_at_).count();
    notices.push_back(trouble(NoticeKind::kSilence, Code::kSourceSilent,
                              fmt::format("the source has not answered for {} s; what runs goes on", seconds)));
  }
  if (running_ != nullptr && !is_expired_ && running_->statement().expires <= now.wall) {
    is_expired_ = true;
    notices.push_back(notice(NoticeKind::kExpired, *running_, "it is past its time, and nothing later has come"));
    notices.back().code = Code::kRunningExpired;
  }
}

}  // namespace writ::fleet
