// Documents and assignments to the values of knobs; and every way in which they can be wrong, at its own line.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/limits.h"
#include "tests/unit/frontend_config_fixture.h"

namespace writ::frontend {
namespace {

using namespace config_fixture;

class Config : public ConfigLayers {};

TEST_F(Config, ScalarsTakeTomlValuesAndLiterals) {
  EXPECT_EQ(value("flag", {toml("[p]\nflag = true")}), "true");
  EXPECT_EQ(value("count", {toml("[p]\ncount = 7")}), "7");
  EXPECT_EQ(value("count", {toml("[p]\ncount = 7.0")}), "7");
  EXPECT_EQ(value("count", {toml("[p]\ncount = \"0x1F\"")}), "31");
  EXPECT_EQ(value("big", {toml("[p]\nbig = \"64MiB\"")}), "67108864u");
  EXPECT_EQ(value("ratio", {toml("[p]\nratio = 2")}), "2.0");
  EXPECT_EQ(value("name", {toml("[p]\nname = \"é\"")}), "\"é\"");
  EXPECT_EQ(value("keep", {toml("[p]\nkeep = \"2h30m\"")}), "2h30m");
  EXPECT_EQ(value("opened", {toml("[p]\nopened = 2026-01-01T01:00:00+01:00")}), "timestamp(\"2026-01-01T00:00:00Z\")");
  EXPECT_EQ(value("opened", {toml("[p]\nopened = \"2026-01-01T00:00:00Z\"")}), "timestamp(\"2026-01-01T00:00:00Z\")");
  EXPECT_EQ(value("home", {toml("[p]\nhome = \"::1\"")}), "ip(\"::1\")");
  EXPECT_EQ(value("role", {toml("[p]\nrole = \"admin\"")}), "admin");
  EXPECT_EQ(value("maybe", {toml("[p]\nmaybe = 5")}), "5");
}

TEST_F(Config, CollectionsAreReplacedAndSorted) {
  EXPECT_EQ(value("blocked", {toml("[p]\nblocked = [\"10.0.0.0/8\", \"::/0\"]")}),
            "[cidr(\"10.0.0.0/8\"), cidr(\"::/0\")]");
  EXPECT_EQ(value("words", {toml("[p]\nwords = [\"z\", \"y\"]")}), "{\"y\", \"z\"}");
  EXPECT_EQ(value("sizes", {toml("[p]\nsizes = [10, 9, -1]")}), "{-1, 9, 10}");
  EXPECT_EQ(value("by_code", {toml("[p.by_code]\n10 = \"b\"\n9 = \"a\"")}), "{9: \"a\", 10: \"b\"}");
}

TEST_F(Config, RecordsMergeByFieldOverLayers) {
  EXPECT_EQ(value("plan", {toml("[p.plan]\nkeep = \"5s\""), toml("[p]\nplan.trial = \"1m\"")}),
            "Plan(ending: \".x\", keep: 5s, trial: 1m, note: absent)");
  EXPECT_EQ(value("plans", {toml("[[p.plans]]\nending = \".css\"\nkeep = \"1d\"")}),
            "[Plan(ending: \".css\", keep: 1d, trial: 0s, note: absent)]");
}

TEST_F(Config, LaterLayersWin) {
  EXPECT_EQ(value("count", {toml("[p]\ncount = 7"), toml("[p]\ncount = 8\n"), assign("p.count=9")}), "9");
  EXPECT_EQ(value("count", {}), "3");
}

TEST_F(Config, AssignmentsTakeExpressionsAndPlainWords) {
  EXPECT_EQ(value("count", {assign("p.count = 1_0")}), "10");
  EXPECT_EQ(value("small", {assign("p.small=-1")}),
            "c.toml:1:9: error[W3006]: `p.small` lies outside the bounds of int(1..9)\n");
  EXPECT_EQ(value("plan", {toml("[p.plan]\nkeep = \"5s\""), assign("p.plan.trial = 1m")}),
            "Plan(ending: \".x\", keep: 5s, trial: 1m, note: absent)");
  EXPECT_EQ(value("key", {assign("p.key=AQI=")}), "b\"\\x01\\x02\"");
  EXPECT_EQ(value("key", {assign("p.key=b\"A\"")}), "b\"A\"");
  EXPECT_EQ(value("name", {assign("p.name=a = b")}), "\"a = b\"");
  EXPECT_EQ(value("name", {assign("p.name=\"a\\\"b\"")}), "\"a\\\"b\"");
  EXPECT_EQ(value("name", {assign("p.name=")}), "\"\"");
  EXPECT_EQ(value("keep", {assign("p.keep=2h30m")}), "2h30m");
  EXPECT_EQ(value("opened", {assign("p.opened=2026-01-01T00:00:00Z")}), "timestamp(\"2026-01-01T00:00:00Z\")");
  EXPECT_EQ(value("home", {assign("p.home=ip(\"10.0.0.1\")")}), "ip(\"10.0.0.1\")");
  EXPECT_EQ(value("role", {assign("p.role=Role.member")}), "member");
  EXPECT_EQ(value("words", {assign("p.words={\"b\", \"a\"}")}), "{\"a\", \"b\"}");
  EXPECT_EQ(value("words", {assign("p.words={}")}), "{}");
  EXPECT_EQ(value("blocked", {assign("p.blocked=[cidr(\"10.0.0.0/8\")]")}), "[cidr(\"10.0.0.0/8\")]");
  EXPECT_EQ(value("by_code", {assign("p.by_code={2: \"b\", 1: \"a\"}")}), "{1: \"a\", 2: \"b\"}");
  EXPECT_EQ(value("plans", {assign("p.plans=[Plan(ending: \"a\", keep: 1s)]")}),
            "[Plan(ending: \"a\", keep: 1s, trial: 0s, note: absent)]");
  EXPECT_EQ(value("maybe", {toml("[p]\nmaybe = 1"), assign("p.maybe=absent")}), "absent");
}

TEST_F(Config, UnknownKeysAreErrorsAtTheKey) {
  EXPECT_EQ(value("count", {toml("[p]\ncuont = 7")}),
            "c.toml:2:1: error[W3003]: `p` has no config `cuont` (did you mean `count`?)\n");
  EXPECT_EQ(value("count", {toml("[q]\ncount = 7")}),
            "c.toml:1:2: error[W3003]: no unit of this release has a config and the name `q`\n");
  EXPECT_EQ(value("plan", {toml("[p.plan]\nkep = \"1s\"")}),
            "c.toml:2:1: error[W3003]: Plan has no field `kep` (did you mean `keep`?)\n");
}

TEST_F(Config, WrongValuesAreErrorsAtTheValue) {
  EXPECT_EQ(value("count", {toml("[p]\ncount = \"seven\"")}),
            "c.toml:2:9: error[W3005]: `p.count` takes int here, and this text is none (write a whole number: 42, 0xFF "
            "or \"64MiB\")\n");
  EXPECT_EQ(value("count", {toml("[p]\ncount = 7.5")}),
            "c.toml:2:9: error[W3005]: `p.count` takes int here, and the number 7.5 is none\n");
  EXPECT_EQ(value("keep", {toml("[p]\nkeep = 15")}),
            "c.toml:2:8: error[W3005]: `p.keep` takes duration here, and the number 15 is none (write it with its "
            "units: \"2h30m\")\n");
  EXPECT_EQ(
      value("blocked", {toml("[p]\nblocked = [\"10.0.0.1/8\"]")}),
      "c.toml:2:12: error[W3005]: `p.blocked[0]` takes cidr here, and this text is none (bits behind the prefix are "
      "set; the network is 10.0.0.0/8)\n");
  EXPECT_EQ(value("role", {toml("[p]\nrole = \"amdin\"")}),
            "c.toml:2:8: error[W3005]: `p.role` takes Role here, and this text is none (did you mean `admin`?)\n");
  EXPECT_EQ(
      value("name", {toml("[p]\nname = 1.10")}),
      "c.toml:2:8: error[W3005]: `p.name` takes string(..8) here, and the number 1.10 is none (put it in quotes)\n");
  EXPECT_EQ(value("key", {toml("[p]\nkey = \"p@ss\"")}),
            "c.toml:2:7: error[W3005]: `p.key` takes bytes here, and this text is none (write it in base64: "
            "\"aGVsbG8=\")\n");
  EXPECT_EQ(value("count", {assign("p.count=AQI=")}),
            "c.toml:1:9: error[W3005]: `p.count` takes int here, and this text is none (write a whole number: 42, 0xFF "
            "or \"64MiB\")\n");
  EXPECT_EQ(value("name", {toml("[p]\nname = \"123456789\"")}),
            "c.toml:2:8: error[W3006]: `p.name` lies outside the bounds of string(..8)\n");
  EXPECT_EQ(value("opened", {toml("[p]\nopened = 2026-01-01")}),
            "c.toml:2:10: error[W3005]: a date or a time alone is no value in Writ (write a moment with its offset: "
            "2026-01-01T00:00:00Z)\n");
  EXPECT_EQ(value("plans", {toml("[p]\nplans = [{keep = \"1s\"}]")}),
            "c.toml:2:10: error[W3004]: Plan needs `ending`: string\n");
  EXPECT_EQ(value("words", {toml("[p]\nwords = [\"a\", \"b\", \"a\"]")}),
            "c.toml:2:20: error[W3007]: `p.words` holds this twice\n");
  EXPECT_EQ(value("by_code", {toml("[p.by_code]\n1 = \"a\"\n\"0x1\" = \"b\"")}),
            "c.toml:3:1: error[W3007]: `p.by_code` holds this twice\n");
}

TEST_F(Config, BrokenConditionsAreErrorsAtTheKey) {
  EXPECT_EQ(value("count", {toml("[p]\n\ncount = 100")}), "c.toml:3:1: error[W3008]: `p.count` breaks its condition\n");
  EXPECT_EQ(value("count", {toml("[p]\ncount = 100"), assign("p.count=99")}), "99");
}

TEST_F(Config, DocumentsThatAreNotToml) {
  EXPECT_TRUE(value("count", {toml("[p]\ncount = ")}).starts_with("c.toml:2:")) << errors();
  EXPECT_NE(value("count", {toml("[p]\ncount = 1\ncount = 2")}).find("W3001"), std::string::npos);
  for (const std::string_view text :
       {"[", "[!]", "[[[a]]]", "[\n]", "[[ =", "a = 1\f[!]", "[ [a]]", "[]", "a = [}", "é = 1", "a = é", "a.é = 1"}) {
    EXPECT_NE(value("count", {toml(std::string(text))}).find("W3001"), std::string::npos) << text;
  }
  EXPECT_EQ(value("words", {toml("p.words = [\"\"\"a\"\"\"\", \"é\"]")}), "{\"a\\\"\", \"é\"}");
  EXPECT_NE(value("count", {toml("\xFF")}).find("W1003"), std::string::npos);
  EXPECT_EQ(value("count", {assign("count=2")}),
            "c.toml:1:1: error[W3001]: an assignment has the form unit.name=value\n");
  EXPECT_EQ(value("count", {assign("p.count=f(1)")}),
            "c.toml:1:11: error[W3005]: a configuration value calls no functions\n");
}

TEST_F(Config, DepthAndSizeAreBounded) {
  const auto repeat = [](std::string_view part, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += part;
    return out;
  };
  for (const std::string& text : {"a = " + repeat("[", 1'000'000), repeat("a.", 1'000'000) + "a = 1",
                                  "[" + repeat("a.", 1'000'000) + "a]", "a = " + repeat("{a=", 100'000)}) {
    EXPECT_NE(value("count", {toml(text)}).find("W3002"), std::string::npos);
  }
  EXPECT_NE(value("count", {toml(std::string(static_cast<std::size_t>(support::limits::kDocumentBytes) + 1, ' '))})
                .find("W3002"),
            std::string::npos);
  EXPECT_NE(value("count", {assign("p.blocked=" + repeat("[", 5'000))}).find("W1"), std::string::npos);
  std::string many = "[p]\n";
  for (int i = 0; i < 100'000; ++i) many += "k" + std::to_string(i) + " = 1\n";
  value("count", {toml(many)});
  EXPECT_EQ(diagnostics_.sorted().size(), static_cast<std::size_t>(support::limits::kDiagnostics));
}

}  // namespace
}  // namespace writ::frontend
