// `writ build`: policies that hold their tests, as a release file for others to sign.

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleet/engine_version.h"
#include "fleet/refusal.h"
#include "fleet/rehearsal.h"
#include "fleet/release_file.h"
#include "fleet/schema_hash.h"
#include "host/file.h"
#include "host/release.h"
#include "stdlib/time.h"
#include "support/limits.h"
#include "tools/engine_choice.h"
#include "tools/golden_file.h"
#include "tools/options.h"
#include "tools/release_options.h"
#include "tools/release_report.h"

namespace writ::tools {
namespace {

constexpr const char* kFooter =
    "The policies are checked and compiled, their tests run and the golden decisions made; only then is the file\n"
    "written, whole. It names the release that it follows and holds no signature: `writ sign` adds one.\n\n"
    "A golden decision is one line of JSON; a node makes it again before the release answers anybody:\n"
    "  {\"slot\": \"admit\", \"input\": {\"total\": 7}, \"expect\": {\"answer\": \"allow\"}}\n"
    "Without \"expect\" what it comes to is recorded; \"given\": [\"clock.now=…\"] says what host functions answer.\n\n"
    "Examples:\n"
    "  writ build policies/ --schema gateway.writ --channel edge --tenant acme --out edge-1.wrel\n"
    "  writ build policies/ --config prod.toml --golden golden.jsonl --after edge-6.wrel --note 'no more proxies' \\\n"
    "      --valid 30d --out edge-7.wrel\n";

constexpr std::int64_t kNanoseconds = 1'000'000'000;

struct BuildArguments {
  ReleaseArguments release;
  EngineArguments engine;
  std::vector<std::string> tests;
  std::string golden;
  std::string channel;
  std::string tenant;
  std::string after;
  std::string valid = "90d";
  std::string minimum_engine{fleet::engine_version()};
  std::string note;
  std::string out;
};

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

/// A text as the release names it: without the folders of whoever builds.
fleet::NamedText named_text(const support::SourceMap& map, support::SourceId id, const std::string& knob = {}) {
  const support::SourceFile& file = map.file(id);
  const std::string name = file_name(file.name());
  return {.name = knob.empty() ? name : fmt::format("{}={}", knob, name), .text = std::string(file.text())};
}

/// One build. Each step returns the status that ends it, or nothing.
class Build {
 public:
  Build(const BuildArguments& arguments, Console& console) : arguments_(arguments), console_(console) {}

  ExitStatus run() {
    for (const auto step : {&Build::load, &Build::follow, &Build::add_tests, &Build::rehearse, &Build::write}) {
      if (const auto status = (this->*step)()) return *status;
    }
    return ExitStatus::kYes;
  }

 private:
  using Status = std::optional<ExitStatus>;

  Status refuse(support::Code code, std::string message, const std::string& path) {
    return report(fleet::refusal(code, std::move(message)), path, console_);
  }
  Status usage(std::string_view message) {
    console_.say(fmt::format("writ build: {}", message));
    return ExitStatus::kUsage;
  }

  /// The texts, which must be a release by themselves: nodes publish them without the units of --tests.
  Status load() {
    host::load(sources_, arguments_.release.load);
    const auto checked = check_release(sources_, {.tier = arguments_.release.tier, .tests = true});
    if (checked && !arguments_.golden.empty()) {
      if (auto golden = read_golden(arguments_.golden, sources_.map, sources_.diagnostics))
        golden_ = *std::move(golden);
    }
    console_.report(sources_.diagnostics, sources_.map, Console::Stream::kTalk);
    if (sources_.diagnostics.has_errors()) return status_of(sources_.diagnostics);
    schema_ = named_text(sources_.map, sources_.schema->span.source);
    content_.tier = arguments_.release.tier;
    for (const ast::File& unit : sources_.units) {
      content_.sources.push_back(named_text(sources_.map, unit.span.source));
    }
    for (const frontend::ConfigLayer& layer : sources_.layers) {
      content_.documents.push_back(named_text(sources_.map, layer.source->id(), layer.knob));
    }
    for (const GoldenLine& line : golden_) content_.golden.push_back(line.decision);
    return std::nullopt;
  }

  /// Whose release it is, and its place in the row.
  Status follow() {
    statement_.channel = arguments_.channel;
    statement_.tenant = arguments_.tenant;
    if (!arguments_.after.empty()) {
      if (const Status status = take_place_after(arguments_.after)) return status;
    }
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    statement_.expires = std::chrono::duration_cast<std::chrono::seconds>(now).count() +
                         *stdlib::parse_duration(arguments_.valid) / kNanoseconds;
    statement_.schema = fleet::schema_hash(*sources_.schema);
    statement_.minimum_engine = arguments_.minimum_engine;
    statement_.note = arguments_.note;
    if (statement_.channel.empty() || statement_.tenant.empty()) {
      return usage("say whose release this is: --channel and --tenant, or --after FILE");
    }
    const std::string fault = fault_of(statement_);
    return fault.empty() ? std::nullopt : usage(fault);
  }

  Status take_place_after(const std::string& path) {
    const auto bytes = read_release(path);
    if (!bytes) return report(bytes.error(), path, console_);
    const auto before = fleet::read_release_file(*bytes);
    if (!before) return report(before.error(), path, console_);
    const auto statement = fleet::decode_statement(before->statement);
    if (!statement) return refuse(support::Code::kReleaseMalformed, "its statement cannot be read", path);
    if (statement_.channel.empty()) statement_.channel = statement->channel;
    if (statement_.tenant.empty()) statement_.tenant = statement->tenant;
    if (statement_.channel != statement->channel || statement_.tenant != statement->tenant) {
      return usage(fmt::format("{} is of channel {} and tenant {}", path, statement->channel, statement->tenant));
    }
    statement_.sequence = statement->sequence + 1;
    statement_.previous = fleet::release_hash(before->statement);
    return std::nullopt;
  }

  Status add_tests() {
    for (const std::string& path : arguments_.tests) {
      const auto files = host::unit_files(path);
      if (!files) return refuse(support::Code::kUnreadableFile, files.error().message, path);
      for (const std::string& file : *files) {
        auto text = host::read_file(file, support::limits::kSourceBytes);
        if (!text) return refuse(support::Code::kUnreadableFile, text.error().message, file);
        content_.tests.push_back({.name = file_name(file), .text = *std::move(text)});
      }
    }
    return std::nullopt;
  }

  Status rehearse() {
    std::optional<EngineChoice> choice;
    const auto rehearsal = fleet::rehearse(
        schema_, content_, [&](const ir::Program& program, const ir::Config& config, const host::Budget& budget) {
          if (!choice) choice.emplace(arguments_.engine, budget, std::set<Stage>{}, /*tests=*/true);
          return choice->make(program, config);
        });
    if (!rehearsal) return refuse(rehearsal.error());
    tests_ = rehearsal->tests;
    support::Diagnostics diagnostics;
    for (std::size_t i = 0; i < golden_.size(); ++i) {
      content_.golden[i].answer = rehearsal->answers[i];
      compare(golden_[i], rehearsal->answers[i], diagnostics);
    }
    console_.report(diagnostics, sources_.map, Console::Stream::kTalk);
    return diagnostics.has_errors() ? Status(status_of(diagnostics)) : std::nullopt;
  }

  ExitStatus refuse(const host::Report& findings) {
    ExitStatus status = ExitStatus::kNo;
    for (const support::Diagnostic& finding : findings.findings) {
      console_.report(finding, findings.map, Console::Stream::kTalk);
      if (finding.severity() == support::Severity::kError) status = std::max(status, status_of(finding.code));
    }
    return status;
  }
  Status write() {
    const std::string fault = fault_of(content_);
    if (!fault.empty()) return refuse(support::Code::kTooMany, fault, arguments_.out);
    const fleet::ReleaseFile file = fleet::make_request(statement_, content_);
    const std::string bytes = fleet::write(file);
    if (std::ssize(bytes) > support::limits::kReleaseFileBytes) {
      return refuse(support::Code::kTooMany,
                    fmt::format("the file would be over the limit of {} bytes", support::limits::kReleaseFileBytes),
                    arguments_.out);
    }
    if (const auto written = host::replace_file(arguments_.out, bytes); !written) {
      return refuse(support::Code::kUnwritableFile, written.error(), arguments_.out);
    }
    print(file);
    return std::nullopt;
  }

  void print(const fleet::ReleaseFile& file) {
    statement_.content = fleet::hash_of(file.content);
    const fleet::Hash release = fleet::release_hash(file.statement);
    if (console_.format() == Format::kJson) {
      auto json = statement_json(statement_, release);
      json["file"] = arguments_.out;
      json["tests_run"] = tests_;
      json["golden_decisions"] = golden_.size();
      console_.print(json.dump() + "\n");
      return;
    }
    console_.print(fmt::format("{}{} tests and {} golden decisions held; {} is to be signed\n",
                               statement_text(statement_, release), tests_, golden_.size(), arguments_.out));
  }

  const BuildArguments& arguments_;
  Console& console_;
  host::Sources sources_;
  std::vector<GoldenLine> golden_;
  fleet::NamedText schema_;
  fleet::Content content_;
  fleet::Statement statement_;
  std::size_t tests_ = 0;
};

std::string fault_of_validity(const std::string& text) {
  const auto duration = stdlib::parse_duration(text);
  if (!duration || *duration < kNanoseconds) return "write how long the release is good for, such as 30d or 12h";
  return *duration / kNanoseconds <= support::limits::kReleaseLifetime ? "" : "no release is good for more than 400d";
}

}  // namespace

Action add_build(CLI::App& app) {
  auto arguments = std::make_shared<BuildArguments>();
  add_text_options(app, arguments->release);
  add_repeatable(app, "--tests", arguments->tests, "Units that hold tests only, or a folder of them: never published")
      ->type_name("PATH");
  app.add_option("--golden", arguments->golden, "Golden decisions, a JSON object a line")->type_name("FILE.jsonl");
  app.add_option("--channel", arguments->channel, "The row of releases that this one joins")->type_name("NAME");
  app.add_option("--tenant", arguments->tenant, "Whose it is")->type_name("NAME");
  app.add_option("--after", arguments->after,
                 "The release that this one follows; gives channel and tenant too. Without it, the first")
      ->type_name("FILE");
  app.add_option("--valid", arguments->valid, "How long nodes may start to use it")
      ->check(fault_of_validity)
      ->type_name("DURATION");
  app.add_option("--minimum-engine", arguments->minimum_engine, "The earliest engine that may run it; else this one")
      ->type_name("VERSION");
  app.add_option("--note", arguments->note, "What changes, for people")->type_name("TEXT");
  app.add_option("-o,--out", arguments->out, "The file to write")->required()->type_name("FILE.wrel");
  add_engine_options(app, arguments->engine);
  app.footer(kFooter);
  return [arguments](Console& console) { return Build(*arguments, console).run(); };
}

}  // namespace writ::tools
