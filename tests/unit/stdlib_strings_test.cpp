// The string built-ins, called through their thunks: what CEL's strings extension says, and what hostile bytes give.
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/abi.h"
#include "stdlib/builtin.h"

namespace writ::stdlib {
namespace {

using runtime::Kind;
using Argument = std::variant<std::string_view, std::int64_t>;

const Builtin& find(std::string_view symbol) {
  for (const Builtin& row : builtins()) {
    if (row.symbol == symbol) return row;
  }
  ADD_FAILURE() << "no built-in " << symbol;
  return builtins().front();
}

std::string_view text_at(const std::uint64_t* words) { return {reinterpret_cast<const char*>(words[0]), words[1]}; }

std::string shown(const Type& type, const std::uint64_t* words) {
  switch (type.kind) {
    case Kind::kBool:
      return words[0] != 0 ? "true" : "false";
    case Kind::kInt:
      return std::to_string(static_cast<std::int64_t>(words[0]));
    case Kind::kString:
      return std::string(text_at(words));
    case Kind::kList: {
      std::string out;
      const auto* items = reinterpret_cast<const std::string_view*>(words[0]);
      for (std::size_t i = 0; i < words[1]; ++i) out += "[" + std::string(items[i]) + "]";
      return out;
    }
    default:
      return "?";
  }
}

// The result as text, or the trap's name.
std::string call(std::string_view symbol, std::initializer_list<Argument> arguments, std::size_t arena_bytes = 4096) {
  std::vector<std::uint64_t> words;
  for (const Argument& argument : arguments) {
    if (const auto* text = std::get_if<std::string_view>(&argument)) {
      words.push_back(reinterpret_cast<std::uint64_t>(text->data()));
      words.push_back(text->size());
    } else {
      words.push_back(static_cast<std::uint64_t>(std::get<std::int64_t>(argument)));
    }
  }
  std::vector<std::uint64_t> arena(arena_bytes / 8 + 1);
  runtime::Frame frame{};
  frame.fuel = 1'000'000;
  frame.arena_next = reinterpret_cast<std::byte*>(arena.data());
  frame.arena_end = frame.arena_next + arena_bytes;
  std::uint64_t results[runtime::kMaxWords]{};
  const Builtin& row = find(symbol);
  const runtime::Trap trap = row.thunk(frame, words.data(), results);
  return trap == runtime::Trap::kNone ? shown(row.result, results) : std::string(trap_spelling(trap));
}

TEST(Strings, PositionsCountCodePoints) {
  EXPECT_EQ(call("writ_string_size", {"ta©o©αT"}), "7");
  EXPECT_EQ(call("writ_string_indexOf", {"ta©o©αT", "©"}), "2");
  EXPECT_EQ(call("writ_string_indexOf_from", {"ta©o©αT", "©", 3}), "4");
  EXPECT_EQ(call("writ_string_lastIndexOf", {"ta©o©αT", "©"}), "4");
  EXPECT_EQ(call("writ_string_lastIndexOf_from", {"ta©o©αT", "©", 3}), "2");
  EXPECT_EQ(call("writ_string_lastIndexOf_from", {"ta©o©αT", "©", 4}), "4");
  EXPECT_EQ(call("writ_string_substring_to", {"ta©o©αT", 2, 6}), "©o©α");
  EXPECT_EQ(call("writ_string_charAt", {"ta©o©αT", 5}), "α");
}

TEST(Strings, EmptyPartsAreEverywhere) {
  EXPECT_EQ(call("writ_string_contains", {"", ""}), "true");
  EXPECT_EQ(call("writ_string_indexOf", {"tacocat", ""}), "0");
  EXPECT_EQ(call("writ_string_indexOf_from", {"tacocat", "", 3}), "3");
  EXPECT_EQ(call("writ_string_lastIndexOf", {"tacocat", ""}), "7");
  EXPECT_EQ(call("writ_string_indexOf", {"tacocat", "none"}), "-1");
  EXPECT_EQ(call("writ_string_lastIndexOf", {"a", "aa"}), "-1");
}

TEST(Strings, PositionsOutsideTrap) {
  for (const std::int64_t outside : {std::int64_t{-1}, std::int64_t{8}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(call("writ_string_indexOf_from", {"tacocat", "a", outside}), "invalid_argument");
    EXPECT_EQ(call("writ_string_lastIndexOf_from", {"tacocat", "a", outside}), "invalid_argument");
    EXPECT_EQ(call("writ_string_substring", {"tacocat", outside}), "invalid_argument");
    EXPECT_EQ(call("writ_string_substring_to", {"tacocat", 0, outside}), "invalid_argument");
    EXPECT_EQ(call("writ_string_charAt", {"tacocat", outside}), "invalid_argument");
  }
  EXPECT_EQ(call("writ_string_substring_to", {"tacocat", 4, 3}), "invalid_argument");
  EXPECT_EQ(call("writ_string_substring", {"tacocat", 7}), "");
  EXPECT_EQ(call("writ_string_charAt", {"tacocat", 7}), "");
  EXPECT_EQ(call("writ_string_indexOf_from", {"tacocat", "a", 7}), "-1");
}

TEST(Strings, SplitsAsCelDoes) {
  EXPECT_EQ(call("writ_string_split", {"hello hello hello", " "}), "[hello][hello][hello]");
  EXPECT_EQ(call("writ_string_split", {"a,,b,", ","}), "[a][][b][]");
  EXPECT_EQ(call("writ_string_split", {"aaa", "aa"}), "[][a]");
  EXPECT_EQ(call("writ_string_split", {"", ","}), "[]");
  EXPECT_EQ(call("writ_string_split", {"", ""}), "");
  EXPECT_EQ(call("writ_string_split", {"añb", ""}), "[a][ñ][b]");
  EXPECT_EQ(call("writ_string_split_to", {"a,b,c", ",", 0}), "");
  EXPECT_EQ(call("writ_string_split_to", {"a,b,c", ",", 1}), "[a,b,c]");
  EXPECT_EQ(call("writ_string_split_to", {"a,b,c", ",", 2}), "[a][b,c]");
  EXPECT_EQ(call("writ_string_split_to", {"a,b,c", ",", -1}), "[a][b][c]");
  EXPECT_EQ(call("writ_string_split_to", {"abc", "", 2}), "[a][bc]");
}

TEST(Strings, MemoryIsChargedBeforeItIsWritten) {
  EXPECT_EQ(call("writ_string_split", {"a,b,c", ","}, 48), "[a][b][c]");
  EXPECT_EQ(call("writ_string_split", {"a,b,c", ","}, 40), "out_of_memory");
  EXPECT_EQ(call("writ_string_concat", {"abcd", "efgh"}, 8), "abcdefgh");
  EXPECT_EQ(call("writ_string_concat", {"abcd", "efghi"}, 8), "out_of_memory");
  EXPECT_EQ(call("writ_string_concat", {"", ""}, 0), "");
  EXPECT_EQ(call("writ_string_substring", {"abc", 1}, 0), "bc");
}

TEST(Strings, TrimsWhatUnicodeCallsWhiteSpace) {
  EXPECT_EQ(call("writ_string_trim", {" \f\n\r\t\v\u0085\u00a0\u1680text\u2000\u200a\u2028\u2029\u202f\u205f\u3000 "}),
            "text");
  EXPECT_EQ(call("writ_string_trim", {"\u180etext\u200b\ufeff"}), "\u180etext\u200b\ufeff");
  EXPECT_EQ(call("writ_string_trim", {" \u3000 "}), "");
}

TEST(Strings, MapsOnlyAscii) {
  EXPECT_EQ(call("writ_string_lowerAscii", {"TacoCÆt Xii@["}), "tacocÆt xii@[");
  EXPECT_EQ(call("writ_string_upperAscii", {"tacocÆt xii`{"}), "TACOCÆT XII`{");
}

TEST(Strings, BytesThatAreNotUtf8KeepTheirPlaces) {
  EXPECT_EQ(call("writ_string_size", {"\x80\x80"}), "0");
  EXPECT_EQ(call("writ_string_substring", {"\x80\x80", 0}), "\x80\x80");
  EXPECT_EQ(call("writ_string_substring_to", {"a\x80"
                                              "b",
                                              1, 2}),
            "b");
  EXPECT_EQ(call("writ_string_split", {"\xFF\xFF", ""}), "[\xFF][\xFF]");
  EXPECT_EQ(call("writ_string_trim", {"\x85 \xA0"}), "\x85 \xA0");
  EXPECT_EQ(call("writ_string_lowerAscii", {"\xC3"
                                            "A"}),
            "\xC3"
            "a");
}

}  // namespace
}  // namespace writ::stdlib
