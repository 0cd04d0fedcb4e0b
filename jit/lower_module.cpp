#include <fmt/format.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>

#include <algorithm>
#include <array>
#include <functional>

#include "ir/call_graph.h"
#include "ir/walk.h"
#include "jit/function_lowering.h"
#include "jit/lower.h"
#include "jit/module_lowering.h"
#include "jit/optimise.h"
#include "jit/program_shape.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::jit {
namespace {

using runtime::Kind;

/// Bodies written in place of calls may make a slice grow by this many times its size, and always by this many nodes.
constexpr std::size_t kInPlaceGrowth = 1;
constexpr std::size_t kInPlaceNodes = 10'000;

/// How many native functions lie on the longest chain of calls; a cycle counts once.
std::int64_t longest_chain(const llvm::Function& function, std::map<const llvm::Function*, std::int64_t>& known) {
  const auto [found, is_new] = known.try_emplace(&function, 0);
  if (!is_new) return found->second;
  std::int64_t below = 0;
  for (const llvm::BasicBlock& block : function) {
    for (const llvm::Instruction& instruction : block) {
      const auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      const llvm::Function* callee = call != nullptr ? call->getCalledFunction() : nullptr;
      if (callee != nullptr && !callee->isDeclaration()) {
        below = std::max(below, longest_chain(*callee, known));
      }
    }
  }
  return known[&function] = below + 1;
}

/// The numbers of a slice's things by their ids in the program.
std::unordered_map<std::uint32_t, std::uint32_t> numbers_of(const std::vector<std::uint32_t>& ids) {
  std::unordered_map<std::uint32_t, std::uint32_t> numbers;
  numbers.reserve(ids.size());
  for (const std::uint32_t id : ids) numbers.emplace(id, static_cast<std::uint32_t>(numbers.size()));
  return numbers;
}

void add_frame_attributes(llvm::Function& function) {
  function.addFnAttr(llvm::Attribute::NoUnwind);
  // Only code that is handed the frame touches it: stores to it force no reloads of what the host handed in.
  function.addParamAttr(0, llvm::Attribute::NoAlias);
  function.addParamAttr(0, llvm::Attribute::NonNull);
  function.addParamAttr(0, llvm::Attribute::NoUndef);
  function.addDereferenceableParamAttr(0, sizeof(runtime::Frame));
}

}  // namespace

MachineTypes::MachineTypes(llvm::LLVMContext& context)
    : bit(llvm::Type::getInt1Ty(context)),
      byte(llvm::Type::getInt8Ty(context)),
      half(llvm::Type::getInt32Ty(context)),
      word(llvm::Type::getInt64Ty(context)),
      real(llvm::Type::getDoubleTy(context)),
      address(llvm::PointerType::getUnqual(context)),
      result(llvm::StructType::get(word, word)) {}

ModuleLowering::ModuleLowering(llvm::LLVMContext& context, const ir::Program& the_program, const ir::Config& the_config,
                               const ir::Slice& the_slice, const Options& the_options)
    : program(the_program),
      config(the_config),
      slice(the_slice),
      options(the_options),
      machine(context),
      module_(std::make_unique<llvm::Module>(the_program.schema_name, context)),
      constants_(*module_, machine, the_program.types),
      function_numbers_(numbers_of(the_slice.functions)),
      place_numbers_(numbers_of(the_slice.places)),
      reason_numbers_(numbers_of(the_slice.reasons)),
      reading_numbers_(numbers_of(the_slice.readings)),
      node_counts_(the_program.functions.size()),
      metered_(the_program.functions.size()),
      written_(the_slice.functions.size()) {
  aim_at_host(*module_);
  in_place_left_ = kInPlaceNodes;
  for (const ir::FunctionId id : slice.functions) {
    node_counts_[id] = jit::node_count(program.functions[id].body);
    in_place_left_ += kInPlaceGrowth * node_counts_[id];
  }
}

std::expected<Lowered, std::string> ModuleLowering::run() {
  const std::span entries(slice.functions.data(), slice.entry_count);
  for (const ir::FunctionId id : entries) find_metered(id);
  for (const ir::FunctionId id : entries) (void)function(id);
  lower_pending();
  if (!refusal_.empty()) return std::unexpected(refusal_);
  define_call_depth();
  return Lowered{.module = std::move(module_), .written = std::move(written_)};
}

void ModuleLowering::find_metered(ir::FunctionId root) {
  if (metered_[root] || !ir::needs_stack_meter(program, root, options.stack)) return;
  const std::array roots{root};
  for (const ir::CallComponent& component : ir::call_components(program, roots)) {
    for (const ir::FunctionId id : component.functions) metered_[id] = true;
  }
}

void ModuleLowering::lower_pending() {
  std::int64_t instructions = 0;
  while (!pending_.empty() && refusal_.empty()) {
    const ir::FunctionId id = pending_.back();
    pending_.pop_back();
    llvm::Function& function = *functions_.at(id);
    FunctionLowering(*this, function).lower_function(id);
    instructions += function.getInstructionCount();
    for (const llvm::Function* part : parts_) instructions += part->getInstructionCount();
    parts_.clear();
    if (instructions > support::limits::kCodeInstructions) {
      refuse(fmt::format("it needs more than {} instructions before optimising", support::limits::kCodeInstructions));
    }
  }
}

WordTypes word_types(ir::TypeId id, const ir::Types& types, const MachineTypes& machine) {
  const ir::Type& type = types[id];
  switch (type.kind) {
    case Kind::kBool:
      return {machine.bit};
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kEnum:
      return {machine.word};
    case Kind::kDouble:
      return {machine.real};
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
      return {machine.address, machine.word};
    case Kind::kIp:
      return {machine.word, machine.word};
    case Kind::kCidr:
      return {machine.word, machine.word, machine.word};
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kMap:
      return {machine.address};
    case Kind::kOptional: {
      WordTypes words = word_types(type.first, types, machine);
      if (!ir::optional_is_address(types.kind(type.first))) words.push_back(machine.bit);
      return words;
    }
  }
  WRIT_UNREACHABLE();
}

llvm::Function* ModuleLowering::function(ir::FunctionId id) {
  const auto [found, is_new] = functions_.try_emplace(id, nullptr);
  if (is_new) {
    found->second = declare(id);
    pending_.push_back(id);
  }
  return found->second;
}

llvm::Function* ModuleLowering::declare(ir::FunctionId id) {
  const ir::Function& function = program.functions[id];
  const std::uint32_t number = function_numbers_.at(id);
  const bool exported = number < slice.entry_count;
  llvm::SmallVector<llvm::Type*, 16> parameters{machine.address};
  llvm::SmallVector<std::pair<unsigned, std::uint64_t>, 4> records;  // parameter, bytes behind it
  for (std::uint32_t i = 0; i < function.parameter_count; ++i) {
    const ir::TypeId type = function.locals[i].type;
    if (program.types.kind(type) == Kind::kRecord) {
      records.emplace_back(parameters.size(), program.types.storage(type).size);
    }
    for (llvm::Type* word : word_types(type)) {
      // An address is passed like a word; a bool or a double is not, unless it is one.
      parameters.push_back(exported && word != machine.address ? machine.word : word);
    }
  }
  auto* const result =
      llvm::Function::Create(llvm::FunctionType::get(machine.result, parameters, false),
                             exported ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage,
                             function_symbol(function, number), *module_);
  add_frame_attributes(*result);
  for (const auto& [parameter, bytes] : records) {
    result->addParamAttr(parameter, llvm::Attribute::NonNull);
    result->addParamAttr(parameter, llvm::Attribute::NoUndef);
    result->addDereferenceableParamAttr(parameter, bytes);
  }
  return result;
}

llvm::Function* ModuleLowering::make_part(const llvm::Function& owner) {
  auto* const type = llvm::FunctionType::get(machine.result, {machine.address, machine.address}, false);
  auto* const part = llvm::Function::Create(type, llvm::Function::InternalLinkage,
                                            owner.getName() + ".part" + llvm::Twine(part_count_++), *module_);
  add_frame_attributes(*part);
  part->addParamAttr(1, llvm::Attribute::NoAlias);
  part->addFnAttr(llvm::Attribute::NoInline);
  parts_.push_back(part);
  return part;
}

llvm::FunctionCallee ModuleLowering::builtin(const stdlib::Builtin& row) {
  auto* const type = llvm::FunctionType::get(machine.byte, {machine.address, machine.address, machine.address}, false);
  llvm::FunctionCallee callee = module_->getOrInsertFunction(row.symbol, type);
  llvm::cast<llvm::Function>(callee.getCallee())->addFnAttr(llvm::Attribute::NoUnwind);
  return callee;
}

llvm::FunctionCallee ModuleLowering::runtime_call(RuntimeCall call) {
  const RuntimeCallRow& row = jit::runtime_call(call);
  const auto type_of = [&](char letter) -> llvm::Type* {
    switch (letter) {
      case 'p':
        return machine.address;
      case 'l':
        return machine.word;
      case 'i':
        return machine.half;
      case 'b':
        return machine.byte;
      case 'd':
        return machine.real;
      default:
        WRIT_UNREACHABLE();
    }
  };
  llvm::SmallVector<llvm::Type*, 6> parameters;
  for (const char* letter = row.signature + 1; *letter != '\0'; ++letter) {
    parameters.push_back(type_of(*letter));
  }
  llvm::FunctionCallee callee =
      module_->getOrInsertFunction(row.symbol, llvm::FunctionType::get(type_of(row.signature[0]), parameters, false));
  auto* const function = llvm::cast<llvm::Function>(callee.getCallee());
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::WillReturn);
  if (row.effect == CallEffect::kReads) function->setOnlyReadsMemory();
  if (row.effect == CallEffect::kPure) function->setDoesNotAccessMemory();
  return callee;
}

void ModuleLowering::define_call_depth() {
  llvm::Constant* const depth = llvm::ConstantInt::get(machine.word, static_cast<std::uint64_t>(call_depth()));
  auto* const global = new llvm::GlobalVariable(*module_, machine.word, true, llvm::GlobalValue::ExternalLinkage, depth,
                                                kCallDepthSymbol);
  global->setAlignment(llvm::Align(8));
}

std::int64_t ModuleLowering::call_depth() const {
  std::map<const llvm::Function*, std::int64_t> chains;
  std::int64_t longest = 0;
  for (const llvm::Function& function : *module_) {
    if (!function.isDeclaration()) longest = std::max(longest, longest_chain(function, chains));
  }
  std::int64_t cheapest = 0;  // metered bytes of a call that can be active any number of times
  for (const auto& [id, native] : functions_) {
    const ir::Function& function = program.functions[id];
    if (!function.recursive) continue;
    cheapest = cheapest == 0 ? function.stack_bytes : std::min(cheapest, function.stack_bytes);
  }
  if (cheapest == 0) return longest;
  // Each metered call may have its parts active too, one inside another.
  const std::int64_t parts = part_count_ == 0 ? 1 : 3;
  return longest + (options.stack / cheapest + 1) * parts;
}

std::expected<Lowered, std::string> lower(llvm::LLVMContext& context, const ir::Program& program,
                                          const ir::Config& config, const ir::Slice& slice, const Options& options) {
  return ModuleLowering(context, program, config, slice, options).run();
}

}  // namespace writ::jit
