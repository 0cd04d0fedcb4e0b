// What the commands about release files share: which keys are trusted, how a file is read, how a refusal is told.
#pragma once

#include <CLI/CLI.hpp>
#include <expected>
#include <string>
#include <vector>

#include "fleet/judge.h"
#include "fleet/keys.h"
#include "fleet/signed_release.h"
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

/// --valid: how long a release is good for.
void add_validity_option(CLI::App& app, std::string& valid);
/// When one that is made at this moment expires: seconds since 1970.
[[nodiscard]] std::int64_t expiry(const std::string& valid);

/// What the command line names, or the status that ends the command: what is wrong was told.
template <typename Value>
using Given = std::expected<Value, ExitStatus>;

/// The keys, of which there must be enough.
[[nodiscard]] Given<fleet::TrustedKeys> given_keys(const TrustArguments& arguments, Console& console);
/// A release file that they signed.
[[nodiscard]] Given<fleet::SignedRelease> given_release(const std::string& path, const fleet::TrustedKeys& trusted,
                                                        Console& console);
/// Seconds since 1970 by this clock.
[[nodiscard]] std::int64_t wall_seconds();
/// What the release says of itself, by this clock and this engine: judged by it, it is asked for its time and engine alone.
[[nodiscard]] fleet::Expectation own_expectation(const fleet::SignedRelease& release);

/// The bytes of a release file, of which nothing is known but that they are not too many.
[[nodiscard]] std::expected<std::string, support::Diagnostic> read_release(const std::string& path);

/// Tells what is wrong with the file as a whole, and gives the status that it means.
[[nodiscard]] ExitStatus report(const support::Diagnostic& refusal, const std::string& path, Console& console,
                                Console::Stream stream = Console::Stream::kTalk);

}  // namespace writ::tools
