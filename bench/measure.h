// What every bench measures with: a clock, a core to stay on, medians, and the lines that scripts read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writ::bench {

/// Nanoseconds of a clock that never goes back.
[[nodiscard]] std::int64_t now_ns();

/// Keeps the calling thread on the core it runs on. Returns the core, or nothing where the system refuses.
std::optional<int> stay_on_this_core();

/// Keeps the calling thread on that core. False where the system refuses.
bool stay_on_core(int core);

/// Of one value at least; the mean of the middle two for an even number.
[[nodiscard]] double median(std::vector<double> values);

/// `figure NAME NUMBER [unit]`, or `figure NAME unmeasured`.
void print_figure(std::string_view name, std::optional<double> value, std::string_view unit = {});

/// The whole text of a file, by its path from the root of the checkout. Ends the program when it cannot be read.
[[nodiscard]] std::string read_source(std::string_view path);

}  // namespace writ::bench
