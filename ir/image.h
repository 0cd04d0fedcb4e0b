// Values in memory: writes a whole ir::Value as runtime/abi.h lays it out, and reads one back from words.
//
// Used for constants (by the interpreter), for input that is read from text, and for printing answers. Not on the call path.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ir/type.h"
#include "ir/value.h"
#include "runtime/abi.h"

namespace writ::ir {

using Words = std::array<std::uint64_t, runtime::kMaxWords>;

/// Memory that lives as long as the image; addresses are stable; reset() keeps the blocks for reuse.
class Image {
 public:
  /// Zeroed, 8-aligned.
  [[nodiscard]] std::byte* allocate(std::size_t bytes);
  void reset();
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Block {
    std::unique_ptr<std::byte[]> data;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

/// Lays out a value. Sets and maps keep the order of `value`; `sorted` says that it is ascending by key_order (constants and
/// documents), so that look-ups search by halves; else tables of more than cost::kLinearEntries get an index hashed with `seed`.
[[nodiscard]] Words write_value(Image& image, const Value& value, TypeId type, const Types& types, bool sorted,
                                std::uint64_t seed);

/// The words of a value of `type` stored at `address`; and the reverse. These define what each layout means.
[[nodiscard]] Words load(const std::byte* address, TypeId type, const Types& types);
void store(std::byte* address, const Words& words, TypeId type, const Types& types);

/// The whole value behind words.
[[nodiscard]] Value read_value(const Words& words, TypeId type, const Types& types);

}  // namespace writ::ir
