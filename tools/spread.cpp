#include "tools/spread.h"

#include <algorithm>

namespace writ::tools {

void Spread::add(std::int64_t figure) {
  most_ = std::max(most_, figure);
  if (seen_++ % stride_ != 0) return;
  if (kept_.size() == kKept) {
    for (std::size_t i = 0; i < kKept / 2; ++i) kept_[i] = kept_[2 * i];
    kept_.resize(kKept / 2);
    stride_ *= 2;
  }
  kept_.push_back(figure);
}

std::int64_t Spread::median() const {
  if (kept_.empty()) return 0;
  std::vector<std::int64_t> figures = kept_;
  const auto middle = figures.begin() + static_cast<std::ptrdiff_t>((figures.size() - 1) / 2);
  std::ranges::nth_element(figures, middle);
  return *middle;
}

}  // namespace writ::tools
