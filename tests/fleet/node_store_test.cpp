// What a node remembers, when the disk fails at any of its calls.

#include "fleet/node_store.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "support/limits.h"
#include "tests/fleet/temporary_folder.h"

namespace writ::fleet {
namespace {

NodeMemory some_memory(std::uint64_t sequence) {
  NodeMemory memory{.sequence = sequence,
                    .hash = hash_of("release"),
                    .fate = Fate::kGood,
                    .earlier = {hash_of("one"), hash_of("two")},
                    .passed = 1'800'000'000,
                    .good = {}};
  memory.good = std::string(100'000, 'r') + std::to_string(sequence);
  return memory;
}

/// Counts its calls and fails at one of them: with no space left, or a write that takes a part.
class FailingDisk final : public Disk {
 public:
  explicit FailingDisk(int fails_at) : fails_at_(fails_at) {}
  int create(int folder, const char* name) override { return fails() ? -1 : Disk::create(folder, name); }
  std::ptrdiff_t write(int file, const char* bytes, std::size_t size) override {
    if (fails()) return -1;
    // Short writes are no failure.
    return Disk::write(file, bytes, std::min<std::size_t>(size, 30'000));
  }
  int sync(int file) override { return fails() ? -1 : Disk::sync(file); }
  int rename(int folder, const char* from, const char* to) override {
    return fails() ? -1 : Disk::rename(folder, from, to);
  }
  [[nodiscard]] int calls() const { return calls_; }

 private:
  bool fails() {
    if (++calls_ != fails_at_) return false;
    errno = ENOSPC;
    return true;
  }
  int calls_ = 0;
  int fails_at_;
};

TEST(FleetNodeStore, RemembersOverAProcess) {
  const TemporaryFolder folder;
  Disk disk;
  {
    auto store = NodeStore::open(folder.path(), disk);
    ASSERT_TRUE(store);
    EXPECT_EQ(*store->load(), NodeMemory{});
    ASSERT_TRUE(store->save(some_memory(7)));
  }
  EXPECT_EQ(*NodeStore::open(folder.path(), disk)->load(), some_memory(7));
}

TEST(FleetNodeStore, IsOneProcessAtATime) {
  const TemporaryFolder folder;
  Disk disk;
  const auto first = NodeStore::open(folder.path(), disk);
  ASSERT_TRUE(first);
  EXPECT_FALSE(NodeStore::open(folder.path(), disk));
}

TEST(FleetNodeStore, ADiskThatFailsAnywhereLeavesTheFormerMemory) {
  int calls = 0;
  for (int at = 0; at <= calls; ++at) {
    const TemporaryFolder folder;
    Disk working;
    ASSERT_TRUE(NodeStore::open(folder.path(), working)->save(some_memory(1)));
    FailingDisk disk(at);
    auto store = NodeStore::open(folder.path(), disk);
    const bool is_saved = store->save(some_memory(2)).has_value();
    EXPECT_EQ(is_saved, at == 0) << "failing at call " << at;
    if (at == 0) calls = disk.calls();
    // The last call syncs the folder, after the rename: then the next memory may be there too.
    const NodeMemory left = *store->load();
    EXPECT_EQ(left, some_memory(at == 0 || at == calls ? 2 : 1)) << "failing at call " << at;
    EXPECT_TRUE(store->save(some_memory(3))) << "what is left in the way, failing at call " << at;
    EXPECT_EQ(*store->load(), some_memory(3));
  }
  EXPECT_GE(calls, 8) << "create, four writes, sync, rename, sync";
}

TEST(FleetNodeStore, NoFlippedBitAndNoShorterFileIsTaken) {
  NodeMemory memory = some_memory(3);
  memory.good = "a release";
  const std::string bytes = encode(memory);
  EXPECT_EQ(decode_memory(bytes), memory);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(decode_memory(bytes.substr(0, i)), std::nullopt);
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      ASSERT_EQ(decode_memory(flipped), std::nullopt) << i << "." << bit;
    }
  }
  EXPECT_EQ(decode_memory(bytes + "x"), std::nullopt);
}

TEST(FleetNodeStore, ADamagedFileIsAnError) {
  const TemporaryFolder folder;
  Disk disk;
  std::ofstream(folder.path() + "/memory") << "damaged";
  EXPECT_FALSE(NodeStore::open(folder.path(), disk)->load());
}

TEST(FleetNodeStore, ApprovalsAreForOneReleaseEach) {
  const TemporaryFolder folder;
  Disk disk;
  const auto store = NodeStore::open(folder.path(), disk);
  ASSERT_TRUE(approve(folder.path(), hash_of("one")));
  EXPECT_TRUE(store->is_approved(hash_of("one")));
  EXPECT_FALSE(store->is_approved(hash_of("two")));
}

}  // namespace
}  // namespace writ::fleet
