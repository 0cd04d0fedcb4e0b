// Laws of the table of built-ins: what every row promises, on any bytes and with any budget.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/builtin.h"
#include "stdlib/prepared.h"

namespace writ::stdlib {
namespace {

using runtime::Kind;
using runtime::Trap;

constexpr std::int64_t kFuel = 1'000'000'000;

// What a prepared argument may be, by the number of its reading.
const Prepared& prepared() {
  static const Prepared all = [] {
    Prepared out;
    for (int reading = 0; reading <= static_cast<int>(Reading::kWords); ++reading) {
      switch (static_cast<Reading>(reading)) {
        case Reading::kPattern:
        case Reading::kExtraction:
          out.add(*Regex::make("a*|(.)b?"));
          break;
        case Reading::kWords:
          out.add(WordFinder({"a", "añ", "b"}));
          break;
        default:
          out.add({});
      }
    }
    return out;
  }();
  return all;
}

// A frame over an arena of the test's own.
class Budget {
 public:
  explicit Budget(std::size_t arena_bytes) : arena_(arena_bytes / 8 + 1) {
    frame.fuel = kFuel;
    frame.arena_next = reinterpret_cast<std::byte*>(arena_.data());
    frame.arena_end = frame.arena_next + arena_bytes;
    frame.prepared = &prepared();
  }
  runtime::Frame frame{};
  [[nodiscard]] std::int64_t used() const {
    return frame.arena_next - reinterpret_cast<const std::byte*>(arena_.data());
  }

 private:
  std::vector<std::uint64_t> arena_;
};

const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> texts = {"",
                                                 "a",
                                                 "añb",
                                                 "\x80",
                                                 "\xBF\xBF\xBF",
                                                 "\xC3",
                                                 "\xE2\x82",
                                                 "\xF0\x9F",
                                                 "\xFF\xFE",
                                                 std::string("\0", 1),
                                                 std::string("a\0b", 3),
                                                 "10.0.0.1/8",
                                                 "999999999999999999999999",
                                                 "1e999999999",
                                                 "-",
                                                 ".",
                                                 "1.",
                                                 "2h",
                                                 "99999999d",
                                                 "2026-11-23T08:20:10Z",
                                                 "0000-01-01T00:00:00Z",
                                                 "9999-12-31T23:59:59.999999999Z",
                                                 std::string(3000, '\x9F'),
                                                 std::string(3000, '1'),
                                                 ":::::::",
                                                 "\xE2\x80"};
  return texts;
}

const std::vector<std::uint64_t>& hostile_numbers() {
  static const std::vector<std::uint64_t> numbers = {0,
                                                     1,
                                                     2,
                                                     static_cast<std::uint64_t>(-1),
                                                     0x7FFF'FFFF'FFFF'FFFF,
                                                     0x8000'0000'0000'0000,
                                                     0x7FF0'0000'0000'0000 /* inf */,
                                                     0x7FF8'0000'0000'0000 /* NaN */,
                                                     0x43E0'0000'0000'0000 /* 2^63 */};
  return numbers;
}

// Lists of no, one and all hostile texts.
std::span<const std::string_view> hostile_list(std::size_t choice) {
  static const std::vector<std::string_view> texts(hostile_texts().begin(), hostile_texts().end());
  return std::span(texts).first(choice % 3 == 2 ? texts.size() : choice % 3);
}

// The `choice`-th hostile argument of this type, as words. A list is one of texts or of numbers.
void push_argument(std::vector<std::uint64_t>& words, const Type& type, std::size_t choice) {
  const std::uint64_t number = hostile_numbers()[choice % hostile_numbers().size()];
  switch (type.kind) {
    case Kind::kList: {
      const bool is_of_texts = type.element == Kind::kString || type.element == Kind::kBytes;
      const auto texts = hostile_list(choice);
      const auto numbers = std::span(hostile_numbers()).subspan(choice % hostile_numbers().size());
      words.push_back(is_of_texts ? reinterpret_cast<std::uint64_t>(texts.data())
                                  : reinterpret_cast<std::uint64_t>(numbers.data()));
      words.push_back(is_of_texts ? texts.size() : numbers.size());
      return;
    }
    case Kind::kString:
    case Kind::kBytes: {
      const std::string& text = hostile_texts()[choice % hostile_texts().size()];
      words.push_back(reinterpret_cast<std::uint64_t>(text.data()));
      words.push_back(text.size());
      return;
    }
    case Kind::kIp:
      words.insert(words.end(), {number, ~number});
      return;
    case Kind::kCidr:
      words.insert(words.end(), {number, ~number, choice % 129});
      return;
    case Kind::kBool:
      words.push_back(choice % 2);
      return;
    default:
      words.push_back(number);
  }
}

std::vector<std::uint64_t> arguments(const Builtin& row, std::size_t seed) {
  std::vector<std::uint64_t> words;
  for (std::size_t i = 0; i < row.parameter_count; ++i) {
    const Reading reading = row.parameters[i].reading;
    if (is_prepared(reading)) {
      words.insert(words.end(), {static_cast<std::uint64_t>(reading), 0});
    } else {
      push_argument(words, row.parameters[i], seed);
    }
    seed /= 26;
  }
  return words;
}

TEST(Builtins, SymbolsAreUniqueAndRowsAreComplete) {
  std::set<std::string_view> symbols;
  for (const Builtin& row : builtins()) {
    EXPECT_TRUE(symbols.insert(row.symbol).second) << row.symbol;
    EXPECT_TRUE(row.symbol.starts_with("writ_")) << row.symbol;
    EXPECT_FALSE(row.name.empty() || row.doc.empty() || row.example.empty()) << row.symbol;
    EXPECT_TRUE(row.doc.ends_with('.')) << row.symbol;
    EXPECT_NE(row.thunk, nullptr) << row.symbol;
    EXPECT_TRUE(!row.method || row.parameter_count > 0) << row.symbol;
    EXPECT_GT(row.fuel.weight, 0) << row.symbol;
  }
}

TEST(Builtins, NoTwoRowsTakeTheSameArguments) {
  std::set<std::string> shapes;
  for (const Builtin& row : builtins()) {
    std::string shape = std::string(row.name) + (row.method ? " method" : " function");
    for (std::size_t i = 0; i < row.parameter_count; ++i) {
      shape += " " + std::to_string(static_cast<int>(row.parameters[i].kind));
      if (is_prepared(row.parameters[i].reading)) shape += " constant";
      if (row.parameters[i].kind == Kind::kList) {
        shape += " of " + std::to_string(static_cast<int>(row.parameters[i].element));
      }
    }
    EXPECT_TRUE(shapes.insert(shape).second) << shape;
  }
}

TEST(Builtins, AnyArgumentsEndWellAndTheSameTwice) {
  for (const Builtin& row : builtins()) {
    for (std::size_t seed = 0; seed < 26 * 26 * 9; seed += row.parameter_count > 1 ? 1 : 200) {
      const auto args = arguments(row, row.parameter_count > 1 ? seed : seed / 200);
      Budget first(1 << 16);
      Budget second(1 << 16);
      std::array<std::uint64_t, runtime::kMaxWords> results{};
      const Trap trap = row.thunk(first.frame, args.data(), results.data());
      EXPECT_EQ(row.thunk(second.frame, args.data(), results.data()), trap) << row.symbol;
      // The row's rule, and for what is written no more than its memory tells.
      const std::int64_t written_fuel = kFuel - dynamic_fuel(row, first.frame, args.data()) - first.frame.fuel;
      EXPECT_GE(written_fuel, 0) << row.symbol;
      // Searching again behind each match is paid for by what is left of the text.
      const bool searches_again = row.name == "regex.extractAll" || row.name == "regex.replace";
      const std::int64_t most = trap == Trap::kNone && !searches_again ? (first.used() + 63) / 64 : kFuel;
      EXPECT_LE(written_fuel, most) << row.symbol;
      EXPECT_EQ(first.frame.fuel, second.frame.fuel) << row.symbol;
    }
  }
}

TEST(Builtins, AnEmptyBudgetTrapsBeforeAnyWork) {
  for (const Builtin& row : builtins()) {
    for (std::size_t seed = 0; seed < 26; ++seed) {
      const auto args = arguments(row, seed * 27);
      Budget no_memory(0);
      std::array<std::uint64_t, runtime::kMaxWords> results{};
      const Trap trap = row.thunk(no_memory.frame, args.data(), results.data());
      EXPECT_NE(trap, Trap::kOutOfFuel) << row.symbol;
      Budget no_fuel(1 << 16);
      no_fuel.frame.fuel = dynamic_fuel(row, no_fuel.frame, args.data()) - 1;
      EXPECT_EQ(row.thunk(no_fuel.frame, args.data(), results.data()), Trap::kOutOfFuel) << row.symbol;
      EXPECT_EQ(no_fuel.frame.fuel, 0) << row.symbol;
    }
  }
}

}  // namespace
}  // namespace writ::stdlib
