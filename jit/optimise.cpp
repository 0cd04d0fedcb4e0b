#include "jit/optimise.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Instrumentation/AddressSanitizer.h>
#include <llvm/Transforms/Instrumentation/ThreadSanitizer.h>
#include <llvm/Transforms/Scalar/CorrelatedValuePropagation.h>
#include <llvm/Transforms/Scalar/DeadStoreElimination.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/IndVarSimplify.h>
#include <llvm/Transforms/Scalar/JumpThreading.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/LoopRotation.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Vectorize/LoopVectorize.h>
#include <llvm/Transforms/Vectorize/SLPVectorizer.h>

#include <algorithm>
#include <memory>

#include "support/check.h"

namespace writ::jit {
namespace {

/// Above this many IR instructions a function is generated without optimising: both are far from linear in its size.
constexpr std::size_t kOptimisedInstructions = 20'000;

std::string host_features() {
  std::string features;
  for (const auto& [name, has] : llvm::sys::getHostCPUFeatures()) {
    if (!features.empty()) features += ',';
    features += has ? '+' : '-';
    features += name.str();
  }
  return features;
}

std::unique_ptr<llvm::TargetMachine> make_target_machine() {
  // The assembly parser stays out: nothing may assemble text.
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  const llvm::Triple triple(llvm::sys::getProcessTriple());
  std::string error;
  const llvm::Target* const target = llvm::TargetRegistry::lookupTarget(triple, error);
  WRIT_CHECK(target != nullptr);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  options.EmitStackSizeSection = true;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, llvm::sys::getHostCPUName(), host_features(), options, llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default, /*JIT=*/false));
}

/// One a thread: it costs 140-290 µs to make.
llvm::TargetMachine& target_machine() {
  thread_local const std::unique_ptr<llvm::TargetMachine> machine = make_target_machine();
  return *machine;
}

bool has_loop(const llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
  return !analyses.getResult<llvm::LoopAnalysis>(const_cast<llvm::Function&>(function)).empty();
}

llvm::FunctionPassManager straight_pipeline() {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::JumpThreadingPass());
  passes.addPass(llvm::CorrelatedValuePropagationPass());
  passes.addPass(llvm::SimplifyCFGPass());
  return passes;
}

llvm::FunctionPassManager loop_pipeline() {
  llvm::LoopPassManager loops;
  loops.addPass(llvm::LoopRotatePass());
  loops.addPass(llvm::LICMPass(llvm::LICMOptions()));
  loops.addPass(llvm::IndVarSimplifyPass());
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(loops), /*UseMemorySSA=*/true));
  passes.addPass(llvm::LoopVectorizePass());
  return passes;
}

llvm::FunctionPassManager last_pipeline() {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SLPVectorizerPass());
  passes.addPass(llvm::DSEPass());
  passes.addPass(llvm::SimplifyCFGPass(llvm::SimplifyCFGOptions()
                                           .convertSwitchRangeToICmp(true)
                                           .convertSwitchToLookupTable(true)
                                           .hoistCommonInsts(true)
                                           .sinkCommonInsts(true)));
  passes.addPass(llvm::EarlyCSEPass());
  return passes;
}

/// The analyses of one run over a module.
struct Analyses {
  Analyses() {
    llvm::PassBuilder builder(&target_machine());
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
  }
  // Destroyed in reverse order, as LLVM wants it.
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
};

void add_to_definitions(llvm::Module& module, llvm::Attribute::AttrKind attribute) {
  for (llvm::Function& function : module) {
    if (!function.isDeclaration()) function.addFnAttr(attribute);
  }
}

/// Constant data is left as it is: telling the run-time library of it takes a constructor, and objects have none.
void exempt_constant_data(llvm::Module& module) {
  for (llvm::GlobalVariable& data : module.globals()) {
    llvm::GlobalValue::SanitizerMetadata exempt;
    exempt.NoAddress = true;
    data.setSanitizerMetadata(exempt);
  }
}

}  // namespace

void aim_at_host(llvm::Module& module) {
  const llvm::TargetMachine& machine = target_machine();
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
}

void optimise(llvm::Module& module) {
  Analyses analyses;
  llvm::FunctionAnalysisManager& functions = analyses.functions;
  llvm::FunctionPassManager straight = straight_pipeline();
  llvm::FunctionPassManager looping = loop_pipeline();
  llvm::FunctionPassManager last = last_pipeline();
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    if (function.getInstructionCount() > kOptimisedInstructions) {
      function.addFnAttr(llvm::Attribute::NoInline);
      function.addFnAttr(llvm::Attribute::OptimizeNone);
      continue;
    }
    functions.invalidate(function, straight.run(function, functions));
    if (has_loop(function, functions)) {
      functions.invalidate(function, looping.run(function, functions));
    }
    functions.invalidate(function, last.run(function, functions));
  }
}

void instrument(llvm::Module& module, Sanitizer sanitizer) {
  Analyses analyses;
  llvm::ModulePassManager passes;
  switch (sanitizer) {
    case Sanitizer::kNone:
      return;
    case Sanitizer::kAddress:
      add_to_definitions(module, llvm::Attribute::SanitizeAddress);
      exempt_constant_data(module);
      passes.addPass(llvm::AddressSanitizerPass(
          {.UseAfterReturn = llvm::AsanDetectStackUseAfterReturnMode::Never, .InsertVersionCheck = false},
          /*UseGlobalGC=*/false, /*UseOdrIndicator=*/false, llvm::AsanDtorKind::None, llvm::AsanCtorKind::None));
      break;
    case Sanitizer::kThread:
      add_to_definitions(module, llvm::Attribute::SanitizeThread);
      passes.addPass(llvm::createModuleToFunctionPassAdaptor(llvm::ThreadSanitizerPass()));
      break;
  }
  passes.run(module, analyses.modules);
}

std::expected<std::vector<char>, std::string> generate_code(llvm::Module& module, int opt_level) {
  llvm::TargetMachine& machine = target_machine();
  // Allocating registers well is far from linear too, and is one choice for a whole module.
  const bool quickly = opt_level == 0 || std::ranges::any_of(module, &llvm::Function::hasOptNone);
  machine.setFastISel(quickly);  // a compile at level 0 turns it on and none turns it off
  machine.setOptLevel(quickly ? llvm::CodeGenOptLevel::None : llvm::CodeGenOptLevel::Less);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::ObjectFile)) {
    return std::unexpected("this target emits no object files");
  }
  passes.run(module);
  return std::vector<char>(bytes.begin(), bytes.end());
}

std::string host_target() {
  const llvm::TargetMachine& machine = target_machine();
  return machine.getTargetTriple().getArchName().str() + ", " + machine.getTargetCPU().str();
}

}  // namespace writ::jit
