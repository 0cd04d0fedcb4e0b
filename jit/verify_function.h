// The verifier's view of one function: its control flow, what is known on which paths, and the two halves of the judgement.
//
// A check adds the first thing it refuses to `Refusal`; nothing is changed. Seen by verify*.cpp only.
#pragma once

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>

#include <cstdint>
#include <optional>
#include <string>

namespace writ::jit {

/// Keeps the first reason.
class Refusal {
 public:
  void refuse(const llvm::Function& function, const llvm::Twine& reason) {
    if (!reason_) reason_ = ("verifier: " + function.getName() + ": " + reason).str();
  }
  void refuse(const llvm::Twine& reason) {
    if (!reason_) reason_ = ("verifier: " + reason).str();
  }
  [[nodiscard]] const std::optional<std::string>& reason() const { return reason_; }

 private:
  std::optional<std::string> reason_;
};

class FunctionView {
 public:
  explicit FunctionView(llvm::Function& the_function)
      : function(the_function), dominators(the_function), loops(dominators) {}

  llvm::Function& function;
  llvm::DominatorTree dominators;
  llvm::LoopInfo loops;

  [[nodiscard]] llvm::Value* frame() const { return function.getArg(0); }
  /// Whether `pointer` is the frame's field at this byte.
  [[nodiscard]] bool is_frame_field(const llvm::Value* pointer, std::uint64_t at) const;
  /// The pointer without its constant offsets, and their sum. Nothing when an offset is not constant.
  [[nodiscard]] std::optional<std::int64_t> strip(const llvm::Value*& pointer) const;
  /// Whether `at` is reached only over a branch on a comparison of `value` for which `holds(comparison, outcome)`.
  template <typename Holds>
  [[nodiscard]] bool is_known(const llvm::Value* value, const llvm::Instruction& at, const Holds& holds) const;
  /// Whether `at` is reached only when this condition had this outcome.
  [[nodiscard]] bool had_outcome(const llvm::Value* condition, bool outcome, const llvm::Instruction& at) const;
  [[nodiscard]] bool is_loop_free_exit(const llvm::BasicBlock& block) const;
};

template <typename Holds>
bool FunctionView::is_known(const llvm::Value* value, const llvm::Instruction& at, const Holds& holds) const {
  if (llvm::isa<llvm::ConstantData>(value)) return false;  // keeps no list of its uses
  for (const llvm::User* user : value->users()) {
    const auto* comparison = llvm::dyn_cast<llvm::ICmpInst>(user);
    if (comparison == nullptr) continue;
    for (const bool outcome : {false, true}) {
      if (holds(*comparison, outcome) && had_outcome(comparison, outcome, at)) return true;
    }
  }
  return false;
}

/// Every charge, clamp and change of fuel has a known shape, and every entry and back-edge has one.
void verify_fuel(const FunctionView& view, bool may_lack_entry_charge, Refusal& refusal);

/// Without charges: every loop counts up from 0 to a number that does not change meanwhile.
void verify_counted(const FunctionView& view, Refusal& refusal);

/// Every load, store, copy and address comes from the frame, an argument, the arena, a constant or a variable, within its bounds.
void verify_memory(const FunctionView& view, bool limits, Refusal& refusal);

/// Whether the function takes a constant charge from the frame before it does anything else.
[[nodiscard]] bool charges_on_entry(const FunctionView& view);

}  // namespace writ::jit
