// A node's and a publisher's writing on a real disk, so that strace can kill it at any system call.
//
//   writ_fleet_crash remember FOLDER LAST   takes releases up to LAST as a node does, each on trial and then good
//   writ_fleet_crash publish FOLDER LAST    publishes releases up to LAST, signed by a key that it keeps in the folder
//
// Both begin where the folder stands, and write to stdout what they have reached once it is on disk: "SEQUENCE GOOD", where of a
// publisher both are the latest sequence. With LAST 0 they only tell where it stands.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/directory.h"
#include "fleet/node_store.h"
#include "fleet/release_file.h"

namespace {

using namespace writ::fleet;

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 1;
}

void tell(std::uint64_t sequence, const std::string& good) {
  std::printf("%llu %s\n", static_cast<unsigned long long>(sequence), good.c_str());
  std::fflush(stdout);
}

/// The good release is only its number here: what is in it does not matter to a disk.
int remember(const std::string& folder, std::uint64_t last) {
  Disk disk;
  auto store = NodeStore::open(folder, disk);
  if (!store) return fail(store.error());
  auto memory = store->load();
  if (!memory) return fail(memory.error());
  if (last == 0) tell(memory->sequence, memory->good);
  while (memory->sequence < last) {
    ++memory->sequence;
    for (const Fate fate : {Fate::kOnTrial, Fate::kGood}) {
      memory->fate = fate;
      if (fate == Fate::kGood) memory->good = std::to_string(memory->sequence);
      if (auto done = store->save(*memory); !done) return fail(done.error());
      tell(memory->sequence, memory->good);
    }
  }
  return 0;
}

std::expected<SecretKey, std::string> key_of(const std::string& folder) {
  const std::string path = folder + "/key";
  if (auto key = SecretKey::read_file(path)) return *std::move(key);
  SecretKey made = SecretKey::generate();
  if (auto done = made.write_file(path); !done) return std::unexpected(done.error().message);
  return made;
}

std::expected<SignedRelease, std::string> release_after(const SignedRelease* before, const SecretKey& key) {
  Statement statement{.channel = "edge",
                      .tenant = "acme",
                      .sequence = 1,
                      .previous = {},
                      .expires = 2'000'000'000,
                      .schema = {},
                      .content = {},
                      .minimum_engine = "0.1.0",
                      .note = "one of many"};
  if (before != nullptr) {
    statement.sequence = before->statement().sequence + 1;
    statement.previous = before->hash();
  }
  Content content{.tier = "", .sources = {{"p.writ", "policy p for s\n"}}, .documents = {}, .tests = {}, .golden = {}};
  ReleaseFile file = make_request(std::move(statement), std::move(content));
  if (auto done = sign(file, key); !done) return std::unexpected(done.error().message);
  auto release = SignedRelease::verify(write(file), {.keys = {key.public_key()}, .threshold = 1});
  if (!release) return std::unexpected(release.error().message);
  return *std::move(release);
}

int publish(const std::string& folder, std::uint64_t last) {
  const Feed feed{.tenant = "acme", .channel = "edge"};
  auto publisher_folder = Folder::make(folder);
  if (!publisher_folder) return fail(publisher_folder.error());
  const auto key = key_of(folder);
  if (!key) return fail(key.error());
  const TrustedKeys trusted{.keys = {key->public_key()}, .threshold = 1};
  auto publisher = DirectoryPublisher::make(folder, feed, trusted);
  auto source = DirectorySource::make(folder, feed);
  if (!publisher || !source) return fail("the folder cannot be used");
  while (true) {
    // What nodes see, which may be one behind the history.
    const Heard heard = (*source)->read_again();
    std::optional<SignedRelease> latest;
    if (!heard.candidates.empty()) {
      auto release = SignedRelease::verify(heard.candidates.front(), trusted);
      if (!release) return fail(release.error().message);
      latest = *std::move(release);
    }
    const std::uint64_t sequence = latest ? latest->statement().sequence : 0;
    tell(sequence, std::to_string(sequence));
    if (sequence >= last) return 0;
    const auto next = release_after(latest ? &*latest : nullptr, *key);
    if (!next) return fail(next.error());
    if (auto done = (*publisher)->publish(*next); !done) return fail(done.error().message);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string_view what = argv[1];
  const std::uint64_t last = std::strtoull(argv[3], nullptr, 10);
  return what == "publish" ? publish(argv[2], last) : remember(argv[2], last);
}
