// Judges LLVM IR that is about to become native code, knowing nothing of how it was written.
//
// In: a module, not optimised. Out: nothing, or the first thing in it that could let a policy run for ever, reach memory that is
// not its own, or call what it was not given. A structural check: it recognises charges, clamps, bound checks and the roots of
// pointers by their shape. Seen inside jit/ only.
#pragma once

#include <llvm/IR/Module.h>

#include <optional>
#include <string>

namespace writ::jit {

struct VerifyOptions {
  bool limits = true;  // false only in bench/: charges and arena checks are left out
  bool proven =
      false;  // no charges; instead nothing may run for ever: loops count up to a number that stays, no function
              // reaches itself. That the numbers are small is the proof's to say (ir/bound.h), not to be seen here.
};

[[nodiscard]] std::optional<std::string> verify(llvm::Module& module, const VerifyOptions& options);

}  // namespace writ::jit
