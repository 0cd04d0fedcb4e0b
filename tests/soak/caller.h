// The threads that ask, and judge each answer.
//
// In: groups, which have a release, asked in every way there is: plainly, under a pin of two calls, under a pin that lasts through
// many swaps, with a reason; one thread a group asks what waits inside its call until releases have come and gone. Out: counts
// of calls, of answers that were wrong, and of torn pairs. They run until they are told to stop.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "tests/soak/group.h"
#include "tests/soak/options.h"

namespace writ::soak {

using Groups = std::vector<std::unique_ptr<Group>>;

/// Asks all groups in turn.
void ask_all(const Groups& groups, const std::atomic<bool>& stop, Counts& counts);
/// Asks the slot of one group whose calls last through swaps.
void ask_slowly(Group& group, const std::atomic<bool>& stop, Counts& counts);

}  // namespace writ::soak
