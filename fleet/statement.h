// What is signed of a release: whose it is, which one in a row, of what schema, and the hash of its content.
//
// In and out: a Statement and its one canonical form in bytes. Decoding refuses whatever encoding would not give back. Judges
// nothing: judge.h holds a statement against what a node expects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/hash.h"

namespace writ::fleet {

struct Statement {
  std::string channel;         // a name: small letters, digits, `-` and `_`; the first a letter or digit; at most 64
  std::string tenant;          // a name
  std::uint64_t sequence = 1;  // from 1
  Hash previous{};             // of the release with the sequence before; zeros for the first
  std::int64_t expires = 0;    // seconds since 1970; until 2262; not accepted from then on
  Hash schema{};               // schema_hash.h
  Hash content{};              // of the content's bytes
  std::string minimum_engine;  // "0.1.0"
  std::string note;            // for people: valid UTF-8 without control characters
  bool operator==(const Statement&) const = default;
};

/// What makes a statement one that cannot be encoded; empty when nothing does.
[[nodiscard]] std::string fault_of(const Statement& statement);

/// The statement has no fault.
[[nodiscard]] std::string encode(const Statement& statement);
[[nodiscard]] std::optional<Statement> decode_statement(std::string_view bytes);

/// The name of a release: the same however many keys signed it. `statement` is a statement's bytes.
[[nodiscard]] Hash release_hash(std::string_view statement);

}  // namespace writ::fleet
