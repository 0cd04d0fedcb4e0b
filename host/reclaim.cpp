#include "host/reclaim.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <new>
#include <system_error>

#include "support/check.h"

namespace writ::host {

// ---- this process's readers ----------------------------------------------------------------------------------------

namespace reclaim {

constinit Readers<StdAtomics> readers;
constinit thread_local StdSlot* fast_slot = nullptr;

namespace {

// This thread's slot in either mode; null before the first section and after the thread's end has given it back.
constinit thread_local StdSlot* own_slot = nullptr;

long membarrier(int command) noexcept { return syscall(SYS_membarrier, command, 0, 0); }

// Chosen once, before the first announcement. Without the system call, callers fence by themselves.
bool asymmetric() noexcept {
  static const bool registered = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
  return registered;
}

void give_back(void* slot) noexcept {
  fast_slot = own_slot = nullptr;
  readers.give_back(*static_cast<StdSlot*>(slot));
}

// A key and not a thread_local with a destructor: its destructor runs after all of those, again if one of the last
// calls into a policy, and needs no memory of its own.
pthread_key_t thread_end() noexcept {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    WRIT_CHECK(pthread_key_create(&made, give_back) == 0);
    return made;
  }();
  return key;
}

StdSlot& register_thread() noexcept {
  StdSlot* slot = readers.take_free();
  if (slot == nullptr) {
    slot = new (std::nothrow) StdSlot;
    WRIT_CHECK(slot != nullptr);
    readers.add(*slot);
  }
  WRIT_CHECK(pthread_setspecific(thread_end(), slot) == 0);
  own_slot = slot;
  if (asymmetric()) fast_slot = slot;
  return *slot;
}

bool in_section() noexcept {
  return own_slot != nullptr && own_slot->announced.load(std::memory_order_relaxed) != kOutside;
}

}  // namespace

Entered enter_slowly() noexcept {
  StdSlot& slot = own_slot != nullptr ? *own_slot : register_thread();
  const Entered entered{&slot, readers.enter(slot)};
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return entered;
}

void StdAtomics::heavy_fence() noexcept {
  if (!asymmetric()) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return;
  }
  // It can fail for want of memory, and in a process that has forbidden itself the call since: nothing is freed then.
  while (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

}  // namespace reclaim

// ---- releases ------------------------------------------------------------------------------------------------------

Retirable::Retirable(Reclaimer& reclaimer) noexcept : reclaimer_(reclaimer) {
  reclaimer_.live_.fetch_add(1, std::memory_order_relaxed);
}

Retirable::~Retirable() {
  WRIT_CHECK(!pinned());
  reclaimer_.live_.fetch_sub(1, std::memory_order_relaxed);
}

// ---- the thread that frees -----------------------------------------------------------------------------------------

namespace {

// A caller that leaves a section or drops a pin tells nobody: that is why it costs nothing. So while something waits
// for one, the thread looks again. Releases that come in between are gathered: a fence interrupts every processor that runs
// a thread of this process, and one serves for all of them.
constexpr std::chrono::milliseconds kPause{20};
constexpr std::size_t kGathered = 8;                    // releases, which are enough to begin with
constexpr std::chrono::microseconds kHurriedPause{50};  // while somebody waits for the end

// Signals are for the host's threads.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

std::expected<std::unique_ptr<Reclaimer>, std::string> Reclaimer::start() {
  std::unique_ptr<Reclaimer> reclaimer(new Reclaimer);
  const SignalsBlocked inherited;
  try {
    reclaimer->thread_ = std::thread(&Reclaimer::run, reclaimer.get());
  } catch (const std::system_error& error) {
    return std::unexpected(std::string("no thread to free releases on: ") + error.what());
  }
  pthread_setname_np(reclaimer->thread_.native_handle(), "writ-reclaim");
  return reclaimer;
}

Reclaimer::~Reclaimer() {
  if (!thread_.joinable()) return;
  WRIT_CHECK(!reclaim::in_section());
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
  WRIT_CHECK(live_.load(std::memory_order_relaxed) == 0);
}

void Reclaimer::retire(std::unique_ptr<Retirable> release) {
  WRIT_CHECK(&release->reclaimer_ == this);
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    arrived_.push_back(std::move(release));
    retired_.fetch_add(1, std::memory_order_relaxed);
    wakes = idle_ || arrived_.size() == kGathered;
  }
  if (wakes) work_.notify_one();
}

void Reclaimer::drain() {
  WRIT_CHECK(!reclaim::in_section() && std::this_thread::get_id() != thread_.get_id());
  std::unique_lock lock(mutex_);
  ++drainers_;
  work_.notify_one();
  drained_.wait(lock, [this] { return retired_.load(std::memory_order_relaxed) == 0; });
  --drainers_;
}

Reclaimer::Counters Reclaimer::counters() const noexcept {
  return {.live = live_.load(std::memory_order_relaxed),
          .retired = retired_.load(std::memory_order_relaxed),
          .freed = freed_.load(std::memory_order_relaxed)};
}

void Reclaimer::run() {
  reclaim::Limbo<reclaim::StdAtomics, std::unique_ptr<Retirable>> limbo(reclaim::readers);
  const auto has_work = [this] { return !arrived_.empty(); };
  const auto in_a_hurry = [this] { return stopping_ || drainers_ != 0; };
  const auto is_enough = [&] { return arrived_.size() >= kGathered || in_a_hurry(); };
  std::unique_lock lock(mutex_);
  while (!stopping_ || retired_.load(std::memory_order_relaxed) != 0) {
    if (limbo.empty()) {
      idle_ = true;
      work_.wait(lock, [&] { return has_work() || stopping_; });
      idle_ = false;
      work_.wait_for(lock, kPause, is_enough);
    } else if (in_a_hurry()) {
      work_.wait_for(lock, kHurriedPause, has_work);
    } else {
      work_.wait_for(lock, kPause, is_enough);
    }
    Releases arrived = std::exchange(arrived_, {});
    lock.unlock();
    if (!arrived.empty()) limbo.add(std::move(arrived));
    const std::size_t freed = limbo.free_unreachable();
    lock.lock();
    freed_.fetch_add(freed, std::memory_order_relaxed);
    retired_.fetch_sub(freed, std::memory_order_relaxed);
    if (retired_.load(std::memory_order_relaxed) == 0) drained_.notify_all();
  }
}

}  // namespace writ::host
