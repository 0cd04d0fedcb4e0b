#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/CFG.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PatternMatch.h>

#include <vector>

#include "jit/verify_function.h"

namespace writ::jit {
namespace {

using namespace llvm::PatternMatch;  // NOLINT(google-build-using-namespace)

/// `p = p - units`, unsigned, that leaves the function when it would wrap:
///   %left = load P; %both = usub.with.overflow(%left, units); store %both.0, P; br %both.1, exit, next
struct Charge {
  const llvm::Value* cell;
  const llvm::Instruction* store;
  const llvm::Value* units;
};

/// Turns taken in advance: `%turns = umin(count, udiv(%left, price))` of a %left = load P.
struct Clamp {
  const llvm::Value* cell;
  const llvm::Value* left;
  const llvm::ConstantInt* price;
};

const llvm::ConstantInt* as_number(const llvm::Value* value) { return llvm::dyn_cast<llvm::ConstantInt>(value); }

bool is_positive(const llvm::ConstantInt* number) {
  return number != nullptr && number->getValue().isStrictlyPositive();
}

std::optional<Clamp> as_clamp(const llvm::Value* turns) {
  const auto* least = llvm::dyn_cast<llvm::IntrinsicInst>(turns);
  if (least == nullptr || least->getIntrinsicID() != llvm::Intrinsic::umin) return std::nullopt;
  const auto* division = llvm::dyn_cast<llvm::BinaryOperator>(least->getArgOperand(1));
  if (division == nullptr || division->getOpcode() != llvm::Instruction::UDiv) return std::nullopt;
  const auto* left = llvm::dyn_cast<llvm::LoadInst>(division->getOperand(0));
  const auto* price = as_number(division->getOperand(1));
  if (left == nullptr || !is_positive(price)) return std::nullopt;
  return Clamp{.cell = left->getPointerOperand(), .left = left, .price = price};
}

/// 0, 1, 2 … by the turns of a loop.
bool counts_up(const llvm::Value* turn, const llvm::Loop& loop) {
  const auto* phi = llvm::dyn_cast<llvm::PHINode>(turn);
  const llvm::BasicBlock* const latch = loop.getLoopLatch();
  const llvm::BasicBlock* const before = loop.getLoopPredecessor();
  if (phi == nullptr || phi->getParent() != loop.getHeader() || latch == nullptr || before == nullptr) {
    return false;
  }
  return match(phi->getIncomingValueForBlock(before), m_Zero()) &&
         match(phi->getIncomingValueForBlock(latch), m_Add(m_Specific(phi), m_One()));
}

bool is_irreducible(const FunctionView& view) {
  using Order = llvm::ReversePostOrderTraversal<const llvm::Function*>;
  const Order order(&view.function);
  return llvm::containsIrreducibleCFG<const llvm::BasicBlock*, const Order, const llvm::LoopInfo>(order, view.loops);
}

/// Turns 0, 1, 2 … while below a number from outside of the loop.
bool is_counted(const llvm::Loop& loop) {
  const auto* branch = llvm::dyn_cast<llvm::BranchInst>(loop.getHeader()->getTerminator());
  const llvm::Value* turn = nullptr;
  llvm::Value* count = nullptr;
  return branch != nullptr && branch->isConditional() && !loop.contains(branch->getSuccessor(1)) &&
         match(branch->getCondition(), m_SpecificICmp(llvm::ICmpInst::ICMP_ULT, m_Value(turn), m_Value(count))) &&
         counts_up(turn, loop) && loop.isLoopInvariant(count);
}

class FuelVerifier {
 public:
  FuelVerifier(const FunctionView& view, Refusal& refusal) : view_(view), refusal_(refusal) {
    for (const llvm::BasicBlock& block : view.function) {
      for (const llvm::Instruction& instruction : block) {
        const auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
        if (store == nullptr) continue;
        if (const auto charge = as_charge(*store)) charges_.push_back(*charge);
      }
    }
    for (const Charge& charge : charges_) cells_.insert(charge.cell);
    cells_.insert(view.frame());
  }

  void verify(bool may_lack_entry_charge) {
    if (!may_lack_entry_charge && !charges_on_entry()) refuse("it does not charge on entry");
    for (const llvm::Value* cell : cells_) verify_cell(cell);
    if (is_irreducible(view_)) refuse("a loop has more than one entry");
    for (const llvm::Loop* loop : view_.loops.getLoopsInPreorder()) {
      if (!charges_each_turn(*loop) && !is_clamped(*loop)) refuse("a loop does not charge its turns");
    }
  }

  [[nodiscard]] bool charges_on_entry() const {
    for (const Charge& charge : charges_) {
      if (charge.cell == view_.frame() && is_positive(as_number(charge.units)) && comes_first(*charge.store)) {
        return true;
      }
    }
    return false;
  }

 private:
  void refuse(const char* reason) { refusal_.refuse(view_.function, reason); }

  std::optional<Charge> as_charge(const llvm::StoreInst& store) const {
    const llvm::Value* cell = store.getPointerOperand();
    // Metered stack goes down in the same way, in another field.
    if (cell != view_.frame() && !llvm::isa<llvm::AllocaInst>(cell)) return std::nullopt;
    const llvm::Value* both = nullptr;
    if (!match(store.getValueOperand(), m_ExtractValue<0>(m_Value(both)))) return std::nullopt;
    const auto* taken = llvm::dyn_cast<llvm::WithOverflowInst>(both);
    if (taken == nullptr || taken->getIntrinsicID() != llvm::Intrinsic::usub_with_overflow) {
      return std::nullopt;
    }
    const auto* left = llvm::dyn_cast<llvm::LoadInst>(taken->getLHS());
    if (left == nullptr || left->getPointerOperand() != cell) return std::nullopt;
    const auto* branch = llvm::dyn_cast<llvm::BranchInst>(store.getParent()->getTerminator());
    if (branch == nullptr || !branch->isConditional()) return std::nullopt;
    if (!match(branch->getCondition(), m_ExtractValue<1>(m_Specific(taken)))) return std::nullopt;
    if (!view_.is_loop_free_exit(*branch->getSuccessor(0))) return std::nullopt;
    return Charge{.cell = cell, .store = &store, .units = taken->getRHS()};
  }

  /// Whether nothing that counts happens before: every other return and every call comes after the charge was paid.
  bool comes_first(const llvm::Instruction& store) const {
    const auto* branch = llvm::cast<llvm::BranchInst>(store.getParent()->getTerminator());
    const llvm::BasicBlockEdge paid(store.getParent(), branch->getSuccessor(1));
    for (const llvm::BasicBlock& block : view_.function) {
      if (!view_.dominators.isReachableFromEntry(&block) || view_.dominators.dominates(paid, &block)) {
        continue;
      }
      const bool leaves = llvm::isa<llvm::ReturnInst>(block.getTerminator());
      if (leaves && !view_.is_loop_free_exit(block)) return false;
      for (const llvm::Instruction& instruction : block) {
        if (llvm::isa<llvm::CallInst>(instruction) && !llvm::isa<llvm::IntrinsicInst>(instruction)) {
          return false;
        }
      }
      if (view_.loops.getLoopFor(&block) != nullptr) return false;
    }
    return true;
  }

  /// A cell of fuel is only ever read, charged, cleared, or set from another cell or a paid clamp.
  void verify_cell(const llvm::Value* cell) {
    for (const llvm::User* user : cell->users()) {
      const auto* store = llvm::dyn_cast<llvm::StoreInst>(user);
      if (store != nullptr && (store->getPointerOperand() != cell || !may_be_fuel(*store))) {
        return refuse("fuel is changed by something that is no charge");
      }
      const bool is_own = store != nullptr || llvm::isa<llvm::LoadInst>(user);
      if (cell != view_.frame() && !is_own) return refuse("the address of fuel is taken");
    }
  }

  bool may_be_fuel(const llvm::StoreInst& store) const {
    if (as_charge(store)) return true;
    const llvm::Value* value = store.getValueOperand();
    if (const auto* number = as_number(value)) return number->isZero();
    if (const auto* load = llvm::dyn_cast<llvm::LoadInst>(value)) {
      return cells_.contains(load->getPointerOperand());
    }
    return pays_for_turns(store);
  }

  /// store (left - turns * price), where turns is a clamp by the same left and price.
  static bool pays_for_turns(const llvm::StoreInst& store) {
    const llvm::Value* left = nullptr;
    const llvm::Value* turns = nullptr;
    const llvm::Value* price = nullptr;
    if (!match(store.getValueOperand(), m_Sub(m_Value(left), m_Mul(m_Value(turns), m_Value(price))))) {
      return false;
    }
    const auto clamp = as_clamp(turns);
    return clamp && clamp->left == left && clamp->price == price && clamp->cell == store.getPointerOperand();
  }

  bool charges_each_turn(const llvm::Loop& loop) const {
    llvm::SmallVector<llvm::BasicBlock*, 4> latches;
    loop.getLoopLatches(latches);
    for (const Charge& charge : charges_) {
      const llvm::BasicBlock* const at = charge.store->getParent();
      if (!loop.contains(at) || !is_positive(as_number(charge.units))) continue;
      bool every_turn = true;
      for (const llvm::BasicBlock* latch : latches) {
        every_turn = every_turn && view_.dominators.dominates(at, latch);
      }
      if (every_turn) return true;
    }
    return false;
  }

  /// Turns 0, 1, 2 … while below a clamp that is paid for where the loop ends, with no other way out than a trap.
  bool is_clamped(const llvm::Loop& loop) const {
    const llvm::BasicBlock* const header = loop.getHeader();
    const auto* branch = llvm::dyn_cast<llvm::BranchInst>(header->getTerminator());
    const llvm::Value* turn = nullptr;
    const llvm::Value* turns = nullptr;
    if (branch == nullptr || !branch->isConditional() || loop.contains(branch->getSuccessor(1)) ||
        !match(branch->getCondition(), m_SpecificICmp(llvm::ICmpInst::ICMP_ULT, m_Value(turn), m_Value(turns)))) {
      return false;
    }
    const auto clamp = as_clamp(turns);
    return clamp && counts_up(turn, loop) && leaves_only_by(*branch->getSuccessor(1), loop) &&
           is_paid(*clamp, turns, *branch->getSuccessor(1)) && !has_store(loop, clamp->cell);
  }

  bool leaves_only_by(const llvm::BasicBlock& done, const llvm::Loop& loop) const {
    llvm::SmallVector<llvm::BasicBlock*, 8> exits;
    loop.getExitBlocks(exits);
    for (const llvm::BasicBlock* exit : exits) {
      if (exit != &done && !surely_traps(*exit)) return false;
    }
    return done.getSinglePredecessor() == loop.getHeader();
  }

  /// Whether every way on, through no loop, ends in a trap: what stands before a certain trap is no part of the loop around it.
  bool surely_traps(const llvm::BasicBlock& from) const {
    std::vector<const llvm::BasicBlock*> ways = {&from};
    llvm::SmallPtrSet<const llvm::BasicBlock*, 8> seen;
    while (!ways.empty()) {
      const llvm::BasicBlock* const at = ways.back();
      ways.pop_back();
      if (!seen.insert(at).second || view_.is_loop_free_exit(*at)) continue;
      if (view_.loops.getLoopFor(at) != nullptr || llvm::succ_empty(at)) return false;
      for (const llvm::BasicBlock* next : llvm::successors(at)) ways.push_back(next);
    }
    return true;
  }

  static bool is_paid(const Clamp& clamp, const llvm::Value* turns, const llvm::BasicBlock& done) {
    for (const llvm::Instruction& instruction : done) {
      const auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
      if (store == nullptr || store->getPointerOperand() != clamp.cell) continue;
      return pays_for_turns(*store) &&
             match(store->getValueOperand(), m_Sub(m_Value(), m_Mul(m_Specific(turns), m_Value())));
    }
    return false;
  }

  static bool has_store(const llvm::Loop& loop, const llvm::Value* cell) {
    for (const llvm::User* user : cell->users()) {
      const auto* store = llvm::dyn_cast<llvm::StoreInst>(user);
      if (store != nullptr && loop.contains(store)) return true;
    }
    return false;
  }

  const FunctionView& view_;
  Refusal& refusal_;
  std::vector<Charge> charges_;
  llvm::SmallPtrSet<const llvm::Value*, 4> cells_;
};

}  // namespace

void verify_fuel(const FunctionView& view, bool may_lack_entry_charge, Refusal& refusal) {
  FuelVerifier(view, refusal).verify(may_lack_entry_charge);
}

void verify_counted(const FunctionView& view, Refusal& refusal) {
  if (is_irreducible(view)) refusal.refuse(view.function, "a loop has more than one entry");
  for (const llvm::Loop* loop : view.loops.getLoopsInPreorder()) {
    if (!is_counted(*loop)) refusal.refuse(view.function, "a loop does not count its turns, and no fuel is counted");
  }
}

bool charges_on_entry(const FunctionView& view) {
  Refusal ignored;
  return FuelVerifier(view, ignored).charges_on_entry();
}

}  // namespace writ::jit
