// What the rows of built-ins say of the sizes of their results, against what the functions do: on empty, small and large
// arguments, result, memory and fuel are never more than the rule gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi.h"
#include "stdlib/builtin.h"
#include "stdlib/prepared.h"

namespace writ::stdlib {
namespace {

using runtime::Kind;

constexpr std::int64_t kFuel = 1'000'000'000;
constexpr std::size_t kArenaBytes = std::size_t{1} << 22;
constexpr int kCalls = 400;

bool is_text(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }

/// One call: words, what they point to, and their sizes.
struct Arguments {
  std::vector<std::uint64_t> words;
  std::vector<ArgumentSize> sizes;
  std::vector<std::unique_ptr<std::string>> texts;
  std::vector<std::unique_ptr<std::vector<runtime::StringStorage>>> text_lists;
  std::vector<std::unique_ptr<std::vector<std::uint64_t>>> number_lists;
  Prepared prepared;
};

class ArgumentMaker {
 public:
  explicit ArgumentMaker(std::uint64_t seed) : random_(seed) {}

  Arguments make(const Builtin& row) {
    Arguments out;
    for (std::size_t i = 0; i < row.parameter_count; ++i) add(row.parameters[i], out);
    return out;
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  std::string text() {
    constexpr std::string_view kPieces[] = {"a",  "ab", ",",    "\"", " ",   "é",   "€",
                                            "\n", "12", "QUJD", "=",  "\\0", "\x80"};
    constexpr std::size_t kSizes[] = {0, 1, 2, 3, 5, 16, 64, 65, 200};
    const std::size_t size = kSizes[below(std::size(kSizes))];
    const std::string_view piece = kPieces[below(std::size(kPieces))];
    std::string out;
    while (out.size() < size) out += below(4) == 0 ? kPieces[below(std::size(kPieces))] : piece;
    return out;
  }

  std::int64_t number() {
    constexpr std::int64_t kNumbers[] = {0, 1, -1, 2, 7, -60, 1'000, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    return below(3) == 0 ? static_cast<std::int64_t>(random_()) : kNumbers[below(std::size(kNumbers))];
  }

  runtime::StringStorage stored(Arguments& out) {
    out.texts.push_back(std::make_unique<std::string>(text()));
    return {static_cast<std::int64_t>(out.texts.back()->size()), out.texts.back()->data()};
  }

  PreparedValue made_ready(Reading reading) {
    if (reading == Reading::kWords) return WordFinder({"ab", "12"});
    constexpr const char* kPatterns[] = {"a", "", "[^,]+", "(a|b)*", "a*?", "(.)", "x"};
    return Regex::make(kPatterns[below(std::size(kPatterns))]).value();
  }

  void add_list(const auto& list, std::int64_t each, Arguments& out) {
    out.words.push_back(std::bit_cast<std::uint64_t>(list.data()));
    out.words.push_back(list.size());
    out.sizes.push_back({.most = std::ssize(list), .low = 0, .each = each});
  }

  void add_texts(Arguments& out) {
    auto list = std::make_unique<std::vector<runtime::StringStorage>>();
    std::int64_t each = 0;
    for (std::uint64_t left = below(6); left > 0; --left) {
      list->push_back(stored(out));
      each = std::max(each, list->back().size);
    }
    add_list(*list, each, out);
    out.text_lists.push_back(std::move(list));
  }

  void add_numbers(Kind kind, Arguments& out) {
    auto list = std::make_unique<std::vector<std::uint64_t>>();
    for (std::uint64_t left = below(40); left > 0; --left) list->push_back(number_word(kind));
    add_list(*list, kAnySize, out);
    out.number_lists.push_back(std::move(list));
  }

  std::uint64_t number_word(Kind kind) {
    if (kind == Kind::kDouble) return std::bit_cast<std::uint64_t>(static_cast<double>(number()) / 3);
    return static_cast<std::uint64_t>(number());
  }

  void add(const Type& type, Arguments& out) {
    if (is_prepared(type.reading)) {
      out.words.insert(out.words.end(), {out.prepared.size(), 0});
      out.sizes.push_back({});
      out.prepared.add(made_ready(type.reading));
      return;
    }
    if (is_text(type.kind)) {
      const runtime::StringStorage storage = stored(out);
      out.words.push_back(std::bit_cast<std::uint64_t>(storage.data));
      out.words.push_back(static_cast<std::uint64_t>(storage.size));
      out.sizes.push_back({.most = storage.size, .low = 0, .each = 0});
      return;
    }
    if (type.kind == Kind::kList) {
      is_text(type.element) ? add_texts(out) : add_numbers(type.element, out);
      return;
    }
    if (type.kind == Kind::kDouble) {
      out.words.push_back(number_word(type.kind));
      out.sizes.push_back({});
      return;
    }
    if (type.kind == Kind::kIp || type.kind == Kind::kCidr) {
      const bool is_v4 = below(2) == 0;
      out.words.push_back(is_v4 ? 0 : random_());
      out.words.push_back(is_v4 ? 0xFFFF'0000'0000 | below(1ULL << 32) : random_());
      if (type.kind == Kind::kCidr) out.words.push_back(is_v4 ? 96 + below(33) : below(129));
      out.sizes.push_back({});
      return;
    }
    if (type.kind == Kind::kBool) {
      out.words.push_back(below(2));
      out.sizes.push_back({});
      return;
    }
    const std::int64_t value = type.kind == Kind::kUint ? number() & INT64_MAX : number();
    out.words.push_back(static_cast<std::uint64_t>(value));
    out.sizes.push_back({.most = value, .low = value, .each = 0});
  }

  std::mt19937_64 random_;
};

/// The result's size, or the number that it is; nothing for an absent one.
std::optional<std::int64_t> size_of_result(const Type& type, const std::uint64_t* results) {
  if (type.kind == Kind::kOptional) {
    if (!is_text(type.element) || results[2] == 0) return std::nullopt;
    return static_cast<std::int64_t>(results[1]);
  }
  const bool has_size = is_text(type.kind) || type.kind == Kind::kList;
  return static_cast<std::int64_t>(results[has_size ? 1 : 0]);
}

/// What the function charges for itself at most.
std::int64_t most_beside(const Builtin& row, const Arguments& arguments) {
  if (row.fuel.more == nullptr) return 0;
  return (*row.fuel.more)(arguments.sizes[0].most, arguments.prepared.cost(0));
}

void hold_elements(const Builtin& row, const Arguments& arguments, const std::uint64_t* results) {
  // SAFETY: a list of texts or of numbers, as the row's type says; a call gave it.
  const auto* texts = std::bit_cast<const runtime::StringStorage*>(results[0]);
  const auto* numbers = std::bit_cast<const std::int64_t*>(results[0]);
  for (std::uint64_t i = 0; i < results[1]; ++i) {
    const std::int64_t element = is_text(row.result.element) ? texts[i].size : numbers[i];
    EXPECT_GE(element, 0) << row.symbol;
    EXPECT_LE(element, (*row.makes.each)(arguments.sizes)) << row.symbol;
  }
}

class ResultRules : public testing::TestWithParam<std::size_t> {};

TEST_P(ResultRules, AreNeverLessThanWhatACallMakes) {
  const Builtin& row = builtins()[GetParam()];
  ArgumentMaker maker(GetParam());
  std::vector<std::uint64_t> arena(kArenaBytes / 8);
  for (int i = 0; i < kCalls; ++i) {
    const Arguments arguments = maker.make(row);
    runtime::Frame frame{};
    frame.fuel = kFuel;
    frame.prepared = &arguments.prepared;
    frame.arena_next = reinterpret_cast<std::byte*>(arena.data());
    frame.arena_end = frame.arena_next + kArenaBytes;
    std::array<std::uint64_t, runtime::kMaxWords> results{};
    const runtime::Trap trap = row.thunk(frame, arguments.words.data(), results.data());
    const std::int64_t used = frame.arena_next - reinterpret_cast<std::byte*>(arena.data());
    const std::int64_t read = dynamic_fuel(row, frame, arguments.words.data()) + most_beside(row, arguments);
    if (row.makes.most == nullptr) {
      EXPECT_EQ(used, 0) << row.symbol;
      if (trap == runtime::Trap::kNone) {
        EXPECT_EQ(kFuel - frame.fuel, read) << row.symbol;
      }
      continue;
    }
    const std::int64_t most = (*row.makes.most)(arguments.sizes);
    const std::int64_t bytes = times(most, row.result.kind == Kind::kList ? 16 : 1);
    EXPECT_LE(used, row.makes.is_made ? (bytes + 7) / 8 * 8 : 0) << row.symbol;
    if (trap != runtime::Trap::kNone) continue;
    EXPECT_LE(kFuel - frame.fuel, read + (row.makes.pays ? most >> kOutputShift : 0)) << row.symbol;
    const auto size = size_of_result(row.result, results.data());
    if (!size) continue;
    EXPECT_LE(*size, most) << row.symbol;
    if (row.makes.low != nullptr) {
      EXPECT_GE(*size, (*row.makes.low)(arguments.sizes)) << row.symbol;
    }
    if (row.makes.each != nullptr) hold_elements(row, arguments, results.data());
  }
}

TEST_P(ResultRules, ThatAreAdditiveGrowNoFasterThanAnArgument) {
  const Builtin& row = builtins()[GetParam()];
  if (!row.makes.additive) return;
  ArgumentMaker maker(GetParam());
  for (int i = 0; i < kCalls; ++i) {
    const Arguments arguments = maker.make(row);
    for (std::size_t at = 0; at < arguments.sizes.size(); ++at) {
      std::vector<ArgumentSize> larger = arguments.sizes;
      if (larger[at].most > kAnySize - 100) continue;
      larger[at].most += 100;
      EXPECT_LE((*row.makes.most)(larger), (*row.makes.most)(arguments.sizes) + 100) << row.symbol;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, ResultRules, testing::Range(std::size_t{0}, builtins().size()),
                         [](const auto& info) { return std::string(builtins()[info.param].symbol); });

}  // namespace
}  // namespace writ::stdlib
