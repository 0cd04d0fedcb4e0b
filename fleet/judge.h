// Whether a node takes a signed release: a pure function of the release and of what the node expects.
//
// In: a release whose signatures held, and where the node stands. Out: take it, it is here already, or one diagnostic. The order
// of the questions is fixed: whose it is, what it needs, its place in the row, its time. Remembers nothing; what a node must
// keep on disk between calls are the fields of Expectation.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "fleet/hash.h"
#include "fleet/signed_release.h"
#include "support/diagnostic.h"

namespace writ::fleet {

struct Expectation {
  std::string channel;
  std::string tenant;
  Hash schema{};
  std::uint64_t sequence = 0;  // the highest that was accepted; 0: none yet
  Hash hash{};                 // of the release with that sequence
  std::vector<Hash> earlier;   // of some accepted before it: one of them is told as replayed, another as older
  std::int64_t now = 0;        // this clock, seconds since 1970
  std::int64_t passed = 0;     // a time that has certainly passed, such as the last acceptance; 0: none is known
  std::string engine_version;
};

enum class Judgement : std::uint8_t { kAccept, kAlreadyRunning };

[[nodiscard]] std::expected<Judgement, support::Diagnostic> judge(const SignedRelease& release,
                                                                  const Expectation& expectation);

}  // namespace writ::fleet
