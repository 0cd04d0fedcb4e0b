#include "jit/verify.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Operator.h>
#include <llvm/IR/PatternMatch.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "jit/symbols.h"
#include "jit/verify_function.h"
#include "runtime/abi.h"

namespace writ::jit {

// ---- what a function's view answers ------------------------------------------------------------

bool FunctionView::is_frame_field(const llvm::Value* pointer, std::uint64_t at) const {
  const auto offset = strip(pointer);
  return offset && pointer == frame() && static_cast<std::uint64_t>(*offset) == at;
}

std::optional<std::int64_t> FunctionView::strip(const llvm::Value*& pointer) const {
  const llvm::DataLayout& data = function.getDataLayout();
  std::int64_t sum = 0;
  while (const auto* step = llvm::dyn_cast<llvm::GEPOperator>(pointer)) {
    llvm::APInt offset(64, 0);
    if (!step->accumulateConstantOffset(data, offset)) return std::nullopt;
    sum += offset.getSExtValue();
    pointer = step->getPointerOperand();
  }
  return sum;
}

bool FunctionView::had_outcome(const llvm::Value* condition, bool outcome, const llvm::Instruction& at) const {
  return std::ranges::any_of(condition->users(), [&](const llvm::User* user) {
    const auto* branch = llvm::dyn_cast<llvm::BranchInst>(user);
    if (branch == nullptr) return false;
    const llvm::BasicBlockEdge edge(branch->getParent(), branch->getSuccessor(outcome ? 0 : 1));
    return edge.isSingleEdge() && dominators.dominates(edge, at.getParent());
  });
}

bool FunctionView::is_loop_free_exit(const llvm::BasicBlock& block) const {
  // A trap that is certain where control gets there is a jump to the exit.
  const llvm::BasicBlock* end = &block;
  if (const auto* jump = llvm::dyn_cast<llvm::BranchInst>(block.getTerminator());
      jump != nullptr && jump->isUnconditional() && loops.getLoopFor(&block) == nullptr) {
    end = jump->getSuccessor(0);
  }
  // The one exit of a function that traps: it clears the fuel and returns.
  if (!llvm::isa<llvm::ReturnInst>(end->getTerminator())) return false;
  return std::ranges::any_of(*end, [&](const llvm::Instruction& instruction) {
    const auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
    return store != nullptr && is_frame_field(store->getPointerOperand(), offsetof(runtime::Frame, fuel)) &&
           llvm::PatternMatch::match(store->getValueOperand(), llvm::PatternMatch::m_Zero());
  });
}

namespace {

using namespace llvm::PatternMatch;  // NOLINT(google-build-using-namespace)

constexpr std::array kIntrinsics = {llvm::Intrinsic::sadd_with_overflow,
                                    llvm::Intrinsic::ssub_with_overflow,
                                    llvm::Intrinsic::smul_with_overflow,
                                    llvm::Intrinsic::uadd_with_overflow,
                                    llvm::Intrinsic::usub_with_overflow,
                                    llvm::Intrinsic::umul_with_overflow,
                                    llvm::Intrinsic::umin,
                                    llvm::Intrinsic::smin,
                                    llvm::Intrinsic::memcpy,
                                    llvm::Intrinsic::read_register};

bool is_intrinsic(const llvm::Function& function) {
  return std::ranges::count(kIntrinsics, function.getIntrinsicID()) != 0;
}

bool is_word_type(const llvm::Type* type) {
  return type->isIntegerTy(1) || type->isIntegerTy(8) || type->isIntegerTy(32) || type->isIntegerTy(64) ||
         type->isDoubleTy() || type->isPointerTy();
}

/// {i64, i64} of returns and {i64, i1} of checked operations are the only aggregates.
bool is_known_type(const llvm::Type* type) {
  if (type->isVoidTy() || is_word_type(type)) return true;
  const auto* pair = llvm::dyn_cast<llvm::StructType>(type);
  return pair != nullptr && pair->getNumElements() == 2 && pair->getElementType(0)->isIntegerTy(64) &&
         (pair->getElementType(1)->isIntegerTy(64) || pair->getElementType(1)->isIntegerTy(1));
}

bool is_known_opcode(unsigned opcode) {
  using Op = llvm::Instruction;
  switch (opcode) {
    case Op::Ret:
    case Op::Br:
    case Op::Switch:
    case Op::PHI:
    case Op::Select:
    case Op::Call:
    case Op::ICmp:
    case Op::FCmp:
    case Op::Load:
    case Op::Store:
    case Op::GetElementPtr:
    case Op::Alloca:
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::UDiv:
    case Op::SDiv:
    case Op::URem:
    case Op::SRem:
    case Op::Shl:
    case Op::LShr:
    case Op::AShr:
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::FAdd:
    case Op::FSub:
    case Op::FMul:
    case Op::FDiv:
    case Op::FNeg:
    case Op::Trunc:
    case Op::ZExt:
    case Op::SExt:
    case Op::BitCast:
    case Op::PtrToInt:
    case Op::IntToPtr:
    case Op::ExtractValue:
    case Op::InsertValue:
      return true;
    default:
      return false;
  }
}

/// What each instruction may be, wherever it stands.
class InstructionVerifier {
 public:
  InstructionVerifier(const FunctionView& view, Refusal& refusal) : view_(view), refusal_(refusal) {}

  void verify() {
    for (llvm::BasicBlock& block : view_.function) {
      for (llvm::Instruction& instruction : block) verify(instruction);
    }
  }

 private:
  void refuse(const llvm::Twine& reason) { refusal_.refuse(view_.function, reason); }

  void verify(llvm::Instruction& instruction) {
    if (!is_known_opcode(instruction.getOpcode())) {
      return refuse(llvm::Twine("an instruction of a refused kind: ") + instruction.getOpcodeName());
    }
    if (!is_known_type(instruction.getType())) return refuse("a value of a refused type");
    if (instruction.hasPoisonGeneratingFlags()) return refuse("an instruction promises what is not proved");
    if (const auto* number = llvm::dyn_cast<llvm::FPMathOperator>(&instruction)) {
      if (number->getFastMathFlags().any()) return refuse("an instruction allows fast arithmetic");
    }
    if (const auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) verify_call(*call);
    if (auto* operation = llvm::dyn_cast<llvm::BinaryOperator>(&instruction)) {
      verify_operation(*operation);
    }
  }

  void verify_call(const llvm::CallInst& call) {
    if (call.isInlineAsm()) return refuse("inline assembly");
    const llvm::Function* const callee = call.getCalledFunction();
    if (callee == nullptr) {
      if (!is_host_thunk(call.getCalledOperand())) refuse("a call to an address that is no host function's");
      return;
    }
    if (callee->isIntrinsic() ? !is_intrinsic(*callee)
                              : callee->isDeclaration() && !is_callable(callee->getName().str())) {
      refuse("a call to " + callee->getName());
    }
  }

  /// load (load frame.host) + constant.
  bool is_host_thunk(const llvm::Value* target) const {
    const auto* thunk = llvm::dyn_cast<llvm::LoadInst>(target);
    if (thunk == nullptr) return false;
    const llvm::Value* table = thunk->getPointerOperand();
    const auto at = view_.strip(table);
    const auto* load = llvm::dyn_cast<llvm::LoadInst>(table);
    return at && *at >= 0 &&
           static_cast<std::uint64_t>(*at) % sizeof(runtime::HostFunction) == offsetof(runtime::HostFunction, thunk) &&
           load != nullptr && view_.is_frame_field(load->getPointerOperand(), offsetof(runtime::Frame, host));
  }

  void verify_operation(llvm::BinaryOperator& operation) {
    const llvm::Value* const b = operation.getOperand(1);
    switch (operation.getOpcode()) {
      case llvm::Instruction::SDiv:
      case llvm::Instruction::SRem:
        if (!is_not_minus_one(operation)) refuse("a division may overflow");
        [[fallthrough]];
      case llvm::Instruction::UDiv:
      case llvm::Instruction::URem:
        if (!is_not_zero(b, operation)) refuse("a division may be by zero");
        return;
      case llvm::Instruction::Shl:
      case llvm::Instruction::LShr:
      case llvm::Instruction::AShr:
        if (!is_below_64(b)) refuse("a shift may go past the word");
        return;
      default:
        return;
    }
  }

  bool is_not_zero(const llvm::Value* b, const llvm::Instruction& at) const {
    if (const auto* number = llvm::dyn_cast<llvm::ConstantInt>(b)) return !number->isZero();
    return view_.is_known(b, at, [&](const llvm::ICmpInst& test, bool outcome) {
      return !outcome && test.getPredicate() == llvm::ICmpInst::ICMP_EQ && test.getOperand(0) == b &&
             match(test.getOperand(1), m_Zero());
    });
  }

  /// Reached only when not (b == -1 and a == INT_MIN).
  bool is_not_minus_one(const llvm::BinaryOperator& operation) const {
    const llvm::Value* const a = operation.getOperand(0);
    const llvm::Value* const b = operation.getOperand(1);
    if (const auto* number = llvm::dyn_cast<llvm::ConstantInt>(b)) {
      return !number->isMinusOne() || view_.is_known(a, operation, [&](const llvm::ICmpInst& test, bool outcome) {
        return !outcome && match(&test, m_SpecificICmp(llvm::ICmpInst::ICMP_EQ, m_Specific(a), m_SignMask()));
      });
    }
    if (const auto* number = llvm::dyn_cast<llvm::ConstantInt>(a)) {
      if (!number->isMinValue(/*IsSigned=*/true)) return true;
    }
    for (const llvm::User* user : b->users()) {
      if (!match(user, m_SpecificICmp(llvm::ICmpInst::ICMP_EQ, m_Specific(b), m_AllOnes()))) continue;
      if (view_.had_outcome(llvm::cast<llvm::Value>(user), false, operation)) return true;
      for (const llvm::User* both : user->users()) {
        const bool is_whole = match(
            both, m_c_And(m_Specific(user), m_SpecificICmp(llvm::ICmpInst::ICMP_EQ, m_Specific(a), m_SignMask())));
        if (is_whole && view_.had_outcome(both, false, operation)) return true;
      }
    }
    return false;
  }

  static bool is_below_64(const llvm::Value* amount) {
    if (const auto* number = llvm::dyn_cast<llvm::ConstantInt>(amount)) return number->getZExtValue() < 64;
    const llvm::APInt* mask = nullptr;
    return match(amount, m_And(m_Value(), m_APInt(mask))) && mask->ult(64);
  }

  const FunctionView& view_;
  Refusal& refusal_;
};

class ModuleVerifier {
 public:
  ModuleVerifier(llvm::Module& module, const VerifyOptions& options) : module_(module), options_(options) {}

  std::optional<std::string> verify() {
    if (!module_.getModuleInlineAsm().empty()) refusal_.refuse("inline assembly");
    if (!module_.alias_empty() || !module_.ifunc_empty()) refusal_.refuse("an alias");
    for (const llvm::GlobalVariable& global : module_.globals()) verify_global(global);
    for (llvm::Function& function : module_) verify_function(function);
    if (options_.proven) verify_calls_end();
    return refusal_.reason();
  }

 private:
  void verify_global(const llvm::GlobalVariable& global) {
    const bool is_data = global.isConstant() && global.hasInitializer() && !global.isThreadLocal() &&
                         (global.hasPrivateLinkage() || global.hasExternalLinkage()) &&
                         !global.getName().starts_with("llvm.") && !global.hasSection();
    if (!is_data) refusal_.refuse("a global that is no constant data: " + global.getName());
  }

  /// A part of another function's body, which paid for it: called from one place. On a cycle of calls it cannot be: a cycle
  /// that is entered has a function that is called from two places.
  static bool is_part(const llvm::Function& function) {
    return function.hasLocalLinkage() && function.hasOneUse() && llvm::isa<llvm::CallInst>(*function.user_begin());
  }

  /// Calls lead down: with those to functions all of whose calls lead down taken away, in any order, none is left.
  void verify_calls_end() {
    llvm::DenseMap<const llvm::Function*, std::size_t> left;  // callees, once for each call
    std::vector<const llvm::Function*> ended;
    for (const llvm::Function& function : module_) {
      std::size_t& calls = left[&function];
      for (const llvm::BasicBlock& block : function) {
        for (const llvm::Instruction& instruction : block) calls += callee_of(instruction) != nullptr ? 1 : 0;
      }
      if (calls == 0) ended.push_back(&function);
    }
    std::size_t count = 0;
    for (; count < ended.size(); ++count) {
      for (const llvm::User* user : ended[count]->users()) {
        const auto* call = llvm::dyn_cast<llvm::CallInst>(user);
        if (call != nullptr && callee_of(*call) == ended[count] && --left[call->getFunction()] == 0) {
          ended.push_back(call->getFunction());
        }
      }
    }
    if (count < left.size()) refusal_.refuse("a function reaches itself, and no fuel is counted");
  }

  static const llvm::Function* callee_of(const llvm::Instruction& instruction) {
    const auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
    return call != nullptr ? call->getCalledFunction() : nullptr;
  }

  void verify_function(llvm::Function& function) {
    if (function.hasExternalWeakLinkage() || function.hasWeakLinkage()) {
      return refusal_.refuse(function, "weak linkage");
    }
    if (function.isDeclaration()) {
      const bool known = function.isIntrinsic() ? is_intrinsic(function) : is_callable(function.getName().str());
      if (!known) refusal_.refuse("an outside function " + function.getName());
      return;
    }
    if (!is_known_type(function.getReturnType()) || function.arg_empty() ||
        !function.getArg(0)->getType()->isPointerTy() || function.isVarArg() || function.hasPersonalityFn() ||
        function.hasSection()) {
      return refusal_.refuse(function, "a function of a refused form");
    }
    const FunctionView view(function);
    InstructionVerifier(view, refusal_).verify();
    verify_memory(view, options_.limits, refusal_);
    if (options_.proven) {
      verify_counted(view, refusal_);
    } else if (options_.limits) {
      verify_fuel(view, is_part(function), refusal_);
    }
  }

  llvm::Module& module_;
  const VerifyOptions& options_;
  Refusal refusal_;
};

}  // namespace

std::optional<std::string> verify(llvm::Module& module, const VerifyOptions& options) {
  return ModuleVerifier(module, options).verify();
}

}  // namespace writ::jit
