// One case of CEL's conformance suite, and what it expects of an answer.
//
// In: a line of export.mjs. Out: the expression, typed variables with their values, and judgements on a type and a value.
// A value is expected as CEL sees it: by kind, so that 1 is not 1u; maps without order; absent is no value at all.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ir/type.h"
#include "ir/value.h"

namespace writ::tests {

struct CelVariable {
  std::string name;
  std::string type;  // as Writ writes it
  nlohmann::json value;
};

struct CelCase {
  std::string suite;
  std::string name;
  std::string expression;
  std::vector<CelVariable> variables;
  bool error = false;                   // evaluating it must fail
  std::optional<nlohmann::json> value;  // neither this nor error: only the type is asked for
  std::optional<std::string> type;      // as CEL's checker prints it

  [[nodiscard]] static CelCase read(const std::string& line);
  /// "suite name", which no other case shares except a few doubles that also share everything else.
  [[nodiscard]] std::string title() const { return suite + "\t" + name; }
};

/// `list<int>` as CEL prints it: "list(int)".
[[nodiscard]] std::string cel_type(ir::TypeId type, const ir::Types& types);

/// Whether `value` of `type` is the expected one.
[[nodiscard]] bool matches(const nlohmann::json& expected, const ir::Value& value, ir::TypeId type,
                           const ir::Types& types);

/// A variable's value in a type of Writ; nothing where they do not fit.
[[nodiscard]] std::optional<ir::Value> read_value(const nlohmann::json& value, ir::TypeId type, const ir::Types& types);

}  // namespace writ::tests
