#include "jit/disassemble.h"

#include <fmt/format.h>
#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrAnalysis.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Host.h>

#include <algorithm>
#include <memory>

#include "support/check.h"

namespace writ::jit {
namespace {

/// LLVM's many parts of a disassembler, with Intel's syntax where there is a choice.
class Disassembler {
 public:
  Disassembler() : triple_(llvm::sys::getProcessTriple()) {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetDisassembler();
    std::string error;
    const llvm::Target* const target = llvm::TargetRegistry::lookupTarget(triple_, error);
    WRIT_CHECK(target != nullptr);
    const llvm::StringRef cpu = llvm::sys::getHostCPUName();
    subtarget_.reset(target->createMCSubtargetInfo(triple_, cpu, ""));
    registers_.reset(target->createMCRegInfo(triple_));
    assembly_.reset(target->createMCAsmInfo(*registers_, triple_, options_));
    instructions_.reset(target->createMCInstrInfo());
    analysis_.reset(target->createMCInstrAnalysis(instructions_.get()));
    context_ = std::make_unique<llvm::MCContext>(triple_, assembly_.get(), registers_.get(), subtarget_.get());
    decoder_.reset(target->createMCDisassembler(*subtarget_, *context_));
    const unsigned syntax = triple_.isX86() ? 1 : assembly_->getAssemblerDialect();
    printer_.reset(target->createMCInstPrinter(triple_, syntax, *assembly_, *instructions_, *registers_));
    printer_->setPrintImmHex(true);
    printer_->setPrintBranchImmAsAddress(true);
  }

  struct Instruction {
    std::string text;
    std::uint64_t size = 1;
    std::uint64_t target = 0;  // of a direct call
    bool is_call = false;
  };

  /// One instruction at the start of `bytes`, which lie at `address`.
  Instruction decode(llvm::ArrayRef<std::uint8_t> bytes, std::uint64_t address) {
    Instruction result;
    llvm::MCInst code;
    const auto status = decoder_->getInstruction(code, result.size, bytes, address, llvm::nulls());
    if (status != llvm::MCDisassembler::Success) {
      result.size = std::max<std::uint64_t>(result.size, 1);
      result.text = "(bad)";
      return result;
    }
    llvm::raw_string_ostream out(result.text);
    // x86 counts from the end of the instruction, and its printer adds nothing to what it is told.
    const std::uint64_t origin = triple_.isX86() ? address + result.size : address;
    printer_->printInst(&code, origin, "", *subtarget_, out);
    std::ranges::replace(result.text, '\t', ' ');
    const llvm::MCInstrDesc& row = instructions_->get(code.getOpcode());
    result.is_call = (row.isCall() || row.isUnconditionalBranch()) &&
                     analysis_->evaluateBranch(code, address, result.size, result.target);
    return result;
  }

 private:
  llvm::Triple triple_;
  llvm::MCTargetOptions options_;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget_;
  std::unique_ptr<llvm::MCRegisterInfo> registers_;
  std::unique_ptr<llvm::MCAsmInfo> assembly_;
  std::unique_ptr<llvm::MCInstrInfo> instructions_;
  std::unique_ptr<llvm::MCInstrAnalysis> analysis_;
  std::unique_ptr<llvm::MCContext> context_;
  std::unique_ptr<llvm::MCDisassembler> decoder_;
  std::unique_ptr<llvm::MCInstPrinter> printer_;
};

/// The function that starts at an offset of the text, or what `name_of` says of the address.
std::string callee_name(std::span<const std::uint8_t> text, std::span<const NativeFunction> functions,
                        std::uint64_t target, const NameOf& name_of) {
  const auto found = std::ranges::find(functions, target, &NativeFunction::offset);
  if (found != functions.end()) return found->symbol;
  return name_of(reinterpret_cast<std::uintptr_t>(text.data()) + target);
}

}  // namespace

std::string disassemble(std::span<const std::uint8_t> text, std::span<const NativeFunction> functions,
                        const NameOf& name_of) {
  Disassembler disassembler;
  std::string out;
  for (const NativeFunction& function : functions) {
    out += fmt::format("{}: ({} bytes)\n", function.symbol, function.size);
    const std::uint64_t end = function.offset + function.size;
    for (std::uint64_t at = function.offset; at < end;) {
      // Addresses count from the start of the text, so that the same code prints the same.
      const auto instruction = disassembler.decode({text.data() + at, end - at}, at);
      out += fmt::format("{:6x}  {}", at, instruction.text);
      const bool leaves = instruction.is_call && (instruction.target < function.offset || instruction.target >= end);
      if (leaves) out += "  ; " + callee_name(text, functions, instruction.target, name_of);
      out += '\n';
      at += instruction.size;
    }
    out += '\n';
  }
  return out;
}

}  // namespace writ::jit
