#include "host/live_prometheus.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace writ::host {
namespace {

class Page {
 public:
  explicit Page(std::string_view schema) : schema_(schema) {}

  void metric(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP writ_{0} {2}\n# TYPE writ_{0} {1}\n", name, type, help);
  }
  /// Names of schemas, slots and traps are plain words: no label needs escaping.
  void value(std::string_view name, std::uint64_t value, std::string_view labels = "") {
    fmt::format_to(std::back_inserter(text_), "writ_{}{{schema=\"{}\"{}}} {}\n", name, schema_, labels, value);
  }
  void single(std::string_view name, std::string_view type, std::string_view help, std::uint64_t number) {
    metric(name, type, help);
    value(name, number);
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string_view schema_;
  std::string text_;
};

}  // namespace

std::string prometheus_text(const EngineCounts& counts, const ir::Program& schema) {
  Page page(schema.schema_name);
  page.single("running_release", "gauge", "Number of the running release; 0 before the first.", counts.running);
  page.single("live_releases", "gauge", "Releases that are not freed yet.", counts.live_releases);
  page.single("code_bytes", "gauge", "Native code of the live releases.", counts.code_bytes);
  page.single("swaps_total", "counter", "Commits and rollbacks that took effect.", counts.swaps);
  page.single("compiled_units_total", "counter", "Units that commits had to compile.", counts.compiled_units);
  page.single("refused_commits_total", "counter", "Commits that changed nothing because of an error.", counts.refused);
  page.single("emit_failures_total", "counter", "Emitted values that their host function failed to take.",
              counts.emit_failures);
  const auto label = [&](std::size_t slot) { return fmt::format(",slot=\"{}\"", schema.slots[slot].name); };
  page.metric("calls_total", "counter", "Questions to a slot.");
  for (std::size_t i = 0; i < counts.slots.size(); ++i) page.value("calls_total", counts.slots[i].calls(), label(i));
  page.metric("fuel_total", "counter", "Fuel that a slot's calls used.");
  for (std::size_t i = 0; i < counts.slots.size(); ++i) page.value("fuel_total", counts.slots[i].fuel, label(i));
  page.metric("traps_total", "counter", "Calls that ended in a trap.");
  for (std::size_t i = 0; i < counts.slots.size(); ++i) {
    for (const runtime::TrapRow& row : runtime::kTrapRows) {
      const std::uint64_t traps = counts.slots[i].endings[static_cast<std::size_t>(row.trap)];
      if (traps != 0) page.value("traps_total", traps, fmt::format("{},kind=\"{}\"", label(i), row.spelling));
    }
  }
  return std::move(page).text();
}

}  // namespace writ::host
