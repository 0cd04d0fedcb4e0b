// Takes one release after another as a node does, on a real disk, so that strace can kill it at any system call.
//
//   writ_node_crash FOLDER LAST    remembers releases up to LAST, each on trial and then good, and says which on stdout
//   writ_node_crash FOLDER         says what is remembered: the highest sequence, and the good release's
//
// What it remembers as a good release is text, since no signature matters here: "release N".
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fleet/node_store.h"

namespace {

using namespace writ::fleet;

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 1;
}

int remember(NodeStore& store, NodeMemory memory, std::uint64_t last) {
  while (memory.sequence < last) {
    ++memory.sequence;
    for (const Fate fate : {Fate::kOnTrial, Fate::kGood}) {
      memory.fate = fate;
      if (fate == Fate::kGood) memory.good = "release " + std::to_string(memory.sequence);
      if (auto done = store.save(memory); !done) return fail(done.error());
      std::printf("%llu %s\n", static_cast<unsigned long long>(memory.sequence), memory.good.c_str());
      std::fflush(stdout);
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  Disk disk;
  auto store = NodeStore::open(argv[1], disk);
  if (!store) return fail(store.error());
  auto memory = store->load();
  if (!memory) return fail(memory.error());
  if (argc == 3) return remember(*store, *std::move(memory), std::strtoull(argv[2], nullptr, 10));
  std::printf("%llu %s\n", static_cast<unsigned long long>(memory->sequence), memory->good.c_str());
  return 0;
}
