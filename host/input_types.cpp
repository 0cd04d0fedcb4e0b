#include "host/input_types.h"

#include <simdjson.h>

#include <optional>
#include <utility>

#include "support/limits.h"

namespace writ::host {
namespace {

namespace dom = simdjson::dom;

ast::TypeExpr named(const char* name) {
  ast::TypeExpr type;
  type.name.text = name;
  return type;
}

std::optional<ast::TypeExpr> type_of(dom::element value);

std::optional<ast::TypeExpr> list_type(const dom::array& values) {
  std::optional<ast::TypeExpr> element;
  for (const dom::element value : values) {
    std::optional<ast::TypeExpr> type = type_of(value);
    if (!type || (element && element->name.text != type->name.text)) return std::nullopt;
    element = std::move(type);
  }
  if (!element || !element->arguments.empty()) return std::nullopt;
  ast::TypeExpr list = named("list");
  list.arguments.push_back(*std::move(element));
  return list;
}

std::optional<ast::TypeExpr> type_of(dom::element value) {
  switch (value.type()) {
    case dom::element_type::BOOL:
      return named("bool");
    case dom::element_type::INT64:
      return named("int");
    case dom::element_type::UINT64:
      return named("uint");
    case dom::element_type::DOUBLE:
      return named("double");
    case dom::element_type::STRING:
      return named("string");
    case dom::element_type::ARRAY:
      return list_type(dom::array(value));
    case dom::element_type::OBJECT:
    case dom::element_type::NULL_VALUE:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::vector<InputVariable>, Mismatch> input_variables(std::string_view json) {
  dom::parser parser;
  dom::object object;
  auto error = parser.allocate(json.size() + 1, support::limits::kInputNesting);
  if (!error) error = parser.parse(json.data(), json.size()).get(object);
  if (error) {
    const bool no_object = error == simdjson::INCORRECT_TYPE;
    return std::unexpected(
        Mismatch{.syntax = true,
                 .path = {},
                 .message = no_object ? "expected an object"
                                      : std::string("this is not JSON: ") + simdjson::error_message(error)});
  }
  std::vector<InputVariable> variables;
  for (const auto& [name, value] : object) variables.push_back({std::string(name), type_of(value)});
  return variables;
}

}  // namespace writ::host
