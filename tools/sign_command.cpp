// `writ sign`: one more signature under a release.

#include <memory>
#include <string>

#include "fleet/refusal.h"
#include "fleet/release_file.h"
#include "host/file.h"
#include "support/check.h"
#include "tools/options.h"
#include "tools/release_options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "Prints what is signed: read it. What the release does is shown by `writ inspect FILE --key …` once it is signed,\n"
    "and best judged from its sources before. Signing twice with one key changes nothing.\n\n"
    "Examples:\n"
    "  writ sign edge-7.wrel --key alice.key\n"
    "  writ sign edge-7.wrel --key alice.key --out signed/edge-7.wrel\n";

struct SignArguments {
  std::string file;
  std::string key;
  std::string out;  // empty: the file itself
};

ExitStatus sign_release(const SignArguments& arguments, Console& console) {
  const auto key = fleet::SecretKey::read_file(arguments.key);
  if (!key) return report(key.error(), arguments.key, console);
  const auto bytes = read_release(arguments.file);
  if (!bytes) return report(bytes.error(), arguments.file, console);
  auto file = fleet::read_release_file(*bytes);
  if (!file) return report(file.error(), arguments.file, console);
  if (const auto done = sign(*file, *key); !done) return report(done.error(), arguments.file, console);
  const std::string& out = arguments.out.empty() ? arguments.file : arguments.out;
  if (const auto written = host::replace_file(out, write(*file)); !written) {
    return report(fleet::refusal(support::Code::kUnwritableFile, written.error()), out, console);
  }
  const auto statement = fleet::decode_statement(file->statement);
  WRIT_CHECK(statement.has_value());  // sign() looked
  const fleet::Hash release = fleet::release_hash(file->statement);
  if (console.format() == Format::kJson) {
    auto json = statement_json(*statement, release);
    json["signed_by"] = signers_json(file->signatures);
    console.print(json.dump() + "\n");
  } else {
    console.print(statement_text(*statement, release) + signers_text(file->signatures));
  }
  return ExitStatus::kYes;
}

}  // namespace

Action add_sign(CLI::App& app) {
  auto arguments = std::make_shared<SignArguments>();
  app.add_option("FILE", arguments->file, "A release file: what `writ build` wrote, signed by others or not yet")
      ->required();
  app.add_option("--key", arguments->key, "The secret key to sign with")->required()->type_name("FILE.key");
  app.add_option("-o,--out", arguments->out, "Where the signed file goes; else the file is replaced")
      ->type_name("FILE");
  app.footer(kFooter);
  return [arguments](Console& console) { return sign_release(*arguments, console); };
}

}  // namespace writ::tools
