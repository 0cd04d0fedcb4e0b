#include "tools/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace writ::tools {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kUpdatesPerLook = 256;
constexpr std::int64_t kBarColumns = 30;

std::string bar(std::int64_t done, std::int64_t total) {
  const std::int64_t filled =
      std::clamp(done * kBarColumns / std::max<std::int64_t>(total, 1), std::int64_t{0}, kBarColumns);
  std::string text;
  for (std::int64_t i = 0; i < kBarColumns; ++i) text += i < filled ? "█" : "░";
  return text;
}

}  // namespace

Progress::Progress(std::optional<std::int64_t> total)
    : total_(total), enabled_(::isatty(STDERR_FILENO) == 1), next_draw_(Clock::now() + 1s) {}

Progress::~Progress() { clear(); }

void Progress::update(std::int64_t done_bytes, std::int64_t lines) {
  if (!enabled_ || ++updates_ % kUpdatesPerLook != 0) return;
  const Clock::time_point now = Clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + 100ms;
  drawn_ = true;
  fmt::print(stderr, "\r{} {} lines ", total_ ? bar(done_bytes, *total_) : std::string("…"), lines);
}

void Progress::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace writ::tools
