#include <cstddef>

#include "ir/collection_builder.h"
#include "ir/cost.h"
#include "jit/function_lowering.h"
#include "jit/program_shape.h"
#include "runtime/abi.h"
#include "support/check.h"

namespace writ::jit {

using runtime::Kind;
using runtime::Trap;

Words FunctionLowering::evaluate(const ir::Expr& expr) {
  return std::visit([&](const auto& node) { return expression(expr, node); }, expr.node);
}

std::vector<Words> FunctionLowering::evaluate_all(const std::vector<ir::ExprPtr>& exprs) {
  std::vector<Words> values;
  values.reserve(exprs.size());
  for (const ir::ExprPtr& expr : exprs) values.push_back(evaluate(*expr));
  return values;
}

// ---- references --------------------------------------------------------------------------------

Words FunctionLowering::expression(const ir::Expr& expr, const ir::ConstantRef&) {
  return m_.constants().words(*constant_of(expr, m_.program, m_.config));
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::KnobRef&) {
  return m_.constants().words(*constant_of(expr, m_.program, m_.config));
}

Words FunctionLowering::expression(const ir::Expr&, const ir::LocalRef& node) {
  return read(scope_->locals[node.id], scope_->function->locals[node.id].type);
}

Words FunctionLowering::expression(const ir::Expr&, const ir::FieldGet& node) {
  const ir::RecordType& record = m_.program.types.record_type(m_.program.types[node.record->type].decl);
  const ir::Field& field = record.fields[node.field];
  return load(offset(evaluate_word(*node.record), field.offset), field.type);
}

// ---- bounds and optionals ----------------------------------------------------------------------

Words FunctionLowering::expression(const ir::Expr& expr, const ir::CheckBound& node) {
  Words words = evaluate(*node.value);
  check_bound(words, node.bounded, node.trap, expr.place);
  return words;
}

void FunctionLowering::check_bound(const Words& words, ir::TypeId id, Trap trap, ir::PlaceId place) {
  const ir::Type& type = m_.program.types[id];
  const auto within = [&](llvm::Value* value, llvm::CmpInst::Predicate above, llvm::CmpInst::Predicate below,
                          auto&& end) {
    if (type.bound.low) trap_if(b_.CreateCmp(below, value, end(*type.bound.low)), trap, place);
    if (type.bound.high) trap_if(b_.CreateCmp(above, value, end(*type.bound.high)), trap, place);
  };
  const auto whole = [&](std::int64_t end) -> llvm::Value* { return number(static_cast<std::uint64_t>(end)); };
  using Cmp = llvm::CmpInst;
  switch (type.kind) {
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return within(words[0], Cmp::ICMP_SGT, Cmp::ICMP_SLT, whole);
    case Kind::kUint:
      return within(words[0], Cmp::ICMP_UGT, Cmp::ICMP_ULT, whole);
    case Kind::kDouble:  // unordered: NaN is within no bound
      return within(words[0], Cmp::FCMP_UGT, Cmp::FCMP_ULT, [&](std::int64_t end) -> llvm::Value* {
        return llvm::ConstantFP::get(m_.machine.real, std::bit_cast<double>(end));
      });
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
      return within(words[1], Cmp::ICMP_SGT, Cmp::ICMP_SLT, whole);
    case Kind::kSet:
    case Kind::kMap:
      if (type.bound.empty()) return;
      return within(load_word(offset(words[0], offsetof(runtime::Table, size))), Cmp::ICMP_SGT, Cmp::ICMP_SLT, whole);
    case Kind::kEnum: {
      const auto count = m_.program.types.enum_type(type.decl).enumerators.size();
      return trap_if(b_.CreateICmpUGE(words[0], number(count)), trap, place);
    }
    case Kind::kOptional: {
      const bool is_address = ir::optional_is_address(m_.program.types.kind(type.first));
      Block* const check = block("present");
      Block* const next = block("");
      b_.CreateCondBr(is_address ? b_.CreateIsNotNull(words[0]) : words.back(), check, next);
      b_.SetInsertPoint(check);
      check_bound(is_address ? words : Words(words.begin(), words.end() - 1), type.first, trap, place);
      jump(next);
      b_.SetInsertPoint(next);
      return;
    }
    case Kind::kBool:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kRecord:
      return;
  }
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::OptionalNone&) { return zero_words(expr.type); }

Words FunctionLowering::expression(const ir::Expr&, const ir::OptionalSome& node) {
  Words words = evaluate(*node.value);
  if (!ir::optional_is_address(m_.program.types.kind(node.value->type))) {
    words.push_back(b_.getTrue());
  }
  return words;
}

Words FunctionLowering::expression(const ir::Expr&, const ir::OptionalIsPresent& node) {
  llvm::Value* const last = evaluate(*node.value).back();
  return {last->getType() == m_.machine.address ? b_.CreateIsNotNull(last) : last};
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::OptionalGet& node) {
  Words words = evaluate(*node.value);
  words.truncate(m_.program.types.words(expr.type));
  return words;
}

// ---- operators, choices ------------------------------------------------------------------------

Words FunctionLowering::expression(const ir::Expr& expr, const ir::Operate& node) {
  return {operate(expr, node, evaluate_all(node.operands))};
}

std::optional<bool> FunctionLowering::constant_bool(const ir::Expr& expr) const {
  const ir::Constant* constant = constant_of(expr, m_.program, m_.config);
  const bool* value = constant == nullptr ? nullptr : std::get_if<bool>(&constant->value.node);
  if (value == nullptr) return std::nullopt;
  return *value;
}

void FunctionLowering::branch(const ir::Expr& condition, Block* yes, Block* no) {
  if (const auto known = constant_bool(condition)) return jump(*known ? yes : no);
  if (const auto* operate = std::get_if<ir::Operate>(&condition.node);
      operate != nullptr && operate->op == ir::Op::kBoolNot) {
    return branch(*operate->operands[0], no, yes);
  }
  const auto* select = std::get_if<ir::Select>(&condition.node);
  if (select == nullptr) {
    b_.CreateCondBr(evaluate_word(condition), yes, no);
    return;
  }
  // Each arm of `a && b`, `a || b` and of any other choice goes on by itself: no value of the whole is made.
  const auto arm = [&](const ir::Expr& expr) {
    const auto known = constant_bool(expr);
    return known ? (*known ? yes : no) : block("");
  };
  Block* const then = arm(*select->then);
  Block* const otherwise = arm(*select->otherwise);
  branch(*select->condition, then, otherwise);
  const auto write_arm = [&](Block* at, const ir::Expr& expr) {
    if (at == yes || at == no) return;
    b_.SetInsertPoint(at);
    branch(expr, yes, no);
  };
  write_arm(then, *select->then);
  write_arm(otherwise, *select->otherwise);
}

Words FunctionLowering::merge(const Words& a, Block* from_a, const Words& b, Block* from_b) {
  Words words;
  for (std::size_t i = 0; i < a.size(); ++i) {
    llvm::PHINode* const word = b_.CreatePHI(a[i]->getType(), 2);
    word->addIncoming(a[i], from_a);
    word->addIncoming(b[i], from_b);
    words.push_back(word);
  }
  return words;
}

Words FunctionLowering::expression(const ir::Expr&, const ir::Select& node) {
  Block* const then = block("then");
  Block* const otherwise = block("else");
  Block* const next = block("");
  branch(*node.condition, then, otherwise);
  b_.SetInsertPoint(then);
  const Words a = evaluate(*node.then);
  Block* const from_a = b_.GetInsertBlock();
  jump(next);
  b_.SetInsertPoint(otherwise);
  const Words b = evaluate(*node.otherwise);
  Block* const from_b = b_.GetInsertBlock();
  jump(next);
  b_.SetInsertPoint(next);
  return merge(a, from_a, b, from_b);
}

Words FunctionLowering::expression(const ir::Expr&, const ir::Do& node) {
  lower(node.body);
  WRIT_CHECK(is_open());  // INVARIANT: its body holds no Return
  return evaluate(*node.value);
}

// ---- values that are made ----------------------------------------------------------------------

Words FunctionLowering::expression(const ir::Expr& expr, const ir::RecordMake& node) {
  const std::vector<Words> values = evaluate_all(node.fields);
  llvm::Value* const memory = allocate(m_.program.types.storage(expr.type).size, expr.place);
  const ir::RecordType& record = m_.program.types.record_type(m_.program.types[expr.type].decl);
  for (std::size_t i = 0; i < values.size(); ++i) {
    store(offset(memory, record.fields[i].offset), values[i], record.fields[i].type);
  }
  return {memory};
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::ListMake& node) {
  const std::vector<Words> values = evaluate_all(node.elements);
  const ir::TypeId type = m_.program.types[expr.type].first;
  const std::size_t stride = m_.program.types.stride(type);
  llvm::Value* const memory = allocate(values.size() * stride, expr.place);
  for (std::size_t i = 0; i < values.size(); ++i) {
    store(offset(memory, i * stride), values[i], type);
  }
  return {memory, number(values.size())};
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::SetMake& node) {
  return table(expr, evaluate_all(node.elements), {});
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::MapMake& node) {
  std::vector<Words> keys;
  std::vector<Words> values;
  for (const auto& [key, value] : node.entries) {
    keys.push_back(evaluate(*key));
    values.push_back(evaluate(*value));
  }
  return table(expr, keys, values);
}

Words FunctionLowering::table(const ir::Expr& expr, const std::vector<Words>& keys, const std::vector<Words>& values) {
  const ir::Type& type = m_.program.types[expr.type];
  const auto layout = m_.program.types.entry_layout(expr.type);
  for (const Words& key : keys) charge_lookup(type.first, nullptr, key, expr.place);
  const auto count = static_cast<std::int64_t>(keys.size());
  llvm::Value* const memory =
      allocate(static_cast<std::uint64_t>(ir::cost::table_bytes(count, layout.stride)), expr.place);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t entry = static_cast<std::size_t>(ir::cost::kTableBytes) + i * layout.stride;
    store(offset(memory, entry), keys[i], type.first);
    if (type.kind == Kind::kMap) {
      store(offset(memory, entry + layout.value_offset), values[i], type.second);
    }
  }
  llvm::Value* const seed = load_word(frame_field(offsetof(runtime::Frame, hash_seed)));
  llvm::Value* const built =
      b_.CreateCall(m_.runtime_call(RuntimeCall::kTableBuild),
                    {memory, number(keys.size()), table_layout(expr.type), seed, b_.getInt8(type.kind == Kind::kMap)});
  trap_if(b_.CreateICmpEQ(built, zero(m_.machine.byte)), Trap::kInvalidArgument, expr.place);
  return {memory};
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::TableOf& node) {
  const ir::Types& types = m_.program.types;
  const ir::Type& type = types[expr.type];
  const Words keys = evaluate(*node.keys);
  const Words values = node.values ? evaluate(*node.values) : Words{llvm::ConstantPointerNull::get(m_.machine.address)};
  // As many as both have, so that a mistake above reads nothing that is not there.
  llvm::Value* const count =
      node.values ? b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, keys[1], values[1]) : keys[1];
  const std::uint64_t value_stride = node.values ? types.stride(type.second) : 0;
  llvm::AllocaInst* const source = variable(llvm::ArrayType::get(m_.machine.word, sizeof(ir::TableSource) / 8), "keys");
  store_slot(keys[0], offset(source, offsetof(ir::TableSource, keys)));
  store_slot(values[0], offset(source, offsetof(ir::TableSource, values)));
  store_word(count, offset(source, offsetof(ir::TableSource, count)));
  store_word(number(types.stride(type.first) | value_stride << 32),
             offset(source, offsetof(ir::TableSource, key_stride)));
  llvm::AllocaInst* const table = variable(m_.machine.address, "table");
  write_fuel_back();
  llvm::Value* const trap =
      b_.CreateCall(m_.runtime_call(RuntimeCall::kMakeTable), {frame_, source, table_layout(expr.type), table});
  trap_if_failed(trap, expr.place);
  read_fuel_again();
  return {load_address(table)};
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::ListGet& node) {
  const Words list = evaluate(*node.list);
  llvm::Value* const index = evaluate_word(*node.index);
  // As unsigned a negative index is past every end.
  trap_if(b_.CreateICmpUGE(index, list[1]), Trap::kIndexOutOfRange, expr.place);
  const ir::TypeId type = m_.program.types[node.list->type].first;
  return load(element(list[0], index, m_.program.types.stride(type)), type);
}

// ---- calls -------------------------------------------------------------------------------------

Words FunctionLowering::expression(const ir::Expr&, const ir::FunctionCall& node) {
  const bool handed_on = &node == tail_call_;  // looked at before: a callee written in place has Returns of its own
  Outcome outcome = call(node);
  if (handed_on) tail_status_ = outcome.status;
  return std::move(outcome.words);
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::BuiltinCall& node) {
  const stdlib::Builtin& row = stdlib::builtins()[node.id];
  std::vector<Words> arguments;
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    // Of what is prepared its number stands in the code, and neither its value nor an address.
    arguments.push_back(stdlib::is_prepared(row.parameters[i].reading)
                            ? Words{number(m_.reading_number(node.reading)), number(0)}
                            : evaluate(*node.arguments[i]));
  }
  if (const auto value = builtin_in_place(expr, node, arguments)) return {*value};
  // The thunk charges by the row's rule itself.
  return call_thunk(m_.builtin(row), nullptr, arguments, expr.type, expr.place);
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::HostCall& node) {
  const ir::HostFunctionDecl& decl = m_.program.host_functions[node.id];
  const std::vector<Words> arguments = evaluate_all(node.arguments);
  charge(decl.cost, expr.place);
  llvm::Value* const host = load_address(frame_field(offsetof(runtime::Frame, host)));
  const std::size_t at = sizeof(runtime::HostFunction) * node.id;
  llvm::Value* const thunk = load_address(offset(host, at + offsetof(runtime::HostFunction, thunk)));
  llvm::Value* const context = load_address(offset(host, at + offsetof(runtime::HostFunction, context)));
  auto* const type = llvm::FunctionType::get(
      m_.machine.byte, {m_.machine.address, m_.machine.address, m_.machine.address, m_.machine.address}, false);
  Words answer = call_thunk({type, thunk}, context, arguments, decl.result, expr.place);
  if (decl.result) {
    check_bound(answer, *decl.result, Trap::kHostError, expr.place);
    check_text(answer, *decl.result, expr.place);
  }
  return answer;
}

void FunctionLowering::check_text(const Words& words, ir::TypeId id, ir::PlaceId place) {
  const ir::Type& type = m_.program.types[id];
  if (type.kind == Kind::kOptional && m_.program.types.kind(type.first) == Kind::kString) {
    Block* const check = block("present");
    Block* const next = block("");
    b_.CreateCondBr(words.back(), check, next);
    b_.SetInsertPoint(check);
    check_text(words, type.first, place);
    jump(next);
    b_.SetInsertPoint(next);
  } else if (type.kind == Kind::kString) {
    llvm::Value* const sound = b_.CreateCall(m_.runtime_call(RuntimeCall::kIsUtf8), {words[0], words[1]});
    trap_if(b_.CreateICmpEQ(sound, zero(m_.machine.byte)), Trap::kHostError, place);
  }
}

}  // namespace writ::jit
