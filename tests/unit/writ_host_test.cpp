// What a host hands in: answers of its functions that are no values of their types, arguments that break the schema's bounds,
// memory that is not there. Through the C++ interface where that can say it, through the C interface where it cannot.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <writ/writ.hpp>

namespace {

using writ::TrapKind;
using Words = std::array<std::uint64_t, WRIT_MAX_WORDS>;

enum class Level : std::uint8_t { low, high };
struct Pair {
  std::int64_t first;
  std::string_view second;
};
struct Answer {
  std::string_view name;
  std::span<const std::string_view> words;
  std::optional<std::string_view> maybe;
  Level level;
  const Pair* pair;
  writ::Map<std::string_view, std::int64_t> counts;
};

// ---- answers, through the C interface ----------------------------------------------------------

constexpr const char* kAnswers = R"(schema s
enum Level { low, high }
record Pair { first: int, second: string }
record Answer { name: string, words: list<string>, maybe: string?, level: Level, pair: Pair?, counts: map<string, int> }
capability h {
  reads fn text() -> string          cost 1
  reads fn maybe() -> string?        cost 1
  reads fn level() -> Level          cost 1
  reads fn flag() -> bool            cost 1
  reads fn words() -> list<string>   cost 1
  reads fn answer() -> Answer        cost 1
  reads fn pair() -> Pair?           cost 1
  reads fn marks() -> set<int>       cost 1
}
slot text() -> int else -1
slot maybe() -> int else -1
slot level() -> int else -1
slot flag() -> int else -1
slot words() -> int else -1
slot answer() -> int else -1
slot pair() -> int else -1
slot marks() -> int else -1
tier t { grants h fuel 10_000 memory 4KiB stack 8KiB }
)";

constexpr const char* kReader = R"(policy p for s
slot text() = h.text().size()
slot maybe() = h.maybe() == absent ? 0 : 1
slot level() = h.level() == low ? 0 : 1
slot flag() = h.flag() ? 1 : 0
slot words() = h.words().size()
slot answer() = h.answer().words.size()
slot pair() = h.pair() == absent ? 0 : 1
slot marks() = h.marks().size()
)";

/// An engine whose host functions answer with whatever words a test likes.
class WritHostAnswer : public testing::Test {
 protected:
  WritHostAnswer() {
    add<std::string_view>("text");
    add<std::optional<std::string_view>>("maybe");
    add<Level>("level");
    add<bool>("flag");
    add<std::span<const std::string_view>>("words");
    add<Answer>("answer");
    add<const Pair*>("pair");
    add<writ::Set<std::int64_t>>("marks");
    writ_report* report = nullptr;
    writ_stage* const stage = writ_stage_make(engine);
    writ_stage_source(stage, text("p"), text(kReader));
    EXPECT_EQ(writ_stage_commit(stage, {}, &report), 1U);
    writ_stage_free(stage);
  }
  ~WritHostAnswer() override {
    for (writ_slot* const slot : slots) writ_slot_free(slot);
    writ_engine_free(engine);
  }

  static writ_text text(std::string_view view) { return {view.data(), view.size()}; }
  static std::uint64_t word(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

  static writ_engine* make() {
    writ_report* report = nullptr;
    return writ_engine_make(text("s.writ"), text(kAnswers), &report);
  }
  template <typename R>
  void add(std::string_view name) {
    const auto body = [](void* context, writ_host_call*, const std::uint64_t*, std::uint64_t* results) {
      std::ranges::copy(*static_cast<const Words*>(context), results);
      return 1;
    };
    EXPECT_EQ(writ_engine_provide(engine, text("h." + std::string(name)), writ::detail::SignatureOf<R()>::get(), body,
                                  &words, nullptr),
              nullptr);
  }
  /// How the slot of this name ends when the function of this name answers so.
  TrapKind ending(std::string_view name, Words answer) {
    words = answer;
    writ_report* report = nullptr;
    slots.push_back(writ_slot_make(engine, text(name), writ::detail::SignatureOf<std::int64_t()>::get(), 0, &report));
    writ_answer open;
    writ_open(slots.back(), nullptr, nullptr, nullptr, &open);
    const auto kind = static_cast<TrapKind>(open.trap);
    EXPECT_EQ(kind == TrapKind::none, static_cast<std::int64_t>(open.words[0]) >= 0);
    writ_close(&open);
    return kind;
  }

  Words words{};
  std::vector<writ_slot*> slots;
  writ_engine* engine = make();
};

constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();

TEST_F(WritHostAnswer, ASizeThatNoCallCouldHold) {
  EXPECT_EQ(ending("text", {word("abc"), 3}), TrapKind::none);
  EXPECT_EQ(ending("text", {word("abc"), kHuge}), TrapKind::host_error);
  EXPECT_EQ(ending("text", {word("abc"), std::uint64_t{1} << 40}), TrapKind::host_error);
  EXPECT_EQ(ending("maybe", {word("abc"), kHuge, 1}), TrapKind::host_error);
  const std::string_view one = "one";
  EXPECT_EQ(ending("words", {word(&one), 1}), TrapKind::none);
  EXPECT_EQ(ending("words", {word(&one), kHuge}), TrapKind::host_error);
  EXPECT_EQ(ending("words", {word(&one), (std::uint64_t{1} << 60) + 1}), TrapKind::host_error);  // × 16 is 16
}

TEST_F(WritHostAnswer, AnAddressThatIsNotThere) {
  EXPECT_EQ(ending("text", {0, 0}), TrapKind::none);
  EXPECT_EQ(ending("text", {0, 1}), TrapKind::host_error);
  EXPECT_EQ(ending("words", {0, 0}), TrapKind::none);
  EXPECT_EQ(ending("words", {0, 1}), TrapKind::host_error);
  EXPECT_EQ(ending("answer", {0}), TrapKind::host_error);
  EXPECT_EQ(ending("marks", {0}), TrapKind::host_error);
  EXPECT_EQ(ending("pair", {0}), TrapKind::none);
}

TEST_F(WritHostAnswer, AFlagOrAnEnumeratorThatDoesNotExist) {
  EXPECT_EQ(ending("flag", {1}), TrapKind::none);
  EXPECT_EQ(ending("flag", {2}), TrapKind::host_error);
  EXPECT_EQ(ending("level", {1}), TrapKind::none);
  EXPECT_EQ(ending("level", {2}), TrapKind::host_error);
  EXPECT_EQ(ending("maybe", {kHuge, kHuge, 0}), TrapKind::none);  // absent: the rest means nothing
  EXPECT_EQ(ending("maybe", {word("a"), 1, 2}), TrapKind::host_error);
}

TEST_F(WritHostAnswer, TextThatIsNotUtf8AnywhereInside) {
  const std::string_view bad = "\xC3";
  EXPECT_EQ(ending("text", {word(bad.data()), 1}), TrapKind::host_error);
  EXPECT_EQ(ending("maybe", {word(bad.data()), 1, 1}), TrapKind::host_error);
  EXPECT_EQ(ending("words", {word(&bad), 1}), TrapKind::host_error);
  const Pair pair{1, bad};
  EXPECT_EQ(ending("pair", {word(&pair)}), TrapKind::host_error);
}

TEST_F(WritHostAnswer, WhateverIsWrongInsideARecord) {
  const std::string_view good = "good";
  const std::string_view bad = "\xFF";
  const writ::Entry<std::string_view, std::int64_t> good_entry[] = {{"a", 1}};
  const writ::Entry<std::string_view, std::int64_t> bad_entry[] = {{bad, 1}};
  const Pair bad_pair{1, bad};
  const Answer sound{
      .name = good, .words = {&good, 1}, .maybe = good, .level = Level::low, .pair = nullptr, .counts = {good_entry}};
  EXPECT_EQ(ending("answer", {word(&sound)}), TrapKind::none);
  const auto with = [&](const std::function<void(Answer&)>& change) {
    Answer answer = sound;
    change(answer);
    return ending("answer", {word(&answer)});
  };
  EXPECT_EQ(with([&](Answer& answer) { answer.name = bad; }), TrapKind::host_error);
  EXPECT_EQ(with([&](Answer& answer) { answer.words = {&bad, 1}; }), TrapKind::host_error);
  EXPECT_EQ(with([&](Answer& answer) { answer.maybe = bad; }), TrapKind::host_error);
  EXPECT_EQ(with([&](Answer& answer) { answer.level = static_cast<Level>(7); }), TrapKind::host_error);
  EXPECT_EQ(with([&](Answer& answer) { answer.pair = &bad_pair; }), TrapKind::host_error);
  EXPECT_EQ(with([&](Answer& answer) { answer.counts = {bad_entry}; }), TrapKind::host_error);
}

// ---- answers, from lambdas ---------------------------------------------------------------------

TEST(WritHostFunction, WhatItOwnsIsCopiedIntoTheCall) {
  writ::Engine engine{writ::SchemaOf("s")
                          .reads<std::optional<std::string_view>(std::int64_t)>("h", "find", {"n"}, 1)
                          .reads<std::span<const std::string_view>(std::int64_t)>("h", "list", {"n"}, 1)
                          .reads<std::span<const bool>()>("h", "bits", {}, 1)
                          .slot<std::string_view(std::int64_t)>("ask", {"n"}, "else \"\"")
                          .tier("t", {.grants = {"h"}})
                          .schema()};
  engine.provide("h.find", [](std::int64_t n) -> std::optional<std::string> {
    if (n == 0) return std::nullopt;
    return std::string(40, 'x') + std::to_string(n);
  });
  engine.provide("h.list", [](std::int64_t n) { return std::vector<std::string>{"first", std::to_string(n)}; });
  engine.provide("h.bits", []() noexcept { return std::vector<bool>{true, false}; });
  const writ::Slot<std::string(std::int64_t)> ask{engine, "ask"};
  ASSERT_TRUE(engine.stage()
                  .source("p",
                          "policy p for s\nslot ask(n) = (h.find(n) ?? \"none\") + h.list(n)[0] + h.list(n)[1] + "
                          "string(h.bits()[1])")
                  .commit());
  EXPECT_EQ(ask(0), "nonefirst0false");
  EXPECT_EQ(ask(7), std::string(40, 'x') + "7first7false");
}

// ---- arguments ---------------------------------------------------------------------------------

struct Row {
  std::string_view name;
  Level level;
  std::int64_t size;
};

constexpr const char* kInputs = R"(schema s
enum Level { low, high }
record Row { name: string(..8), level: Level, size: int(0..100) }
slot row(r: Row) -> int else -1
slot rows(list: list<Row>(..2)) -> int else -1
slot text(t: string(..8)) -> int else -1
slot any(t: string) -> string else ""
slot part(r: Row?) -> int else -1
slot level(l: Level) -> int else -1
slot body(b: bytes, m: map<string, int>, s: set<int>?) -> int else -1
tier t { fuel 10_000 memory 4KiB stack 8KiB }
)";

class WritInput : public testing::Test {
 protected:
  WritInput() {
    auto release = engine.stage()
                       .source("p", R"(policy p for s
slot row(r) = r.name == "" ? r.size : r.level == low ? 0 : 1
slot rows(list) { var sum = 0 for r in list { sum += r.size } return sum }
slot text(t) = t.size()
slot any(t) = f"{t.trim()}|{t.lowerAscii()}|{t.size()}|{t.contains("x")}|{t.split(",").size()}"
slot part(r) = r?.size ?? 7
slot level(l) = l == low ? 0 : 1
slot body(b, m, s) = b.size() + m.size() + (m[?"k"] ?? 0) + (4 in (s ?? {}) ? 100 : 0)
)")
                       .commit();
    EXPECT_TRUE(release) << release.error().pretty();
  }
  template <typename Slot, typename... A>
  static TrapKind ending(const Slot& slot, const A&... arguments) {
    const auto answer = slot.try_call(arguments...);
    return answer ? TrapKind::none : answer.error().kind;
  }

  writ::Engine engine{writ::Schema::from_text(kInputs)};
  writ::Slot<std::int64_t(const Row&)> row{engine, "row"};
  writ::Slot<std::int64_t(std::span<const Row>)> rows{engine, "rows"};
  writ::Slot<std::int64_t(std::string_view)> text{engine, "text"};
  writ::Slot<std::string(std::string_view)> any{engine, "any"};
  writ::Slot<std::int64_t(const Row*)> part{engine, "part"};
  writ::Slot<std::int64_t(Level)> level{engine, "level"};
  writ::Slot<std::int64_t(writ::Bytes, const writ::Map<std::string_view, std::int64_t>&,
                          const writ::Set<std::int64_t>*)>
      body{engine, "body"};
};

TEST_F(WritInput, AValueOutsideItsBoundsTrapsWhereItIsRead) {
  EXPECT_EQ(row(Row{"", Level::low, 100}), 100);
  EXPECT_EQ(ending(row, Row{"", Level::low, 101}), TrapKind::out_of_bounds_input);
  EXPECT_EQ(ending(row, Row{"", Level::low, -1}), TrapKind::out_of_bounds_input);
  EXPECT_EQ(ending(row, Row{"123456789", Level::low, 1}), TrapKind::out_of_bounds_input);
  EXPECT_EQ(row(Row{"12345678", Level::low, 1'000}), 0);  // a size that is never read is never checked
  EXPECT_EQ(text("12345678"), 8);
  EXPECT_EQ(ending(text, "123456789"), TrapKind::out_of_bounds_input);
}

TEST_F(WritInput, AnEnumeratorThatDoesNotExistTraps) {
  EXPECT_EQ(ending(row, Row{"a", static_cast<Level>(2), 1}), TrapKind::out_of_bounds_input);
  EXPECT_EQ(ending(level, static_cast<Level>(2)), TrapKind::out_of_bounds_input);
  EXPECT_EQ(level(Level::high), 1);
}

TEST_F(WritInput, ASpanOfRecordsIsReadInPlace) {
  const Row list[] = {{"a", Level::low, 40}, {"b", Level::high, 2}, {"c", Level::high, 0}};
  EXPECT_EQ(rows(std::span(list, 2)), 42);
  EXPECT_EQ(rows({}), 0);
  EXPECT_EQ(ending(rows, std::span<const Row>(list)), TrapKind::out_of_bounds_input);
}

TEST_F(WritInput, ASizeThatIsNoneIsNotFollowed) {
  // A host that counts wrongly: the bound is held against the size before anything is read.
  EXPECT_EQ(ending(rows, std::span<const Row>(static_cast<const Row*>(nullptr), std::size_t{1} << 62)),
            TrapKind::out_of_bounds_input);
  EXPECT_EQ(ending(text, std::string_view("abc", std::size_t{1} << 62)), TrapKind::out_of_bounds_input);
}

TEST_F(WritInput, NothingMayLieAtNull) {
  EXPECT_EQ(row(Row{{}, Level::low, 3}), 3);
  EXPECT_EQ(text({}), 0);
  EXPECT_EQ(any({}), "||0|false|1");
  EXPECT_EQ(rows(std::span<const Row>()), 0);
  EXPECT_EQ(part(nullptr), 7);
  EXPECT_EQ(body(writ::Bytes(), {}, nullptr), 0);
  const std::int64_t marks[] = {4};
  const writ::Set<std::int64_t> set{marks};
  EXPECT_EQ(body(writ::Bytes(), {}, &set), 100);
}

TEST_F(WritInput, TextThatIsNotUtf8IsTakenAsItIs) {
  EXPECT_EQ(any(std::string_view("\xC3\xFF x\x80", 5)), "\xC3\xFF x\x80|\xC3\xFF x\x80|4|true|1");
  EXPECT_EQ(any(std::string_view("\0\xF0\x9F", 3)), std::string_view("\0\xF0\x9F|\0\xF0\x9F|2|false|1", 17));
}

}  // namespace
