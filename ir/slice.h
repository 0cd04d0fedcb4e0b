// A release cut into pieces that are compiled each by itself: one a text, with copies of what it calls in other texts.
//
// In: a program and its configuration. Out: a Slice for each text that holds functions which a host asks for: those, and all
// that they reach. Functions, places and reasons count from 0 in every slice, in the order in which they are met, so that
// nothing in a slice's code depends on what stands beside it in the release. `form` is all that its code does depend on, as
// bytes: slices of one form, of whatever releases, have the same code. It copies no nodes and compiles nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/program.h"
#include "runtime/abi.h"

namespace writ::ir {

struct Slice {
  std::vector<FunctionId> functions;    // by their number here; those that a host asks for come first
  std::uint32_t entry_count = 0;        // how many these are
  std::vector<PlaceId> places;          // by their number here
  std::vector<ReasonId> reasons;        // by their number here
  std::vector<std::uint32_t> readings;  // of Program::readings, by their number here
  std::string form;

  /// A status that the slice's code gave, in the program's numbers.
  [[nodiscard]] runtime::Status in_program(runtime::Status status) const;
};

/// Whether a host asks for this function by itself. Conditions of knobs are asked by the interpreter alone.
[[nodiscard]] bool is_entry(const Function& function, bool tests);

/// In the order of their first functions.
[[nodiscard]] std::vector<Slice> cut(const Program& program, const Config& config, bool tests);

}  // namespace writ::ir
