#include <algorithm>
#include <array>

#include "frontend/checker.h"
#include "stdlib/builtin.h"
#include "stdlib/net.h"
#include "stdlib/time.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

namespace {

/// Names that people try, and what to say to them.
struct Refusal {
  std::string_view name;
  std::string_view help;
};
constexpr std::array<Refusal, 8> kNotInWrit = {{
    {"exit", "a policy cannot stop the host; it answers with `return`"},
    {"abort", "a policy cannot stop the host; it answers with `return`"},
    {"system", "a policy makes no system calls; what it may ask of the host is a capability in the schema"},
    {"exec", "a policy makes no system calls; what it may ask of the host is a capability in the schema"},
    {"open", "a policy has no files; what it may ask of the host is a capability in the schema"},
    {"send", "a policy sends nothing; it may hand the host a value with an `emits` capability"},
    {"print", "a policy prints nothing; it may hand the host a value with an `emits` capability"},
    {"eval", "a policy makes no code; it is text that the host compiles"},
}};

/// Methods that people try on values of a type that does it in another way.
struct OtherMethod {
  std::string_view name;
  Kind kind;
  std::string_view help;
};
constexpr std::array<OtherMethod, 5> kOtherMethods = {{
    {"keys", Kind::kMap, "a list of the keys: m.map(k, k)"},
    {"values", Kind::kMap, "a list of the values: m.transformList(k, v, v)"},
    {"entries", Kind::kMap, "go over the entries: for key, value in m { … }"},
    {"contains", Kind::kCidr, "write n.containsIP(a), n.containsCIDR(m), or a in n"},
    {"format", Kind::kTimestamp, "put a text together of its parts, such as t.getFullYear(), or write string(t)"},
}};

std::optional<std::string_view> other_method(std::string_view name, Kind kind) {
  for (const OtherMethod& row : kOtherMethods) {
    if (row.name == name && row.kind == kind) return row.help;
  }
  return std::nullopt;
}

/// The constant text that is read; null for a knob and for a list.
const std::string* text_read(const ir::ConstantReading& reading, const ir::Program& program) {
  const auto* const constant = std::get_if<ir::ConstantRef>(&reading.constant);
  return constant == nullptr ? nullptr : std::get_if<std::string>(&program.constants[constant->id].value.node);
}

/// Equal for what is the same text or the same knob. A list is known by its number: two of the same words are rare.
std::string identity_of(const ir::ConstantReading& reading, const ir::Program& program) {
  if (const auto* knob = std::get_if<ir::KnobRef>(&reading.constant)) return "knob " + std::to_string(knob->id);
  if (const std::string* const text = text_read(reading, program)) return "text " + *text;
  return "list " + std::to_string(std::get<ir::ConstantRef>(reading.constant).id);
}

}  // namespace

// ---- built-ins -----------------------------------------------------------------------------------

/// `ip("10.0.0.1")` and its like with a literal argument are literals: judged here, and free of charge.
ExprPtr Checker::literal_call(const ast::Expr& expression, std::string_view name, const ast::Call& call) {
  if (call.arguments.size() != 1 || call.arguments[0].name || call.fill) return nullptr;
  const auto* literal = std::get_if<ast::StringLiteral>(&call.arguments[0].value->node);
  if (literal == nullptr) return nullptr;
  const Span at = call.arguments[0].value->span;
  const auto made = [&](Kind kind, auto parsed, std::string_view help) -> ExprPtr {
    if (!parsed) {
      return wrong(Code::kBadLiteral, at, "\"" + literal->value + "\" is no " + text(types().plain(kind)),
                   std::string(help));
    }
    return constant(types().plain(kind), ir::Value{*parsed}, expression.span);
  };
  if (name == "ip") return made(Kind::kIp, stdlib::parse_ip(literal->value), "such as 192.0.2.1 or 2001:db8::1");
  if (name == "cidr") {
    return made(Kind::kCidr, stdlib::parse_cidr(literal->value),
                "such as 192.0.2.0/24; the bits behind the prefix are zero");
  }
  if (name == "timestamp") {
    return made(Kind::kTimestamp, stdlib::parse_timestamp(literal->value),
                "as RFC 3339 has it: 2026-01-31T12:00:00Z, from 1677-09-21 to 2262-04-11");
  }
  if (name == "duration") {
    return made(Kind::kDuration, stdlib::parse_duration(literal->value), "such as 10s, 2h30m, 500ms; at most 106751d");
  }
  return nullptr;
}

ExprPtr Checker::check_builtin(const ast::Expr& expression, const ast::Call& call, const ast::Name& name,
                               ExprPtr receiver) {
  const Span span = expression.span;
  const bool method = receiver != nullptr;
  const std::size_t count = call.arguments.size() + (method ? 1 : 0);

  if (!method && (name.text == "ip" || name.text == "cidr" || name.text == "timestamp" || name.text == "duration")) {
    const std::size_t errors = diagnostics_.error_count();
    if (ExprPtr literal = literal_call(expression, name.text, call)) return literal;
    if (diagnostics_.error_count() != errors) return nullptr;
  }
  if (name.text == "string" && !method && count == 1 && !call.arguments[0].name) {
    ExprPtr value = check(*call.arguments[0].value);
    if (!value) return nullptr;
    if (!is(value, Kind::kString)) return text_of(std::move(value), TextStyle::kWrit, span);
    std::vector<ExprPtr> one;
    one.push_back(std::move(value));
    return builtin("writ_string_of_string", std::move(one), span);
  }
  if (const ListFunction* function = list_function_for(name.text, receiver)) {
    return check_list_function(call, *function, name, std::move(receiver), span);
  }
  // size(x) is a built-in for strings; of a collection it is read, not computed.
  if (name.text == "size" && count == 1) {
    ExprPtr value = method ? std::move(receiver) : check(*call.arguments[0].value);
    if (!value) return nullptr;
    const TypeId int_type = types().plain(Kind::kInt);
    if (is(value, Kind::kList)) return operate(Op::kListSize, int_type, span, std::move(value));
    if (is(value, Kind::kSet) || is(value, Kind::kMap))
      return operate(Op::kTableSize, int_type, span, std::move(value));
    if (is(value, Kind::kBytes)) return operate(Op::kStringBytes, int_type, span, std::move(value));
    if (is(value, Kind::kString)) {
      std::vector<ExprPtr> one;
      one.push_back(std::move(value));
      return builtin(method ? "writ_string_size" : "writ_size_string", std::move(one), span);
    }
    return wrong(Code::kWrongArguments, name.span, "no `size` for " + text(value->type),
                 is(value, Kind::kOptional) ? "it may be absent: write `?.size()`, or give a default with `??`" : "");
  }

  std::vector<const stdlib::Builtin*> rows;
  bool other_form = false;
  for (const stdlib::Builtin& row : stdlib::builtins()) {
    if (row.name != name.text) continue;
    if (row.method != method) {
      other_form = true;
      continue;
    }
    rows.push_back(&row);
  }
  if (rows.empty()) return unknown_function(name, receiver ? std::optional(receiver->type) : std::nullopt, other_form);
  const auto matches = [&](const stdlib::Type& wanted, TypeId type) {
    const ir::Type known = types()[type];
    if (known.kind != wanted.kind) return false;
    const bool has_element = wanted.kind == Kind::kList || wanted.kind == Kind::kSet || wanted.kind == Kind::kOptional;
    return !has_element || types().kind(known.first) == wanted.element;
  };
  if (method && is(receiver, Kind::kOptional) &&
      std::ranges::none_of(rows, [&](const auto* row) { return matches(row->parameters[0], receiver->type); })) {
    return wrong(Code::kOptionalHere, name.span,
                 "this is " + text(types().shape(receiver->type)) + ": it may be absent",
                 "write `?." + name.text + "(…)`, or give a default with `??`");
  }
  std::vector<ExprPtr> arguments;
  if (method) arguments.push_back(std::move(receiver));
  const auto keep = [&](auto&& predicate) {
    std::vector<const stdlib::Builtin*> kept;
    for (const auto* row : rows) {
      if (predicate(*row)) kept.push_back(row);
    }
    return kept;
  };
  const auto all_rows = rows;
  auto by_count = keep([&](const stdlib::Builtin& row) { return row.parameter_count == count; });
  if (by_count.empty()) {
    return wrong(Code::kWrongArguments, span,
                 "`" + name.text + "` does not take " + plural(call.arguments.size(), "argument"),
                 signatures_text(all_rows));
  }
  rows = std::move(by_count);
  if (method) {
    auto fitting = keep([&](const stdlib::Builtin& row) { return matches(row.parameters[0], arguments[0]->type); });
    if (fitting.empty()) {
      const Kind kind = types().kind(arguments[0]->type);
      const auto other = other_method(name.text, kind);
      const bool holds = kind == Kind::kList || kind == Kind::kSet || kind == Kind::kMap;
      return wrong(Code::kWrongArguments, name.span,
                   "no `" + name.text + "` for " + text(types().shape(arguments[0]->type)),
                   holds && name.text == "contains" ? "ask with `in`: x in xs"
                   : other                          ? std::string(*other)
                                                    : signatures_text(all_rows));
    }
    rows = std::move(fitting);
  }
  for (const ast::Argument& argument : call.arguments) {
    if (argument.name) {
      return wrong(Code::kWrongArguments, argument.name->span, "the arguments of built-ins have no names");
    }
    const std::size_t at = arguments.size();
    std::optional<TypeId> expected;
    if (std::ranges::all_of(rows, [&](const auto* row) { return row->parameters[at] == rows[0]->parameters[at]; })) {
      expected = builtin_type(rows[0]->parameters[at]);
    }
    ExprPtr value = check(*argument.value, expected);
    if (!value) return nullptr;
    auto fitting = keep([&](const stdlib::Builtin& row) { return matches(row.parameters[at], value->type); });
    if (fitting.empty()) {
      auto& diagnostic = error(Code::kTypeMismatch, argument.value->span,
                               "argument " + std::to_string(at + (method ? 0 : 1)) + " of `" + name.text +
                                   "` cannot be " + text(types().shape(value->type)));
      diagnostic.help =
          is(value, Kind::kOptional) ? "it may be absent: give a default with `??`" : signatures_text(rows);
      return nullptr;
    }
    rows = std::move(fitting);
    arguments.push_back(std::move(value));
  }
  const stdlib::Builtin* const row = choose_by_constness(rows, arguments);
  if (row == nullptr) {
    return wrong(Code::kNotConstant, span, "`" + name.text + "` wants a pattern that is known when this is compiled",
                 "a literal, a `const` or a value of `config`");
  }
  const auto reading = read_constants(*row, arguments, call);
  if (!reading) return nullptr;
  ExprPtr made = builtin(row->symbol, std::move(arguments), span);
  std::get<ir::BuiltinCall>(made->node).reading = *reading;
  return made;
}

/// Of rows that take the same types the first whose prepared argument is a constant, if it has one.
const stdlib::Builtin* Checker::choose_by_constness(std::span<const stdlib::Builtin* const> rows,
                                                    std::span<const ExprPtr> arguments) {
  const auto is_constant = [](const ExprPtr& argument) {
    return std::holds_alternative<ir::ConstantRef>(argument->node) ||
           std::holds_alternative<ir::KnobRef>(argument->node);
  };
  const auto fits = [&](const stdlib::Builtin* row) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (is_prepared(row->parameters[i].reading) && !is_constant(arguments[i])) return false;
    }
    return true;
  };
  const auto found = std::ranges::find_if(rows, fits);
  return found == rows.end() ? nullptr : *found;
}

/// Judges those constant arguments that have a grammar of their own. The number of the one that is prepared, or 0; nothing where
/// one cannot be read.
std::optional<std::uint32_t> Checker::read_constants(const stdlib::Builtin& row, std::span<const ExprPtr> arguments,
                                                     const ast::Call& call) {
  const std::size_t receivers = arguments.size() - call.arguments.size();
  std::uint32_t number = 0;
  for (std::size_t i = receivers; i < arguments.size(); ++i) {
    const stdlib::Reading reading = row.parameters[i].reading;
    if (reading == stdlib::Reading::kPlain) continue;
    const Span span = call.arguments[i - receivers].value->span;
    std::optional<std::uint32_t> made = 0;
    if (const auto* constant = std::get_if<ir::ConstantRef>(&arguments[i]->node)) {
      const ir::ConstantReading of_constant{reading, *constant, span};
      if (is_prepared(reading)) {
        made = number_of(of_constant);
      } else if (!judge(of_constant)) {
        made = std::nullopt;
      }
    } else if (const auto* knob = std::get_if<ir::KnobRef>(&arguments[i]->node)) {
      made = number_of({reading, *knob, span});
    }
    if (!made) return std::nullopt;
    if (is_prepared(reading)) number = *made;
  }
  return number;
}

/// Whether a constant text can be read; a knob's value is judged when documents are applied.
bool Checker::judge(const ir::ConstantReading& reading) {
  const std::string* const text = text_read(reading, program_);
  const auto refused = text == nullptr ? std::nullopt : stdlib::refuse(reading.reading, *text);
  if (refused) wrong(Code::kBadLiteral, reading.span, support::json_quote(*text) + " is " + *refused);
  return !refused;
}

/// Whether there is room for one more of what is prepared: compiling patterns takes time and memory. Said once.
bool Checker::has_room_for(const ir::ConstantReading& reading) {
  if (!is_prepared(reading.reading)) return true;
  const std::string* const text = text_read(reading, program_);
  ++prepared_count_;
  if (text != nullptr) pattern_bytes_ += std::ssize(*text);
  const bool has_room =
      prepared_count_ <= support::limits::kPatterns && pattern_bytes_ <= support::limits::kPatternsBytes;
  if (!has_room && !patterns_are_full_) {
    wrong(Code::kTooMany, reading.span,
          "more than " + std::to_string(support::limits::kPatterns) +
              " patterns and lists of words in one release, or " + std::to_string(support::limits::kPatternsBytes) +
              " bytes of patterns");
  }
  patterns_are_full_ = !has_room;
  return has_room;
}

/// The number of a reading: that of the same constant read in the same way, where there is one. Nothing where it cannot be read.
std::optional<std::uint32_t> Checker::number_of(const ir::ConstantReading& reading) {
  const auto next = static_cast<std::uint32_t>(program_.readings.size());
  const std::pair key{reading.reading, identity_of(reading, program_)};
  if (const auto known = reading_numbers_.find(key); known != reading_numbers_.end()) return known->second;
  if (!has_room_for(reading) || !judge(reading)) return std::nullopt;
  reading_numbers_.emplace(key, next);
  program_.readings.push_back(reading);
  return next;
}

TypeId Checker::builtin_type(const stdlib::Type& type) {
  switch (type.kind) {
    case Kind::kList:
      return types().list(types().plain(type.element));
    case Kind::kSet:
      return types().set(types().plain(type.element));
    case Kind::kOptional:
      return types().optional(types().plain(type.element));
    default:
      return types().plain(type.kind);
  }
}

std::optional<TypeId> Checker::receiver_type(std::string_view method) {
  std::optional<TypeId> out;
  for (const stdlib::Builtin& row : stdlib::builtins()) {
    if (!row.method || row.name != method) continue;
    const TypeId type = builtin_type(row.parameters[0]);
    if (out && *out != type) return std::nullopt;
    out = type;
  }
  return out;
}

/// `"a".split(string, string) -> list<string>`: one a row, for help.
std::string Checker::signatures_text(std::span<const stdlib::Builtin* const> rows) {
  std::string out;
  for (const stdlib::Builtin* row : rows) {
    if (!out.empty()) out += "; ";
    std::size_t first = 0;
    if (row->method) {
      out += text(builtin_type(row->parameters[0])) + ".";
      first = 1;
    }
    out += std::string(row->name) + "(";
    for (std::size_t i = first; i < row->parameter_count; ++i) {
      out += (i == first ? "" : ", ") + text(builtin_type(row->parameters[i]));
    }
    out += ") -> " + text(builtin_type(row->result));
  }
  return out;
}

ExprPtr Checker::unknown_function(const ast::Name& name, std::optional<TypeId> receiver, bool other_form) {
  if (other_form) {
    return wrong(Code::kNotAMethod, name.span,
                 receiver ? "`" + name.text + "` is called as a function" : "`" + name.text + "` is called on a value",
                 receiver ? name.text + "(…)" : "x." + name.text + "(…)");
  }
  if (const ListFunction* function = find_list_function(name.text)) {
    return wrong_list_call(*function, name, receiver);
  }
  for (const Refusal& refusal : kNotInWrit) {
    if (!receiver && refusal.name == name.text) {
      return wrong(Code::kUnknownFunction, name.span, "no function `" + name.text + "` in Writ",
                   std::string(refusal.help));
    }
  }
  std::vector<std::string_view> names;
  for (const stdlib::Builtin& row : stdlib::builtins()) {
    if (row.method == receiver.has_value()) names.push_back(row.name);
  }
  if (receiver) {
    for (const std::string_view macro : macro_names()) names.push_back(macro);
    for (const std::string_view method : optional_method_names()) names.push_back(method);
    for (const std::string_view function : list_function_names(/*methods=*/true)) names.push_back(function);
    names.emplace_back("size");
    names.emplace_back("format");
  } else {
    for (const std::string_view function : list_function_names(/*methods=*/false)) names.push_back(function);
    for (std::string_view other : names_in_scope()) names.push_back(other);
  }
  if (receiver) {
    if (const auto other = other_method(name.text, types().kind(*receiver))) {
      return wrong(Code::kUnknownFunction, name.span, "no `" + name.text + "` for " + text(types().shape(*receiver)),
                   std::string(*other));
    }
  }
  std::erase(names, name.text);  // that other types have it helps nobody
  const auto guess = support::nearest(name.text, names);
  return wrong(Code::kUnknownFunction, name.span,
               receiver ? "no `" + name.text + "` for " + text(types().shape(*receiver))
                        : "no function `" + name.text + "` here",
               did_you_mean(guess ? guess : other_spelling(name.text)));
}

ExprPtr Checker::builtin(std::string_view symbol, std::vector<ExprPtr> arguments, Span span) {
  const auto rows = stdlib::builtins();
  const auto row = std::ranges::find(rows, symbol, &stdlib::Builtin::symbol);
  WRIT_CHECK(row != rows.end());
  return make(builtin_type(row->result), span,
              ir::BuiltinCall{static_cast<stdlib::BuiltinId>(row - rows.begin()), std::move(arguments)});
}

}  // namespace writ::frontend
