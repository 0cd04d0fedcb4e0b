#include "jit/verify_text.h"

#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/SourceMgr.h>

#include <memory>

#include "jit/verify.h"

namespace writ::jit {

std::optional<std::string> verify_text(std::string_view llvm_ir, bool proven) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic error;
  const std::unique_ptr<llvm::Module> module =
      llvm::parseAssemblyString({llvm_ir.data(), llvm_ir.size()}, error, context);
  if (module == nullptr) return "not LLVM IR: " + error.getMessage().str();
  return verify(*module, {.limits = true, .proven = proven});
}

}  // namespace writ::jit
