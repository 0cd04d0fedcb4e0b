#include "fleet/signed_release.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "fleet/refusal.h"
#include "fleet/release_file.h"
#include "support/check.h"

namespace writ::fleet {
namespace {

using support::Code;
using support::Diagnostic;

/// Why the signatures do not make the statement's bytes trusted; nothing when they do.
std::optional<Diagnostic> fault_of_signatures(const ReleaseFile& file, const TrustedKeys& trusted) {
  if (file.signatures.empty()) return refusal(Code::kReleaseUnsigned, "nobody signed it");
  const std::string message = signed_message(file.statement);
  for (const Signature& signature : file.signatures) {
    const std::string key = hex(signature.key.bytes);
    if (std::ranges::find(trusted.keys, signature.key) == trusted.keys.end()) {
      return refusal(Code::kReleaseUnknownKey, fmt::format("it is signed by key {}, which is not trusted here", key));
    }
    if (!is_signature_of(signature.bytes, message, signature.key)) {
      return refusal(Code::kReleaseBadSignature, fmt::format("the signature of key {} does not hold", key));
    }
  }
  if (file.signatures.size() < trusted.threshold) {
    return refusal(Code::kReleaseTooFewSignatures, fmt::format("it has {} of the {} signatures that it needs",
                                                               file.signatures.size(), trusted.threshold));
  }
  return std::nullopt;
}

}  // namespace

std::expected<SignedRelease, Diagnostic> SignedRelease::verify(std::string_view bytes, const TrustedKeys& trusted) {
  const auto file = read_release_file(bytes);
  if (!file) return std::unexpected(file.error());
  if (auto fault = fault_of_signatures(*file, trusted)) return std::unexpected(*std::move(fault));
  std::optional<Statement> statement = decode_statement(file->statement);
  if (!statement) return std::unexpected(refusal(Code::kReleaseMalformed, "its signed statement cannot be read"));
  if (hash_of(file->content) != statement->content) {
    return std::unexpected(refusal(Code::kReleaseSwapped, "its content is not the one that was signed"));
  }
  auto content = decode_content(file->content);
  if (!content) {
    return std::unexpected(
        refusal(Code::kReleaseContent, fmt::format("its signed content cannot be taken: {}", content.error())));
  }
  WRIT_CHECK(write(*file) == bytes);
  return SignedRelease(std::string(bytes), release_hash(file->statement), *std::move(statement), *std::move(content));
}

}  // namespace writ::fleet
