#include "host/deep_stack.h"

#include <pthread.h>

#include <exception>

#include "support/check.h"

namespace writ::host {
namespace {

constexpr std::size_t kDeepStackBytes = std::size_t{512} * 1024 * 1024;
constexpr std::size_t kReservedBytes = std::size_t{256} * 1024;

struct Errand {
  const std::function<void()>& work;
  std::exception_ptr thrown;
};

void* run(void* argument) {
  // SAFETY: on_deep_stack passes its own Errand and waits for this thread.
  Errand& errand = *static_cast<Errand*>(argument);
  try {
    errand.work();
  } catch (...) {
    errand.thrown = std::current_exception();
  }
  return nullptr;
}

}  // namespace

void on_deep_stack(const std::function<void()>& work) {
  Errand errand{work, nullptr};
  pthread_attr_t attributes;
  pthread_t thread{};
  WRIT_CHECK(pthread_attr_init(&attributes) == 0);
  WRIT_CHECK(pthread_attr_setstacksize(&attributes, kDeepStackBytes) == 0);
  WRIT_CHECK(pthread_create(&thread, &attributes, run, &errand) == 0);
  pthread_attr_destroy(&attributes);
  WRIT_CHECK(pthread_join(thread, nullptr) == 0);
  if (errand.thrown) std::rethrow_exception(errand.thrown);
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

}  // namespace writ::host
