// Regular expressions: RE2 with the bounds under which a policy may use it.
//
// In: a pattern, as RE2 has them. Out: one compiled, with what a search in a byte of text may cost at most. RE2 keeps a cache of
// states behind a lock: here at most kPatternMemory bytes, and a search that needs more goes on in time linear in text and
// program, which is what is charged for (docs/decisions/0007). What it does not do: patterns that are made at run time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace writ::stdlib {

class Regex {
 public:
  /// Why not, as words behind "it is": "no pattern: missing ): (a".
  [[nodiscard]] static std::expected<Regex, std::string> make(std::string_view pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  [[nodiscard]] int groups() const { return groups_; }
  /// Instructions of its program, rounded up to a power of two.
  [[nodiscard]] std::int64_t cost() const { return cost_; }

  /// The text of group 0, the whole, then of the others; nothing for a group that took no part.
  static constexpr std::size_t kMaxGroups = 10;
  using Groups = std::array<std::optional<std::string_view>, kMaxGroups>;
  [[nodiscard]] bool is_in(std::string_view text) const;
  /// The first match that begins at `from` or behind it: its first `wanted` groups.
  [[nodiscard]] bool find(std::string_view text, std::size_t from, std::size_t wanted, Groups& groups) const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> compiled);
  std::unique_ptr<re2::RE2> compiled_;
  int groups_;
  std::int64_t cost_;
};

}  // namespace writ::stdlib
