// `writ approve`: a local operator lets a held release answer on one node.

#include <fmt/format.h>

#include <memory>
#include <string>

#include "fleet/folder.h"
#include "fleet/hash.h"
#include "fleet/node_store.h"
#include "fleet/refusal.h"
#include "support/utf8.h"
#include "tools/options.h"
#include "tools/release_options.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "A node holds a release that uses host functions which the running one does not. Look at it (`writ inspect`), "
    "then\n"
    "approve of it where the node runs, by its whole hash. The node takes it within a second; a node that is down "
    "does\n"
    "when it starts. Approving early, before the release comes, is allowed.\n\n"
    "Examples:\n"
    "  writ inspect edge-7.wrel --key alice.pub\n"
    "  writ approve 5f3c1fd0… --state /var/lib/shop/writ         all 64 digits\n";

struct ApproveArguments {
  std::string release;
  std::string state;
};

ExitStatus approve(const ApproveArguments& arguments, Console& console) {
  // A node makes its folder; one that is not there was mistyped.
  const auto folder = fleet::Folder::open(arguments.state);
  const auto done =
      folder ? fleet::approve(arguments.state, *fleet::read_hash(arguments.release)) : std::unexpected(folder.error());
  if (!done) return report(fleet::refusal(support::Code::kUnwritableFile, done.error()), arguments.state, console);
  console.print(console.format() == Format::kJson
                    ? fmt::format("{{\"approved\": {}}}\n", support::json_quote(arguments.release))
                    : fmt::format("approved: {}\n", arguments.release));
  return ExitStatus::kYes;
}

}  // namespace

Action add_approve(CLI::App& app) {
  auto arguments = std::make_shared<ApproveArguments>();
  app.add_option("RELEASE", arguments->release, "The release's hash, as `writ inspect` and notices tell it")
      ->required()
      ->check([](const std::string& text) {
        return fleet::read_hash(text) ? "" : "a release is named by its hash: 64 small hexadecimal digits";
      });
  app.add_option("--state", arguments->state, "The node's folder")->required()->type_name("FOLDER");
  app.footer(kFooter);
  return [arguments](Console& console) { return approve(*arguments, console); };
}

}  // namespace writ::tools
