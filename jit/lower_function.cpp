#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/TargetParser/Triple.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Local.h>

#include <cstddef>

#include "jit/function_lowering.h"
#include "jit/program_shape.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::jit {
namespace {

using runtime::Frame;
using runtime::Kind;
using runtime::Trap;

/// A body of more nodes is written as parts: optimising and code generation are not linear in a function's size.
constexpr std::size_t kPartNodes = 1200;
/// Statements of fewer nodes together stay in their function.
constexpr std::size_t kLeastPartNodes = 100;
/// Functions of up to this many nodes are always written in place of their call,
constexpr std::size_t kSmallNodes = 48;
/// others while the function that they go into stays below this many,
constexpr std::size_t kInPlaceNodes = 2400;
/// and none deeper than this.
constexpr std::size_t kInPlaceDepth = 8;

}  // namespace

FunctionLowering::FunctionLowering(ModuleLowering& module, llvm::Function& function)
    : m_(module),
      function_(function),
      b_(module.context()),
      frame_(function.getArg(0)),
      entry_(Block::Create(module.context(), "entry", &function)),
      start_(Block::Create(module.context(), "start", &function)) {
  b_.SetInsertPoint(start_);
  frame_fuel_ = frame_;
  static_assert(offsetof(Frame, fuel) == 0);
  fuel_ = frame_fuel_;
}

void FunctionLowering::lower_function(ir::FunctionId id) {
  const ir::Function& function = m_.program.functions[id];
  Scope scope{.id = id, .function = &function, .fuel = fuel_};
  scope_ = &scope;
  m_.count_written(id);
  enter_function(function, m_.is_metered(id));
  if (m_.node_count(id) > kPartNodes) {
    keep_locals_in_memory(scope);
  } else {
    written_nodes_ = m_.node_count(id);
  }
  bind_parameters(scope);
  lower(function.body);
  if (is_open()) leave(function.result ? zero_words(*function.result) : Words{}, number(0));
  finish();
}

void FunctionLowering::lower_part(ir::FunctionId id, const ir::Stmt* first, const ir::Stmt* last) {
  is_part_ = true;
  Scope scope{.id = id, .function = &m_.program.functions[id], .fuel = fuel_};
  scope_ = &scope;
  share_locals(scope, first, last);
  Block* const broken = block("break");
  Block* const continued = block("continue");
  scope.break_to = broken;
  scope.continue_to = continued;
  lower(first, last);
  const auto end = [&](std::uint64_t how) {
    if (!is_open()) return;
    b_.CreateRet(llvm::ConstantStruct::get(m_.machine.result, {number(0), number(how)}));
  };
  end(kPartFallThrough);
  for (const auto& [exit, how] : {std::pair(broken, kPartBreak), std::pair(continued, kPartContinue)}) {
    if (exit->hasNPredecessors(0)) {
      exit->eraseFromParent();
      continue;
    }
    b_.SetInsertPoint(exit);
    end(how);
  }
  finish();
}

void FunctionLowering::finish() {
  if (arguments_ != nullptr) arguments_->setOperand(0, number(argument_words_));
  llvm::IRBuilder<>(entry_).CreateBr(start_);
  // What constants decide is decided here: code that never runs need not pass the verifier, `["a"][5]` reads nothing. A choice of
  // which one side is left stays a choice: a constant in its place would leave checks and charges of shapes that nobody knows.
  for (Block& each : function_) llvm::ConstantFoldTerminator(&each);
  llvm::EliminateUnreachableBlocks(function_, nullptr, /*KeepOneInputPHIs=*/true);
}

// ---- frame, traps, charges, memory -------------------------------------------------------------

llvm::AllocaInst* FunctionLowering::variable(llvm::Type* type, const llvm::Twine& name) {
  llvm::IRBuilder<> at_entry(entry_);
  return at_entry.CreateAlloca(type, nullptr, name);
}

llvm::Value* FunctionLowering::offset(llvm::Value* address, std::uint64_t bytes) {
  if (bytes == 0) return address;
  return b_.CreateGEP(m_.machine.byte, address, number(bytes));
}

llvm::Value* FunctionLowering::frame_field(std::size_t at) { return offset(frame_, at); }

llvm::Value* FunctionLowering::element(llvm::Value* base, llvm::Value* at, std::uint64_t stride) {
  return b_.CreateGEP(llvm::ArrayType::get(m_.machine.byte, stride), base, at);
}

void FunctionLowering::branch_rarely(llvm::Value* condition, Block* rare, Block* usual) {
  constexpr std::uint32_t kOften = 1U << 20;
  b_.CreateCondBr(condition, rare, usual, llvm::MDBuilder(m_.context()).createBranchWeights(1, kOften));
}

FunctionLowering::Block* FunctionLowering::trap_exit(llvm::Value* status) {
  if (trap_exit_ == nullptr) {
    trap_exit_ = block("trap");
    llvm::IRBuilder<> exit(trap_exit_);
    trap_status_ = exit.CreatePHI(m_.machine.word, 2, "status");
    exit.CreateAlignedStore(number(0), frame_fuel_, llvm::Align(8));
    llvm::Value* result = llvm::ConstantStruct::get(m_.machine.result, {number(0), number(0)});
    exit.CreateRet(exit.CreateInsertValue(result, trap_status_, 1));
  }
  trap_status_->addIncoming(status, b_.GetInsertBlock());
  return trap_exit_;
}

void FunctionLowering::trap_with(llvm::Value* condition, llvm::Value* status) {
  Block* const next = block("");
  branch_rarely(condition, trap_exit(status), next);
  b_.SetInsertPoint(next);
}

void FunctionLowering::trap_if(llvm::Value* condition, Trap trap, ir::PlaceId place) {
  if (const auto* known = llvm::dyn_cast<llvm::ConstantInt>(condition); known && known->isZero()) {
    return;
  }
  trap_with(condition, number(m_.trap_status(trap, place)));
}

void FunctionLowering::trap_if_failed(llvm::Value* trap, ir::PlaceId place) {
  Block* const failed = block("failed");
  Block* const next = block("");
  branch_rarely(b_.CreateICmpNE(trap, zero(m_.machine.byte)), failed, next);
  b_.SetInsertPoint(failed);
  llvm::Value* const status =
      b_.CreateOr(b_.CreateZExt(trap, m_.machine.word), number(m_.trap_status(Trap::kNone, place)));
  b_.CreateBr(trap_exit(status));
  b_.SetInsertPoint(next);
}

void FunctionLowering::pay(llvm::Value* units, ir::PlaceId place) {
  // Unsigned: fuel is never negative. The store comes first: a trap clears the fuel anyway, and load, subtraction and store
  // become one instruction that leaves the answer in the carry.
  llvm::Value* const both = b_.CreateBinaryIntrinsic(llvm::Intrinsic::usub_with_overflow, load_word(fuel_), units);
  store_word(b_.CreateExtractValue(both, 0), fuel_);
  trap_if(b_.CreateExtractValue(both, 1), Trap::kOutOfFuel, place);
}

void FunctionLowering::charge(std::int64_t units, ir::PlaceId place) {
  if (!m_.counts_fuel() || units == 0) return;
  pay(number(static_cast<std::uint64_t>(units)), place);
}

void FunctionLowering::charge(llvm::Value* units, ir::PlaceId place) {
  if (!m_.counts_fuel()) return;
  if (const auto* known = llvm::dyn_cast<llvm::ConstantInt>(units)) {
    return charge(known->getSExtValue(), place);
  }
  // Mostly nothing is due, and often the optimiser can see that: then nothing of this is left.
  Block* const due = block("due");
  Block* const next = block("");
  branch_rarely(b_.CreateICmpNE(units, number(0)), due, next);
  b_.SetInsertPoint(due);
  pay(units, place);
  jump(next);
  b_.SetInsertPoint(next);
}

void FunctionLowering::write_fuel_back() {
  if (fuel_ != frame_fuel_) store_word(load_word(fuel_), frame_fuel_);
}

void FunctionLowering::read_fuel_again() {
  if (fuel_ != frame_fuel_) store_word(load_word(frame_fuel_), fuel_);
}

llvm::Value* FunctionLowering::allocate(std::uint64_t bytes, ir::PlaceId place) {
  const std::uint64_t rounded = (bytes + 7) / 8 * 8;
  llvm::Value* const next = load_address(frame_field(offsetof(Frame, arena_next)));
  if (rounded == 0) return next;
  if (m_.options.limits) {
    llvm::Value* const end = load_address(frame_field(offsetof(Frame, arena_end)));
    llvm::Value* const left =
        b_.CreateSub(b_.CreatePtrToInt(end, m_.machine.word), b_.CreatePtrToInt(next, m_.machine.word));
    trap_if(b_.CreateICmpULT(left, number(rounded)), Trap::kOutOfMemory, place);
  }
  store_word(offset(next, rounded), frame_field(offsetof(Frame, arena_next)));
  return next;
}

void FunctionLowering::enter_function(const ir::Function& function, bool metered) {
  if (metered && m_.options.limits) {
    llvm::Value* const field = frame_field(offsetof(Frame, stack_left));
    llvm::Value* const both = b_.CreateBinaryIntrinsic(llvm::Intrinsic::usub_with_overflow, load_word(field),
                                                       number(static_cast<std::uint64_t>(function.stack_bytes)));
    store_word(b_.CreateExtractValue(both, 0), field);
    trap_if(b_.CreateExtractValue(both, 1), Trap::kStackOverflow, function.place);
  }
  if (function.recursive) check_native_stack(function);
  charge(function.entry_fuel, function.place);
}

void FunctionLowering::check_native_stack(const ir::Function& function) {
  const bool is_arm = llvm::Triple(m_.module().getTargetTriple()).isAArch64();
  llvm::Metadata* const name = llvm::MDString::get(m_.context(), is_arm ? "sp" : "rsp");
  llvm::Value* const pointer =
      b_.CreateIntrinsic(llvm::Intrinsic::read_register, {m_.machine.word},
                         {llvm::MetadataAsValue::get(m_.context(), llvm::MDNode::get(m_.context(), name))});
  llvm::Value* const end = load_word(frame_field(offsetof(Frame, native_stack_end)));
  trap_if(b_.CreateICmpULT(pointer, end), Trap::kStackOverflow, function.place);
}

void FunctionLowering::leave_metered() {
  const bool is_own = scope_->after != nullptr || !is_part_;
  if (!is_own || !m_.options.limits || !m_.is_metered(scope_->id)) return;
  llvm::Value* const field = frame_field(offsetof(Frame, stack_left));
  store_word(b_.CreateAdd(load_word(field), number(static_cast<std::uint64_t>(scope_->function->stack_bytes))), field);
}

// ---- values in memory and between functions ----------------------------------------------------

Words FunctionLowering::load(llvm::Value* address, ir::TypeId id) {
  const ir::Type& type = m_.program.types[id];
  const auto word = [&](std::uint64_t at) -> llvm::Value* { return load_word(offset(address, at)); };
  switch (type.kind) {
    case Kind::kBool:
      return {b_.CreateICmpNE(b_.CreateLoad(m_.machine.byte, address), zero(m_.machine.byte))};
    case Kind::kEnum:
      return {b_.CreateZExt(b_.CreateLoad(m_.machine.byte, address), m_.machine.word)};
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return {word(0)};
    case Kind::kDouble:
      return {b_.CreateAlignedLoad(m_.machine.real, address, llvm::Align(8))};
    case Kind::kString:
    case Kind::kBytes:
      return {load_address(offset(address, offsetof(runtime::StringStorage, data))),
              word(offsetof(runtime::StringStorage, size))};
    case Kind::kList:
      return {load_address(offset(address, offsetof(runtime::ListStorage, data))),
              word(offsetof(runtime::ListStorage, size))};
    case Kind::kIp:
      return {word(0), word(8)};
    case Kind::kCidr:
      return {word(0), word(8), word(16)};
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kMap:
      return {address};
    case Kind::kOptional: {
      if (ir::optional_is_address(m_.program.types.kind(type.first))) return {load_address(address)};
      Words words = load(address, type.first);
      llvm::Value* const flag = offset(address, m_.program.types.storage(type.first).size);
      words.push_back(b_.CreateICmpNE(b_.CreateLoad(m_.machine.byte, flag), zero(m_.machine.byte)));
      return words;
    }
  }
  WRIT_UNREACHABLE();
}

void FunctionLowering::store(llvm::Value* address, const Words& words, ir::TypeId id) {
  const ir::Type& type = m_.program.types[id];
  const auto put = [&](llvm::Value* value, std::uint64_t at) { store_slot(value, offset(address, at)); };
  switch (type.kind) {
    case Kind::kBool:
      b_.CreateStore(b_.CreateZExt(words[0], m_.machine.byte), address);
      return;
    case Kind::kEnum:
      b_.CreateStore(b_.CreateTrunc(words[0], m_.machine.byte), address);
      return;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kDouble:
      return put(words[0], 0);
    case Kind::kString:
    case Kind::kBytes:
      put(words[0], offsetof(runtime::StringStorage, data));
      return put(words[1], offsetof(runtime::StringStorage, size));
    case Kind::kList:
      put(words[0], offsetof(runtime::ListStorage, data));
      return put(words[1], offsetof(runtime::ListStorage, size));
    case Kind::kIp:
    case Kind::kCidr:
      for (std::size_t i = 0; i < words.size(); ++i) put(words[i], 8 * i);
      return;
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kMap: {
      const ir::Storage storage = m_.program.types.storage(id);
      const llvm::Align align(storage.align);
      b_.CreateMemCpy(address, align, words[0], align, storage.size);
      return;
    }
    case Kind::kOptional: {
      if (ir::optional_is_address(m_.program.types.kind(type.first))) return put(words[0], 0);
      store(address, Words(words.begin(), words.end() - 1), type.first);
      b_.CreateStore(b_.CreateZExt(words.back(), m_.machine.byte),
                     offset(address, m_.program.types.storage(type.first).size));
      return;
    }
  }
  WRIT_UNREACHABLE();
}

llvm::Value* FunctionLowering::canonical(llvm::Value* real) {
  // The bits of a NaN depend on the CPU and on folding; what leaves registers has one pattern.
  return b_.CreateSelect(b_.CreateFCmpUNO(real, real), llvm::ConstantFP::getNaN(m_.machine.real), real);
}

llvm::Value* FunctionLowering::word_out(llvm::Value* value) {
  llvm::Type* const type = value->getType();
  if (type == m_.machine.bit) return b_.CreateZExt(value, m_.machine.word);
  if (type == m_.machine.address) return b_.CreatePtrToInt(value, m_.machine.word);
  if (type == m_.machine.real) return b_.CreateBitCast(canonical(value), m_.machine.word);
  return value;
}

llvm::Value* FunctionLowering::word_in(llvm::Value* word, llvm::Type* type) {
  if (word->getType() == type) return word;
  if (type == m_.machine.bit) return b_.CreateICmpNE(word, number(0));
  if (type == m_.machine.address) return b_.CreateIntToPtr(word, type);
  return b_.CreateBitCast(word, type);
}

void FunctionLowering::store_slot(llvm::Value* value, llvm::Value* address) {
  llvm::Type* const type = value->getType();
  if (type == m_.machine.bit) value = b_.CreateZExt(value, m_.machine.word);
  if (type == m_.machine.real) value = canonical(value);
  store_word(value, address);
}

llvm::Value* FunctionLowering::load_slot(llvm::Value* address, llvm::Type* type) {
  if (type == m_.machine.bit) return b_.CreateICmpNE(load_word(address), number(0));
  return b_.CreateAlignedLoad(type, address, llvm::Align(8));
}

Words FunctionLowering::zero_words(ir::TypeId type) {
  Words words;
  for (llvm::Type* const word : m_.word_types(type)) words.push_back(zero(word));
  return words;
}

// ---- locals ------------------------------------------------------------------------------------

FunctionLowering::Variable FunctionLowering::make_variable(ir::TypeId type, const std::string& name) {
  Variable words;
  for (llvm::Type* const word : m_.word_types(type)) words.push_back(variable(word, name));
  return words;
}

void FunctionLowering::assign(const Variable& variable, const Words& words) {
  for (std::size_t i = 0; i < variable.size(); ++i) {
    if (llvm::isa<llvm::AllocaInst>(variable[i])) {
      b_.CreateStore(words[i], variable[i]);
    } else {
      store_slot(words[i], variable[i]);
    }
  }
}

Words FunctionLowering::read(const Variable& variable, ir::TypeId type) {
  const WordTypes types = m_.word_types(type);
  Words words;
  for (std::size_t i = 0; i < variable.size(); ++i) {
    words.push_back(llvm::isa<llvm::AllocaInst>(variable[i]) ? b_.CreateLoad(types[i], variable[i])
                                                             : load_slot(variable[i], types[i]));
  }
  return words;
}

void FunctionLowering::bind_parameters(Scope& scope) {
  const auto& locals = scope.function->locals;
  auto* argument = function_.arg_begin() + 1;
  for (std::size_t i = 0; i < locals.size(); ++i) {
    if (scope.locals.size() == i) {
      scope.locals.push_back(make_variable(locals[i].type, locals[i].name));
    }
    Words words = zero_words(locals[i].type);
    if (i < scope.function->parameter_count) {
      for (llvm::Value*& word : words) word = word_in(&*argument++, word->getType());
    }
    assign(scope.locals[i], words);
  }
}

void FunctionLowering::keep_locals_in_memory(Scope& scope) {
  std::uint32_t words = 1;  // an alloca of none is none
  for (const ir::Local& local : scope.function->locals) {
    words += m_.program.types.words(local.type);
  }
  llvm::IRBuilder<> at_entry(entry_);
  shared_locals_ = at_entry.CreateAlloca(m_.machine.word, number(words), "locals");
  place_locals(scope);
}

void FunctionLowering::place_locals(Scope& scope) {
  std::uint32_t slot = 0;
  for (const ir::Local& local : scope.function->locals) {
    Variable words;
    for (std::uint32_t k = 0; k < m_.program.types.words(local.type); ++k) {
      words.push_back(b_.CreateGEP(m_.machine.word, shared_locals_, number(slot++)));
    }
    scope.locals.push_back(words);
  }
}

void FunctionLowering::share_locals(Scope& scope, const ir::Stmt* first, const ir::Stmt* last) {
  shared_locals_ = function_.getArg(1);
  place_locals(scope);
  const LocalUse use = local_use(first, last);
  for (const ir::LocalId id : use.read) {
    if (use.written.contains(id)) continue;
    // What this part does not assign, it may keep in registers.
    const ir::Local& local = scope.function->locals[id];
    const Variable own = make_variable(local.type, local.name);
    assign(own, read(scope.locals[id], local.type));
    scope.locals[id] = own;
  }
}

// ---- calls, scopes and parts -------------------------------------------------------------------

void FunctionLowering::leave(const Words& words, llvm::Value* status) {
  leave_metered();
  if (fuel_ != scope_->fuel) write_fuel_back();
  if (scope_->after == nullptr) return return_words(words, status);
  assign(scope_->result, words);
  store_word(status, scope_->status);
  jump(scope_->after);
}

void FunctionLowering::return_words(const Words& words, llvm::Value* status) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    store_slot(words[i], frame_field(offsetof(Frame, results) + 8 * i));
  }
  llvm::Value* result = llvm::PoisonValue::get(m_.machine.result);
  result = b_.CreateInsertValue(result, words.empty() ? number(0) : word_out(words[0]), 0);
  b_.CreateRet(b_.CreateInsertValue(result, status, 1));
}

bool FunctionLowering::belongs_in_place(ir::FunctionId id) {
  if (m_.program.functions[id].recursive || scope_->depth >= kInPlaceDepth) return false;
  const std::size_t nodes = m_.node_count(id);
  return (nodes <= kSmallNodes || written_nodes_ + nodes <= kInPlaceNodes) && m_.take_room_in_place(id);
}

FunctionLowering::Outcome FunctionLowering::call(const ir::FunctionCall& node) {
  const std::vector<Words> arguments = evaluate_all(node.arguments);
  return belongs_in_place(node.id) ? call_in_place(node.id, arguments) : call_out(node.id, arguments);
}

FunctionLowering::Outcome FunctionLowering::call_in_place(ir::FunctionId id, const std::vector<Words>& arguments) {
  const ir::Function& function = m_.program.functions[id];
  m_.count_written(id);
  written_nodes_ += m_.node_count(id);
  Scope scope{.id = id,
              .function = &function,
              .after = block("returned"),
              .status = variable(m_.machine.word, "status"),
              .fuel = fuel_,
              .depth = scope_->depth + 1};
  if (function.result) scope.result = make_variable(*function.result, "result");
  enter_function(function, m_.is_metered(id));
  for (std::size_t i = 0; i < function.locals.size(); ++i) {
    const ir::Local& local = function.locals[i];
    scope.locals.push_back(make_variable(local.type, local.name));
    assign(scope.locals[i], i < arguments.size() ? arguments[i] : zero_words(local.type));
  }
  Scope* const caller = scope_;
  scope_ = &scope;
  lower(function.body);
  if (is_open()) leave(function.result ? zero_words(*function.result) : Words{}, number(0));
  scope_ = caller;
  b_.SetInsertPoint(scope.after);
  return {.words = function.result ? read(scope.result, *function.result) : Words{}, .status = load_word(scope.status)};
}

FunctionLowering::Outcome FunctionLowering::call_out(ir::FunctionId id, const std::vector<Words>& arguments) {
  llvm::Function* const callee = m_.function(id);
  llvm::SmallVector<llvm::Value*, 16> words{frame_};
  for (const Words& argument : arguments) {
    for (llvm::Value* const word : argument) {
      const bool as_it_is = callee->getArg(static_cast<unsigned>(words.size()))->getType() == word->getType();
      words.push_back(as_it_is ? word : word_out(word));
    }
  }
  write_fuel_back();
  llvm::Value* const result = b_.CreateCall(callee, words);
  llvm::Value* const status = b_.CreateExtractValue(result, 1);
  trap_with(b_.CreateICmpNE(b_.CreateTrunc(status, m_.machine.byte), zero(m_.machine.byte)), status);
  read_fuel_again();
  Outcome outcome{.words = {}, .status = status};
  if (const auto type = m_.program.functions[id].result) {
    const WordTypes types = m_.word_types(*type);
    outcome.words.push_back(word_in(b_.CreateExtractValue(result, 0), types[0]));
    for (std::size_t i = 1; i < types.size(); ++i) {
      outcome.words.push_back(load_slot(frame_field(offsetof(Frame, results) + 8 * i), types[i]));
    }
  }
  return outcome;
}

void FunctionLowering::lower(const ir::Body& body) {
  const bool can_split = shared_locals_ != nullptr && scope_->after == nullptr && body.size() > 1;
  if (can_split && node_count(body) > kPartNodes) return lower_split(body);
  lower(body.data(), body.data() + body.size());
}

void FunctionLowering::lower_split(const ir::Body& body) {
  const ir::Stmt* const last = body.data() + body.size();
  for (const ir::Stmt* first = body.data(); first != last && is_open();) {
    std::size_t nodes = node_count(*first);
    const ir::Stmt* end = first + 1;
    for (; end != last; ++end) {
      const std::size_t more = node_count(*end);
      if (nodes + more > kPartNodes) break;
      nodes += more;
    }
    const bool is_part = end - first > 1 && nodes >= kLeastPartNodes;
    is_part ? call_part(first, end) : lower(first, end);
    first = end;
  }
}

void FunctionLowering::call_part(const ir::Stmt* first, const ir::Stmt* last) {
  llvm::Function* const part = m_.make_part(function_);
  FunctionLowering(m_, *part).lower_part(scope_->id, first, last);
  write_fuel_back();
  llvm::Value* const result = b_.CreateCall(part, {frame_, shared_locals_});
  read_fuel_again();
  llvm::Value* const how = b_.CreateTrunc(b_.CreateExtractValue(result, 1), m_.machine.byte);
  Block* const ended = block("ended");
  Block* const next = block("");
  llvm::SwitchInst* const choice = b_.CreateSwitch(how, ended, 3);
  const auto add = [&](std::uint64_t code, Block* to) {
    if (to != nullptr) choice->addCase(b_.getInt8(static_cast<std::uint8_t>(code)), to);
  };
  add(kPartFallThrough, next);
  add(kPartBreak, scope_->break_to);
  add(kPartContinue, scope_->continue_to);
  b_.SetInsertPoint(ended);  // a Return or a trap: the function's, as it is
  leave_metered();
  b_.CreateRet(result);
  b_.SetInsertPoint(next);
}

llvm::Value* FunctionLowering::put_arguments(const std::vector<Words>& arguments) {
  if (arguments_ == nullptr) {
    llvm::IRBuilder<> at_entry(entry_);
    arguments_ = at_entry.CreateAlloca(m_.machine.word, number(1), "arguments");
  }
  std::size_t count = 0;
  for (const Words& argument : arguments) {
    for (llvm::Value* const word : argument) store_slot(word, offset(arguments_, 8 * count++));
  }
  argument_words_ = std::max({argument_words_, count, std::size_t{1}});
  return arguments_;
}

Words FunctionLowering::take_results(ir::TypeId type) {
  Words words;
  for (llvm::Type* const word : m_.word_types(type)) {
    words.push_back(load_slot(offset(results_, 8 * words.size()), word));
  }
  return words;
}

Words FunctionLowering::call_thunk(llvm::FunctionCallee thunk, llvm::Value* second, const std::vector<Words>& arguments,
                                   std::optional<ir::TypeId> result, ir::PlaceId place) {
  if (results_ == nullptr) {
    results_ = variable(llvm::ArrayType::get(m_.machine.word, runtime::kMaxWords), "results");
  }
  llvm::SmallVector<llvm::Value*, 4> words{frame_};
  if (second != nullptr) words.push_back(second);
  words.push_back(put_arguments(arguments));
  words.push_back(results_);
  write_fuel_back();
  llvm::Value* const trap = b_.CreateCall(thunk, words);
  trap_if_failed(trap, place);
  read_fuel_again();
  return result ? take_results(*result) : Words{};
}

}  // namespace writ::jit
