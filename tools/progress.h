// A progress bar on standard error, on a terminal, for what takes over a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace writ::tools {

class Progress {
 public:
  /// `total`: bytes of the whole input, where known.
  explicit Progress(std::optional<std::int64_t> total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Draws at most ten times a second, and looks at the clock only now and then.
  void update(std::int64_t done_bytes, std::int64_t lines);
  /// Takes the bar away, so that a line can be written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<std::int64_t> total_;
  bool enabled_;
  bool drawn_ = false;
  std::uint32_t updates_ = 0;
  Clock::time_point next_draw_;
};

}  // namespace writ::tools
