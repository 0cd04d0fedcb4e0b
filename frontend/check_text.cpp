#include <algorithm>
#include <charconv>
#include <expected>

#include "frontend/checker.h"
#include "stdlib/builtin.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;

/// `%.3f`: a letter, and how many digits stand behind the point.
struct FormatClause {
  char letter = 0;
  std::int64_t precision = 6;
  std::string written = {};
};

namespace {

/// Plain text and clauses, in order.
using Format = std::vector<std::variant<std::string, FormatClause>>;

/// Takes the clause that `rest` begins with off it; or says what is wrong with it.
std::expected<FormatClause, std::string> read_clause(std::string_view& rest) {
  const std::string_view all = rest;
  FormatClause out;
  rest.remove_prefix(1);
  if (rest.starts_with('.')) {
    const char* const begin = rest.data() + 1;
    const auto digits = std::from_chars(begin, rest.data() + rest.size(), out.precision);
    if (digits.ec != std::errc{} || out.precision < 0 || out.precision > support::limits::kFormatPrecision) {
      return std::unexpected("a precision is a number up to " + std::to_string(support::limits::kFormatPrecision));
    }
    rest.remove_prefix(static_cast<std::size_t>(digits.ptr - rest.data()));
    if (!rest.empty() && rest.front() != 'f' && rest.front() != 'e') {
      return std::unexpected("only %f and %e have a precision");
    }
  }
  if (rest.empty() || !std::string_view("sdfeboxX").contains(rest.front())) {
    return std::unexpected("behind a % stands one of s d f e b o x X, or another % for itself");
  }
  out.letter = rest.front();
  rest.remove_prefix(1);
  out.written = all.substr(0, all.size() - rest.size());
  return out;
}

std::expected<Format, std::string> read_format(std::string_view rest) {
  Format out;
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) out.emplace_back(std::exchange(plain, {}));
  };
  while (!rest.empty()) {
    const bool is_escaped = rest.starts_with("%%");
    if (is_escaped || rest.front() != '%') {
      plain += rest.front();
      rest.remove_prefix(is_escaped ? 2 : 1);
      continue;
    }
    auto clause = read_clause(rest);
    if (!clause) return std::unexpected(clause.error());
    end_plain();
    out.emplace_back(*std::move(clause));
  }
  end_plain();
  return out;
}

}  // namespace

// ---- f"…" and "…".format([…]) --------------------------------------------------------------------

ExprPtr Checker::plain_text(std::string text, Span span) {
  return constant(types().plain(Kind::kString), ir::Value{std::move(text)}, span);
}

/// The pieces one behind another, as `+` would join them; the empty text for none.
ExprPtr Checker::joined(std::vector<ExprPtr> pieces, Span span) {
  if (pieces.size() > static_cast<std::size_t>(support::limits::kChainTerms)) {
    return wrong(Code::kExpressionTooDeep, span,
                 "this text has more than " + std::to_string(support::limits::kChainTerms) + " pieces",
                 "name parts of it with let");
  }
  ExprPtr whole;
  for (ExprPtr& piece : pieces) {
    if (!whole) {
      whole = std::move(piece);
      continue;
    }
    std::vector<ExprPtr> both;
    both.push_back(std::move(whole));
    both.push_back(std::move(piece));
    whole = builtin("writ_string_concat", std::move(both), span);
  }
  return whole ? std::move(whole) : plain_text({}, span);
}

ExprPtr Checker::check_fstring(const ast::Expr& expression, const ast::FString& parts) {
  const Span span = expression.span;
  std::vector<ExprPtr> pieces;
  for (const auto& part : parts.parts) {
    if (const auto* plain = std::get_if<std::string>(&part)) {
      pieces.push_back(plain_text(*plain, span));
      continue;
    }
    const ast::Expr& inner = *std::get<ast::ExprPtr>(part);
    ExprPtr value = check(inner);
    if (value) value = text_of(std::move(value), TextStyle::kWrit, inner.span);
    if (!value) return nullptr;
    pieces.push_back(std::move(value));
  }
  return joined(std::move(pieces), span);
}

/// The clauses of a constant format are read here, and each value that the list holds for them has a type of its own.
ExprPtr Checker::check_format(const ast::Call& call, const ast::Member& member, const ir::Expr& format, Span span) {
  const Span at = member.object->span;
  const ir::Value* known = constant_of(format);
  if (known == nullptr) {
    return wrong(Code::kNotConstant, at,
                 "`format` reads its clauses when it is checked, and this text is not known then",
                 "put the values into the text itself: f\"{a} of {b}\"");
  }
  const bool one = call.arguments.size() == 1 && !call.arguments[0].name && !call.fill;
  const auto* list = one ? std::get_if<ast::ListLiteral>(&call.arguments[0].value->node) : nullptr;
  if (list == nullptr || std::ranges::any_of(list->elements, &ast::ListElement::optional)) {
    return wrong(Code::kWrongArguments, member.field.span, "`format` takes the values for its clauses in brackets",
                 "\"%s of %d\".format([a, b])");
  }
  const auto parts = read_format(std::get<std::string>(known->node));
  if (!parts) return wrong(Code::kBadLiteral, at, "a clause of this format cannot be read: " + parts.error());
  std::vector<ExprPtr> pieces;
  auto value = list->elements.begin();
  for (const auto& piece : *parts) {
    if (const auto* plain = std::get_if<std::string>(&piece)) {
      pieces.push_back(plain_text(*plain, at));
      continue;
    }
    if (value == list->elements.end()) {
      return wrong(Code::kWrongArguments, call.arguments[0].value->span,
                   "this format has more clauses than the list has values");
    }
    pieces.push_back(formatted(std::get<FormatClause>(piece), *value->value));
    if (!pieces.back()) return nullptr;
    ++value;
  }
  if (value != list->elements.end()) {
    return wrong(Code::kWrongArguments, value->value->span, "no clause of the format takes this value");
  }
  return joined(std::move(pieces), span);
}

/// What one clause makes of its value.
ExprPtr Checker::formatted(const FormatClause& clause, const ast::Expr& written) {
  const Span span = written.span;
  ExprPtr value = check(written);
  if (!value) return nullptr;
  const auto call = [&](std::string_view symbol, std::optional<std::int64_t> number = {}) {
    std::vector<ExprPtr> arguments;
    arguments.push_back(std::move(value));
    if (number) arguments.push_back(integer(*number, span));
    return builtin(symbol, std::move(arguments), span);
  };
  const Kind kind = types().kind(value->type);
  const bool whole = kind == Kind::kInt || kind == Kind::kUint;
  const auto digits = [&](std::int64_t base) {
    return call(kind == Kind::kInt ? "writ_format_digits" : "writ_format_digits_of_uint", base);
  };
  switch (clause.letter) {
    case 's':
      return text_of(std::move(value), TextStyle::kCel, span);
    case 'd':
      if (is_number(kind)) return text_of(std::move(value), TextStyle::kCel, span);
      break;
    case 'f':
    case 'e':
      if (kind == Kind::kInt) value = call("writ_double_of_int");
      if (kind == Kind::kUint) value = call("writ_double_of_uint");
      if (!is_number(kind)) break;
      return call(clause.letter == 'f' ? "writ_format_fixed" : "writ_format_scientific", clause.precision);
    case 'b':
      if (whole) return digits(2);
      if (kind == Kind::kBool) return select(std::move(value), plain_text("1", span), plain_text("0", span), span);
      break;
    case 'o':
      if (whole) return digits(8);
      break;
    default: {  // x, X
      ExprPtr hex = whole                   ? digits(16)
                    : kind == Kind::kString ? call("writ_format_hex_of_string")
                    : kind == Kind::kBytes  ? call("writ_format_hex_of_bytes")
                                            : nullptr;
      if (!hex) break;
      if (clause.letter == 'x') return hex;
      value = std::move(hex);
      return call("writ_string_upperAscii");
    }
  }
  return wrong(Code::kTypeMismatch, span, clause.written + " does not write " + text(types().shape(value->type)),
               kind == Kind::kOptional ? "it may be absent: give a default with `??`" : "write it with %s");
}

// ---- text of values ------------------------------------------------------------------------------

bool Checker::has_text(TypeId type) {
  const ir::Type known = types()[type];
  if (known.kind == Kind::kRecord || known.kind == Kind::kOptional) return false;
  const bool holds = known.kind == Kind::kList || known.kind == Kind::kSet || known.kind == Kind::kMap;
  return !holds || (has_text(known.first) && (known.kind != Kind::kMap || has_text(known.second)));
}

ExprPtr Checker::text_of(ExprPtr value, TextStyle style, Span span) {
  const Kind kind = types().kind(value->type);
  if (!has_text(value->type)) {
    return wrong(Code::kTypeMismatch, span, "no text for " + text(types().shape(value->type)),
                 kind == Kind::kOptional ? "it may be absent: give a default with `??`" : "");
  }
  if (kind == Kind::kString) return value;
  if (kind == Kind::kEnum) return enumerator_name(std::move(value), span);
  std::vector<ExprPtr> one;
  const TypeId shape = types().shape(value->type);
  one.push_back(std::move(value));
  if (kind == Kind::kList || kind == Kind::kSet || kind == Kind::kMap) {
    const ir::FunctionId function = text_function(shape, style, span);
    return make(types().plain(Kind::kString), span, ir::FunctionCall{function, std::move(one)});
  }
  if (style == TextStyle::kCel && kind == Kind::kDouble) return builtin("writ_format_double", std::move(one), span);
  if (style == TextStyle::kCel && kind == Kind::kDuration) return builtin("writ_format_duration", std::move(one), span);
  const auto rows = stdlib::builtins();
  const auto row = std::ranges::find_if(
      rows, [&](const auto& each) { return each.name == "string" && !each.method && each.parameters[0].kind == kind; });
  return builtin(row->symbol, std::move(one), span);
}

/// Looked up in a constant map, so that no engine has code for it.
ExprPtr Checker::enumerator_name(ExprPtr value, Span span) {
  const TypeId type = types().shape(value->type);
  const ir::EnumType& enumeration = types().enum_type(types()[type].decl);
  if (const ir::Value* known = constant_of(*value)) {
    return plain_text(enumeration.enumerators[std::get<ir::EnumValue>(known->node).number], span);
  }
  ir::Entries names;
  for (std::uint32_t i = 0; i < enumeration.enumerators.size(); ++i) {
    names.items.push_back({ir::Value{ir::EnumValue{i}}, ir::Value{enumeration.enumerators[i]}});
  }
  const TypeId string_type = types().plain(Kind::kString);
  ExprPtr all = constant(types().map(type, string_type), ir::Value{std::move(names)}, span);
  return make(string_type, span, ir::MapGet{std::move(all), std::move(value)});
}

/// `[a, b]`, `{a, b}`, `{k: v}`: the texts of the elements are gathered in order and joined.
ir::FunctionId Checker::text_function(TypeId shape, TextStyle style, Span span) {
  const auto key = std::pair(shape, style);
  if (const auto known = text_functions_.find(key); known != text_functions_.end()) return known->second;
  const TypeId string_type = types().plain(Kind::kString);
  ir::Function function;
  function.name = (style == TextStyle::kWrit ? "text<" : "format<") + text(shape) + ">";
  function.role = ir::Role::kText;
  function.parameter_count = 1;
  function.locals = {{"all", shape}};
  function.result = string_type;
  function.place = place(span);
  const ir::FunctionId id = generate(std::move(function), [&] {
    const ir::Type type = types()[shape];
    const Growing texts = growing(string_type, span);
    ir::Body body;
    body.push_back(begin(texts, size_of(local_ref(0, span), span)));
    const ir::LocalId each = new_local("each", type.first, span);
    std::vector<ExprPtr> pieces;
    pieces.push_back(text_of(local_ref(each, span), style, span));
    std::optional<ir::LocalId> value;
    if (type.kind == Kind::kMap) {
      value = new_local("value", type.second, span);
      pieces.push_back(plain_text(": ", span));
      pieces.push_back(text_of(local_ref(*value, span), style, span));
    }
    ir::Body turn;
    turn.push_back(append(texts, joined(std::move(pieces), span)));
    if (type.kind == Kind::kList) {
      body.push_back({place(span), ir::ForList{local_ref(0, span), each, std::nullopt, std::move(turn), 0}});
    } else {
      body.push_back({place(span), ir::ForTable{local_ref(0, span), each, value, std::move(turn), 0}});
    }
    std::vector<ExprPtr> with_separator;
    with_separator.push_back(local_ref(texts.list, span));
    with_separator.push_back(plain_text(", ", span));
    std::vector<ExprPtr> whole;
    whole.push_back(plain_text(type.kind == Kind::kList ? "[" : "{", span));
    whole.push_back(builtin("writ_list_join_with", std::move(with_separator), span));
    whole.push_back(plain_text(type.kind == Kind::kList ? "]" : "}", span));
    body.push_back({place(span), ir::Return{joined(std::move(whole), span), std::nullopt}});
    return body;
  });
  text_functions_.emplace(key, id);
  return id;
}

}  // namespace writ::frontend
