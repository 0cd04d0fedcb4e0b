// Memory that stays mapped and holds nothing: who touches it is told by AddressSanitizer, where the build has it.
//
// In: a range whose start is 8-aligned. Generated code is not instrumented and notices nothing; the host and the built-ins do.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WRIT_HAS_POISON
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WRIT_HAS_POISON
#endif

#if defined(WRIT_HAS_POISON)
#include <sanitizer/asan_interface.h>
#endif

namespace writ::support {

#if defined(WRIT_HAS_POISON)
inline constexpr bool kHasPoison = true;
inline void poison(const std::byte* start, std::size_t bytes) { __asan_poison_memory_region(start, bytes); }
inline void unpoison(const std::byte* start, std::size_t bytes) { __asan_unpoison_memory_region(start, bytes); }
#else
inline constexpr bool kHasPoison = false;
inline void poison(const std::byte*, std::size_t) {}
inline void unpoison(const std::byte*, std::size_t) {}
#endif

}  // namespace writ::support
