// The version of this engine, and versions as release files write them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace writ::fleet {

/// "0.1.0"
[[nodiscard]] std::string_view engine_version();

using Version = std::array<std::uint32_t, 3>;  // compared part by part

/// Three numbers without leading zeros; nothing for any other text.
[[nodiscard]] std::optional<Version> parse_version(std::string_view text);

}  // namespace writ::fleet
