// A program that asks a policy, and replaces it while it runs.
#include <iostream>
#include <writ/writ.hpp>

struct Upload {
  std::string_view name;
  std::int64_t size;
};

int main() {
  writ::SchemaOf schema("app");
  schema.slot<bool(const Upload&)>("accept", {"upload"}, "else false").tier("standard", {});
  writ::Engine engine{schema.schema()};
  const writ::Slot<bool(const Upload&)> accept{engine, "accept"};

  for (const std::string_view limit : {"1MiB", "10MiB", "10 apples"}) {
    const std::string text = "policy p for app\nslot accept(upload) = upload.size <= " + std::string(limit) + "\n";
    const auto release = engine.stage().source("p.writ", text).commit();
    if (!release) std::cout << release.error().pretty();
    const Upload upload{.name = "film.mp4", .size = 5'000'000};
    std::cout << limit << ": " << (accept(upload) ? "accepted" : "refused") << "\n";
  }
}
