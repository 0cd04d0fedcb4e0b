// Typed program to LLVM IR.
//
// In: a program, its configuration, options. Out: a module in which every exported function, the slot table and all constant
// data are defined, and nothing is optimised. It keeps the program's charges, traps and allocations exactly; verify.h checks
// what it wrote without knowing this file. Seen inside jit/ only.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "jit/jit.h"

namespace writ::jit {

struct Lowered {
  std::unique_ptr<llvm::Module> module;
  std::uint32_t function_count = 0;  // functions of the program that are in it, those in place of their calls included
};

/// The error is what of the program cannot be code.
[[nodiscard]] std::expected<Lowered, std::string> lower(llvm::LLVMContext& context, const ir::Program& program,
                                                        const ir::Config& config, const Options& options);

}  // namespace writ::jit
