#include "tests/cel/hoist.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace writ::tests {
namespace {

/// Calls `visit` with each operand of an expression.
template <typename Visit>
void for_each_operand(ast::Expr& expression, const Visit& visit) {
  const auto if_there = [&](ast::ExprPtr& operand) {
    if (operand) visit(*operand);
  };
  std::visit(
      [&]<typename Node>(Node& node) {
        if constexpr (std::is_same_v<Node, ast::Member>) {
          if_there(node.object);
        } else if constexpr (std::is_same_v<Node, ast::Index>) {
          if_there(node.object);
          if_there(node.key);
        } else if constexpr (std::is_same_v<Node, ast::Call>) {
          // The text of a format stays: its clauses are read when the program is checked.
          const auto* method = std::get_if<ast::Member>(&node.callee->node);
          if (method == nullptr || method->field.text != "format") if_there(node.callee);
          for (ast::Argument& argument : node.arguments) if_there(argument.value);
        } else if constexpr (std::is_same_v<Node, ast::Unary>) {
          if_there(node.operand);
        } else if constexpr (std::is_same_v<Node, ast::Binary>) {
          if_there(node.left);
          if_there(node.right);
        } else if constexpr (std::is_same_v<Node, ast::Ternary>) {
          if_there(node.condition);
          if_there(node.then);
          if_there(node.otherwise);
        } else if constexpr (std::is_same_v<Node, ast::ListLiteral>) {
          for (ast::ListElement& element : node.elements) if_there(element.value);
        } else if constexpr (std::is_same_v<Node, ast::SetLiteral>) {
          for (ast::ExprPtr& element : node.elements) if_there(element);
        } else if constexpr (std::is_same_v<Node, ast::MapLiteral>) {
          for (ast::MapEntry& entry : node.entries) {
            if_there(entry.key);
            if_there(entry.value);
          }
        }
      },
      expression.node);
}

struct Literal {
  const char* type;
  ir::Value value;
  [[nodiscard]] std::size_t words() const { return std::holds_alternative<std::string>(value.node) ? 2 : 1; }
};

std::optional<Literal> literal(const ast::Expr& expression);

std::optional<Literal> negated(const ast::Expr& operand) {
  if (const auto* number = std::get_if<ast::IntLiteral>(&operand.node); number != nullptr && !number->is_uint) {
    return Literal{"int", {static_cast<std::int64_t>(0 - number->magnitude)}};
  }
  if (const auto* number = std::get_if<ast::DoubleLiteral>(&operand.node)) return Literal{"double", {-number->value}};
  return std::nullopt;
}

std::optional<Literal> literal(const ast::Expr& expression) {
  return std::visit(
      []<typename Node>(const Node& node) -> std::optional<Literal> {
        if constexpr (std::is_same_v<Node, ast::BoolLiteral>) return Literal{"bool", {node.value}};
        if constexpr (std::is_same_v<Node, ast::DoubleLiteral>) return Literal{"double", {node.value}};
        if constexpr (std::is_same_v<Node, ast::StringLiteral>) return Literal{"string", {node.value}};
        if constexpr (std::is_same_v<Node, ast::BytesLiteral>) return Literal{"bytes", {node.value}};
        if constexpr (std::is_same_v<Node, ast::DurationLiteral>) return Literal{"duration", {node.nanoseconds}};
        if constexpr (std::is_same_v<Node, ast::IntLiteral>) {
          if (node.is_uint) return Literal{"uint", {ir::UintValue{node.magnitude}}};
          return Literal{"int", {static_cast<std::int64_t>(node.magnitude)}};
        }
        if constexpr (std::is_same_v<Node, ast::Unary>) {
          if (node.op == ast::UnaryOp::kNegate) return negated(*node.operand);
        }
        return std::nullopt;
      },
      expression.node);
}

void hoist(ast::Expr& expression, std::size_t& words, std::vector<Hoisted>& out) {
  if (auto found = literal(expression)) {
    if (found->words() > words) return;
    words -= found->words();
    out.push_back({"h" + std::to_string(out.size()), found->type, std::move(found->value)});
    expression.node = ast::NameRef{out.back().name};
    return;
  }
  for_each_operand(expression, [&](ast::Expr& operand) { hoist(operand, words, out); });
}

}  // namespace

std::vector<Hoisted> hoist_literals(ast::Expr& expression, std::size_t words) {
  std::vector<Hoisted> out;
  hoist(expression, words, out);
  return out;
}

}  // namespace writ::tests
