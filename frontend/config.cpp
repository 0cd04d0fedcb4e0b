#include "frontend/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/config_value.h"
#include "frontend/document.h"
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

class Layers {
 public:
  Layers(const ir::Program& program, Diagnostics& diagnostics) : program_(program), diagnostics_(diagnostics) {
    for (ir::KnobId id = 0; id < program.knobs.size(); ++id) {
      units_[program.knobs[id].unit][program.knobs[id].name] = id;
    }
    set_.resize(program.knobs.size());
  }

  bool apply(const ConfigLayer& layer) {
    const auto root = layer.kind == ConfigLayer::Kind::kToml ? document::read_toml(*layer.source, diagnostics_)
                                                             : document::read_assignment(*layer.source, diagnostics_);
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

  /// Holds every knob against its `where`: what a layer set, and the default of the others.
  [[nodiscard]] bool conditions_hold(const ir::Config& config) {
    const ir::Interpreter interpreter(program_, config);
    bool good = true;
    for (ir::KnobId id = 0; id < set_.size(); ++id) {
      if (program_.knobs[id].where) good &= condition_holds(interpreter, id);
    }
    return good;
  }

 private:
  using Names = std::map<std::string_view, ir::KnobId>;

  // The value that the layers so far gave a knob, and the key of the last that did.
  struct Setting {
    ir::Value value;
    Span key;
  };

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
    setting = Setting{std::move(*value), member.key_span};
    return true;
  }

  [[nodiscard]] bool condition_holds(const ir::Interpreter& interpreter, ir::KnobId id) {
    const ir::Knob& knob = program_.knobs[id];
    ir::Image image;
    const ir::Value& value = set_[id] ? set_[id]->value : program_.constants[knob.initial].value;
    const ir::Words words = write_value(image, value, knob.type, program_.types, true, 0);
    std::vector<std::byte> arena(static_cast<std::size_t>(support::limits::kConstantMemory));
    runtime::Frame frame{};
    frame.fuel = support::limits::kConstantFuel;
    frame.arena_next = arena.data();
    frame.arena_end = arena.data() + arena.size();
    frame.stack_left = support::limits::kStackQuota;
    frame.native_stack_end = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - kConditionStackBytes;
    const std::size_t count = program_.types.words(knob.type);
    const runtime::Result result = interpreter.call(*knob.where, std::span(words).first(count), frame);
    const runtime::Trap trap = runtime::status_trap(result.status);
    if (trap == runtime::Trap::kNone && result.word != 0) return true;

    Diagnostic& error = diagnostics_.error(Code::kBrokenCondition, set_[id] ? set_[id]->key : knob.span,
                                           fmt::format("`{}.{}` breaks its condition", knob.unit, knob.name));
    error.note = fmt::format("the value is {}", shown(value, knob.type));
    if (trap != runtime::Trap::kNone)
      error.note += fmt::format("; the condition ends in the trap {}", trap_spelling(trap));
    const Span condition = program_.places[program_.functions[*knob.where].place];
    error.labels.push_back({condition, "this must hold"});
    return false;
  }

  [[nodiscard]] std::string shown(const ir::Value& value, ir::TypeId type) const {
    constexpr std::size_t kShownBytes = 60;
    const std::string text = literal_text(value, type, program_.types);
    return text.size() <= kShownBytes ? text : fmt::format("a {}", program_.types.text(type));
  }

  const ir::Program& program_;
  Diagnostics& diagnostics_;
  std::map<std::string_view, Names> units_;
  std::vector<std::optional<Setting>> set_;  // one a knob
};

}  // namespace

std::optional<ir::Config> configure(const ir::Program& program, std::span<const ConfigLayer> layers,
                                    Diagnostics& diagnostics) {
  Layers all(program, diagnostics);
  bool good = true;
  for (const ConfigLayer& layer : layers) good &= all.apply(layer);
  if (!good) return std::nullopt;
  ir::Config config = all.config();
  if (!all.conditions_hold(config)) return std::nullopt;
  return config;
}

}  // namespace writ::frontend
