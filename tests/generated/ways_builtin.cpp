// Calls of built-ins, from the rows of their table: a row that is added there is called here without a change.
#include "tests/generated/builtin_call.h"
#include "tests/generated/unit_writer.h"
#include "tests/generated/values.h"

namespace writ::tests {

using ir::Kind;

void UnitWriter::add_builtins(Ways& ways, TypeId type, int depth) {
  std::vector<const stdlib::Builtin*> rows;
  for (const stdlib::Builtin& row : stdlib::builtins()) {
    if (type_of(row.result, types_) == type) rows.push_back(&row);
  }
  if (rows.empty()) return;
  ways.add(leaning_.texts ? 8 : 5, [=, this] { return builtin(*bytes_.pick(rows), depth); });
}

std::string UnitWriter::builtin(const stdlib::Builtin& row, int depth) {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < row.parameter_count; ++i) {
    if (row.parameters[i].reading != stdlib::Reading::kPlain) {
      arguments.push_back(argument_read_so(row.parameters[i], depth));
      continue;
    }
    // Positions, counts and the like: most numbers would only ever trap.
    const bool is_small = i > 0 && row.parameters[i].kind == Kind::kInt && !leaning_.limits && bytes_.chance(70);
    arguments.push_back(is_small ? std::to_string(bytes_.below(4))
                                 : value(type_of(row.parameters[i], types_), depth, Place::kFree));
  }
  if (reads_text(row) && arguments[0].starts_with('"')) {
    arguments[0] = anchored(types_.plain(Kind::kString), arguments[0]);
  }
  return call_text(row, arguments);
}

/// A constant that can be read, or, where that is allowed, any text: one that is no constant.
std::string UnitWriter::argument_read_so(const stdlib::Type& parameter, int depth) {
  const TypeId type = type_of(parameter, types_);
  if (is_prepared(parameter.reading) || bytes_.chance(70)) {
    return literal(readable_value(parameter.reading, bytes_), type, types_).text;
  }
  return anchored(type, value(type, depth, Place::kTyped));
}

}  // namespace writ::tests
