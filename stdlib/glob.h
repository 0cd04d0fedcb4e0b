// Glob patterns: a whole text against `/api/**/*.json`.
//
// `*` is any run without `/`, `**` any run, `?` one code point but `/`; `[a-z_]` one of these code points, `[!a-z]` one that is
// none of them and not `/`; a backslash takes the next code point as it is. Time is bounded by text × pattern; no memory is used.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace writ::stdlib {

/// What is wrong with a pattern, as words behind "it is".
[[nodiscard]] std::optional<std::string> refuse_glob(std::string_view pattern);

/// Whether the whole text is of the pattern, which is none that is refused.
[[nodiscard]] bool is_glob_match(std::string_view text, std::string_view pattern);

}  // namespace writ::stdlib
