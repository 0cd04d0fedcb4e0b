#include "ir/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "support/diagnostic.h"

namespace writ::ir {
namespace {

/// Longer constants print as their number and type.
constexpr std::size_t kConstantTextMax = 60;

std::string_view role_text(Role role) {
  switch (role) {
    case Role::kFunction:
      return "fn";
    case Role::kSlot:
      return "slot";
    case Role::kElse:
      return "else";
    case Role::kWhere:
      return "where";
    case Role::kTest:
      return "test";
    case Role::kEquality:
      return "equality";
    case Role::kText:
      return "text";
  }
  return "";
}

class Printer {
 public:
  Printer(const Function& function, const Program& program) : function_(function), program_(program) {}

  std::string text() {
    line(fmt::format("{} {}({}){}  ; entry {}, stack {}{}", role_text(function_.role), function_.name, parameters(),
                     result(), function_.entry_fuel, function_.stack_bytes, function_.recursive ? ", recursive" : ""));
    ++depth_;
    for (LocalId id = function_.parameter_count; id < function_.locals.size(); ++id) {
      line("var " + declared(id));
    }
    print(function_.body);
    return std::move(out_);
  }

 private:
  // ---- lines -----------------------------------------------------------------------------------

  std::string indent() const { return std::string(static_cast<std::size_t>(depth_) * 2, ' '); }
  void line(std::string_view text) { out_ += indent().append(text).append("\n"); }

  void block(std::string_view head, const Body& body) {
    line(head);
    ++depth_;
    print(body);
    --depth_;
  }

  void loop(const std::string& head, const Body& body, std::int64_t turn_fuel) {
    block(fmt::format("{} {{  ; turn {}", head, turn_fuel), body);
    line("}");
  }

  // ---- declarations ----------------------------------------------------------------------------

  /// Locals of one name are told apart by their numbers.
  std::string name(LocalId id) const {
    const std::string& own = function_.locals[id].name;
    const bool unique = !own.empty() && std::ranges::count(function_.locals, own, &Local::name) == 1;
    return unique ? own : fmt::format("{}%{}", own, id);
  }

  std::string declared(LocalId id) const {
    return fmt::format("{}: {}", name(id), program_.types.text(function_.locals[id].type));
  }

  std::string parameters() const {
    std::string text;
    for (LocalId id = 0; id < function_.parameter_count; ++id) {
      text += (id == 0 ? "" : ", ") + declared(id);
    }
    return text;
  }

  std::string result() const {
    return function_.result ? " -> " + program_.types.text(*function_.result) : std::string();
  }

  // ---- statements ------------------------------------------------------------------------------

  void print(const Body& body) {
    for (const Stmt& stmt : body) {
      std::visit([&](const auto& node) { print_node(node); }, stmt.node);
    }
  }

  void print_node(const Assign& node) { line(name(node.local) + " = " + text(node.value)); }
  void print_node(const Evaluate& node) { line(text(node.value)); }
  void print_node(const Reserve& node) {
    line(fmt::format("reserve {}, {}: {}", name(node.list), name(node.room), text(node.count)));
  }
  void print_node(const Append& node) {
    line(fmt::format("append {}, {}: {}", name(node.list), name(node.room), text(node.value)));
  }
  void print_node(const If& node) {
    block("if " + text(node.condition) + " {", node.then);
    if (!node.otherwise.empty()) block("} else {", node.otherwise);
    line("}");
  }
  void print_node(const Once& node) {
    block("once {", node.body);
    line("}");
  }
  void print_node(const While& node) { loop("while " + text(node.condition), node.body, node.turn_fuel); }
  void print_node(const ForList& node) {
    const std::string index = node.index ? name(*node.index) + ", " : std::string();
    loop("for " + index + name(node.element) + " in " + text(node.list), node.body, node.turn_fuel);
  }
  void print_node(const ForTable& node) {
    const std::string value = node.value ? ", " + name(*node.value) : std::string();
    loop("for " + name(node.key) + value + " in " + text(node.table), node.body, node.turn_fuel);
  }
  void print_node(const ForRange& node) {
    loop(fmt::format("for {} in {}..{}", name(node.element), text(node.low), text(node.high)), node.body,
         node.turn_fuel);
  }
  void print_node(const Explain& node) { line("explain " + text(node.value)); }
  void print_node(const Return& node) {
    std::string out = "return";
    if (node.value) out += " " + text(node.value);
    if (node.reason == kRowReason) {
      out += " because of a row";
    } else if (node.reason) {
      out += " because " + support::json_quote(program_.reasons[*node.reason]);
    }
    line(out);
  }
  void print_node(const Break&) { line("break"); }
  void print_node(const Continue&) { line("continue"); }

  // ---- expressions -----------------------------------------------------------------------------

  std::string text(const ExprPtr& expr) { return text(*expr); }
  std::string text(const Expr& expr) {
    return std::visit([&](const auto& node) { return text_of(node, expr); }, expr.node);
  }

  std::string joined(const std::vector<ExprPtr>& exprs) {
    std::string out;
    for (const ExprPtr& expr : exprs) out += (out.empty() ? "" : ", ") + text(expr);
    return out;
  }

  std::string text_of(const ConstantRef& node, const Expr&) {
    const Constant& constant = program_.constants[node.id];
    std::string literal = literal_text(constant.value, constant.type, program_.types);
    if (literal.size() <= kConstantTextMax) return literal;
    return fmt::format("constant {} of {}", node.id, program_.types.text(constant.type));
  }
  std::string text_of(const KnobRef& node, const Expr&) {
    const Knob& knob = program_.knobs[node.id];
    return fmt::format("config {}.{}", knob.unit, knob.name);
  }
  std::string text_of(const LocalRef& node, const Expr&) { return name(node.id); }
  std::string text_of(const FieldGet& node, const Expr&) {
    const RecordId record = program_.types[node.record->type].decl;
    return text(node.record) + "." + program_.types.record_type(record).fields[node.field].name;
  }
  std::string text_of(const CheckBound& node, const Expr&) {
    return fmt::format("check({}, {}, {})", text(node.value), program_.types.text(node.bounded),
                       runtime::trap_spelling(node.trap));
  }
  std::string text_of(const OptionalNone&, const Expr&) { return "absent"; }
  std::string text_of(const OptionalSome& node, const Expr&) { return "some(" + text(node.value) + ")"; }
  std::string text_of(const OptionalIsPresent& node, const Expr&) { return "is_present(" + text(node.value) + ")"; }
  std::string text_of(const OptionalGet& node, const Expr&) { return "get(" + text(node.value) + ")"; }
  std::string text_of(const Operate& node, const Expr&) {
    return fmt::format("{}({})", op_row(node.op).name, joined(node.operands));
  }
  std::string text_of(const Select& node, const Expr&) {
    return fmt::format("({} ? {} : {})", text(node.condition), text(node.then), text(node.otherwise));
  }
  std::string text_of(const Do& node, const Expr&) {
    // The body prints as lines of its own, in the middle of this expression's line.
    std::string before = std::move(out_);
    out_.clear();
    ++depth_;
    print(node.body);
    line("give " + text(node.value));
    --depth_;
    std::string body = std::move(out_);
    out_ = std::move(before);
    return "do {\n" + body + indent() + "}";
  }
  std::string text_of(const RecordMake& node, const Expr& expr) {
    const RecordType& record = program_.types.record_type(program_.types[expr.type].decl);
    std::string fields;
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
      fields += fmt::format("{}{}: {}", i == 0 ? "" : ", ", record.fields[i].name, text(node.fields[i]));
    }
    return fmt::format("{}({})", record.name, fields);
  }
  std::string text_of(const ListMake& node, const Expr&) { return "[" + joined(node.elements) + "]"; }
  std::string text_of(const SetMake& node, const Expr&) { return "{" + joined(node.elements) + "}"; }
  std::string text_of(const MapMake& node, const Expr&) {
    std::string entries;
    for (const auto& [key, value] : node.entries) {
      entries += (entries.empty() ? "" : ", ") + text(key) + ": " + text(value);
    }
    return "{" + entries + "}";
  }
  std::string text_of(const TableOf& node, const Expr&) {
    return fmt::format("table_of({}{})", text(node.keys), node.values ? ", " + text(node.values) : "");
  }
  std::string text_of(const ListGet& node, const Expr&) { return text(node.list) + "[" + text(node.index) + "]"; }
  std::string text_of(const MapGet& node, const Expr&) { return text(node.map) + "[" + text(node.key) + "]"; }
  std::string text_of(const MapFind& node, const Expr&) { return text(node.map) + "[?" + text(node.key) + "]"; }
  std::string text_of(const TableHas& node, const Expr&) {
    return fmt::format("table_has({}, {})", text(node.table), text(node.key));
  }
  std::string text_of(const ConstantHas& node, const Expr&) {
    return fmt::format("constant_has({}, {})", text(node.key), text(node.constant));
  }
  std::string text_of(const InNetworks& node, const Expr&) {
    return fmt::format("in_networks({}, {})", text(node.address), text(node.constant));
  }
  std::string text_of(const BuiltinCall& node, const Expr&) {
    return fmt::format("{}({})", stdlib::builtins()[node.id].name, joined(node.arguments));
  }
  std::string text_of(const FunctionCall& node, const Expr&) {
    return fmt::format("{}({})", program_.functions[node.id].name, joined(node.arguments));
  }
  std::string text_of(const HostCall& node, const Expr&) {
    const HostFunctionDecl& decl = program_.host_functions[node.id];
    return fmt::format("host {}({})", decl.full_name(), joined(node.arguments));
  }

  const Function& function_;
  const Program& program_;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

std::string print(const Function& function, const Program& program) { return Printer(function, program).text(); }

std::string print(const Program& program) {
  std::string out;
  for (const Function& function : program.functions) {
    if (!out.empty()) out += "\n";
    out += print(function, program);
  }
  return out;
}

}  // namespace writ::ir
