#include "host/live_call.h"

#include <algorithm>
#include <limits>

#include "host/call.h"
#include "support/check.h"

namespace writ::host {
namespace {

using runtime::Frame;
using runtime::Trap;

/// Puts off an `emits` call until the decision has been made.
Trap keep_for_later(const LiveFunction& function, const std::uint64_t* arguments) {
  LiveThread& thread = LiveThread::own();
  const std::size_t first = thread.emitted_words.size();
  if (thread.emitted.size() == support::limits::kEmittedCalls ||
      first + function.argument_words > support::limits::kEmittedWords) {
    return Trap::kHostError;
  }
  thread.emitted_words.insert(thread.emitted_words.end(), arguments, arguments + function.argument_words);
  thread.emitted.push_back({&function, first});
  return Trap::kNone;
}

// What generated code calls for a host function. noexcept: there are no frames below it that an exception could pass.
Trap enter_host(Frame* frame, void* context, const std::uint64_t* arguments, std::uint64_t* results) noexcept {
  // SAFETY: LiveFunction::row pairs this thunk with its own address.
  const LiveFunction& function = *static_cast<const LiveFunction*>(context);
  if (function.body == nullptr) return Trap::kHostError;
  if (function.emits) return keep_for_later(function, arguments);
  // SAFETY: writ_host_call is the name that a Frame has outside.
  auto* const call = reinterpret_cast<writ_host_call*>(frame);
  if (function.body(function.context, call, arguments, results) == 0) return Trap::kHostError;
  // The declared bound and the text are judged by the engine; before it reads that far the size must be one at all.
  const bool is_sound = !function.size_word || results[*function.size_word] <= support::limits::kMemoryQuota;
  return is_sound ? Trap::kNone : Trap::kHostError;
}

/// Hands over what a call has emitted since `first`, now that it has decided.
[[gnu::cold]] void hand_over(LiveThread& thread, std::size_t first, Frame& frame) {
  // By index: a function may ask slots, whose emissions come and go behind these.
  const std::size_t end = thread.emitted.size();
  for (std::size_t i = first; i < end; ++i) {
    const EmittedCall call = thread.emitted[i];
    auto* const host_call = reinterpret_cast<writ_host_call*>(&frame);  // SAFETY: as above
    const std::uint64_t* const words = thread.emitted_words.data() + call.first_word;
    if (call.function->body(call.function->context, host_call, words, nullptr) == 0) {
      call.function->emit_failures->fetch_add(1, std::memory_order_relaxed);
    }
  }
}

/// Forgets it.
[[gnu::cold]] void drop_emitted(LiveThread& thread, std::size_t first) {
  thread.emitted_words.resize(thread.emitted[first].first_word);
  thread.emitted.resize(first);
}

std::int64_t at_most(std::int64_t quota, std::int64_t limit) { return limit < 0 ? quota : std::min(quota, limit); }

/// Fuel, stack and arena are the caller's to fill in; results are written before they are read.
void prepare(Frame& frame, const CallSite& site, const LiveThread& thread) {
  frame.native_stack_end = thread.stack_end;
  frame.host = site.host.data();
  frame.hash_seed = site.hash_seed;
}

ir::Words words_of(const runtime::Result& result, const Frame& frame) {
  return {result.word, frame.results[1], frame.results[2], frame.results[3]};
}

/// Whether there is room to call at all: host functions inside one another, bytes of this thread's stack.
bool has_room(const LiveThread& thread, const LiveRelease& release) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  return thread.depth <= support::limits::kHostReentry &&
         here - thread.stack_end >= release.native_stack_bytes() && here > thread.stack_end;
}

[[gnu::always_inline]] inline LiveAnswer run_policy(const LiveSlot& slot, const LiveRelease& release, LiveThread& thread,
                  const std::uint64_t* arguments, const CallLimits& limits) {
  const Budget& budget = release.budget();
  Frame* const around = thread.around;
  Frame frame;
  prepare(frame, *slot.site, thread);
  frame.fuel = at_most(budget.fuel, limits.fuel);
  frame.stack_left = budget.stack;
  if (around != nullptr) {
    frame.fuel = std::min(frame.fuel, around->fuel);
    frame.stack_left = std::min(frame.stack_left, around->stack_left);
  }
  thread.lend_arena(frame, at_most(budget.memory, limits.memory), slot.site->number << 32 | release.tier_number());
  const std::int64_t fuel = frame.fuel;
  const std::byte* const arena = frame.arena_next;
  const std::size_t first_emitted = thread.emitted.size();

  thread.around = &frame;
  ++thread.depth;
  const jit::Entry entry = release.slots()[slot.id].call;
  const runtime::Result result = slot.caller(entry, frame, arguments);
  LiveAnswer answer{.words = words_of(result, frame),
                .source = LiveAnswer::Source::kPolicy,
                .status = result.status,
                .fuel = fuel - frame.fuel,
                .memory = frame.arena_next - arena};
  if (thread.emitted.size() != first_emitted) [[unlikely]] {
    if (answer.trap() == Trap::kNone) hand_over(thread, first_emitted, frame);
    drop_emitted(thread, first_emitted);
  }
  --thread.depth;
  thread.around = around;
  thread.take_arena_back(frame);
  if (around != nullptr) {
    around->fuel -= fuel - frame.fuel;
    around->arena_next = frame.arena_next;
  }
  return answer;
}

/// The slot's else value. Checking has seen that it takes no memory and cannot trap; comparing what the host handed in costs
/// fuel by its size.
[[gnu::cold]] void answer_otherwise(const LiveSlot& slot, const LiveRelease& release, const LiveThread& thread,
                      const std::uint64_t* arguments, LiveAnswer& answer) {
  const jit::Entry otherwise = release.slots()[slot.id].otherwise;
  answer.source = otherwise == nullptr ? LiveAnswer::Source::kHost : LiveAnswer::Source::kElse;
  if (otherwise == nullptr) return;
  Frame frame;
  prepare(frame, *slot.site, thread);
  frame.fuel = std::numeric_limits<std::int64_t>::max();
  frame.stack_left = release.budget().stack;
  frame.arena_next = frame.arena_end = nullptr;
  const runtime::Result result = slot.caller(otherwise, frame, arguments);
  WRIT_CHECK(runtime::status_trap(result.status) == Trap::kNone);
  answer.words = words_of(result, frame);
}

/// A trap at the slot's own name: the call was over before it began.
[[gnu::cold]] runtime::Status refused(const LiveSlot& slot, const LiveRelease& release) {
  const ir::SlotEntry& entry = release.program().entries[slot.id];
  const ir::FunctionId function = entry.policy ? *entry.policy : *entry.otherwise;
  return runtime::trap_status(Trap::kStackOverflow, release.program().functions[function].place);
}

}  // namespace

runtime::HostFunction LiveFunction::row() { return {.thunk = &enter_host, .context = this}; }

namespace {

[[gnu::always_inline]] inline LiveAnswer ask_inline(const LiveSlot& slot, const LiveRelease& release,
                                                const std::uint64_t* arguments, const CallLimits& limits) noexcept {
  if (release.slots()[slot.id].call == nullptr) return {};
  LiveThread& thread = LiveThread::own();
  Seat& seat = thread.seat(slot.site->roster, slot.site->arena_bytes);
  LiveAnswer answer;
  if (has_room(thread, release)) [[likely]] {
    answer = run_policy(slot, release, thread, arguments, limits);
  } else {
    answer.status = refused(slot, release);
  }
  if (answer.trap() != Trap::kNone) [[unlikely]] answer_otherwise(slot, release, thread, arguments, answer);
  seat.count(slot.id, answer.trap(), answer.fuel);
  return answer;
}

}  // namespace

LiveAnswer ask(const LiveSlot& slot, const LiveRelease& release, const std::uint64_t* arguments,
           const CallLimits& limits) noexcept {
  return ask_inline(slot, release, arguments, limits);
}

LiveAnswer::Source ask_once(const LiveSlot& slot, const LiveRelease* pinned, const std::uint64_t* arguments,
                        std::uint64_t* words) noexcept {
  std::unique_ptr<TrapNews> news;
  LiveAnswer::Source source;
  {
    const ReadSection section;
    const LiveRelease& release = pinned != nullptr ? *pinned : slot.site->running_release();
    const LiveAnswer answer = ask_inline(slot, release, arguments, {});
    std::ranges::copy(answer.words, words);
    source = answer.source;
    if (answer.trap() != Trap::kNone) [[unlikely]] news = trap_news(slot, release, answer.status);
  }
  if (news != nullptr) [[unlikely]] tell(slot, *news);
  return source;
}

// ---- news of traps -----------------------------------------------------------------------------

TrapPlace place_of(const LiveRelease& release, runtime::Status status) {
  const support::Span span = host::place_of(release.program(), status);
  return {.file = release.sources().file(span.source).name(), .place = release.sources().place(span)};
}

std::unique_ptr<TrapNews> trap_news(const LiveSlot& slot, const LiveRelease& release, runtime::Status status) {
  if (slot.site->trap_handler->call == nullptr) return nullptr;
  const auto [file, place] = place_of(release, status);
  return std::make_unique<TrapNews>(TrapNews{.slot = release.program().slots[slot.id].name,
                                             .file = std::string(file),
                                             .line = place.line,
                                             .column = place.column,
                                             .kind = runtime::status_trap(status),
                                             .release = release.number()});
}

void tell(const LiveSlot& slot, const TrapNews& news) {
  const writ_trap trap{.slot = {news.slot.data(), news.slot.size()},
                       .kind = static_cast<std::uint8_t>(news.kind),
                       .file = {news.file.data(), news.file.size()},
                       .line = news.line,
                       .column = news.column,
                       .release = news.release};
  slot.site->trap_handler->call(slot.site->trap_handler->context.get(), &trap);
}

}  // namespace writ::host
