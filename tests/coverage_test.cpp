// Holds every table against the golden files: a row that no program reaches is a row that nobody tests. The built-ins'
// rows are tested by their own examples (builtin_test.cpp).
//
// What no golden file can reach stands in tests/golden/elsewhere.txt with the test that does: `ROW  FILE  WORDS`, where WORDS
// stand in that file.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/release.h"
#include "ir/program.h"
#include "ir/walk.h"
#include "runtime/abi.h"
#include "support/diagnostic.h"
#include "support/limits.h"
#include "tests/golden_load.h"

namespace writ::tests {
namespace {

/// What the golden files reach.
struct Reached {
  std::set<std::string, std::less<>> claims;  // words of claims: codes and traps
  std::set<std::string, std::less<>> limits;  // `//! reaches:`
  std::set<ir::Op> ops;
  std::set<runtime::Kind> kinds;
};

/// Collects from every expression of a program that runs.
class Walk {
 public:
  Walk(const ir::Program& program, Reached& reached) : program_(program), reached_(reached) {}

  void functions() {
    for (const ir::Function& function : program_.functions) body(function.body);
  }

 private:
  void body(const ir::Body& body) {
    for (const ir::Stmt& statement : body) parts(statement);
  }
  void expression(const ir::Expr& expression) {
    reached_.kinds.insert(program_.types.kind(expression.type));
    if (const auto* operate = std::get_if<ir::Operate>(&expression.node)) reached_.ops.insert(operate->op);
    parts(expression);
  }
  template <typename Node>
  void parts(const Node& node) {
    ir::for_each_part(node, [&]<typename Part>(const Part& part) {
      if constexpr (std::is_same_v<Part, ir::Expr>) {
        expression(part);
      } else {
        body(part);
      }
    });
  }

  const ir::Program& program_;
  Reached& reached_;
};

void add_words(std::string_view text, std::set<std::string, std::less<>>& words) {
  std::istringstream stream{std::string(text)};
  for (std::string word; stream >> word;) words.insert(word);
}

void add_claims(const GoldenFile& file, Reached& reached) {
  for (const Claim& claim : file.findings) add_words(claim.rest.substr(0, claim.rest.find(' ')), reached.claims);
  for (const Call& call : file.calls) {
    for (const Claim& claim : call.claims) {
      if (claim.key == "trap") add_words(claim.rest, reached.claims);
    }
  }
  for (const std::string& row : file.directives_of("reaches")) add_words(row, reached.limits);
}

const Reached& reached() {
  static const Reached kReached = [] {
    Reached reached;
    for (const std::string& name : golden_names()) {
      const GoldenFile file = read_golden(name);
      add_claims(file, reached);
      if (folder_of(file) != "run") continue;
      host::Sources sources;
      add_sections(file, sources);
      add_surroundings(file, sources);
      const auto release = host::check_release(
          sources,
          {.tier = file.directive("tier").value_or(""), .tests = true, .unused = file.directive("warns") == "unused"});
      if (release) Walk(release->program, reached).functions();
    }
    return reached;
  }();
  return kReached;
}

/// Rows of elsewhere.txt whose test is there.
const std::set<std::string, std::less<>>& elsewhere() {
  static const std::set<std::string, std::less<>> kRows = [] {
    std::set<std::string, std::less<>> rows;
    std::istringstream lines(read_text(golden_root() / "elsewhere.txt"));
    for (std::string line; std::getline(lines, line);) {
      if (line.empty() || line.starts_with('#')) continue;
      std::istringstream words(line);
      std::string row;
      std::string file;
      std::string text;
      words >> row >> file;
      std::getline(words >> std::ws, text);
      const std::string test = read_text(std::filesystem::path(WRIT_SOURCE_DIR) / file);
      EXPECT_NE(test.find(text), std::string::npos) << row << ": " << file << " does not hold: " << text;
      EXPECT_FALSE(text.empty()) << row << ": which test of " << file << "?";
      rows.insert(row);
    }
    return rows;
  }();
  return kRows;
}

/// Fails with the names of all rows that nothing reaches.
void expect_all(std::string_view table, const std::vector<std::string>& missing) {
  std::string text;
  for (const std::string& row : missing) {
    if (!elsewhere().contains(row)) text += "  " + row + "\n";
  }
  EXPECT_TRUE(text.empty()) << table << " that no golden file reaches:\n" << text;
}

TEST(Coverage, diagnostics) {
  std::vector<std::string> missing;
  for (const support::CodeRow& row : support::code_rows()) {
    std::string code = support::code_text(row.code);
    if (!reached().claims.contains(code)) missing.push_back(std::move(code));
  }
  expect_all("diagnostics", missing);
}

TEST(Coverage, traps) {
  std::vector<std::string> missing;
  for (const runtime::TrapRow& row : runtime::kTrapRows) {
    if (!reached().claims.contains(row.spelling)) missing.emplace_back(row.spelling);
  }
  expect_all("traps", missing);
}

TEST(Coverage, limits) {
  std::vector<std::string> missing;
  for (const support::LimitRow& row : support::limit_rows()) {
    if (!reached().limits.contains(row.name)) missing.emplace_back(row.name);
  }
  expect_all("limits", missing);
}

TEST(Coverage, operators) {
  std::vector<std::string> missing;
  for (const ir::Op op : {
#define WRIT_OP(name, operands, can_trap, doc) ir::Op::k##name,
#include "ir/op.def"
#undef WRIT_OP
       }) {
    if (!reached().ops.contains(op)) missing.emplace_back(ir::op_row(op).name);
  }
  expect_all("operators", missing);
}

TEST(Coverage, kinds_of_type) {
  for (int kind = 0; kind <= static_cast<int>(runtime::Kind::kOptional); ++kind) {
    EXPECT_TRUE(reached().kinds.contains(static_cast<runtime::Kind>(kind))) << "kind " << kind << " of runtime::Kind";
  }
}

}  // namespace
}  // namespace writ::tests
