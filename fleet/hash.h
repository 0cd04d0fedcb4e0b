// BLAKE2b-256, by which a fleet names contents, schemas and releases.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace writ::fleet {

using Hash = std::array<std::byte, 32>;

[[nodiscard]] Hash hash_of(std::span<const std::byte> bytes);
[[nodiscard]] Hash hash_of(std::string_view bytes);
/// 64 small hexadecimal digits.
[[nodiscard]] std::string hex(std::span<const std::byte> bytes);

}  // namespace writ::fleet
