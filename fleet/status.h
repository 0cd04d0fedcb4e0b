// What a node says of itself, for all who look at its source: which release answers, how it does, what it refused.
//
// In and out: a NodeStatus and one JSON object. It is not signed: who can write to the source can write any status, so it is for
// people and for `writ status`, and nothing that is trusted is decided by it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/hash.h"
#include "fleet/node_store.h"

namespace writ::fleet {

struct Refusal {
  std::uint64_t sequence = 0;  // 0: bytes that are no release
  std::string release;         // hash, in digits
  std::string code;            // "W8051"
  std::string message;
  bool operator==(const Refusal&) const = default;
};

struct NodeStatus {
  std::string node;
  std::string tenant;
  std::string channel;
  std::uint64_t running = 0;  // sequence; 0: none, the else values answer
  std::string release;        // its hash, in digits
  bool is_on_trial = false;
  std::uint64_t highest = 0;  // sequence
  std::string fate;           // of that one: none, on trial, good, held, refused
  std::uint64_t calls = 0;    // since the running release was activated
  std::uint64_t traps = 0;
  std::int64_t heard_s = 0;  // since the source last answered
  std::int64_t said_at = 0;  // seconds since 1970
  std::optional<Refusal> refusal;
  bool operator==(const NodeStatus&) const = default;
};

/// "on trial"
[[nodiscard]] std::string_view spelling(Fate fate);

/// One line, at most limits::kNodeStatusBytes.
[[nodiscard]] std::string encode(const NodeStatus& status);
/// Nothing when the text is no status.
[[nodiscard]] std::optional<NodeStatus> decode_status(std::string_view text);

}  // namespace writ::fleet
