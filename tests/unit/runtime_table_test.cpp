// Laws of sets and maps in memory: every way to look a key up agrees with an ordered map of the host.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "ir/cost.h"
#include "ir/image.h"
#include "ir/type.h"
#include "ir/value.h"
#include "runtime/table.h"

namespace writ::runtime {
namespace {

constexpr std::uint64_t kSeed = 0x5eed;

struct KeyLess {
  bool operator()(const ir::Value& a, const ir::Value& b) const { return ir::key_order(a, b) < 0; }
};
using Oracle = std::map<ir::Value, std::int64_t, KeyLess>;

/// Keys from a small space, so that look-ups of absent keys and of neighbours are common.
ir::Value random_key(Kind kind, std::mt19937_64& random) {
  const std::uint64_t number = random() % 300;
  const auto spread = static_cast<std::int64_t>(number) - 150;
  switch (kind) {
    case Kind::kBool:
      return {number % 2 == 0};
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return {spread};
    case Kind::kUint:
      return {ir::UintValue{number << 56}};
    case Kind::kEnum:
      return {ir::EnumValue{static_cast<std::uint32_t>(number % 200)}};
    case Kind::kString:
      return {std::string(number % 20, static_cast<char>('a' + number % 3))};
    case Kind::kBytes:
      return {std::string(number % 20, static_cast<char>(number))};
    case Kind::kIp:
      return {Ip{number % 3, number << 60}};
    case Kind::kCidr:
      return {Cidr{{number << 60, 0}, static_cast<std::int64_t>(number % 128)}};
    default:
      ADD_FAILURE() << "no such key";
      return {};
  }
}

class TableOf : public testing::TestWithParam<Kind> {
 protected:
  ir::TypeId key_type() {
    if (GetParam() != Kind::kEnum) return types_.plain(GetParam());
    return types_.enumeration(types_.add_enum({.name = "E", .enumerators = {"a"}}));
  }
  void expect_agreement(const Oracle& oracle, const ir::Value& map, ir::TypeId type, bool sorted);

  ir::Types types_;
  std::mt19937_64 random_{1};
};

void TableOf::expect_agreement(const Oracle& oracle, const ir::Value& map, ir::TypeId type, bool sorted) {
  ir::Image image;
  const ir::Words words = ir::write_value(image, map, type, types_, sorted, kSeed);
  const Table& table = *reinterpret_cast<const Table*>(words[0]);
  const auto entry = types_.entry_layout(type);
  const ir::TypeId key = types_[type].first;
  const TableLayout layout{GetParam(), entry.value_offset, entry.stride};
  for (int i = 0; i < 400; ++i) {
    const ir::Value wanted = random_key(GetParam(), random_);
    const ir::Words key_words = ir::write_value(image, wanted, key, types_, true, 0);
    const std::byte* const found = table_find(table, layout, key_words.data(), kSeed);
    const auto expected = oracle.find(wanted);
    ASSERT_EQ(found != nullptr, expected != oracle.end());
    if (found == nullptr) continue;
    const ir::Words value = ir::load(found + layout.value_offset, types_[type].second, types_);
    EXPECT_EQ(static_cast<std::int64_t>(value[0]), expected->second);
  }
}

TEST_P(TableOf, FindsWhatAnOrderedMapFinds) {
  const ir::TypeId type = types_.map(key_type(), types_.plain(Kind::kInt));
  for (const std::size_t size : {0, 1, 7, 8, 9, 40, 200}) {
    Oracle oracle;
    ir::Entries shuffled;
    for (std::size_t i = 0; i < size; ++i) {
      const auto value = static_cast<std::int64_t>(i);
      const auto [at, is_new] = oracle.emplace(random_key(GetParam(), random_), value);
      if (is_new) shuffled.items.push_back({at->first, {value}});
    }
    ir::Entries ascending;
    for (const auto& [key, value] : oracle) ascending.items.push_back({key, {value}});
    expect_agreement(oracle, {shuffled}, type, false);
    expect_agreement(oracle, {ascending}, type, true);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryKind, TableOf,
                         testing::Values(Kind::kBool, Kind::kInt, Kind::kUint, Kind::kTimestamp, Kind::kDuration,
                                         Kind::kEnum, Kind::kString, Kind::kBytes, Kind::kIp, Kind::kCidr));

/// A set of ints as a policy makes it, at its real size.
struct BuiltSet {
  BuiltSet(const std::vector<std::int64_t>& keys, bool unique)
      : memory(static_cast<std::size_t>(ir::cost::table_bytes(static_cast<std::int64_t>(keys.size()), 8) / 8)) {
    std::ranges::copy(keys, memory.begin() + sizeof(Table) / 8);
    built = table_build(reinterpret_cast<std::byte*>(memory.data()), static_cast<std::int64_t>(keys.size()),
                        {Kind::kInt, 8, 8}, kSeed, unique);
  }
  std::vector<std::int64_t> entries() const {
    const auto& table = *reinterpret_cast<const Table*>(memory.data());
    const auto* const first = reinterpret_cast<const std::int64_t*>(table.entries);
    return {first, first + table.size};
  }
  std::vector<std::int64_t> memory;
  bool built;
};

TEST(TableBuild, DropsLaterDoublesAndKeepsTheOrder) {
  EXPECT_EQ(BuiltSet({3, 1, 3, 2, 1}, false).entries(), (std::vector<std::int64_t>{3, 1, 2}));
  std::vector<std::int64_t> many;
  for (std::int64_t i = 0; i < 100; ++i) many.push_back(i % 37);
  const std::vector<std::int64_t> distinct(many.begin(), many.begin() + 37);
  EXPECT_EQ(BuiltSet(many, false).entries(), distinct);
}

TEST(TableBuild, RefusesDoublesWhereKeysAreUnique) {
  EXPECT_TRUE(BuiltSet({1, 2, 3}, true).built);
  EXPECT_FALSE(BuiltSet({1, 2, 1}, true).built);
  EXPECT_FALSE(BuiltSet({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4}, true).built);
}

TEST(HashKey, DependsOnTheSeedAndOnEveryWord) {
  const std::uint64_t key[] = {1, 2, 3};
  const std::uint64_t other[] = {1, 2, 4};
  EXPECT_NE(hash_key(Kind::kCidr, key, 1), hash_key(Kind::kCidr, key, 2));
  EXPECT_NE(hash_key(Kind::kCidr, key, 1), hash_key(Kind::kCidr, other, 1));
  EXPECT_EQ(hash_key(Kind::kIp, key, 1), hash_key(Kind::kIp, other, 1));
}

}  // namespace
}  // namespace writ::runtime
