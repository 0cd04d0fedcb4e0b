// Generated units as the texts of a release, in one of several ways that must not matter to what they answer.
//
// In: units with `$f3$` for names. Out: the schema and the other texts. What no style changes: slots, types, reasons, and the
// order of what is evaluated.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/live_release.h"
#include "tests/generated/unit_writer.h"
#include "tests/generated/world.h"

namespace writ::tests {

struct Style {
  std::string_view prefix;  // of every name
  bool reversed = false;    // units and declarations from last to first
  bool split = false;       // constants, and functions that need no configuration, in a library of their own
};

struct Texts {
  host::ReleaseText schema;
  std::vector<host::ReleaseText> others;
};

[[nodiscard]] Texts render(const World& world, std::span<const WrittenUnit> units, const Style& style);

/// All of it as one text for people.
[[nodiscard]] std::string shown(const Texts& texts);

}  // namespace writ::tests
