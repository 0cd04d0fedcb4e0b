// One slice's LLVM module while it is being built: what all its functions share.
//
// In: the slice, its typed program and the configuration. Out: functions to call, constants as global data, LLVM types of values. It
// writes no instructions; function_lowering.h does. Seen by jit/lower_*.cpp and constant_data.cpp only.
#pragma once

#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Module.h>

#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/program.h"
#include "jit/jit.h"
#include "jit/lower.h"
#include "jit/symbols.h"
#include "stdlib/builtin.h"

namespace writ::jit {

/// A value of the language as one to four SSA values: i1, i64, double or ptr each.
using Words = llvm::SmallVector<llvm::Value*, runtime::kMaxWords>;
using WordTypes = llvm::SmallVector<llvm::Type*, runtime::kMaxWords>;

/// The LLVM types that generated code is made of; there are no others.
struct MachineTypes {
  explicit MachineTypes(llvm::LLVMContext& context);
  llvm::Type* bit;
  llvm::Type* byte;
  llvm::Type* half;  // 32 bits
  llvm::IntegerType* word;
  llvm::Type* real;
  llvm::PointerType* address;
  llvm::StructType* result;  // runtime::Result
};

/// The types of a value's words.
[[nodiscard]] WordTypes word_types(ir::TypeId type, const ir::Types& types, const MachineTypes& machine);

/// Constants of the program as global data, each laid out once (runtime/abi.h says how).
class ConstantData {
 public:
  ConstantData(llvm::Module& module, const MachineTypes& machine, const ir::Types& types)
      : module_(module), machine_(machine), types_(types) {}

  [[nodiscard]] Words words(const ir::Constant& constant);
  [[nodiscard]] Words words(const ir::Value& value, ir::TypeId type);
  /// The bytes of a text.
  [[nodiscard]] llvm::Constant* text(std::string_view bytes);
  /// Read-only data without addresses in it.
  [[nodiscard]] llvm::Constant* bytes(std::string_view bytes, const char* name);
  /// A runtime_calls.h ConstantIndex over these keys; null when none can be made.
  [[nodiscard]] llvm::Constant* index(std::span<const std::string> keys);

 private:
  friend class StorageImage;
  llvm::Constant* number(std::uint64_t value) const;
  Words zeros(ir::TypeId type) const;
  llvm::Constant* stored(const ir::Value& value, ir::TypeId type);
  llvm::Constant* elements(std::span<const ir::Value> items, ir::TypeId type);

  llvm::Module& module_;
  const MachineTypes& machine_;
  const ir::Types& types_;
  std::map<const ir::Constant*, Words> words_;
  std::map<std::string, llvm::Constant*, std::less<>> texts_;
};

class ModuleLowering {
 public:
  ModuleLowering(llvm::LLVMContext& context, const ir::Program& program, const ir::Config& config,
                 const ir::Slice& slice, const Options& options);

  /// Everything that the host can ask the slice for and what that needs; call once.
  [[nodiscard]] std::expected<Lowered, std::string> run();

  const ir::Program& program;
  const ir::Config& config;
  const ir::Slice& slice;
  const Options& options;
  MachineTypes machine;

  [[nodiscard]] llvm::Module& module() { return *module_; }
  [[nodiscard]] llvm::LLVMContext& context() { return module_->getContext(); }
  [[nodiscard]] ConstantData& constants() { return constants_; }

  [[nodiscard]] WordTypes word_types(ir::TypeId type) const { return jit::word_types(type, program.types, machine); }
  /// A function of the program: declared on first use, and lowered in its turn.
  [[nodiscard]] llvm::Function* function(ir::FunctionId id);
  // Statuses are in the slice's numbers.
  [[nodiscard]] runtime::Status trap_status(runtime::Trap trap, ir::PlaceId place) const {
    return runtime::trap_status(trap, place_numbers_.at(place));
  }
  [[nodiscard]] runtime::Status reason_status(ir::ReasonId reason) const {
    return runtime::reason_status(reason == ir::kRowReason ? reason : reason_numbers_.at(reason));
  }
  /// The number by which the slice's code names a constant that is made ready.
  [[nodiscard]] std::uint32_t reading_number(std::uint32_t reading) const { return reading_numbers_.at(reading); }
  /// A piece of a function's body: takes the frame and the function's locals in memory.
  [[nodiscard]] llvm::Function* make_part(const llvm::Function& owner);
  [[nodiscard]] llvm::FunctionCallee builtin(const stdlib::Builtin& row);
  [[nodiscard]] llvm::FunctionCallee runtime_call(RuntimeCall call);

  /// Remembers that something cannot be code; run() then gives the first reason.
  void refuse(std::string reason) {
    if (refusal_.empty()) refusal_ = std::move(reason);
  }
  [[nodiscard]] std::size_t node_count(ir::FunctionId id) const { return node_counts_[id]; }
  /// Whether the slice as a whole has room for the function's body in place of one more call; if so it is taken.
  [[nodiscard]] bool take_room_in_place(ir::FunctionId id) {
    if (node_counts_[id] > in_place_left_) return false;
    in_place_left_ -= node_counts_[id];
    return true;
  }
  /// Notes that the function's body is being written somewhere.
  void count_written(ir::FunctionId id) { written_[function_numbers_.at(id)] = true; }
  [[nodiscard]] bool counts_fuel() const { return options.limits && !options.proven; }
  /// Whether calls of the function keep Frame::stack_left.
  [[nodiscard]] bool is_metered(ir::FunctionId id) const { return metered_[id]; }

 private:
  void find_metered(ir::FunctionId root);
  llvm::Function* declare(ir::FunctionId id);
  void lower_pending();
  void define_call_depth();
  [[nodiscard]] std::int64_t call_depth() const;

  std::unique_ptr<llvm::Module> module_;
  ConstantData constants_;
  std::unordered_map<ir::FunctionId, std::uint32_t> function_numbers_;
  std::unordered_map<ir::PlaceId, std::uint32_t> place_numbers_;
  std::unordered_map<ir::ReasonId, std::uint32_t> reason_numbers_;
  std::unordered_map<std::uint32_t, std::uint32_t> reading_numbers_;
  std::map<ir::FunctionId, llvm::Function*> functions_;
  std::vector<ir::FunctionId> pending_;
  std::vector<std::size_t> node_counts_;
  std::size_t in_place_left_ = 0;  // nodes that may still be written in place of calls
  std::vector<bool> metered_;
  std::vector<bool> written_;  // by number in the slice
  std::uint32_t part_count_ = 0;
  std::vector<const llvm::Function*> parts_;  // of the function that is being lowered
  std::string refusal_;
};

}  // namespace writ::jit
