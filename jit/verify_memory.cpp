#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/IR/GetElementPtrTypeIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PatternMatch.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "jit/verify_function.h"
#include "runtime/abi.h"

namespace writ::jit {
namespace {

using namespace llvm::PatternMatch;  // NOLINT(google-build-using-namespace)
using llvm::ICmpInst;
using runtime::Frame;

/// All variables of one function together.
constexpr std::uint64_t kVariableBytes = 262'144;

constexpr std::uint64_t kArenaNext = offsetof(Frame, arena_next);
constexpr std::uint64_t kArenaEnd = offsetof(Frame, arena_end);

/// The frame's fields that generated code may write.
bool is_writable_field(std::uint64_t at, std::uint64_t size) {
  const auto lies_in = [&](std::uint64_t begin, std::uint64_t bytes) {
    return at >= begin && at + size <= begin + bytes;
  };
  return lies_in(offsetof(Frame, fuel), 8) || lies_in(kArenaNext, 8) || lies_in(offsetof(Frame, stack_left), 8) ||
         lies_in(offsetof(Frame, results), sizeof(Frame::results)) ||
         lies_in(offsetof(Frame, reason), sizeof(Frame::reason));
}

class MemoryVerifier {
 public:
  MemoryVerifier(const FunctionView& view, bool limits, Refusal& refusal)
      : view_(view), data_(view.function.getDataLayout()), limits_(limits), refusal_(refusal) {}

  void verify() {
    std::uint64_t variables = 0;
    for (llvm::BasicBlock& block : view_.function) {
      for (llvm::Instruction& instruction : block) {
        if (const auto* variable = llvm::dyn_cast<llvm::AllocaInst>(&instruction)) {
          variables += size_of(*variable);
          if (&block != &view_.function.getEntryBlock()) refuse("a variable is made in the middle");
        }
        verify(instruction);
      }
    }
    if (variables > kVariableBytes) refuse("its variables take too much of the stack");
  }

 private:
  /// A piece of the arena: how big it is, and the store from which on it is ours.
  struct Allocation {
    std::uint64_t bytes = 0;
    const llvm::StoreInst* moved = nullptr;
  };

  void refuse(const char* reason) { refusal_.refuse(view_.function, reason); }

  void verify(llvm::Instruction& instruction) {
    if (const auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
      if (!load->isSimple()) return refuse("a load is volatile or atomic");
      verify_read(load->getPointerOperand(), data_.getTypeStoreSize(load->getType()));
    } else if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
      if (!store->isSimple()) return refuse("a store is volatile or atomic");
      verify_write(store->getPointerOperand(), data_.getTypeStoreSize(store->getValueOperand()->getType()), *store);
      if (view_.is_frame_field(store->getPointerOperand(), kArenaNext)) verify_allocation(*store);
    } else if (const auto* copy = llvm::dyn_cast<llvm::MemCpyInst>(&instruction)) {
      const auto* size = llvm::dyn_cast<llvm::ConstantInt>(copy->getLength());
      if (size == nullptr) return refuse("a copy has no constant size");
      verify_read(copy->getRawSource(), size->getZExtValue());
      verify_write(copy->getRawDest(), size->getZExtValue(), *copy);
    } else if (const auto* address = llvm::dyn_cast<llvm::GetElementPtrInst>(&instruction)) {
      verify_address(*address);
    } else if (const auto* cast = llvm::dyn_cast<llvm::IntToPtrInst>(&instruction)) {
      if (!is_returned_address(cast->getOperand(0))) refuse("a number becomes an address");
    } else if (const auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) {
      for (const llvm::Value* argument : call->args()) {
        if (argument->getType()->isPointerTy()) verify_root(argument);
      }
    }
  }

  static std::uint64_t size_of(const llvm::AllocaInst& variable) {
    const auto size = variable.getAllocationSize(variable.getDataLayout());
    return size && !size->isScalable() ? size->getFixedValue() : std::numeric_limits<std::uint32_t>::max();
  }

  std::optional<std::uint64_t> size_of(const llvm::Value* root) const {
    if (const auto* variable = llvm::dyn_cast<llvm::AllocaInst>(root)) return size_of(*variable);
    if (const auto* global = llvm::dyn_cast<llvm::GlobalVariable>(root)) {
      return data_.getTypeAllocSize(global->getValueType()).getFixedValue();
    }
    if (root == view_.frame()) return sizeof(Frame);
    return std::nullopt;
  }

  /// The word that a function of this module returned: its address, when the caller takes it for one.
  static bool is_returned_address(const llvm::Value* word) {
    const llvm::Value* from = nullptr;
    if (!match(word, m_ExtractValue<0>(m_Value(from)))) return false;
    const auto* call = llvm::dyn_cast<llvm::CallInst>(from);
    return call != nullptr && call->getCalledFunction() != nullptr && !call->getCalledFunction()->isDeclaration();
  }

  // ---- where addresses come from ---------------------------------------------------------------

  void verify_root(const llvm::Value* pointer) {
    llvm::SmallPtrSet<const llvm::Value*, 8> seen;
    if (!has_root(pointer, seen)) refuse("an address comes from nowhere");
  }

  bool has_root(const llvm::Value* pointer, llvm::SmallPtrSet<const llvm::Value*, 8>& seen) const {
    if (!seen.insert(pointer).second) return true;
    // Loads, address steps and casts are judged where they stand.
    if (llvm::isa<llvm::Argument, llvm::AllocaInst, llvm::GlobalVariable, llvm::LoadInst, llvm::IntToPtrInst,
                  llvm::ConstantPointerNull, llvm::CallInst>(pointer)) {
      return true;
    }
    if (const auto* step = llvm::dyn_cast<llvm::GEPOperator>(pointer)) {
      return has_root(step->getPointerOperand(), seen);
    }
    if (const auto* phi = llvm::dyn_cast<llvm::PHINode>(pointer)) {
      return std::ranges::all_of(phi->incoming_values(),
                                 [&](const llvm::Use& use) { return has_root(use.get(), seen); });
    }
    return false;
  }

  void verify_read(const llvm::Value* pointer, std::uint64_t size) {
    verify_root(pointer);
    const llvm::Value* root = pointer;
    const auto at = view_.strip(root);
    const auto bytes = size_of(root);
    if (at && bytes && (*at < 0 || static_cast<std::uint64_t>(*at) + size > *bytes)) {
      refuse("a read goes past what it reads from");
    }
  }

  void verify_write(const llvm::Value* pointer, std::uint64_t size, const llvm::Instruction& where) {
    const llvm::Value* root = pointer;
    const auto at = view_.strip(root);
    if (!at || *at < 0) return refuse("a write has no constant place");
    const auto offset = static_cast<std::uint64_t>(*at);
    if (root == view_.frame()) {
      if (!is_writable_field(offset, size)) refuse("a write to a field of the frame that is not its own");
    } else if (llvm::isa<llvm::AllocaInst>(root)) {
      if (offset + size > *size_of(root)) refuse("a write goes past its variable");
    } else if (is_shared_variable(root)) {
      if (offset + size > shared_bytes(view_.function)) refuse("a write goes past its owner's locals");
    } else if (!is_allocated(root, offset + size, where)) {
      refuse("a write to memory that was not allocated");
    }
  }

  /// The second argument of a part: the locals of its owner.
  bool is_shared_variable(const llvm::Value* root) const {
    return view_.function.hasLocalLinkage() && view_.function.hasOneUse() && view_.function.arg_size() == 2 &&
           root == view_.function.getArg(1);
  }

  std::uint64_t shared_bytes(const llvm::Function& part) const {
    const auto* call = llvm::dyn_cast<llvm::CallInst>(*part.user_begin());
    if (call == nullptr || call->arg_size() != 2) return 0;
    const llvm::Value* shared = call->getArgOperand(1);
    if (const auto* variable = llvm::dyn_cast<llvm::AllocaInst>(shared)) return size_of(*variable);
    const llvm::Function& owner = *call->getFunction();
    const bool is_part = owner.hasLocalLinkage() && owner.hasOneUse() && owner.arg_size() == 2;
    return is_part && &owner != &part && shared == owner.getArg(1) ? shared_bytes(owner) : 0;
  }

  // ---- the arena -------------------------------------------------------------------------------

  bool is_arena_next(const llvm::Value* value) const {
    const auto* load = llvm::dyn_cast<llvm::LoadInst>(value);
    return load != nullptr && view_.is_frame_field(load->getPointerOperand(), kArenaNext);
  }

  /// Whether `next`, read from the frame, was moved on by at least `bytes` before `where`.
  bool is_allocated(const llvm::Value* next, std::uint64_t bytes, const llvm::Instruction& where) {
    if (!is_arena_next(next)) return false;
    const auto [found, is_new] = allocations_.try_emplace(next);
    if (is_new) found->second = allocation_of(next);
    const Allocation& allocation = found->second;
    return allocation.moved != nullptr && allocation.bytes >= bytes &&
           view_.dominators.dominates(allocation.moved, &where);
  }

  /// The first store that moves the arena on from `next`; of no bytes when there is none.
  Allocation allocation_of(const llvm::Value* next) const {
    for (const llvm::User* user : next->users()) {
      const auto* moved = llvm::dyn_cast<llvm::GetElementPtrInst>(user);
      if (moved == nullptr) continue;
      const llvm::Value* root = moved;
      const auto size = view_.strip(root);
      if (!size || root != next || *size <= 0) continue;
      for (const llvm::User* use : moved->users()) {
        const auto* store = llvm::dyn_cast<llvm::StoreInst>(use);
        if (store != nullptr && store->getValueOperand() == moved &&
            view_.is_frame_field(store->getPointerOperand(), kArenaNext)) {
          return {.bytes = static_cast<std::uint64_t>(*size), .moved = store};
        }
      }
    }
    return {};
  }

  /// arena_next moves on by a constant, after arena_end - arena_next was found to hold it.
  void verify_allocation(const llvm::StoreInst& store) {
    const llvm::Value* next = store.getValueOperand();
    const auto size = view_.strip(next);
    if (!size || *size <= 0 || !is_arena_next(next)) return refuse("the arena moves by no constant");
    if (limits_ && !has_room(next, static_cast<std::uint64_t>(*size), store)) {
      refuse("the arena moves without a check");
    }
  }

  bool has_room(const llvm::Value* next, std::uint64_t bytes, const llvm::Instruction& where) const {
    for (const llvm::User* user : next->users()) {
      const auto* begin = llvm::dyn_cast<llvm::PtrToIntInst>(user);
      if (begin == nullptr) continue;
      for (const llvm::User* use : begin->users()) {
        const llvm::Value* end = nullptr;
        if (!match(use, m_Sub(m_PtrToInt(m_Value(end)), m_Specific(begin)))) continue;
        const auto* load = llvm::dyn_cast<llvm::LoadInst>(end);
        if (load == nullptr || !view_.is_frame_field(load->getPointerOperand(), kArenaEnd)) continue;
        const bool known = view_.is_known(use, where, [&](const ICmpInst& test, bool outcome) {
          const auto* least = llvm::dyn_cast<llvm::ConstantInt>(test.getOperand(1));
          return test.getOperand(0) == use && test.getPredicate() == ICmpInst::ICMP_ULT && !outcome &&
                 least != nullptr && least->getZExtValue() >= bytes;
        });
        if (known) return true;
      }
    }
    return false;
  }

  // ---- indexes ---------------------------------------------------------------------------------

  void verify_address(const llvm::GetElementPtrInst& address) {
    if (address.getNumIndices() != 1) return refuse("an address has several indexes");
    verify_root(address.getPointerOperand());
    const llvm::Value* const index = address.getOperand(1);
    if (llvm::isa<llvm::ConstantInt>(index)) return;
    const llvm::Value* base = address.getPointerOperand();
    (void)view_.strip(base);
    if (base == view_.frame() || llvm::isa<llvm::AllocaInst>(base)) {
      return refuse("a variable or the frame is indexed");
    }
    if (is_end_of_text(*index, address)) return;
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
    const bool checked = view_.is_known(index, address, [&](const ICmpInst& test, bool outcome) {
      if (test.getOperand(0) != index) return false;
      const bool below =
          outcome ? test.getPredicate() == ICmpInst::ICMP_ULT : test.getPredicate() == ICmpInst::ICMP_UGE;
      if (below) limit = most(test.getOperand(1));
      return below;
    });
    if (!checked) return refuse("an index is not checked");
    const auto stride = data_.getTypeAllocSize(address.getSourceElementType()).getFixedValue();
    const auto bytes = size_of(base);
    if (bytes && limit > *bytes / std::max<std::uint64_t>(stride, 1)) refuse("an index goes past a constant");
  }

  /// size - n after size >= n was found true: the last n bytes of a text.
  bool is_end_of_text(const llvm::Value& index, const llvm::Instruction& where) const {
    const llvm::Value* size = nullptr;
    const llvm::Value* end = nullptr;
    if (!match(&index, m_Sub(m_Value(size), m_Value(end)))) return false;
    return view_.is_known(size, where, [&](const ICmpInst& test, bool outcome) {
      return outcome && test.getPredicate() == ICmpInst::ICMP_UGE && test.getOperand(0) == size &&
             test.getOperand(1) == end;
    });
  }

  /// The greatest value of a limit, as far as constants tell.
  static std::uint64_t most(const llvm::Value* limit) {
    if (const auto* number = llvm::dyn_cast<llvm::ConstantInt>(limit)) return number->getZExtValue();
    const auto* least = llvm::dyn_cast<llvm::IntrinsicInst>(limit);
    if (least == nullptr || least->getIntrinsicID() != llvm::Intrinsic::umin) {
      return std::numeric_limits<std::uint64_t>::max();
    }
    return std::min(most(least->getArgOperand(0)), most(least->getArgOperand(1)));
  }

  const FunctionView& view_;
  const llvm::DataLayout& data_;
  bool limits_;
  Refusal& refusal_;
  llvm::DenseMap<const llvm::Value*, Allocation> allocations_;  // by what they begin at
};

}  // namespace

void verify_memory(const FunctionView& view, bool limits, Refusal& refusal) {
  MemoryVerifier(view, limits, refusal).verify();
}

}  // namespace writ::jit
