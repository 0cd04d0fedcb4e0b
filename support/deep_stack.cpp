#include "support/deep_stack.h"

#include <csignal>
#include <exception>
#include <utility>

#include "support/check.h"

namespace writ::support {

namespace {
constinit thread_local bool is_deep = false;
}

struct Errand {
  const std::function<void()>& work;
  std::exception_ptr thrown;
  bool done = false;

  void run() noexcept {
    is_deep = true;
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }
};

namespace {

constexpr std::size_t kDeepStackBytes = std::size_t{512} * 1024 * 1024;
constexpr std::size_t kReservedBytes = std::size_t{256} * 1024;

pthread_t start_deep(void* (*body)(void*), void* argument, const sigset_t* blocked) {
  pthread_attr_t attributes;
  pthread_t thread{};
  WRIT_CHECK(pthread_attr_init(&attributes) == 0);
  WRIT_CHECK(pthread_attr_setstacksize(&attributes, kDeepStackBytes) == 0);
  WRIT_CHECK(blocked == nullptr || pthread_attr_setsigmask_np(&attributes, blocked) == 0);
  WRIT_CHECK(pthread_create(&thread, &attributes, body, argument) == 0);
  pthread_attr_destroy(&attributes);
  return thread;
}

void* run_errand(void* errand) {
  // SAFETY: on_deep_stack passes its own Errand and waits for this thread.
  static_cast<Errand*>(errand)->run();
  return nullptr;
}

}  // namespace

void on_deep_stack(const std::function<void()>& work) {
  if (is_deep) return work();
  Errand errand{work, nullptr};
  WRIT_CHECK(pthread_join(start_deep(run_errand, &errand, nullptr), nullptr) == 0);
  if (errand.thrown) std::rethrow_exception(errand.thrown);
}

DeepThread::DeepThread(const char* name) {
  sigset_t all;
  sigfillset(&all);
  thread_ = start_deep(serve, this, &all);
  pthread_setname_np(thread_, name);
}

DeepThread::~DeepThread() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  WRIT_CHECK(pthread_join(thread_, nullptr) == 0);
}

void DeepThread::run(const std::function<void()>& work) {
  const std::scoped_lock turn(queue_);
  Errand errand{work, nullptr};
  {
    std::unique_lock lock(mutex_);
    errand_ = &errand;
    changed_.notify_all();
    changed_.wait(lock, [&] { return errand.done; });
  }
  if (errand.thrown) std::rethrow_exception(errand.thrown);
}

void* DeepThread::serve(void* self) {
  // SAFETY: the constructor passes itself, and the destructor waits for this thread.
  DeepThread& thread = *static_cast<DeepThread*>(self);
  std::unique_lock lock(thread.mutex_);
  while (true) {
    thread.changed_.wait(lock, [&] { return thread.errand_ != nullptr || thread.stopping_; });
    if (thread.errand_ == nullptr) return nullptr;
    Errand& errand = *std::exchange(thread.errand_, nullptr);
    lock.unlock();
    errand.run();
    lock.lock();
    errand.done = true;
    thread.changed_.notify_all();
  }
}

std::uintptr_t native_stack_end() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  std::size_t bytes = 0;
  WRIT_CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
  WRIT_CHECK(pthread_attr_getstack(&attributes, &lowest, &bytes) == 0);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uintptr_t>(lowest) + kReservedBytes;
}

}  // namespace writ::support
