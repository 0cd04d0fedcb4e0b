#include "fleet/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "fleet/byte_form.h"
#include "fleet/engine_version.h"
#include "support/check.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::fleet {
namespace {

constexpr std::size_t kNameBytes = 64;
constexpr std::int64_t kSecondsMax = INT64_MAX / 1'000'000'000;  // what a timestamp can hold
constexpr std::string_view kReleaseDomain = "writ release 1\n";

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Such a name can be a file's, and a broker's key.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytes && is_letter_or_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

bool is_note(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(support::limits::kNoteBytes)) return false;
  for (std::size_t at = 0; at < text.size();) {
    const support::Decoded decoded = support::decode_utf8(text, at);
    if (!decoded.valid || support::is_control(decoded.code_point)) return false;
    at += decoded.size;
  }
  return true;
}

}  // namespace

std::string fault_of(const Statement& statement) {
  constexpr std::string_view kName =
      "`{}` is no name of a {}: small letters, digits, - and _, at most {} of them, a letter or digit first";
  if (!is_name(statement.channel)) {
    return fmt::format(kName, support::printable(statement.channel), "channel", kNameBytes);
  }
  if (!is_name(statement.tenant)) {
    return fmt::format(kName, support::printable(statement.tenant), "tenant", kNameBytes);
  }
  if (statement.sequence == 0) return "sequences begin with 1";
  if ((statement.sequence == 1) != (statement.previous == Hash{})) {
    return "the first release, and no other, follows no release";
  }
  if (statement.expires < 0 || statement.expires > kSecondsMax) return "a release expires between 1970 and 2262";
  if (!parse_version(statement.minimum_engine)) {
    return fmt::format("`{}` is no version of an engine, such as 0.1.0", support::printable(statement.minimum_engine));
  }
  if (!is_note(statement.note)) {
    return fmt::format("a note is text of at most {} bytes without control characters", support::limits::kNoteBytes);
  }
  return "";
}

std::string encode(const Statement& statement) {
  WRIT_CHECK(fault_of(statement).empty());
  ByteWriter out;
  out.text(statement.channel);
  out.text(statement.tenant);
  out.u64(statement.sequence);
  out.raw(statement.previous);
  out.u64(static_cast<std::uint64_t>(statement.expires));
  out.raw(statement.schema);
  out.raw(statement.content);
  out.text(statement.minimum_engine);
  out.text(statement.note);
  return std::move(out).take();
}

std::optional<Statement> decode_statement(std::string_view bytes) {
  ByteReader in(bytes);
  Statement statement;
  statement.channel = in.text();
  statement.tenant = in.text();
  statement.sequence = in.u64();
  in.raw(statement.previous);
  statement.expires = static_cast<std::int64_t>(in.u64());
  in.raw(statement.schema);
  in.raw(statement.content);
  statement.minimum_engine = in.text();
  statement.note = in.text();
  if (!in.is_at_end() || !fault_of(statement).empty()) return std::nullopt;
  WRIT_CHECK(encode(statement) == bytes);
  return statement;
}

Hash release_hash(std::string_view statement) {
  std::string named(kReleaseDomain);
  named += statement;
  return hash_of(named);
}

}  // namespace writ::fleet
