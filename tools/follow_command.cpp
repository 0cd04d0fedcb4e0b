// `writ follow`: a node without a program, which takes releases as a server would and tells what it does.

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fleet/engine_version.h"
#include "fleet/refusal.h"
#include "fleet/running_node.h"
#include "fleet/schema_hash.h"
#include "host/file.h"
#include "stdlib/time.h"
#include "support/limits.h"
#include "support/utf8.h"
#include "tools/feed_options.h"
#include "tools/native.h"
#include "tools/options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Verifies, tries out and remembers each release as the servers of the channel do, and shows its status beside "
    "theirs;\n"
    "nobody asks it anything, so nothing can trap. One line for each event, until it is interrupted. Run it where "
    "nobody\n"
    "is hurt, to see what servers would make of a release.\n\n"
    "Examples:\n"
    "  writ follow edge --tenant acme --from /srv/releases --key alice.pub --schema gateway.writ --node watch --state "
    "watch/\n"
    "  writ follow edge --tenant acme --from nats://nats-1:4222 --key alice.pub --schema gateway.writ --node watch \\\n"
    "      --state watch/ --format json\n";

struct FollowArguments {
  FeedArguments feed;
  std::string schema;
  std::string node;
  std::string state;
  std::vector<std::string> capabilities;
  std::string trial = "1m";
};

std::string event_text(const fleet::Notice& notice) {
  const std::string sequence = notice.sequence == 0 ? "" : fmt::format(" {}", notice.sequence);
  const std::string code = notice.code ? support::code_text(*notice.code) + ": " : "";
  return support::printable(fmt::format("{} {}{}: {}{}", time_text(wall_seconds()), spelling(notice.kind), sequence,
                                        code, notice.message)) +
         "\n";
}

std::string event_json(const fleet::Notice& notice) {
  return nlohmann::ordered_json({{"at", time_text(wall_seconds())},
                                 {"kind", spelling(notice.kind)},
                                 {"sequence", notice.sequence},
                                 {"release", fleet::hex(notice.release)},
                                 {"code", notice.code ? support::code_text(*notice.code) : ""},
                                 {"message", support::printable(notice.message)}})
             .dump() +
         "\n";
}

/// Called by one thread at a time: the node's constructor, then its own thread.
void tell(const fleet::Notice& notice, Console& console) {
  console.print(console.format() == Format::kJson ? event_json(notice) : event_text(notice));
  console.flush();
  // Whoever read has gone.
  if (!console.is_open()) ::kill(::getpid(), SIGTERM);
}

ExitStatus could_not(const std::string& why, const std::string& path, Console& console) {
  return report(fleet::refusal(support::Code::kUnreadableFile, why), path, console);
}

Given<std::unique_ptr<host::LiveEngine>> make_engine(const std::string& schema, Console& console) {
  auto text = host::read_file(schema, support::limits::kSourceBytes);
  if (!text) return std::unexpected(could_not(text.error().message, schema, console));
  auto compiler = load_native_compiler();
  if (!compiler) return std::unexpected(could_not(compiler.error(), schema, console));
  auto engine =
      host::LiveEngine::make(*std::move(compiler), {host::ReleaseText::Kind::kSource, schema, *std::move(text)});
  if (engine) return *std::move(engine);
  for (const support::Diagnostic& finding : engine.error().findings) {
    console.report(finding, engine.error().map, Console::Stream::kTalk);
  }
  return std::unexpected(ExitStatus::kNo);
}

ExitStatus run_node(const FollowArguments& arguments, fleet::NodeRules rules, host::LiveEngine& engine,
                    const sigset_t& stop, Console& console) {
  fleet::Disk disk;
  auto store = fleet::NodeStore::open(arguments.state, disk);
  if (!store) return could_not(store.error(), arguments.state, console);
  auto memory = store->load();
  if (!memory) return could_not(memory.error(), arguments.state, console);
  auto source = open_source(arguments.feed, console);
  if (!source) return source.error();
  const fleet::RunningNode node(engine, *std::move(source), *std::move(store), std::move(rules), *std::move(memory), {},
                                [&console](const fleet::Notice& notice) { tell(notice, console); });
  int signal = 0;
  ::sigwait(&stop, &signal);
  return ExitStatus::kYes;
}

ExitStatus follow(const FollowArguments& arguments, Console& console) {
  // Before any thread is made: all inherit that these are blocked.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  auto trusted = given_keys(arguments.feed.trust, console);
  if (!trusted) return trusted.error();
  const auto engine = make_engine(arguments.schema, console);
  if (!engine) return engine.error();
  const auto schema = fleet::schema_hash((*engine)->schema_text().text);
  if (!schema) return could_not("this is no schema that can be read", arguments.schema, console);
  fleet::NodeRules rules{.feed = arguments.feed.feed,
                         .node = arguments.node,
                         .trusted = *std::move(trusted),
                         .schema = *schema,
                         .engine_version = std::string(fleet::engine_version()),
                         .capabilities = {arguments.capabilities.begin(), arguments.capabilities.end()},
                         .traps = {},
                         .trial = std::chrono::nanoseconds(*stdlib::parse_duration(arguments.trial))};
  return run_node(arguments, std::move(rules), **engine, stop, console);
}

}  // namespace

Action add_follow(CLI::App& app) {
  auto arguments = std::make_shared<FollowArguments>();
  add_feed_name(app, arguments->feed);
  add_feed_place(app, "--from", arguments->feed);
  app.add_option("--schema", arguments->schema, "The schema that the servers have")->required()->type_name("FILE");
  app.add_option("--node", arguments->node, "This node's name, other than all others'")
      ->required()
      ->check([](const std::string& name) { return fleet::is_node_name(name) ? "" : "this is no name of a node"; })
      ->type_name("NAME");
  app.add_option("--state", arguments->state, "A folder of this node's own; made where it is not there")
      ->required()
      ->type_name("FOLDER");
  add_repeatable(app, "--capability", arguments->capabilities, "A host function that releases may use without approval")
      ->type_name("CAP.FN");
  app.add_option("--trial", arguments->trial, "After so long a release is good, and the node starts from it")
      ->check(
          [](const std::string& text) { return stdlib::parse_duration(text) ? "" : "write a duration as 1m or 30s"; })
      ->type_name("DURATION");
  app.footer(kFooter);
  return [arguments](Console& console) { return follow(*arguments, console); };
}

}  // namespace writ::tools
