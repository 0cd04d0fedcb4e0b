// What generated programs have been made of and come to: nodes of the typed program, operators, built-ins, traps.
//
// In: checked programs, their proofs and answers. Out: the names of what has not occurred yet, how large programs are, and how
// many have a bound.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "host/proof.h"
#include "ir/program.h"
#include "runtime/abi.h"

namespace writ::tests {

class Coverage {
 public:
  /// Each unit that answers a slot counts as one program.
  void add(const ir::Program& program, const host::SlotBounds& bounds);
  void add(runtime::Trap trap) { traps_.insert(trap); }
  void add(const Coverage& other);

  [[nodiscard]] std::vector<std::string> missing() const;
  [[nodiscard]] std::size_t median_nodes() const;
  /// Programs whose fuel and memory have a bound.
  [[nodiscard]] std::size_t bounded() const { return bounded_; }

 private:
  std::set<std::size_t> exprs_;
  std::set<std::size_t> stmts_;
  std::set<ir::Op> ops_;
  std::set<stdlib::BuiltinId> builtins_;
  std::set<runtime::Trap> traps_;
  std::vector<std::size_t> sizes_;
  std::size_t bounded_ = 0;
};

}  // namespace writ::tests
