// How plain calls read the current release without waiting, and how retired releases are freed behind their backs.
//
// In: a ReadSection around each call, a Pin where a release must outlive one, and `retire` by whoever has unpublished a
// release.
// Out: the release's destructor runs on the reclaimer's thread after the last section and the last pin that can hold
// it. Callers never wait, neither does who retires. Not here: the published pointer (jit::Program), and which releases
// are kept for rollback: those are not retired yet. docs/decisions/0005-epochs.md has the reasons and the figures.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/reclaim_protocol.h"

namespace writ::host {

namespace reclaim {

struct StdAtomics {
  template <class T>
  using Word = std::atomic<T>;
  /// Keeps the compiler from moving the load of the pointer before the announcement. `heavy_fence` makes every
  /// processor that runs a thread of this process obey, when it matters.
  static void light_fence() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }
  static void heavy_fence() noexcept;
};

using StdSlot = ReaderSlot<StdAtomics>;

// Of the process, not of an engine: a thread announces once that it is in a call, whichever engine it calls.
extern constinit Readers<StdAtomics> readers;

/// This thread's slot. Null before its first section, and for ever where the kernel has no membarrier. Initial-exec:
/// one load from the thread's own block instead of a call (8 bytes of the static TLS that a late-loaded library
/// shares).
[[gnu::tls_model("initial-exec")]] extern constinit thread_local StdSlot* fast_slot;

/// A thread in a section.
struct Entered {
  StdSlot* slot;
  bool outermost;
};

/// The way in without a `fast_slot`: registers the thread when it is new, and fences.
[[gnu::cold]] Entered enter_slowly() noexcept;

}  // namespace reclaim

/// While it stands, no release that its thread finds published is freed. Nests; no allocation after a thread's first.
/// Keep it short, a Pin may last: a section delays every release that is retired before it ends.
class ReadSection {
 public:
  ReadSection() noexcept : entered_(enter()) {}
  /// Of a thread that `outsider` was found for, and none has been begun since.
  explicit ReadSection(reclaim::StdSlot& outsider) noexcept : entered_{&outsider, true} {
    reclaim::readers.announce(outsider);
  }
  ReadSection(ReadSection&& other) noexcept
      : entered_{other.entered_.slot, std::exchange(other.entered_.outermost, false)} {}
  ReadSection& operator=(ReadSection&&) = delete;
  ~ReadSection() { reclaim::readers.leave(*entered_.slot, entered_.outermost); }

  /// What makes the calling thread's next section cheaper still; null while it is in one, before its first, and where the kernel
  /// has no membarrier.
  [[nodiscard]] static reclaim::StdSlot* outsider() noexcept {
    reclaim::StdSlot* const slot = reclaim::fast_slot;
    return slot != nullptr && !decltype(reclaim::readers)::is_inside(*slot) ? slot : nullptr;
  }

 private:
  static reclaim::Entered enter() noexcept {
    reclaim::StdSlot* const slot = reclaim::fast_slot;
    if (slot == nullptr) [[unlikely]]
      return reclaim::enter_slowly();
    return {slot, reclaim::readers.enter(*slot)};
  }
  reclaim::Entered entered_;  // outermost: false once moved from
};

class Reclaimer;

/// What callers reach through a published pointer; derive from it. Dies by its owner's hand while callers have never
/// seen it, by `Reclaimer::retire` afterwards.
class Retirable {
 public:
  Retirable(const Retirable&) = delete;
  Retirable& operator=(const Retirable&) = delete;
  virtual ~Retirable();
  [[nodiscard]] bool pinned() const noexcept { return pins_.any(); }

 protected:
  /// `reclaimer` outlives it.
  explicit Retirable(Reclaimer& reclaimer) noexcept;

 private:
  friend class Pin;
  friend class Reclaimer;
  mutable reclaim::Pins<reclaim::StdAtomics> pins_;
  Reclaimer& reclaimer_;
};

/// Holds one release, and delays no other. May last, be copied, and change threads.
class Pin {
 public:
  /// Within the ReadSection in which `release` was found published, or while another Pin holds it.
  explicit Pin(const Retirable& release) noexcept : release_(&release) { release_->pins_.pin(); }
  Pin(const Pin& other) noexcept : release_(other.release_) {
    if (release_ != nullptr) release_->pins_.pin();
  }
  Pin(Pin&& other) noexcept : release_(std::exchange(other.release_, nullptr)) {}
  Pin& operator=(Pin other) noexcept {
    std::swap(release_, other.release_);
    return *this;
  }
  ~Pin() {
    if (release_ != nullptr) release_->pins_.unpin();
  }

 private:
  const Retirable* release_;  // null once moved from
};

/// Frees retired releases on a thread of its own. Thread-safe.
class Reclaimer {
 public:
  /// Each is exact by itself; together they are no snapshot.
  struct Counters {
    std::uint64_t live;     // releases that exist, retired or not
    std::uint64_t retired;  // of those, the ones that only sections and pins keep
    std::uint64_t freed;    // since the start
  };

  /// An error is the system's: no thread could be started.
  [[nodiscard]] static std::expected<std::unique_ptr<Reclaimer>, std::string> start();
  /// Waits until all that is retired is freed; nothing else may be live. Not from within a section.
  ~Reclaimer();
  Reclaimer(const Reclaimer&) = delete;
  Reclaimer& operator=(const Reclaimer&) = delete;

  /// INVARIANT: no new section finds `release` published when this is called; sections and pins that hold it may go on.
  /// From anywhere: from within a section (that of a host function that publishes), from a release's destructor.
  void retire(std::unique_ptr<Retirable> release);

  /// Waits until nothing is retired: for running sections and for pins. Not from within a section.
  void drain();

  [[nodiscard]] Counters counters() const noexcept;

 private:
  using Releases = std::vector<std::unique_ptr<Retirable>>;
  friend class Retirable;

  Reclaimer() = default;
  void run();

  std::mutex mutex_;  // never held while anything is waited for or freed
  std::condition_variable work_;
  std::condition_variable drained_;
  // Guarded by mutex_:
  Releases arrived_;   // retired, not yet seen by the thread
  bool idle_ = false;  // the thread waits for the first arrival
  bool stopping_ = false;
  int drainers_ = 0;  // threads in drain()

  std::atomic<std::uint64_t> live_{0};
  std::atomic<std::uint64_t> retired_{0};  // written under mutex_
  std::atomic<std::uint64_t> freed_{0};
  std::thread thread_;
};

}  // namespace writ::host
