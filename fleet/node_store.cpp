#include "fleet/node_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fleet/byte_form.h"
#include "support/limits.h"

namespace writ::fleet {
namespace {

constexpr std::string_view kMagic = "writ-node-1\n";
constexpr const char* kMemoryFile = "memory";

// The good release, and what stands beside it.
constexpr std::int64_t kMemoryBytes = support::limits::kReleaseFileBytes + 4'096;

std::string approval_name(const Hash& hash) { return "approved-" + hex(hash); }

std::optional<Fate> fate_of(std::uint32_t number) {
  if (number > static_cast<std::uint32_t>(Fate::kRefused)) return std::nullopt;
  return static_cast<Fate>(number);
}

}  // namespace

std::string encode(const NodeMemory& memory) {
  ByteWriter writer;
  writer.raw(kMagic);
  writer.u64(memory.sequence);
  writer.raw(memory.hash);
  writer.u32(static_cast<std::uint32_t>(memory.fate));
  writer.u32(memory.earlier.size());
  for (const Hash& hash : memory.earlier) writer.raw(hash);
  writer.u64(static_cast<std::uint64_t>(memory.passed));
  writer.text(memory.good);
  std::string bytes = std::move(writer).take();
  // Against a disk that errs, not against people: whoever can write here can take the whole node over.
  const Hash sum = hash_of(bytes);
  for (const std::byte byte : sum) bytes += std::to_integer<char>(byte);
  return bytes;
}

std::optional<NodeMemory> decode_memory(std::string_view bytes) {
  Hash sum;
  if (bytes.size() < sum.size()) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - sum.size());
  ByteReader(bytes.substr(body.size())).raw(sum);
  if (sum != hash_of(body) || !body.starts_with(kMagic)) return std::nullopt;
  ByteReader reader(body.substr(kMagic.size()));
  NodeMemory memory;
  memory.sequence = reader.u64();
  reader.raw(memory.hash);
  const auto fate = fate_of(reader.u32());
  const std::uint32_t earlier_count = reader.u32();
  if (!fate || earlier_count > support::limits::kRememberedReleases) return std::nullopt;
  memory.fate = *fate;
  memory.earlier.resize(earlier_count);
  for (Hash& hash : memory.earlier) reader.raw(hash);
  memory.passed = static_cast<std::int64_t>(reader.u64());
  memory.good = reader.text();
  if (!reader.is_at_end()) return std::nullopt;
  return memory;
}

std::expected<NodeStore, std::string> NodeStore::open(const std::string& path, Disk& disk) {
  auto folder = Folder::make(path);
  if (!folder) return std::unexpected(std::move(folder.error()));
  auto lock = folder->lock("lock", /*waits=*/false);
  if (!lock) return std::unexpected(fmt::format("{} is the folder of another node that runs", path));
  return NodeStore(*std::move(folder), *std::move(lock), disk);
}

std::expected<NodeMemory, std::string> NodeStore::load() const {
  const auto bytes = folder_.read(kMemoryFile, kMemoryBytes);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return NodeMemory{};
  auto memory = decode_memory(**bytes);
  if (!memory) {
    return std::unexpected(
        std::string("the node's memory is damaged: remove it to begin anew, which forgets the highest sequence"));
  }
  return *std::move(memory);
}

std::expected<void, std::string> NodeStore::save(const NodeMemory& memory) {
  return folder_.replace(kMemoryFile, encode(memory), disk_);
}

bool NodeStore::is_approved(const Hash& hash) const { return folder_.has(approval_name(hash)); }

std::expected<void, std::string> approve(const std::string& node_folder, const Hash& hash) {
  const auto folder = Folder::make(node_folder);
  if (!folder) return std::unexpected(folder.error());
  Disk disk;
  return folder->replace(approval_name(hash), {}, disk);
}

}  // namespace writ::fleet
