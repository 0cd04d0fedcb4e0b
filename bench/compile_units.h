// What a change to one of ten units costs, beside compiling all ten: through the C++ interface, from the commit to the first
// answer.
#pragma once

#include <string>

namespace writ::bench {

/// Milliseconds, medians over rounds; and the ratios, each of one round's two times, medians too.
struct UnitTimes {
  double full_ms;
  double one_unit_ms;
  double config_ms;
  double one_unit_over_full;
  double config_over_full;
};

/// Ten units of twenty rules each, of which one reads a value. Every round commits ten new texts, then one, then one document,
/// and holds all answers and reasons against an engine that compiled the whole. `wrong` takes what was not as it should be.
[[nodiscard]] UnitTimes measure_units(std::string& wrong);

}  // namespace writ::bench
