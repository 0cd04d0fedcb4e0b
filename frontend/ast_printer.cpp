#include "frontend/ast_printer.h"

#include <fmt/core.h>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "support/diagnostic.h"

namespace writ::frontend {
namespace {

using support::json_quote;

std::string_view symbol(ast::BinaryOp op) {
  switch (op) {
    case ast::BinaryOp::kOr:
      return "||";
    case ast::BinaryOp::kAnd:
      return "&&";
    case ast::BinaryOp::kEqual:
      return "==";
    case ast::BinaryOp::kNotEqual:
      return "!=";
    case ast::BinaryOp::kLess:
      return "<";
    case ast::BinaryOp::kLessEqual:
      return "<=";
    case ast::BinaryOp::kGreater:
      return ">";
    case ast::BinaryOp::kGreaterEqual:
      return ">=";
    case ast::BinaryOp::kIn:
      return "in";
    case ast::BinaryOp::kCoalesce:
      return "??";
    case ast::BinaryOp::kAdd:
      return "+";
    case ast::BinaryOp::kSubtract:
      return "-";
    case ast::BinaryOp::kMultiply:
      return "*";
    case ast::BinaryOp::kDivide:
      return "/";
    case ast::BinaryOp::kRemainder:
      return "%";
  }
  return "";
}

std::string_view symbol(ast::UnaryOp op) { return op == ast::UnaryOp::kNot ? "!" : "-"; }

std::string_view symbol(ast::Dot dot) {
  switch (dot) {
    case ast::Dot::kPlain:
      return ".";
    case ast::Dot::kMaybe:
      return "?.";
    case ast::Dot::kAsk:
      return ".?";
  }
  return "";
}

std::string_view symbol(ast::AssignOp op) {
  switch (op) {
    case ast::AssignOp::kSet:
      return "=";
    case ast::AssignOp::kAdd:
      return "+=";
    case ast::AssignOp::kSubtract:
      return "-=";
  }
  return "";
}

std::string_view symbol(ast::Effect effect) {
  switch (effect) {
    case ast::Effect::kPure:
      return "pure";
    case ast::Effect::kReads:
      return "reads";
    case ast::Effect::kEmits:
      return "emits";
  }
  return "";
}

std::string_view symbol(ast::UnitKind kind) {
  switch (kind) {
    case ast::UnitKind::kSchema:
      return "schema";
    case ast::UnitKind::kPolicy:
      return "policy";
    case ast::UnitKind::kLibrary:
      return "library";
  }
  return "";
}

/// Bytes as a quoted text that is always ASCII.
std::string quote_bytes(std::string_view bytes) {
  std::string out = "b\"";
  for (const char c : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return out + '"';
}

/// Writes lines; each member function writes one kind of node and, indented under it, its parts.
class Printer {
 public:
  explicit Printer(Docs docs) : docs_(docs) {}

  std::string take() { return std::move(out_); }

  void file(const ast::File& file) {
    line("{} {}", symbol(file.kind), file.name.text);
    const Under under(*this);
    if (file.edition) line("edition {}", *file.edition);
    if (file.schema) line("for {}", file.schema->text);
    doc(file.doc);
    for (const ast::Decl& decl : file.decls) declaration(decl);
  }

  void expr(const ast::Expr& expr) {
    std::visit([&](const auto& node) { print(node); }, expr.node);
  }

 private:
  /// Lines written while one of these lives are one step further in.
  class Under {
   public:
    explicit Under(Printer& printer) : printer_(printer) { ++printer_.depth_; }
    ~Under() { --printer_.depth_; }
    Under(const Under&) = delete;
    Under& operator=(const Under&) = delete;

   private:
    Printer& printer_;
  };

  template <class... Parts>
  void line(fmt::format_string<Parts...> format, Parts&&... parts) {
    out_.append(depth_ * 2, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Parts>(parts)...);
    out_ += '\n';
  }

  void doc(const std::string& text) {
    if (!text.empty() && docs_ == Docs::kPrinted) line("doc {}", json_quote(text));
  }

  void labelled(std::string_view label, const ast::ExprPtr& part) {
    if (part == nullptr) return;
    line("{}", label);
    const Under under(*this);
    expr(*part);
  }

  void parts(const std::vector<ast::ExprPtr>& all) {
    const Under under(*this);
    for (const ast::ExprPtr& part : all) expr(*part);
  }

  template <class... Exprs>
  void under(const Exprs&... all) {
    const Under under(*this);
    (expr(*all), ...);
  }

  void names(std::string_view label, const std::vector<ast::Name>& all) {
    std::string joined;
    for (const ast::Name& name : all) joined += ' ' + name.text;
    line("{}{}", label, joined);
  }

  // ---- types ----------------------------------------------------------------------------------------------------

  void type(const ast::TypeExpr& type) {
    line("type {}{}", type.name.text, type.optional ? "?" : "");
    const Under under(*this);
    for (const ast::TypeExpr& argument : type.arguments) this->type(argument);
    if (!type.bounds) return;
    labelled("from", type.bounds->low);
    labelled("to", type.bounds->high);
  }

  void maybe_type(const std::optional<ast::TypeExpr>& maybe) {
    if (maybe) type(*maybe);
  }

  // ---- expressions ----------------------------------------------------------------------------------------------

  void print(const ast::BoolLiteral& node) { line("{}", node.value); }
  void print(const ast::IntLiteral& node) { line("{} {}", node.is_uint ? "uint" : "int", node.magnitude); }
  void print(const ast::DoubleLiteral& node) { line("double {}", node.value); }
  void print(const ast::StringLiteral& node) { line("string {}", json_quote(node.value)); }
  void print(const ast::BytesLiteral& node) { line("bytes {}", quote_bytes(node.value)); }
  void print(const ast::DurationLiteral& node) { line("duration {}ns", node.nanoseconds); }
  void print(const ast::AbsentLiteral&) { line("absent"); }
  void print(const ast::NameRef& node) { line("name {}", node.name); }
  void print(const ast::Member& node) {
    line("member {}{}", symbol(node.dot), node.field.text);
    under(node.object);
  }
  void print(const ast::Index& node) {
    line("index{}", node.optional ? " ?" : "");
    under(node.object, node.key);
  }
  void print(const ast::Call& node) {
    line("call{}", node.fill ? " .." : "");
    under(node.callee);
    arguments(node.arguments);
  }
  void print(const ast::Unary& node) {
    line("unary {}", symbol(node.op));
    under(node.operand);
  }
  void print(const ast::Binary& node) {
    line("binary {}", symbol(node.op));
    under(node.left, node.right);
  }
  void print(const ast::Ternary& node) {
    line("ternary");
    under(node.condition, node.then, node.otherwise);
  }
  void print(const ast::ListLiteral& node) {
    line("list");
    const Under under(*this);
    for (const ast::ListElement& element : node.elements) {
      if (!element.optional) {
        expr(*element.value);
        continue;
      }
      line("maybe");
      this->under(element.value);
    }
  }
  void print(const ast::SetLiteral& node) {
    line("set");
    parts(node.elements);
  }
  void print(const ast::MapLiteral& node) {
    line("map");
    const Under under(*this);
    for (const ast::MapEntry& entry : node.entries) {
      line("entry{}", entry.optional ? " ?" : "");
      this->under(entry.key, entry.value);
    }
  }
  void print(const ast::Range& node) {
    line("range");
    const Under under(*this);
    labelled("from", node.low);
    labelled("to", node.high);
  }
  void print(const ast::FString& node) {
    line("fstring");
    const Under under(*this);
    for (const auto& part : node.parts) {
      if (const auto* text = std::get_if<std::string>(&part)) {
        line("text {}", json_quote(*text));
      } else {
        expr(*std::get<ast::ExprPtr>(part));
      }
    }
  }
  void print(const ast::With& node) {
    line("with");
    under(node.object);
    arguments(node.fields);
  }
  void print(const ast::Match& node) {
    line("match");
    const Under under(*this);
    expr(*node.subject);
    for (const ast::MatchArm& arm : node.arms) {
      line("arm");
      const Under under_arm(*this);
      for (const ast::Pattern& alternative : arm.patterns) pattern(alternative);
      expr(*arm.value);
    }
  }
  void print(const ast::Decide& node) {
    line("decide");
    const Under under(*this);
    for (const ast::RuleItem& item : node.items) rule_item(item);
    if (!node.otherwise) return;
    line("else");
    const Under under_else(*this);
    rule_parts(*node.otherwise);
  }
  void print(const ast::Collect& node) {
    line("collect");
    const Under under(*this);
    for (const ast::RuleItem& item : node.items) rule_item(item);
  }

  void arguments(const std::vector<ast::Argument>& all) {
    const Under under(*this);
    for (const ast::Argument& argument : all) {
      if (argument.name) {
        labelled(fmt::format("argument {}", argument.name->text), argument.value);
      } else {
        labelled("argument", argument.value);
      }
    }
  }

  void pattern(const ast::Pattern& pattern) {
    switch (pattern.kind) {
      case ast::Pattern::Kind::kRest:
        line("pattern _");
        return;
      case ast::Pattern::Kind::kAbsent:
        line("pattern absent");
        return;
      case ast::Pattern::Kind::kSome:
        line("pattern some {}", pattern.binding->text);
        return;
      case ast::Pattern::Kind::kValue:
        labelled("pattern", pattern.value);
        return;
    }
  }

  void rule_item(const ast::RuleItem& item) {
    std::visit([&](const auto& node) { print(node); }, item.node);
  }
  void print(const ast::Rule& rule) {
    line("rule");
    const Under under(*this);
    rule_parts(rule);
  }
  void rule_parts(const ast::Rule& rule) {
    expr(*rule.value);
    labelled("reason", rule.reason);
    labelled("when", rule.condition);
  }
  void print(const ast::RuleLet& node) {
    line("let {}", node.name.text);
    const Under under(*this);
    maybe_type(node.type);
    expr(*node.value);
  }
  void print(const ast::RuleFor& node) {
    names("for", node.names);
    const Under under(*this);
    expr(*node.rows);
    for (const ast::RuleItem& item : node.items) rule_item(item);
  }

  // ---- statements -----------------------------------------------------------------------------------------------

  void block(std::string_view label, const ast::Block& block) {
    line("{}", label);
    const Under under(*this);
    for (const ast::Stmt& statement : block) {
      std::visit([&](const auto& node) { print(node); }, statement.node);
    }
  }

  void print(const ast::Let& node) {
    line("{} {}", node.is_var ? "var" : "let", node.name.text);
    const Under under(*this);
    maybe_type(node.type);
    expr(*node.value);
  }
  void print(const ast::Assign& node) {
    line("assign {}", symbol(node.op));
    under(node.target, node.value);
  }
  void print(const ast::If& node) {
    line("if{}", node.binding ? " let " + node.binding->text : "");
    const Under under(*this);
    expr(*node.condition);
    block("then", node.then);
    if (node.otherwise) block("else", *node.otherwise);
  }
  void print(const ast::For& node) {
    names("for", node.names);
    const Under under(*this);
    expr(*node.iterable);
    block("do", node.body);
  }
  void print(const ast::While& node) {
    line("while");
    const Under under(*this);
    expr(*node.condition);
    block("do", node.body);
  }
  void print(const ast::Return& node) {
    line("return");
    under(node.value);
  }
  void print(const ast::Break&) { line("break"); }
  void print(const ast::Continue&) { line("continue"); }
  void print(const ast::ExprStmt& node) {
    line("expression");
    under(node.value);
  }
  void print(const ast::Given& node) {
    line("given {}.{}", node.capability.text, node.function.text);
    const Under under(*this);
    for (const ast::ExprPtr& argument : node.arguments) {
      if (argument == nullptr) {
        line("argument _");
      } else {
        labelled("argument", argument);
      }
    }
    labelled("answer", node.answer);
  }
  void print(const ast::WithConfig& node) {
    line("with config");
    arguments(node.knobs);
  }
  void print(const ast::ExpectValue& node) {
    line("expect{}", node.because ? " because " + json_quote(*node.because) : "");
    under(node.condition);
  }
  void print(const ast::ExpectTrap& node) {
    line("expect trap {}", node.trap.text);
    under(node.call);
  }
  void print(const ast::ExpectEmitted& node) {
    line("expect emitted");
    under(node.call);
  }

  // ---- declarations ---------------------------------------------------------------------------------------------

  void declaration(const ast::Decl& decl) {
    std::visit([&](const auto& node) { print(node, decl); }, decl.node);
  }

  /// The line that opens a declaration, with what every declaration may have under it.
  template <class... Parts>
  void head(const ast::Decl& decl, fmt::format_string<Parts...> format, Parts&&... parts) {
    line("{}{}", decl.is_private ? "private " : "", fmt::format(format, std::forward<Parts>(parts)...));
    const Under under(*this);
    doc(decl.doc);
  }

  void parameters(const std::vector<ast::Parameter>& all) {
    for (const ast::Parameter& parameter : all) {
      line("parameter {}", parameter.name.text);
      const Under under(*this);
      maybe_type(parameter.type);
    }
  }

  void result(const ast::TypeExpr& type) {
    line("result");
    const Under under(*this);
    this->type(type);
  }

  void body(const ast::Body& body) {
    if (const auto* value = std::get_if<ast::ExprPtr>(&body)) {
      labelled("=", *value);
    } else {
      block("body", std::get<ast::Block>(body));
    }
  }

  void print(const ast::Record& node, const ast::Decl& decl) {
    head(decl, "record {}", node.name.text);
    const Under under(*this);
    for (const ast::Field& field : node.fields) {
      line("field {}", field.name.text);
      const Under under_field(*this);
      doc(field.doc);
      type(field.type);
      labelled("default", field.initial);
    }
  }
  void print(const ast::Enum& node, const ast::Decl& decl) {
    head(decl, "{}enum {}", node.ordered ? "ordered " : "", node.name.text);
    const Under under(*this);
    for (const ast::Enumerator& enumerator : node.enumerators) {
      line("{}", enumerator.name.text);
      const Under under_enumerator(*this);
      doc(enumerator.doc);
    }
  }
  void print(const ast::Capability& node, const ast::Decl& decl) {
    head(decl, "capability {}", node.name.text);
    const Under under(*this);
    for (const ast::CapabilityFn& function : node.functions) {
      line("{} fn {}", symbol(function.effect), function.name.text);
      const Under under_function(*this);
      doc(function.doc);
      parameters(function.parameters);
      if (function.result) result(*function.result);
      if (function.cost) line("cost {}", *function.cost);
    }
  }
  void print(const ast::SlotDecl& node, const ast::Decl& decl) {
    head(decl, "slot {}", node.name.text);
    const Under under(*this);
    parameters(node.parameters);
    result(node.result);
    if (node.else_host) line("else host");
    labelled("else", node.otherwise);
  }
  void print(const ast::Tier& node, const ast::Decl& decl) {
    head(decl, "tier {}{}", node.name.text, node.proven ? " proven" : "");
    const Under under(*this);
    names("grants", node.grants);
    labelled("fuel", node.fuel);
    labelled("memory", node.memory);
    labelled("stack", node.stack);
  }
  void print(const ast::DefaultBounds& node, const ast::Decl& decl) {
    head(decl, "default bounds");
    const Under under(*this);
    for (const ast::TypeExpr& bound : node.bounds) type(bound);
  }
  void print(const ast::Config& node, const ast::Decl& decl) {
    head(decl, "config");
    const Under under(*this);
    for (const ast::Knob& knob : node.knobs) {
      line("knob {}", knob.name.text);
      const Under under_knob(*this);
      doc(knob.doc);
      type(knob.type);
      labelled("default", knob.initial);
      labelled("where", knob.where);
    }
  }
  void print(const ast::Const& node, const ast::Decl& decl) {
    head(decl, "const {}", node.name.text);
    const Under under(*this);
    maybe_type(node.type);
    expr(*node.value);
  }
  void print(const ast::Function& node, const ast::Decl& decl) {
    head(decl, "fn {}", node.name.text);
    const Under under(*this);
    parameters(node.parameters);
    if (node.result) result(*node.result);
    body(node.body);
  }
  void print(const ast::SlotImpl& node, const ast::Decl& decl) {
    head(decl, "slot {}", node.name.text);
    const Under under(*this);
    parameters(node.parameters);
    if (node.result) result(*node.result);
    body(node.body);
  }
  void print(const ast::Test& node, const ast::Decl& decl) {
    head(decl, "test {}", json_quote(node.name));
    const Under under(*this);
    block("body", node.body);
  }
  void print(const ast::Use& node, const ast::Decl& decl) {
    head(decl, "use {}", node.unit.text);
    const Under under(*this);
    names("names", node.names);
  }

  std::string out_;
  std::size_t depth_ = 0;
  Docs docs_;
};

}  // namespace

std::string print_ast(const ast::File& file, Docs docs) {
  Printer printer(docs);
  printer.file(file);
  return printer.take();
}

std::string print_ast(const ast::Expr& expression) {
  Printer printer(Docs::kPrinted);
  printer.expr(expression);
  return printer.take();
}

}  // namespace writ::frontend
