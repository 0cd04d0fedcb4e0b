// Where releases come from and where nodes answer: a directory, a message service.
//
// Reading side: bytes that nobody has believed yet, each within limits::kReleaseFileBytes, and whether the service is there at
// all. Publishing side: takes a SignedRelease, so that nothing unsigned can be given to it, and puts it in its place in the row or
// says why not; the same release again is no error. Neither side judges: whatever a service loses, doubles, holds back or
// makes up, a Node (node.h) decides. A node's status goes the other way, and is as little to be trusted.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/keys.h"
#include "fleet/signed_release.h"

namespace writ::fleet {

/// Whose releases: the name of a row of them.
struct Feed {
  std::string tenant;
  std::string channel;
  bool operator==(const Feed&) const = default;
  /// "tenant.channel": names hold no point.
  [[nodiscard]] std::string stem() const { return tenant + "." + channel; }
};

/// What a look at a service gave.
struct Heard {
  std::vector<std::string> candidates;  // bytes
  bool answered = false;                // the service is there
  std::string problem;                  // one sentence; empty: none
};

/// Of one thread.
class Source {
 public:
  Source() = default;
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Readable, for poll(), when take() may have something. May change by any other call.
  [[nodiscard]] virtual int descriptor() const = 0;
  /// What has come since the last look. Does not wait.
  [[nodiscard]] virtual Heard take() = 0;
  /// What is there, whether or not it was taken before: called on a schedule, since announcements get lost.
  [[nodiscard]] virtual Heard read_again() = 0;
  /// Shows this node's status to all who look. The error is one sentence.
  [[nodiscard]] virtual std::expected<void, std::string> acknowledge(const std::string& node,
                                                                     std::string_view status) = 0;
};

/// A node's status as its source shows it: see status.h for the text.
struct ShownStatus {
  std::string node;
  std::string text;
};

enum class PublishFault : std::uint8_t {
  kOtherFeed,    // it is not of this publisher's feed
  kTaken,        // another release has this place in the row, or a later one is there
  kUnreachable,  // what came of it is not known: publishing the same again is safe
};

struct PublishError {
  PublishFault fault;
  std::string message;  // one sentence
};

/// Of one thread. Several publishers of one feed may race: one of them wins each place.
class Publisher {
 public:
  Publisher() = default;
  virtual ~Publisher() = default;
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Makes it the feed's latest.
  [[nodiscard]] virtual std::expected<void, PublishError> publish(const SignedRelease& release) = 0;
  /// Releases that are kept, the latest first; of them those whose signatures hold.
  [[nodiscard]] virtual std::expected<std::vector<SignedRelease>, std::string> history() = 0;
  [[nodiscard]] virtual std::expected<std::vector<ShownStatus>, std::string> statuses() = 0;
};

/// Whether a release may follow what is there.
enum class Place : std::uint8_t { kFree, kHeldByItself, kTaken };

/// `latest`: bytes that the service shows as its feed's latest; nothing when it shows none. Bytes that no trusted key signed, or
/// that are of another feed, hold no place.
[[nodiscard]] Place place_after(const SignedRelease& release, const std::optional<std::string>& latest,
                                const TrustedKeys& trusted);

[[nodiscard]] PublishError taken(const SignedRelease& release);
/// Nothing where it is the feed's.
[[nodiscard]] std::optional<PublishError> other_feed(const SignedRelease& release, const Feed& feed);

/// A node's name: letters, digits, `-`, `_` and `.`, the first a letter or digit, no `..` and no `.` at the end; at most 64.
[[nodiscard]] bool is_node_name(std::string_view name);

}  // namespace writ::fleet
