// How a retired release is freed only when no caller can hold it: epoch-based reclamation (K. Fraser, "Practical
// lock-freedom", 2004) with an asymmetric fence (WG21 P1202), and counted pins for what outlives a call.
//
// In: a policy `Atomics`, that is a type of atomic word and the two halves of the fence. host/reclaim.h runs this code
// over std::atomic, models/reclaim_relacy.cpp runs the very same over relacy's; models/reclaim.pml says it once more
// for Spin.
// Out: what a caller does (enter, leave, pin), what the reclaimer does (Limbo). Not here: threads, waiting, memory, and
// the pointer that is published, which is stored with release before `advance` and loaded with acquire between `enter`
// and `leave`.
//
// ThreadSanitizer needs no annotation here. It reports pairs of accesses that no release and acquire order, and all
// that a release's freeing must come after is ordered by such pairs: `leave` and `enter` release what `oldest`
// acquires, `unpin` releases what `any` acquires, and the queue of the retired is a mutex. What it cannot see is the
// membarrier: that a caller's announcement is not overtaken by its load of the pointer. Nothing is ordered by that
// which TSan would otherwise report, and a missing fence escapes it. That is what the models are for.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace writ::host::reclaim {

/// Counts grace periods. 64 bits do not wrap.
using Epoch = std::uint64_t;
inline constexpr Epoch kOutside = 0;  // announced by a thread in no section
inline constexpr Epoch kNobody = std::numeric_limits<Epoch>::max();

/// One thread's announcement, on a cache line of its own.
template <class Atomics>
struct alignas(64) ReaderSlot {
  typename Atomics::template Word<Epoch> announced{kOutside};  // written by the thread that has the slot
  typename Atomics::template Word<bool> taken{true};
  ReaderSlot* next = nullptr;  // constant once the slot is in the list
};

/// All threads that read, and the epoch they announce. Slots are added and reused, never removed.
template <class Atomics>
class Readers {
 public:
  using Slot = ReaderSlot<Atomics>;

  /// Begins a section of the thread that has `slot`; says whether it is the outermost, which alone announces. Hand that
  /// to `leave`.
  [[nodiscard]] bool enter(Slot& slot) noexcept {
    if (is_inside(slot)) return false;
    announce(slot);
    return true;
  }
  [[nodiscard]] static bool is_inside(const Slot& slot) noexcept {
    return slot.announced.load(std::memory_order_relaxed) != kOutside;
  }
  /// The same for a thread that is not inside.
  void announce(Slot& slot) noexcept {
    // acquire: whoever announces an epoch sees all that was published before it began. release: whoever sees this
    // announcement and not the end of the section before knows that one to be over.
    slot.announced.store(epoch_.load(std::memory_order_acquire), std::memory_order_release);
    Atomics::light_fence();
  }

  void leave(Slot& slot, bool outermost) noexcept {
    if (outermost) slot.announced.store(kOutside, std::memory_order_release);
  }

  /// A slot that another thread has given back, or null: then `add` a new one.
  Slot* take_free() noexcept {
    for (Slot* slot = first_.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
      if (!slot->taken.load(std::memory_order_relaxed) && !slot->taken.exchange(true, std::memory_order_acquire)) {
        return slot;
      }
    }
    return nullptr;
  }

  /// `slot` is the caller's from the start and stays in the list for good.
  void add(Slot& slot) noexcept {
    slot.next = first_.load(std::memory_order_relaxed);
    while (!first_.compare_exchange_weak(slot.next, &slot, std::memory_order_acq_rel, std::memory_order_relaxed)) {
    }
  }

  /// By a thread that ends, even one that was torn out of a section.
  void give_back(Slot& slot) noexcept {
    slot.announced.store(kOutside, std::memory_order_release);
    slot.taken.store(false, std::memory_order_release);
  }

  /// Begins an epoch. A section that can hold what was unpublished before the call announces an older one, and `oldest`
  /// sees it until it is over.
  Epoch advance() noexcept {
    const Epoch epoch = epoch_.fetch_add(1, std::memory_order_acq_rel) + 1;
    Atomics::heavy_fence();
    return epoch;
  }

  /// The least epoch that a running section announces.
  [[nodiscard]] Epoch oldest() const noexcept {
    Epoch oldest = kNobody;
    for (const Slot* slot = first_.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
      const Epoch announced = slot->announced.load(std::memory_order_acquire);
      if (announced != kOutside) oldest = std::min(oldest, announced);
    }
    return oldest;
  }

 private:
  alignas(64) typename Atomics::template Word<Epoch> epoch_{kOutside + 1};
  typename Atomics::template Word<Slot*> first_{nullptr};
};

/// Counts the pins on a release.
template <class Atomics>
class Pins {
 public:
  /// Within a section that read the pointer to the release, or while another pin holds it.
  void pin() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  /// The last touch of the release by whoever held the pin.
  void unpin() noexcept { count_.fetch_sub(1, std::memory_order_release); }
  [[nodiscard]] bool any() const noexcept { return count_.load(std::memory_order_acquire) != 0; }

 private:
  typename Atomics::template Word<std::uint64_t> count_{0};
};

/// The retired that may still be held, in the order in which they were. One thread's own. An Owner is a smart pointer
/// to what can say whether it is `pinned()`.
template <class Atomics, class Owner>
class Limbo {
 public:
  explicit Limbo(Readers<Atomics>& readers) : readers_(readers) {}

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  /// All were unpublished before the call; one fence for all of them.
  void add(std::vector<Owner> retired) {
    const Epoch epoch = readers_.advance();
    for (Owner& release : retired) entries_.push_back({std::move(release), epoch});
  }

  /// Frees what nobody can hold any more; says how many.
  std::size_t free_unreachable() {
    // INVARIANT: pins are looked at after the epochs. A section that could add the first pin is then over, and its pin
    // seen.
    const Epoch oldest = readers_.oldest();
    return std::erase_if(entries_,
                         [&](const Entry& entry) { return entry.since <= oldest && !entry.release->pinned(); });
  }

 private:
  struct Entry {
    Owner release;
    Epoch since;  // sections that announce this or more cannot hold it
  };

  Readers<Atomics>& readers_;
  std::vector<Entry> entries_;
};

}  // namespace writ::host::reclaim
