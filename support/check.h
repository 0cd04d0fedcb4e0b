// WRIT_CHECK: our own bugs, caught where they happen. On in every build.
//
// A failed check prints the condition and its place and aborts. It is never the answer to bad input:
// that is a Diagnostic, an std::expected or a Trap.
#pragma once

namespace writ::support {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}

#define WRIT_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::writ::support::check_failed(#condition, __FILE__, __LINE__))

#define WRIT_UNREACHABLE() ::writ::support::check_failed("unreachable", __FILE__, __LINE__)
