#include "host/budget.h"

#include <sys/random.h>

#include "support/check.h"

namespace writ::host {

std::uint64_t hash_seed() {
  static const std::uint64_t kSeed = [] {
    std::uint64_t seed = 0;
    WRIT_CHECK(::getrandom(&seed, sizeof seed, 0) == sizeof seed);
    return seed;
  }();
  return kSeed;
}

}  // namespace writ::host
