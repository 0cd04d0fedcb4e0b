// Calling compiled functions: what an entry is in C++, by its number of words.
//
// In: an entry of a release that is alive, a frame, words. Header-only: a host that asks slots millions of times a second
// finds the caller for a slot once and then calls straight through.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "jit/jit.h"
#include "runtime/abi.h"
#include "support/check.h"

namespace writ::jit {

/// Calls an entry with a number of words that is its own.
using Caller = runtime::Result (*)(Entry, runtime::Frame&, const std::uint64_t*);

template <std::size_t... kAt>
runtime::Result call_with(Entry entry, runtime::Frame& frame, const std::uint64_t* words, std::index_sequence<kAt...>) {
  using Function = runtime::Result (*)(runtime::Frame*, decltype((void)kAt, std::uint64_t{})...);
  // SAFETY: an entry is code that lowering gave this signature, from a release that is alive.
  return reinterpret_cast<Function>(reinterpret_cast<std::uintptr_t>(entry))(&frame, words[kAt]...);
}

template <std::size_t kCount>
runtime::Result call_exactly(Entry entry, runtime::Frame& frame, const std::uint64_t* words) {
  return call_with(entry, frame, words, std::make_index_sequence<kCount>());
}

/// The caller for entries of `count` words, at most kMaxCallWords.
[[nodiscard]] inline Caller caller(std::size_t count) {
  static constexpr auto kCallers = []<std::size_t... kCounts>(std::index_sequence<kCounts...>) {
    return std::array<Caller, sizeof...(kCounts)>{&call_exactly<kCounts>...};
  }(std::make_index_sequence<kMaxCallWords + 1>());
  WRIT_CHECK(count <= kMaxCallWords);
  return kCallers[count];
}

}  // namespace writ::jit
