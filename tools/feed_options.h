// What the commands about a feed share: whose releases, where they are, how to get there, whose signatures count.
//
// In: options of the command line. Out: a publisher or a source, or the status that ends the command, whose reason was told.
// WHERE is a directory, or the URLs of NATS servers with commas between them.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "fleet/source.h"
#include "include/writ/nats_options.hpp"
#include "tools/console.h"
#include "tools/release_options.h"

namespace writ::tools {

struct FeedArguments {
  fleet::Feed feed;
  std::string where;
  TrustArguments trust;
  fleet::NatsOptions nats;
  std::string password_file;
};

/// CHANNEL --tenant
void add_feed_name(CLI::App& app, FeedArguments& arguments);
/// WHERE by the option `name`, --key --threshold, and what reaches a NATS server.
void add_feed_place(CLI::App& app, const std::string& name, FeedArguments& arguments);

/// Whether a directory is made where it is not there: whoever reads only has mistyped it.
enum class Missing : std::uint8_t { kMake, kRefuse };
[[nodiscard]] Given<std::unique_ptr<fleet::Publisher>> open_publisher(const FeedArguments& arguments,
                                                                      fleet::TrustedKeys trusted, Missing missing,
                                                                      Console& console);
[[nodiscard]] Given<std::unique_ptr<fleet::Source>> open_source(const FeedArguments& arguments, Console& console);

/// Tells why a release of `file` cannot be published, if it cannot.
[[nodiscard]] ExitStatus publish(const fleet::SignedRelease& release, fleet::Publisher& publisher,
                                 const std::string& file, const FeedArguments& arguments, Console& console);
/// "acme/edge 7 is the latest in releases/"
[[nodiscard]] std::string published_text(const fleet::SignedRelease& release, const FeedArguments& arguments);

/// Tells that the feed could not be reached, and gives that status.
[[nodiscard]] ExitStatus unreachable(const std::string& sentence, const FeedArguments& arguments, Console& console);

}  // namespace writ::tools
