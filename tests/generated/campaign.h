// Programs from bytes, judged: all ways to run them agree, no style of writing them makes a difference, none uses more than the
// proof of its cost says, and those that have one answer the same without counters.
//
// In: the bytes of a world, of programs, and of what they are asked. Out: what was seen, and findings. A batch shares one
// release, because engines and compilers have costs of their own; each program in it has its own unit, slot and bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/generated/coverage.h"
#include "tests/generated/five_ways.h"

namespace writ::tests {

using Bytes = std::vector<std::uint8_t>;

/// All that one program is made of.
struct CaseBytes {
  Bytes world;
  Bytes unit;
  Bytes calls;
};

/// The release that they give.
[[nodiscard]] std::string text_of(const CaseBytes& bytes);

struct Finding {
  CaseBytes bytes;
  std::string what;  // which way said what
  std::string text;  // of the release
};

/// Puts something wrong into what a way answers: for tests of the comparison itself.
using Tamper = std::function<void(std::size_t way, Answer& answer)>;

/// What is wrong with one program, alone in a release of its own. Needs a deep stack.
[[nodiscard]] std::optional<Finding> judge(const CaseBytes& bytes, const Tamper& tamper = {});

/// A smaller case that still has something wrong with it, after at most so many trials.
[[nodiscard]] Finding shrink(Finding finding, int trials, const Tamper& tamper = {});

struct Batch {
  Bytes world;
  std::vector<Bytes> units;
  std::vector<Bytes> calls;  // as many
};
/// Judges programs together, and one by one where something is wrong with them. `style` picks how they are written anew.
[[nodiscard]] std::vector<Finding> run_batch(const Batch& batch, std::uint32_t style, Coverage& coverage);

/// Bytes of a batch of `programs`, by number.
[[nodiscard]] Batch make_batch(std::uint64_t seed, std::uint64_t number, std::size_t programs);

}  // namespace writ::tests
