// Any bytes as a unit and as an expression: the parser ends with a tree or with an error, never otherwise, and a tree can be
// printed and destroyed. The look-ahead cache stays under its limit.
#include <cstddef>
#include <cstdint>
#include <string>

#include "frontend/ast_printer.h"
#include "frontend/parser.h"
#include "support/check.h"
#include "support/diagnostic.h"
#include "support/limits.h"
#include "support/source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace frontend = writ::frontend;
  namespace support = writ::support;
  const support::SourceFile source(0, "fuzz.writ", std::string(reinterpret_cast<const char*>(data), size));
  support::Diagnostics of_unit;
  const auto file = frontend::parse(source, of_unit);
  WRIT_CHECK(file.has_value() != of_unit.has_errors());
  if (file) static_cast<void>(frontend::print_ast(*file));

  support::Diagnostics of_expression;
  const auto expression = frontend::parse_expression(source, of_expression);
  WRIT_CHECK((expression != nullptr) != of_expression.has_errors());
  if (expression != nullptr) static_cast<void>(frontend::print_ast(*expression));

  WRIT_CHECK(frontend::parser_states() <= static_cast<std::size_t>(support::limits::kParserStates));
  return 0;
}
