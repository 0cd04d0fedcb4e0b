// Documents in every notation: the same values, and each mistake at its own place.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/limits.h"
#include "tests/unit/frontend_config_fixture.h"

namespace writ::frontend {
namespace {

using namespace config_fixture;

class Documents : public ConfigLayers {};

std::string repeat(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

// ---- JSON --------------------------------------------------------------------------------------

TEST_F(Documents, JsonFillsEveryType) {
  EXPECT_EQ(value("flag", {json(R"({"p": {"flag": true}})")}), "true");
  EXPECT_EQ(value("count", {json(R"({"p": {"count": 7}})")}), "7");
  EXPECT_EQ(value("count", {json(R"({"p": {"count": 7.0}})")}), "7");
  EXPECT_EQ(value("count", {json(R"({"p": {"count": "0x1F"}})")}), "31");
  EXPECT_EQ(value("big", {json(R"({"p": {"big": 18446744073709551615}})")}), "18446744073709551615u");
  EXPECT_EQ(value("ratio", {json(R"({"p": {"ratio": -1e-3}})")}), "-0.001");
  EXPECT_EQ(value("ratio", {json(R"({"p": {"ratio": 0.30000000000000000001}})")}), "0.3");
  EXPECT_EQ(value("ratio", {json(R"({"p": {"ratio": 1e-400}})")}), "0.0");
  EXPECT_EQ(value("name", {json(R"({"p": {"na\u006de": "\u00e9"}})")}), "\"é\"");
  EXPECT_EQ(value("keep", {json(R"({"p": {"keep": "2h30m"}})")}), "2h30m");
  EXPECT_EQ(value("role", {json(R"({"p": {"role": "admin"}})")}), "admin");
  EXPECT_EQ(value("words", {json(R"({"p": {"words": ["z", "y"]}})")}), "{\"y\", \"z\"}");
  EXPECT_EQ(value("by_code", {json(R"({"p": {"by_code": {"10": "b", "9": "a"}}})")}), "{9: \"a\", 10: \"b\"}");
  EXPECT_EQ(value("plans", {json(R"({"p": {"plans": [{"ending": ".css", "keep": "1d"}]}})")}),
            "[Plan(ending: \".css\", keep: 1d, trial: 0s, note: absent)]");
  EXPECT_EQ(value("plan", {json(R"({"p": {"plan": {"keep": "5s"}}})")}),
            "Plan(ending: \".x\", keep: 5s, trial: 0s, note: absent)");
  EXPECT_EQ(value("maybe", {json(R"({"p": {"maybe": 5}})"), json(R"({"p": {"maybe": null}})")}), "absent");
  EXPECT_EQ(value("count", {json(R"({"$schema": "config.schema.json"})")}), "3");
  EXPECT_EQ(value("count", {json("{}")}), "3");
}

TEST_F(Documents, WrongJsonValuesAreErrorsAtTheValue) {
  EXPECT_EQ(value("count", {json("{\n  \"p\": {\n    \"count\": \"x\"  }}")}),
            "c.json:3:14: error[W3005]: `p.count` takes int here, and this text is none (write a whole number: 42, "
            "0xFF or \"64MiB\")\n");
  EXPECT_EQ(value("count", {json(R"({"p": {"count": [1]}})")}),
            "c.json:1:17: error[W3005]: `p.count` takes int here, and a list is none\n");
  EXPECT_EQ(value("count", {json(R"({"p": {"count": null}})")}),
            "c.json:1:17: error[W3005]: `p.count` takes int here, and null is none\n");
  EXPECT_EQ(value("count", {json("{\"p\": {\"é\": 1, \"cuont\": 1}}")}),
            "c.json:1:8: error[W3003]: `p` has no config `é`\n"
            "c.json:1:16: error[W3003]: `p` has no config `cuont` (did you mean `count`?)\n");
  EXPECT_EQ(value("count", {json(R"({"p": 1})")}), "c.json:1:2: error[W3005]: `p` is a unit: a table of its config\n");
}

TEST_F(Documents, WhatIsNotJson) {
  const auto wrong = [&](std::string_view text, std::string_view error) {
    EXPECT_EQ(value("count", {json(std::string(text))}), std::string(error) + "\n") << text;
  };
  wrong("", "c.json:1:1: error[W3001]: the document is not JSON: it is empty");
  wrong("[1]", "c.json:1:1: error[W3001]: a document is an object with a member for each unit");
  wrong("1", "c.json:1:1: error[W3001]: a document is an object with a member for each unit");
  wrong("{\"p\": {\"count\": 1e400}}",
        "c.json:1:17: error[W3001]: the document is not JSON: this is no number, or one that no type of Writ holds");
  wrong("{\"p\": {\"count\": 18446744073709551616}}",
        "c.json:1:17: error[W3001]: the document is not JSON: this is no number, or one that no type of Writ holds");
  wrong("{\"p\": {\"count\": 01}}",
        "c.json:1:17: error[W3001]: the document is not JSON: this is no number, or one that no type of Writ holds");
  wrong("{\"p\": {\"count\": nul}}", "c.json:1:17: error[W3001]: the document is not JSON: here I expected a value");
  wrong("{\"p\": {\"count\": 1}} x",
        "c.json:1:21: error[W3001]: the document is not JSON: it does not end in the brace that closes it");
  wrong("{\"p\": {\"count\": 1}} {}",
        "c.json:1:21: error[W3001]: the document is not JSON: something stands behind its end");
  wrong("{\"p\": {\"count\": 1}\n\n",
        "c.json:1:18: error[W3001]: the document is not JSON: it does not end in the brace that closes it");
  wrong(
      "{\"p\" }",
      "c.json:1:6: error[W3001]: the document is not JSON: a comma, a colon, a key or a bracket is missing or too many "
      "here");
  wrong("{\"p\": {\n\"name\": \"x}}", "c.json:2:9: error[W3001]: the document is not JSON: this string has no end");
  wrong("{\"p\": {\"name\": \"\\q\"}}",
        "c.json:1:16: error[W3001]: the document is not JSON: this string holds an escape that JSON does not have");
  wrong("{\"p\": {\"count\": 1, \"count\": 2}}", "c.json:1:20: error[W3007]: `count` is given twice");
  wrong("{\"p\": {}, \"\\u0070\": {}}", "c.json:1:11: error[W3007]: `p` is given twice");
  for (const std::string_view text :
       {"{\"p\": {\"count\": 1,}}", "{\"p\": {\"count\" 1}}", "{\"p\": {\"count\": 1}", "{,}", "{\"p\": {1: 2}}",
        "{\"p\": [1 2]}", "{\"p\": }", "{]", "{\"p\": // x\n1}"}) {
    EXPECT_NE(value("count", {json(std::string(text))}).find("error[W3001]: the document is not JSON: "),
              std::string::npos)
        << text << errors();
  }
}

// ---- YAML --------------------------------------------------------------------------------------

TEST_F(Documents, YamlFillsEveryType) {
  EXPECT_EQ(value("flag", {yaml("p:\n  flag: true\n")}), "true");
  EXPECT_EQ(value("count", {yaml("p: {count: 7}")}), "7");
  EXPECT_EQ(value("count", {yaml("p:\n  count: 0x1F # hex")}), "31");
  EXPECT_EQ(value("count", {yaml("p:\n  count: 0o17")}), "15");
  EXPECT_EQ(value("count", {yaml("p:\n  count: +010")}), "10");
  EXPECT_EQ(value("ratio", {yaml("p:\n  ratio: -.5e-1")}), "-0.05");
  EXPECT_EQ(value("ratio", {yaml("p:\n  ratio: -.inf")}), "-inf");
  EXPECT_EQ(value("big", {yaml("p:\n  big: 64MiB")}), "67108864u");
  EXPECT_EQ(value("name", {yaml("p:\n  name: 'it''s'")}), "\"it's\"");
  EXPECT_EQ(value("keep", {yaml("---\np:\n  keep: 2h30m\n...\n")}), "2h30m");
  EXPECT_EQ(value("opened", {yaml("p:\n  opened: 2026-01-01T00:00:00Z")}), "timestamp(\"2026-01-01T00:00:00Z\")");
  EXPECT_EQ(value("home", {yaml("p:\n  home: 10.0.0.1")}), "ip(\"10.0.0.1\")");
  EXPECT_EQ(value("words", {yaml("p:\n  words:\n    - z\n    - y\n")}), "{\"y\", \"z\"}");
  EXPECT_EQ(value("by_code", {yaml("p:\n  by_code:\n    10: b\n    9: a\n")}), "{9: \"a\", 10: \"b\"}");
  EXPECT_EQ(value("plans", {yaml("p:\n  plans:\n  - ending: .css\n    keep: 1d\n    note: ~\n")}),
            "[Plan(ending: \".css\", keep: 1d, trial: 0s, note: absent)]");
  EXPECT_EQ(value("maybe", {yaml("p:\n  maybe: 5"), yaml("p:\n  maybe:\n")}), "absent");
  EXPECT_EQ(value("count", {yaml("")}), "3");
  EXPECT_EQ(value("count", {yaml("# nothing\n")}), "3");
}

// YAML 1.1 took these for a bool and a number of base 60.
TEST_F(Documents, YamlWordsAreTexts) {
  EXPECT_EQ(value("name", {yaml("p:\n  name: no")}), "\"no\"");
  EXPECT_EQ(value("name", {yaml("p:\n  name: 12:30")}), "\"12:30\"");
  EXPECT_EQ(value("flag", {yaml("p:\n  flag: yes")}),
            "c.yaml:2:9: error[W3005]: `p.flag` takes bool here, and this text is none (write true or false)\n");
  EXPECT_EQ(
      value("name", {yaml("p:\n  name: 1.10")}),
      "c.yaml:2:9: error[W3005]: `p.name` takes string(..8) here, and the number 1.10 is none (put it in quotes)\n");
  EXPECT_EQ(value("name", {yaml("p:\n  name: '1.10'")}), "\"1.10\"");
}

TEST_F(Documents, WhatYamlHasAndDocumentsDoNot) {
  const auto wrong = [&](std::string_view text, std::string_view error) {
    EXPECT_EQ(value("count", {yaml(std::string(text))}), std::string(error) + "\n") << text;
  };
  wrong("p: &a\n  count: 1\n", "c.yaml:1:4: error[W3001]: the anchor `a`: documents have none, so write the value out");
  wrong("p:\n  count: !!int 1\n", "c.yaml:2:10: error[W3001]: a tag: the config's types say what a value is");
  wrong("p: !x\n  count: 1\n", "c.yaml:1:4: error[W3001]: a tag: the config's types say what a value is");
  wrong("p:\n  count: 1\n  count: 2\n", "c.yaml:3:3: error[W3007]: `count` is given twice");
  wrong("p:\n  [count]: 1\n", "c.yaml:2:3: error[W3001]: a key is a text, no list and no mapping");
  wrong("p:\n  ~: 1\n", "c.yaml:2:3: error[W3001]: a key is a text: put it in quotes");
  wrong("---\np: {}\n---\np: {}\n", "c.yaml:3:1: error[W3001]: a text holds one document, and here a second begins");
  wrong("- p\n", "c.yaml:1:1: error[W3001]: a document is a mapping with a key for each unit");
  wrong("p:\n  count: 18446744073709551616\n",
        "c.yaml:2:10: error[W3001]: this is a number that no type of Writ holds");
  wrong("p:\n  count: 1e400\n", "c.yaml:2:10: error[W3001]: this is a number that no type of Writ holds");
  wrong("p:\n  <<: {count: 1}\n", "c.yaml:2:3: error[W3003]: `p` has no config `<<`");
  wrong("é: 1\n", "c.yaml:1:1: error[W3003]: no unit of this release has a config and the name `é`");
  wrong("p:\n  # é\n  cuont: 1\n", "c.yaml:3:3: error[W3003]: `p` has no config `cuont` (did you mean `count`?)");
  for (const std::string_view text : {"p: [", "p: {", "p: \"", "p: 'x", "p:\n\tcount: 1", "p: *a",
                                      "%YAML 3.0\n---\np: {}", "p: a: b", "p: @x", "p:\n  count: 1\n count: 2"}) {
    EXPECT_NE(value("count", {yaml(std::string(text))}).find("error[W3001]: "), std::string::npos) << text;
  }
}

// Nine levels of nine aliases each, which a tree of copies would make nine to the ninth.
TEST_F(Documents, YamlHasNoBillionLaughs) {
  std::string text = "p:\n  a0: &a0 [x]\n";
  for (int i = 1; i < 10; ++i) {
    text += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
            repeat("*a" + std::to_string(i - 1) + ", ", 9) + "]\n";
  }
  EXPECT_EQ(value("count", {yaml(text)}),
            "c.yaml:2:7: error[W3001]: the anchor `a0`: documents have none, so write the value out\n");
}

// ---- CSV ---------------------------------------------------------------------------------------

TEST_F(Documents, RowsFillAListOfRecords) {
  EXPECT_EQ(value("plans", {csv("ending,keep,trial,note\n.css,1d,5s,x\n.js,2h,,\n")}),
            "[Plan(ending: \".css\", keep: 1d, trial: 5s, note: \"x\"), "
            "Plan(ending: \".js\", keep: 2h, trial: 0s, note: absent)]");
  EXPECT_EQ(value("plans", {csv("\xEF\xBB\xBFkeep,ending\r\n1d,\"a, \"\"b\"\"\nc\"\r\n2d,\"\"")}),
            "[Plan(ending: \"a, \\\"b\\\"\\nc\", keep: 1d, trial: 0s, note: absent), "
            "Plan(ending: \"\", keep: 2d, trial: 0s, note: absent)]");
  EXPECT_EQ(value("plans", {csv("\nending,keep\r\n\r\n")}), "[]");
}

TEST_F(Documents, WrongRowsAreErrorsAtTheirCell) {
  const auto wrong = [&](std::string_view text, std::string_view error) {
    EXPECT_EQ(value("plans", {csv(std::string(text))}), std::string(error) + "\n") << text;
  };
  wrong(
      "ending,keep\na,1d\nb,x\n",
      "c.csv:3:3: error[W3005]: `p.plans[1].keep` takes duration here, and this text is none (write it with its units: "
      "\"2h30m\")");
  wrong(
      "ending,keep\na,\n",
      "c.csv:2:3: error[W3005]: `p.plans[0].keep` takes duration here, and this text is none (write it with its units: "
      "\"2h30m\")");
  wrong("ending,keeep\na,1d\nb,1d\n", "c.csv:1:8: error[W3003]: Plan has no field `keeep` (did you mean `keep`?)");
  wrong("ending\na\nb\n", "c.csv:1:1: error[W3004]: Plan needs `keep`: duration");
  wrong("ending,keep,ending\na,1d,b\n", "c.csv:1:13: error[W3007]: `ending` is given twice");
  wrong("ending,keep\na\n", "c.csv:2:1: error[W3001]: this row has 1 cells, the first row has 2");
  wrong("ending,keep\na,1d,\n", "c.csv:2:1: error[W3001]: this row has 3 cells, the first row has 2");
  wrong("ending,keep\n\"a,1d\n", "c.csv:2:1: error[W3001]: this cell has no closing quote");
  wrong("ending,keep\n\"a\"b,1d\n",
        "c.csv:2:4: error[W3001]: behind the closing quote I expected a comma or the line's end");
  wrong("ending,keep\na\"b,1d\n",
        "c.csv:2:2: error[W3001]: a quote stands only around a whole cell, and twice inside of one");
  wrong("ending,\na,1d\n", "c.csv:1:8: error[W3001]: the first row says the name of each field, and here is none");
  wrong("", "c.csv:1:1: error[W3001]: the first row says the name of each field, and here is none");
}

TEST_F(Documents, RowsNeedAListOfRecords) {
  EXPECT_EQ(value("plans", {csv("a\n1\n", "p.plan")}),
            "c.csv:1:1: error[W3005]: `p.plan` takes Plan here, and a list is none\n");
  EXPECT_EQ(value("plans", {csv("a\n1\n", "p.blocked")}),
            "c.csv:1:1: error[W3005]: `p.blocked[0]` takes cidr here, and a table is none\n");
  EXPECT_EQ(value("plans", {csv("a\n1\n", "p.palns")}),
            "c.csv:1:1: error[W3003]: `p` has no config `palns` (did you mean `plans`?)\n");
  for (const std::string knob : {"", "plans"}) {
    EXPECT_EQ(
        value("plans", {csv("a\n1\n", knob)}),
        "c.csv:1:1: error[W3010]: rows fill one list of records, and here none is named (say which config the rows "
        "fill: house.plans=plans.csv)\n");
  }
}

// ---- all of them -------------------------------------------------------------------------------

TEST_F(Documents, TheNameSaysTheNotation) {
  const auto named = [&](std::string name, std::string text) {
    return value("count", {{ConfigLayer::Kind::kDocument, std::move(name), std::move(text)}});
  };
  EXPECT_EQ(named("c.yml", "p: {count: 7}"), "7");
  EXPECT_EQ(named("a.b/c", "p.count = 7"), "7");
  EXPECT_EQ(named("/dev/fd/63", "p.count = 7"), "7");
  EXPECT_EQ(
      named("c.ini", "p.count = 7"),
      "c.ini:1:1: error[W3010]: no document's name ends in .ini (it is one of .toml, .json, .yaml, .yml and .csv)\n");
}

TEST_F(Documents, BytesThatNoDocumentHolds) {
  const std::string mark = "\xEF\xBB\xBF";
  for (const auto& make : {toml, json, yaml}) {
    EXPECT_NE(value("count", {make("\xFF")}).find("W1003"), std::string::npos);
    EXPECT_NE(value("count", {make("{\"p\": \"\xC0\x80\"}")}).find("1:8: error[W1003]"), std::string::npos);
    EXPECT_NE(value("count", {make(std::string("{}\0", 3))}).find("1:3: error[W1004]"), std::string::npos);
    EXPECT_NE(value("count", {make(mark + "{}")}).find("W1004"), std::string::npos);
  }
  EXPECT_NE(value("plans", {csv("ending,keep\n\xFF,1d")}).find("2:1: error[W1003]"), std::string::npos);
  EXPECT_NE(value("name", {assign("p.name=\xFF")}).find("1:8: error[W1003]"), std::string::npos);
  EXPECT_NE(value("name", {variable("WRIT__P__NAME=\xFF")}).find("1:15: error[W1003]"), std::string::npos);
}

TEST_F(Documents, EveryNotationIsBounded) {
  const auto refused = [&](const Layer& layer, std::string_view code) {
    EXPECT_NE(value("count", {layer}).find(code), std::string::npos) << layer.name << errors();
  };
  constexpr std::size_t kDeep = 10'000;
  refused(json("{\"p\": " + repeat("[", kDeep) + repeat("]", kDeep) + "}"), "W3002");
  refused(json(repeat("{\"p\":", kDeep) + "1" + repeat("}", kDeep)), "W3002");
  refused(json(repeat("[", kDeep)), "W3001");
  refused(yaml("p: " + repeat("[", kDeep)), "W3");
  refused(yaml("p: " + repeat("{a: ", kDeep)), "W3");
  refused(yaml("p: " + repeat("[", kDeep) + repeat("]", kDeep)), "W3");
  refused(yaml("p: " + repeat("[", 100) + repeat("]", 100)), "W3002");
  refused(yaml("p: " + repeat("{a: ", 100) + repeat("}", 100)), "W3002");
  refused(yaml("p:\n" + repeat("- ", kDeep)), "W3002");
  refused(yaml("p: " + repeat("? ", kDeep)), "W3");
  const auto many = static_cast<std::size_t>(support::limits::kDocumentValues);
  const std::string over = " has more than 1000000 values";
  refused(toml("p.count = [" + repeat("1,", many) + "]"), over);
  refused(json("{\"p\": {\"count\": [" + repeat("1,", many) + "1]}}"), over);
  refused(yaml("p: {count: [" + repeat("1,", many) + "]}"), over);
  refused(csv("a" + repeat("\n1", many)), over);
  const std::string large(static_cast<std::size_t>(support::limits::kDocumentBytes) + 1, ' ');
  for (const auto& make : {toml, json, yaml}) refused(make(large), "W3002");
  refused(csv(large), "W3002");
}

// ---- layers ------------------------------------------------------------------------------------

TEST_F(Documents, VariablesOfTheEnvironment) {
  EXPECT_EQ(value("count", {toml("p.count = 4"), variable("WRIT__P__COUNT=5")}), "5");
  EXPECT_EQ(value("count", {variable("WRIT__P__COUNT=5"), assign("p.count=6")}), "6");
  EXPECT_EQ(value("name", {variable("WRIT__P__NAME=a = b")}), "\"a = b\"");
  EXPECT_EQ(value("words", {variable("WRIT__P__WORDS=[\"x\"]")}), "{\"x\"}");
  EXPECT_EQ(value("by_code", {variable("WRIT__P__BY_CODE={7: \"x\"}")}), "{7: \"x\"}");
  EXPECT_EQ(value("count", {variable("WRIT__P__COUNT=x")}),
            "environment:1:16: error[W3005]: `p.count` takes int here, and the word x is none (write a whole number: "
            "42, 0xFF or \"64MiB\")\n");
  EXPECT_EQ(value("plan", {variable("WRIT__P__PLAN__KEEP=5s"), assign("p.plan.trial=1m")}),
            "Plan(ending: \".x\", keep: 5s, trial: 1m, note: absent)");
  EXPECT_EQ(value("count", {variable("WRIT__P__COUNT__KEEP=5")}),
            "environment:1:1: error[W3003]: no config of this release is `WRIT__P__COUNT__KEEP` (did you mean "
            "`WRIT__P__COUNT`?)\n");
  EXPECT_EQ(value("count", {variable("WRIT__P__CUONT=5")}),
            "environment:1:1: error[W3003]: no config of this release is `WRIT__P__CUONT` (did you mean "
            "`WRIT__P__COUNT`?)\n");
  EXPECT_EQ(value("count", {variable("WRIT__P__COUNT=100")}),
            "environment:1:1: error[W3008]: `p.count` breaks its condition\n");
}

TEST_F(Documents, OriginsAreTheKeysThatGaveAValue) {
  value("count", {});
  EXPECT_EQ(origins_, "");
  value("count", {toml("p.count = 4"), json(R"({"p": {"count": 5}})"), assign("p.ratio=0.1")});
  EXPECT_EQ(origins_, "\"count\";");
  value("words", {yaml("p: {'words': [a]}"), variable("WRIT__P__WORDS=[\"x\"]")});
  EXPECT_EQ(origins_, "WRIT__P__WORDS;");
  // A record has the fields of several layers.
  value("plan", {yaml("p: {'plan': {keep: 1s}}"), assign("p.plan=Plan(trial: 2s)")});
  EXPECT_EQ(origins_, "'plan';plan;");
}

}  // namespace
}  // namespace writ::frontend
