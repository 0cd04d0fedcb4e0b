// host/reclaim_protocol.h under relacy: the very code that runs in production, over atomics that return every value the
// C++ memory model allows. One thread publishes, retires and frees; two others call, nest, pin, end and begin again.
//
// The two halves of the asymmetric fence are sequentially consistent fences here. That is what WG21 P1202 says a light
// and a heavy one are to each other; that membarrier really is one says models/reclaim.pml.
// usage: reclaim_relacy EXECUTIONS; status 1 when one of them went wrong, with its history.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "host/reclaim_protocol.h"
#include "relacy/relacy.hpp"

// relacy's header makes macros of the names that std::memory_order has.
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst

namespace {

namespace reclaim = writ::host::reclaim;

rl::memory_order relacy_order(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return rl::mo_relaxed;
    case std::memory_order_consume:
      return rl::mo_consume;
    case std::memory_order_acquire:
      return rl::mo_acquire;
    case std::memory_order_release:
      return rl::mo_release;
    case std::memory_order_acq_rel:
      return rl::mo_acq_rel;
    case std::memory_order_seq_cst:
      return rl::mo_seq_cst;
  }
  std::abort();
}

// std::atomic's face on relacy's.
template <class T>
class Word {
 public:
  Word(T value) : cell_(value) {}  // NOLINT(google-explicit-constructor): as std::atomic's
  T load(std::memory_order order) const { return cell_.load(relacy_order(order), $); }
  void store(T value, std::memory_order order) { cell_.store(value, relacy_order(order), $); }
  T exchange(T value, std::memory_order order) { return cell_.exchange(value, relacy_order(order), $); }
  T fetch_add(T value, std::memory_order order) { return cell_.fetch_add(value, relacy_order(order), $); }
  T fetch_sub(T value, std::memory_order order) { return cell_.fetch_sub(value, relacy_order(order), $); }
  bool compare_exchange_weak(T& expected, T value, std::memory_order success, std::memory_order failure) {
    return cell_.compare_exchange_weak(expected, value, relacy_order(success), $, relacy_order(failure), $);
  }

 private:
  rl::atomic<T> cell_;
};

struct ModelAtomics {
  template <class T>
  using Word = ::Word<T>;
  static void light_fence() { rl::atomic_thread_fence(rl::mo_seq_cst, $); }
  static void heavy_fence() { rl::atomic_thread_fence(rl::mo_seq_cst, $); }
};

using Readers = reclaim::Readers<ModelAtomics>;

struct Release {
  reclaim::Pins<ModelAtomics> pins;
  rl::var<bool> alive{true};  // relacy reports accesses to it that nothing orders
  [[nodiscard]] bool pinned() const { return pins.any(); }
};

// What is freed stays readable, so that who reads it is caught.
struct Bury {
  void operator()(Release* release) const { release->alive($) = false; }
};

constexpr int kSwaps = 3;
constexpr int kReaders = 2;

struct Swaps : rl::test_suite<Swaps, 1 + kReaders> {
  Readers readers;
  Readers::Slot slots[2 * kReaders];
  Word<int> slots_used{0};
  Release releases[kSwaps + 1];
  Word<Release*> current{&releases[0]};
  reclaim::Limbo<ModelAtomics, std::unique_ptr<Release, Bury>> limbo{readers};

  void thread(unsigned index) {
    if (index == 0) {
      for (int swap = 1; swap <= kSwaps; ++swap) replace(releases[swap - 1], releases[swap]);
    } else {
      for (int life = 0; life < 2; ++life) live();
    }
  }

  // Once all callers are gone, all that was retired can go.
  void after() {
    limbo.free_unreachable();
    RL_ASSERT(limbo.empty());
    RL_ASSERT(releases[kSwaps].alive($));
  }

  void replace(Release& old, Release& next) {
    current.store(&next, std::memory_order_release);
    retire(old);
    limbo.free_unreachable();
  }

  void retire(Release& release) {
    std::vector<std::unique_ptr<Release, Bury>> retired;
    retired.emplace_back(&release);
    limbo.add(std::move(retired));
  }

  // What a thread does from its first call to its end.
  void live() {
    Readers::Slot* slot = readers.take_free();
    if (slot == nullptr) readers.add(*(slot = &slots[slots_used.fetch_add(1, std::memory_order_relaxed)]));
    switch (rl::rand(3)) {
      case 0:
        plain_call(*slot);
        break;
      case 1:
        nested_call(*slot);
        break;
      case 2:
        pinned_call(*slot);
        break;
    }
    readers.give_back(*slot);
  }

  void plain_call(Readers::Slot& slot) {
    const bool outermost = readers.enter(slot);
    use(*current.load(std::memory_order_acquire));
    readers.leave(slot, outermost);
  }

  void nested_call(Readers::Slot& slot) {
    const bool outermost = readers.enter(slot);
    Release& release = *current.load(std::memory_order_acquire);
    plain_call(slot);
    use(release);
    readers.leave(slot, outermost);
  }

  void pinned_call(Readers::Slot& slot) {
    const bool outermost = readers.enter(slot);
    Release& release = *current.load(std::memory_order_acquire);
    release.pins.pin();
    readers.leave(slot, outermost);
    use(release);
    release.pins.unpin();
  }

  static void use(Release& release) { RL_ASSERT(release.alive($)); }
};

}  // namespace

int main(int argc, char** argv) {
  rl::test_params parameters;
  parameters.iteration_count = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (parameters.iteration_count == 0) return 2;
  parameters.search_type = rl::sched_random;
  return rl::simulate<Swaps>(parameters) ? 0 : 1;
}
