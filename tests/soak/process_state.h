// What this process holds of the system, as /proc tells it.
#pragma once

#include <cstdint>

namespace writ::soak {

struct ProcessState {
  std::int64_t rss_kb = 0;
  std::int64_t maps = 0;
  std::int64_t fds = 0;
  std::int64_t threads = 0;
};

[[nodiscard]] ProcessState process_state();

}  // namespace writ::soak
