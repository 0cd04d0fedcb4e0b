#include "jit/sanitizer_calls.h"

#include "jit/jit.h"

// Only the rows of this build's sanitizer can be linked. Their real signatures do not matter here: nobody calls them by these.
#if defined(WRIT_BUILT_WITH_ASAN)
#define WRIT_ADDRESS_CALL(name) WRIT_ROW(name)
#define WRIT_THREAD_CALL(name)
#elif defined(WRIT_BUILT_WITH_TSAN)
#define WRIT_ADDRESS_CALL(name)
#define WRIT_THREAD_CALL(name) WRIT_ROW(name)
#endif

#if defined(WRIT_BUILT_WITH_ASAN) || defined(WRIT_BUILT_WITH_TSAN)

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the sanitizers' names
#define WRIT_ROW(name) extern "C" void name();
#include "jit/sanitizer_calls.def"
#undef WRIT_ROW
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace writ::jit {

std::span<const SanitizerCall> sanitizer_calls() {
  // SAFETY: functions become addresses here and are called by code that LLVM's pass wrote for them.
  static const SanitizerCall kCalls[] = {
#define WRIT_ROW(name) {#name, reinterpret_cast<const void*>(&name)},
#include "jit/sanitizer_calls.def"
#undef WRIT_ROW
  };
  return kCalls;
}

}  // namespace writ::jit

#else

namespace writ::jit {

std::span<const SanitizerCall> sanitizer_calls() { return {}; }

}  // namespace writ::jit

#endif
