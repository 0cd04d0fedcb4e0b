// One engine under test: three slots that one release answers together, and the journal of its releases.
#pragma once

#include <cstdint>
#include <writ/writ.hpp>

#include "tests/soak/journal.h"
#include "tests/soak/texts.h"

namespace writ::soak {

struct Group {
  using Question = Slot<std::int64_t(std::int64_t)>;

  explicit Group(std::uint64_t swaps) : journal(swaps) {
    engine.provide("hosted.wait_for_swaps", [this] { return wait_for_swaps(); });
  }
  /// In the middle of a call of `slow`: more swaps than releases are kept, so that the call alone keeps its release.
  [[nodiscard]] std::int64_t wait_for_swaps() {
    constexpr std::uint64_t kSwaps = 8;
    begun_before_waiting = journal.begun();
    journal.wait_for(kSwaps);
    return 0;
  }

  Journal journal;
  Engine engine{Schema::from_text(kSchema)};
  Question left{engine, "left"};
  Question right{engine, "right"};
  Question slow{engine, "slow"};
  std::uint64_t begun_before_waiting = 0;  // of the one thread that asks `slow`
};

}  // namespace writ::soak
