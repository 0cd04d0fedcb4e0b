#include "jit/program_shape.h"

#include <algorithm>
#include <type_traits>

#include "ir/cost.h"
#include "ir/walk.h"
#include "support/overloaded.h"

namespace writ::jit {
namespace {

using support::Overloaded;

/// Calls `visit` with every statement and every expression from `part` down.
template <typename Part, typename Visit>
void walk(const Part& part, const Visit& visit) {
  if constexpr (std::is_same_v<Part, ir::Body>) {
    for (const ir::Stmt& stmt : part) walk(stmt, visit);
  } else {
    visit(part);
    ir::for_each_part(part, [&](const auto& inner) { walk(inner, visit); });
  }
}

void written_locals(const ir::Stmt& stmt, std::set<ir::LocalId>& out) {
  std::visit(Overloaded{[&](const ir::Assign& node) { out.insert(node.local); },
                        [&](const ir::Reserve& node) { out.insert({node.list, node.room}); },
                        [&](const ir::Append& node) { out.insert({node.list, node.room}); },
                        [&](const ir::ForList& node) {
                          out.insert(node.element);
                          if (node.index) out.insert(*node.index);
                        },
                        [&](const ir::ForTable& node) {
                          out.insert(node.key);
                          if (node.value) out.insert(*node.value);
                        },
                        [&](const ir::ForRange& node) { out.insert(node.element); }, [](const auto&) {}},
             stmt.node);
}

/// Judges the body of one counted loop.
class ConstantTurns {
 public:
  ConstantTurns(const ir::Program& program, const ir::Config& config) : program_(program), config_(config) {}

  bool body(const ir::Body& stmts, bool in_once) {
    return std::ranges::all_of(stmts, [&](const ir::Stmt& stmt) { return statement(stmt, in_once); });
  }

 private:
  bool statement(const ir::Stmt& stmt, bool in_once) {
    const bool allowed = std::visit(
        Overloaded{[&](const ir::If& node) {
                     return expression(*node.condition) && body(node.then, in_once) && body(node.otherwise, in_once);
                   },
                   [&](const ir::Once& node) { return body(node.body, true); },
                   [&](const ir::Assign& node) { return expression(*node.value); },
                   [&](const ir::Evaluate& node) { return expression(*node.value); },
                   [](const ir::Continue&) { return true; }, [&](const ir::Break&) { return in_once; },
                   [](const auto&) { return false; }},
        stmt.node);
    return allowed;
  }

  bool expression(const ir::Expr& expr) {
    if (!is_free(expr)) return false;
    bool free = true;
    ir::for_each_part(expr, [&](const auto& part) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(part)>, ir::Body>) {
        free = free && body(part, false);
      } else {
        free = free && expression(part);
      }
    });
    return free;
  }

  /// Whether the node itself charges nothing when it is evaluated.
  bool is_free(const ir::Expr& expr) const {
    return std::visit(
        Overloaded{[](const ir::FunctionCall&) { return false; }, [](const ir::HostCall&) { return false; },
                   [](const ir::BuiltinCall&) { return false; }, [](const ir::SetMake&) { return false; },
                   [](const ir::MapMake&) { return false; }, [](const ir::TableOf&) { return false; },
                   [&](const ir::MapGet& node) { return is_free_key(*node.key); },
                   [&](const ir::MapFind& node) { return is_free_key(*node.key); },
                   [&](const ir::TableHas& node) { return is_free_key(*node.key); },
                   [&](const ir::ConstantHas& node) { return is_free_key(*node.key); },
                   [&](const ir::Operate& node) { return is_free_operation(node); }, [](const auto&) { return true; }},
        expr.node);
  }

  bool is_free_key(const ir::Expr& key) const {
    const ir::Kind kind = program_.types.kind(key.type);
    if (kind != ir::Kind::kString && kind != ir::Kind::kBytes) return true;
    const auto bytes = most_bytes(key, program_, config_);
    return bytes && ir::cost::lookup_fuel(*bytes) == 0;
  }

  bool is_free_operation(const ir::Operate& node) const {
    switch (node.op) {
      case ir::Op::kStringEqual:
      case ir::Op::kStringLess:
      case ir::Op::kStringLessEqual:
      case ir::Op::kStringGreater:
      case ir::Op::kStringGreaterEqual:
        return std::ranges::any_of(node.operands, [&](const ir::ExprPtr& operand) {
          const auto bytes = most_bytes(*operand, program_, config_);
          return bytes && ir::cost::compare_fuel(*bytes, *bytes) == 0;
        });
      default:  // the rest of op.def charges nothing
        return true;
    }
  }

  const ir::Program& program_;
  const ir::Config& config_;
};

}  // namespace

std::size_t node_count(const ir::Stmt& stmt) {
  std::size_t count = 0;
  walk(stmt, [&](const auto&) { ++count; });
  return count;
}

std::size_t node_count(const ir::Body& body) {
  std::size_t count = 0;
  walk(body, [&](const auto&) { ++count; });
  return count;
}

LocalUse local_use(const ir::Stmt* first, const ir::Stmt* last) {
  LocalUse use;
  for (; first != last; ++first) {
    walk(*first, [&](const auto& node) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(node)>, ir::Stmt>) {
        written_locals(node, use.written);
        if (const auto* append = std::get_if<ir::Append>(&node.node)) use.read.insert({append->list, append->room});
      } else if (const auto* local = std::get_if<ir::LocalRef>(&node.node)) {
        use.read.insert(local->id);
      }
    });
  }
  return use;
}

const ir::Constant* constant_of(const ir::Expr& expr, const ir::Program& program, const ir::Config& config) {
  if (const auto* constant = std::get_if<ir::ConstantRef>(&expr.node)) {
    return &config.constant(program, constant->id);
  }
  if (const auto* knob = std::get_if<ir::KnobRef>(&expr.node)) {
    return &config.constant(program, config.values[knob->id]);
  }
  return nullptr;
}

std::optional<std::int64_t> most_bytes(const ir::Expr& expr, const ir::Program& program, const ir::Config& config) {
  if (const ir::Constant* constant = constant_of(expr, program, config)) {
    if (const auto* text = std::get_if<std::string>(&constant->value.node)) {
      return static_cast<std::int64_t>(text->size());
    }
  }
  if (const auto* check = std::get_if<ir::CheckBound>(&expr.node)) {
    const ir::Type& bounded = program.types[check->bounded];
    if (bounded.kind == ir::Kind::kString || bounded.kind == ir::Kind::kBytes) {
      return bounded.bound.high;
    }
  }
  return std::nullopt;
}

bool has_constant_turns(const ir::Body& body, const ir::Program& program, const ir::Config& config) {
  return ConstantTurns(program, config).body(body, false);
}

}  // namespace writ::jit
