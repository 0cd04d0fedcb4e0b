#include "fleet/engine_version.h"

#include <charconv>
#include <system_error>

namespace writ::fleet {

std::string_view engine_version() { return WRIT_VERSION; }

std::optional<Version> parse_version(std::string_view text) {
  Version version{};
  for (std::size_t part = 0; part < version.size(); ++part) {
    if (part > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version[part]);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || (digits > 1 && text.front() == '0')) return std::nullopt;
    text.remove_prefix(digits);
  }
  return text.empty() ? std::optional(version) : std::nullopt;
}

}  // namespace writ::fleet
