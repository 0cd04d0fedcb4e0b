#include "jit/call.h"

namespace writ::jit {

runtime::Result call(Entry entry, runtime::Frame& frame, const std::uint64_t* words, std::size_t count) {
  return caller(count)(entry, frame, words);
}

}  // namespace writ::jit
