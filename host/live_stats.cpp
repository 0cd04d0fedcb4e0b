#include "host/live_stats.h"

#include <numeric>

namespace writ::host {

std::uint64_t SlotCounts::calls() const { return std::accumulate(endings.begin(), endings.end(), std::uint64_t{0}); }

Seat::Seat(std::shared_ptr<Roster> roster)
    : roster_(std::move(roster)), rows_(std::make_unique<Row[]>(roster_->left_.size())) {
  roster_->enter(*this);
}

Seat::~Seat() { roster_->leave(*this); }

bool Seat::is_abandoned() const { return roster_->is_abandoned_.load(std::memory_order_relaxed); }

void Roster::enter(Seat& seat) {
  const std::scoped_lock lock(mutex_);
  seats_.push_back(&seat);
}

void Roster::leave(Seat& seat) {
  const std::scoped_lock lock(mutex_);
  add_up(seat, left_);
  std::erase(seats_, &seat);
}

void Roster::add_up(const Seat& seat, std::vector<SlotCounts>& sums) {
  for (std::size_t slot = 0; slot < sums.size(); ++slot) {
    const Seat::Row& row = seat.rows_[slot];
    for (std::size_t i = 0; i < kEndings; ++i) {
      sums[slot].endings[i] += row.endings[i].load(std::memory_order_relaxed);
    }
    sums[slot].fuel += row.fuel.load(std::memory_order_relaxed);
  }
}

std::vector<SlotCounts> Roster::sum() const {
  const std::scoped_lock lock(mutex_);
  std::vector<SlotCounts> sums = left_;
  for (const Seat* const seat : seats_) add_up(*seat, sums);
  return sums;
}

}  // namespace writ::host
