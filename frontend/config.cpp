#include "frontend/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/config_value.h"
#include "frontend/document.h"
#include "frontend/source_text.h"
#include "ir/image.h"
#include "ir/interpret.h"
#include "support/limits.h"

namespace writ::frontend {
namespace {

using support::Code;
using support::Diagnostic;
using support::Diagnostics;
using support::Span;

// The native stack that a `where` may use: far below any thread's, far above what a condition needs.
constexpr std::size_t kConditionStackBytes = std::size_t{64} * 1024;

constexpr std::string_view kVariablePrefix = "WRIT__";

/// A part of a variable's name: `MOST` for `most`.
std::string in_capitals(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// The variable of the environment that is meant for a knob: `WRIT__HOUSE__MOST`.
std::string variable_of(const ir::Knob& knob) {
  return fmt::format("{}{}__{}", kVariablePrefix, in_capitals(knob.unit), in_capitals(knob.name));
}

using Path = std::vector<std::string>;  // of a unit, a knob and perhaps fields

/// Adds the paths that `variable` may mean: `path`, whose own variable is `name`, or fields of the record that it is.
void find_paths(std::string_view variable, const std::string& name, const Path& path, ir::TypeId type_id,
                const ir::Types& types, std::vector<Path>& found) {
  if (variable == name) found.push_back(path);
  const ir::Type& type = types[types.inner(type_id)];
  if (type.kind != ir::Kind::kRecord || !variable.starts_with(name + "__")) return;
  for (const ir::Field& field : types.record_type(type.decl).fields) {
    Path inner = path;
    inner.push_back(field.name);
    find_paths(variable, fmt::format("{}__{}", name, in_capitals(field.name)), inner, field.type, types, found);
  }
}

std::string shown(const ir::Program& program, const ir::Value& value, ir::TypeId type) {
  constexpr std::size_t kShownBytes = 60;
  const std::string text = literal_text(value, type, program.types);
  return text.size() <= kShownBytes ? text : fmt::format("a {}", program.types.text(type));
}

/// The trap in which a knob's condition ends, or whether it holds.
std::expected<bool, runtime::Trap> ask_condition(const ir::Program& program, const ir::Interpreter& interpreter,
                                                 const ir::Knob& knob, const ir::Value& value) {
  ir::Image image;
  const ir::Words words = write_value(image, value, knob.type, program.types, true, 0);
  std::vector<std::byte> arena(static_cast<std::size_t>(support::limits::kConstantMemory));
  runtime::Frame frame{};
  frame.fuel = support::limits::kConstantFuel;
  frame.arena_next = arena.data();
  frame.arena_end = arena.data() + arena.size();
  frame.stack_left = support::limits::kStackQuota;
  frame.native_stack_end = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - kConditionStackBytes;
  const std::size_t count = program.types.words(knob.type);
  const runtime::Result result = interpreter.call(*knob.where, std::span(words).first(count), frame);
  const runtime::Trap trap = runtime::status_trap(result.status);
  if (trap != runtime::Trap::kNone) return std::unexpected(trap);
  return result.word != 0;
}

class Layers {
 public:
  Layers(const ir::Program& program, Diagnostics& diagnostics) : program_(program), diagnostics_(diagnostics) {
    for (ir::KnobId id = 0; id < program.knobs.size(); ++id) {
      units_[program.knobs[id].unit][program.knobs[id].name] = id;
    }
    set_.resize(program.knobs.size());
  }

  bool apply(const ConfigLayer& layer) {
    const auto root = read(layer);
    if (!root) return false;
    bool good = true;
    for (const document::Member& unit : std::get<document::Table>(root->value).members) {
      good &= apply_unit(*layer.source, unit);
    }
    return good;
  }

  [[nodiscard]] ir::Config config() const {
    ir::Config out = default_config(program_);
    for (ir::KnobId id = 0; id < set_.size(); ++id) {
      if (!set_[id]) continue;
      out.values[id] = static_cast<ir::ConstantId>(program_.constants.size() + out.constants.size());
      out.constants.push_back({program_.knobs[id].type, set_[id]->value});
    }
    return out;
  }

  /// Where a knob got its value: the key of the layer that set it, else its declaration.
  [[nodiscard]] Span place_of(ir::KnobId id) const {
    return set_[id] ? set_[id]->keys.back() : program_.knobs[id].span;
  }

  [[nodiscard]] std::vector<std::vector<Span>> origins() const {
    std::vector<std::vector<Span>> out;
    for (const std::optional<Setting>& setting : set_) out.push_back(setting ? setting->keys : std::vector<Span>{});
    return out;
  }

 private:
  using Names = std::map<std::string_view, ir::KnobId>;

  [[nodiscard]] std::optional<document::Node> read(const ConfigLayer& layer) {
    if (layer.kind != ConfigLayer::Kind::kDocument &&
        !check_characters(*layer.source, diagnostics_, ByteOrderMark::kRefused)) {
      return std::nullopt;
    }
    switch (layer.kind) {
      case ConfigLayer::Kind::kDocument:
        return layer.knob.empty() ? document::read_document(*layer.source, diagnostics_)
                                  : document::read_rows(*layer.source, layer.knob, diagnostics_);
      case ConfigLayer::Kind::kAssignment:
        return document::read_assignment(*layer.source, diagnostics_);
      case ConfigLayer::Kind::kVariable:
        return read_variable(*layer.source);
    }
    return std::nullopt;
  }

  // The value that the layers so far gave a knob, and the keys that did: of a record all, else the last.
  struct Setting {
    ir::Value value;
    std::vector<Span> keys;
  };

  // `WRIT__HOUSE__MOST=5` as the table that a document would have.
  [[nodiscard]] std::optional<document::Node> read_variable(const support::SourceFile& source) {
    const std::string_view text = source.text();
    const std::size_t equals = std::min(text.find('='), text.size());
    const Span place{source.id(), 0, static_cast<std::uint32_t>(equals)};
    const document::Key name{std::string(text.substr(0, equals)), place};
    std::vector<Path> found;
    for (const ir::Knob& knob : program_.knobs) {
      find_paths(name.text, variable_of(knob), {knob.unit, knob.name}, knob.type, program_.types, found);
    }
    if (found.empty()) {
      report_unknown_variable(name);
      return std::nullopt;
    }
    if (found.size() > 1) {
      diagnostics_.error(Code::kUnknownKey, place, fmt::format("`{}` may mean more than one config", name.text)).help =
          fmt::format("say which: --set {}=…", fmt::join(found[0], "."));
      return std::nullopt;
    }
    std::vector<document::Key> path;
    for (std::string& part : found[0]) path.push_back({std::move(part), place});
    return document::single_value(source, std::move(path), text.substr(std::min(equals + 1, text.size())));
  }

  void report_unknown_variable(const document::Key& name) {
    std::vector<std::string> known;
    for (const ir::Knob& knob : program_.knobs) known.push_back(variable_of(knob));
    report_unknown_key(diagnostics_, {name.text, name.span, {}},
                       fmt::format("no config of this release is `{}`", name.text), {known.begin(), known.end()});
  }

  bool apply_unit(const support::SourceFile& source, const document::Member& unit) {
    const auto knobs = units_.find(unit.key);
    if (knobs == units_.end()) {
      report_unknown_key(diagnostics_, unit,
                         fmt::format("no unit of this release has a config and the name `{}`", unit.key),
                         names_of(units_));
      return false;
    }
    const auto* table = std::get_if<document::Table>(&unit.value.value);
    if (table == nullptr) {
      diagnostics_.error(Code::kConfigMismatch, unit.key_span,
                         fmt::format("`{}` is a unit: a table of its config", unit.key));
      return false;
    }
    bool good = true;
    for (const document::Member& member : table->members) good &= apply_knob(source, knobs->second, unit.key, member);
    return good;
  }

  bool apply_knob(const support::SourceFile& source, const Names& knobs, std::string_view unit,
                  const document::Member& member) {
    const auto found = knobs.find(member.key);
    if (found == knobs.end()) {
      report_unknown_key(diagnostics_, member, fmt::format("`{}` has no config `{}`", unit, member.key),
                         names_of(knobs));
      return false;
    }
    const ir::Knob& knob = program_.knobs[found->second];
    std::optional<Setting>& setting = set_[found->second];
    const ir::Value& before = setting ? setting->value : program_.constants[knob.initial].value;
    ConfigValueReader reader(program_, source, diagnostics_, fmt::format("{}.{}", unit, member.key));
    auto value = reader.read(member.value, knob.type, &before);
    if (!value) return false;
    std::vector<Span> keys;
    if (setting && program_.types.kind(program_.types.inner(knob.type)) == ir::Kind::kRecord) {
      keys = std::move(setting->keys);
    }
    keys.push_back(member.key_span);
    setting = Setting{std::move(*value), std::move(keys)};
    return true;
  }

  const ir::Program& program_;
  Diagnostics& diagnostics_;
  std::map<std::string_view, Names> units_;
  std::vector<std::optional<Setting>> set_;  // one a knob
};

/// Whether the knobs that built-ins read in a grammar of their own, such as patterns, can be read so.
bool texts_can_be_read(const ir::Program& program, const ir::Config& config,
                       const std::function<Span(ir::KnobId)>& place_of, Diagnostics& diagnostics) {
  bool good = true;
  std::int64_t pattern_bytes = 0;
  for (const ir::ConstantReading& reading : program.readings) {
    const auto* const ref = std::get_if<ir::KnobRef>(&reading.constant);
    const ir::ConstantId id = ref == nullptr ? std::get<ir::ConstantRef>(reading.constant).id : config.values[ref->id];
    const auto* const text = std::get_if<std::string>(&config.constant(program, id).value.node);
    if (text == nullptr) continue;
    if (is_prepared(reading.reading)) pattern_bytes += std::ssize(*text);
    if (ref == nullptr) continue;  // judged when it was checked
    auto refused = pattern_bytes > support::limits::kPatternsBytes
                       ? std::optional(fmt::format("more than the {} bytes that all patterns of a release may have",
                                                   support::limits::kPatternsBytes))
                       : stdlib::refuse(reading.reading, *text);
    if (!refused) continue;
    good = false;
    const ir::Knob& knob = program.knobs[ref->id];
    Diagnostic& error = diagnostics.error(Code::kUnreadableValue, place_of(ref->id),
                                          fmt::format("`{}.{}` is {}", knob.unit, knob.name, *refused));
    error.labels.push_back({reading.span, "it is read here"});
  }
  return good;
}

}  // namespace

bool conditions_hold(const ir::Program& program, const ir::Config& config,
                     const std::function<Span(ir::KnobId)>& place_of, Diagnostics& diagnostics) {
  if (!texts_can_be_read(program, config, place_of, diagnostics)) return false;
  const ir::Interpreter interpreter(program, config);
  bool good = true;
  for (ir::KnobId id = 0; id < program.knobs.size(); ++id) {
    const ir::Knob& knob = program.knobs[id];
    if (!knob.where) continue;
    const ir::Value& value = config.constant(program, config.values[id]).value;
    const auto holds = ask_condition(program, interpreter, knob, value);
    if (holds == true) continue;
    good = false;
    Diagnostic& error = diagnostics.error(Code::kBrokenCondition, place_of(id),
                                          fmt::format("`{}.{}` breaks its condition", knob.unit, knob.name));
    error.note = fmt::format("the value is {}", shown(program, value, knob.type));
    if (!holds) error.note += fmt::format("; the condition ends in the trap {}", trap_spelling(holds.error()));
    error.labels.push_back({program.places[program.functions[*knob.where].place], "this must hold"});
  }
  return good;
}

std::optional<Configured> configure(const ir::Program& program, std::span<const ConfigLayer> layers,
                                    Diagnostics& diagnostics) {
  Layers all(program, diagnostics);
  bool good = true;
  for (const ConfigLayer& layer : layers) good &= all.apply(layer);
  if (!good) return std::nullopt;
  ir::Config config = all.config();
  if (!conditions_hold(program, config, [&](ir::KnobId id) { return all.place_of(id); }, diagnostics)) {
    return std::nullopt;
  }
  return Configured{std::move(config), all.origins()};
}

bool is_config_variable(std::string_view name) { return name.starts_with(kVariablePrefix); }

}  // namespace writ::frontend
