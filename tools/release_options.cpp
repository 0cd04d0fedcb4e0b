#include "tools/release_options.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "fleet/engine_version.h"
#include "fleet/refusal.h"
#include "host/file.h"
#include "stdlib/time.h"
#include "support/limits.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

std::string fault_of_validity(const std::string& text) {
  const auto duration = stdlib::parse_duration(text);
  if (!duration || *duration < kNanoseconds) return "write how long the release is good for, such as 30d or 12h";
  return *duration / kNanoseconds <= support::limits::kReleaseLifetime ? "" : "no release is good for more than 400d";
}

}  // namespace

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

void add_validity_option(CLI::App& app, std::string& valid) {
  app.add_option("--valid", valid, "How long nodes may start to use it")
      ->check(fault_of_validity)
      ->type_name("DURATION");
}

std::int64_t expiry(const std::string& valid) { return wall_seconds() + *stdlib::parse_duration(valid) / kNanoseconds; }

Given<fleet::TrustedKeys> given_keys(const TrustArguments& arguments, Console& console) {
  auto trusted = trusted_keys(arguments);
  if (!trusted) return std::unexpected(report(trusted.error(), "--key", console));
  if (trusted->keys.size() >= trusted->threshold) return *std::move(trusted);
  console.say(fmt::format("{} keys cannot give {} signatures", trusted->keys.size(), trusted->threshold));
  return std::unexpected(ExitStatus::kUsage);
}

Given<fleet::SignedRelease> given_release(const std::string& path, const fleet::TrustedKeys& trusted,
                                          Console& console) {
  const auto bytes = read_release(path);
  if (!bytes) return std::unexpected(report(bytes.error(), path, console));
  auto release = fleet::SignedRelease::verify(*bytes, trusted);
  if (!release) return std::unexpected(report(release.error(), path, console, Console::Stream::kAnswer));
  return *std::move(release);
}

std::int64_t wall_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

fleet::Expectation own_expectation(const fleet::SignedRelease& release) {
  const fleet::Statement& statement = release.statement();
  return {.channel = statement.channel,
          .tenant = statement.tenant,
          .schema = statement.schema,
          .sequence = 0,
          .hash = {},
          .earlier = {},
          .now = wall_seconds(),
          .passed = 0,
          .engine_version = std::string(fleet::engine_version())};
}

ExitStatus report(const support::Diagnostic& refusal, const std::string& path, Console& console,
                  Console::Stream stream) {
  support::SourceMap files;
  files.add(path, "");
  console.report(refusal, files, stream);
  return status_of(refusal.code);
}

}  // namespace writ::tools
