#include "tests/generated/coverage.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <type_traits>
#include <variant>

#include "ir/walk.h"

namespace writ::tests {
namespace {

constexpr std::string_view kExprNames[] = {
    "ConstantRef",       "KnobRef",     "LocalRef",    "FieldGet",     "CheckBound", "OptionalNone", "OptionalSome",
    "OptionalIsPresent", "OptionalGet", "Operate",     "Select",       "Do",         "RecordMake",   "ListMake",
    "SetMake",           "MapMake",     "TableOf",     "ListGet",      "MapGet",     "MapFind",      "TableHas",
    "ConstantHas",       "InNetworks",  "BuiltinCall", "FunctionCall", "HostCall"};
static_assert(std::size(kExprNames) == std::variant_size_v<decltype(ir::Expr::node)>);

constexpr std::string_view kStmtNames[] = {"Assign",  "Evaluate", "Reserve",  "Append",  "If",     "Once",  "While",
                                           "ForList", "ForTable", "ForRange", "Explain", "Return", "Break", "Continue"};
static_assert(std::size(kStmtNames) == std::variant_size_v<decltype(ir::Stmt::node)>);

constexpr ir::Op kOps[] = {
#define WRIT_OP(name, operands, can_trap, doc) ir::Op::k##name,
#include "ir/op.def"
#undef WRIT_OP
};

}  // namespace

void Coverage::add(const ir::Program& program, const host::SlotBounds& bounds) {
  std::map<std::string, std::size_t, std::less<>> nodes;  // by unit
  for (const ir::Function& function : program.functions) {
    std::size_t count = 0;
    const auto visit = [&](const auto& self, const auto& part) -> void {
      using Part = std::remove_cvref_t<decltype(part)>;
      if constexpr (std::is_same_v<Part, ir::Body>) {
        for (const ir::Stmt& stmt : part) self(self, stmt);
      } else {
        ++count;
        (std::is_same_v<Part, ir::Expr> ? exprs_ : stmts_).insert(part.node.index());
        if constexpr (std::is_same_v<Part, ir::Expr>) {
          if (const auto* operation = std::get_if<ir::Operate>(&part.node)) ops_.insert(operation->op);
          if (const auto* call = std::get_if<ir::BuiltinCall>(&part.node)) builtins_.insert(call->id);
        }
        ir::for_each_part(part, [&](const auto& inner) { self(self, inner); });
      }
    };
    visit(visit, function.body);
    nodes[function.name.substr(0, function.name.find('.'))] += count;
  }
  for (const ir::SlotEntry& entry : program.entries) {
    if (!entry.policy) continue;
    const std::string& name = program.functions[*entry.policy].name;
    sizes_.push_back(nodes[name.substr(0, name.find('.'))]);
  }
  bounded_ += static_cast<std::size_t>(
      std::ranges::count_if(bounds, [](const auto& bound) { return bound && !bound->unbounded; }));
}

void Coverage::add(const Coverage& other) {
  exprs_.insert(other.exprs_.begin(), other.exprs_.end());
  stmts_.insert(other.stmts_.begin(), other.stmts_.end());
  ops_.insert(other.ops_.begin(), other.ops_.end());
  builtins_.insert(other.builtins_.begin(), other.builtins_.end());
  traps_.insert(other.traps_.begin(), other.traps_.end());
  sizes_.insert(sizes_.end(), other.sizes_.begin(), other.sizes_.end());
  bounded_ += other.bounded_;
}

std::vector<std::string> Coverage::missing() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::size(kExprNames); ++i) {
    if (!exprs_.contains(i)) names.emplace_back(kExprNames[i]);
  }
  for (std::size_t i = 0; i < std::size(kStmtNames); ++i) {
    if (!stmts_.contains(i)) names.emplace_back(kStmtNames[i]);
  }
  for (const ir::Op op : kOps) {
    if (!ops_.contains(op)) names.emplace_back(ir::op_row(op).name);
  }
  const auto rows = stdlib::builtins();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!builtins_.contains(static_cast<stdlib::BuiltinId>(i))) names.emplace_back(rows[i].symbol);
  }
  for (const runtime::TrapRow& row : runtime::kTrapRows) {
    if (!traps_.contains(row.trap)) names.emplace_back(row.spelling);
  }
  return names;
}

std::size_t Coverage::median_nodes() const {
  if (sizes_.empty()) return 0;
  std::vector<std::size_t> sorted = sizes_;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2));
  return sorted[sorted.size() / 2];
}

}  // namespace writ::tests
