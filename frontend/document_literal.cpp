// Writ expressions of constants, and assignments that hold one, to the neutral tree.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "frontend/document.h"
#include "frontend/parser.h"
#include "stdlib/net.h"
#include "stdlib/time.h"
#include "support/limits.h"

namespace writ::frontend::document {
namespace {

using ir::Kind;
using support::Code;
using support::Diagnostics;
using support::SourceFile;

// What a text between the brackets of `ip("…")` and its like stands for.
template <auto kParse, Kind kKind>
std::optional<Typed> parse_typed(std::string_view text) {
  const auto value = kParse(text);
  if (!value) return std::nullopt;
  return Typed{kKind, ir::Value{*value}};
}
std::optional<runtime::Cidr> strict_cidr(std::string_view text) { return stdlib::parse_cidr(text); }

struct Constructor {
  std::string_view name;
  std::optional<Typed> (*parse)(std::string_view);
};
constexpr std::array<Constructor, 4> kConstructors{{
    {"ip", parse_typed<stdlib::parse_ip, Kind::kIp>},
    {"cidr", parse_typed<strict_cidr, Kind::kCidr>},
    {"timestamp", parse_typed<stdlib::parse_timestamp, Kind::kTimestamp>},
    {"duration", parse_typed<stdlib::parse_duration, Kind::kDuration>},
}};

class LiteralReader {
 public:
  explicit LiteralReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  std::optional<Node> read(const ast::Expr& expression) {
    return std::visit([&](const auto& node) { return form(node, expression.span); }, expression.node);
  }

 private:
  using Result = std::optional<Node>;

  Result wrong(Span span, std::string message) {
    diagnostics_.error(Code::kConfigMismatch, span, std::move(message));
    return std::nullopt;
  }

  template <typename Form>
  Result form(const Form&, Span span) {
    return wrong(span, "a configuration value is a constant: a literal, a list, a set, a map or a record");
  }
  Result form(const ast::BoolLiteral& literal, Span span) { return Node{span, literal.value}; }
  Result form(const ast::IntLiteral& literal, Span span) {
    if (literal.is_uint) return Node{span, Typed{Kind::kUint, ir::Value{ir::UintValue{literal.magnitude}}}};
    return Node{span, Integer{false, literal.magnitude}};
  }
  Result form(const ast::DoubleLiteral& literal, Span span) { return Node{span, literal.value}; }
  Result form(const ast::StringLiteral& literal, Span span) { return Node{span, literal.value}; }
  Result form(const ast::BytesLiteral& literal, Span span) {
    return Node{span, Typed{Kind::kBytes, ir::Value{literal.value}}};
  }
  Result form(const ast::DurationLiteral& literal, Span span) {
    return Node{span, Typed{Kind::kDuration, ir::Value{literal.nanoseconds}}};
  }
  Result form(const ast::AbsentLiteral&, Span span) { return Node{span, Absent{}}; }
  Result form(const ast::NameRef& reference, Span span) { return Node{span, Word{reference.name}}; }

  // `Role.admin`
  Result form(const ast::Member& member, Span span) {
    const auto* owner = std::get_if<ast::NameRef>(&member.object->node);
    if (owner == nullptr || member.dot != ast::Dot::kPlain) return wrong(span, "a configuration value is a constant");
    return Node{span, Word{owner->name + "." + member.field.text}};
  }

  Result form(const ast::Unary& unary, Span span) {
    auto operand = read(*unary.operand);
    if (!operand) return std::nullopt;
    operand->span = span;
    if (unary.op == ast::UnaryOp::kNegate) {
      if (auto* number = std::get_if<Integer>(&operand->value)) {
        number->negative = !number->negative;
        return operand;
      }
      if (auto* number = std::get_if<double>(&operand->value)) {
        *number = -*number;
        return operand;
      }
      auto* typed = std::get_if<Typed>(&operand->value);
      if (typed != nullptr && typed->kind == Kind::kDuration) {
        auto& nanoseconds = std::get<std::int64_t>(typed->value.node);
        if (nanoseconds != std::numeric_limits<std::int64_t>::min()) {
          nanoseconds = -nanoseconds;
          return operand;
        }
      }
    }
    return wrong(span, "this operator does not make a constant here");
  }

  Result form(const ast::ListLiteral& list, Span span) {
    Array out;
    for (const ast::ListElement& element : list.elements) {
      auto item = read(*element.value);
      if (!item) return std::nullopt;
      if (element.optional) return wrong(item->span, "an element of a configuration value is always there");
      out.items.push_back(std::move(*item));
    }
    return Node{span, std::move(out)};
  }
  Result form(const ast::SetLiteral& set, Span span) {
    Array out;
    for (const ast::ExprPtr& element : set.elements) {
      auto item = read(*element);
      if (!item) return std::nullopt;
      out.items.push_back(std::move(*item));
    }
    return Node{span, std::move(out)};
  }

  Result form(const ast::MapLiteral& map, Span span) {
    Pairs out;
    for (const ast::MapEntry& entry : map.entries) {
      auto key = read(*entry.key);
      auto value = read(*entry.value);
      if (!key || !value) return std::nullopt;
      if (entry.optional) return wrong(key->span, "an entry of a configuration value is always there");
      out.items.push_back({std::move(*key), std::move(*value)});
    }
    return Node{span, std::move(out)};
  }

  Result form(const ast::Call& call, Span span) {
    const auto* callee = std::get_if<ast::NameRef>(&call.callee->node);
    if (callee == nullptr) return wrong(span, "a configuration value calls no methods");
    const auto constructor = std::ranges::find(kConstructors, callee->name, &Constructor::name);
    return constructor == kConstructors.end() ? record(call, callee->name, span)
                                              : constructed(call, *constructor, span);
  }

  Result constructed(const ast::Call& call, const Constructor& constructor, Span span) {
    const auto* text = call.arguments.size() == 1 && !call.arguments[0].name && !call.fill
                           ? std::get_if<ast::StringLiteral>(&call.arguments[0].value->node)
                           : nullptr;
    if (text == nullptr) return wrong(span, "`" + std::string(constructor.name) + "` takes one text here");
    auto typed = constructor.parse(text->value);
    if (!typed) {
      return wrong(call.arguments[0].value->span, "this text spells no " + std::string(constructor.name));
    }
    return Node{span, std::move(*typed)};
  }

  Result record(const ast::Call& call, const std::string& name, Span span) {
    Table out{{}, name};
    for (const ast::Argument& argument : call.arguments) {
      if (!argument.name) return wrong(argument.value->span, "a configuration value calls no functions");
      auto value = read(*argument.value);
      if (!value) return std::nullopt;
      out.members.push_back({argument.name->text, argument.name->span, std::move(*value)});
    }
    if (call.fill) return wrong(span, "`..` stands only in tests");
    return Node{span, std::move(out)};
  }

  Diagnostics& diagnostics_;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

Span span_of(const SourceFile& source, std::string_view part) {
  const auto begin = static_cast<std::uint32_t>(part.data() - source.text().data());
  return {source.id(), begin, begin + static_cast<std::uint32_t>(part.size())};
}

}  // namespace

std::optional<Node> read_literal(const ast::Expr& expression, Diagnostics& diagnostics) {
  return LiteralReader(diagnostics).read(expression);
}

std::optional<Node> read_expression(const SourceFile& source, Span place, std::string_view text,
                                    Diagnostics& diagnostics) {
  // Blanks in place of what stands before, so that every place in the expression is its place in the source.
  const SourceFile alone(source.id(), source.name(), std::string(place.begin, ' ') + std::string(text));
  const ast::ExprPtr expression = parse_expression(alone, diagnostics);
  return expression ? read_literal(*expression, diagnostics) : std::nullopt;
}

std::optional<Node> read_assignment(const SourceFile& source, Diagnostics& diagnostics) {
  const std::string_view text = source.text();
  const std::size_t equals = text.find('=');
  const std::string_view target = trimmed(text.substr(0, std::min(equals, text.size())));
  std::vector<Key> path;
  for (std::size_t begin = 0; begin <= target.size();) {
    const std::size_t end = std::min(target.find('.', begin), target.size());
    const std::string_view name = trimmed(target.substr(begin, end - begin));
    path.push_back({std::string(name), span_of(source, name)});
    begin = end + 1;
  }
  if (equals == std::string_view::npos || path.size() < 2) {
    diagnostics.error(Code::kConfigSyntax, span_of(source, target), "an assignment has the form unit.name=value");
    return std::nullopt;
  }
  if (path.size() > static_cast<std::size_t>(support::limits::kInputNesting)) {
    report_too_deep(source, path.back().span.begin, diagnostics);
    return std::nullopt;
  }
  return single_value(source, std::move(path), trimmed(text.substr(equals + 1)));
}

Node single_value(const SourceFile& source, std::vector<Key> path, std::string_view value) {
  Node node{span_of(source, value), Unread{value}};
  for (Key& key : path | std::views::reverse) {
    Table table;
    table.members.push_back({std::move(key.text), key.span, std::move(node)});
    node = {key.span, std::move(table)};
  }
  return node;
}

}  // namespace writ::frontend::document
