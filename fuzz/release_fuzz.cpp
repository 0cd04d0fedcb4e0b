// Any bytes as a release file, as a statement, and as the signed content of a release: nothing that nobody signed is taken, what
// is read has one form in bytes, and content is parsed safely also when a trusted key signed nonsense.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/content.h"
#include "fleet/keys.h"
#include "fleet/release_file.h"
#include "fleet/signed_release.h"
#include "fleet/statement.h"
#include "support/check.h"

namespace {

namespace fleet = writ::fleet;

const fleet::SecretKey& signer() {
  static const fleet::SecretKey kKey = fleet::SecretKey::generate();
  return kKey;
}

fleet::TrustedKeys trusted() { return {.keys = {signer().public_key()}, .threshold = 1}; }

void as_a_file(std::string_view bytes) {
  WRIT_CHECK(!fleet::SignedRelease::verify(bytes, trusted()));
  const auto file = fleet::read_release_file(bytes);
  if (!file) return;
  WRIT_CHECK(fleet::write(*file) == bytes);
}

void as_a_statement(std::string_view bytes) {
  const auto statement = fleet::decode_statement(bytes);
  if (statement) WRIT_CHECK(fleet::encode(*statement) == bytes);
}

void as_signed_content(std::string_view bytes) {
  const fleet::Statement statement{.channel = "c",
                                   .tenant = "t",
                                   .sequence = 1,
                                   .previous = {},
                                   .expires = 0,
                                   .schema = {},
                                   .content = fleet::hash_of(bytes),
                                   .minimum_engine = "0.1.0",
                                   .note = ""};
  fleet::ReleaseFile file{.statement = fleet::encode(statement), .signatures = {}, .content = std::string(bytes)};
  WRIT_CHECK(fleet::sign(file, signer()).has_value());
  const auto release = fleet::SignedRelease::verify(fleet::write(file), trusted());
  if (release) WRIT_CHECK(fleet::encode(release->content()) == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  as_a_file(bytes);
  as_a_statement(bytes);
  as_signed_content(bytes);
  return 0;
}
