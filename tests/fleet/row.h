// A row of signed releases of one feed, for the tests of nodes: each follows the one before.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "fleet/source.h"
#include "tests/unit/fleet_fixture.h"

namespace writ::fleet {

class Row {
 public:
  /// A release with the next sequence, signed, as the bytes of its file.
  std::string next(const std::string& note, Content content = some_content()) {
    Statement statement = some_statement();
    statement.schema = schema;
    statement.expires = expires;
    statement.sequence = ++sequence;
    statement.previous = previous;
    statement.note = note;
    const std::string bytes = signed_file({&key}, std::move(statement), std::move(content));
    previous = verified(bytes).hash();
    return bytes;
  }
  [[nodiscard]] SignedRelease verified(const std::string& bytes) const {
    return *SignedRelease::verify(bytes, trusting({&key}));
  }
  [[nodiscard]] TrustedKeys trusted() const { return trusting({&key}); }
  [[nodiscard]] static Feed feed() { return {.tenant = "acme", .channel = "edge"}; }

  SecretKey key = SecretKey::generate();
  Hash schema = some_statement().schema;
  std::int64_t expires = kNow + 30 * kDay;
  std::uint64_t sequence = 0;
  Hash previous{};
};

}  // namespace writ::fleet
