// `writ rollback`: the content of an earlier release, signed anew as the feed's next one.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fleet/refusal.h"
#include "fleet/release_file.h"
#include "host/file.h"
#include "tools/feed_options.h"
#include "tools/options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Nodes never take an earlier sequence again, whoever asks: going back is a new statement about an earlier content, "
    "so\n"
    "it needs signatures as any release does. Where more than one person must sign, --out writes the file and "
    "publishes\n"
    "nothing: `writ sign` it, then `writ publish` it.\n\n"
    "Examples:\n"
    "  writ rollback edge --tenant acme --from /srv/releases --key alice.pub --to 5 --sign alice.key\n"
    "  writ rollback edge --tenant acme --from nats://nats-1:4222 --key alice.pub --key bob.pub --threshold 2 --to 5 "
    "\\\n"
    "      --sign alice.key --out back.wrel\n";

struct RollbackArguments {
  FeedArguments feed;
  std::uint64_t to = 0;
  std::vector<std::string> sign;
  std::string valid = "90d";
  std::string note;
  std::string out;  // empty: it is published
};

Given<fleet::ReleaseFile> signed_again(const fleet::SignedRelease& earlier, const fleet::SignedRelease& latest,
                                       const RollbackArguments& arguments, Console& console) {
  fleet::Statement statement = earlier.statement();
  statement.sequence = latest.statement().sequence + 1;
  statement.previous = latest.hash();
  statement.expires = expiry(arguments.valid);
  statement.note = arguments.note.empty() ? fmt::format("back to {}", arguments.to) : arguments.note;
  if (const std::string fault = fault_of(statement); !fault.empty()) {
    console.say("writ rollback: " + fault);
    return std::unexpected(ExitStatus::kUsage);
  }
  fleet::ReleaseFile file = make_request(std::move(statement), earlier.content());
  for (const std::string& path : arguments.sign) {
    const auto key = fleet::SecretKey::read_file(path);
    if (!key) return std::unexpected(report(key.error(), path, console));
    if (const auto done = sign(file, *key); !done) return std::unexpected(report(done.error(), path, console));
  }
  return file;
}

ExitStatus write_out(const fleet::ReleaseFile& file, const std::string& out, Console& console) {
  if (const auto written = host::replace_file(out, write(file)); !written) {
    return report(fleet::refusal(support::Code::kUnwritableFile, written.error()), out, console);
  }
  if (console.format() == Format::kJson) {
    console.print(nlohmann::ordered_json({{"published", false}, {"file", out}}).dump() + "\n");
  } else {
    console.print(fmt::format("{} is to be signed by others, then published\n", out));
  }
  return ExitStatus::kYes;
}

ExitStatus send(const fleet::ReleaseFile& file, const fleet::TrustedKeys& trusted, fleet::Publisher& publisher,
                const RollbackArguments& arguments, Console& console) {
  const std::string& where = arguments.feed.where;
  const auto release = fleet::SignedRelease::verify(write(file), trusted);
  if (!release) return report(release.error(), where, console, Console::Stream::kAnswer);
  const ExitStatus sent = publish(*release, publisher, where, arguments.feed, console);
  if (sent != ExitStatus::kYes) return sent;
  if (console.format() == Format::kJson) {
    nlohmann::ordered_json json = {{"published", true}};
    json.update(statement_json(release->statement(), release->hash()));
    console.print(json.dump() + "\n");
  } else {
    console.print(published_text(*release, arguments.feed));
  }
  return ExitStatus::kYes;
}

ExitStatus rollback(const RollbackArguments& arguments, Console& console) {
  if (arguments.sign.empty() && arguments.out.empty()) {
    console.say("writ rollback: say with which key to sign (--sign), or where the file for others goes (--out)");
    return ExitStatus::kUsage;
  }
  const auto trusted = given_keys(arguments.feed.trust, console);
  if (!trusted) return trusted.error();
  const auto publisher = open_publisher(arguments.feed, *trusted, Missing::kRefuse, console);
  if (!publisher) return publisher.error();
  const auto releases = (*publisher)->history();
  if (!releases) return unreachable(releases.error(), arguments.feed, console);
  const auto earlier =
      std::ranges::find(*releases, arguments.to, [](const auto& release) { return release.statement().sequence; });
  if (earlier == releases->end() || earlier == releases->begin()) {
    console.say(
        fmt::format("writ rollback: the feed keeps no earlier release {}: `writ history` shows them", arguments.to));
    return ExitStatus::kNo;
  }
  const auto file = signed_again(*earlier, releases->front(), arguments, console);
  if (!file) return file.error();
  if (!arguments.out.empty()) return write_out(*file, arguments.out, console);
  return send(*file, *trusted, **publisher, arguments, console);
}

}  // namespace

Action add_rollback(CLI::App& app) {
  auto arguments = std::make_shared<RollbackArguments>();
  add_feed_name(app, arguments->feed);
  add_feed_place(app, "--from", arguments->feed);
  app.add_option("--to", arguments->to, "The sequence of the release whose content is to answer again")
      ->required()
      ->type_name("N");
  add_repeatable(app, "--sign", arguments->sign, "A secret key to sign with")->type_name("FILE.key");
  add_validity_option(app, arguments->valid);
  app.add_option("--note", arguments->note, "Why, for people; else `back to N`")->type_name("TEXT");
  app.add_option("-o,--out", arguments->out, "Write the file for others to sign; publish nothing")
      ->type_name("FILE.wrel");
  app.footer(kFooter);
  return [arguments](Console& console) { return rollback(*arguments, console); };
}

}  // namespace writ::tools
