// The median and the largest of a stream of figures, in bounded memory.
//
// Keeps every figure up to kKept, then every second, fourth … evenly over the whole stream, so the median of a longer stream
// is that of an even sample. The same stream gives the same answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace writ::tools {

class Spread {
 public:
  void add(std::int64_t figure);
  [[nodiscard]] std::int64_t most() const { return most_; }
  /// 0 of nothing; the lower of two middles.
  [[nodiscard]] std::int64_t median() const;

 private:
  static constexpr std::size_t kKept = std::size_t{1} << 20;

  std::vector<std::int64_t> kept_;
  std::uint64_t stride_ = 1;  // every stride-th figure is kept
  std::uint64_t seen_ = 0;
  std::int64_t most_ = 0;
};

}  // namespace writ::tools
