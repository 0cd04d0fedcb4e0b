// Plain C++ types as a schema sees them: names and offsets without macros, the schema they make, and what is refused, by field.

#include <gtest/gtest.h>

#include <writ/writ.hpp>

#include "runtime/abi.h"

namespace {

enum class Verdict : std::uint8_t { allow, challenge, deny };
enum class Level : std::uint8_t { low, high };
struct Limits {
  std::int64_t soft;
  bool strict;
};
struct User {
  std::string_view name;
  std::span<const std::string_view> groups;
};
struct Request {
  std::string_view path;
  writ::Ip ip;
  bool secure;
  Level level;
  Limits limits;
  const User* user;
  std::optional<std::int64_t> port;
  std::optional<std::string_view> token;
  std::chrono::nanoseconds age;
  writ::Timestamp at;
  double weight;
  std::uint64_t serial;
  writ::Map<std::string_view, std::string_view> headers;
  writ::Set<std::int64_t> marks;
  writ::Bytes body;
  writ::Cidr network;
};

class Legacy {
 public:
  explicit Legacy(std::int64_t status) : status(status) {}
  std::string_view path = "/";
  std::int64_t status;
};

TEST(WritReflect, FieldsOfAnAggregateHaveTheirNamesAndOffsets) {
  std::vector<std::pair<std::string, std::uint32_t>> fields;
  writ::detail::for_each_field<Request>(
      [&](std::string_view name, std::uint32_t offset, const auto*) { fields.emplace_back(name, offset); });
  ASSERT_EQ(fields.size(), 16U);
  EXPECT_EQ(fields[0], std::pair(std::string("path"), std::uint32_t{offsetof(Request, path)}));
  EXPECT_EQ(fields[3], std::pair(std::string("level"), std::uint32_t{offsetof(Request, level)}));
  EXPECT_EQ(fields[7], std::pair(std::string("token"), std::uint32_t{offsetof(Request, token)}));
  EXPECT_EQ(fields[15], std::pair(std::string("network"), std::uint32_t{offsetof(Request, network)}));
}

TEST(WritReflect, EnumeratorsHaveTheirNames) {
  constexpr auto kNames = writ::detail::enumerator_names<Verdict>();
  EXPECT_EQ(std::vector(kNames.begin(), kNames.end()), (std::vector<std::string_view>{"allow", "challenge", "deny"}));
}

TEST(WritReflect, TrapKindsAreThoseOfTheRuntime) {
  constexpr auto kNames = writ::detail::enumerator_names<writ::TrapKind>();
  ASSERT_EQ(kNames.size(), std::size(writ::runtime::kTrapRows) + 1);
  for (const auto& row : writ::runtime::kTrapRows) {
    EXPECT_EQ(kNames[static_cast<std::size_t>(row.trap)], row.spelling);
    EXPECT_EQ(to_string(static_cast<writ::TrapKind>(row.trap)), row.spelling);
  }
}

writ::SchemaOf schema_of_request() {
  writ::SchemaOf schema("gateway");
  schema.slot<Verdict(const Request&)>("authorize", {"req"}, "else deny").tier("t", {});
  return schema;
}

TEST(WritSchema, ADerivedSchemaIsAcceptedAndFitsItsTypes) {
  writ::Engine engine{schema_of_request().schema()};
  const writ::Slot<Verdict(const Request&)> authorize{engine, "authorize"};
  auto release = engine.stage()
                     .source("p", R"(policy p for gateway
slot authorize(req) = decide {
  allow when req.path == "/x" && req.ip == ip("10.0.0.1") && req.secure && req.level == high && req.limits.soft == 7
    && req.limits.strict && req.user?.name == "ann" && "ops" in (req.user?.groups ?? []) && req.port == 443
    && req.token == "t" && req.age == 5s && req.at == timestamp("1970-01-01T00:00:01Z") && req.weight == 1.5
    && req.serial == 9u && req.headers["host"] == "h" && 4 in req.marks && req.body == b"\x01" && req.ip in req.network
  else challenge
})")
                     .commit();
  ASSERT_TRUE(release) << release.error().pretty();
  const std::string_view groups[] = {"dev", "ops"};
  const User user{"ann", groups};
  const writ::Entry<std::string_view, std::string_view> headers[] = {{"accept", "*"}, {"host", "h"}};
  const std::int64_t marks[] = {2, 4};
  const std::byte body[] = {std::byte{1}};
  Request request{.path = "/x",
                  .ip = writ::Ip::v4(0x0A000001),
                  .secure = true,
                  .level = Level::high,
                  .limits = {7, true},
                  .user = &user,
                  .port = 443,
                  .token = "t",
                  .age = std::chrono::seconds(5),
                  .at = writ::Timestamp(std::chrono::seconds(1)),
                  .weight = 1.5,
                  .serial = 9,
                  .headers = {writ::kAscending, headers},
                  .marks = {marks},
                  .body = std::span<const std::byte>(body),
                  .network = *writ::Cidr::parse("10.0.0.0/8")};
  EXPECT_EQ(authorize(request), Verdict::allow);
  request.port.reset();
  EXPECT_EQ(authorize(request), Verdict::challenge);
  request.port = 443;
  request.user = nullptr;
  EXPECT_EQ(authorize(request), Verdict::challenge);
}

/// What making a slot of this C++ type is refused with.
template <typename Signature>
std::string refusal(const std::string& declarations) {
  writ::Engine engine{
      writ::Schema::from_text("schema s\n" + declarations + "tier t { fuel 1000 memory 1KiB stack 1KiB }\n")};
  try {
    const writ::Slot<Signature> slot{engine, "ask"};
  } catch (const writ::SetupError& error) {
    return error.what();
  }
  return "";
}

struct Narrow {
  bool flag;
  std::int32_t status;
};
struct Swapped {
  std::int64_t bytes;
  std::int64_t status;
};

TEST(WritSchema, ALayoutThatDiffersIsRefusedWithTheFieldNamed) {
  EXPECT_EQ(refusal<bool(const Narrow&)>("record R { flag: bool, status: int }\nslot ask(req: R) -> bool else false\n"),
            "slot ask: req.status: int takes 8 bytes in a policy, and 4 in the host program");
  EXPECT_EQ(
      refusal<bool(const Swapped&)>("record R { status: int, bytes: int }\nslot ask(req: R) -> bool else false\n"),
      "slot ask: req.status: it lies at byte 0 of the schema's record, and at byte 8 of the host program's Swapped");
  EXPECT_EQ(refusal<bool(const Swapped&)>("record R { bytes: int }\nslot ask(req: R) -> bool else false\n"),
            "slot ask: req.status: the schema's R has no such field");
  EXPECT_EQ(refusal<bool(const Limits&)>("record R { soft: int, hard: int }\nslot ask(req: R) -> bool else false\n"),
            "slot ask: req.hard: the schema has this field, and the host program's Limits has not");
  EXPECT_EQ(
      refusal<bool(const Limits&)>("record R { soft: string, strict: bool }\nslot ask(req: R) -> bool else false\n"),
      "slot ask: req.soft: it is a signed integer in the host program, and string in the schema");
  EXPECT_EQ(refusal<bool(std::span<const Swapped>)>(
                "record R { bytes: int, size: int }\nslot ask(rows: list<R>) -> bool else false\n"),
            "slot ask: rows[].size: the schema has this field, and the host program's Swapped has not");
}

TEST(WritSchema, EnumeratorsThatDifferAreRefusedByName) {
  EXPECT_EQ(
      refusal<Verdict()>("enum Verdict { allow, deny }\nslot ask() -> Verdict else deny\n"),
      "slot ask: the result: enumerator 1 of Verdict is `deny` in the schema, and `challenge` in the host program");
  EXPECT_EQ(refusal<Level()>("enum Level { low, high, top }\nslot ask() -> Level else low\n"),
            "slot ask: the result: enumerator 2 of Level is `top` in the schema, and missing in the host program");
}

TEST(WritSchema, TheSlotItselfIsHeldAgainstTheSchema) {
  EXPECT_EQ(refusal<bool()>("slot other() -> bool else false\n"), "ask: the schema has no such slot");
  EXPECT_EQ(refusal<bool(std::int64_t)>("slot ask() -> bool else false\n"),
            "slot ask: it takes 1 arguments in the host program, and 0 in the schema");
  EXPECT_EQ(refusal<bool()>("slot ask() -> bool else host\n"),
            "slot ask: the schema says `else host`: give the program's own function");
}

TEST(WritSchema, OptionalTablesArePointersAndOptionalTextIsCopied) {
  using Marks = writ::Set<std::int64_t>;
  writ::Engine engine{writ::SchemaOf("s")
                          .slot<std::optional<std::string_view>(const Marks*)>("ask", {"marks"}, "else absent")
                          .tier("t", {})
                          .schema()};
  const writ::Slot<std::optional<std::string>(const Marks*)> ask{engine, "ask"};
  ASSERT_TRUE(
      engine.stage()
          .source("p", "policy p for s\nslot ask(marks) = marks == absent ? absent : f\"{size(marks ?? {})} marks\"")
          .commit());
  EXPECT_EQ(ask(nullptr), std::nullopt);
  const std::int64_t numbers[] = {1, 2};
  const Marks marks{numbers};
  EXPECT_EQ(ask(&marks), "2 marks");
}

TEST(WritSchema, AFileThatCannotBeReadThrows) {
  EXPECT_THROW((void)writ::Schema::from_file("no/such.writ"), writ::SetupError);
  EXPECT_THROW((void)writ::Schema::from_file("/"), writ::SetupError);
}

TEST(WritSchema, AWrongSchemaThrowsWithItsPlace) {
  try {
    writ::Engine engine{writ::Schema::from_text("schema s\nslot f() -> Nothing else 0\n", "s.writ")};
    FAIL();
  } catch (const writ::SetupError& error) {
    EXPECT_NE(std::string_view(error.what()).find("s.writ:2:13"), std::string_view::npos) << error.what();
  }
}

}  // namespace

template <>
struct writ::Fields<Legacy> {
  static auto list() { return std::tuple{writ::Field{"path", &Legacy::path}, writ::Field{"status", &Legacy::status}}; }
};

namespace {

TEST(WritSchema, AClassIsDescribedByHand) {
  writ::Engine engine{
      writ::SchemaOf("s").slot<std::int64_t(const Legacy&)>("ask", {"r"}, "else 0").tier("t", {}).schema()};
  const writ::Slot<std::int64_t(const Legacy&)> ask{engine, "ask"};
  auto release = engine.stage().source("p", "policy p for s\nslot ask(r) = r.path == \"/\" ? r.status : 0").commit();
  ASSERT_TRUE(release) << release.error().pretty();
  EXPECT_EQ(ask(Legacy(404)), 404);
}

}  // namespace
