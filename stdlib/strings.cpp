// Built-ins of strings. Names and meanings are those of CEL and its strings extension.
//
// Positions count code points. A code point starts at every byte that is not a UTF-8 continuation byte, so that every position
// means something on any bytes. What only selects (substring, split, trim) gives views of its argument and takes no memory for
// text.
#include <algorithm>
#include <cstring>
#include <expected>
#include <optional>
#include <string_view>

#include "stdlib/binding.h"
#include "stdlib/modules.h"
#include "stdlib/search.h"
#include "support/utf8.h"

namespace writ::stdlib {
namespace {

using Basis = FuelRule::Basis;
constexpr FuelRule kScan{.basis = Basis::kFirst, .shift = 4, .weight = 4};
constexpr FuelRule kScanTwice{.basis = Basis::kFirst, .shift = 3, .weight = 4};
constexpr FuelRule kScanWords{.basis = Basis::kFirst, .shift = 2, .weight = 8};
// As many times as there are parts, of which a list has 16 bytes each.
constexpr FuelRule kScanEach{.basis = Basis::kProduct, .shift = 8, .weight = 8};
constexpr FuelRule kCopy{.basis = Basis::kSum, .shift = 6, .weight = 4};
constexpr FuelRule kCompare{.basis = Basis::kSmaller, .shift = 6, .weight = 4};

constexpr ResultRule kCount{.most = &size_of::kFirst, .low = &size_of::kFixed<0>, .additive = true};
constexpr ResultRule kPosition{.most = &size_of::kFirst, .low = &size_of::kFixed<-1>, .additive = true};
constexpr ResultRule kPieces =
    ResultRule{.most = &size_of::kOneMore, .each = &size_of::kFirst, .additive = true}.made();
constexpr ResultRule kReplaced = ResultRule{.most = &size_of::kReplaced}.paid();
constexpr ResultRule kJoined = ResultRule{.most = &size_of::kJoined}.paid();
constexpr ResultRule kJoinedWith = ResultRule{.most = &size_of::kJoinedWith}.paid();
constexpr ResultRule kQuoted = ResultRule{.most = &size_of::kQuoted}.paid();

bool starts_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::int64_t size(std::string_view text) { return std::count_if(text.begin(), text.end(), starts_code_point); }

// The byte where code point `index` starts, the end for index == size(text); nothing outside.
std::optional<std::size_t> byte_of(std::string_view text, std::int64_t index) {
  if (index < 0) return std::nullopt;
  if (index == 0) return 0;
  std::int64_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (starts_code_point(text[at]) && seen++ == index) return at;
  }
  return seen == index ? std::optional(text.size()) : std::nullopt;
}

// ---- tests and places --------------------------------------------------------------------------

bool contains(std::string_view text, std::string_view part) { return find_first(text, part).has_value(); }
bool starts_with(std::string_view text, std::string_view part) { return text.starts_with(part); }
bool ends_with(std::string_view text, std::string_view part) { return text.ends_with(part); }

// One pass for all of them.
bool contains_any_word(std::string_view text, Words words) { return words.finder.is_any_in(text); }
bool contains_any(std::string_view text, List<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

std::int64_t index_of(std::string_view text, std::string_view part) {
  const auto at = find_first(text, part);
  return at ? size(text.substr(0, *at)) : -1;
}

OrTrap<std::int64_t> index_of_from(std::string_view text, std::string_view part, std::int64_t from) {
  const auto start = byte_of(text, from);
  if (!start) return std::unexpected(Trap::kInvalidArgument);
  const std::int64_t index = index_of(text.substr(*start), part);
  return index < 0 ? -1 : from + index;
}

std::int64_t last_index_of(std::string_view text, std::string_view part) {
  const auto at = find_last(text, part);
  return at ? size(text.substr(0, *at)) : -1;
}

// The last place that is at `from` or before it.
OrTrap<std::int64_t> last_index_of_from(std::string_view text, std::string_view part, std::int64_t from) {
  const auto last = byte_of(text, from);
  if (!last) return std::unexpected(Trap::kInvalidArgument);
  return last_index_of(text.substr(0, *last + std::min(part.size(), text.size() - *last)), part);
}

// ---- parts -------------------------------------------------------------------------------------

OrTrap<std::string_view> substring(std::string_view text, std::int64_t from) {
  const auto begin = byte_of(text, from);
  if (!begin) return std::unexpected(Trap::kInvalidArgument);
  return text.substr(*begin);
}

OrTrap<std::string_view> substring_to(std::string_view text, std::int64_t from, std::int64_t to) {
  const auto begin = byte_of(text, from);
  const auto end = byte_of(text, to);
  if (!begin || !end || from > to) return std::unexpected(Trap::kInvalidArgument);
  return text.substr(*begin, *end - *begin);
}

OrTrap<std::string_view> char_at(std::string_view text, std::int64_t index) {
  const auto begin = byte_of(text, index);
  if (!begin) return std::unexpected(Trap::kInvalidArgument);
  std::size_t end = std::min(*begin + 1, text.size());
  while (end < text.size() && !starts_code_point(text[end])) ++end;
  return text.substr(*begin, end - *begin);
}

// Source: White_Space of Unicode 15, as CEL's trim names it.
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_space(const support::Decoded& decoded) { return decoded.valid && is_space(decoded.code_point); }

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    const support::Decoded first = support::decode_utf8(text, 0);
    if (!is_space(first)) break;
    text.remove_prefix(first.size);
  }
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    // No space is longer than three bytes.
    while (last > 0 && text.size() - last < 3 && !starts_code_point(text[last])) --last;
    const support::Decoded decoded = support::decode_utf8(text, last);
    if (!is_space(decoded) || last + decoded.size != text.size()) break;
    text.remove_suffix(decoded.size);
  }
  return text;
}

// Walks the pieces of a split: on an empty separator every code point is one, and an empty text has none.
class Pieces {
 public:
  Pieces(std::string_view text, std::string_view separator, std::int64_t limit)
      : rest_(text), separator_(separator), left_(limit), done_(limit == 0 || (separator.empty() && text.empty())) {}

  [[nodiscard]] std::optional<std::string_view> next() {
    if (done_) return std::nullopt;
    const auto end = left_ == 1 ? std::nullopt : piece_end();
    if (left_ > 0) --left_;
    if (!end) {
      done_ = true;
      return rest_;
    }
    const std::string_view piece = rest_.substr(0, *end);
    rest_.remove_prefix(*end + separator_.size());
    return piece;
  }

 private:
  [[nodiscard]] std::optional<std::size_t> piece_end() const {
    if (!separator_.empty()) return find_first(rest_, separator_);
    std::size_t end = 1;
    while (end < rest_.size() && !starts_code_point(rest_[end])) ++end;
    return end < rest_.size() ? std::optional(end) : std::nullopt;
  }

  std::string_view rest_;
  std::string_view separator_;
  std::int64_t left_;  // pieces still allowed; negative: any number
  bool done_;
};

// Counts first, so that the list is charged before it is written.
OrTrap<List<std::string_view>> split_to(Call& call, std::string_view text, std::string_view separator,
                                        std::int64_t limit) {
  std::uint64_t count = 0;
  for (Pieces pieces(text, separator, limit); pieces.next();) ++count;
  if (count == 0) return List<std::string_view>{};
  auto* const out = call.allocate<std::string_view>(count);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  std::size_t filled = 0;
  Pieces pieces(text, separator, limit);
  while (const auto piece = pieces.next()) out[filled++] = *piece;
  return List<std::string_view>(out, filled);
}

OrTrap<List<std::string_view>> split(Call& call, std::string_view text, std::string_view separator) {
  return split_to(call, text, separator, -1);
}

// ---- new text ----------------------------------------------------------------------------------

template <char kFirst, char kLast>
OrTrap<std::string_view> flip_case(Call& call, std::string_view text) {
  if (text.empty()) return text;
  char* const out = call.allocate<char>(text.size());
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  std::ranges::transform(text, out, [](char c) { return c >= kFirst && c <= kLast ? static_cast<char>(c ^ 0x20) : c; });
  return std::string_view(out, text.size());
}

OrTrap<std::string_view> concat(Call& call, std::string_view left, std::string_view right) {
  if (left.empty() && right.empty()) return std::string_view{};
  char* const out = call.allocate<char>(left.size() + right.size());
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  std::ranges::copy(right, std::ranges::copy(left, out).out);
  return std::string_view(out, left.size() + right.size());
}

// Room for a text of this size, paid for; null, and the trap, when the budget does not hold it.
OrTrap<char*> make_text(Call& call, std::uint64_t bytes) {
  if (!call.charge_output(bytes)) return std::unexpected(Trap::kOutOfFuel);
  char* const out = call.allocate<char>(bytes);
  if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
  return out;
}

// Calls `take` with the pieces of the text that stay, in order, each but the last followed by a replacement. An empty `old`
// stands before each code point and at the end.
template <typename Take>
void for_each_kept(std::string_view text, std::string_view old, std::int64_t limit, const Take& take) {
  std::size_t searched = 0;
  while (limit != 0) {
    const auto at = old.empty() ? std::optional(searched) : find_first(text.substr(searched), old);
    if (!at) break;
    const std::size_t begin = old.empty() ? *at : searched + *at;
    take(text.substr(0, begin));
    text.remove_prefix(begin + old.size());
    if (limit > 0) --limit;
    searched = 0;
    if (old.empty()) {
      if (text.empty()) break;
      do {
        ++searched;
      } while (searched < text.size() && !starts_code_point(text[searched]));
    }
  }
  take(text);
}

OrTrap<std::string_view> replace_to(Call& call, std::string_view text, std::string_view old, std::string_view with,
                                    std::int64_t limit) {
  std::uint64_t kept = 0;
  std::uint64_t pieces = 0;
  for_each_kept(text, old, limit, [&](std::string_view piece) {
    kept += piece.size();
    ++pieces;
  });
  if (pieces == 1) return text;
  const std::uint64_t size = kept + (pieces - 1) * with.size();
  if (size == 0) return std::string_view{};
  const auto out = make_text(call, size);
  if (!out) return std::unexpected(out.error());
  char* end = *out;
  for_each_kept(text, old, limit, [&](std::string_view piece) {
    end = std::ranges::copy(piece, end).out;
    if (--pieces > 0) end = std::ranges::copy(with, end).out;
  });
  return std::string_view(*out, size);
}
OrTrap<std::string_view> replace(Call& call, std::string_view text, std::string_view old, std::string_view with) {
  return replace_to(call, text, old, with, -1);
}

OrTrap<std::string_view> join_with(Call& call, List<std::string_view> texts, std::string_view separator) {
  std::uint64_t size = texts.empty() ? 0 : (texts.size() - 1) * separator.size();
  for (const std::string_view text : texts) size += text.size();
  if (size == 0) return std::string_view{};
  const auto out = make_text(call, size);
  if (!out) return std::unexpected(out.error());
  char* end = *out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) end = std::ranges::copy(separator, end).out;
    end = std::ranges::copy(texts[i], end).out;
  }
  return std::string_view(*out, size);
}
OrTrap<std::string_view> join(Call& call, List<std::string_view> texts) { return join_with(call, texts, ""); }

OrTrap<std::string_view> reverse(Call& call, std::string_view text) {
  if (text.empty()) return text;
  const auto out = make_text(call, text.size());
  if (!out) return std::unexpected(out.error());
  char* begin = *out + text.size();
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && !starts_code_point(text[next])) ++next;
    begin -= next - at;
    std::ranges::copy(text.substr(at, next - at), begin);
    at = next;
  }
  return std::string_view(*out, text.size());
}

// The letter behind the backslash that spells a byte in a literal, or 0.
char escape_letter(char byte) {
  constexpr std::string_view kSpelled = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  const std::size_t at = kSpelled.find(byte);
  return at == std::string_view::npos ? '\0' : kLetters[at];
}

OrTrap<std::string_view> quote(Call& call, std::string_view text) {
  const auto escapes = std::ranges::count_if(text, [](char byte) { return escape_letter(byte) != 0; });
  const std::uint64_t size = text.size() + static_cast<std::uint64_t>(escapes) + 2;
  const auto out = make_text(call, size);
  if (!out) return std::unexpected(out.error());
  char* end = *out;
  *end++ = '"';
  for (const char byte : text) {
    const char letter = escape_letter(byte);
    if (letter != 0) *end++ = '\\';
    *end++ = letter != 0 ? letter : byte;
  }
  *end = '"';
  return std::string_view(*out, size);
}

constexpr Builtin kRows[] = {
    row<size, kScan, kCount>(Form::kMethod, "size", "writ_string_size", "The number of code points.",
                             R"("añb".size() == 3)"),
    row<size, kScan, kCount>(Form::kFunction, "size", "writ_size_string", "The number of code points.",
                             R"(size("añb") == 3)"),
    row<contains, kScan>(Form::kMethod, "contains", "writ_string_contains",
                         "Whether the text holds the part somewhere.", R"("gateway".contains("tew"))"),
    row<contains_any_word, kScanWords>(Form::kMethod, "containsAny", "writ_string_containsAny_constant",
                                       "Whether the text holds one of the parts, which are constants.",
                                       R"("a spider".containsAny(["bot", "spider"]))"),
    row<contains_any, kScanEach>(Form::kMethod, "containsAny", "writ_string_containsAny",
                                 "Whether the text holds one of the parts.",
                                 R"("a spider".containsAny("bot,spider".split(",")))"),
    row<starts_with, kCompare>(Form::kMethod, "startsWith", "writ_string_startsWith",
                               "Whether the text begins with the part.", R"("abc".startsWith("ab"))"),
    row<ends_with, kCompare>(Form::kMethod, "endsWith", "writ_string_endsWith", "Whether the text ends with the part.",
                             R"("abc".endsWith("bc"))"),
    row<index_of, kScan, kPosition>(Form::kMethod, "indexOf", "writ_string_indexOf",
                                    "The position of the part's first occurrence, or -1.",
                                    R"("banana".indexOf("an") == 1)"),
    row<index_of_from, kScan, kPosition>(
        Form::kMethod, "indexOf", "writ_string_indexOf_from",
        "The position of the part's first occurrence at the given position or behind it, or -1; "
        "a position outside traps.",
        R"("banana".indexOf("an", 2) == 3)"),
    row<last_index_of, kScanTwice, kPosition>(Form::kMethod, "lastIndexOf", "writ_string_lastIndexOf",
                                              "The position of the part's last occurrence, or -1.",
                                              R"("banana".lastIndexOf("an") == 3)"),
    row<last_index_of_from, kScanTwice, kPosition>(
        Form::kMethod, "lastIndexOf", "writ_string_lastIndexOf_from",
        "The position of the part's last occurrence at the given position or before it, or "
        "-1; a position outside traps.",
        R"("banana".lastIndexOf("an", 2) == 1)"),
    row<substring, kScan, kSizeOfFirst>(Form::kMethod, "substring", "writ_string_substring",
                                        "The text from a position on; a position outside traps.",
                                        R"("gateway".substring(4) == "way")"),
    row<substring_to, kScan, kSizeOfFirst>(
        Form::kMethod, "substring", "writ_string_substring_to",
        "The text from a position up to, not including, another; positions outside or in the wrong "
        "order trap.",
        R"("gateway".substring(0, 4) == "gate")"),
    row<char_at, kScan, kSizeOfFirst>(
        Form::kMethod, "charAt", "writ_string_charAt",
        "The code point at a position as a text, empty at the end; a position outside traps.",
        R"("añb".charAt(1) == "ñ")"),
    row<trim, kScan, kSizeOfFirst>(Form::kMethod, "trim", "writ_string_trim",
                                   "The text without white space at both ends.", R"("  a b ".trim() == "a b")"),
    row<split, kScanTwice, kPieces>(Form::kMethod, "split", "writ_string_split",
                                    "The pieces between the separators; an empty separator gives the code points.",
                                    R"("a,b,c".split(",").size() == 3)"),
    row<split_to, kScanTwice, kPieces>(Form::kMethod, "split", "writ_string_split_to",
                                       "At most so many pieces, the last with the rest; a negative number means all.",
                                       R"("a,b,c".split(",", 2)[1] == "b,c")"),
    row<flip_case<'A', 'Z'>, kScan, kSizeOfFirst.made()>(Form::kMethod, "lowerAscii", "writ_string_lowerAscii",
                                                         "The text with A to Z in lower case.",
                                                         R"("GÉT".lowerAscii() == "gÉt")"),
    row<flip_case<'a', 'z'>, kScan, kSizeOfFirst.made()>(Form::kMethod, "upperAscii", "writ_string_upperAscii",
                                                         "The text with a to z in upper case.",
                                                         R"("gét".upperAscii() == "GéT")"),
    row<replace, kScanTwice, kReplaced>(Form::kMethod, "replace", "writ_string_replace",
                                        "The text with every occurrence of the first text replaced by the second.",
                                        R"("{0} by {0}".replace("{0}", "2") == "2 by 2")"),
    row<replace_to, kScanTwice, kReplaced>(
        Form::kMethod, "replace", "writ_string_replace_to",
        "The text with at most so many occurrences replaced, from the left; a negative number "
        "means all.",
        R"("{0} by {0}".replace("{0}", "2", 1) == "2 by {0}")"),
    row<join, kScan, kJoined>(Form::kMethod, "join", "writ_list_join", "The texts of a list, one behind the other.",
                              R"(["gate", "way"].join() == "gateway")"),
    row<join_with, kScan, kJoinedWith>(Form::kMethod, "join", "writ_list_join_with",
                                       "The texts of a list with a separator between them.",
                                       R"(["a", "b"].join("-") == "a-b")"),
    row<reverse, kScanTwice, kSizeOfFirst.paid()>(Form::kMethod, "reverse", "writ_string_reverse",
                                                  "The code points in the opposite order.",
                                                  R"("añb".reverse() == "bña")"),
    row<quote, kScanTwice, kQuoted>(Form::kFunction, "strings.quote", "writ_strings_quote",
                                    "The text as a literal, with quotes and escapes.",
                                    R"(strings.quote("a\"b") == "\"a\\\"b\"")"),
    row<concat, kCopy, kSizeOfBoth.made()>(Form::kFunction, "+", "writ_string_concat",
                                           "Both texts, one behind the other.", R"("gate" + "way" == "gateway")"),
};

}  // namespace

std::span<const Builtin> string_rows() { return kRows; }

}  // namespace writ::stdlib
