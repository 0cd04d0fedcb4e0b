#include "ir/meter.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "ir/call_graph.h"
#include "ir/cost.h"
#include "ir/walk.h"

namespace writ::ir {
namespace {

/// What one expression counts, its parts apart.
std::int64_t weight(const Expr& expr) {
  return std::visit(
      []<typename T>(const T& node) -> std::int64_t {
        if constexpr (kIsOneOf<T, BuiltinCall>) return stdlib::builtins()[node.id].fuel.weight;
        if constexpr (kIsOneOf<T, MapGet, MapFind, TableHas, ConstantHas, TableOf>) {
          return cost::kLookupNodes;
        }
        if constexpr (kIsOneOf<T, SetMake>) {
          return 1 + cost::kLookupNodes * static_cast<std::int64_t>(node.elements.size());
        }
        if constexpr (kIsOneOf<T, MapMake>) {
          return 1 + cost::kLookupNodes * static_cast<std::int64_t>(node.entries.size());
        }
        if constexpr (kIsOneOf<T, InNetworks>) return cost::kNetworksNodes;
        if constexpr (kIsOneOf<T, HostCall, FunctionCall>) return cost::kCallNodes;
        return 1;
      },
      expr.node);
}

std::int64_t count(Body& body);

std::int64_t count(Expr& expr) {
  std::int64_t nodes = weight(expr);
  for_each_part(expr, [&](auto& part) { nodes += count(part); });
  return nodes;
}

/// The nodes of a statement that its surroundings pay for. A loop's body (and a While's condition) pay for themselves: their
/// count goes into turn_fuel.
std::int64_t count(Stmt& stmt) {
  std::int64_t outside = 1;
  std::int64_t inside = 0;
  for_each_part(stmt, [&]<typename Part>(Part& part) {
    const bool of_turn = std::is_same_v<Part, Body> || std::holds_alternative<While>(stmt.node);
    (of_turn ? inside : outside) += count(part);
  });
  return outside + std::visit(
                       [&](auto& node) {
                         if constexpr (requires { node.turn_fuel; }) {
                           node.turn_fuel = cost::body_fuel(inside);
                           return std::int64_t{0};
                         } else {
                           return inside;
                         }
                       },
                       stmt.node);
}

std::int64_t count(Body& body) {
  std::int64_t nodes = 0;
  for (Stmt& stmt : body) nodes += count(stmt);
  return nodes;
}

std::vector<FunctionId> all_functions(const Program& program) {
  std::vector<FunctionId> ids(program.functions.size());
  std::iota(ids.begin(), ids.end(), FunctionId{0});
  return ids;
}

}  // namespace

void meter(Program& program) {
  for (Function& function : program.functions) {
    function.entry_fuel = cost::body_fuel(count(function.body));
    function.stack_bytes = cost::stack_bytes(static_cast<std::int64_t>(function.locals.size()));
  }
  for (const CallComponent& component : call_components(program, all_functions(program))) {
    for (const FunctionId id : component.functions) {
      program.functions[id].recursive = component.recursive;
    }
  }
}

bool needs_stack_meter(const Program& program, FunctionId root, std::int64_t stack) {
  std::vector<std::int64_t> depth(program.functions.size());  // in metered bytes, callees included
  for (const CallComponent& component : call_components(program, {&root, 1})) {
    if (component.recursive) return true;
    const FunctionId id = component.functions.front();
    const Function& function = program.functions[id];
    for (const FunctionId callee : callees(function)) {
      depth[id] = std::max(depth[id], depth[callee]);
    }
    depth[id] += function.stack_bytes;
  }
  return depth[root] > stack;
}

}  // namespace writ::ir
