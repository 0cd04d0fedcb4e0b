#include "stdlib/glob.h"

#include <fmt/format.h>

#include <bitset>
#include <expected>
#include <iterator>

#include "stdlib/binding.h"
#include "stdlib/modules.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::stdlib {
namespace {

using support::limits::kGlobBytes;

/// Takes the code point in front; a byte that begins none is one by itself.
char32_t take_code_point(std::string_view& text) {
  const support::Decoded decoded = support::decode_utf8(text, 0);
  const char32_t out = decoded.valid ? decoded.code_point : static_cast<unsigned char>(text[0]) | 0x8000'0000U;
  text.remove_prefix(decoded.valid ? decoded.size : 1);
  return out;
}

/// The part of a pattern in front.
struct Part {
  enum class Kind : unsigned char { kRun, kAnyRun, kOne, kClass, kLiteral, kBroken } kind;
  std::string_view text;  // a class without its brackets, a literal's code point
};

Part take_class(std::string_view& rest) {
  // A `]` right behind the bracket, or behind its `!`, is one of the class.
  std::size_t at = rest.starts_with("[!") ? 2 : 1;
  at = rest.find(']', at + 1);
  if (at == std::string_view::npos) return {Part::Kind::kBroken, rest};
  const Part out{Part::Kind::kClass, rest.substr(1, at - 1)};
  rest.remove_prefix(at + 1);
  return out;
}

Part take_part(std::string_view& rest) {
  const auto taken = [&](Part::Kind kind, std::size_t size) {
    rest.remove_prefix(size);
    return Part{kind, {}};
  };
  if (rest.starts_with("**")) return taken(Part::Kind::kAnyRun, 2);
  if (rest.starts_with('*')) return taken(Part::Kind::kRun, 1);
  if (rest.starts_with('?')) return taken(Part::Kind::kOne, 1);
  if (rest.starts_with('[')) return take_class(rest);
  if (rest.starts_with('\\')) {
    if (rest.size() == 1) return {Part::Kind::kBroken, rest};
    rest.remove_prefix(1);
  }
  const std::string_view from = rest;
  (void)take_code_point(rest);
  return {Part::Kind::kLiteral, from.substr(0, from.size() - rest.size())};
}

bool is_in_class(char32_t c, std::string_view members) {
  const bool negated = members.starts_with('!');
  if (negated) members.remove_prefix(1);
  bool found = false;
  while (!members.empty()) {
    const char32_t low = take_code_point(members);
    char32_t high = low;
    if (members.size() > 1 && members[0] == '-') {
      members.remove_prefix(1);
      high = take_code_point(members);
    }
    found = found || (low <= c && c <= high);
  }
  return negated ? !found && c != U'/' : found;
}

bool takes(const Part& part, char32_t c) {
  switch (part.kind) {
    case Part::Kind::kAnyRun:
      return true;
    case Part::Kind::kRun:
    case Part::Kind::kOne:
      return c != U'/';
    case Part::Kind::kClass:
      return is_in_class(c, part.text);
    case Part::Kind::kLiteral: {
      std::string_view text = part.text;
      return take_code_point(text) == c;
    }
    case Part::Kind::kBroken:
      return false;
  }
  std::unreachable();
}

bool is_run(const Part& part) { return part.kind == Part::Kind::kRun || part.kind == Part::Kind::kAnyRun; }

/// Places in a pattern, in bytes, that the text so far can have led to.
using Places = std::bitset<static_cast<std::size_t>(kGlobBytes) + 1>;

/// Adds a place, and what empty runs lead to from there.
void reach(Places& places, std::string_view pattern, std::size_t at) {
  while (!places[at]) {
    places.set(at);
    std::string_view rest = pattern.substr(at);
    if (rest.empty() || !is_run(take_part(rest))) return;
    at = pattern.size() - rest.size();
  }
}

/// Where one more code point leads.
Places step(const Places& places, std::string_view pattern, char32_t c) {
  Places out;
  for (std::size_t at = places._Find_first(); at < pattern.size(); at = places._Find_next(at)) {
    std::string_view rest = pattern.substr(at);
    const Part part = take_part(rest);
    if (takes(part, c)) reach(out, pattern, is_run(part) ? at : pattern.size() - rest.size());
  }
  return out;
}

}  // namespace

std::optional<std::string> refuse_glob(std::string_view pattern) {
  if (std::ssize(pattern) > kGlobBytes) {
    return fmt::format("a pattern of {} bytes, and {} are allowed", pattern.size(), kGlobBytes);
  }
  while (!pattern.empty()) {
    if (take_part(pattern).kind == Part::Kind::kBroken) {
      return pattern[0] == '[' ? "no pattern: a `[` without its `]`" : "no pattern: nothing behind the last `\\`";
    }
  }
  return std::nullopt;
}

bool is_glob_match(std::string_view text, std::string_view pattern) {
  Places places;
  reach(places, pattern, 0);
  while (!text.empty() && places.any()) {
    const char32_t c = take_code_point(text);
    places = step(places, pattern, c);
  }
  return places[pattern.size()];
}

// ---- built-ins -----------------------------------------------------------------------------------

namespace {

constexpr FuelRule kWalk{.basis = FuelRule::Basis::kProduct, .shift = 1, .weight = 16};

OrTrap<bool> glob(std::string_view text, GlobText pattern) {
  if (refuse_glob(pattern.text)) return std::unexpected(Trap::kInvalidArgument);
  return is_glob_match(text, pattern.text);
}

constexpr Builtin kRows[] = {
    row<glob, kWalk>(Form::kMethod, "glob", "writ_string_glob",
                     "Whether the whole text is of a pattern with *, **, ? and [a-z]; * and ? stop at /.",
                     R"("/img/a/b.png".glob("/img/**.png") && !"/img/a/b.png".glob("/img/*.png"))"),
};

}  // namespace

std::span<const Builtin> glob_rows() { return kRows; }

}  // namespace writ::stdlib
