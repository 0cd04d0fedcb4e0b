// One LLVM function while it is being written: a function of the program, or a part of one that is too big for one piece.
//
// What the program's nodes mean is ir/program.h's business; what must be seen from here is how metering survives:
//   fuel     in Frame::fuel, but inside loops in a local variable (a register after optimising), written back before and read
//            again after everything that could look at the frame, and wherever the loop is left;
//   trap     every one jumps to the function's single exit, which clears the fuel and returns {0, status};
//   calls    of small functions are written in place of the call (a Scope each), with their charges, and are then part of
//            their caller for everything but what they cost.
// The methods are spread over lower_function.cpp (frame, calls, parts), lower_statements.cpp, lower_expressions.cpp,
// lower_operators.cpp and lower_lookups.cpp.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <map>
#include <optional>

#include "jit/module_lowering.h"

namespace writ::jit {

/// How a part of a function ended, in the low byte of the status it returns: a trap, 0 for a Return, or one of these.
inline constexpr std::uint64_t kPartContinue = 0xFD;
inline constexpr std::uint64_t kPartBreak = 0xFE;
inline constexpr std::uint64_t kPartFallThrough = 0xFF;

class FunctionLowering {
 public:
  FunctionLowering(ModuleLowering& module, llvm::Function& function);

  void lower_function(ir::FunctionId id);
  /// Statements `first` up to `last` of a body of function `id`.
  void lower_part(ir::FunctionId id, const ir::Stmt* first, const ir::Stmt* last);

 private:
  using Block = llvm::BasicBlock;
  /// The address of each word of a local.
  using Variable = Words;

  /// A function of the program whose body is being written here: the outermost, or one written in place of its call.
  struct Scope {
    ir::FunctionId id;
    const ir::Function* function;
    std::vector<Variable> locals = {};
    Block* after = nullptr;  // where Return goes; null: out of the LLVM function
    Variable result = {};    // with `after`: where Return leaves the value
    llvm::Value* status = nullptr;
    llvm::Value* fuel = nullptr;  // where the fuel was kept when the scope was entered
    Block* break_to = nullptr;
    Block* continue_to = nullptr;
    std::size_t depth = 0;
  };

  /// What a call gave: its words and its status.
  struct Outcome {
    Words words;
    llvm::Value* status;
  };

  /// The turns of a counted loop while its body is written.
  struct Counter {
    llvm::PHINode* turn;  // from 0
    Block* latch;
    Block* done;
    Block* header;
  };

  // ---- frame, traps, charges, memory (lower_function.cpp)
  void finish();
  llvm::AllocaInst* variable(llvm::Type* type, const llvm::Twine& name = "");
  llvm::Value* frame_field(std::size_t offset);
  llvm::Value* offset(llvm::Value* address, std::uint64_t bytes);
  llvm::Value* element(llvm::Value* base, llvm::Value* number, std::uint64_t stride);
  llvm::LoadInst* load_word(llvm::Value* address) {
    return b_.CreateAlignedLoad(m_.machine.word, address, llvm::Align(8));
  }
  llvm::LoadInst* load_address(llvm::Value* address) {
    return b_.CreateAlignedLoad(m_.machine.address, address, llvm::Align(8));
  }
  void store_word(llvm::Value* value, llvm::Value* address) { b_.CreateAlignedStore(value, address, llvm::Align(8)); }
  llvm::ConstantInt* number(std::uint64_t value) { return llvm::ConstantInt::get(m_.machine.word, value); }
  [[nodiscard]] Block* block(const llvm::Twine& name) { return Block::Create(m_.context(), name, &function_); }
  /// Whether more code can be put where the builder stands.
  [[nodiscard]] bool is_open() const { return b_.GetInsertBlock()->getTerminator() == nullptr; }
  void jump(Block* to) {
    if (is_open()) b_.CreateBr(to);
  }
  void branch_rarely(llvm::Value* condition, Block* rare, Block* usual);
  /// Leaves the function when `condition` holds.
  void trap_if(llvm::Value* condition, runtime::Trap trap, ir::PlaceId place);
  void trap_with(llvm::Value* condition, llvm::Value* status);
  /// The exit, which the current block is about to jump to with this status.
  Block* trap_exit(llvm::Value* status);
  /// Leaves the function when a thunk's answer (8 bits) is a trap.
  void trap_if_failed(llvm::Value* trap, ir::PlaceId place);
  void charge(std::int64_t units, ir::PlaceId place);
  void charge(llvm::Value* units, ir::PlaceId place);
  void pay(llvm::Value* units, ir::PlaceId place);
  void write_fuel_back();
  void read_fuel_again();
  llvm::Value* allocate(std::uint64_t bytes, ir::PlaceId place);
  void enter_function(const ir::Function& function, bool metered);
  void check_native_stack(const ir::Function& function);
  void leave_metered();

  // ---- values in memory and between functions (lower_function.cpp)
  Words load(llvm::Value* address, ir::TypeId type);
  void store(llvm::Value* address, const Words& words, ir::TypeId type);
  llvm::Value* word_out(llvm::Value* value);
  llvm::Value* word_in(llvm::Value* word, llvm::Type* type);
  llvm::Value* canonical(llvm::Value* real);
  void store_slot(llvm::Value* value, llvm::Value* address);
  llvm::Value* load_slot(llvm::Value* address, llvm::Type* type);
  Words zero_words(ir::TypeId type);
  llvm::Value* zero(llvm::Type* type) { return llvm::Constant::getNullValue(type); }

  // ---- calls, scopes and parts (lower_function.cpp)
  void bind_parameters(Scope& scope);
  void keep_locals_in_memory(Scope& scope);
  void place_locals(Scope& scope);
  void share_locals(Scope& scope, const ir::Stmt* first, const ir::Stmt* last);
  Variable make_variable(ir::TypeId type, const std::string& name);
  void assign(const Variable& variable, const Words& words);
  Words read(const Variable& variable, ir::TypeId type);
  void leave(const Words& words, llvm::Value* status);
  void return_words(const Words& words, llvm::Value* status);
  Outcome call(const ir::FunctionCall& node);
  Outcome call_in_place(ir::FunctionId id, const std::vector<Words>& arguments);
  Outcome call_out(ir::FunctionId id, const std::vector<Words>& arguments);
  [[nodiscard]] bool belongs_in_place(ir::FunctionId id);
  void call_part(const ir::Stmt* first, const ir::Stmt* last);
  Block* part_exit(std::uint64_t how);
  llvm::Value* put_arguments(const std::vector<Words>& arguments);
  Words take_results(ir::TypeId type);
  Words call_thunk(llvm::FunctionCallee thunk, llvm::Value* second, const std::vector<Words>& arguments,
                   std::optional<ir::TypeId> result, ir::PlaceId place);

  // ---- statements (lower_statements.cpp)
  void lower(const ir::Body& body);
  void lower(const ir::Stmt* first, const ir::Stmt* last);
  void lower_split(const ir::Body& body);
  void statement(const ir::Assign& node, ir::PlaceId place);
  void statement(const ir::Evaluate& node, ir::PlaceId place);
  void statement(const ir::Reserve& node, ir::PlaceId place);
  void statement(const ir::Append& node, ir::PlaceId place);
  void statement(const ir::If& node, ir::PlaceId place);
  void statement(const ir::Once& node, ir::PlaceId place);
  void statement(const ir::While& node, ir::PlaceId place);
  void statement(const ir::ForList& node, ir::PlaceId place);
  void statement(const ir::ForTable& node, ir::PlaceId place);
  void statement(const ir::ForRange& node, ir::PlaceId place);
  void statement(const ir::Explain& node, ir::PlaceId place);
  void statement(const ir::Return& node, ir::PlaceId place);
  void statement(const ir::Break& node, ir::PlaceId place);
  void statement(const ir::Continue& node, ir::PlaceId place);
  /// Runs `bind` and the body for each turn of 0 … count - 1.
  template <typename Bind>
  void count_turns(llvm::Value* count, const ir::Body& body, std::int64_t turn_fuel, ir::PlaceId place,
                   const Bind& bind);
  template <typename Bind>
  void turns_in_advance(llvm::Value* count, const ir::Body& body, std::int64_t turn_fuel, ir::PlaceId place,
                        const Bind& bind);
  Counter begin_turns(llvm::Value* count);
  void end_turns(const Counter& counter);
  void loop_body(const ir::Body& body, Block* break_to, Block* continue_to);
  bool keep_fuel_in_register();
  void return_fuel_to_frame();

  /// A list that grows, in memory for the runtime call that grows it, and back in its locals.
  llvm::Value* builder();
  void keep_builder(ir::LocalId list, ir::LocalId room);

  // ---- expressions (lower_expressions.cpp)
  Words evaluate(const ir::Expr& expr);
  llvm::Value* evaluate_word(const ir::Expr& expr) { return evaluate(expr)[0]; }
  std::vector<Words> evaluate_all(const std::vector<ir::ExprPtr>& exprs);
  void branch(const ir::Expr& condition, Block* yes, Block* no);
  [[nodiscard]] std::optional<bool> constant_bool(const ir::Expr& expr) const;
  Words expression(const ir::Expr& expr, const ir::ConstantRef& node);
  Words expression(const ir::Expr& expr, const ir::KnobRef& node);
  Words expression(const ir::Expr& expr, const ir::LocalRef& node);
  Words expression(const ir::Expr& expr, const ir::FieldGet& node);
  Words expression(const ir::Expr& expr, const ir::CheckBound& node);
  Words expression(const ir::Expr& expr, const ir::OptionalNone& node);
  Words expression(const ir::Expr& expr, const ir::OptionalSome& node);
  Words expression(const ir::Expr& expr, const ir::OptionalIsPresent& node);
  Words expression(const ir::Expr& expr, const ir::OptionalGet& node);
  Words expression(const ir::Expr& expr, const ir::Operate& node);
  Words expression(const ir::Expr& expr, const ir::Select& node);
  Words expression(const ir::Expr& expr, const ir::Do& node);
  Words expression(const ir::Expr& expr, const ir::RecordMake& node);
  Words expression(const ir::Expr& expr, const ir::ListMake& node);
  Words expression(const ir::Expr& expr, const ir::SetMake& node);
  Words expression(const ir::Expr& expr, const ir::MapMake& node);
  Words expression(const ir::Expr& expr, const ir::TableOf& node);
  Words expression(const ir::Expr& expr, const ir::ListGet& node);
  Words expression(const ir::Expr& expr, const ir::MapGet& node);
  Words expression(const ir::Expr& expr, const ir::MapFind& node);
  Words expression(const ir::Expr& expr, const ir::TableHas& node);
  Words expression(const ir::Expr& expr, const ir::ConstantHas& node);
  Words expression(const ir::Expr& expr, const ir::InNetworks& node);
  Words expression(const ir::Expr& expr, const ir::BuiltinCall& node);
  Words expression(const ir::Expr& expr, const ir::FunctionCall& node);
  Words expression(const ir::Expr& expr, const ir::HostCall& node);
  void check_bound(const Words& words, ir::TypeId bounded, runtime::Trap trap, ir::PlaceId place);
  /// A text that the host answered is UTF-8, or host_error.
  void check_text(const Words& words, ir::TypeId type, ir::PlaceId place);
  Words table(const ir::Expr& expr, const std::vector<Words>& keys, const std::vector<Words>& values);
  /// A bool that is true where `decide(yes, no)` jumps to the first of its blocks.
  template <typename Decide>
  llvm::Value* choose(const Decide& decide) {
    Block* const yes = block("yes");
    Block* const no = block("no");
    Block* const next = block("");
    decide(yes, no);
    for (Block* const end : {yes, no}) {
      b_.SetInsertPoint(end);
      jump(next);
    }
    b_.SetInsertPoint(next);
    return merge({b_.getTrue()}, yes, {b_.getFalse()}, no)[0];
  }
  /// `first` and then, only if it holds, what `second` evaluates.
  template <typename Second>
  llvm::Value* and_then(llvm::Value* first, const Second& second) {
    Block* const from = b_.GetInsertBlock();
    Block* const more = block("");
    Block* const next = block("");
    b_.CreateCondBr(first, more, next);
    b_.SetInsertPoint(more);
    const Words value{second()};
    Block* const last = b_.GetInsertBlock();
    jump(next);
    b_.SetInsertPoint(next);
    return merge({b_.getFalse()}, from, value, last)[0];
  }
  /// Merges words that reach one block from two.
  Words merge(const Words& a, Block* from_a, const Words& b, Block* from_b);

  // ---- operators (lower_operators.cpp)
  llvm::Value* operate(const ir::Expr& expr, const ir::Operate& node, const std::vector<Words>& x);
  llvm::Value* checked(llvm::Intrinsic::ID operation, llvm::Value* a, llvm::Value* b, ir::PlaceId place);
  llvm::Value* divide(ir::Op op, llvm::Value* a, llvm::Value* b, ir::PlaceId place);
  llvm::Value* order_int_uint(llvm::Value* a, llvm::Value* b);
  llvm::Value* strings_equal(const Words& a, const Words& b);
  llvm::Value* order_strings(const Words& a, const Words& b);
  llvm::Value* bytes_equal(llvm::Value* a, llvm::Value* b, llvm::Value* size);
  llvm::Value* words_equal(const Words& a, const Words& b);
  llvm::Value* in_cidr(const Words& address, const Words& network);
  llvm::Value* prefix_mask(llvm::Value* bits);
  void charge_compare(const ir::Operate& node, const std::vector<Words>& x, ir::PlaceId place);
  std::optional<llvm::Value*> builtin_in_place(const ir::Expr& expr, const ir::BuiltinCall& node,
                                               const std::vector<Words>& x);
  void charge_builtin(const stdlib::Builtin& row, const ir::BuiltinCall& node, const std::vector<Words>& x,
                      ir::PlaceId place);
  llvm::Value* has_end(const Words& text, const Words& end, bool at_front);

  // ---- look-ups (lower_lookups.cpp)
  /// `key` is the key's node where there is one, which may bound its size.
  void charge_lookup(ir::TypeId type, const ir::Expr* key, const Words& words, ir::PlaceId place);
  llvm::Value* constant_has(const std::vector<const ir::Value*>& keys, const Words& key, ir::TypeId type);
  llvm::Value* has_word(const std::vector<const ir::Value*>& keys, llvm::Value* word);
  llvm::Value* has_text(const std::vector<const ir::Value*>& keys, const Words& key);
  llvm::Value* has_one_by_one(const std::vector<const ir::Value*>& keys, const Words& key, ir::TypeId type);
  llvm::Value* index_find(const std::vector<const ir::Value*>& keys, const Words& key, ir::TypeId type);
  llvm::Value* table_layout(ir::TypeId table);
  llvm::Value* find_entry(const ir::Expr& table, const ir::Expr& key, ir::PlaceId place);
  llvm::Value* find_entry(const ir::Expr& table, const Words& words, const Words& key);
  llvm::Value* find_constant_entry(const ir::Constant& constant, const Words& words, const Words& key);
  llvm::Value* in_networks(const std::vector<runtime::Cidr>& networks, const Words& address);
  llvm::Value* in_v4_networks(const std::vector<runtime::Cidr>& networks, const Words& address);
  llvm::Value* in_ranges(const std::vector<runtime::Cidr>& networks, const Words& address);

  ModuleLowering& m_;
  llvm::Function& function_;
  llvm::IRBuilder<> b_;
  llvm::Value* frame_;
  Block* entry_;  // allocas only, until finish()
  Block* start_;
  llvm::Value* frame_fuel_ = nullptr;
  llvm::Value* fuel_ = nullptr;                  // where the fuel is kept now
  const ir::FunctionCall* tail_call_ = nullptr;  // the call that the Return being written hands on
  llvm::Value* tail_status_ = nullptr;           // and the status it gave
  llvm::AllocaInst* fuel_register_ = nullptr;
  Block* trap_exit_ = nullptr;
  llvm::PHINode* trap_status_ = nullptr;
  llvm::AllocaInst* arguments_ = nullptr;  // words of outgoing calls to thunks
  std::size_t argument_words_ = 0;
  llvm::AllocaInst* results_ = nullptr;
  llvm::AllocaInst* builder_ = nullptr;  // an ir::ListBuilder for the call that uses it
  Scope* scope_ = nullptr;
  llvm::Value* shared_locals_ = nullptr;  // set while the function's locals lie in memory for its parts
  bool is_part_ = false;
  std::size_t written_nodes_ = 0;  // of the program, into this LLVM function
};

}  // namespace writ::jit
