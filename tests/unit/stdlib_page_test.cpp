// docs/stdlib.md says what the table of built-ins says. WRIT_UPDATE=1 writes it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ir/type.h"
#include "stdlib/builtin.h"
#include "stdlib/modules.h"

namespace writ::stdlib {
namespace {

using runtime::Kind;

std::string text_of(const Type& type) {
  ir::Types types;
  const ir::TypeId element = types.plain(type.element);
  switch (type.kind) {
    case Kind::kList:
      return types.text(types.list(element));
    case Kind::kSet:
      return types.text(types.set(element));
    case Kind::kOptional:
      return types.text(types.optional(element));
    default:
      return types.text(types.plain(type.kind));
  }
}

/// `string.split(string, int) -> list<string>`; `string + string -> string`.
std::string signature(const Builtin& row) {
  const auto parameter = [&](std::size_t i) {
    const Type& type = row.parameters[i];
    return (is_prepared(type.reading) ? "const " : "") + text_of(type);
  };
  if (row.name == "+") return fmt::format("{} + {} -> {}", parameter(0), parameter(1), text_of(row.result));
  std::string out = row.method ? parameter(0) + "." : "";
  out += std::string(row.name) + "(";
  const std::size_t first = row.method ? 1 : 0;
  for (std::size_t i = first; i < row.parameter_count; ++i) out += (i == first ? "" : ", ") + parameter(i);
  return out + ") -> " + text_of(row.result);
}

/// What a call costs by its data.
std::string fuel(const FuelRule& rule) {
  const auto part = [&](std::string_view basis) {
    return fmt::format("{} / {}", basis, std::int64_t{1} << rule.shift);
  };
  using enum FuelRule::Basis;
  switch (rule.basis) {
    case kNone:
      return "";
    case kFirst:
      return part("first");
    case kSecond:
      return part("second");
    case kSmaller:
      return part("smaller");
    case kSum:
      return part("both");
    case kProduct:
      return part("(first + 1) × second");
    case kSorting:
      return part("(first and its texts) × bits of its size");
  }
  std::unreachable();
}

std::string in_table(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

/// In code quotes, which the text may hold.
std::string code(std::string_view text) { return "`" + in_table(text) + "`"; }

constexpr std::string_view kHead =
    R"(<!-- Made of the rows of stdlib/ by tests/unit/stdlib_page_test.cpp: WRIT_UPDATE=1 writes it again. -->

# Built-ins

Each row is a function, what it means, an expression with it that is true, and what a call costs: the nodes that it counts as in
its function's constant charge, and fuel by the bytes of its arguments ([What a call costs](cost.md)). An element of a list counts
16 bytes; of a pattern, the steps of its program count; what is written beyond that pays 1/64 of its bytes. `x.f(y)` has the
receiver for its first argument. `const` marks an argument that is a literal, a constant or a value of `config`: it is
made ready once, with the policy or its documents.

The operators, `in`, `size` of collections and the macros (`exists`, `all`, `filter`, `map` and their like) are parts of the
[language](language.md) and not of this table.
)";

std::string page() {
  struct Module {
    std::string_view title;
    std::span<const Builtin> rows;
  };
  const Module modules[] = {
      {"Strings", string_rows()},
      {"Regular expressions", regex_rows()},
      {"Globs", glob_rows()},
      {"Versions", version_rows()},
      {"Bytes", bytes_rows()},
      {"Lists", list_rows()},
      {"Addresses and networks", net_rows()},
      {"Time", time_rows()},
      {"Conversions", convert_rows()},
      {"Clauses of `format`", format_rows()},
      {"Shares", share_rows()},
      {"Numbers", math_rows()},
  };
  std::string out(kHead);
  std::size_t count = 0;
  for (const auto& [title, rows] : modules) {
    out += fmt::format("\n## {}\n\n| | | nodes | fuel |\n|---|---|---|---|\n", title);
    for (const Builtin& row : rows) {
      out += fmt::format("| {} | {}<br>{} | {} | {} |\n", code(signature(row)), in_table(row.doc), code(row.example),
                         row.fuel.weight, fuel(row.fuel));
    }
    count += rows.size();
  }
  EXPECT_EQ(count, builtins().size()) << "a module of the table is missing on the page";
  return out;
}

TEST(StdlibPage, SaysWhatTheTableSays) {
  const std::string path = WRIT_SOURCE_DIR "/docs/stdlib.md";
  const std::string wanted = page();
  if (std::getenv("WRIT_UPDATE") != nullptr) std::ofstream(path) << wanted;
  std::ifstream file(path);
  const std::string found{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(found, wanted) << "WRIT_UPDATE=1 writes docs/stdlib.md again";
}

}  // namespace
}  // namespace writ::stdlib
