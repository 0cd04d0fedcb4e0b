#include <cstddef>

#include "ir/collection_builder.h"
#include "jit/function_lowering.h"
#include "jit/program_shape.h"
#include "runtime/abi.h"

namespace writ::jit {

void FunctionLowering::lower(const ir::Stmt* first, const ir::Stmt* last) {
  for (; first != last && is_open(); ++first) {
    std::visit([&](const auto& node) { statement(node, first->place); }, first->node);
  }
}

void FunctionLowering::statement(const ir::Assign& node, ir::PlaceId) {
  assign(scope_->locals[node.local], evaluate(*node.value));
}

void FunctionLowering::statement(const ir::Evaluate& node, ir::PlaceId) { evaluate(*node.value); }

// ---- lists that grow ---------------------------------------------------------------------------

llvm::Value* FunctionLowering::builder() {
  static_assert(sizeof(ir::ListBuilder) == 24);
  if (builder_ == nullptr) builder_ = variable(llvm::ArrayType::get(m_.machine.word, 3), "builder");
  return builder_;
}

void FunctionLowering::keep_builder(ir::LocalId list, ir::LocalId room) {
  assign(scope_->locals[list], {load_address(offset(builder_, offsetof(ir::ListBuilder, data))),
                                load_word(offset(builder_, offsetof(ir::ListBuilder, size)))});
  assign(scope_->locals[room], {load_word(offset(builder_, offsetof(ir::ListBuilder, room)))});
}

void FunctionLowering::statement(const ir::Reserve& node, ir::PlaceId place) {
  const ir::TypeId element = m_.program.types[scope_->function->locals[node.list].type].first;
  llvm::Value* const count = evaluate_word(*node.count);
  llvm::Value* const done = b_.CreateCall(m_.runtime_call(RuntimeCall::kListReserve),
                                          {frame_, builder(), count, number(m_.program.types.stride(element))});
  trap_if(b_.CreateICmpEQ(done, zero(m_.machine.byte)), runtime::Trap::kOutOfMemory, place);
  keep_builder(node.list, node.room);
}

void FunctionLowering::statement(const ir::Append& node, ir::PlaceId place) {
  const ir::TypeId type = scope_->function->locals[node.list].type;
  const ir::TypeId element = m_.program.types[type].first;
  const std::uint64_t stride = m_.program.types.stride(element);
  const Words value = evaluate(*node.value);
  llvm::AllocaInst* const stored = variable(llvm::ArrayType::get(m_.machine.word, (stride + 7) / 8), "element");
  store(stored, value, element);
  const Words list = read(scope_->locals[node.list], type);
  store_slot(list[0], offset(builder(), offsetof(ir::ListBuilder, data)));
  store_slot(list[1], offset(builder_, offsetof(ir::ListBuilder, size)));
  store_slot(read(scope_->locals[node.room], m_.program.types.plain(ir::Kind::kInt))[0],
             offset(builder_, offsetof(ir::ListBuilder, room)));
  llvm::Value* const done =
      b_.CreateCall(m_.runtime_call(RuntimeCall::kListAppend), {frame_, builder_, stored, number(stride)});
  trap_if(b_.CreateICmpEQ(done, zero(m_.machine.byte)), runtime::Trap::kOutOfMemory, place);
  keep_builder(node.list, node.room);
}

void FunctionLowering::statement(const ir::If& node, ir::PlaceId) {
  Block* const then = block("then");
  Block* const next = block("");
  Block* const otherwise = node.otherwise.empty() ? next : block("else");
  branch(*node.condition, then, otherwise);
  b_.SetInsertPoint(then);
  lower(node.then);
  jump(next);
  if (otherwise != next) {
    b_.SetInsertPoint(otherwise);
    lower(node.otherwise);
    jump(next);
  }
  if (next->hasNPredecessors(0)) {
    next->eraseFromParent();  // both arms leave: the builder stays at a closed block
    return;
  }
  b_.SetInsertPoint(next);
}

void FunctionLowering::statement(const ir::Once& node, ir::PlaceId) {
  Block* const next = block("");
  Block* const outer = std::exchange(scope_->break_to, next);
  lower(node.body);
  jump(next);
  scope_->break_to = outer;
  if (next->hasNPredecessors(0)) {
    next->eraseFromParent();
    return;
  }
  b_.SetInsertPoint(next);
}

void FunctionLowering::statement(const ir::Explain& node, ir::PlaceId) {
  const Words text = evaluate(*node.value);
  constexpr std::size_t kReason = offsetof(runtime::Frame, reason);
  store_slot(text[0], frame_field(kReason + offsetof(runtime::StringStorage, data)));
  store_slot(text[1], frame_field(kReason + offsetof(runtime::StringStorage, size)));
}

void FunctionLowering::statement(const ir::Return& node, ir::PlaceId) {
  const auto* const called = node.value != nullptr ? ir::tail_call(*node.value) : nullptr;
  tail_call_ = called;
  const Words words = node.value != nullptr ? evaluate(*node.value) : Words{};
  const auto own = node.reason ? m_.reason_status(*node.reason) : runtime::Status{0};
  leave(words, called != nullptr && !node.reason ? tail_status_ : number(own));
}

void FunctionLowering::statement(const ir::Break&, ir::PlaceId) { jump(scope_->break_to); }
void FunctionLowering::statement(const ir::Continue&, ir::PlaceId) { jump(scope_->continue_to); }

// ---- loops -------------------------------------------------------------------------------------

bool FunctionLowering::keep_fuel_in_register() {
  if (fuel_ != frame_fuel_ || !m_.counts_fuel()) return false;
  if (fuel_register_ == nullptr) fuel_register_ = variable(m_.machine.word, "fuel");
  fuel_ = fuel_register_;
  read_fuel_again();
  return true;
}

void FunctionLowering::return_fuel_to_frame() {
  write_fuel_back();
  fuel_ = frame_fuel_;
}

void FunctionLowering::loop_body(const ir::Body& body, Block* break_to, Block* continue_to) {
  Block* const outer_break = std::exchange(scope_->break_to, break_to);
  Block* const outer_continue = std::exchange(scope_->continue_to, continue_to);
  lower(body);
  jump(continue_to);
  scope_->break_to = outer_break;
  scope_->continue_to = outer_continue;
}

void FunctionLowering::statement(const ir::While& node, ir::PlaceId place) {
  if (m_.options.proven) return m_.refuse("it was to be proved, and has a `while`");
  const bool outermost = keep_fuel_in_register();
  Block* const turn = block("turn");
  Block* const body = block("body");
  Block* const done = block("done");
  jump(turn);
  b_.SetInsertPoint(turn);
  charge(node.turn_fuel, place);
  branch(*node.condition, body, done);
  b_.SetInsertPoint(body);
  loop_body(node.body, done, turn);
  b_.SetInsertPoint(done);
  if (outermost) return_fuel_to_frame();
}

FunctionLowering::Counter FunctionLowering::begin_turns(llvm::Value* count) {
  Block* const before = b_.GetInsertBlock();
  Block* const body = block("body");
  Counter counter{.turn = nullptr, .latch = block("latch"), .done = block("done"), .header = block("turn")};
  jump(counter.header);
  b_.SetInsertPoint(counter.header);
  counter.turn = b_.CreatePHI(m_.machine.word, 2, "turn");
  counter.turn->addIncoming(number(0), before);
  b_.CreateCondBr(b_.CreateICmpULT(counter.turn, count), body, counter.done);
  b_.SetInsertPoint(body);
  return counter;
}

void FunctionLowering::end_turns(const Counter& counter) {
  b_.SetInsertPoint(counter.latch);
  counter.turn->addIncoming(b_.CreateAdd(counter.turn, number(1)), counter.latch);
  jump(counter.header);
  b_.SetInsertPoint(counter.done);
}

template <typename Bind>
void FunctionLowering::count_turns(llvm::Value* count, const ir::Body& body, std::int64_t turn_fuel, ir::PlaceId place,
                                   const Bind& bind) {
  if (m_.counts_fuel() && has_constant_turns(body, m_.program, m_.config)) {
    return turns_in_advance(count, body, turn_fuel, place, bind);
  }
  const bool outermost = keep_fuel_in_register();
  const Counter counter = begin_turns(count);
  charge(turn_fuel, place);
  bind(counter.turn);
  loop_body(body, counter.done, counter.latch);
  end_turns(counter);
  if (outermost) return_fuel_to_frame();
}

template <typename Bind>
void FunctionLowering::turns_in_advance(llvm::Value* count, const ir::Body& body, std::int64_t turn_fuel,
                                        ir::PlaceId place, const Bind& bind) {
  // As many turns as there is fuel for, free of checks; then the charge for those, then the trap that the next turn would be.
  llvm::Value* const price = number(static_cast<std::uint64_t>(turn_fuel));
  llvm::Value* const left = load_word(fuel_);
  llvm::Value* const affordable = b_.CreateUDiv(left, price);
  llvm::Value* const turns = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, count, affordable);
  const Counter counter = begin_turns(turns);
  bind(counter.turn);
  loop_body(body, counter.done, counter.latch);
  end_turns(counter);
  store_word(b_.CreateSub(left, b_.CreateMul(turns, price)), fuel_);
  trap_if(b_.CreateICmpULT(turns, count), runtime::Trap::kOutOfFuel, place);
}

void FunctionLowering::statement(const ir::ForList& node, ir::PlaceId place) {
  const Words list = evaluate(*node.list);
  const ir::TypeId type = m_.program.types[node.list->type].first;
  count_turns(list[1], node.body, node.turn_fuel, place, [&](llvm::Value* turn) {
    assign(scope_->locals[node.element], load(element(list[0], turn, m_.program.types.stride(type)), type));
    if (node.index) assign(scope_->locals[*node.index], {turn});
  });
}

void FunctionLowering::statement(const ir::ForTable& node, ir::PlaceId place) {
  const ir::Type& type = m_.program.types[node.table->type];
  const auto layout = m_.program.types.entry_layout(node.table->type);
  llvm::Value* const table = evaluate_word(*node.table);
  llvm::Value* const entries = load_address(offset(table, offsetof(runtime::Table, entries)));
  llvm::Value* const count = load_word(offset(table, offsetof(runtime::Table, size)));
  count_turns(count, node.body, node.turn_fuel, place, [&](llvm::Value* turn) {
    llvm::Value* const entry = element(entries, turn, layout.stride);
    assign(scope_->locals[node.key], load(entry, type.first));
    if (node.value) {
      assign(scope_->locals[*node.value], load(offset(entry, layout.value_offset), type.second));
    }
  });
}

void FunctionLowering::statement(const ir::ForRange& node, ir::PlaceId place) {
  llvm::Value* const low = evaluate_word(*node.low);
  llvm::Value* const high = evaluate_word(*node.high);
  llvm::Value* const count = b_.CreateSelect(b_.CreateICmpSGT(high, low), b_.CreateSub(high, low), number(0));
  count_turns(count, node.body, node.turn_fuel, place,
              [&](llvm::Value* turn) { assign(scope_->locals[node.element], {b_.CreateAdd(low, turn)}); });
}

}  // namespace writ::jit
