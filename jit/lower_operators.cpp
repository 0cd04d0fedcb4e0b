#include <llvm/IR/Intrinsics.h>

#include <cstddef>
#include <limits>
#include <utility>

#include "ir/cost.h"
#include "jit/function_lowering.h"
#include "jit/program_shape.h"
#include "runtime/abi.h"
#include "support/check.h"

namespace writ::jit {

using runtime::Trap;

namespace {

/// a && b. What a constant decides is no instruction: the verifier looks for the condition that is left.
llvm::Value* both(llvm::IRBuilder<>& builder, llvm::Value* a, llvm::Value* b) {
  for (const auto& [known, other] : {std::pair(a, b), std::pair(b, a)}) {
    if (const auto* decided = llvm::dyn_cast<llvm::ConstantInt>(known)) return decided->isZero() ? known : other;
  }
  return builder.CreateAnd(a, b);
}

}  // namespace

llvm::Value* FunctionLowering::operate(const ir::Expr& expr, const ir::Operate& node, const std::vector<Words>& x) {
  using ir::Op;
  namespace intrinsic = llvm::Intrinsic;
  llvm::Value* const a = x[0][0];
  llvm::Value* const b = x.size() > 1 ? x[1][0] : nullptr;
  switch (node.op) {
    case Op::kBoolNot:
      return b_.CreateNot(a);
    case Op::kWordEqual:
      return b_.CreateICmpEQ(a, b);

    case Op::kIntAdd:
      return checked(intrinsic::sadd_with_overflow, a, b, expr.place);
    case Op::kIntSubtract:
      return checked(intrinsic::ssub_with_overflow, a, b, expr.place);
    case Op::kIntMultiply:
      return checked(intrinsic::smul_with_overflow, a, b, expr.place);
    case Op::kIntNegate:
      return checked(intrinsic::ssub_with_overflow, number(0), a, expr.place);
    case Op::kUintAdd:
      return checked(intrinsic::uadd_with_overflow, a, b, expr.place);
    case Op::kUintSubtract:
      return checked(intrinsic::usub_with_overflow, a, b, expr.place);
    case Op::kUintMultiply:
      return checked(intrinsic::umul_with_overflow, a, b, expr.place);
    case Op::kIntDivide:
    case Op::kIntRemainder:
    case Op::kUintDivide:
    case Op::kUintRemainder:
      return divide(node.op, a, b, expr.place);

    case Op::kIntLess:
      return b_.CreateICmpSLT(a, b);
    case Op::kIntLessEqual:
      return b_.CreateICmpSLE(a, b);
    case Op::kIntGreater:
      return b_.CreateICmpSGT(a, b);
    case Op::kIntGreaterEqual:
      return b_.CreateICmpSGE(a, b);
    case Op::kUintLess:
      return b_.CreateICmpULT(a, b);
    case Op::kUintLessEqual:
      return b_.CreateICmpULE(a, b);
    case Op::kUintGreater:
      return b_.CreateICmpUGT(a, b);
    case Op::kUintGreaterEqual:
      return b_.CreateICmpUGE(a, b);

    case Op::kDoubleAdd:
      return b_.CreateFAdd(a, b);
    case Op::kDoubleSubtract:
      return b_.CreateFSub(a, b);
    case Op::kDoubleMultiply:
      return b_.CreateFMul(a, b);
    case Op::kDoubleDivide:
      return b_.CreateFDiv(a, b);
    case Op::kDoubleNegate:
      return b_.CreateFNeg(a);
    case Op::kDoubleEqual:
      return b_.CreateFCmpOEQ(a, b);
    case Op::kDoubleLess:
      return b_.CreateFCmpOLT(a, b);
    case Op::kDoubleLessEqual:
      return b_.CreateFCmpOLE(a, b);
    case Op::kDoubleGreater:
      return b_.CreateFCmpOGT(a, b);
    case Op::kDoubleGreaterEqual:
      return b_.CreateFCmpOGE(a, b);

    case Op::kOrderIntUint:
      return order_int_uint(a, b);
    case Op::kOrderIntDouble:
      return b_.CreateCall(m_.runtime_call(RuntimeCall::kOrderIntDouble), {a, b});
    case Op::kOrderUintDouble:
      return b_.CreateCall(m_.runtime_call(RuntimeCall::kOrderUintDouble), {a, b});

    case Op::kStringEqual:
      charge_compare(node, x, expr.place);
      return strings_equal(x[0], x[1]);
    case Op::kStringLess:
      charge_compare(node, x, expr.place);
      return b_.CreateICmpSLT(order_strings(x[0], x[1]), number(0));
    case Op::kStringLessEqual:
      charge_compare(node, x, expr.place);
      return b_.CreateICmpSLE(order_strings(x[0], x[1]), number(0));
    case Op::kStringGreater:
      charge_compare(node, x, expr.place);
      return b_.CreateICmpSGT(order_strings(x[0], x[1]), number(0));
    case Op::kStringGreaterEqual:
      charge_compare(node, x, expr.place);
      return b_.CreateICmpSGE(order_strings(x[0], x[1]), number(0));
    case Op::kStringBytes:
    case Op::kListSize:
      return x[0][1];

    case Op::kIpEqual:
    case Op::kCidrEqual:
      return words_equal(x[0], x[1]);
    case Op::kIpInCidr:
      return in_cidr(x[0], x[1]);
    case Op::kCidrInCidr:
      return b_.CreateAnd(b_.CreateICmpSGE(x[0][2], x[1][2]), in_cidr({x[0][0], x[0][1]}, x[1]));
    case Op::kTableSize:
      return load_word(offset(a, offsetof(runtime::Table, size)));
  }
  WRIT_UNREACHABLE();
}

// ---- numbers -----------------------------------------------------------------------------------

llvm::Value* FunctionLowering::checked(llvm::Intrinsic::ID operation, llvm::Value* a, llvm::Value* b,
                                       ir::PlaceId place) {
  llvm::Value* const both = b_.CreateBinaryIntrinsic(operation, a, b);
  trap_if(b_.CreateExtractValue(both, 1), Trap::kOverflow, place);
  return b_.CreateExtractValue(both, 0);
}

llvm::Value* FunctionLowering::divide(ir::Op op, llvm::Value* a, llvm::Value* b, ir::PlaceId place) {
  const bool is_signed = op == ir::Op::kIntDivide || op == ir::Op::kIntRemainder;
  trap_if(b_.CreateICmpEQ(b, number(0)), Trap::kDivisionByZero, place);
  if (is_signed) {
    const auto least = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::min());
    llvm::Value* const by_minus_one = b_.CreateICmpEQ(b, number(~std::uint64_t{0}));
    trap_if(both(b_, by_minus_one, b_.CreateICmpEQ(a, number(least))), Trap::kOverflow, place);
  }
  switch (op) {
    case ir::Op::kIntDivide:
      return b_.CreateSDiv(a, b);
    case ir::Op::kIntRemainder:
      return b_.CreateSRem(a, b);
    case ir::Op::kUintDivide:
      return b_.CreateUDiv(a, b);
    default:
      return b_.CreateURem(a, b);
  }
}

llvm::Value* FunctionLowering::order_int_uint(llvm::Value* a, llvm::Value* b) {
  llvm::Value* const negative = b_.CreateICmpSLT(a, number(0));
  llvm::Value* const less = b_.CreateOr(negative, b_.CreateICmpULT(a, b));
  llvm::Value* const not_less = b_.CreateZExt(b_.CreateICmpNE(a, b), m_.machine.word);
  return b_.CreateSelect(less, number(~std::uint64_t{0}), not_less);
}

// ---- text --------------------------------------------------------------------------------------

void FunctionLowering::charge_compare(const ir::Operate& node, const std::vector<Words>& x, ir::PlaceId place) {
  for (const ir::ExprPtr& operand : node.operands) {
    const auto bytes = most_bytes(*operand, m_.program, m_.config);
    if (bytes && ir::cost::compare_fuel(*bytes, *bytes) == 0) return;
  }
  llvm::Value* const smaller = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, x[0][1], x[1][1]);
  charge(b_.CreateAShr(smaller, ir::cost::kCompareShift), place);
}

llvm::Value* FunctionLowering::bytes_equal(llvm::Value* a, llvm::Value* b, llvm::Value* size) {
  llvm::Value* const order = b_.CreateCall(m_.runtime_call(RuntimeCall::kCompareBytes), {a, b, size});
  return b_.CreateICmpEQ(order, zero(m_.machine.half));
}

llvm::Value* FunctionLowering::strings_equal(const Words& a, const Words& b) {
  llvm::Value* const same_size = b_.CreateICmpEQ(a[1], b[1]);
  // A constant side's size makes the comparison a few instructions.
  llvm::Value* const size = llvm::isa<llvm::ConstantInt>(a[1]) ? a[1] : b[1];
  const auto* known = llvm::dyn_cast<llvm::ConstantInt>(size);
  if (known != nullptr && known->isZero()) return same_size;
  return and_then(same_size, [&] { return bytes_equal(a[0], b[0], size); });
}

llvm::Value* FunctionLowering::order_strings(const Words& a, const Words& b) {
  llvm::Value* const common = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, a[1], b[1]);
  llvm::Value* const bytes =
      b_.CreateSExt(b_.CreateCall(m_.runtime_call(RuntimeCall::kCompareBytes), {a[0], b[0], common}), m_.machine.word);
  llvm::Value* const sizes = b_.CreateSelect(b_.CreateICmpULT(a[1], b[1]), number(~std::uint64_t{0}),
                                             b_.CreateZExt(b_.CreateICmpNE(a[1], b[1]), m_.machine.word));
  return b_.CreateSelect(b_.CreateICmpEQ(bytes, number(0)), sizes, bytes);
}

llvm::Value* FunctionLowering::has_end(const Words& text, const Words& end, bool at_front) {
  llvm::Value* const fits = b_.CreateICmpUGE(text[1], end[1]);
  return and_then(fits, [&] {
    llvm::Value* const at = at_front ? text[0] : b_.CreateGEP(m_.machine.byte, text[0], b_.CreateSub(text[1], end[1]));
    return bytes_equal(at, end[0], end[1]);
  });
}

// ---- addresses ---------------------------------------------------------------------------------

llvm::Value* FunctionLowering::words_equal(const Words& a, const Words& b) {
  llvm::Value* equal = b_.getTrue();
  for (std::size_t i = 0; i < a.size(); ++i) {
    equal = b_.CreateAnd(equal, b_.CreateICmpEQ(a[i], b[i]));
  }
  return equal;
}

llvm::Value* FunctionLowering::prefix_mask(llvm::Value* bits) {
  // The first `bits` of 64 bits, for any number: none below 1, all above 63. Shifts stay below 64.
  llvm::Value* const shift = b_.CreateAnd(bits, number(63));
  llvm::Value* const ones = number(~std::uint64_t{0});
  llvm::Value* const some = b_.CreateNot(b_.CreateLShr(ones, shift));
  llvm::Value* const all = b_.CreateSelect(b_.CreateICmpSGE(bits, number(64)), ones, some);
  return b_.CreateSelect(b_.CreateICmpSLE(bits, number(0)), number(0), all);
}

llvm::Value* FunctionLowering::in_cidr(const Words& address, const Words& network) {
  llvm::Value* const high = prefix_mask(network[2]);
  llvm::Value* const low = prefix_mask(b_.CreateSub(network[2], number(64)));
  return b_.CreateAnd(b_.CreateICmpEQ(b_.CreateAnd(address[0], high), network[0]),
                      b_.CreateICmpEQ(b_.CreateAnd(address[1], low), network[1]));
}

// ---- built-ins in place of their calls ---------------------------------------------------------

std::optional<llvm::Value*> FunctionLowering::builtin_in_place(const ir::Expr& expr, const ir::BuiltinCall& node,
                                                               const std::vector<Words>& x) {
  const stdlib::Builtin& row = stdlib::builtins()[node.id];
  const bool at_front = row.symbol == std::string_view("writ_string_startsWith");
  if (!at_front && row.symbol != std::string_view("writ_string_endsWith")) return std::nullopt;
  if (!llvm::isa<llvm::ConstantInt>(x[1][1])) return std::nullopt;
  charge_builtin(row, node, x, expr.place);
  return has_end(x[0], x[1], at_front);
}

void FunctionLowering::charge_builtin(const stdlib::Builtin& row, const ir::BuiltinCall& node,
                                      const std::vector<Words>& x, ir::PlaceId place) {
  using Basis = stdlib::FuelRule::Basis;
  const auto bytes = [&](std::size_t argument) -> llvm::Value* {
    const ir::Kind kind = m_.program.types.kind(node.arguments[argument]->type);
    const bool has_size = kind == ir::Kind::kString || kind == ir::Kind::kBytes;
    return has_size ? x[argument][1] : number(0);
  };
  const auto sum = [&]() -> llvm::Value* {
    switch (row.fuel.basis) {
      case Basis::kNone:
        return number(0);
      case Basis::kFirst:
        return bytes(0);
      case Basis::kSecond:
        return bytes(1);
      case Basis::kSmaller:
        return b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, bytes(0), bytes(1));
      case Basis::kSum:
        return b_.CreateAdd(bytes(0), bytes(1));
      case Basis::kProduct:
        return b_.CreateMul(b_.CreateAdd(bytes(0), number(1)), bytes(1));
      case Basis::kSorting:
        WRIT_UNREACHABLE();  // nothing sorts in place
    }
    WRIT_UNREACHABLE();
  };
  if (row.fuel.basis == Basis::kSmaller) {
    for (const std::size_t argument : {0, 1}) {
      const auto most = most_bytes(*node.arguments[argument], m_.program, m_.config);
      if (most && *most >> row.fuel.shift == 0) return;
    }
  }
  charge(b_.CreateAShr(sum(), row.fuel.shift), place);
}

}  // namespace writ::jit
