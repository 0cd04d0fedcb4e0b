#include <array>
#include <utility>

#include "jit/jit.h"
#include "support/check.h"

namespace writ::jit {
namespace {

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

template <std::size_t... kCounts>
constexpr std::array<Caller, sizeof...(kCounts)> callers(std::index_sequence<kCounts...>) {
  return {&call_exactly<kCounts>...};
}

}  // namespace

runtime::Result call(Entry entry, runtime::Frame& frame, const std::uint64_t* words, std::size_t count) {
  static constexpr auto kCallers = callers(std::make_index_sequence<kMaxCallWords + 1>());
  WRIT_CHECK(count <= kMaxCallWords);
  return kCallers[count](entry, frame, words);
}

}  // namespace writ::jit
