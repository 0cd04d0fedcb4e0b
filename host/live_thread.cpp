#include "host/live_thread.h"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "support/check.h"

namespace writ::host {

constinit thread_local LiveThread* live_thread = nullptr;

namespace {

/// What generated code leaves of a thread's stack to the built-ins that it calls.
constexpr std::size_t kBuiltinStackBytes = std::size_t{32} * 1024;

std::uintptr_t find_stack_end() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  std::size_t bytes = 0;
  WRIT_CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
  WRIT_CHECK(pthread_attr_getstack(&attributes, &lowest, &bytes) == 0);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uintptr_t>(lowest) + kBuiltinStackBytes;
}

void end_thread(void* thread) {
  live_thread = nullptr;
  delete static_cast<LiveThread*>(thread);
}

// A key and not a thread_local with a destructor: a plain pointer is read without a guard on each call.
pthread_key_t thread_key() {
  static const pthread_key_t kKey = [] {
    pthread_key_t key{};
    WRIT_CHECK(pthread_key_create(&key, end_thread) == 0);
    return key;
  }();
  return kKey;
}

}  // namespace

ArenaMemory::ArenaMemory(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory != MAP_FAILED) bytes_ = {static_cast<std::byte*>(memory), bytes};
}

ArenaMemory::~ArenaMemory() {
  if (bytes_.empty()) return;
  support::unpoison(bytes_.data(), bytes_.size());
  ::munmap(bytes_.data(), bytes_.size());
}

LiveThread::LiveThread() : stack_end(find_stack_end()) {
  emitted.reserve(support::limits::kEmittedCalls);
  emitted_words.reserve(support::limits::kEmittedCalls * support::limits::kCallWords);
}

void LiveThread::begin() noexcept {
  live_thread = new LiveThread;
  WRIT_CHECK(pthread_setspecific(thread_key(), live_thread) == 0);
}

Seat& LiveThread::find_seat(const std::shared_ptr<Roster>& roster, std::size_t arena_bytes) noexcept {
  // Inside another call `outermost` and the arena are that one's, whose quota bounds this one.
  if (around == nullptr) {
    last_roster_ = nullptr;
    if (arena_.bytes().size() < arena_bytes) {
      arena_ = ArenaMemory(arena_bytes);
      written_end_ = arena_.bytes().data();
    }
  }
  auto found = std::ranges::find_if(seats_, [&](const auto& seat) { return seat->is_of(*roster); });
  if (found == seats_.end()) {
    std::erase_if(seats_, [](const auto& seat) { return seat->is_abandoned(); });
    found = seats_.insert(seats_.end(), std::make_unique<Seat>(roster));
  }
  // While the arena is too small the next call looks again.
  if (around == nullptr && arena_.bytes().size() >= arena_bytes) {
    last_roster_ = roster.get();
    last_seat_ = found->get();
  }
  return **found;
}

void LiveThread::clear_for(std::uint64_t owner, std::byte* start) noexcept {
  if (written_end_ > start) {
    const auto bytes = static_cast<std::size_t>(written_end_ - start);
    support::unpoison(start, bytes);
    std::memset(start, 0, bytes);
  }
  written_end_ = std::min(written_end_, start);
  // A call inside another one's call leaves the values of both.
  owner_ = around != nullptr ? 0 : owner;
}

}  // namespace writ::host
