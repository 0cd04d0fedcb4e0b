// What a slot's answer may depend on, found in the typed program: a slot reads nothing that is not listed here.
//
// In: a program and one of its slots. Out: the functions that its policy and its else value may reach, and over all of them the
// host functions, the knobs, and the paths into the slot's parameters whose value, presence or size something looks at. A path
// that is only followed is not listed. Elements are `[]`, those of a map under a constant key `["key"]`. Where a whole record goes
// somewhere else (the host, the answer, a list) its path stands for all of it. May list too much, never too little: branches are
// not judged, and a function that two callers share is read for both.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "ir/program.h"

namespace writ::ir {

/// The most paths of one slot that are told apart; past it, what would be the next stands for its record as a whole.
inline constexpr std::size_t kDependencyPathsMax = 4096;

struct Dependencies {
  std::vector<FunctionId> functions;  // ascending
  std::set<HostFunctionId> host_functions;
  std::set<KnobId> knobs;
  std::set<std::string> paths;
};

[[nodiscard]] Dependencies dependencies(const Program& program, SlotId slot);

}  // namespace writ::ir
