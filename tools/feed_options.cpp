#include "tools/feed_options.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "fleet/directory.h"
#include "fleet/nats_module.h"
#include "fleet/refusal.h"
#include "host/file.h"
#include "support/check.h"
#include "tools/module.h"
#include "tools/options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr std::int64_t kPasswordBytes = 4'096;

bool is_url(std::string_view where) { return where.find("://") != std::string_view::npos; }

std::vector<std::string> split(std::string_view urls) {
  std::vector<std::string> all;
  while (true) {
    const std::size_t comma = urls.find(',');
    all.emplace_back(urls.substr(0, comma));
    if (comma == std::string_view::npos) return all;
    urls.remove_prefix(comma + 1);
  }
}

Given<fleet::NatsOptions> nats_options(const FeedArguments& arguments, Console& console) {
  fleet::NatsOptions options = arguments.nats;
  options.servers = split(arguments.where);
  if (arguments.password_file.empty()) return options;
  auto password = host::read_file(arguments.password_file, kPasswordBytes);
  if (!password) {
    return std::unexpected(report(fleet::refusal(support::Code::kUnreadableFile, std::move(password.error().message)),
                                  arguments.password_file, console));
  }
  while (password->ends_with('\n')) password->pop_back();
  options.password = *std::move(password);
  return options;
}

Given<const fleet::NatsModule*> nats_module(const FeedArguments& arguments, Console& console) {
  const auto found = load_entry("libwrit_nats.so", "writ_nats_module");
  if (!found) return std::unexpected(unreachable("NATS is not to be had: " + found.error(), arguments, console));
  // SAFETY: the module is built with us and exports this one function (fleet/nats_module.h).
  return reinterpret_cast<decltype(&writ_nats_module)>(*found)();
}

template <typename T>
Given<T> reached(std::expected<T, std::string> made, const FeedArguments& arguments, Console& console) {
  if (!made) return std::unexpected(unreachable(made.error(), arguments, console));
  return *std::move(made);
}

}  // namespace

void add_feed_name(CLI::App& app, FeedArguments& arguments) {
  app.add_option("CHANNEL", arguments.feed.channel, "The row of releases")->required();
  app.add_option("--tenant", arguments.feed.tenant, "Whose row of that name")->required()->type_name("NAME");
}

void add_feed_place(CLI::App& app, const std::string& name, FeedArguments& arguments) {
  app.add_option(name, arguments.where, "A directory, or NATS servers: nats://HOST:4222 or tls://HOST:4222,…")
      ->required()
      ->type_name("WHERE");
  add_trust_options(app, arguments.trust)->required();
  const auto add = [&app](const char* option, std::string& value, const char* help, const char* type) {
    app.add_option(option, value, help)->type_name(type)->group("NATS");
  };
  add("--bucket", arguments.nats.bucket, "The key-value bucket, else `writ`; of statuses BUCKET_nodes", "NAME");
  add("--credentials", arguments.nats.credentials_file, "A file of credentials", "FILE.creds");
  add("--user", arguments.nats.user, "Who we are", "NAME");
  add("--password-file", arguments.password_file, "What proves it: where others cannot read it", "FILE");
  add("--ca", arguments.nats.ca_file, "Whose certificates count; else the system's", "FILE.pem");
  add("--certificate", arguments.nats.certificate_file, "Our own, where the server asks for it", "FILE.pem");
  add("--certificate-key", arguments.nats.key_file, "Its key", "FILE.pem");
  app.add_option("--replicas", arguments.nats.replicas, "Of buckets that are not there yet: 3 in a cluster")
      ->check(CLI::Range(1, 5))
      ->type_name("N")
      ->group("NATS");
}

Given<std::unique_ptr<fleet::Publisher>> open_publisher(const FeedArguments& arguments, fleet::TrustedKeys trusted,
                                                        Missing missing, Console& console) {
  if (is_url(arguments.where)) {
    const auto options = nats_options(arguments, console);
    if (!options) return std::unexpected(options.error());
    const auto module = nats_module(arguments, console);
    if (!module) return std::unexpected(module.error());
    return reached((*module)->make_publisher(*options, arguments.feed, std::move(trusted)), arguments, console);
  }
  if (missing == Missing::kRefuse) {
    if (const auto folder = fleet::Folder::open(arguments.where); !folder) {
      return std::unexpected(unreachable(folder.error(), arguments, console));
    }
  }
  return reached(fleet::DirectoryPublisher::make(arguments.where, arguments.feed, std::move(trusted)), arguments,
                 console);
}

Given<std::unique_ptr<fleet::Source>> open_source(const FeedArguments& arguments, Console& console) {
  if (!is_url(arguments.where)) {
    return reached(fleet::DirectorySource::make(arguments.where, arguments.feed), arguments, console);
  }
  const auto options = nats_options(arguments, console);
  if (!options) return std::unexpected(options.error());
  const auto module = nats_module(arguments, console);
  if (!module) return std::unexpected(module.error());
  return reached((*module)->make_source(*options, arguments.feed), arguments, console);
}

ExitStatus publish(const fleet::SignedRelease& release, fleet::Publisher& publisher, const std::string& file,
                   const FeedArguments& arguments, Console& console) {
  const auto done = publisher.publish(release);
  if (done) return ExitStatus::kYes;
  switch (done.error().fault) {
    case fleet::PublishFault::kUnreachable:
      return unreachable(done.error().message, arguments, console);
    case fleet::PublishFault::kOtherFeed:
    case fleet::PublishFault::kTaken:
      return report(fleet::refusal(support::Code::kReleaseNotNext, done.error().message), file, console,
                    Console::Stream::kAnswer);
  }
  WRIT_UNREACHABLE();
}

std::string published_text(const fleet::SignedRelease& release, const FeedArguments& arguments) {
  return fmt::format("{} is the latest in {}\n", release_name(release.statement()), arguments.where);
}

ExitStatus unreachable(const std::string& sentence, const FeedArguments& arguments, Console& console) {
  return report(fleet::refusal(support::Code::kUnreadableFile, sentence), arguments.where, console);
}

}  // namespace writ::tools
