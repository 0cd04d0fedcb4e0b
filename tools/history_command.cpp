// `writ history`: the releases that a feed keeps.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/release_file.h"
#include "support/check.h"
#include "tools/convergence.h"
#include "tools/feed_options.h"
#include "tools/options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "The latest first; at most as many as the feed keeps (`writ limits`), and only those that the keys signed. Signers "
    "are\n"
    "called as the files of their keys. --format json has whole hashes.\n\n"
    "Examples:\n"
    "  writ history edge --tenant acme --from /srv/releases --key alice.pub --key bob.pub\n"
    "  writ history edge --tenant acme --from nats://nats-1:4222 --key alice.pub --format json | jq "
    ".releases[0].release\n";

constexpr std::size_t kDigitsShown = 16;

std::vector<fleet::Signature> signatures_of(const fleet::SignedRelease& release) {
  auto file = fleet::read_release_file(release.bytes());
  WRIT_CHECK(file.has_value());  // verify() read it
  return std::move(file->signatures);
}

/// "alice, bob"
std::string signers(const fleet::SignedRelease& release, const FeedArguments& arguments,
                    const fleet::TrustedKeys& trusted) {
  std::vector<std::string> names;
  for (const fleet::Signature& signature : signatures_of(release)) {
    const auto found = std::ranges::find(trusted.keys, signature.key);
    const std::string_view file = arguments.trust.keys[static_cast<std::size_t>(found - trusted.keys.begin())];
    const std::string_view name = file.substr(file.rfind('/') + 1);
    names.emplace_back(name.substr(0, name.rfind('.')));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string history_text(const std::vector<fleet::SignedRelease>& releases, const FeedArguments& arguments,
                         const fleet::TrustedKeys& trusted) {
  if (releases.empty()) return "nothing is published\n";
  std::vector<std::vector<std::string>> rows = {{"sequence", "release", "signed by", "expires", "note"}};
  for (const fleet::SignedRelease& release : releases) {
    const fleet::Statement& statement = release.statement();
    rows.push_back({std::to_string(statement.sequence), fleet::hex(release.hash()).substr(0, kDigitsShown),
                    signers(release, arguments, trusted), time_text(statement.expires), statement.note});
  }
  return text_table(rows);
}

nlohmann::ordered_json history_json(const std::vector<fleet::SignedRelease>& releases) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const fleet::SignedRelease& release : releases) {
    auto row = statement_json(release.statement(), release.hash());
    row["signed_by"] = signers_json(signatures_of(release));
    rows.push_back(std::move(row));
  }
  return {{"releases", std::move(rows)}};
}

ExitStatus history(const FeedArguments& arguments, Console& console) {
  const auto trusted = given_keys(arguments.trust, console);
  if (!trusted) return trusted.error();
  const auto publisher = open_publisher(arguments, *trusted, Missing::kRefuse, console);
  if (!publisher) return publisher.error();
  const auto releases = (*publisher)->history();
  if (!releases) return unreachable(releases.error(), arguments, console);
  console.print(console.format() == Format::kJson ? history_json(*releases).dump() + "\n"
                                                  : history_text(*releases, arguments, *trusted));
  return ExitStatus::kYes;
}

}  // namespace

Action add_history(CLI::App& app) {
  auto arguments = std::make_shared<FeedArguments>();
  add_feed_name(app, *arguments);
  add_feed_place(app, "--from", *arguments);
  app.footer(kFooter);
  return [arguments](Console& console) { return history(*arguments, console); };
}

}  // namespace writ::tools
