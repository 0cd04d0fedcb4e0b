#include "stdlib/regex.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <bit>
#include <cstring>
#include <iterator>

#include "stdlib/binding.h"
#include "stdlib/modules.h"
#include "support/limits.h"

namespace writ::stdlib {
namespace {

using support::limits::kPatternBytes;
using support::limits::kPatternProgram;

// RE2 takes two thirds for programs, of which one within the limit needs a few KiB, and leaves the rest to caches of states.
constexpr std::int64_t kMemoryBytes = std::int64_t{256} * 1024;

re2::RE2::Options options() {
  re2::RE2::Options out;
  out.set_max_mem(kMemoryBytes);
  out.set_log_errors(false);
  return out;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::expected<Regex, std::string> Regex::make(std::string_view pattern) {
  if (std::ssize(pattern) > kPatternBytes) {
    return std::unexpected(fmt::format("a pattern of {} bytes, and {} are allowed", pattern.size(), kPatternBytes));
  }
  auto compiled = std::make_unique<re2::RE2>(piece(pattern), options());
  if (!compiled->ok()) return std::unexpected(fmt::format("no pattern: {}", compiled->error()));
  if (compiled->ProgramSize() > kPatternProgram) {
    return std::unexpected(
        fmt::format("a pattern that takes {} steps, and {} are allowed", compiled->ProgramSize(), kPatternProgram));
  }
  // The first search that wants a place makes the program that runs backwards: now, and not in a call.
  re2::StringPiece found;
  (void)compiled->Match("a", 0, 1, re2::RE2::UNANCHORED, &found, 1);
  return Regex(std::move(compiled));
}

Regex::Regex(std::unique_ptr<re2::RE2> compiled)
    : compiled_(std::move(compiled)),
      groups_(compiled_->NumberOfCapturingGroups()),
      cost_(static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(compiled_->ProgramSize())))) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

bool Regex::is_in(std::string_view text) const {
  return compiled_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, std::size_t from, std::size_t wanted, Groups& groups) const {
  std::array<re2::StringPiece, kMaxGroups> found;
  if (!compiled_->Match(piece(text), from, text.size(), re2::RE2::UNANCHORED, found.data(), static_cast<int>(wanted))) {
    return false;
  }
  for (std::size_t i = 0; i < wanted; ++i) {
    groups[i] =
        found[i].data() == nullptr ? std::nullopt : std::optional(std::string_view(found[i].data(), found[i].size()));
  }
  return true;
}

// ---- built-ins -----------------------------------------------------------------------------------

namespace {

// A search whose states RE2 can keep takes a nanosecond a byte; one whose states it cannot some 20 for each instruction.
constexpr int kSearchShift = 3;
constexpr FuelRule kSearch{.basis = FuelRule::Basis::kProduct, .shift = kSearchShift, .weight = 128};

/// Two walks over the text, of which each searches at most once more from each of its bytes. What does not fit has no bound.
constexpr FuelRule::More kSearchesAgain = [](std::int64_t bytes, std::int64_t cost) {
  const std::int64_t twice_all = times(times(bytes, plus(bytes, -1)), cost);
  if (twice_all == kAnySize) return kAnySize;
  return plus(times(bytes, 2), twice_all >> kSearchShift);
};
constexpr FuelRule kSearchAll{
    .basis = FuelRule::Basis::kProduct, .shift = kSearchShift, .weight = 128, .more = &kSearchesAgain};

/// The text, then for each match the rewrite, half of which may name groups that are as long as the match.
constexpr SizeRule kRewrittenSize = [](ArgumentSizes args) {
  return plus(size_of::kReplaced(args), times(args[0].most, args[2].most / 2));
};
constexpr ResultRule kRewritten = ResultRule{.most = &kRewrittenSize}.paid();
constexpr ResultRule kMatches =
    ResultRule{.most = &size_of::kOneMore, .each = &size_of::kFirst, .additive = true}.made();

bool is_match(std::string_view text, Pattern pattern) { return pattern.regex.is_in(text); }

// The one group of a match, or the whole where the pattern has none.
std::optional<std::string_view> extracted(const Regex& regex, const Regex::Groups& groups) {
  return groups[static_cast<std::size_t>(regex.groups())];
}
std::size_t extracted_groups(const Regex& regex) { return static_cast<std::size_t>(regex.groups()) + 1; }

std::optional<std::string_view> extract(std::string_view text, Extraction pattern) {
  Regex::Groups groups;
  if (!pattern.regex.find(text, 0, extracted_groups(pattern.regex), groups)) return std::nullopt;
  return extracted(pattern.regex, groups);
}

bool starts_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

// Walks the matches of a pattern from left to right; none overlap, and an empty one does not stand where another ended.
class Matches {
 public:
  Matches(Call& call, const Regex& regex, std::string_view text, std::size_t groups)
      : call_(call), regex_(regex), text_(text), wanted_(groups) {}

  /// Whether there is another; the trap when it cannot be paid for. The row's rule has paid for the first search.
  [[nodiscard]] OrTrap<bool> next() {
    while (from_ <= text_.size()) {
      const std::int64_t rest = static_cast<std::int64_t>(text_.size() - from_);
      if (searched_ && !call_.charge(1 + (capped_product(rest, regex_.cost()) >> kSearchShift))) {
        return std::unexpected(Trap::kOutOfFuel);
      }
      searched_ = true;
      if (!regex_.find(text_, from_, wanted_, groups_)) break;
      const std::string_view whole = *groups_[0];
      const auto begin = static_cast<std::size_t>(whole.data() - text_.data());
      const std::size_t end = begin + whole.size();
      const bool touches = whole.empty() && last_end_ == begin;
      from_ = whole.empty() ? after_code_point(end) : end;
      if (touches) continue;
      last_end_ = end;
      return true;
    }
    from_ = text_.size() + 1;
    return false;
  }
  [[nodiscard]] const Regex::Groups& groups() const { return groups_; }

 private:
  [[nodiscard]] std::size_t after_code_point(std::size_t at) const {
    do {
      ++at;
    } while (at < text_.size() && !starts_code_point(text_[at]));
    return at;
  }

  Call& call_;
  const Regex& regex_;
  std::string_view text_;
  std::size_t wanted_;
  std::size_t from_ = 0;
  bool searched_ = false;
  std::optional<std::size_t> last_end_;
  Regex::Groups groups_;
};

// Calls `take` with each text that is extracted.
template <typename Take>
OrTrap<void> for_each_extracted(Call& call, std::string_view text, const Regex& regex, const Take& take) {
  Matches matches(call, regex, text, extracted_groups(regex));
  while (true) {
    const auto more = matches.next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    if (const auto found = extracted(regex, matches.groups())) take(*found);
  }
}

// Counts first, so that the list is charged before it is written; both passes pay.
OrTrap<List<std::string_view>> extract_all(Call& call, std::string_view text, Extraction pattern) {
  std::uint64_t count = 0;
  const auto counted = for_each_extracted(call, text, pattern.regex, [&](std::string_view) { ++count; });
  if (!counted) return std::unexpected(counted.error());
  if (count == 0) return List<std::string_view>{};
  auto* const out = call.allocate<std::string_view>(count);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  std::size_t filled = 0;
  const auto written =
      for_each_extracted(call, text, pattern.regex, [&](std::string_view found) { out[filled++] = found; });
  if (!written) return std::unexpected(written.error());
  return List<std::string_view>(out, filled);
}

/// Calls `take` with the pieces that a rewrite (`\1-\2`, `\\` for a backslash) stands for. False where it names a group that is
/// not there, or nothing.
template <typename Take>
bool for_each_piece(std::string_view rewrite, const Regex& regex, const Regex::Groups& groups, const Take& take) {
  while (true) {
    const std::size_t slash = rewrite.find('\\');
    take(rewrite.substr(0, slash));
    if (slash == std::string_view::npos) return true;
    if (slash + 1 == rewrite.size()) return false;
    const char named = rewrite[slash + 1];
    if (named == '\\') {
      take(rewrite.substr(slash, 1));
    } else if (named >= '0' && named <= '9' && named - '0' <= regex.groups()) {
      take(groups[static_cast<std::size_t>(named - '0')].value_or(std::string_view{}));
    } else {
      return false;
    }
    rewrite.remove_prefix(slash + 2);
  }
}

/// What is to replace matches by, and how many.
struct Replacement {
  std::string_view rewrite;
  std::int64_t limit;  // negative: all
};

// Calls `take` with the pieces of the new text, in order.
template <typename Take>
OrTrap<void> for_each_replaced(Call& call, std::string_view text, const Regex& regex, Replacement by,
                               const Take& take) {
  const std::size_t groups = std::min(Regex::kMaxGroups, static_cast<std::size_t>(regex.groups()) + 1);
  Matches matches(call, regex, text, groups);
  const char* kept = text.data();
  for (std::int64_t done = 0; by.limit < 0 || done < by.limit; ++done) {
    const auto more = matches.next();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    const std::string_view whole = *matches.groups()[0];
    take(std::string_view(kept, static_cast<std::size_t>(whole.data() - kept)));
    (void)for_each_piece(by.rewrite, regex, matches.groups(), take);
    kept = whole.data() + whole.size();
  }
  take(std::string_view(kept, static_cast<std::size_t>(text.data() + text.size() - kept)));
  return {};
}

OrTrap<std::string_view> replace_to(Call& call, std::string_view text, Pattern pattern, std::string_view rewrite,
                                    std::int64_t limit) {
  if (!for_each_piece(rewrite, pattern.regex, {}, [](std::string_view) {})) {
    return std::unexpected(Trap::kInvalidArgument);
  }
  const Replacement by{.rewrite = rewrite, .limit = limit};
  std::uint64_t size = 0;
  const auto measured =
      for_each_replaced(call, text, pattern.regex, by, [&](std::string_view part) { size += part.size(); });
  if (!measured) return std::unexpected(measured.error());
  if (size == 0) return std::string_view{};
  if (!call.charge_output(size)) return std::unexpected(Trap::kOutOfFuel);
  char* const out = call.allocate<char>(size);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  char* end = out;
  const auto written = for_each_replaced(call, text, pattern.regex, by,
                                         [&](std::string_view part) { end = std::ranges::copy(part, end).out; });
  if (!written) return std::unexpected(written.error());
  return std::string_view(out, size);
}
OrTrap<std::string_view> replace(Call& call, std::string_view text, Pattern pattern, std::string_view rewrite) {
  return replace_to(call, text, pattern, rewrite, -1);
}

constexpr Builtin kRows[] = {
    row<is_match, kSearch>(Form::kMethod, "matches", "writ_string_matches",
                           "Whether the pattern matches somewhere in the text.",
                           R"("/api/v2/users".matches("^/api/v[0-9]+/"))"),
    row<is_match, kSearch>(Form::kFunction, "matches", "writ_matches",
                           "Whether the pattern matches somewhere in the text.",
                           R"(matches("gateway", "t.w") && !matches("gateway", "^t"))"),
    row<extract, kSearch, kSizeOfFirst>(
        Form::kFunction, "regex.extract", "writ_regex_extract",
        "The first match, or its group where the pattern has one; absent where there is none.",
        R"x(regex.extract("id=42;", "id=([0-9]+)") == "42")x"),
    row<extract_all, kSearchAll, kMatches>(Form::kFunction, "regex.extractAll", "writ_regex_extractAll",
                                           "All matches, or their groups where the pattern has one.",
                                           R"(regex.extractAll("a1 b22", "[0-9]+") == ["1", "22"])"),
    row<replace, kSearchAll, kRewritten>(
        Form::kFunction, "regex.replace", "writ_regex_replace",
        "The text with every match replaced; \\1 stands for a group, \\0 for the whole.",
        R"x(regex.replace("ann@example.org", "(.*)@(.*)", r"\2: \1") == "example.org: ann")x"),
    row<replace_to, kSearchAll, kRewritten>(
        Form::kFunction, "regex.replace", "writ_regex_replace_to",
        "The text with at most so many matches replaced, from the left; a negative number means "
        "all.",
        R"(regex.replace("banana", "a", "x", 2) == "bxnxna")"),
};

}  // namespace

std::span<const Builtin> regex_rows() { return kRows; }

}  // namespace writ::stdlib
