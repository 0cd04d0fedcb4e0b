// Keys and releases for the tests of fleet/.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fleet/judge.h"
#include "fleet/release_file.h"
#include "fleet/signed_release.h"

namespace writ::fleet {

inline constexpr std::int64_t kNow = 1'800'000'000;
inline constexpr std::int64_t kDay = 86'400;

inline Statement some_statement() {
  return {.channel = "edge",
          .tenant = "acme",
          .sequence = 1,
          .previous = {},
          .expires = kNow + 30 * kDay,
          .schema = hash_of("a schema"),
          .content = {},
          .minimum_engine = "0.1.0",
          .note = "the first"};
}

inline Content some_content() {
  return {
      .tier = "staff",
      .sources = {{"common.writ", "library common for shop\n" + std::string(500, '\n')},
                  {"sale.writ", "policy sale for shop\nslot admit(order) = allow\n"}},
      .documents = {{"prod.toml", "[sale]\nlimit = 3\n"}},
      .tests = {{"sale_tests.writ", "library sale_tests for shop\n"}},
      .golden = {
          {"admit", R"({"total": 1})", {"clock.now=timestamp(\"2026-01-01T00:00:00Z\")"}, R"({"answer": "allow"})"}}};
}

/// The file of a release that all of `keys` signed.
inline std::string signed_file(const std::vector<const SecretKey*>& keys, Statement statement = some_statement(),
                               Content content = some_content()) {
  ReleaseFile file = make_request(std::move(statement), std::move(content));
  for (const SecretKey* key : keys) EXPECT_TRUE(sign(file, *key));
  return write(file);
}

inline TrustedKeys trusting(const std::vector<const SecretKey*>& keys, unsigned threshold = 1) {
  TrustedKeys trusted{.keys = {}, .threshold = threshold};
  for (const SecretKey* key : keys) trusted.keys.push_back(key->public_key());
  return trusted;
}

/// The release of a statement, signed by a key of its own.
inline SignedRelease release_of(Statement statement, Content content = some_content()) {
  const SecretKey key = SecretKey::generate();
  return *SignedRelease::verify(signed_file({&key}, std::move(statement), std::move(content)), trusting({&key}));
}

inline Expectation some_expectation() {
  return {.channel = "edge",
          .tenant = "acme",
          .schema = some_statement().schema,
          .sequence = 0,
          .hash = {},
          .earlier = {},
          .now = kNow,
          .passed = 0,
          .engine_version = "0.1.0"};
}

}  // namespace writ::fleet
