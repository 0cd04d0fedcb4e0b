// How releases are freed. The laws of the protocol are checked step by step on readers of the test's own; what takes
// threads is bounded by counts, and what a broken protocol would free too early is a body whose canary dies with its
// release, in memory that stays.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "host/reclaim.h"

namespace writ::host {
namespace {

// What callers read of a release.
struct Body {
  std::atomic<bool> alive{false};
  int answer = 0;  // plain on purpose: ThreadSanitizer watches the hand-over
};

class Release final : public Retirable {
 public:
  Release(Reclaimer& reclaimer, Body& body, int answer) : Retirable(reclaimer), body_(body) {
    body_.answer = answer;
    body_.alive.store(true, std::memory_order_relaxed);
  }
  ~Release() override {
    body_.alive.store(false, std::memory_order_relaxed);
    body_.answer = -1;
  }

 private:
  Body& body_;
};

std::unique_ptr<Reclaimer> started() {
  auto reclaimer = Reclaimer::start();
  EXPECT_TRUE(reclaimer.has_value());
  return std::move(*reclaimer);
}

// ---- the protocol, step by step ----

struct Pinnable {
  reclaim::Pins<reclaim::StdAtomics> pins;
  [[nodiscard]] bool pinned() const { return pins.any(); }
};

struct Protocol {
  reclaim::Readers<reclaim::StdAtomics> readers;
  reclaim::StdSlot slot;
  reclaim::Limbo<reclaim::StdAtomics, std::unique_ptr<Pinnable>> limbo{readers};

  Protocol() { readers.add(slot); }
  Pinnable& retire() {
    std::vector<std::unique_ptr<Pinnable>> retired;
    retired.push_back(std::make_unique<Pinnable>());
    Pinnable& release = *retired.back();
    limbo.add(std::move(retired));
    return release;
  }
};

TEST(ReclaimProtocol, SectionDelaysWhatIsRetiredBeforeItEnds) {
  Protocol protocol;
  const bool outer = protocol.readers.enter(protocol.slot);
  protocol.retire();
  protocol.retire();
  EXPECT_EQ(protocol.limbo.free_unreachable(), 0);
  protocol.readers.leave(protocol.slot, outer);
  EXPECT_EQ(protocol.limbo.free_unreachable(), 2);
}

TEST(ReclaimProtocol, SectionDoesNotDelayWhatWasRetiredBeforeIt) {
  Protocol protocol;
  protocol.retire();
  const bool outer = protocol.readers.enter(protocol.slot);
  protocol.retire();
  EXPECT_EQ(protocol.limbo.free_unreachable(), 1);
  protocol.readers.leave(protocol.slot, outer);
  EXPECT_EQ(protocol.limbo.free_unreachable(), 1);
}

TEST(ReclaimProtocol, OutermostSectionCounts) {
  Protocol protocol;
  const bool outer = protocol.readers.enter(protocol.slot);
  protocol.retire();
  const bool inner = protocol.readers.enter(protocol.slot);
  EXPECT_EQ(protocol.limbo.free_unreachable(), 0);
  protocol.readers.leave(protocol.slot, inner);
  EXPECT_EQ(protocol.limbo.free_unreachable(), 0);
  protocol.readers.leave(protocol.slot, outer);
  EXPECT_EQ(protocol.limbo.free_unreachable(), 1);
}

TEST(ReclaimProtocol, PinDelaysItsOwnReleaseOnly) {
  Protocol protocol;
  Pinnable& first = protocol.retire();
  first.pins.pin();
  first.pins.pin();
  protocol.retire();
  EXPECT_EQ(protocol.limbo.free_unreachable(), 1);
  first.pins.unpin();
  EXPECT_EQ(protocol.limbo.free_unreachable(), 0);
  first.pins.unpin();
  EXPECT_EQ(protocol.limbo.free_unreachable(), 1);
}

TEST(ReclaimProtocol, ThreadThatEndsInASectionDelaysNothing) {
  Protocol protocol;
  static_cast<void>(protocol.readers.enter(protocol.slot));
  protocol.retire();
  protocol.readers.give_back(protocol.slot);
  EXPECT_EQ(protocol.limbo.free_unreachable(), 1);
}

TEST(ReclaimProtocol, SlotsAreReused) {
  Protocol protocol;
  EXPECT_EQ(protocol.readers.take_free(), nullptr);
  protocol.readers.give_back(protocol.slot);
  EXPECT_EQ(protocol.readers.take_free(), &protocol.slot);
  EXPECT_EQ(protocol.readers.take_free(), nullptr);
}

// ---- with threads ----

TEST(Reclaim, RetiredReleaseIsFreedAndCounted) {
  const auto reclaimer = started();
  Body body;
  auto release = std::make_unique<Release>(*reclaimer, body, 7);
  EXPECT_EQ(reclaimer->counters().live, 1);
  reclaimer->retire(std::move(release));
  reclaimer->drain();
  EXPECT_FALSE(body.alive);
  const Reclaimer::Counters counters = reclaimer->counters();
  EXPECT_EQ(counters.live, 0);
  EXPECT_EQ(counters.retired, 0);
  EXPECT_EQ(counters.freed, 1);
}

TEST(Reclaim, ReleaseNeverPublishedNeedsNoReclaimer) {
  const auto reclaimer = started();
  Body body;
  {
    const Release refused(*reclaimer, body, 7);
  }
  EXPECT_EQ(reclaimer->counters().live, 0);
  EXPECT_EQ(reclaimer->counters().freed, 0);
}

TEST(Reclaim, RetiringWithinASectionThatStandsInTheRelease) {
  const auto reclaimer = started();
  Body body;
  {
    const ReadSection call;
    reclaimer->retire(std::make_unique<Release>(*reclaimer, body, 7));
    const ReadSection nested;
    EXPECT_TRUE(body.alive);
    EXPECT_EQ(body.answer, 7);
  }
  reclaimer->drain();
  EXPECT_FALSE(body.alive);
}

TEST(Reclaim, PinDelaysItsReleaseAndNoOtherAndChangesThreads) {
  const auto reclaimer = started();
  Body pinned_body, other_body;
  auto release = std::make_unique<Release>(*reclaimer, pinned_body, 1);
  std::optional<Pin> pin;
  {
    const ReadSection call;
    pin.emplace(*release);
  }
  reclaimer->retire(std::move(release));
  reclaimer->retire(std::make_unique<Release>(*reclaimer, other_body, 2));
  while (reclaimer->counters().freed == 0) std::this_thread::yield();
  EXPECT_FALSE(other_body.alive);
  EXPECT_TRUE(pinned_body.alive);
  std::thread([last = std::move(*pin)] { std::optional<Pin> copy(last); }).join();
  pin.reset();
  reclaimer->drain();
  EXPECT_FALSE(pinned_body.alive);
}

TEST(Reclaim, DestructorOfAReleaseMayRetireAnother) {
  struct Chain final : Retirable {
    Chain(Reclaimer& reclaimer, Body& body) : Retirable(reclaimer), owner(reclaimer), last(body) {}
    ~Chain() override { owner.retire(std::make_unique<Release>(owner, last, 2)); }
    Reclaimer& owner;
    Body& last;
  };
  Body body;
  auto reclaimer = started();
  reclaimer->retire(std::make_unique<Chain>(*reclaimer, body));
  reclaimer.reset();  // waits for both
  EXPECT_FALSE(body.alive);
  EXPECT_EQ(body.answer, -1);
}

TEST(Reclaim, EndedThreadsGiveTheirSlotsBack) {
  constexpr int kGenerations = 1000;
  std::set<const void*> slots;
  for (int generation = 0; generation < kGenerations; ++generation) {
    const void *first = nullptr, *second = nullptr;
    const auto call = [](const void*& slot) {
      const ReadSection section;
      slot = reclaim::fast_slot;
    };
    std::thread one(call, std::ref(first)), other(call, std::ref(second));
    one.join();
    other.join();
    slots.insert({first, second});
  }
  // Those that tests before this one left, and at most two more.
  EXPECT_LE(slots.size(), 16);
}

TEST(Reclaim, ForkInTheMiddleIsSafeForTheParent) {
  const auto reclaimer = started();
  Body body;
  {
    const ReadSection call;
    reclaimer->retire(std::make_unique<Release>(*reclaimer, body, 7));
    const pid_t child = fork();
    if (child == 0) {
      const ReadSection nested;
      _exit(body.alive && body.answer == 7 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(body.alive);
  }
  reclaimer->drain();
  EXPECT_FALSE(body.alive);
}

// ---- many swaps under many calls ----

constexpr int kSwaps = 5'000;
constexpr std::uint64_t kBacklog = 8;

// Publishes one release after another while threads call. A call is wrong when what it found is dead before its end.
class Stress {
 public:
  explicit Stress(int swaps) : bodies_(static_cast<std::size_t>(swaps) + 1), releases_(bodies_.size()) {}

  [[nodiscard]] std::uint64_t wrong_calls() {
    publish(0);
    std::vector<std::thread> callers;
    for (const auto call : {&Stress::plain_call, &Stress::nested_call, &Stress::pinned_call}) {
      callers.emplace_back([this, call] {
        // At least one, whatever the scheduler does.
        do {
          if (!(this->*call)()) wrong_.fetch_add(1, std::memory_order_relaxed);
        } while (!stopping_.load(std::memory_order_relaxed));
      });
    }
    for (std::size_t number = 1; number < bodies_.size(); ++number) publish(number);
    stopping_.store(true, std::memory_order_relaxed);
    for (std::thread& caller : callers) caller.join();
    reclaimer_->retire(std::move(published_));
    reclaimer_->drain();
    EXPECT_EQ(reclaimer_->counters().freed, bodies_.size());
    return wrong_.load(std::memory_order_relaxed);
  }

 private:
  void publish(std::size_t number) {
    auto next = std::make_unique<Release>(*reclaimer_, bodies_[number], static_cast<int>(number));
    releases_[number] = next.get();
    current_.store(number, std::memory_order_release);
    auto replaced = std::exchange(published_, std::move(next));
    if (replaced != nullptr) reclaimer_->retire(std::move(replaced));
    // Lets the reclaimer keep up, so that releases are freed under calls and not after them.
    while (reclaimer_->counters().retired > kBacklog) std::this_thread::yield();
  }

  [[nodiscard]] std::size_t current() const { return current_.load(std::memory_order_acquire); }

  // Reads through the body and not through the release, whose memory is gone when the protocol is broken.
  [[nodiscard]] bool answers(std::size_t number) const {
    for (int turn = 0; turn < 20; ++turn) {
      const Body& body = bodies_[number];
      if (!body.alive.load(std::memory_order_relaxed) || body.answer != static_cast<int>(number)) return false;
    }
    return true;
  }

  bool plain_call() {
    const ReadSection call;
    return answers(current());
  }

  bool nested_call() {
    const ReadSection call;
    const std::size_t outer = current();
    return plain_call() && answers(outer);
  }

  bool pinned_call() {
    std::optional<Pin> pin;
    std::size_t number;
    {
      const ReadSection call;
      number = current();
      pin.emplace(*releases_[number]);
    }
    std::this_thread::yield();
    return answers(number);
  }

  std::unique_ptr<Reclaimer> reclaimer_ = started();
  std::vector<Body> bodies_;
  std::vector<const Release*> releases_;
  std::unique_ptr<Release> published_;
  std::atomic<std::size_t> current_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> wrong_{0};
};

TEST(Reclaim, CallsNeverFindAFreedRelease) { EXPECT_EQ(Stress(kSwaps).wrong_calls(), 0); }

// As under a kernel without the system call.
void forbid_membarrier() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {.len = std::size(filter), .filter = filter};
  ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

TEST(ReclaimDeathTest, CallersFenceThemselvesWhereThereIsNoMembarrier) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own: the choice is made once in each
  const auto stress_without_membarrier = [] {
    forbid_membarrier();
    const bool held = Stress(kSwaps).wrong_calls() == 0;
    const ReadSection call;
    std::exit(held && reclaim::fast_slot == nullptr ? 0 : 1);
  };
  EXPECT_EXIT(stress_without_membarrier(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace writ::host
