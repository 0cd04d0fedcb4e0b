#include "support/utf8.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace writ::support {
namespace {

constexpr std::uint8_t kContinuationMask = 0xC0;
constexpr std::uint8_t kContinuation = 0x80;

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

// Size of the sequence that a lead byte announces; 0 for bytes that lead nothing.
std::size_t announced_size(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool in_range_for_size(char32_t code_point, std::size_t size) {
  switch (size) {
    case 3:
      return code_point >= 0x800 && (code_point < 0xD800 || code_point > 0xDFFF);
    case 4:
      return code_point >= 0x10000 && code_point <= 0x10FFFF;
    default:
      return true;  // one and two bytes are decided by the lead byte
  }
}

void append_escaped(std::string& out, const Decoded& decoded) {
  if (!decoded.valid) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(decoded.code_point));
  } else if (decoded.code_point == U'\n') {
    out += "\\n";
  } else if (decoded.code_point == U'\r') {
    out += "\\r";
  } else if (decoded.code_point == U'\t') {
    out += "\\t";
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", static_cast<unsigned>(decoded.code_point));
  }
}

}  // namespace

Decoded decode_utf8(std::string_view text, std::size_t at) {
  const std::uint8_t lead = byte_at(text, at);
  const Decoded malformed{.code_point = lead, .size = 1, .valid = false};
  const std::size_t size = announced_size(lead);
  if (size == 1) return {.code_point = lead, .size = 1, .valid = true};
  if (size == 0 || size > text.size() - at) return malformed;
  char32_t code_point = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const std::uint8_t byte = byte_at(text, at + i);
    if ((byte & kContinuationMask) != kContinuation) return malformed;
    code_point = code_point << 6 | (byte & 0x3FU);
  }
  if (!in_range_for_size(code_point, size)) return malformed;
  return {.code_point = code_point, .size = size, .valid = true};
}

std::optional<std::size_t> find_malformed_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_utf8(text, at);
    if (!decoded.valid) return at;
    at += decoded.size;
  }
  return std::nullopt;
}

bool is_control(char32_t code_point) {
  if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) return true;
  switch (code_point) {
    case 0x00AD:  // soft hyphen
    case 0x061C:  // Arabic letter mark
    case 0x180E:  // Mongolian vowel separator
    case 0xFEFF:  // zero-width no-break space
      return true;
    default:
      return (code_point >= 0x200B && code_point <= 0x200F) ||  // zero width, LRM, RLM
             (code_point >= 0x2028 && code_point <= 0x202E) ||  // separators, embeddings
             (code_point >= 0x2060 && code_point <= 0x206F);    // joiners, isolates
  }
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_utf8(text, at);
    if (decoded.valid && !is_control(decoded.code_point)) {
      out += text.substr(at, decoded.size);
    } else {
      append_escaped(out, decoded);
    }
    at += decoded.size;
  }
  return out;
}

}  // namespace writ::support
