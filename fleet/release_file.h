// The frame of a `.wrel` file: statement, signatures, content, each as bytes that nobody has believed yet.
//
// In: a whole file. Out: its parts, or a diagnostic; or back. Reading checks the frame alone: lengths that fit the file exactly,
// signatures in the order of their keys, no key twice. A file without signatures is a request to sign (`writ build` writes one).
// Whether signatures hold is signed_release.h's business.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/content.h"
#include "fleet/keys.h"
#include "fleet/statement.h"
#include "support/diagnostic.h"

namespace writ::fleet {

struct Signature {
  PublicKey key;
  SignatureBytes bytes{};
};

struct ReleaseFile {
  std::string statement;              // bytes
  std::vector<Signature> signatures;  // by key
  std::string content;                // bytes
};

[[nodiscard]] std::expected<ReleaseFile, support::Diagnostic> read_release_file(std::string_view bytes);
[[nodiscard]] std::string write(const ReleaseFile& file);

/// The request of a release: `statement.content` is set to the content's hash. Both are without fault.
[[nodiscard]] ReleaseFile make_request(Statement statement, Content content);

/// Adds the key's signature, once; an error where the content is not the statement's.
[[nodiscard]] std::expected<void, support::Diagnostic> sign(ReleaseFile& file, const SecretKey& key);

/// What a key signs: the statement's bytes under a name of their own, so that no signature made for anything else fits.
[[nodiscard]] std::string signed_message(std::string_view statement);

}  // namespace writ::fleet
