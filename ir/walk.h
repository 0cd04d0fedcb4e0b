// The parts of a typed node, for passes that treat most nodes alike. A new kind of node adds its case here once.
#pragma once

#include <type_traits>
#include <variant>

#include "ir/program.h"

namespace writ::ir {

/// Whether T, const or not, is one of these kinds of node.
template <typename T, typename... Nodes>
inline constexpr bool kIsOneOf = (std::is_same_v<std::remove_const_t<T>, Nodes> || ...);

/// Calls `visit` with each direct part of an expression or statement, in the order in which they are evaluated: an Expr& for an
/// operand, a Body& for a body. Both are const when `node` is.
template <typename Node, typename Visit>
  requires kIsOneOf<Node, Expr, Stmt>
void for_each_part(Node& node, Visit visit) {
  const auto visit_all = [&](auto& exprs) {
    for (auto& expr : exprs) visit(*expr);
  };
  std::visit(
      [&]<typename T>(T& n) {
        if constexpr (kIsOneOf<T, ConstantRef, KnobRef, LocalRef, OptionalNone, Break, Continue>) {
          // a leaf
        } else if constexpr (kIsOneOf<T, CheckBound, OptionalSome, OptionalIsPresent, OptionalGet, Assign, Evaluate,
                                      Append, Explain>) {
          visit(*n.value);
        } else if constexpr (kIsOneOf<T, Return>) {
          if (n.value) visit(*n.value);
        } else if constexpr (kIsOneOf<T, FieldGet>) {
          visit(*n.record);
        } else if constexpr (kIsOneOf<T, Operate>) {
          visit_all(n.operands);
        } else if constexpr (kIsOneOf<T, Select, If>) {
          visit(*n.condition);
          if constexpr (kIsOneOf<T, Select>) {
            visit(*n.then);
            visit(*n.otherwise);
          } else {
            visit(n.then);
            visit(n.otherwise);
          }
        } else if constexpr (kIsOneOf<T, Do>) {
          visit(n.body);
          visit(*n.value);
        } else if constexpr (kIsOneOf<T, RecordMake>) {
          visit_all(n.fields);
        } else if constexpr (kIsOneOf<T, ListMake, SetMake>) {
          visit_all(n.elements);
        } else if constexpr (kIsOneOf<T, MapMake>) {
          for (auto& [key, value] : n.entries) {
            visit(*key);
            visit(*value);
          }
        } else if constexpr (kIsOneOf<T, TableOf>) {
          visit(*n.keys);
          if (n.values) visit(*n.values);
        } else if constexpr (kIsOneOf<T, Reserve>) {
          visit(*n.count);
        } else if constexpr (kIsOneOf<T, ListGet>) {
          visit(*n.list);
          visit(*n.index);
        } else if constexpr (kIsOneOf<T, MapGet, MapFind>) {
          visit(*n.map);
          visit(*n.key);
        } else if constexpr (kIsOneOf<T, TableHas>) {
          visit(*n.table);
          visit(*n.key);
        } else if constexpr (kIsOneOf<T, ConstantHas>) {
          visit(*n.key);
          visit(*n.constant);
        } else if constexpr (kIsOneOf<T, InNetworks>) {
          visit(*n.address);
          visit(*n.constant);
        } else if constexpr (kIsOneOf<T, BuiltinCall, FunctionCall, HostCall>) {
          visit_all(n.arguments);
        } else if constexpr (kIsOneOf<T, Once>) {
          visit(n.body);
        } else if constexpr (kIsOneOf<T, While>) {
          visit(*n.condition);
          visit(n.body);
        } else if constexpr (kIsOneOf<T, ForList>) {
          visit(*n.list);
          visit(n.body);
        } else if constexpr (kIsOneOf<T, ForTable>) {
          visit(*n.table);
          visit(n.body);
        } else {
          static_assert(kIsOneOf<T, ForRange>, "a new kind of node needs its case");
          visit(*n.low);
          visit(*n.high);
          visit(n.body);
        }
      },
      node.node);
}

/// Calls `visit` with every Expr of a body, at every depth; an expression comes before its parts.
template <typename Visit>
void for_each_expr(const Body& body, const Visit& visit) {
  const auto descend = [&](const auto& self, const auto& part) -> void {
    using Part = std::remove_cvref_t<decltype(part)>;
    if constexpr (std::is_same_v<Part, Body>) {
      for (const Stmt& stmt : part) self(self, stmt);
    } else {
      if constexpr (std::is_same_v<Part, Expr>) visit(part);
      for_each_part(part, [&](const auto& inner) { self(self, inner); });
    }
  };
  descend(descend, body);
}

}  // namespace writ::ir
