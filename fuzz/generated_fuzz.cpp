// Any bytes as decisions: the program that they give is taken by the checker and answers alike in all ways to run it, however it is
// written. The first bytes make its world, the next what it is asked, the rest the program itself.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "support/deep_stack.h"
#include "tests/generated/campaign.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace tests = writ::tests;
  constexpr std::size_t kWorldBytes = 48;
  constexpr std::size_t kCallBytes = 96;
  const std::uint8_t* const end = data + size;
  const auto take = [&](std::size_t count) {
    const std::uint8_t* const begin = data;
    data += std::min(count, static_cast<std::size_t>(end - data));
    return tests::Bytes(begin, data);
  };
  tests::CaseBytes bytes;
  bytes.world = take(kWorldBytes);
  bytes.calls = take(kCallBytes);
  bytes.unit = take(size);
  std::optional<tests::Finding> finding;
  writ::support::on_deep_stack([&] { finding = tests::judge(bytes); });
  if (!finding) return 0;
  std::fprintf(stderr, "%s\n%s\n", finding->what.c_str(), finding->text.c_str());
  std::abort();
}
