#include "jit/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ir/collection_builder.h"
#include "jit/runtime_calls.h"
#include "jit/sanitizer_calls.h"
#include "stdlib/builtin.h"

namespace writ::jit {
namespace {

// SAFETY: functions become addresses here and are called with the signature of their row.
const RuntimeCallRow kRows[] = {
#define WRIT_RUNTIME_CALL(name, symbol, function, signature, effect, doc) \
  {RuntimeCall::k##name, symbol, reinterpret_cast<const void*>(&function), signature, CallEffect::k##effect},
#include "jit/runtime_calls.def"
#undef WRIT_RUNTIME_CALL
};

}  // namespace

std::string function_symbol(const ir::Function& function, std::uint32_t number) {
  return fmt::format("{}.{}", function.name, number);
}

std::span<const RuntimeCallRow> runtime_calls() { return kRows; }

const RuntimeCallRow& runtime_call(RuntimeCall call) { return kRows[static_cast<std::size_t>(call)]; }

bool is_callable(std::string_view symbol) {
  return std::ranges::any_of(kRows, [&](const RuntimeCallRow& row) { return symbol == row.symbol; }) ||
         std::ranges::any_of(stdlib::builtins(), [&](const stdlib::Builtin& row) { return symbol == row.symbol; }) ||
         std::ranges::any_of(sanitizer_calls(), [&](const SanitizerCall& call) { return symbol == call.symbol; });
}

}  // namespace writ::jit
