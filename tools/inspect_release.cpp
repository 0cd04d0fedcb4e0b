#include "tools/inspect_release.h"

#include <fmt/format.h>

#include "fleet/refusal.h"
#include "fleet/release_file.h"
#include "fleet/signed_release.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kUnverified =
    "NOT VERIFIED: this is what the file says of itself. Give --key, and --threshold, to have it checked.\n";

ExitStatus inspect_unverified(const std::string& bytes, const std::string& path, Console& console) {
  const auto file = fleet::read_release_file(bytes);
  if (!file) return report(file.error(), path, console);
  const auto statement = fleet::decode_statement(file->statement);
  if (!statement) {
    return report(fleet::refusal(support::Code::kReleaseMalformed, "its statement cannot be read"), path, console);
  }
  const fleet::Hash release = fleet::release_hash(file->statement);
  if (console.format() == Format::kJson) {
    nlohmann::ordered_json json = {{"verified", false}};
    json.update(statement_json(*statement, release));
    json["signed_by"] = signers_json(file->signatures);
    console.print(json.dump() + "\n");
  } else {
    console.print(kUnverified + statement_text(*statement, release) + signers_text(file->signatures));
  }
  return ExitStatus::kYes;
}

ExitStatus inspect_verified(const std::string& bytes, const fleet::TrustedKeys& trusted, const std::string& path,
                            Console& console) {
  const auto release = fleet::SignedRelease::verify(bytes, trusted);
  if (!release) return report(release.error(), path, console);
  const auto signatures = fleet::read_release_file(bytes)->signatures;
  if (console.format() == Format::kJson) {
    nlohmann::ordered_json json = {{"verified", true}};
    json.update(statement_json(release->statement(), release->hash()));
    json["signed_by"] = signers_json(signatures);
    json.update(content_json(release->content()));
    console.print(json.dump() + "\n");
  } else {
    console.print("verified\n" + statement_text(release->statement(), release->hash()) + signers_text(signatures) +
                  content_text(release->content()));
  }
  return ExitStatus::kYes;
}

}  // namespace

ExitStatus inspect_release(const std::string& path, const TrustArguments& trust, Console& console) {
  const auto trusted = trusted_keys(trust);
  if (!trusted) return report(trusted.error(), "--key", console);
  const auto bytes = read_release(path);
  if (!bytes) return report(bytes.error(), path, console);
  return trusted->keys.empty() ? inspect_unverified(*bytes, path, console)
                               : inspect_verified(*bytes, *trusted, path, console);
}

}  // namespace writ::tools
