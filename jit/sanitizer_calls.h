// The functions of a sanitizer that instrumented code may call: those of the sanitizer that this process is built with, if any.
// Seen inside jit/ only.
#pragma once

#include <span>

namespace writ::jit {

struct SanitizerCall {
  const char* symbol;
  const void* address;
};

[[nodiscard]] std::span<const SanitizerCall> sanitizer_calls();

}  // namespace writ::jit
