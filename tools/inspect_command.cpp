// `writ inspect`: what each slot of a release depends on, the values of its config and where they come from; or the JSON Schema
// of its documents. Of a release file: inspect_release.h.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/check.h"
#include "host/release.h"
#include "ir/dependencies.h"
#include "ir/value.h"
#include "support/deep_stack.h"
#include "tools/inspect_release.h"
#include "tools/json_schema.h"
#include "tools/options.h"

namespace writ::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFooter =
    "Of each slot that a policy answers: the units and functions it may reach, the host functions it may ask, the "
    "config\n"
    "values and the fields of its parameters it may look at. Nothing else can change an answer.\n\n"
    "Examples:\n"
    "  writ inspect policies/ --schema gateway.writ\n"
    "  writ inspect policies/ --config prod.yaml --set access.share=5      values, and who gave them\n"
    "  writ inspect policies/ --format json                                one JSON object\n"
    "  writ inspect policies/ --json-schema > config.schema.json           for editors, and for checks of documents\n"
    "  writ inspect edge-7.wrel --key alice.pub                            what a release file holds\n";

constexpr std::string_view kReleaseEnding = ".wrel";

struct InspectArguments {
  ReleaseArguments release;
  TrustArguments trust;
  bool json_schema = false;
};

/// The tiers that take a release.
std::vector<std::string> tiers_that_take(const host::Sources& sources) {
  std::vector<std::string> names;
  support::Diagnostics unheard;
  const auto schema = frontend::check_schema(*sources.schema, unheard);
  if (!schema) return names;
  const std::vector<const ast::File*> units = unit_pointers(sources);
  for (const ir::Tier& tier : schema->tiers) {
    support::Diagnostics refusals;
    if (frontend::check(*sources.schema, units, {.tier = tier.name, .tests = false}, refusals)) {
      names.push_back(tier.name);
    }
  }
  return names;
}

struct SlotRow {
  std::string title;  // admit(order: Order) -> Verdict
  std::string name;
  std::set<std::string> units, functions, capabilities, config, reads;
};

std::string title_of(const ir::SlotDecl& slot, const ir::Types& types) {
  std::vector<std::string> parameters;
  for (const ir::Local& parameter : slot.parameters) {
    parameters.push_back(fmt::format("{}: {}", parameter.name, types.text(parameter.type)));
  }
  return fmt::format("{}({}) -> {}", slot.name, fmt::join(parameters, ", "), types.text(slot.result));
}

SlotRow row_of(const ir::Program& program, ir::SlotId id) {
  const ir::SlotDecl& slot = program.slots[id];
  ir::Dependencies found = dependencies(program, id);
  SlotRow row{.title = title_of(slot, program.types),
              .name = slot.name,
              .units = {},
              .functions = {},
              .capabilities = {},
              .config = {},
              .reads = std::move(found.paths)};
  for (const ir::FunctionId function : found.functions) {
    const ir::Function& reached = program.functions[function];
    const bool is_policy = reached.role == ir::Role::kSlot;
    if (!is_policy && reached.role != ir::Role::kFunction) continue;
    row.units.insert(reached.name.substr(0, reached.name.find('.')));
    if (!is_policy) row.functions.insert(reached.name);
  }
  for (const ir::HostFunctionId function : found.host_functions) {
    row.capabilities.insert(program.host_functions[function].full_name());
  }
  for (const ir::KnobId knob : found.knobs) {
    row.config.insert(program.knobs[knob].unit + "." + program.knobs[knob].name);
  }
  return row;
}

std::vector<SlotRow> rows_of(const ir::Program& program) {
  std::vector<SlotRow> rows;
  for (ir::SlotId slot = 0; slot < program.slots.size(); ++slot) {
    if (program.entries[slot].policy) rows.push_back(row_of(program, slot));
  }
  return rows;
}

const ir::Value& value_of(const host::Release& release, ir::KnobId knob) {
  return release.config.constant(release.program, release.config.values[knob]).value;
}

// ---- as text -----------------------------------------------------------------------------------

std::string origin_text(const host::Release& release, const support::SourceMap& sources, ir::KnobId knob) {
  std::vector<std::string> places;
  for (const support::Span& origin : release.origins[knob]) {
    const support::Place place = sources.place(origin);
    places.push_back(fmt::format("{}:{}:{}", sources.file(origin.source).name(), place.line, place.column));
  }
  return places.empty() ? "default" : fmt::format("{}", fmt::join(places, ", "));
}

std::string config_text(const host::Release& release, const support::SourceMap& sources) {
  const ir::Program& program = release.program;
  if (program.knobs.empty()) return "";
  std::string text = "config\n";
  for (ir::KnobId id = 0; id < program.knobs.size(); ++id) {
    const ir::Knob& knob = program.knobs[id];
    text +=
        fmt::format("  {}.{} = {}  ({})\n", knob.unit, knob.name,
                    literal_text(value_of(release, id), knob.type, program.types), origin_text(release, sources, id));
  }
  return text;
}

std::string slot_text(const SlotRow& row) {
  std::string text = fmt::format("slot {}\n", row.title);
  const auto line = [&](std::string_view word, const std::set<std::string>& names) {
    if (!names.empty()) text += fmt::format("  {:<12} {}\n", word, fmt::join(names, ", "));
  };
  line("units", row.units);
  line("functions", row.functions);
  line("capabilities", row.capabilities);
  line("config", row.config);
  line("reads", row.reads);
  return text;
}

// ---- as JSON -----------------------------------------------------------------------------------

Json config_json(const host::Release& release, const support::SourceMap& sources) {
  const ir::Program& program = release.program;
  Json out = Json::array();
  for (ir::KnobId id = 0; id < program.knobs.size(); ++id) {
    const ir::Knob& knob = program.knobs[id];
    Json origins = Json::array();
    for (const support::Span& origin : release.origins[id]) {
      const support::Place place = sources.place(origin);
      origins.push_back({{"file", sources.file(origin.source).name()}, {"line", place.line}, {"column", place.column}});
    }
    out.push_back({{"name", knob.unit + "." + knob.name},
                   {"type", program.types.text(knob.type)},
                   {"value", json_value(program, value_of(release, id), knob.type)},
                   {"origins", std::move(origins)}});
  }
  return out;
}

Json slot_json(const SlotRow& row) {
  return {{"slot", row.name},           {"units", row.units},
          {"functions", row.functions}, {"capabilities", row.capabilities},
          {"config", row.config},       {"reads", row.reads}};
}

// ---- the command -------------------------------------------------------------------------------

void print_text(const host::Release& release, const support::SourceMap& sources, const std::vector<std::string>& tiers,
                Console& console) {
  console.print(fmt::format("schema {}\ntiers  {}\n", release.program.schema_name, fmt::join(tiers, ", ")));
  console.print(config_text(release, sources));
  for (const SlotRow& row : rows_of(release.program)) console.print(slot_text(row));
}

void print_json(const host::Release& release, const support::SourceMap& sources, const std::vector<std::string>& tiers,
                Console& console) {
  Json slots = Json::array();
  for (const SlotRow& row : rows_of(release.program)) slots.push_back(slot_json(row));
  const Json out = {{"schema", release.program.schema_name},
                    {"tiers", tiers},
                    {"config", config_json(release, sources)},
                    {"slots", std::move(slots)}};
  console.print(out.dump() + "\n");
}

ExitStatus inspect(const InspectArguments& arguments, Console& console) {
  host::Sources sources;
  host::load(sources, arguments.release.load);
  std::vector<std::string> tiers;
  if (!sources.diagnostics.has_errors() && sources.schema) tiers = tiers_that_take(sources);
  // Any tier that takes the release shows the same; where none does, the first says why.
  const std::string tier = arguments.release.tier.empty() && !tiers.empty() ? tiers.front() : arguments.release.tier;
  const auto release = host::check_release(sources, {.tier = tier, .tests = false});
  console.report(sources.diagnostics, sources.map, Console::Stream::kTalk);
  if (!release) return status_of(sources.diagnostics);
  if (arguments.json_schema) {
    console.print(config_schema(release->program, sources.map).dump(2) + "\n");
  } else if (console.format() == Format::kJson) {
    print_json(*release, sources.map, tiers, console);
  } else {
    print_text(*release, sources.map, tiers, console);
  }
  return ExitStatus::kYes;
}

}  // namespace

Action add_inspect(CLI::App& app) {
  auto arguments = std::make_shared<InspectArguments>();
  add_release_options(app, arguments->release);
  app.add_flag("--json-schema", arguments->json_schema,
               "Print the JSON Schema of the release's config documents instead");
  add_trust_options(app, arguments->trust)->description("Of a release file: the public key of somebody who signed it");
  app.footer(kFooter);
  return [arguments](Console& console) {
    const std::vector<std::string>& paths = arguments->release.load.paths;
    if (paths.size() == 1 && paths.front().ends_with(kReleaseEnding)) {
      return inspect_release(paths.front(), arguments->trust, console);
    }
    ExitStatus status = ExitStatus::kBug;
    support::on_deep_stack([&] { status = inspect(*arguments, console); });
    return status;
  };
}

}  // namespace writ::tools
