// What a node keeps on disk: the highest sequence it has seen, what became of that release, and the last good release whole.
//
// One file in a folder of the node's own, replaced as a whole: a crash at any moment leaves the former memory or the next, a
// full disk the former. A file that is damaged is never taken for an empty one, since that would forget the sequence: to begin
// anew a person removes it. One process at a time. Approvals lie beside it, one empty file each, which `approve` makes.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/folder.h"
#include "fleet/hash.h"

namespace writ::fleet {

/// What became of the release with the highest sequence.
enum class Fate : std::uint8_t {
  kNone,     // none was seen yet
  kOnTrial,  // it was allowed to answer, and has not yet proved itself
  kGood,     // it is `good`
  kHeld,     // it waits for an approval
  kRefused,  // for good: it failed its tests, could not be compiled, or trapped too often
};

struct NodeMemory {
  std::uint64_t sequence = 0;
  Hash hash{};
  Fate fate = Fate::kNone;
  std::vector<Hash> earlier;  // of releases before it, the latest last; at most limits::kRememberedReleases
  std::int64_t passed = 0;    // seconds since 1970 by this node's clock, when it last took a release
  std::string good;           // a whole file; empty: none yet
  bool operator==(const NodeMemory&) const = default;
};

[[nodiscard]] std::string encode(const NodeMemory& memory);
/// Nothing when the bytes are not what encode() made.
[[nodiscard]] std::optional<NodeMemory> decode_memory(std::string_view bytes);

class NodeStore {
 public:
  /// Makes the folder where it is not there. `disk` is borrowed. The error is one sentence.
  [[nodiscard]] static std::expected<NodeStore, std::string> open(const std::string& path, Disk& disk);

  [[nodiscard]] std::expected<NodeMemory, std::string> load() const;
  [[nodiscard]] std::expected<void, std::string> save(const NodeMemory& memory);
  /// Whether a local operator approved of this release.
  [[nodiscard]] bool is_approved(const Hash& hash) const;

 private:
  NodeStore(Folder folder, host::Descriptor lock, Disk& disk)
      : folder_(std::move(folder)), lock_(std::move(lock)), disk_(disk) {}
  Folder folder_;
  host::Descriptor lock_;
  Disk& disk_;
};

/// Approves of a release for the node whose folder this is; its process need not run. The error is one sentence.
[[nodiscard]] std::expected<void, std::string> approve(const std::string& node_folder, const Hash& hash);

}  // namespace writ::fleet
