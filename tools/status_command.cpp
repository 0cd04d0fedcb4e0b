// `writ status`: how the nodes of a feed stand towards its latest release.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/utf8.h"
#include "tools/convergence.h"
#include "tools/feed_options.h"
#include "tools/options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "A row for each node: the sequence that answers, how it stands towards the latest release, how many releases it "
    "is\n"
    "behind, when it said so, calls and traps since it took what runs, and what it refused last. What nodes say is "
    "not\n"
    "signed: whoever can write to the feed can make it up. The latest release is verified.\n\n"
    "Examples:\n"
    "  writ status edge --tenant acme --from /srv/releases --key alice.pub\n"
    "  writ status edge --tenant acme --from nats://nats-1:4222 --key alice.pub --format json | jq '.nodes[].stance'\n";

using Latest = std::optional<fleet::SignedRelease>;

Stance stance_of(const Latest& latest, const fleet::NodeStatus& status) {
  return latest ? stance_towards(*latest, status) : Stance::kNotYet;
}

std::uint64_t lag_of(const Latest& latest, const fleet::NodeStatus& status) {
  const std::uint64_t sequence = latest ? latest->statement().sequence : 0;
  return sequence - std::min(sequence, status.running);
}

std::string head_text(const FeedArguments& arguments, const Latest& latest) {
  if (!latest) return fmt::format("{}/{}: nothing is published\n", arguments.feed.tenant, arguments.feed.channel);
  const fleet::Statement& statement = latest->statement();
  return fmt::format("{}: the latest, until {}{}{}\n", release_name(statement), time_text(statement.expires),
                     statement.note.empty() ? "" : ": ", statement.note);
}

std::string nodes_text(const std::vector<fleet::NodeStatus>& statuses, const Latest& latest) {
  if (statuses.empty()) return "no node shows itself\n";
  const std::int64_t now = wall_seconds();
  std::vector<std::vector<std::string>> rows = {
      {"node", "runs", "latest", "behind", "said", "calls", "traps", "refused last"}};
  for (const fleet::NodeStatus& status : statuses) {
    rows.push_back({status.node, status.running == 0 ? "nothing" : std::to_string(status.running),
                    std::string(is_silent(status, now) ? "silent" : spelling(stance_of(latest, status))),
                    std::to_string(lag_of(latest, status)),
                    fmt::format("{} s ago", std::max<std::int64_t>(now - status.said_at, 0)),
                    std::to_string(status.calls), std::to_string(status.traps), refusal_text(status)});
  }
  return text_table(rows);
}

nlohmann::ordered_json status_json(const FeedArguments& arguments, const std::vector<fleet::NodeStatus>& statuses,
                                   const Latest& latest) {
  nlohmann::ordered_json json = {
      {"tenant", arguments.feed.tenant}, {"channel", arguments.feed.channel}, {"latest", nullptr}};
  if (latest) json["latest"] = statement_json(latest->statement(), latest->hash());
  json["nodes"] = nlohmann::ordered_json::array();
  for (const fleet::NodeStatus& status : statuses) {
    auto row = node_json(status, stance_of(latest, status));
    row["behind"] = lag_of(latest, status);
    row["silent"] = is_silent(status, wall_seconds());
    json["nodes"].push_back(std::move(row));
  }
  return json;
}

ExitStatus status(const FeedArguments& arguments, Console& console) {
  const auto trusted = given_keys(arguments.trust, console);
  if (!trusted) return trusted.error();
  const auto publisher = open_publisher(arguments, *trusted, Missing::kRefuse, console);
  if (!publisher) return publisher.error();
  const auto releases = (*publisher)->history();
  if (!releases) return unreachable(releases.error(), arguments, console);
  const auto shown = (*publisher)->statuses();
  if (!shown) return unreachable(shown.error(), arguments, console);
  const Latest latest = releases->empty() ? std::nullopt : Latest(releases->front());
  const std::vector<fleet::NodeStatus> statuses = read_statuses(*shown);
  console.print(console.format() == Format::kJson ? status_json(arguments, statuses, latest).dump() + "\n"
                                                  : head_text(arguments, latest) + nodes_text(statuses, latest));
  return ExitStatus::kYes;
}

}  // namespace

Action add_status(CLI::App& app) {
  auto arguments = std::make_shared<FeedArguments>();
  add_feed_name(app, *arguments);
  add_feed_place(app, "--from", *arguments);
  app.footer(kFooter);
  return [arguments](Console& console) { return status(*arguments, console); };
}

}  // namespace writ::tools
