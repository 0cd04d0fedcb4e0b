#include "tools/convergence.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/check.h"
#include "support/utf8.h"

namespace writ::tools {
namespace {

// Nodes say something every ten seconds unless they were told otherwise.
constexpr std::int64_t kSilentAfterSeconds = 60;

}  // namespace

std::string_view spelling(Stance stance) {
  switch (stance) {
    case Stance::kOnTrial:
      return "on trial";
    case Stance::kTook:
      return "took it";
    case Stance::kHeld:
      return "holds it";
    case Stance::kRefused:
      return "refused it";
    case Stance::kNotYet:
      return "not yet";
  }
  WRIT_UNREACHABLE();
}

Stance stance_towards(const fleet::SignedRelease& release, const fleet::NodeStatus& status) {
  const std::string name = fleet::hex(release.hash());
  if (status.release == name) return status.is_on_trial ? Stance::kOnTrial : Stance::kTook;
  if (status.refusal && status.refusal->release == name) return Stance::kRefused;
  const bool is_held = status.highest == release.statement().sequence && status.fate == spelling(fleet::Fate::kHeld);
  return is_held ? Stance::kHeld : Stance::kNotYet;
}

bool is_silent(const fleet::NodeStatus& status, std::int64_t now) { return now - status.said_at > kSilentAfterSeconds; }

std::vector<fleet::NodeStatus> read_statuses(const std::vector<fleet::ShownStatus>& shown) {
  std::vector<fleet::NodeStatus> statuses;
  for (const fleet::ShownStatus& row : shown) {
    auto status = fleet::decode_status(row.text);
    // A node shows its status under its own name; what stands there under another is somebody else's.
    if (status && status->node == row.node) statuses.push_back(*std::move(status));
  }
  std::ranges::sort(statuses, {}, &fleet::NodeStatus::node);
  return statuses;
}

std::string refusal_text(const fleet::NodeStatus& status) {
  if (!status.refusal) return {};
  const std::string sequence = status.refusal->sequence == 0 ? "" : fmt::format("{}: ", status.refusal->sequence);
  return support::printable(fmt::format("{}{}: {}", sequence, status.refusal->code, status.refusal->message));
}

nlohmann::ordered_json node_json(const fleet::NodeStatus& status, Stance stance) {
  nlohmann::ordered_json json = {{"node", status.node},       {"stance", spelling(stance)}, {"running", status.running},
                                 {"release", status.release}, {"highest", status.highest},  {"fate", status.fate},
                                 {"calls", status.calls},     {"traps", status.traps},      {"heard_s", status.heard_s},
                                 {"said_at", status.said_at}, {"refusal", nullptr}};
  if (const auto& refusal = status.refusal) {
    json["refusal"] = {{"sequence", refusal->sequence},
                       {"release", refusal->release},
                       {"code", refusal->code},
                       {"message", refusal->message}};
  }
  return json;
}

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

}  // namespace writ::tools
