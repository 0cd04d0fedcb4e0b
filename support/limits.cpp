#include "support/limits.h"

namespace writ::support {

std::span<const LimitRow> limit_rows() {
  static constexpr LimitRow kRows[] = {
#define WRIT_LIMIT(name, value, unit, doc) {#name, value, unit, doc},
#include "support/limits.def"
#undef WRIT_LIMIT
  };
  return kRows;
}

}  // namespace writ::support
