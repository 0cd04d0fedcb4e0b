// What a release brings: texts, the tier they run under, and how to see that they do what they did where they were built.
//
// In and out: a Content and its one canonical form in bytes. Decoding refuses whatever encoding would not give back, and is done
// only after the signatures held (signed_release.h). Names and sizes are checked; the meaning of texts is not.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace writ::fleet {

struct NamedText {
  std::string name;
  std::string text;
  bool operator==(const NamedText&) const = default;
};

/// A decision as it came out when the release was built; a node makes it again before the release answers anybody.
struct GoldenDecision {
  std::string slot;
  std::string input;               // one JSON object, as `writ run` reads lines
  std::vector<std::string> given;  // what host functions answer, as `writ run --given` takes it
  std::string answer;              // JSON, as rehearsal.h writes it
  bool operator==(const GoldenDecision&) const = default;
};

/// All names of texts differ.
struct Content {
  std::string tier;                  // empty: the schema's first
  std::vector<NamedText> sources;    // policies and libraries, by name
  std::vector<NamedText> documents;  // configuration, later ones win
  std::vector<NamedText> tests;      // units that hold tests only, by name: read for the rehearsal, never published
  std::vector<GoldenDecision> golden;
  bool operator==(const Content&) const = default;
};

/// Sorts what has no order of its own. The content's sizes are within the limits (fault_of).
[[nodiscard]] std::string encode(Content content);
/// The error is one sentence.
[[nodiscard]] std::expected<Content, std::string> decode_content(std::string_view bytes);

/// What makes a content one that cannot be encoded; empty when nothing does.
[[nodiscard]] std::string fault_of(const Content& content);

}  // namespace writ::fleet
