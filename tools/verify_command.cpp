// `writ verify`: whether a release file is to be trusted, by whom and for what the command line says.

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fleet/engine_version.h"
#include "fleet/judge.h"
#include "fleet/refusal.h"
#include "fleet/schema_hash.h"
#include "fleet/signed_release.h"
#include "host/file.h"
#include "stdlib/time.h"
#include "support/limits.h"
#include "tools/options.h"
#include "tools/release_options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Every signature in the file must be of one of the keys and hold, and there must be enough of them; the content "
    "must\n"
    "be the one that was signed; the release must not have expired, and this engine be new enough. Options ask for\n"
    "more, as a node would. Status 5, and one finding, for a release that is not to be trusted.\n\n"
    "Examples:\n"
    "  writ verify edge-7.wrel --key alice.pub\n"
    "  writ verify edge-7.wrel --key alice.pub --key bob.pub --key carol.pub --threshold 2\n"
    "  writ verify edge-7.wrel --key alice.pub --channel edge --tenant acme --schema gateway.writ --after edge-6.wrel\n"
    "  writ verify edge-7.wrel --key alice.pub --at 2027-03-01T00:00:00Z      is it good until then?\n";

constexpr std::int64_t kNanoseconds = 1'000'000'000;

struct VerifyArguments {
  std::string file;
  TrustArguments trust;
  std::string channel;
  std::string tenant;
  std::string schema;
  std::string after;
  std::string at;
};

/// What a file of the command line gives, or the status that it ends the command with.
template <typename Value>
using Given = std::expected<Value, ExitStatus>;

Given<fleet::SignedRelease> signed_release(const std::string& path, const fleet::TrustedKeys& trusted,
                                           Console& console) {
  const auto bytes = read_release(path);
  if (!bytes) return std::unexpected(report(bytes.error(), path, console));
  auto release = fleet::SignedRelease::verify(*bytes, trusted);
  if (!release) return std::unexpected(report(release.error(), path, console, Console::Stream::kAnswer));
  return *std::move(release);
}

Given<fleet::Hash> schema_of(const std::string& path, Console& console) {
  const auto text = host::read_file(path, support::limits::kSourceBytes);
  if (!text) {
    return std::unexpected(report(fleet::refusal(support::Code::kUnreadableFile, text.error().message), path, console));
  }
  const auto hash = fleet::schema_hash(*text);
  if (hash) return *hash;
  return std::unexpected(report(
      fleet::refusal(support::Code::kSchemaNotFound, "this is no schema that can be read", "writ check says why"), path,
      console));
}

std::int64_t moment(const std::string& at) {
  if (!at.empty()) return *stdlib::parse_timestamp(at) / kNanoseconds;
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// What the command line does not say is as the release has it.
Given<fleet::Expectation> expectation_for(const fleet::SignedRelease& release, const VerifyArguments& arguments,
                                          const fleet::TrustedKeys& trusted, Console& console) {
  const fleet::Statement& statement = release.statement();
  fleet::Expectation expectation{
      .channel = arguments.channel.empty() ? statement.channel : arguments.channel,
      .tenant = arguments.tenant.empty() ? statement.tenant : arguments.tenant,
      .schema = statement.schema,
      .sequence = 0,
      .hash = {},
      .earlier = {},
      .now = moment(arguments.at),
      .passed = 0,
      .engine_version = std::string(fleet::engine_version()),
  };
  if (!arguments.schema.empty()) {
    const auto schema = schema_of(arguments.schema, console);
    if (!schema) return std::unexpected(schema.error());
    expectation.schema = *schema;
  }
  if (!arguments.after.empty()) {
    const auto before = signed_release(arguments.after, trusted, console);
    if (!before) return std::unexpected(before.error());
    expectation.sequence = before->statement().sequence;
    expectation.hash = before->hash();
    expectation.earlier.push_back(before->statement().previous);
  }
  return expectation;
}

void print(const fleet::SignedRelease& release, fleet::Judgement judgement, Console& console) {
  const bool is_same = judgement == fleet::Judgement::kAlreadyRunning;
  if (console.format() == Format::kJson) {
    nlohmann::ordered_json json = {{"verified", true}, {"already_running", is_same}};
    json.update(statement_json(release.statement(), release.hash()));
    console.print(json.dump() + "\n");
    return;
  }
  console.print(fmt::format("{}\n{}", is_same ? "verified: the very release that it is to follow" : "verified",
                            statement_text(release.statement(), release.hash())));
}

ExitStatus verify(const VerifyArguments& arguments, Console& console) {
  const auto trusted = trusted_keys(arguments.trust);
  if (!trusted) return report(trusted.error(), "--key", console);
  if (trusted->keys.size() < trusted->threshold) {
    console.say(
        fmt::format("writ verify: {} keys cannot give {} signatures", trusted->keys.size(), trusted->threshold));
    return ExitStatus::kUsage;
  }
  const auto release = signed_release(arguments.file, *trusted, console);
  if (!release) return release.error();
  const auto expectation = expectation_for(*release, arguments, *trusted, console);
  if (!expectation) return expectation.error();
  const auto judgement = judge(*release, *expectation);
  if (!judgement) return report(judgement.error(), arguments.file, console, Console::Stream::kAnswer);
  print(*release, *judgement, console);
  return ExitStatus::kYes;
}

}  // namespace

Action add_verify(CLI::App& app) {
  auto arguments = std::make_shared<VerifyArguments>();
  app.add_option("FILE", arguments->file, "A release file")->required();
  add_trust_options(app, arguments->trust)->required();
  app.add_option("--channel", arguments->channel, "The channel it must be for")->type_name("NAME");
  app.add_option("--tenant", arguments->tenant, "The tenant it must be for")->type_name("NAME");
  app.add_option("--schema", arguments->schema, "The schema it must have been built for")->type_name("FILE");
  app.add_option("--after", arguments->after, "The release that it must follow")->type_name("FILE");
  app.add_option("--at", arguments->at, "The time that counts, instead of this clock's")
      ->check([](const std::string& text) {
        return stdlib::parse_timestamp(text) ? "" : "write a time as 2027-03-01T00:00:00Z";
      })
      ->type_name("TIME");
  app.footer(kFooter);
  return [arguments](Console& console) { return verify(*arguments, console); };
}

}  // namespace writ::tools
