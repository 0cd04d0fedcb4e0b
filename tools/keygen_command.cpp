// `writ keygen`: a pair of keys, each in a file of its own.

#include <fmt/format.h>

#include <memory>
#include <string>

#include "fleet/hash.h"
#include "fleet/keys.h"
#include "tools/options.h"
#include "tools/release_options.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Writes two files of one line each, and never over one that is there:\n"
    "  NAME.key   the secret: whoever has it signs in your name; only you may read it (mode 0600)\n"
    "  NAME.pub   the public key: give it to whoever is to trust your signature\n\n"
    "Examples:\n"
    "  writ keygen alice\n"
    "  writ keygen /etc/writ/alice --format json\n";

ExitStatus keygen(const std::string& name, Console& console) {
  const std::string secret_file = name + ".key";
  const std::string public_file = name + ".pub";
  const fleet::SecretKey key = fleet::SecretKey::generate();
  if (const auto written = key.write_file(secret_file); !written) return report(written.error(), secret_file, console);
  if (const auto written = write_public_key(public_file, key.public_key()); !written) {
    return report(written.error(), public_file, console);
  }
  const std::string digits = fleet::hex(key.public_key().bytes);
  console.print(console.format() == Format::kJson
                    ? fmt::format("{{\"public_key\": \"{}\", \"public_file\": {}, \"secret_file\": {}}}\n", digits,
                                  support::json_quote(public_file), support::json_quote(secret_file))
                    : fmt::format("public key {}\n  {}  to sign with: keep it secret\n  {}  for those who trust it\n",
                                  digits, secret_file, public_file));
  return ExitStatus::kYes;
}

}  // namespace

Action add_keygen(CLI::App& app) {
  const auto name = std::make_shared<std::string>();
  app.add_option("NAME", *name, "What the two files are called, without their endings")->required();
  app.footer(kFooter);
  return [name](Console& console) { return keygen(*name, console); };
}

}  // namespace writ::tools
