#include "tests/generated/rendering.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>

#include "support/check.h"

namespace writ::tests {
namespace {

using Kind = host::ReleaseText::Kind;

/// The text with each `$…$` replaced by what `name` makes of it.
std::string replaced(std::string_view text, const std::function<std::string(std::string_view)>& name) {
  std::string out;
  while (true) {
    const std::size_t begin = text.find('$');
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const std::size_t end = text.find('$', begin + 1);
    WRIT_CHECK(end != std::string_view::npos);  // no value that is written has this character
    out += name(text.substr(begin, end + 1 - begin));
    text.remove_prefix(end + 1);
  }
}

class UnitRenderer {
 public:
  UnitRenderer(const WrittenUnit& unit, const Style& style)
      : unit_(unit), style_(style), policy_(std::string(style.prefix) + unit.slot.name), library_(policy_ + "_part") {
    if (style.split) find_movable();
  }

  void render(std::vector<host::ReleaseText>& out) const {
    std::vector<std::string> of_policy;
    std::vector<std::string> of_library;
    for (const Declaration& each : unit_.declarations) {
      const bool moves = moved_.contains(each.name);
      (moves ? of_library : of_policy).push_back(replaced(each.text, [&](std::string_view name) {
        const bool qualified = !moves && moved_.contains(name);
        return (qualified ? library_ + "." : "") + plain(name);
      }));
    }
    std::string head = fmt::format("policy {} for s\n", policy_);
    if (!moved_.empty()) {
      head += fmt::format("use {}\n", library_);
      out.push_back(source(library_, fmt::format("library {} for s\n{}", library_, joined(of_library))));
    }
    out.push_back(source(policy_, head + knobs() + joined(of_policy)));
    std::string assigned;
    for (const Knob& knob : unit_.knobs) {
      if (!knob.assigned.empty()) assigned += fmt::format("{} = {}\n", plain(knob.name), knob.assigned);
    }
    if (assigned.empty()) return;
    out.push_back(
        {.kind = Kind::kDocument, .name = policy_ + ".toml", .text = fmt::format("[{}]\n{}", policy_, assigned)});
  }

 private:
  static host::ReleaseText source(const std::string& unit, std::string text) {
    return {.kind = Kind::kSource, .name = unit + ".writ", .text = std::move(text)};
  }

  [[nodiscard]] std::string plain(std::string_view name) const {
    return std::string(style_.prefix) + std::string(name.substr(1, name.size() - 2));
  }

  [[nodiscard]] std::string joined(std::vector<std::string> declarations) const {
    if (style_.reversed) std::ranges::reverse(declarations);
    return fmt::format("{}", fmt::join(declarations, ""));
  }

  [[nodiscard]] std::string knobs() const {
    if (unit_.knobs.empty()) return "";
    std::string text = "config {\n";
    for (const Knob& knob : unit_.knobs) {
      text += "  " + replaced(knob.text, [&](std::string_view name) { return plain(name); }) + "\n";
    }
    return text + "}\n";
  }

  // A declaration stands behind what it refers to.
  void find_movable() {
    for (const Declaration& each : unit_.declarations) {
      if (each.kind == Declaration::Kind::kSlot) continue;
      bool movable = true;
      static_cast<void>(replaced(each.text, [&](std::string_view name) {
        const bool is_local = name[1] == 'v' || name == each.name;
        if (!is_local && !moved_.contains(name)) movable = false;
        return std::string();
      }));
      if (movable) moved_.insert(each.name);
    }
  }

  const WrittenUnit& unit_;
  const Style& style_;
  std::string policy_;
  std::string library_;
  std::set<std::string, std::less<>> moved_;
};

}  // namespace

Texts render(const World& world, std::span<const WrittenUnit> units, const Style& style) {
  std::vector<Slot> slots;
  Texts texts;
  for (const WrittenUnit& unit : units) {
    slots.push_back(unit.slot);
    UnitRenderer(unit, style).render(texts.others);
  }
  if (style.reversed) std::ranges::reverse(texts.others);
  texts.schema = {.kind = Kind::kSource, .name = "s.writ", .text = world.schema_text(slots)};
  return texts;
}

std::string shown(const Texts& texts) {
  std::string out = "//--- " + texts.schema.name + "\n" + texts.schema.text;
  for (const host::ReleaseText& text : texts.others) out += "//--- " + text.name + "\n" + text.text;
  return out;
}

}  // namespace writ::tests
