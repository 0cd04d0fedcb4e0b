// What the commands about release files share: which keys are trusted, how a file is read, how a refusal is told.
#pragma once

#include <CLI/CLI.hpp>
#include <expected>
#include <string>
#include <vector>

#include "fleet/keys.h"
#include "support/diagnostic.h"
#include "tools/console.h"

namespace writ::tools {

/// --key --threshold
struct TrustArguments {
  std::vector<std::string> keys;
  unsigned threshold = 1;
};
/// Gives --key.
CLI::Option* add_trust_options(CLI::App& app, TrustArguments& arguments);
/// The diagnostic is about one of the key files.
[[nodiscard]] std::expected<fleet::TrustedKeys, support::Diagnostic> trusted_keys(const TrustArguments& arguments);

/// The bytes of a release file, of which nothing is known but that they are not too many.
[[nodiscard]] std::expected<std::string, support::Diagnostic> read_release(const std::string& path);

/// Tells what is wrong with the file as a whole, and gives the status that it means.
[[nodiscard]] ExitStatus report(const support::Diagnostic& refusal, const std::string& path, Console& console,
                                Console::Stream stream = Console::Stream::kTalk);

}  // namespace writ::tools
