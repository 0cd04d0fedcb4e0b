// A policy with a knob of each type, and what layers of configuration make of it.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/check.h"
#include "frontend/config.h"
#include "frontend/parser.h"
#include "ir/value.h"

namespace writ::frontend::config_fixture {

inline constexpr std::string_view kSchema = R"(schema site
enum Role { guest, member, admin }
slot f() -> int else 0
tier t { fuel 1000 memory 1KiB stack 16KiB }
)";

inline constexpr std::string_view kPolicy = R"(policy p for site
config {
  flag:     bool        = false
  count:    int         = 3        where count in 0..100
  small:    int(1..9)   = 1
  big:      uint        = 0
  ratio:    double      = 0.5
  name:     string(..8) = "x"
  keep:     duration    = 1m
  opened:   timestamp   = timestamp("2015-05-17T00:00:00Z")
  home:     ip          = ip("127.0.0.1")
  blocked:  list<cidr>  = []
  role:     Role        = guest
  words:    set<string> = {"b", "a"}
  sizes:    set<int>    = {3}
  by_code:  map<int, string> = {}
  plan:     Plan        = Plan(ending: ".x", keep: 1s)
  plans:    list<Plan>  = []
  maybe:    int?        = absent
  key:      bytes       = b""
}
record Plan { ending: string, keep: duration, trial: duration = 0s, note: string? }
slot f() = count
)";

struct Layer {
  ConfigLayer::Kind kind;
  std::string name;
  std::string text;
  std::string knob = {};
};
inline Layer toml(std::string text) { return {ConfigLayer::Kind::kDocument, "c.toml", std::move(text)}; }
inline Layer json(std::string text) { return {ConfigLayer::Kind::kDocument, "c.json", std::move(text)}; }
inline Layer yaml(std::string text) { return {ConfigLayer::Kind::kDocument, "c.yaml", std::move(text)}; }
inline Layer csv(std::string text, std::string knob = "p.plans") {
  return {ConfigLayer::Kind::kDocument, "c.csv", std::move(text), std::move(knob)};
}
inline Layer assign(std::string text) { return {ConfigLayer::Kind::kAssignment, "c.toml", std::move(text)}; }
inline Layer variable(std::string text) { return {ConfigLayer::Kind::kVariable, "environment", std::move(text)}; }

class ConfigLayers : public testing::Test {
 protected:
  ConfigLayers() {
    schema_ = parse(sources_.add("site.writ", std::string(kSchema)), diagnostics_);
    policy_ = parse(sources_.add("p.writ", std::string(kPolicy)), diagnostics_);
    if (schema_ && policy_) {
      const ast::File* const units[] = {&*policy_};
      program_ = check(*schema_, units, CheckOptions{}, diagnostics_);
    }
    EXPECT_TRUE(program_.has_value()) << errors();
  }

  std::string errors() const {
    std::string out;
    for (const auto& diagnostic : diagnostics_.sorted()) out += render_short(diagnostic, sources_) + "\n";
    return out;
  }

  // The knob's value as a literal after these layers, or the errors.
  std::string value(std::string_view knob, const std::vector<Layer>& layers) {
    diagnostics_ = {};
    std::vector<ConfigLayer> plain;
    for (const Layer& layer : layers) plain.push_back({layer.kind, &sources_.add(layer.name, layer.text), layer.knob});
    const auto config = configure(*program_, plain, diagnostics_);
    origins_.clear();
    if (!config) return errors();
    EXPECT_FALSE(diagnostics_.has_errors());
    for (ir::KnobId id = 0; id < program_->knobs.size(); ++id) {
      if (program_->knobs[id].name != knob) continue;
      for (const support::Span& origin : config->origins[id]) {
        origins_ += std::string(sources_.file(origin.source).text(origin)) + ";";
      }
      return literal_text(config->values.constant(*program_, config->values.values[id]).value, program_->knobs[id].type,
                          program_->types);
    }
    return "no such knob";
  }

  support::SourceMap sources_;
  std::string origins_;  // of the knob that was last asked for: the keys that gave it, as they are written
  support::Diagnostics diagnostics_;
  std::optional<ast::File> schema_;
  std::optional<ast::File> policy_;
  std::optional<ir::Program> program_;
};

}  // namespace writ::frontend::config_fixture
