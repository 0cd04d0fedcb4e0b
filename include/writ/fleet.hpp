// Writ in a fleet: a program that follows signed releases from a directory or a message service.
//
//   writ::fleet::Follower follower = writ::fleet::follow(
//       engine, writ::fleet::directory("policies/", {.files = {"ops.pub"}}),
//       {.tenant = "acme", .channel = "edge", .node = "web-1", .state = "/var/lib/shop/writ"});
//
// A release answers when k of n keys signed it, its place in the row is right, its own tests and golden decisions hold here, and it
// uses no host function that the running one does not, unless a local operator approved. The highest sequence and the last good
// release are on disk: the program starts from there when the service is away. docs/fleet.md tells the protocol.
// A library of its own, writ::follow. Threads: everything may be used from any thread; notices come on the follower's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "writ/nats_options.hpp"
#include "writ/writ.hpp"

namespace writ::fleet {

/// Whose signatures count.
struct Keys {
  std::vector<std::string> files;  // as `writ keygen` writes them
  unsigned threshold = 1;          // of them must have signed
};

/// Where releases come from; made by directory() and its like.
class Origin {
 public:
  struct Parts;
  explicit Origin(std::unique_ptr<Parts> parts);
  Origin(Origin&&) noexcept;
  Origin& operator=(Origin&&) noexcept;
  ~Origin();

 private:
  friend class Follower;
  std::unique_ptr<Parts> parts_;
};

/// A folder that `writ publish` or a person puts releases into, as TENANT.CHANNEL.wrel. It may come later. Needs no server.
[[nodiscard]] Origin directory(std::string path, Keys keys);

/// A key of a NATS JetStream bucket that `writ publish` keeps. The servers may come later.
[[nodiscard]] Origin nats(NatsOptions options, Keys keys);

/// What a node tells the people who run it.
struct FleetNotice {
  std::string
      kind;  // activated, proved, held, refused, rolled back, equivocation, silence, heard again, expired, trouble
  std::uint64_t sequence = 0;  // of the release it is about; 0: of none
  std::string release;         // its hash, 64 hexadecimal digits
  std::string code;            // "W8051"; empty where nothing is wrong
  std::string message;         // one sentence
};

/// How a node stands.
struct FleetStatus {
  std::uint64_t running = 0;  // sequence; 0: none, the slots' else values answer
  std::string release;        // its hash, 64 hexadecimal digits
  bool is_on_trial = false;
  std::uint64_t highest = 0;  // sequence that was seen
  std::string fate;           // of that one: none, on trial, good, held, refused
  std::uint64_t calls = 0;    // since the running release was activated
  std::uint64_t traps = 0;
  std::chrono::seconds silence{};   // since the source last answered
  std::optional<std::string> held;  // hash of the release that waits for an approval
};

struct FollowOptions {
  std::string tenant;
  std::string channel;
  std::string node;   // this node's name, other than all others'
  std::string state;  // a folder of this node's own; made where it is not there
  /// Host functions ("geo.country") that releases may use without an approval. Those of the running release always may.
  std::set<std::string> capabilities = {};
  /// A release that answered this long is good: the node starts from it, and no longer takes it back.
  std::chrono::milliseconds trial = std::chrono::minutes(1);
  /// Until then it is taken back when more than this part of the calls of a slot trap, of at least so many.
  double trap_rate_max = 0.02;
  std::uint64_t trap_calls_min = 100;
  std::chrono::milliseconds silence_max = std::chrono::minutes(5);  // a notice, after that
  std::chrono::milliseconds reread = std::chrono::seconds(30);      // the whole source, since announcements get lost
  std::chrono::milliseconds report = std::chrono::seconds(10);      // this node's status to the source
  std::function<void(const FleetNotice&)> on_notice = {};           // must not throw
};

/// Follows until it is destroyed, before its engine. What runs then goes on.
class Follower {
 public:
  Follower(Follower&&) noexcept;
  Follower& operator=(Follower&&) noexcept;
  ~Follower();

  [[nodiscard]] FleetStatus status() const;
  /// Lets the release with this hash answer though it uses host functions that the running one does not; it answers soon after.
  /// Also over a restart. False when that could not be written down.
  [[nodiscard]] bool approve(std::string_view release);

 private:
  friend Follower follow(Engine& engine, Origin origin, FollowOptions options);
  struct Parts;
  Follower(Engine& engine, Origin origin, FollowOptions options);
  std::unique_ptr<Parts> parts_;
};

/// Starts with the last good release from `options.state`, takes up what the origin shows, and goes on on a thread of its own. Host
/// functions are provided before. Throws SetupError when a key cannot be read, the state cannot be used, or a name is none.
[[nodiscard]] Follower follow(Engine& engine, Origin origin, FollowOptions options);

}  // namespace writ::fleet
