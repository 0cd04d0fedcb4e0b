// The checks that a text must pass before anything reads it: size, UTF-8, forbidden characters.
//
// In: a source file. Out: diagnostics, and the places of invisible characters (bidirectional and zero-width
// controls), which are an error outside strings and a warning inside; only the scanner knows which is which.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::frontend {

/// A character that changes what a reader sees without being seen.
struct InvisibleCharacter {
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t code_point;
};

enum class ByteOrderMark : std::uint8_t { kRefused, kAllowed };

/// Whether a text is UTF-8 without control characters; an error if not. Tells `found`, if there is
/// one, of every invisible character.
[[nodiscard]] bool check_characters(const support::SourceFile& source, support::Diagnostics& diagnostics,
                                    ByteOrderMark mark,
                                    const std::function<void(const InvisibleCharacter&)>& found = {});

/// The first few invisible characters of a text that may be read, or nothing (and an error) if it may not.
[[nodiscard]] std::optional<std::vector<InvisibleCharacter>> check_text(const support::SourceFile& source,
                                                                        support::Diagnostics& diagnostics);

struct Utf8Result {
  std::uint32_t code_point;
  std::uint32_t bytes;  // 0: malformed
};

/// Reads one code point at the start of `text`, strictly: no overlong forms, surrogates, or values past U+10FFFF.
[[nodiscard]] Utf8Result decode_utf8(std::string_view text);

}  // namespace writ::frontend
