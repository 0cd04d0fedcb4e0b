// The memory of calls: what one tier or engine leaves in a thread's arena, nobody else finds there.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <writ/writ.hpp>

#include "support/poison.h"

namespace {

constexpr const char* kSchema = R"(schema s
capability h {
  reads fn look() -> int      cost 1
  emits fn tell(text: string) cost 1
}
slot fill(n: int) -> int else -1
slot look() -> int else -1
tier t     { grants h fuel 100_000 memory 8KiB stack 8KiB }
tier other { grants h fuel 100_000 memory 8KiB stack 8KiB }
)";

constexpr const char* kPolicy = R"(policy p for s
fn secret(n: int) -> string { var t = "secret!" for i in 0..n { t = t + t } return t }
slot fill(n) { h.tell(secret(n)) return n }
slot look() = h.look()
)";

struct Host {
  Host() {
    engine.provide("h.look", [this](writ::CallContext& context) {
      if (first) first();
      const auto* const memory = static_cast<const char*>(context.allocate(2'048));
      return static_cast<std::int64_t>(std::count_if(memory, memory + 2'048, [](char c) { return c != 0; }));
    });
    engine.provide("h.tell", [this](std::string_view text) { told = text; });
    load("t");
  }
  void load(std::string_view tier) {
    auto release = engine.stage().source("p", kPolicy).commit({.tier = tier});
    EXPECT_TRUE(release) << release.error().pretty();
  }

  writ::Engine engine{writ::Schema::from_text(kSchema)};
  writ::Slot<std::int64_t(std::int64_t)> fill{engine, "fill"};
  writ::Slot<std::int64_t()> look{engine, "look"};
  std::function<void()> first;
  std::string_view told;  // kept against the rules
};

TEST(WritArena, ATierFindsNothingOfAnother) {
  Host host;
  EXPECT_EQ(host.fill(8), 8);
  EXPECT_GT(host.look(), 1'000);  // one's own
  host.fill(8);
  host.load("other");
  EXPECT_EQ(host.look(), 0);
}

TEST(WritArena, AnEngineFindsNothingOfAnother) {
  Host one;
  Host two;
  EXPECT_EQ(one.fill(8), 8);
  EXPECT_EQ(two.look(), 0);
}

TEST(WritArena, ACallInsideACallOfAnotherFindsNothingBehindIt) {
  Host one;
  Host two;
  EXPECT_EQ(one.fill(8), 8);
  std::int64_t inner = -1;
  one.first = [&] { inner = two.look(); };
  EXPECT_EQ(one.look(), 0);  // the inner call cleared what was there
  EXPECT_EQ(inner, 0);
  two.fill(8);
  one.first = nullptr;
  EXPECT_EQ(one.look(), 0);
}

#if defined(WRIT_HAS_POISON)
TEST(WritArenaDeathTest, WhoKeepsWhatACallHandedItIsTold) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // an engine has a thread
  Host host;
  EXPECT_EQ(host.fill(4), 4);
  EXPECT_DEATH(std::ignore = std::string(host.told), "use-after-poison");
}
#endif

}  // namespace
