#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/AbsoluteSymbols.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/JITLinkRedirectableSymbolManager.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/ExecutionEngine/Orc/SelfExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/TaskDispatch.h>
#include <llvm/Support/MemoryBuffer.h>

#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "jit/disassemble.h"
#include "jit/jit.h"
#include "jit/object_check.h"
#include "jit/optimise.h"
#include "jit/sanitizer_calls.h"
#include "jit/symbols.h"
#include "stdlib/builtin.h"

namespace writ::jit {
namespace {

namespace orc = llvm::orc;

/// What built-ins may use of the native stack, on top of the frames of generated code.
constexpr std::size_t kBuiltinStackBytes = 32 * 1024;
/// Dead symbol strings are swept once in this many dylibs.
constexpr std::uint64_t kSweepEvery = 64;

std::string text_of(llvm::Error error) { return llvm::toString(std::move(error)); }

/// A small number for each dylib that is alive, so that names are used again and nothing is interned for ever.
class Numbers {
 public:
  std::uint64_t take() {
    const std::scoped_lock lock(mutex_);
    if (free_.empty()) return next_++;
    return free_.extract(free_.begin()).value();
  }
  void give_back(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    free_.insert(number);
  }

 private:
  std::mutex mutex_;
  std::uint64_t next_ = 0;
  std::set<std::uint64_t> free_;
};

/// The ORC session with the one dylib that holds everything a policy may call.
class Engine {
 public:
  static std::expected<std::unique_ptr<Engine>, std::string> create();
  ~Engine() { llvm::consumeError(session_.endSession()); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  orc::ExecutionSession& session() { return session_; }
  orc::ObjectLinkingLayer& linker() { return linker_; }
  orc::RedirectableSymbolManager& stubs() { return *stubs_; }
  orc::JITDylib& callable() { return *callable_; }
  Numbers& numbers() { return numbers_; }

  /// The address of any symbol of a dylib, its hidden ones included.
  llvm::Expected<orc::ExecutorAddr> find(orc::JITDylib& dylib, llvm::StringRef symbol);
  void remove(orc::JITDylib& dylib, std::uint64_t number);

 private:
  explicit Engine(std::unique_ptr<orc::ExecutorProcessControl> control)
      : session_(std::move(control)), linker_(session_, session_.getExecutorProcessControl().getMemMgr()) {
    // Errors come back to the caller that asked; nothing is printed.
    session_.setErrorReporter([](llvm::Error error) { llvm::consumeError(std::move(error)); });
  }
  llvm::Error define_callables();

  orc::ExecutionSession session_;
  orc::ObjectLinkingLayer linker_;
  std::unique_ptr<orc::RedirectableSymbolManager> stubs_;
  orc::JITDylib* callable_ = nullptr;
  Numbers numbers_;
  std::atomic<std::uint64_t> removed_{0};
};

std::expected<std::unique_ptr<Engine>, std::string> Engine::create() {
  auto control = orc::SelfExecutorProcessControl::Create(std::make_shared<orc::SymbolStringPool>(),
                                                         std::make_unique<orc::InPlaceTaskDispatcher>());
  if (!control) return std::unexpected(text_of(control.takeError()));
  std::unique_ptr<Engine> engine(new Engine(std::move(*control)));
  auto stubs = orc::JITLinkRedirectableSymbolManager::Create(engine->linker_);
  if (!stubs) return std::unexpected(text_of(stubs.takeError()));
  engine->stubs_ = std::move(*stubs);
  if (llvm::Error error = engine->define_callables()) return std::unexpected(text_of(std::move(error)));
  return engine;
}

llvm::Error Engine::define_callables() {
  callable_ = &session_.createBareJITDylib("callable");
  orc::SymbolMap symbols;
  const auto add = [&](std::string_view symbol, const void* address) {
    symbols[session_.intern(llvm::StringRef(symbol.data(), symbol.size()))] = {
        orc::ExecutorAddr::fromPtr(address), llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  };
  for (const RuntimeCallRow& row : runtime_calls()) add(row.symbol, row.address);
  for (const stdlib::Builtin& row : stdlib::builtins()) {
    add(row.symbol, reinterpret_cast<const void*>(row.thunk));
  }
  for (const SanitizerCall& call : sanitizer_calls()) add(call.symbol, call.address);
  return callable_->define(orc::absoluteSymbols(std::move(symbols)));
}

llvm::Expected<orc::ExecutorAddr> Engine::find(orc::JITDylib& dylib, llvm::StringRef symbol) {
  auto found = session_.lookup(orc::JITDylibSearchOrder{{&dylib, orc::JITDylibLookupFlags::MatchAllSymbols}},
                               session_.intern(symbol));
  if (!found) return found.takeError();
  return found->getAddress();
}

void Engine::remove(orc::JITDylib& dylib, std::uint64_t number) {
  llvm::consumeError(session_.removeJITDylib(dylib));
  numbers_.give_back(number);
  if (removed_.fetch_add(1) % kSweepEvery == kSweepEvery - 1) {
    session_.getSymbolStringPool()->clearDeadEntries();
  }
}

/// A dylib that goes when this does.
class Dylib {
 public:
  Dylib(Engine& engine, const char* kind)
      : engine_(engine),
        number_(engine.numbers().take()),
        dylib_(engine.session().createBareJITDylib(kind + std::to_string(number_))) {}
  ~Dylib() { engine_.remove(dylib_, number_); }
  Dylib(const Dylib&) = delete;
  Dylib& operator=(const Dylib&) = delete;

  [[nodiscard]] orc::JITDylib& operator*() const { return dylib_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  Engine& engine_;
  std::uint64_t number_;
  orc::JITDylib& dylib_;
};

// ---- a slice's code ----------------------------------------------------------------------------

class LinkedCode final : public Code {
 public:
  LinkedCode(Engine& engine, ObjectFacts facts) : engine_(engine), dylib_(engine, "slice"), facts_(std::move(facts)) {}

  llvm::Error load(const Object& object, const ir::Program& program, const ir::Slice& slice);

  [[nodiscard]] Entry entry(std::uint32_t number) const override { return entries_[number]; }
  [[nodiscard]] std::string disassembly() const override;
  [[nodiscard]] std::size_t code_bytes() const override { return facts_.text_bytes; }
  [[nodiscard]] std::size_t native_stack_bytes() const override {
    return facts_.largest_frame_bytes * call_depth_ + kBuiltinStackBytes;
  }

 private:
  Engine& engine_;
  Dylib dylib_;
  ObjectFacts facts_;
  const std::uint8_t* text_ = nullptr;
  std::size_t call_depth_ = 0;
  std::vector<Entry> entries_;  // by number in the slice
};

llvm::Error LinkedCode::load(const Object& object, const ir::Program& program, const ir::Slice& slice) {
  (*dylib_).addToLinkOrder(engine_.callable());
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy({object.bytes.data(), object.bytes.size()}, "slice");
  if (llvm::Error error = engine_.linker().add(*dylib_, std::move(buffer))) return error;
  auto depth = engine_.find(*dylib_, kCallDepthSymbol);
  if (!depth) return depth.takeError();
  call_depth_ = *depth->toPtr<const std::size_t*>();

  std::map<std::string_view, const NativeFunction*> exported;
  for (const NativeFunction& function : facts_.functions) {
    if (function.exported) exported.emplace(function.symbol, &function);
  }
  for (std::uint32_t number = 0; number < slice.entry_count; ++number) {
    const std::string symbol = function_symbol(program.functions[slice.functions[number]], number);
    const auto found = exported.find(symbol);
    if (found == exported.end()) {
      return llvm::createStringError(llvm::inconvertibleErrorCode(), "the object has no function " + symbol);
    }
    if (text_ == nullptr) {
      auto address = engine_.find(*dylib_, symbol);
      if (!address) return address.takeError();
      text_ = address->toPtr<const std::uint8_t*>() - found->second->offset;
    }
    entries_.push_back(text_ + found->second->offset);
  }
  return llvm::Error::success();
}

std::string LinkedCode::disassembly() const {
  if (text_ == nullptr) return "";
  std::map<std::uint64_t, std::string> callables;
  for (const RuntimeCallRow& row : runtime_calls()) {
    callables.emplace(reinterpret_cast<std::uintptr_t>(row.address), row.symbol);
  }
  for (const stdlib::Builtin& row : stdlib::builtins()) {
    callables.emplace(reinterpret_cast<std::uintptr_t>(row.thunk), row.symbol);
  }
  const auto name_of = [&](std::uint64_t address) -> std::string {
    // SAFETY: the target of a call in linked code is a callable or a JITLink stub: on x86, `jmp *[rip + offset]`.
    const auto* code = reinterpret_cast<const std::uint8_t*>(address);
    if (const auto found = callables.find(address); found != callables.end()) return found->second;
    if (code[0] != 0xFF || code[1] != 0x25) return "outside";
    std::int32_t offset = 0;
    std::memcpy(&offset, code + 2, sizeof offset);
    std::uint64_t target = 0;
    std::memcpy(&target, code + 6 + offset, sizeof target);
    const auto found = callables.find(target);
    return found == callables.end() ? "outside" : found->second;
  };
  return disassemble({text_, facts_.text_bytes}, facts_.functions, name_of);
}

// ---- a program's stub --------------------------------------------------------------------------

class StubProgram final : public Program {
 public:
  explicit StubProgram(Engine& engine) : engine_(engine), dylib_(engine, "program") {}

  llvm::Error lead_to(const SlotCode* initial) {
    symbol_ = engine_.session().intern("slots" + std::to_string(dylib_.number()));
    if (llvm::Error error =
            engine_.stubs().createRedirectableSymbol((*dylib_).createResourceTracker(), symbol_, table(initial))) {
      return error;
    }
    // Before the first look-up a redirect fails.
    if (auto stub = engine_.find(*dylib_, *symbol_); !stub) return stub.takeError();
    auto slot = engine_.find(*dylib_, (*symbol_).str() + "$__stub_ptr");
    if (!slot) return slot.takeError();
    location_ = slot->toPtr<const SlotCode**>();
    return llvm::Error::success();
  }

  void publish(const SlotCode* slots) override {
    // ORC writes the stub's pointer with one plain store. Ours comes first and is what readers see; the second store of
    // the same word changes nothing.
    std::atomic_ref(*location_).store(slots, std::memory_order_release);
    llvm::cantFail(engine_.stubs().redirect(*dylib_, {{symbol_, table(slots)}}));
  }

 private:
  static orc::ExecutorSymbolDef table(const SlotCode* slots) {
    return {orc::ExecutorAddr::fromPtr(slots), llvm::JITSymbolFlags::Exported};
  }

  Engine& engine_;
  Dylib dylib_;
  orc::SymbolStringPtr symbol_;
};

// ---- the session -------------------------------------------------------------------------------

class OrcSession final : public Session {
 public:
  explicit OrcSession(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

  std::expected<std::unique_ptr<Code>, std::string> link(const Object& object, const ir::Program& program,
                                                         const ir::Slice& slice) override {
    auto facts = check_object(object.bytes);
    if (!facts) return std::unexpected(facts.error());
    auto code = std::make_unique<LinkedCode>(*engine_, std::move(*facts));
    if (llvm::Error error = code->load(object, program, slice)) return std::unexpected(text_of(std::move(error)));
    return code;
  }

  std::expected<std::unique_ptr<Program>, std::string> make_program(const SlotCode* initial) override {
    auto program = std::make_unique<StubProgram>(*engine_);
    if (llvm::Error error = program->lead_to(initial)) return std::unexpected(text_of(std::move(error)));
    return program;
  }

  [[nodiscard]] std::string target() const override { return host_target(); }

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace

std::expected<std::unique_ptr<Session>, std::string> Session::create() {
  auto engine = Engine::create();
  if (!engine) return std::unexpected(engine.error());
  return std::make_unique<OrcSession>(std::move(*engine));
}

}  // namespace writ::jit
