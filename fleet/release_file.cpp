#include "fleet/release_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "fleet/byte_form.h"
#include "fleet/refusal.h"
#include "support/limits.h"

namespace writ::fleet {
namespace {

using support::Code;
using support::Diagnostic;

// "writ", then what no text file begins with, then the version of the form.
constexpr std::string_view kMagic{"WREL\r\n\x1a\x01", 8};
constexpr std::string_view kSignatureDomain = "writ release signature 1\n";

std::unexpected<Diagnostic> refused(Code code, std::string message) {
  return std::unexpected(refusal(code, std::move(message)));
}

Signature read_signature(ByteReader& in) {
  Signature signature;
  in.raw(signature.key.bytes);
  in.raw(signature.bytes);
  return signature;
}

}  // namespace

std::expected<ReleaseFile, Diagnostic> read_release_file(std::string_view bytes) {
  if (bytes.size() > static_cast<std::size_t>(support::limits::kReleaseFileBytes)) {
    return refused(Code::kReleaseTooLarge,
                   fmt::format("the file is over the limit of {} bytes", support::limits::kReleaseFileBytes));
  }
  ByteReader in(bytes);
  if (in.raw(kMagic.size()) != kMagic) return refused(Code::kReleaseMalformed, "this is not a release file");
  ReleaseFile file;
  file.statement = in.text();
  const std::uint32_t count = in.u32();
  if (count > support::limits::kSignatures) {
    return refused(Code::kReleaseMalformed,
                   fmt::format("it has more than {} signatures", support::limits::kSignatures));
  }
  for (std::uint32_t left = count; left > 0; --left) file.signatures.push_back(read_signature(in));
  file.content = in.text();
  if (!in.is_at_end()) return refused(Code::kReleaseMalformed, "its lengths do not add up: it was cut or added to");
  const auto out_of_order = [](const Signature& a, const Signature& b) { return a.key >= b.key; };
  if (std::ranges::adjacent_find(file.signatures, out_of_order) != file.signatures.end()) {
    return refused(Code::kReleaseMalformed, "its signatures are not in the order of their keys, each once");
  }
  return file;
}

std::string write(const ReleaseFile& file) {
  ByteWriter out;
  out.raw(kMagic);
  out.text(file.statement);
  out.u32(file.signatures.size());
  for (const Signature& signature : file.signatures) {
    out.raw(signature.key.bytes);
    out.raw(signature.bytes);
  }
  out.text(file.content);
  return std::move(out).take();
}

ReleaseFile make_request(Statement statement, Content content) {
  ReleaseFile file;
  file.content = encode(std::move(content));
  statement.content = hash_of(file.content);
  file.statement = encode(statement);
  return file;
}

std::expected<void, Diagnostic> sign(ReleaseFile& file, const SecretKey& key) {
  const std::optional<Statement> statement = decode_statement(file.statement);
  if (!statement) return refused(Code::kReleaseMalformed, "its statement cannot be read");
  if (statement->content != hash_of(file.content)) {
    return refused(Code::kReleaseSwapped, "its content is not the one that its statement names");
  }
  const PublicKey signer = key.public_key();
  const auto place = std::ranges::lower_bound(file.signatures, signer, {}, &Signature::key);
  const SignatureBytes signature = key.sign(signed_message(file.statement));
  if (place != file.signatures.end() && place->key == signer) {
    place->bytes = signature;
    return {};
  }
  if (std::ssize(file.signatures) == support::limits::kSignatures) {
    return refused(Code::kReleaseMalformed,
                   fmt::format("it has {} signatures, and may have no more", support::limits::kSignatures));
  }
  file.signatures.insert(place, {.key = signer, .bytes = signature});
  return {};
}

std::string signed_message(std::string_view statement) {
  std::string message(kSignatureDomain);
  message += statement;
  return message;
}

}  // namespace writ::fleet
