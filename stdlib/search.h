// Finding bytes in bytes, in time linear in the text and without memory.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace writ::stdlib {

/// The first place of `needle` in `text`. An empty needle is at 0.
[[nodiscard]] std::optional<std::size_t> find_first(std::string_view text, std::string_view needle);
/// The last place of `needle` in `text`. An empty needle is at the end.
[[nodiscard]] std::optional<std::size_t> find_last(std::string_view text, std::string_view needle);

}  // namespace writ::stdlib
