// Typed program to LLVM IR.
//
// In: a slice of a program, the configuration, options. Out: a module in which every function of the slice and all constant
// data are defined, and nothing is optimised. It keeps the program's charges, traps and allocations exactly; verify.h checks
// what it wrote without knowing this file. Seen inside jit/ only.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "jit/jit.h"

namespace writ::jit {

struct Lowered {
  std::unique_ptr<llvm::Module> module;
  std::vector<bool>
      written;  // by number in the slice: functions that are in it, those in place of their calls included
};

/// The error is what of the program cannot be code.
[[nodiscard]] std::expected<Lowered, std::string> lower(llvm::LLVMContext& context, const ir::Program& program,
                                                        const ir::Config& config, const ir::Slice& slice,
                                                        const Options& options);

}  // namespace writ::jit
