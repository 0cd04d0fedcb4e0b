#include "frontend/source_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "support/limits.h"

namespace writ::frontend {
namespace {

using support::Code;
using support::Diagnostics;
using support::SourceFile;
namespace limits = support::limits;

constexpr std::uint32_t kByteOrderMark = 0xFEFF;

struct CodePointRange {
  std::uint32_t first;
  std::uint32_t last;
};

// Unicode's Bidi_Control, zero-width and invisible-operator characters, and the tag block.
constexpr std::array kInvisible = {CodePointRange{0x00AD, 0x00AD}, CodePointRange{0x061C, 0x061C},
                                   CodePointRange{0x180E, 0x180E}, CodePointRange{0x200B, 0x200F},
                                   CodePointRange{0x202A, 0x202E}, CodePointRange{0x2060, 0x206F},
                                   CodePointRange{0xFEFF, 0xFEFF}, CodePointRange{0xE0000, 0xE007F}};

bool is_invisible(std::uint32_t code_point) {
  return std::any_of(kInvisible.begin(), kInvisible.end(),
                     [&](CodePointRange range) { return range.first <= code_point && code_point <= range.last; });
}

bool is_forbidden_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f') || byte == 0x7F;
}

void report_control(const SourceFile& source, std::uint32_t at, Diagnostics& diagnostics) {
  const auto byte = static_cast<unsigned char>(source.text()[at]);
  diagnostics
      .error(
          Code::kForbiddenCharacter, {source.id(), at, at + 1},
          byte == 0 ? "the text holds a NUL byte" : fmt::format("the text holds the control character U+{:04X}", byte))
      .help = fmt::format("in a string write \\x{:02x}", byte);
}

}  // namespace

Utf8Result decode_utf8(std::string_view text) {
  constexpr Utf8Result kMalformed{0, 0};
  if (text.empty()) return kMalformed;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xC2 || lead > 0xF4) return kMalformed;
  const std::uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return kMalformed;
  std::uint32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::uint32_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return kMalformed;
    code_point = (code_point << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = 0xD800 <= code_point && code_point <= 0xDFFF;
  if (code_point < kLeast[length] || code_point > 0x10FFFF || surrogate) return kMalformed;
  return {code_point, length};
}

bool check_characters(const SourceFile& source, Diagnostics& diagnostics, ByteOrderMark mark,
                      const std::function<void(const InvisibleCharacter&)>& found) {
  const std::string_view text = source.text();
  for (std::uint32_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      if (is_forbidden_control(lead)) {
        report_control(source, at, diagnostics);
        return false;
      }
      ++at;
      continue;
    }
    const Utf8Result read = decode_utf8(text.substr(at));
    if (read.bytes == 0) {
      diagnostics.error(Code::kMalformedUtf8, {source.id(), at, at + 1},
                        fmt::format("byte 0x{:02X} at offset {} is not valid UTF-8", lead, at));
      return false;
    }
    if (at == 0 && read.code_point == kByteOrderMark && mark == ByteOrderMark::kRefused) {
      diagnostics
          .error(Code::kForbiddenCharacter, {source.id(), 0, read.bytes}, "the text begins with a byte order mark")
          .help = "save the file as UTF-8 without one";
      return false;
    }
    if (found && is_invisible(read.code_point)) found({at, at + read.bytes, read.code_point});
    at += read.bytes;
  }
  return true;
}

std::optional<std::vector<InvisibleCharacter>> check_text(const SourceFile& source, Diagnostics& diagnostics) {
  const std::string_view text = source.text();
  if (text.size() > static_cast<std::size_t>(limits::kSourceBytes)) {
    diagnostics.error(Code::kSourceTooLarge, {source.id(), 0, 0},
                      fmt::format("the text has {} bytes, {} are allowed", text.size(), limits::kSourceBytes));
    return std::nullopt;
  }
  std::vector<InvisibleCharacter> invisible;
  const bool good =
      check_characters(source, diagnostics, ByteOrderMark::kRefused, [&](const InvisibleCharacter& character) {
        if (invisible.size() < static_cast<std::size_t>(limits::kDiagnostics)) invisible.push_back(character);
      });
  return good ? std::optional(std::move(invisible)) : std::nullopt;
}

}  // namespace writ::frontend
