// LLVM IR to better LLVM IR, and to an object file, for the CPU that this process runs on.
//
// In: a verified module. Out: the bytes of a relocatable ELF object. Level 0 only generates code; level 2 runs a short pipeline
// chosen by measurement (docs/decisions). No fast-math, no fused multiply-add: what a program computes does not depend on the
// level. Keeps one TargetMachine a thread. Seen inside jit/ only.
#pragma once

#include <llvm/IR/Module.h>

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "jit/jit.h"

namespace writ::jit {

/// Sets the module's triple and data layout; before any IR is written into it.
void aim_at_host(llvm::Module& module);

void optimise(llvm::Module& module);

/// Lets a sanitizer see what generated code reads and writes. After `optimise`.
void instrument(llvm::Module& module, Sanitizer sanitizer);

[[nodiscard]] std::expected<std::vector<char>, std::string> generate_code(llvm::Module& module, int opt_level);

/// `x86_64, skylake-avx512`.
[[nodiscard]] std::string host_target();

}  // namespace writ::jit
