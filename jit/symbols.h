// The names by which the parts of an object find one another, and everything that generated code may call.
//
// Besides the built-ins (stdlib) only the rows of runtime_calls.def can be called: lowering declares them, the verifier and
// the object check allow them, the session defines them as absolute symbols. Nothing here sees LLVM.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ir/program.h"

namespace writ::jit {

/// An int64: the most native functions that can be active at once under Options::stack.
inline constexpr const char* kCallDepthSymbol = "writ.call_depth";

/// `access.authorize.3`, by the function's number in its slice: readable, unique there, and never the name of anything that can
/// be called from outside.
[[nodiscard]] std::string function_symbol(const ir::Function& function, std::uint32_t number);

enum class RuntimeCall : std::uint8_t {
#define WRIT_RUNTIME_CALL(name, symbol, function, signature, effect, doc) k##name,
#include "jit/runtime_calls.def"
#undef WRIT_RUNTIME_CALL
};

/// What a call may touch: nothing, only read, or write through its first argument too.
enum class CallEffect : std::uint8_t { kPure, kReads, kWrites };

struct RuntimeCallRow {
  RuntimeCall call;
  const char* symbol;
  const void* address;
  const char* signature;  // result, then parameters: p pointer, l 64 bits, i 32 bits, b 8 bits, d double
  CallEffect effect;
};

/// All rows in table order; static storage.
[[nodiscard]] std::span<const RuntimeCallRow> runtime_calls();
[[nodiscard]] const RuntimeCallRow& runtime_call(RuntimeCall call);

/// Whether generated code may call an outside function of this name.
[[nodiscard]] bool is_callable(std::string_view symbol);

}  // namespace writ::jit
