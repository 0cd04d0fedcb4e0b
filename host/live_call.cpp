#include "host/live_call.h"

#include <algorithm>
#include <limits>

#include "host/call.h"
#include "host/live_answer.h"
#include "support/check.h"

namespace writ::host {
namespace {

using runtime::Frame;
using runtime::Trap;

/// Puts off an `emits` call until the decision has been made.
Trap keep_for_later(LiveFrame& frame, const LiveFunction& function, const std::uint64_t* arguments) {
  LiveThread& thread = LiveThread::own();
  const std::size_t first_word = thread.emitted_words.size();
  if (thread.emitted.size() == support::limits::kEmittedCalls) return Trap::kHostError;
  if (!frame.has_emitted) frame.first_emitted = thread.emitted.size();
  frame.has_emitted = true;
  // No memory is taken: both were reserved up to their limits.
  thread.emitted_words.insert(thread.emitted_words.end(), arguments, arguments + function.argument_words);
  thread.emitted.push_back({&function, first_word});
  return Trap::kNone;
}

/// SAFETY: writ_host_call is the name that a Frame has outside.
writ_host_call* as_host_call(Frame& frame) { return reinterpret_cast<writ_host_call*>(&frame); }

// What generated code calls for a host function. noexcept: there are no frames below it that an exception could pass.
Trap enter_host(Frame* frame, void* context, const std::uint64_t* arguments, std::uint64_t* results) noexcept {
  // SAFETY: LiveFunction::row pairs this thunk with its own address.
  const LiveFunction& function = *static_cast<const LiveFunction*>(context);
  if (function.body == nullptr) return Trap::kHostError;
  // SAFETY: generated code hands on the frame that it was given.
  if (function.emits) return keep_for_later(static_cast<LiveFrame&>(*frame), function, arguments);
  if (function.body(function.context, as_host_call(*frame), arguments, results) == 0) return Trap::kHostError;
  // The declared bound and the text are judged by generated code; before it reads that far there must be a value at all.
  return is_value(results, *function.result, *function.types) ? Trap::kNone : Trap::kHostError;
}

/// Hands over what a call has emitted, if it has decided, and forgets it.
[[gnu::cold]] void finish_emissions(LiveThread& thread, LiveFrame& frame, Trap ending) {
  // By index: a function may ask slots, whose emissions come and go behind these.
  const std::size_t end = ending == Trap::kNone ? thread.emitted.size() : frame.first_emitted;
  for (std::size_t i = frame.first_emitted; i < end; ++i) {
    const EmittedCall call = thread.emitted[i];
    const std::uint64_t* const words = thread.emitted_words.data() + call.first_word;
    if (call.function->body(call.function->context, as_host_call(frame), words, nullptr) == 0) {
      call.function->emit_failures->fetch_add(1, std::memory_order_relaxed);
    }
  }
  thread.emitted_words.resize(thread.emitted[frame.first_emitted].first_word);
  thread.emitted.resize(frame.first_emitted);
}

std::int64_t at_most(std::int64_t quota, std::int64_t limit) { return limit < 0 ? quota : std::min(quota, limit); }

/// Of the frame: all but fuel, stack and arena. Its results are written before they are read.
void prepare(LiveFrame& frame, const CallSite& site, const LiveThread& thread) {
  frame.native_stack_end = thread.stack_end;
  frame.host = site.host.data();
  frame.hash_seed = site.hash_seed;
  frame.has_emitted = false;
}

/// Puts a call into the one around it: what that has left is the most that this may use.
[[gnu::cold]] void draw_on(LiveFrame& frame, const LiveFrame& around) {
  frame.depth = around.depth + 1;
  frame.fuel = std::min(frame.fuel, around.fuel);
  frame.stack_left = std::min(frame.stack_left, around.stack_left);
}

/// Whether there is room to call at all: host functions inside one another, bytes of this thread's stack.
bool has_room(const LiveThread& thread, const LiveRelease& release) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const auto left = static_cast<std::int64_t>(here - thread.stack_end);
  return left >= static_cast<std::int64_t>(release.native_stack_bytes()) &&
         (thread.around == nullptr || thread.around->depth < support::limits::kHostReentry);
}

void take_words(LiveAnswer& answer, const LiveSlot& slot, const runtime::Result& result, const Frame& frame) {
  answer.words[0] = result.word;
  if (slot.result_words != 1) std::copy(frame.results + 1, std::end(frame.results), answer.words.begin() + 1);
}

[[gnu::always_inline]] inline LiveAnswer run_policy(const LiveSlot& slot, const LiveRelease& release, jit::Entry entry,
                                                    LiveThread& thread, const std::uint64_t* arguments,
                                                    const CallLimits& limits) {
  const Budget& budget = release.budget();
  LiveFrame* const around = thread.around;
  LiveFrame frame;
  prepare(frame, *slot.site, thread);
  frame.around = around;
  frame.depth = 0;
  frame.fuel = at_most(budget.fuel, limits.fuel);
  frame.stack_left = budget.stack;
  if (around != nullptr) [[unlikely]]
    draw_on(frame, *around);
  thread.lend_arena(frame, at_most(budget.memory, limits.memory) & ~std::int64_t{7}, release.owner());
  const std::int64_t fuel = frame.fuel;
  std::byte* const arena = frame.arena_next;

  thread.around = &frame;
  const runtime::Result result = slot.caller(entry, frame, arguments);
  LiveAnswer answer;
  take_words(answer, slot, result, frame);
  answer.source = LiveAnswer::Source::kPolicy;
  answer.status = result.status;
  answer.fuel = fuel - frame.fuel;
  answer.memory = frame.arena_next - arena;
  if (frame.has_emitted) [[unlikely]]
    finish_emissions(thread, frame, answer.trap());
  thread.around = around;
  thread.take_arena_back(frame, arena);
  if (around != nullptr) [[unlikely]] {
    around->fuel -= fuel - frame.fuel;
    around->arena_next = frame.arena_next;
  }
  return answer;
}

/// The slot's else value, after a trap. Checking has seen that it takes no memory and cannot trap; comparing what the host
/// handed in costs fuel by its size.
[[gnu::cold]] LiveAnswer answer_otherwise(const LiveSlot& slot, const LiveRelease& release, const LiveThread& thread,
                                          const std::uint64_t* arguments) {
  LiveAnswer answer;
  answer.words = {};
  const jit::Entry otherwise = release.slots()[slot.id].otherwise;
  answer.source = otherwise == nullptr ? LiveAnswer::Source::kHost : LiveAnswer::Source::kElse;
  if (otherwise == nullptr) return answer;
  LiveFrame frame;
  prepare(frame, *slot.site, thread);
  frame.fuel = std::numeric_limits<std::int64_t>::max();
  frame.stack_left = release.budget().stack;
  frame.arena_next = frame.arena_end = nullptr;
  const runtime::Result result = slot.caller(otherwise, frame, arguments);
  WRIT_CHECK(runtime::status_trap(result.status) == Trap::kNone);
  take_words(answer, slot, result, frame);
  return answer;
}

/// A trap at the slot's own name: the call was over before it began.
[[gnu::cold]] LiveAnswer refuse(const LiveSlot& slot, const LiveRelease& release) {
  const ir::SlotEntry& entry = release.program().entries[slot.id];
  const ir::FunctionId function = entry.policy ? *entry.policy : *entry.otherwise;
  LiveAnswer answer;
  answer.words = {};
  answer.status = runtime::trap_status(Trap::kStackOverflow, release.program().functions[function].place);
  return answer;
}

[[gnu::always_inline]] inline LiveAnswer ask_inline(const LiveSlot& slot, const LiveRelease& release,
                                                    const std::uint64_t* arguments, const CallLimits& limits) {
  const jit::Entry entry = release.slots()[slot.id].call;
  if (entry == nullptr) return {};
  LiveThread& thread = LiveThread::own();
  Seat& seat = thread.seat(slot.site->roster, slot.site->arena_bytes);
  LiveAnswer answer =
      has_room(thread, release) ? run_policy(slot, release, entry, thread, arguments, limits) : refuse(slot, release);
  seat.count(slot.id, answer.trap(), answer.fuel);
  if (answer.trap() != Trap::kNone) [[unlikely]] {
    const LiveAnswer otherwise = answer_otherwise(slot, release, thread, arguments);
    answer.source = otherwise.source;
    answer.words = otherwise.words;
  }
  return answer;
}

}  // namespace

runtime::HostFunction LiveFunction::row() { return {.thunk = &enter_host, .context = this}; }

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
    words[0] = answer.words[0];
    if (slot.result_words != 1) std::ranges::copy(answer.words, words);
    source = answer.source;
    if (answer.trap() != Trap::kNone) [[unlikely]]
      news = trap_news(slot, release, answer.status);
    close();
  }
  if (news != nullptr) [[unlikely]]
    tell(slot, *news);
  return source;
}

void close() noexcept {
  if (live_thread != nullptr) live_thread->close_answer();
}

// ---- news of traps -----------------------------------------------------------------------------

TrapPlace place_of(const LiveRelease& release, runtime::Status status) {
  const support::Span span = host::place_of(release.program(), status);
  return {.file = release.sources().file(span.source).name(), .place = release.sources().place(span)};
}

std::unique_ptr<TrapNews> trap_news(const LiveSlot& slot, const LiveRelease& release, runtime::Status status) noexcept {
  if (slot.site->trap_handler->call == nullptr || LiveThread::own().is_telling) return nullptr;
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
  LiveThread::own().is_telling = true;
  slot.site->trap_handler->call(slot.site->trap_handler->context.get(), &trap);
  LiveThread::own().is_telling = false;
}

}  // namespace writ::host
