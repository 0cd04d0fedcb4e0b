// Laws of whole values: memory and back, the order of keys, and how each type prints.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "ir/image.h"
#include "ir/value.h"

namespace writ::ir {
namespace {

using runtime::Cidr;
using runtime::Ip;

constexpr Ip v4(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  return {0, 0xFFFFULL << 32 | a << 24 | b << 16 | c << 8 | d};
}

Value list_of(std::vector<Value> items) { return {Sequence{std::move(items)}}; }
Value text(const char* value) { return {std::string(value)}; }
Value integer(std::int64_t value) { return {value}; }

struct Case {
  Value value;
  TypeId type;
  const char* literal;
  const char* json;
};

/// One value of every type and of every way to nest them, with both of its texts.
struct Cases {
  Types types;
  std::vector<Case> all;

  void add(Value value, TypeId type, const char* literal, const char* json) {
    all.push_back({std::move(value), type, literal, json});
  }

  Cases() {
    const TypeId number = types.plain(Kind::kInt);
    const TypeId string = types.plain(Kind::kString);
    const TypeId real = types.plain(Kind::kDouble);
    const TypeId duration = types.plain(Kind::kDuration);
    const TypeId timestamp = types.plain(Kind::kTimestamp);
    const TypeId ip = types.plain(Kind::kIp);
    const TypeId cidr = types.plain(Kind::kCidr);
    add({true}, types.plain(Kind::kBool), "true", "true");
    add(integer(std::numeric_limits<std::int64_t>::min()), number, "-9223372036854775808", "-9223372036854775808");
    add({UintValue{18446744073709551615U}}, types.plain(Kind::kUint), "18446744073709551615u", "18446744073709551615");
    add({1.0}, real, "1.0", "1.0");
    add({0.1}, real, "0.1", "0.1");
    add({-0.0}, real, "-0.0", "-0.0");
    add({-std::numeric_limits<double>::infinity()}, real, "-inf", "\"-inf\"");
    add(text("a\"b\\\n\x01\xC3\xA9"), string, "\"a\\\"b\\\\\\n\\u0001\xC3\xA9\"", "\"a\\\"b\\\\\\n\\u0001\xC3\xA9\"");
    add(text(""), string, "\"\"", "\"\"");
    add({std::string("a\"\xFF\0", 4)}, types.plain(Kind::kBytes), "b\"a\\\"\\xff\\x00\"", "\"YSL/AA==\"");
    add(integer(9'000'000'000'000), duration, "2h30m", "\"2h30m\"");
    add(integer(90'000'000'000), duration, "1m30s", "\"1m30s\"");
    add(integer(-5'000'000'000), duration, "-5s", "\"-5s\"");
    add(integer(500'000'000), duration, "500ms", "\"500ms\"");
    add(integer(604'800'000'000'000), duration, "7d", "\"7d\"");
    add(integer(0), duration, "0s", "\"0s\"");
    add(integer(0), timestamp, "timestamp(\"1970-01-01T00:00:00Z\")", "\"1970-01-01T00:00:00Z\"");
    add({v4(10, 0, 0, 1)}, ip, "ip(\"10.0.0.1\")", "\"10.0.0.1\"");
    add({Ip{0x20010db800000000, 1}}, ip, "ip(\"2001:db8::1\")", "\"2001:db8::1\"");
    add({Cidr{v4(10, 0, 0, 0), 104}}, cidr, "cidr(\"10.0.0.0/8\")", "\"10.0.0.0/8\"");
    add_nested(number, string, cidr);
  }

  void add_nested(TypeId number, TypeId string, TypeId cidr) {
    const TypeId role = types.enumeration(types.add_enum({.name = "Role", .enumerators = {"guest", "admin"}}));
    add({EnumValue{1}}, role, "admin", "\"admin\"");

    RecordType user{.name = "User"};
    user.fields.push_back({.name = "role", .type = role});
    user.fields.push_back({.name = "age", .type = number});
    user.fields.push_back({.name = "net", .type = types.optional(cidr)});
    const RecordId user_id = types.add_record(user);
    types.lay_out(user_id);
    const TypeId user_type = types.record(user_id);
    const Value ann = list_of({{EnumValue{1}}, integer(7), {AbsentValue{}}});
    const Value bob = list_of({{EnumValue{0}}, integer(8), {Cidr{v4(10, 0, 0, 0), 104}}});
    add(ann, user_type, "User(role: admin, age: 7, net: absent)", R"({"role": "admin", "age": 7, "net": null})");

    add(list_of({ann, bob}), types.list(user_type),
        "[User(role: admin, age: 7, net: absent), "
        "User(role: guest, age: 8, net: cidr(\"10.0.0.0/8\"))]",
        R"([{"role": "admin", "age": 7, "net": null}, )"
        R"({"role": "guest", "age": 8, "net": "10.0.0.0/8"}])");
    add(list_of({}), types.list(string), "[]", "[]");
    add(list_of({text("a"), text("b")}), types.set(string), "{\"a\", \"b\"}", R"(["a", "b"])");
    add({Entries{{{integer(1), bob}}}}, types.map(number, user_type),
        "{1: User(role: guest, age: 8, net: cidr(\"10.0.0.0/8\"))}",
        R"({"1": {"role": "guest", "age": 8, "net": "10.0.0.0/8"}})");
    add(ann, types.optional(user_type), "User(role: admin, age: 7, net: absent)",
        R"({"role": "admin", "age": 7, "net": null})");
    for (const TypeId inner : {number, string, cidr, user_type, types.list(string)}) {
      add({AbsentValue{}}, types.optional(inner), "absent", "null");
    }
    add(integer(3), types.optional(number), "3", "3");
    add(text("x"), types.optional(string), "\"x\"", "\"x\"");

    RecordType pair{.name = "Pair"};
    pair.fields.push_back({.name = "first", .type = types.optional(user_type)});
    pair.fields.push_back({.name = "second", .type = user_type});
    pair.fields.push_back({.name = "tags", .type = types.set(string)});
    const RecordId pair_id = types.add_record(pair);
    types.lay_out(pair_id);
    add(list_of({{AbsentValue{}}, bob, list_of({text("t")})}), types.record(pair_id),
        "Pair(first: absent, second: User(role: guest, age: 8, net: cidr(\"10.0.0.0/8\")), tags: "
        "{\"t\"})",
        R"({"first": null, "second": {"role": "guest", "age": 8, "net": "10.0.0.0/8"}, )"
        R"("tags": ["t"]})");
  }
};

TEST(Value, PrintsAsAnAuthorWouldWriteIt) {
  const Cases cases;
  for (const Case& c : cases.all) EXPECT_EQ(literal_text(c.value, c.type, cases.types), c.literal);
}

TEST(Value, PrintsAsJson) {
  const Cases cases;
  for (const Case& c : cases.all) EXPECT_EQ(json_text(c.value, c.type, cases.types), c.json);
}

TEST(Value, ComesBackFromMemory) {
  const Cases cases;
  for (const Case& c : cases.all) {
    Image image;
    const Words words = write_value(image, c.value, c.type, cases.types, true, 0);
    const Value back = read_value(words, c.type, cases.types);
    EXPECT_TRUE(equal(c.value, back, c.type, cases.types)) << c.literal;

    std::byte* const storage = image.allocate(cases.types.storage(c.type).size);
    store(storage, words, c.type, cases.types);
    const Value stored = read_value(load(storage, c.type, cases.types), c.type, cases.types);
    EXPECT_EQ(literal_text(stored, c.type, cases.types), c.literal);
  }
}

TEST(Value, KeyOrderIsTotal) {
  const Cases cases;
  for (const Case& a : cases.all) {
    EXPECT_TRUE(key_order(a.value, a.value) == 0);
    for (const Case& b : cases.all) {
      EXPECT_TRUE(key_order(a.value, b.value) == 0 <=> key_order(b.value, a.value));
      for (const Case& c : cases.all) {
        if (key_order(a.value, b.value) <= 0 && key_order(b.value, c.value) <= 0) {
          EXPECT_TRUE(key_order(a.value, c.value) <= 0);
        }
      }
    }
  }
}

TEST(Value, KeysAscendAsTheLanguageCompares) {
  EXPECT_TRUE(key_order(integer(-1), integer(0)) < 0);
  EXPECT_TRUE(key_order({UintValue{1}}, {UintValue{1ULL << 63}}) < 0);
  EXPECT_TRUE(key_order(text("z"), text("\xC3\xA9")) < 0);
  EXPECT_TRUE(key_order({AbsentValue{}}, integer(-1)) < 0);
}

TEST(Value, SetsAndMapsAreEqualInAnyOrder) {
  Types types;
  const TypeId number = types.plain(Kind::kInt);
  const Value ab = list_of({integer(1), integer(2)});
  const Value ba = list_of({integer(2), integer(1)});
  EXPECT_TRUE(equal(ab, ba, types.set(number), types));
  EXPECT_FALSE(equal(ab, ba, types.list(number), types));
  const Value map_ab{Entries{{{integer(1), text("x")}, {integer(2), text("y")}}}};
  const Value map_ba{Entries{{{integer(2), text("y")}, {integer(1), text("x")}}}};
  EXPECT_TRUE(equal(map_ab, map_ba, types.map(number, types.plain(Kind::kString)), types));
}

TEST(Value, DoublesAreEqualAsIeee) {
  Types types;
  const TypeId real = types.plain(Kind::kDouble);
  EXPECT_FALSE(equal({std::nan("")}, {std::nan("")}, real, types));
  EXPECT_TRUE(equal({0.0}, {-0.0}, real, types));
}

// ---- layouts -----------------------------------------------------------------------------------

TEST(Layout, IsThatOfTheHostsOwnTypes) {
  const std::string_view view = "abc";
  runtime::StringStorage text;
  static_assert(sizeof text == sizeof view);
  std::memcpy(&text, &view, sizeof text);
  EXPECT_EQ(text.size, 3);
  EXPECT_EQ(text.data, view.data());

  const std::byte bytes[2]{};
  const std::span<const std::byte> span(bytes);
  runtime::ListStorage list;
  static_assert(sizeof list == sizeof span);
  std::memcpy(&list, &span, sizeof list);
  EXPECT_EQ(list.size, 2);
  EXPECT_EQ(list.data, bytes);

  Types types;
  EXPECT_EQ(types.storage(types.optional(types.plain(Kind::kInt))).size, sizeof(std::optional<std::int64_t>));
  EXPECT_EQ(types.storage(types.optional(types.plain(Kind::kBool))).size, sizeof(std::optional<bool>));
}

TEST(Types, PrintAsWritten) {
  Types types;
  const TypeId name = types.with_bound(types.plain(Kind::kString), {.low = {}, .high = 64});
  const TypeId list = types.with_bound(types.list(name), {.low = {}, .high = 32});
  EXPECT_EQ(types.text(types.optional(list)), "list<string(..64)>(..32)?");
  const TypeId status = types.with_bound(types.plain(Kind::kInt), {.low = 100, .high = 599});
  EXPECT_EQ(types.text(types.map(name, status)), "map<string(..64), int(100..599)>");
  EXPECT_EQ(types.text(types.shape(types.optional(list))), "list<string>?");
  EXPECT_EQ(types.shape(types.optional(list)), types.optional(types.list(types.plain(Kind::kString))));
}

TEST(Image, ReusesItsBlocksAndZeroesThem) {
  Image image;
  std::byte* const first = image.allocate(100);
  std::memset(first, 0xFF, 100);
  (void)image.allocate(1'000'000);
  const std::size_t bytes = image.bytes();
  image.reset();
  EXPECT_EQ(image.allocate(100), first);
  EXPECT_EQ(first[99], std::byte{0});
  (void)image.allocate(1'000'000);
  EXPECT_EQ(image.bytes(), bytes);
}

}  // namespace
}  // namespace writ::ir
