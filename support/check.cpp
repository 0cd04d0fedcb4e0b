#include "support/check.h"

#include <cstdio>
#include <cstdlib>

namespace writ::support {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "writ: internal error: check failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace writ::support
