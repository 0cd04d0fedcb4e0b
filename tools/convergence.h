// How nodes stand towards one release, by what they say of themselves.
//
// In: the statuses that a feed shows. Out: one Stance a node, and both as text and JSON. What nodes say is not signed
// (fleet/status.h), so this is for people, and every text of theirs is made safe to print.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/signed_release.h"
#include "fleet/source.h"
#include "fleet/status.h"

namespace writ::tools {

enum class Stance : std::uint8_t {
  kOnTrial,  // it answers with it, and may yet go back
  kTook,
  kHeld,  // it waits for a local operator
  kRefused,
  kNotYet,
};
/// "on trial"
[[nodiscard]] std::string_view spelling(Stance stance);
[[nodiscard]] Stance stance_towards(const fleet::SignedRelease& release, const fleet::NodeStatus& status);
/// Whether it has said nothing for longer than nodes do, by this clock.
[[nodiscard]] bool is_silent(const fleet::NodeStatus& status, std::int64_t now);

/// Those that can be read, by name.
[[nodiscard]] std::vector<fleet::NodeStatus> read_statuses(const std::vector<fleet::ShownStatus>& shown);

/// "7: W7001: an expectation does not hold"; empty where there is none.
[[nodiscard]] std::string refusal_text(const fleet::NodeStatus& status);
[[nodiscard]] nlohmann::ordered_json node_json(const fleet::NodeStatus& status, Stance stance);

/// Columns under one another, the first row their names; the last is as wide as it likes.
[[nodiscard]] std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace writ::tools
