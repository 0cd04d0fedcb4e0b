#include "tests/soak/caller.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>

namespace writ::soak {
namespace {

constexpr int kRoundsUnderOnePin = 64;
constexpr int kPlainAsksOfARound = 16;

/// Counts what does not hold; the first is also told.
void judge(bool holds, std::atomic<std::uint64_t>& count, const char* sentence) {
  if (holds) [[likely]]
    return;
  if (count.fetch_add(1, std::memory_order_relaxed) == 0) fmt::print(stderr, "soak: {}\n", sentence);
}

class Caller {
 public:
  Caller(Group& group, Counts& counts) : group_(group), journal_(group.journal), counts_(counts) {}
  ~Caller() { counts_.calls.fetch_add(static_cast<std::uint64_t>(calls_), std::memory_order_relaxed); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void ask_under_one_pin() {
    const std::uint64_t first = journal_.done();
    const Pin pin = group_.engine.pin();
    const std::uint64_t stamp = ask_pinned(group_.left, pin);
    was_current(stamp, first, "a release that was pinned was not current");
    for (int round = 0; round < kRoundsUnderOnePin; ++round) {
      for (int i = 0; i < kPlainAsksOfARound; ++i) {
        ask(group_.left);
        ask(group_.right);
      }
      ask_pair();
      judge(ask_pinned(group_.right, pin) == stamp, counts_.torn, "a release changed while it was pinned");
    }
    ask_with_reason();
  }

  void ask_slowly() {
    const std::uint64_t first = journal_.done();
    const auto stamp = static_cast<std::uint64_t>(group_.slow(++calls_));
    judge(journal_.was_current(stamp, first, group_.begun_before_waiting), counts_.failed,
          "a call did not finish on the release that it began with");
  }

 private:
  void ask(const Group::Question& slot) {
    const std::uint64_t first = journal_.done();
    was_current(stamp_of_answer(slot(++calls_)), first, "an answer is of no release that was current during its call");
  }

  void ask_pair() {
    const std::uint64_t first = journal_.done();
    const Pin pin = group_.engine.pin();
    const std::uint64_t left = ask_pinned(group_.left, pin);
    was_current(left, first, "a release that was pinned was not current");
    judge(left == ask_pinned(group_.right, pin), counts_.torn, "two releases answered under one pin");
  }

  std::uint64_t ask_pinned(const Group::Question& slot, const Pin& pin) { return stamp_of_answer(slot(pin, ++calls_)); }

  void ask_with_reason() {
    const std::uint64_t first = journal_.done();
    const auto result = group_.left.try_call(++calls_);
    if (!result) return judge(false, counts_.failed, "a call trapped");
    const std::uint64_t stamp = stamp_of_answer(**result);
    was_current(stamp, first, "an answer with a reason is of no release that was current during its call");
    judge(result->reason() == fmt::format("release {}", stamp), counts_.failed, "an answer has another one's reason");
  }

  /// Of an answer to the last question.
  std::uint64_t stamp_of_answer(std::int64_t answer) {
    judge(is_answer_to(answer, calls_), counts_.failed, "an answer is to another question");
    return stamp_of(answer);
  }

  void was_current(std::uint64_t stamp, std::uint64_t first, const char* sentence) {
    judge(journal_.was_current(stamp, first, journal_.begun()), counts_.failed, sentence);
  }

  Group& group_;
  const Journal& journal_;
  Counts& counts_;
  std::int64_t calls_ = 0;  // and the last question's argument
};

}  // namespace

void ask_all(const Groups& groups, const std::atomic<bool>& stop, Counts& counts) {
  while (!stop.load(std::memory_order_relaxed)) {
    for (const std::unique_ptr<Group>& group : groups) Caller(*group, counts).ask_under_one_pin();
  }
}

void ask_slowly(Group& group, const std::atomic<bool>& stop, Counts& counts) {
  while (!stop.load(std::memory_order_relaxed)) Caller(group, counts).ask_slowly();
}

}  // namespace writ::soak
