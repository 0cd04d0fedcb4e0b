// Linking: what a session keeps apart, refuses and gives back.

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "jit/constant_index.h"
#include "jit/runtime_calls.h"
#include "tests/unit/jit_engines.h"

namespace writ::jit {
namespace {

using namespace ir::build;  // NOLINT(google-build-using-namespace)

/// slot answer() -> int = value
struct Answer {
  explicit Answer(std::int64_t value) {
    const auto policy = sketch.function("u.answer", {}, {}, sketch.integer, body(ir::Return{sketch.number(value)}));
    sketch.program.functions[policy].role = ir::Role::kSlot;
    ir::meter(sketch.program);
  }
  Sketch sketch;
};

std::int64_t ask(Entry entry) {
  Budget budget;
  return static_cast<std::int64_t>(call(entry, budget.frame, nullptr, 0).word);
}

TEST(JitSession, StubLeadsToWhatWasPublishedLast) {
  Answer first(1);
  Answer second(2);
  const auto linked_one = must_link(first.sketch.program, {});
  const auto linked_two = must_link(second.sketch.program, {});
  const SlotCode one{linked_one->function(0), nullptr};
  const SlotCode two{linked_two->function(0), nullptr};
  static constexpr SlotCode kNone{nullptr, nullptr};
  const auto program = shared_session().make_program(&kNone).value();
  EXPECT_EQ(program->current(), &kNone);
  for (int i = 0; i < 3; ++i) {
    program->publish(&one);
    EXPECT_EQ(ask(program->current()[0].call), 1);
    program->publish(&two);
    EXPECT_EQ(ask(program->current()[0].call), 2);
  }
}

/// Lines of the process's map with these permissions.
std::size_t mappings(std::string_view permissions) {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    count += line.find(permissions) != std::string::npos ? 1 : 0;
  }
  return count;
}

TEST(JitSession, NoMemoryIsWritableAndExecutable) {
  Answer answer(1);
  const auto linked = must_link(answer.sketch.program, {});
  EXPECT_EQ(mappings(" rwx"), 0U);
  EXPECT_EQ(mappings(" -wx"), 0U);
}

TEST(JitSession, CodeGivesItsMemoryBack) {
  Answer answer(7);
  const auto object =
      compile(answer.sketch.program, ir::default_config(answer.sketch.program), whole(answer.sketch.program), {});
  ASSERT_TRUE(object.has_value());
  const ir::Slice slice = whole(answer.sketch.program);
  const auto link_once = [&] {
    const auto code = shared_session().link(*object, answer.sketch.program, slice).value();
    EXPECT_EQ(ask(code->entry(0)), 7);
  };
  link_once();
  const std::size_t before = mappings(" r-xp");
  for (int i = 0; i < 500; ++i) link_once();
  EXPECT_LE(mappings(" r-xp"), before + 1);
}

TEST(JitSession, DamagedObjectsAreErrors) {
  Answer answer(7);
  const auto good =
      compile(answer.sketch.program, ir::default_config(answer.sketch.program), whole(answer.sketch.program), {});
  ASSERT_TRUE(good.has_value());
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, good->bytes.size() / 2}) {
    Object cut = *good;
    cut.bytes.resize(size);
    EXPECT_FALSE(shared_session().link(cut, answer.sketch.program, whole(answer.sketch.program)).has_value()) << size;
  }
}

TEST(JitSession, ObjectsThatCallTheSystemAreRefused) {
  Sketch s;
  const auto f = s.function(
      "u.f", {{"a", s.string}, {"b", s.string}}, {}, s.boolean,
      body(ir::Return{s.operate(ir::Op::kStringEqual, s.boolean, s.local(0, s.string), s.local(1, s.string))}));
  s.program.functions[f].role = ir::Role::kSlot;
  ir::meter(s.program);
  auto object = compile(s.program, ir::default_config(s.program), whole(s.program), {.opt_level = 0});
  ASSERT_TRUE(object.has_value());
  std::string bytes(object->bytes.begin(), object->bytes.end());
  const std::size_t at = bytes.find("memcmp");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 6, "system");
  object->bytes.assign(bytes.begin(), bytes.end());
  const auto refused = shared_session().link(*object, s.program, whole(s.program));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), "the object calls system");
}

TEST(JitSession, DisassemblyNamesFunctionsAndCallees) {
  Answer answer(7);
  const std::string text = must_link(answer.sketch.program, {})->code->disassembly();
  EXPECT_NE(text.find("u.answer.0: ("), std::string::npos) << text;
  EXPECT_NE(text.find(" ret"), std::string::npos) << text;
}

TEST(JitConstantIndex, FindsEveryKeyAndNothingElse) {
  for (const std::size_t count : {1, 9, 1000, 10'000}) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) keys.push_back("name" + std::to_string(i * 7));
    const auto tables = make_index(keys);
    ASSERT_TRUE(tables.has_value());
    std::string blob;
    std::vector<ConstantIndex::Slot> slots;
    for (const std::uint32_t key : tables->slots) {
      slots.push_back({key, static_cast<std::uint32_t>(blob.size()), 0});
      if (key == kFreeSlot) continue;
      slots.back().size = static_cast<std::uint32_t>(keys[key].size());
      blob += keys[key];
    }
    const ConstantIndex index{.displacements = tables->displacements.data(),
                              .slots = slots.data(),
                              .keys = blob.data(),
                              .seed = tables->seed,
                              .bucket_mask = static_cast<std::uint32_t>(tables->displacements.size() - 1),
                              .slot_mask = static_cast<std::uint32_t>(slots.size() - 1)};
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(find_constant(&index, keys[i].data(), keys[i].size()), static_cast<std::int64_t>(i));
      const std::string other = keys[i] + "x";
      ASSERT_EQ(find_constant(&index, other.data(), other.size()), -1);
    }
    EXPECT_EQ(find_constant(&index, "", 0), -1);
  }
}

}  // namespace
}  // namespace writ::jit
