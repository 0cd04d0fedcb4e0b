#include "tools/release_options.h"

#include "fleet/refusal.h"
#include "host/file.h"
#include "support/limits.h"
#include "tools/options.h"

namespace writ::tools {

CLI::Option* add_trust_options(CLI::App& app, TrustArguments& arguments) {
  CLI::Option* const keys =
      add_repeatable(app, "--key", arguments.keys, "The public key of somebody whose signature counts");
  keys->type_name("FILE.pub");
  app.add_option("--threshold", arguments.threshold, "How many of these keys must have signed")
      ->check(CLI::Range(1U, static_cast<unsigned>(support::limits::kSignatures)))
      ->type_name("K");
  return keys;
}

std::expected<fleet::TrustedKeys, support::Diagnostic> trusted_keys(const TrustArguments& arguments) {
  fleet::TrustedKeys trusted{.keys = {}, .threshold = arguments.threshold};
  for (const std::string& path : arguments.keys) {
    auto key = fleet::read_public_key(path);
    if (!key) return std::unexpected(std::move(key.error()));
    trusted.keys.push_back(*key);
  }
  return trusted;
}

std::expected<std::string, support::Diagnostic> read_release(const std::string& path) {
  auto bytes = host::read_file(path, support::limits::kReleaseFileBytes);
  if (bytes) return *std::move(bytes);
  const support::Code code = bytes.error().too_large ? support::Code::kReleaseTooLarge : support::Code::kUnreadableFile;
  return std::unexpected(fleet::refusal(code, std::move(bytes.error().message)));
}

ExitStatus report(const support::Diagnostic& refusal, const std::string& path, Console& console,
                  Console::Stream stream) {
  support::SourceMap files;
  files.add(path, "");
  console.report(refusal, files, stream);
  return status_of(refusal.code);
}

}  // namespace writ::tools
