// Reads an object file as untrusted input, before it is linked.
//
// In: bytes, perhaps from a cache or a compile worker. Out: what the linked release needs to know of them, or the first thing
// that is not allowed: a section, relocation or symbol beside those that our own code generation makes. It cannot tell whether
// the machine code is right: that is what the keyed MAC of the cache is for. Seen inside jit/ only.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace writ::jit {

/// A native function, by its place in the text section.
struct NativeFunction {
  std::string symbol;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool exported = false;
};

struct ObjectFacts {
  std::vector<NativeFunction> functions;  // by offset
  std::uint64_t text_bytes = 0;
  std::uint64_t largest_frame_bytes = 0;  // the return address included
};

[[nodiscard]] std::expected<ObjectFacts, std::string> check_object(std::span<const char> bytes);

}  // namespace writ::jit
