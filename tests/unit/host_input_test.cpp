// Input and output are inverse: what json_text writes is read back as the same value, for every type that a schema can say.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "frontend/check.h"
#include "host/input.h"
#include "host/loader.h"
#include "ir/image.h"
#include "ir/value.h"

namespace writ::host {
namespace {

constexpr const char* kSchema = R"(schema all
record All {
  truth: bool?  number: int?  natural: uint?  real: double?  text: string?  raw: bytes?
  at: timestamp?  span: duration?  address: ip?  net: cidr?  colour: Colour?
  list: list<list<int>>?  optionals: list<int?>?  records: list<Inner>?
  set: set<ip>?  words: set<string>?
  by_name: map<string, Inner>?  by_number: map<int, string>?  by_truth: map<bool, int>?
  by_natural: map<uint, int>?  by_address: map<ip, cidr>?  by_colour: map<Colour, duration>?  by_moment: map<timestamp, int>?
  inner: Inner?
}
record Inner { a: int, b: string = "left out", c: int? }
enum Colour { red, green }
slot ask(all: All) -> All else host
tier t { fuel 1  memory 1KiB  stack 1KiB }
)";

class InputTest : public testing::Test {
 protected:
  InputTest() {
    add_unit(sources_, "all.writ", kSchema);
    if (sources_.schema) program_ = frontend::check_schema(*sources_.schema, sources_.diagnostics);
    for (const auto& diagnostic : sources_.diagnostics.sorted()) {
      ADD_FAILURE() << render_short(diagnostic, sources_.map);
    }
  }

  static void remove(std::string& text, const std::string& part) {
    const std::size_t at = text.find(part);
    if (at != std::string::npos) text.erase(at, part.size());
  }

  /// The line read and written again, without the fields that are absent; or what does not fit.
  std::string again(const std::string& line) {
    InputReader reader(*program_, program_->slots[0].parameters);
    const auto words = reader.read(line);
    if (!words) return words.error().text();
    ir::Words value{};
    std::ranges::copy(*words, value.begin());
    const ir::TypeId type = program_->slots[0].result;
    std::string text = ir::json_text(ir::read_value(value, type, program_->types), type, program_->types);
    for (const ir::Field& field : program_->types.record_type(program_->types[type].decl).fields) {
      remove(text, "\"" + field.name + "\": null, ");
      remove(text, ", \"" + field.name + "\": null");
      remove(text, "\"" + field.name + "\": null");
    }
    return text;
  }

  Sources sources_;
  std::optional<ir::Program> program_;
};

TEST_F(InputTest, what_is_written_is_read_back) {
  for (const std::string line : {
           R"({"truth": true})",
           R"({"number": -9223372036854775808})",
           R"({"natural": 18446744073709551615})",
           R"({"real": 0.1})",
           R"({"real": 1.7976931348623157e+308})",
           R"({"text": "a\"\\\n\u0001é🙂"})",
           R"({"raw": ""})",
           R"({"raw": "AA=="})",
           R"({"raw": "AAE="})",
           R"({"raw": "/+8A"})",
           R"({"at": "2026-01-31T08:00:00.25Z"})",
           R"({"at": "1969-12-31T23:59:59.999999999Z"})",
           R"({"span": "2h30m"})",
           R"({"span": "-7d"})",
           R"({"address": "10.0.0.1"})",
           R"({"address": "2001:db8::1"})",
           R"({"net": "10.0.0.0/8"})",
           R"({"net": "::/0"})",
           R"({"colour": "green"})",
           R"({"list": [[1, 2], [], [3]]})",
           R"({"optionals": [1, null, 3]})",
           R"({"records": [{"a": 1, "b": "x", "c": 2}, {"a": 2, "b": "", "c": 3}]})",
           R"({"set": ["10.0.0.2", "10.0.0.1"]})",
           R"({"words": ["k9", "k8", "k7", "k6", "k5", "k4", "k3", "k2", "k1", "k0"]})",
           R"({"by_name": {"y": {"a": 1, "b": "x", "c": 2}, "": {"a": 2, "b": "", "c": 3}}})",
           R"({"by_number": {"-3": "a", "2": "b"}})",
           R"({"by_truth": {"true": 1, "false": 0}})",
           R"({"by_natural": {"18446744073709551615": 1}})",
           R"({"by_address": {"::1": "fe80::/10"}})",
           R"({"by_colour": {"red": "1s"}})",
           R"({"by_moment": {"2026-01-01T00:00:00Z": 1}})",
           R"({"inner": {"a": 1, "b": "x", "c": 2}})",
       }) {
    EXPECT_EQ(again(line), line);
  }
}

TEST_F(InputTest, many_spellings_are_one_value) {
  EXPECT_EQ(again(R"({"number": 1e3})"), R"({"number": 1000})");
  EXPECT_EQ(again(R"({"number": -0.0})"), R"({"number": 0})");
  EXPECT_EQ(again(R"({"real": 3})"), R"({"real": 3.0})");
  EXPECT_EQ(again(R"({"at": "2026-01-31T09:00:00+01:00"})"), R"({"at": "2026-01-31T08:00:00Z"})");
  EXPECT_EQ(again(R"({"address": "::ffff:10.0.0.1"})"), R"({"address": "10.0.0.1"})");
  EXPECT_EQ(again(R"({"inner": {"c": 2, "\u0061": 1}})"), R"({"inner": {"a": 1, "b": "left out", "c": 2}})");
  EXPECT_EQ(again(R"( { } )"), "{}");
}

TEST_F(InputTest, what_does_not_fit_is_named) {
  EXPECT_EQ(again(R"({"number": 9007199254740993.0})"), "all.number: expected int, and no int is 9007199254740993.0");
  EXPECT_EQ(again(R"({"real": 9007199254740993})"), "all.real: expected double, and no double is 9007199254740993");
  EXPECT_EQ(again(R"({"natural": -1})"), "all.natural: expected uint, and no uint is -1");
  EXPECT_EQ(again(R"({"net": "10.0.0.1/8"})"), R"(all.net: expected a network such as 10.0.0.0/8, found "10.0.0.1/8")");
  EXPECT_EQ(again(R"({"raw": "AB=="})"), R"(all.raw: expected bytes in base64, found "AB==")");
  EXPECT_EQ(again(R"({"by_number": {"01x": "a"}})"), R"(all.by_number.01x: expected a key of type int, found "01x")");
  EXPECT_EQ(again(R"({"by_address": {"::1": "::/0", "0::1": "::/0"}})"),
            "all.by_address: a key stands twice in this map");
  EXPECT_EQ(again(R"({"set": ["10.0.0.1", "::ffff:10.0.0.1"]})"), "all.set: an element stands twice in this set");
  EXPECT_EQ(again(R"({"records": [{"a": 1}, {"b": ""}]})"), "all.records[1].a: this field is missing");
  EXPECT_EQ(again(R"({"list": [[1, nul]]})"), "all.list[0][1]: expected int, found null");
  EXPECT_EQ(again(R"({"optionals": [nul]})"), "all.optionals[0]: this is not JSON");
}

}  // namespace
}  // namespace writ::host
