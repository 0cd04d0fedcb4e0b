// A thread with a deep stack of known size, for calls whose depth only a policy's metered stack bounds.
//
// The reference interpreter recurses over the program in C++; with this much room the metered stack of every tier ends a call
// before the thread's own stack does. Pages are committed as they are touched.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

namespace writ::support {

/// Runs `work` on such a thread and waits for it; what it throws comes out here. On such a thread already: at once.
void on_deep_stack(const std::function<void()>& work);

/// Such a thread that stays, for work that comes again and again: memory that the allocator gave to a thread, and what the thread
/// keeps for next time, are then there once and not anew wherever the allocator puts a new thread. It takes no signals.
class DeepThread {
 public:
  /// `name`: for people, at most 15 bytes.
  explicit DeepThread(const char* name);
  ~DeepThread();
  DeepThread(const DeepThread&) = delete;
  DeepThread& operator=(const DeepThread&) = delete;

  /// As on_deep_stack; callers queue behind one another. Not from its own work.
  void run(const std::function<void()>& work);

 private:
  static void* serve(void* self);

  std::mutex queue_;  // held by whoever's work it does
  std::mutex mutex_;
  std::condition_variable changed_;
  struct Errand* errand_ = nullptr;  // what there is to do
  bool stopping_ = false;
  pthread_t thread_{};
};

/// Below this address the current thread's stack must not go: its end, and room for what a built-in needs.
[[nodiscard]] std::uintptr_t native_stack_end();

}  // namespace writ::support
