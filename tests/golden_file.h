// A golden file: program texts, what to do with them, and what must come of it, beside the lines that it concerns.
//
// In: the text of a file under tests/golden. Out: its parts and its claims; and the file's text with claims changed. The format
// is in tests/golden/README.md. Runs nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writ::tests {

/// `//~ KEY REST`, as far as the next claim on its line.
struct Claim {
  std::string key;  // error, warning, result, reason, trap, fuel, memory, emitted, mismatch, has, lacks
  std::string rest;
  std::uint32_t line;     // from 1: the line that it is about
  std::uint32_t written;  // the line that it stands on
  std::size_t begin;      // of the claim with the blanks before it, in the file's text
  std::size_t end;
};

/// One text of the file. Lines before it are kept as empty ones, so that its line numbers are the file's.
struct Section {
  std::string name;  // "access.writ", "prod.toml"
  std::string text;
  std::uint32_t first_line = 1;

  [[nodiscard]] bool is_document() const { return !name.ends_with(".writ"); }
};

/// One call: its input and the claims from there to the next input.
struct Call {
  std::string input;
  std::uint32_t line = 0;  // of `//! input:`; 0 when the file has none
  std::vector<Claim> claims;
};

struct GoldenFile {
  std::string name;  // "run/arithmetic/plus.writ"
  std::string text;
  std::vector<Section> sections;
  std::multimap<std::string, std::string, std::less<>> directives;  // but input
  std::vector<Call> calls;                                          // at least one
  std::vector<Claim> findings;                                      // error and warning
  std::vector<Claim> code;                                          // has and lacks

  [[nodiscard]] std::optional<std::string> directive(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> directives_of(std::string_view key) const;
};

[[nodiscard]] GoldenFile parse_golden(std::string name, std::string text);

/// A claim to take away, to replace by `text`, or with an empty range to add.
struct Edit {
  std::size_t begin;
  std::size_t end;
  std::string text;
};
[[nodiscard]] std::string edited(const GoldenFile& file, const std::vector<Edit>& edits);

/// An edit that adds claims at the end of a line; after the last line when `line` is 0.
[[nodiscard]] Edit add_to_line(const GoldenFile& file, std::uint32_t line, std::string_view claim);

}  // namespace writ::tests
