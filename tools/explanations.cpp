#include "tools/explanations.h"

#include <algorithm>
#include <array>

namespace writ::tools {
namespace {

using support::Code;

struct Explanation {
  Code code;
  std::string_view text;
};

constexpr std::array kExplanations = {
    Explanation{.code = Code::kUnexpectedToken, .text = R"(
The text is read from left to right, and at this place no form of the language goes on with this word. The
mistake is often just before it: a bracket too few, a comma, a value that was left out.

  wrong   let limit = if up.size > 5 { 1 } else { 2 }
  right   let limit = up.size > 5 ? 1 : 2

  wrong   expect judge(up) = refuse
  right   expect judge(up) == refuse

A line that begins with `(`, `[` or `-` begins something new: to go on, end the line before in the operator.
)"},
    Explanation{.code = Code::kTypeMismatch, .text = R"(
A value stands where another type is needed. Nothing is converted silently.

  wrong   slot judge(up) = "refuse"             the slot answers with an enum
  right   slot judge(up) = refuse

  wrong   let wait: duration = 30
  right   let wait: duration = 30s

Conversions are functions: int(x), string(x), "12".toInt(). A second place in the message says where the type
comes from.
)"},
    Explanation{.code = Code::kUnknownName, .text = R"(
A name is looked up as a local name or parameter, in the unit, among what `use` took over, in the schema, among
the built-ins; and where a value of some enum is expected, among its enumerators.

  wrong   fn too_large(up: Upload) -> bool = size > 5      a field belongs to a value
  right   fn too_large(up: Upload) -> bool = up.size > 5

  wrong   let plan = free                                  nothing expects a Plan here
  right   let plan = Plan.free
)"},
    Explanation{.code = Code::kUnknownFunction, .text = R"(
No function of this name takes such a value. Built-ins that belong to a value are written behind it, functions
of a policy never.

  wrong   m.keys()                    right   m.map(k, k)
  wrong   name.toLowerCase()          right   name.lowerAscii()
  wrong   up.is_large()               right   is_large(up)

The page of all built-ins says what each takes.
)"},
    Explanation{.code = Code::kBadOperand, .text = R"(
An operator works on some types only, and on two values of one type.

  wrong   30d + 5                     right   30d + 5s
  wrong   4 * 45s                     right   45s * 4
  wrong   "a" in "abc"                right   "abc".contains("a")
  wrong   1u + int("1")               right   1u + uint("1")
)"},
    Explanation{.code = Code::kOptionalHere, .text = R"(
The value may be absent, and first something has to say what holds then.

  wrong   up.owner.plan == free
  right   up.owner?.plan == free                   false without an owner
  right   (up.owner?.plan ?? free) == free         true without an owner
  right   up.owner.exists(o, o.plan == free)       a bool, false without an owner
  right   if let owner = up.owner { … } else { … }
)"},
    Explanation{.code = Code::kWrongArguments, .text = R"(
A call has another number or kind of arguments than the function takes; or a type in `< >` has. The help shows
how it is called.

  wrong   xs.map(i, x, i * x)                 `map` has one name and perhaps a condition
  right   xs.transformList(i, x, i * x)

  wrong   map<string>                 right   map<string, int>
  wrong   cidr("10.0.0.0", 8)         right   cidr("10.0.0.0/8")

Arguments with names stand in the order of the parameters.
)"},
    Explanation{.code = Code::kUnusedValue, .text = R"(
A value stands alone as a statement, and nothing takes it. Values never change, so such a line does nothing.

  wrong   xs + [x]
  right   xs = xs + [x]               where xs is a `var`

  wrong   let rest = total
            - used                    a line that begins with `-` is a statement of its own
  right   let rest = total -
            used
)"},
    Explanation{.code = Code::kNotAssignable, .text = R"(
Only a `var` of the same body gets another value. Values never change: not an element, not a field, not a
parameter, not a `let`.

  wrong   let n = 0                   right   var n = 0
          n += 1                              n += 1

  wrong   r.plan = paid               right   r = r with (plan: paid)
  wrong   xs[0] = 1                   right   xs = [1] + xs.slice(1, xs.size())
  wrong   m["a"] = 1                  right   m = m.transformMap(k, v, k == "a" ? 1 : v)
)"},
    Explanation{.code = Code::kNotExhaustive, .text = R"(
Every value must have an arm, so that an enumerator which is added later is not forgotten.

  wrong   match n { 1 => "one", 2 => "two" }
  right   match n { 1 => "one", 2 => "two", _ => "many" }
)"},
    Explanation{.code = Code::kConfigMismatch, .text = R"(
A document, a variable of the environment or `--set` gives a knob a value of another type. The type decides how
a value is written, not its looks:

  wrong   keep_for = 30               right   keep_for = "30d"
  wrong   version = 1.10              right   version = "1.10"        a string
  wrong   secret = "p@ss"             right   secret = "cEBzcw=="     bytes are base64
  wrong   plan = "Free"               right   plan = "free"           enumerators as the schema has them

`writ inspect --json-schema` prints a schema of the documents for editors.
)"},
    Explanation{.code = Code::kBrokenCondition, .text = R"(
The value has the knob's type, but the condition behind `where` does not hold for it.

  config { most: int = 5 where most > 0 }

  wrong   most = 0                    right   most = 1
)"},
    Explanation{.code = Code::kInputMismatch, .text = R"(
A line of input is JSON, and a part of it does not fit the slot's parameter; the message names the part.

  wrong   {"size": "12"}              right   {"size": 12}
  wrong   {"wait": 30}                right   {"wait": "30s"}
  wrong   {"at": 1767225600}          right   {"at": "2026-01-01T00:00:00Z"}
  wrong   {}                          right   {"size": 0}             the field has no default and is not optional

One record is the line itself; several parameters are the members of the line: {"a": 1, "b": 2}.
)"},
};

}  // namespace

std::string_view explanation_of(Code code) {
  const auto* const row = std::ranges::find(kExplanations, code, &Explanation::code);
  return row == kExplanations.end() ? std::string_view{} : row->text;
}

}  // namespace writ::tools
