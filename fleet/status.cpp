#include "fleet/status.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "support/check.h"
#include "support/diagnostic.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::fleet {
namespace {

using support::json_quote;
namespace dom = simdjson::dom;

// Of a refusal's message, which quotes what others wrote.
constexpr std::size_t kMessageBytes = 512;

/// As much as may be shown, in whole code points.
std::string shortened(std::string_view message) {
  std::size_t end = 0;
  while (end < message.size()) {
    const std::size_t next = end + support::decode_utf8(message, end).size;
    if (next > kMessageBytes) break;
    end = next;
  }
  return support::printable(message.substr(0, end));
}

std::string text_of(const dom::element& object, const char* key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

template <typename T>
T number_of(const dom::element& object, const char* key) {
  T number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : T{0};
}

}  // namespace

std::string_view spelling(Fate fate) {
  switch (fate) {
    case Fate::kNone:
      return "none";
    case Fate::kOnTrial:
      return "on trial";
    case Fate::kGood:
      return "good";
    case Fate::kHeld:
      return "held";
    case Fate::kRefused:
      return "refused";
  }
  WRIT_UNREACHABLE();
}

std::string encode(const NodeStatus& status) {
  std::string text = fmt::format(
      R"({{"node": {}, "tenant": {}, "channel": {}, "running": {}, "release": {}, "on_trial": {}, "highest": {}, "fate": {}, "calls": {}, "traps": {}, "heard_s": {}, "said_at": {})",
      json_quote(status.node), json_quote(status.tenant), json_quote(status.channel), status.running,
      json_quote(status.release), status.is_on_trial, status.highest, json_quote(status.fate), status.calls,
      status.traps, status.heard_s, status.said_at);
  if (const auto& refusal = status.refusal) {
    text +=
        fmt::format(R"(, "refusal": {{"sequence": {}, "release": {}, "code": {}, "message": {}}})", refusal->sequence,
                    json_quote(refusal->release), json_quote(refusal->code), json_quote(shortened(refusal->message)));
  }
  return text + "}\n";
}

std::optional<NodeStatus> decode_status(std::string_view text) {
  if (text.size() > support::limits::kNodeStatusBytes) return std::nullopt;
  dom::parser parser;
  dom::element object;
  if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS || !object.is_object()) {
    return std::nullopt;
  }
  NodeStatus status{.node = text_of(object, "node"),
                    .tenant = text_of(object, "tenant"),
                    .channel = text_of(object, "channel"),
                    .running = number_of<std::uint64_t>(object, "running"),
                    .release = text_of(object, "release"),
                    .is_on_trial = false,
                    .highest = number_of<std::uint64_t>(object, "highest"),
                    .fate = text_of(object, "fate"),
                    .calls = number_of<std::uint64_t>(object, "calls"),
                    .traps = number_of<std::uint64_t>(object, "traps"),
                    .heard_s = number_of<std::int64_t>(object, "heard_s"),
                    .said_at = number_of<std::int64_t>(object, "said_at"),
                    .refusal = std::nullopt};
  if (object["on_trial"].get(status.is_on_trial) != simdjson::SUCCESS) return std::nullopt;
  dom::element refusal;
  if (object["refusal"].get(refusal) == simdjson::SUCCESS) {
    status.refusal = Refusal{.sequence = number_of<std::uint64_t>(refusal, "sequence"),
                             .release = text_of(refusal, "release"),
                             .code = text_of(refusal, "code"),
                             .message = text_of(refusal, "message")};
  }
  return status;
}

}  // namespace writ::fleet
