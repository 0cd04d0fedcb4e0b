// The canonical bytes of statements and contents: one form for one value, and every limit.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/limits.h"
#include "tests/unit/fleet_fixture.h"

namespace writ::fleet {
namespace {

namespace limits = support::limits;

std::string fault_with(void (*change)(Statement&)) {
  Statement statement = some_statement();
  change(statement);
  return fault_of(statement);
}

TEST(Statement, ComesBackFromItsBytes) {
  Statement statement = some_statement();
  statement.sequence = 7;
  statement.previous = hash_of("the sixth");
  statement.note = "für alle – 全員";
  EXPECT_EQ(decode_statement(encode(statement)), statement);
}

TEST(Statement, HasNamesThatAFileAndABrokerCanHave) {
  const std::string longest(64, 'a');
  for (const std::string& name : {std::string("edge"), std::string("a-1_b"), std::string("7"), longest}) {
    Statement statement = some_statement();
    statement.channel = statement.tenant = name;
    EXPECT_EQ(fault_of(statement), "") << name;
  }
  for (const std::string& name : {std::string(), std::string("-a"), std::string("A"), std::string("a.b"),
                                  std::string("a/b"), std::string("a b"), std::string("é"), longest + "a"}) {
    Statement channel = some_statement();
    channel.channel = name;
    EXPECT_NE(fault_of(channel), "") << name;
    Statement tenant = some_statement();
    tenant.tenant = name;
    EXPECT_NE(fault_of(tenant), "") << name;
  }
}

TEST(Statement, OnlyTheFirstFollowsNone) {
  EXPECT_NE(fault_with([](Statement& statement) { statement.sequence = 0; }), "");
  EXPECT_NE(fault_with([](Statement& statement) { statement.sequence = 2; }), "");
  EXPECT_NE(fault_with([](Statement& statement) { statement.previous = hash_of("x"); }), "");
}

TEST(Statement, ExpiresWithinWhatATimestampHolds) {
  EXPECT_NE(fault_with([](Statement& statement) { statement.expires = -1; }), "");
  EXPECT_EQ(fault_with([](Statement& statement) { statement.expires = 9'223'372'036; }), "");
  EXPECT_NE(fault_with([](Statement& statement) { statement.expires = 9'223'372'037; }), "");
}

TEST(Statement, NamesAnEngineByThreeNumbers) {
  for (const char* version : {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3 ", "-1.2.3", "1.2.99999999999"}) {
    Statement statement = some_statement();
    statement.minimum_engine = version;
    EXPECT_NE(fault_of(statement), "") << version;
  }
  EXPECT_EQ(fault_with([](Statement& statement) { statement.minimum_engine = "10.0.12"; }), "");
}

TEST(Statement, HasANoteThatCanBeShown) {
  EXPECT_EQ(fault_with([](Statement& statement) { statement.note = std::string(limits::kNoteBytes, 'n'); }), "");
  EXPECT_NE(fault_with([](Statement& statement) { statement.note = std::string(limits::kNoteBytes + 1, 'n'); }), "");
  EXPECT_NE(fault_with([](Statement& statement) { statement.note = "two\nlines"; }), "");
  EXPECT_NE(fault_with([](Statement& statement) { statement.note = "\xff"; }), "");
  EXPECT_NE(fault_with([](Statement& statement) { statement.note = "\x1b[2J"; }), "");
}

TEST(Statement, IsNotReadFromBytesThatItWouldNotWrite) {
  const std::string bytes = encode(some_statement());
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_statement(bytes.substr(0, size))) << size;
  EXPECT_FALSE(decode_statement(bytes + "x"));
}

TEST(Content, ComesBackFromItsBytes) {
  const auto content = decode_content(encode(some_content()));
  ASSERT_TRUE(content) << content.error();
  EXPECT_EQ(*content, some_content());
  EXPECT_EQ(decode_content(encode(Content{})), Content{});
}

TEST(Content, HasOneFormWhateverTheOrderOfItsSources) {
  Content content;
  content.sources = {{"b.writ", "2"}, {"a.writ", "1"}};
  const std::string bytes = encode(content);
  std::swap(content.sources[0], content.sources[1]);
  EXPECT_EQ(encode(content), bytes);
  EXPECT_EQ(decode_content(bytes)->sources.front().name, "a.writ");

  // The same bytes with the two changed about.
  std::string swapped = bytes;
  swapped[swapped.find("a.writ")] = 'b';
  swapped[swapped.rfind("b.writ")] = 'a';
  EXPECT_FALSE(decode_content(swapped));
}

TEST(Content, KeepsTheOrderOfItsDocuments) {
  Content content;
  content.documents = {{"b.toml", "2"}, {"a.toml", "1"}};
  EXPECT_EQ(decode_content(encode(content)), content);
}

std::string fault_of_texts(std::vector<NamedText> sources, std::vector<NamedText> documents = {}) {
  Content content;
  content.sources = std::move(sources);
  content.documents = std::move(documents);
  return fault_of(content);
}

TEST(Content, HasNoTwoTextsOfOneName) {
  EXPECT_EQ(fault_of_texts({{"a", ""}, {"a", ""}}), "two texts are named a");
  EXPECT_EQ(fault_of_texts({{"a", ""}}, {{"a", ""}}), "two texts are named a");
}

TEST(Content, HasNamesThatCanBeShown) {
  EXPECT_EQ(fault_of_texts({{std::string(limits::kTextNameBytes, 'a'), ""}}), "");
  EXPECT_NE(fault_of_texts({{std::string(limits::kTextNameBytes + 1, 'a'), ""}}), "");
  EXPECT_NE(fault_of_texts({{"", ""}}), "");
  EXPECT_NE(fault_of_texts({{"a\n", ""}}), "");
}

TEST(Content, HoldsAsMuchTextAsOneReleaseMay) {
  std::vector<NamedText> texts;
  for (std::int64_t i = 0; i < limits::kUnits; ++i) texts.push_back({std::to_string(i), ""});
  EXPECT_EQ(fault_of_texts(texts), "");
  EXPECT_NE(fault_of_texts(texts, {{"one more", ""}}), "");
  const auto most = static_cast<std::size_t>(limits::kReleaseBytes);
  EXPECT_EQ(fault_of_texts({{"a", std::string(most, 'a')}}), "");
  EXPECT_NE(fault_of_texts({{"a", std::string(most, 'a')}}, {{"b", "b"}}), "");
}

TEST(Content, HoldsSoManyGoldenDecisionsAndNoMore) {
  Content content;
  content.golden.resize(limits::kGoldenDecisions, {"s", "{}", {}, "{}"});
  EXPECT_EQ(decode_content(encode(content)), content);
  content.golden.push_back(content.golden.back());
  EXPECT_EQ(fault_of(content), "it holds more than 10000 golden decisions");
}

TEST(Content, HoldsGoldenDecisionsOfASizeAndWithAnAnswer) {
  Content content;
  content.golden = {{"s", std::string(limits::kGoldenBytes - 3, ' '), {}, "{}"}};
  EXPECT_EQ(fault_of(content), "");
  content.golden[0].given = {"x"};
  EXPECT_EQ(fault_of(content), "a golden decision is over the limit of 65536 bytes");
  content.golden[0] = {"s", "{}", {}, ""};
  EXPECT_EQ(fault_of(content), "a golden decision has no answer");
}

TEST(Hash, IsBlake2b) {
  EXPECT_EQ(hex(hash_of("")), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");  // RFC 7693's sum
}

}  // namespace
}  // namespace writ::fleet
