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
  frame.has_emitted = false;
}

std::int64_t at_most(std::int64_t quota, std::int64_t limit) { return limit < 0 ? quota : std::min(quota, limit); }

/// Of the frame: what all calls of an engine on one thread have in common. Its results are written before they are read.
void prepare(LiveFrame& frame, const CallSite& site, const LiveThread& thread) {
  frame.native_stack_end = thread.stack_end;
  frame.host = site.host.data();
  frame.hash_seed = site.hash_seed;
  frame.depth = 0;
  frame.has_emitted = false;
}

/// The seat of the calling thread. Prepares its `outermost` where the last call was another engine's, or there was none.
Seat& sit_down(LiveThread& thread, const CallSite& site) {
  if (thread.sits_at(*site.roster)) return thread.last_seat();
  if (thread.around == nullptr) prepare(thread.outermost, site, thread);
  return thread.find_seat(site.roster, site.arena_bytes);
}

/// Whether this thread's stack has room for a call.
bool has_room(const LiveThread& thread, const LiveRelease& release) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const auto left = static_cast<std::int64_t>(here - thread.stack_end);
  return left >= static_cast<std::int64_t>(release.native_stack_bytes());
}

void take_words(std::uint64_t* words, const LiveSlot& slot, const runtime::Result& result, const Frame& frame) {
  words[0] = result.word;
  if (slot.result_words != 1) [[unlikely]]
    std::copy(frame.results + 1, std::end(frame.results), words + 1);
}

/// How a call ended.
struct Ending {
  Source source = Source::kHost;
  runtime::Status status = 0;  // of the policy's call, after which an else value may have been asked for
  std::int64_t fuel = 0;
  std::int64_t memory = 0;

  [[nodiscard]] Trap trap() const { return runtime::status_trap(status); }
};

/// A question on its way to the code that answers it. The cold ways take a copy: a reference would put it into memory on the
/// warm one too.
struct Question {
  const LiveSlot& slot;
  const LiveRelease& release;
  const std::uint64_t* arguments;
  CallLimits limits;
  std::uint64_t* words;
};

/// A trap at the slot's own name: the call was over before it began.
[[gnu::cold, gnu::noinline]] Ending refuse(Question question, Trap trap) {
  return {.source = Source::kPolicy, .status = question.release.trap_at_entry(question.slot.id, trap)};
}

/// A call that could use more than it is given: it uses all of that.
[[gnu::cold, gnu::noinline]] Ending refuse_unpaid(Question question, std::int64_t fuel, LiveFrame* around) {
  Ending ending = refuse(question, Trap::kOutOfFuel);
  ending.fuel = fuel;
  if (around != nullptr) around->fuel_inside() -= fuel;
  return ending;
}

/// Calls the policy's function in a prepared frame. What the call around it, if there is one, has left is the most that it may
/// use.
[[gnu::always_inline]] inline Ending run(Question question, const jit::SlotCode& code, LiveThread& thread,
                                         LiveFrame& frame, LiveFrame* around) {
  const auto& [slot, release, arguments, limits, words] = question;
  const Budget& budget = release.budget();
  frame.fuel = at_most(budget.fuel, limits.fuel);
  frame.stack_left = budget.stack;
  frame.prepared = code.prepared;
  if (around != nullptr) {
    frame.fuel = std::min(frame.fuel, around->fuel_inside());
    frame.stack_left = std::min(frame.stack_left, around->stack_left);
  }
  thread.lend_arena(frame, around, at_most(budget.memory, limits.memory & ~std::int64_t{7}), release.owner());
  const std::int64_t fuel = frame.fuel;
  const std::int64_t proven = release.proven_fuel(slot.id);
  frame.is_counted = proven == LiveRelease::kCounted;
  if (!frame.is_counted) [[unlikely]] {
    // It pays for all that it may do when it begins.
    if (fuel < proven) return refuse_unpaid(question, fuel, around);
    frame.spare_fuel = fuel - proven;
    frame.fuel = kUncountedFuel;
  }
  std::byte* const arena = frame.arena_next;

  thread.around = &frame;
  const runtime::Result result = slot.caller(code.call, frame, arguments);
  take_words(words, slot, result, frame);
  const Ending ending{.source = Source::kPolicy,
                      .status = result.status,
                      .fuel = fuel - frame.fuel_inside(),
                      .memory = frame.arena_next - arena};
  if (frame.has_emitted) [[unlikely]]
    finish_emissions(thread, frame, ending.trap());
  thread.around = around;
  thread.take_arena_back(frame, arena);
  if (around != nullptr) {
    around->fuel_inside() -= fuel - frame.fuel_inside();  // with that of slots which emitted values asked
    around->arena_next = frame.arena_next;
  }
  return ending;
}

/// A call that a host function makes.
[[gnu::cold, gnu::noinline]] Ending run_inside(Question question, const jit::SlotCode& code, LiveThread& thread,
                                               LiveFrame& around) {
  if (around.depth == support::limits::kHostReentry) return refuse(question, Trap::kStackOverflow);
  LiveFrame frame;
  prepare(frame, *question.slot.site, thread);
  frame.depth = around.depth + 1;
  const Ending ending = run(question, code, thread, frame, &around);
  // Where last_reason looks. The call around this one writes its own reason when it returns, and not before.
  if (runtime::status_detail(ending.status) == runtime::kReasonInFrame) thread.outermost.reason = frame.reason;
  return ending;
}

/// The slot's else value, after a trap. Checking has seen that it takes no memory and cannot trap; comparing what the host
/// handed in costs fuel by its size.
[[gnu::cold, gnu::noinline]] Source answer_otherwise(Question question, const LiveThread& thread) {
  const LiveSlot& slot = question.slot;
  const jit::Entry otherwise = question.release.slots()[slot.id].otherwise;
  if (otherwise == nullptr) return Source::kHost;
  LiveFrame frame;
  prepare(frame, *slot.site, thread);
  frame.fuel = std::numeric_limits<std::int64_t>::max();
  frame.stack_left = question.release.budget().stack;
  frame.arena_next = frame.arena_end = nullptr;
  const runtime::Result result = slot.caller(otherwise, frame, question.arguments);
  WRIT_CHECK(runtime::status_trap(result.status) == Trap::kNone);
  take_words(question.words, slot, result, frame);
  return Source::kElse;
}

/// Whatever the thread is about, and however the call ends.
[[gnu::always_inline]] inline Ending ask_anyhow(Question question) {
  const jit::SlotCode& code = question.release.slots()[question.slot.id];
  if (code.call == nullptr) return {};
  LiveThread& thread = LiveThread::own();
  Seat& seat = sit_down(thread, *question.slot.site);
  Ending ending;
  if (!has_room(thread, question.release)) {
    ending = refuse(question, Trap::kStackOverflow);
  } else if (thread.around != nullptr) {
    ending = run_inside(question, code, thread, *thread.around);
  } else {
    ending = run(question, code, thread, thread.outermost, nullptr);
  }
  seat.count(question.slot.id, ending.trap(), ending.fuel);
  if (ending.trap() != Trap::kNone) ending.source = answer_otherwise(question, thread);
  return ending;
}

/// After a trap: the handler may ask slots and take its time, so nothing is held meanwhile.
[[gnu::cold]] void end_section_and_tell(ReadSection section, Question question, runtime::Status status) {
  std::unique_ptr<TrapNews> news = trap_news(question.slot, question.release, status);
  {
    const ReadSection ended = std::move(section);
  }
  tell(question.slot, std::move(news));
}

/// In a section of its own, and telling of a trap.
[[gnu::cold, gnu::noinline]] Source ask_anyhow_once(const LiveSlot& slot, const LiveRelease* pinned,
                                                    const std::uint64_t* arguments, std::uint64_t* words) {
  ReadSection section;
  const Question question{slot, pinned != nullptr ? *pinned : slot.site->running_release(), arguments, {}, words};
  const Ending ending = ask_anyhow(question);
  close();
  if (ending.trap() != Trap::kNone) end_section_and_tell(std::move(section), question, ending.status);
  return ending.source;
}

}  // namespace

runtime::HostFunction LiveFunction::row() { return {.thunk = &enter_host, .context = this}; }

void ask(const LiveSlot& slot, const LiveRelease& release, const std::uint64_t* arguments, CallLimits limits,
         writ_answer& answer) noexcept {
  // Field by field: what is read back wider than it was written has to be waited for.
  const Ending ending = ask_anyhow({slot, release, arguments, limits, answer.words});
  answer.source = static_cast<std::uint8_t>(ending.source);
  answer.trap = static_cast<std::uint8_t>(ending.trap());
  answer.fuel = ending.fuel;
  answer.memory = ending.memory;
  answer.release = release.number();
  answer.status = ending.status;
}

// What ask_anyhow_once does, for a thread as most calls find it: in no call, and the last one was of this engine and tier.
// Everything else leads out of this function, so that all that it holds stays in registers.
Source ask_once(const LiveSlot& slot, const LiveRelease* pinned, const std::uint64_t* arguments,
                std::uint64_t* words) noexcept {
  LiveThread* const thread = live_thread;
  reclaim::StdSlot* const outsider = ReadSection::outsider();
  if (outsider == nullptr || thread == nullptr || !thread->is_idle_at(*slot.site->roster)) [[unlikely]]
    return ask_anyhow_once(slot, pinned, arguments, words);
  ReadSection section(*outsider);
  const jit::SlotCode* const slots = pinned != nullptr ? pinned->slots() : slot.site->running_slots();
  const Question question{slot, LiveRelease::of(slots), arguments, {}, words};
  const jit::SlotCode& code = slots[slot.id];
  if (code.call == nullptr || !has_room(*thread, question.release) || !thread->owns(question.release.owner()))
      [[unlikely]]
    return ask_anyhow_once(slot, pinned, arguments, words);
  const Ending ending = run(question, code, *thread, thread->outermost, nullptr);
  thread->last_seat().count(slot.id, ending.trap(), ending.fuel);
  thread->close_answer();
  if (ending.trap() == Trap::kNone) [[likely]]
    return ending.source;
  const Source source = answer_otherwise(question, *thread);
  end_section_and_tell(std::move(section), question, ending.status);
  return source;
}

runtime::StringStorage last_reason() noexcept { return LiveThread::own().outermost.reason; }

void close() noexcept {
  if (live_thread != nullptr) live_thread->close_answer();
}

// ---- news of traps -----------------------------------------------------------------------------

TrapPlace place_of(const LiveSlot& slot, const LiveRelease& release, runtime::Status status) {
  const support::Span span = host::place_of(release.program(), release.in_program(slot.id, status));
  return {.file = release.sources().file(span.source).name(), .place = release.sources().place(span)};
}

std::unique_ptr<TrapNews> trap_news(const LiveSlot& slot, const LiveRelease& release, runtime::Status status) noexcept {
  if (slot.site->trap_handler->call == nullptr || LiveThread::own().is_telling) return nullptr;
  const auto [file, place] = place_of(slot, release, status);
  return std::make_unique<TrapNews>(TrapNews{.slot = release.program().slots[slot.id].name,
                                             .file = std::string(file),
                                             .line = place.line,
                                             .column = place.column,
                                             .kind = runtime::status_trap(status),
                                             .release = release.number()});
}

void tell(const LiveSlot& slot, std::unique_ptr<TrapNews> news) {
  if (news == nullptr) return;
  const writ_trap trap{.slot = {news->slot.data(), news->slot.size()},
                       .kind = static_cast<std::uint8_t>(news->kind),
                       .file = {news->file.data(), news->file.size()},
                       .line = news->line,
                       .column = news->column,
                       .release = news->release};
  LiveThread::own().is_telling = true;
  slot.site->trap_handler->call(slot.site->trap_handler->context.get(), &trap);
  LiveThread::own().is_telling = false;
}

}  // namespace writ::host
