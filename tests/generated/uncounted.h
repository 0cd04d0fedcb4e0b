// The programs whose cost is proved, once more in a release of their own: native code as under a proven tier, without counters.
//
// In: written units, their checked program and its bounds. Out: what a call comes to, which is the same as with counters but for
// its fuel. A program with a `while` or a function that calls itself is none of them, whoever calls it: no proven tier takes it.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/proof.h"
#include "tests/generated/five_ways.h"
#include "tests/generated/unit_writer.h"
#include "tests/generated/world.h"

namespace writ::tests {

class Uncounted {
 public:
  /// `program` is of all the units, in their order; `bytes` decides what the host answers.
  [[nodiscard]] static std::expected<Uncounted, std::string> make(const World& world,
                                                                  std::span<const WrittenUnit> units,
                                                                  const ir::Program& program,
                                                                  const host::SlotBounds& bounds, ByteSource bytes);
  /// Its fuel says nothing. Nothing for a program that is not proved.
  [[nodiscard]] std::optional<Answer> ask(Question question);

 private:
  std::vector<std::optional<ir::SlotId>> slots_;  // by the slots of all the units
  std::unique_ptr<OneWay> way_;                   // null: none is proved
  std::unique_ptr<host::Engine> native_;
};

}  // namespace writ::tests
