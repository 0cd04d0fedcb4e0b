// The checker's limits, reached by trees made by hand: as text they would take the parser longer than the checker.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "frontend/ast.h"
#include "frontend/check.h"
#include "frontend/checker.h"
#include "support/limits.h"

namespace writ::frontend {
namespace {

namespace limits = support::limits;

ast::ExprPtr expression(auto node) {
  auto out = std::make_unique<ast::Expr>();
  out->node = std::move(node);
  return out;
}

ast::ExprPtr number(std::uint64_t value) { return expression(ast::IntLiteral{value, false}); }

ast::ExprPtr list_of(std::int64_t elements) {
  ast::ListLiteral list;
  for (std::int64_t i = 0; i < elements; ++i) list.elements.push_back({number(1), false});
  return expression(std::move(list));
}

ast::TypeExpr type(std::string name) {
  ast::TypeExpr out;
  out.name.text = std::move(name);
  return out;
}

ast::Decl constant(std::string name, ast::ExprPtr value) {
  ast::Decl out;
  out.node = ast::Const{{std::move(name), {}}, std::nullopt, std::move(value)};
  return out;
}

ast::Decl function(std::string name, std::string result, ast::ExprPtr value) {
  ast::Decl out;
  out.node = ast::Function{{std::move(name), {}}, {}, type(std::move(result)), ast::Body{std::move(value)}};
  return out;
}

/// The messages of checking a library with these declarations.
std::string check_library(std::vector<ast::Decl> decls) {
  ast::File schema;
  schema.kind = ast::UnitKind::kSchema;
  schema.name.text = "s";
  ast::File library;
  library.kind = ast::UnitKind::kLibrary;
  library.name.text = "l";
  library.schema = ast::Name{"s", {}};
  library.decls = std::move(decls);
  support::Diagnostics diagnostics;
  const ast::File* const units[] = {&library};
  const bool checked = check(schema, units, {}, diagnostics).has_value();
  EXPECT_NE(checked, diagnostics.has_errors());
  std::string out;
  for (const auto& diagnostic : diagnostics.sorted()) out += diagnostic.message + "\n";
  return out;
}

template <typename... Decls>
std::vector<ast::Decl> declarations(Decls... decls) {
  std::vector<ast::Decl> out;
  (out.push_back(std::move(decls)), ...);
  return out;
}

TEST(CheckerLimits, LiteralElements) {
  EXPECT_EQ(check_library(declarations(constant("A", list_of(limits::kLiteralElements)))), "");
  EXPECT_EQ(check_library(declarations(constant("A", list_of(limits::kLiteralElements + 1)))),
            "more than 50000 elements in one literal\n");
}

TEST(CheckerLimits, PiecesOfAText) {
  const auto text_of_pieces = [](std::int64_t count) {
    ast::FString text;
    for (std::int64_t i = 0; i < count; ++i) text.parts.emplace_back(number(1));
    std::vector<ast::Decl> decls;
    decls.push_back(function("f", "string", expression(std::move(text))));
    return check_library(std::move(decls));
  };
  EXPECT_EQ(text_of_pieces(limits::kChainTerms), "");
  EXPECT_EQ(text_of_pieces(limits::kChainTerms + 1), "this text has more than 1000 pieces\n");
}

TEST(CheckerLimits, Functions) {
  std::vector<ast::Decl> decls;
  for (std::int64_t i = 0; i < limits::kFunctions; ++i)
    decls.push_back(function("f" + std::to_string(i), "int", number(1)));
  decls.push_back(function("g", "int", number(1)));
  EXPECT_EQ(check_library(std::move(decls)), "more than 10000 functions in one unit\n");
}

TEST(CheckerLimits, FunctionNodes) {
  const auto sum = [](std::int64_t terms) {  // balanced, so that the tree is not deep
    const auto build = [](auto& self, std::int64_t count) -> ast::ExprPtr {
      if (count == 1) return number(0);
      return expression(ast::Binary{ast::BinaryOp::kAdd, {}, self(self, count / 2), self(self, count - count / 2)});
    };
    return build(build, terms);
  };
  EXPECT_EQ(check_library(declarations(function("f", "int", sum(limits::kFunctionNodes / 4)))), "");
  EXPECT_EQ(check_library(declarations(function("f", "int", sum(limits::kFunctionNodes)))),
            "this body has more than 250000 nodes\n");
}

TEST(CheckerLimits, RuleCount) {
  const auto decide = [](std::int64_t rules) {
    ast::Decide out;
    for (std::int64_t i = 0; i < rules; ++i) {
      out.items.push_back({{}, ast::Rule{number(1), nullptr, expression(ast::BoolLiteral{false})}});
    }
    out.otherwise = ast::Rule{number(2), nullptr, nullptr};
    return expression(std::move(out));
  };
  EXPECT_EQ(check_library(declarations(function("f", "int", decide(limits::kRuleCount)))), "");
  EXPECT_EQ(check_library(declarations(function("f", "int", decide(limits::kRuleCount + 1)))),
            "more than 10000 rules in one decide\n");
}

TEST(CheckerLimits, ConstantBytes) {
  EXPECT_EQ(
      check_library(declarations(constant(
          "A", expression(ast::StringLiteral{std::string(static_cast<std::size_t>(limits::kConstantBytes), 'a')})))),
      "the constants of this release take more than 16777216 bytes\n");
}

TEST(CheckerLimits, CheckerSteps) {
  std::vector<ast::Decl> decls;
  for (std::int64_t i = 0; i * limits::kLiteralElements <= limits::kCheckerSteps; ++i) {
    ast::ExprPtr list = list_of(limits::kLiteralElements);
    // Each at a place of its own: a second error of one code at one place would not be kept.
    for (const ast::ListElement& element : std::get<ast::ListLiteral>(list->node).elements) {
      element.value->span.begin = static_cast<std::uint32_t>(i + 1);
    }
    decls.push_back(constant("A" + std::to_string(i), std::move(list)));
  }
  EXPECT_NE(check_library(std::move(decls)).find("this release takes too long to check"), std::string::npos);
}

TEST(CheckerLimits, AnUnsoundProgramIsRefusedAsOurOwnMistake) {
  ir::Program program;
  ir::Function function;
  function.result = program.types.plain(ir::Kind::kInt);
  function.body.push_back({0, ir::Break{}});  // of no loop
  program.places.emplace_back();
  program.functions.push_back(std::move(function));
  support::Diagnostics diagnostics;
  EXPECT_FALSE(is_sound(program, {}, diagnostics));
  ASSERT_EQ(diagnostics.sorted().size(), 1U);
  EXPECT_EQ(diagnostics.sorted()[0].code, support::Code::kInternal);
}

}  // namespace
}  // namespace writ::frontend
