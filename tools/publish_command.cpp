// `writ publish`: makes a release a feed's latest, and waits until nodes have it.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fleet/refusal.h"
#include "support/utf8.h"
#include "tools/convergence.h"
#include "tools/feed_options.h"
#include "tools/options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks{100};

constexpr const char* kFooter =
    "The release is verified before it is sent, and takes its place in the row or none: what does not follow the "
    "latest\n"
    "is refused (status 5). Publishing the same release again changes nothing, so do that when you are not sure.\n\n"
    "With --wait the command tells as nodes take the release or refuse it, and ends when --nodes of them have, or "
    "with\n"
    "status 1 when one refused or time is up. A node that took it may still go back while the release is on trial:\n"
    "`writ status` shows it.\n\n"
    "Examples:\n"
    "  writ publish edge-7.wrel --to /srv/releases --key alice.pub\n"
    "  writ publish edge-7.wrel --to nats://nats-1:4222,nats://nats-2:4222 --key alice.pub --key bob.pub --threshold 2 "
    "\\\n"
    "      --user shop --password-file shop.password --wait 30 --nodes 3\n";

struct PublishArguments {
  std::string file;
  FeedArguments place;
  std::optional<double> wait;
  std::optional<std::size_t> nodes;
};

/// Looks at nodes until enough have decided, and tells of each when its stance changes.
class Wait {
 public:
  Wait(const fleet::SignedRelease& release, fleet::Publisher& publisher, Console& console)
      : release_(release), publisher_(publisher), console_(console), start_(Clock::now()) {}

  /// `node_count`: nothing means all that show themselves and are not silent.
  void run(std::chrono::duration<double> longest, std::optional<std::size_t> node_count) {
    while (true) {
      look();
      expected_ = node_count.value_or(static_cast<std::size_t>(
          std::ranges::count_if(statuses_, [](const auto& status) { return !is_silent(status, wall_seconds()); })));
      const std::size_t decided = stances_.size() - count(Stance::kNotYet);
      if ((expected_ != 0 && decided >= expected_) || Clock::now() - start_ >= longest) return;
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }

  [[nodiscard]] bool is_everywhere() const {
    return expected_ != 0 && taken() >= expected_ && count(Stance::kRefused) + count(Stance::kHeld) == 0;
  }

  [[nodiscard]] std::string text() const {
    std::string text = fmt::format("{} of {} nodes took it", taken(), expected_);
    for (const auto& [name, stance] : stances_) {
      if (stance != Stance::kOnTrial && stance != Stance::kTook) text += fmt::format("; {} {}", name, spelling(stance));
    }
    if (expected_ > stances_.size()) text += fmt::format("; {} did not show up", expected_ - stances_.size());
    if (!problem_.empty()) text += "; " + problem_;
    return text + "\n";
  }

  void add_to(nlohmann::ordered_json& json) const {
    json["expected"] = expected_;
    json["took"] = taken();
    json["refused"] = count(Stance::kRefused);
    json["held"] = count(Stance::kHeld);
    json["not_shown"] = expected_ - std::min(expected_, stances_.size());
    json["nodes"] = nlohmann::ordered_json::array();
    for (const fleet::NodeStatus& status : statuses_) {
      json["nodes"].push_back(node_json(status, stance_towards(release_, status)));
    }
  }

 private:
  void look() {
    const auto shown = publisher_.statuses();
    problem_ = shown ? "" : shown.error();
    if (!shown) return;
    statuses_ = read_statuses(*shown);
    for (const fleet::NodeStatus& status : statuses_) {
      const Stance stance = stance_towards(release_, status);
      Stance& known = stances_.try_emplace(status.node, Stance::kNotYet).first->second;
      if (std::exchange(known, stance) != stance) tell(status, stance);
    }
  }

  void tell(const fleet::NodeStatus& status, Stance stance) {
    const std::chrono::duration<double> passed = Clock::now() - start_;
    const std::string why = stance == Stance::kRefused ? " (" + refusal_text(status) + ")" : "";
    console_.say(fmt::format("{:5.1f} s  {} {}{}", passed.count(), status.node,
                             stance == Stance::kOnTrial ? spelling(Stance::kTook) : spelling(stance), why));
  }

  [[nodiscard]] std::size_t count(Stance wanted) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(stances_, [&](const auto& row) { return row.second == wanted; }));
  }
  [[nodiscard]] std::size_t taken() const { return count(Stance::kOnTrial) + count(Stance::kTook); }

  const fleet::SignedRelease& release_;
  fleet::Publisher& publisher_;
  Console& console_;
  Clock::time_point start_;
  std::vector<fleet::NodeStatus> statuses_;
  std::map<std::string, Stance> stances_;  // by node, of all that ever showed themselves
  std::size_t expected_ = 0;
  std::string problem_;  // of the last look
};

ExitStatus publish(const PublishArguments& arguments, Console& console) {
  const auto trusted = given_keys(arguments.place.trust, console);
  if (!trusted) return trusted.error();
  const auto release = given_release(arguments.file, *trusted, console);
  if (!release) return release.error();
  if (const auto judged = judge(*release, own_expectation(*release)); !judged) {
    return report(judged.error(), arguments.file, console, Console::Stream::kAnswer);
  }
  FeedArguments place = arguments.place;
  place.feed = {.tenant = release->statement().tenant, .channel = release->statement().channel};
  const auto publisher = open_publisher(place, *trusted, Missing::kMake, console);
  if (!publisher) return publisher.error();
  const ExitStatus sent = publish(*release, **publisher, arguments.file, place, console);
  if (sent != ExitStatus::kYes) return sent;

  std::optional<Wait> wait;
  if (arguments.wait) {
    wait.emplace(*release, **publisher, console);
    wait->run(std::chrono::duration<double>(*arguments.wait), arguments.nodes);
  }
  if (console.format() == Format::kJson) {
    nlohmann::ordered_json json = {{"published", true}};
    json.update(statement_json(release->statement(), release->hash()));
    if (wait) wait->add_to(json);
    console.print(json.dump() + "\n");
  } else {
    console.print(published_text(*release, place) + (wait ? wait->text() : ""));
  }
  return !wait || wait->is_everywhere() ? ExitStatus::kYes : ExitStatus::kNo;
}

}  // namespace

Action add_publish(CLI::App& app) {
  auto arguments = std::make_shared<PublishArguments>();
  app.add_option("FILE", arguments->file, "A release file that was signed")->required();
  add_feed_place(app, "--to", arguments->place);
  CLI::Option* const wait =
      app.add_option("--wait", arguments->wait, "Wait so long for nodes to decide")->type_name("SECONDS");
  wait->check(CLI::Range(0.0, 86'400.0));
  app.add_option("--nodes", arguments->nodes, "How many there are; else those that show themselves")
      ->check(CLI::Range(std::int64_t{1}, support::limits::kFleetNodes))
      ->needs(wait)
      ->type_name("N");
  app.footer(kFooter);
  return [arguments](Console& console) { return publish(*arguments, console); };
}

}  // namespace writ::tools
