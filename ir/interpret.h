// The reference interpreter: the specification of what a program means. Slow and obvious on purpose.
//
// It shares with the JIT the typed program, the built-ins and the cost table, nothing else. It works on the same words and the
// same memory layouts (runtime/abi.h), so both engines draw on a Frame alike and one host function serves both.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "ir/program.h"
#include "runtime/abi.h"

namespace writ::ir {

/// A program with its constants laid out in memory. Immutable; calls may run at once from many threads, each with its frame.
/// Borrows the program and the config.
class Interpreter {
 public:
  Interpreter(const Program& program, const Config& config);
  ~Interpreter();

  /// Lays out the constants that the program was given since. Not while a call runs; only without a config's values.
  void extend();

  /// Calls a function with its arguments' words one after another. Word 0 of the result is in Result, the rest in
  /// frame.results. After a trap frame.fuel is 0. Uses the C++ stack: about 1 KiB a nesting level of the program's text;
  /// traps stack_overflow below frame.native_stack_end.
  [[nodiscard]] runtime::Result call(FunctionId function, std::span<const std::uint64_t> arguments,
                                     runtime::Frame& frame) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace writ::ir
