#include <limits>

#include "frontend/checker.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

namespace {

/// Whether `value`, the double nearest to `magnitude`, is that number itself.
bool is_exact(double value, std::uint64_t magnitude) {
  return value < 0x1p64 && static_cast<std::uint64_t>(value) == magnitude;
}

}  // namespace

// ---- entry ---------------------------------------------------------------------------------------

ExprPtr Checker::check(const ast::Expr& expression, std::optional<TypeId> expected) {
  if (!step(expression.span)) return nullptr;
  const Span span = expression.span;
  // A T serves where a T? is expected, so what is written is looked at as a T; but each arm for itself.
  const bool has_arms = std::holds_alternative<ast::Ternary>(expression.node) ||
                        std::holds_alternative<ast::Decide>(expression.node) ||
                        std::holds_alternative<ast::Match>(expression.node);
  if (expected && types().kind(*expected) == Kind::kOptional && !has_arms && !is_absent(expression)) {
    expected = types()[*expected].first;
  }
  const std::optional<Kind> kind = expected ? std::optional<Kind>(types().kind(*expected)) : std::nullopt;
  return std::visit(
      support::Overloaded{
          [&](const ast::BoolLiteral& literal) { return boolean(literal.value, span); },
          [&](const ast::IntLiteral& literal) -> ExprPtr {
            if (literal.is_uint || kind == Kind::kUint) {
              return constant(types().plain(Kind::kUint), ir::Value{ir::UintValue{literal.magnitude}}, span);
            }
            if (kind == Kind::kDouble) {
              const auto value = static_cast<double>(literal.magnitude);
              if (!is_exact(value, literal.magnitude)) {
                return wrong(Code::kInexactLiteral, span, "no double has exactly this value",
                             "write it as a double, such as 1e20");
              }
              return constant(types().plain(Kind::kDouble), ir::Value{value}, span);
            }
            if (literal.magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
              return wrong(Code::kLiteralOutOfRange, span,
                           "this number is too large for an int (at most 9223372036854775807)",
                           "a uint literal ends in u and goes up to 18446744073709551615u");
            }
            return integer(static_cast<std::int64_t>(literal.magnitude), span);
          },
          [&](const ast::DoubleLiteral& literal) {
            return constant(types().plain(Kind::kDouble), ir::Value{literal.value}, span);
          },
          [&](const ast::StringLiteral& literal) {
            return constant(types().plain(Kind::kString), ir::Value{literal.value}, span);
          },
          [&](const ast::BytesLiteral& literal) {
            return constant(types().plain(Kind::kBytes), ir::Value{literal.value}, span);
          },
          [&](const ast::DurationLiteral& literal) {
            return constant(types().plain(Kind::kDuration), ir::Value{literal.nanoseconds}, span);
          },
          [&](const ast::AbsentLiteral&) { return absent(expected, span); },
          [&](const ast::NameRef& name) { return check_name(expression, name, expected); },
          [&](const ast::Member& member) { return check_member(expression, member); },
          [&](const ast::Index& index) { return check_index(expression, index); },
          [&](const ast::Call& call) { return check_call(expression, call, expected); },
          [&](const ast::Unary& unary) { return check_unary(expression, unary, expected); },
          [&](const ast::Binary& binary) { return check_binary(expression, binary, expected); },
          [&](const ast::Ternary& ternary) { return check_ternary(expression, ternary, expected); },
          [&](const ast::ListLiteral& list) { return check_list(expression, list, expected); },
          [&](const ast::SetLiteral& set) { return check_set(expression, set, expected); },
          [&](const ast::MapLiteral& map) { return check_map(expression, map, expected); },
          [&](const ast::Range&) {
            return wrong(Code::kMisplacedRange, span, "a range stands only after `in`",
                         "x in 0..10, or for i in 0..10 { … }");
          },
          [&](const ast::FString& text) { return check_fstring(expression, text); },
          [&](const ast::With& with) { return check_with(expression, with); },
          [&](const ast::Match& match) { return inner_match(expression, match, expected); },
          [&](const ast::Decide& decide) { return inner_decide(expression, decide, expected); },
          [&](const ast::Collect& collect) { return check_collect(expression, collect, expected); },
      },
      expression.node);
}

ExprPtr Checker::absent(std::optional<TypeId> expected, Span span) {
  if (!expected) {
    return wrong(Code::kTypeUnknown, span, "`absent` of what type? Nothing here says",
                 "say the type: let x: string? = absent");
  }
  if (types().kind(*expected) != Kind::kOptional) {
    return wrong(Code::kNotOptional, span, "`absent` cannot stand here: " + text(*expected) + " is never absent",
                 "a type that may be: " + text(types().shape(*expected)) + "?");
  }
  return none(*expected, span);
}

ExprPtr Checker::check_as(const ast::Expr& expression, TypeId type, std::string_view what,
                          std::optional<Span> because) {
  return convert(check(expression, type), type, expression.span, what, because);
}

ExprPtr Checker::check_condition(const ast::Expr& expression, std::string_view what) {
  ExprPtr value = check(expression, types().plain(Kind::kBool));
  if (!value) return nullptr;
  if (is(value, Kind::kBool)) return value;
  std::string help;
  if (is(value, Kind::kOptional) && types().kind(types()[value->type].first) == Kind::kBool) {
    help = "say what holds when it is absent: … ?? false";
  } else if (is(value, Kind::kOptional)) {
    help = "compare it, such as `… == absent`";
  } else if (is(value, Kind::kString) || is(value, Kind::kList)) {
    help = "compare it, such as `….size() > 0`";
  } else if (is_number(types().kind(value->type))) {
    help = "compare it, such as `… != 0`";
  }
  return wrong(Code::kTypeMismatch, expression.span, std::string(what) + " needs a bool, found " + text(value->type),
               std::move(help));
}

ExprPtr Checker::convert(ExprPtr value, TypeId type, Span span, std::string_view what, std::optional<Span> because) {
  if (!value) return nullptr;
  if (same(value->type, type)) return value;
  if (types().kind(type) == Kind::kOptional && same(value->type, types()[type].first)) {
    return some(std::move(value), span);
  }
  auto& diagnostic =
      error(Code::kTypeMismatch, span,
            std::string(what) + " " + text(types().shape(type)) + ", found " + text(types().shape(value->type)));
  diagnostic.note = text(types().shape(value->type));
  if (because) diagnostic.labels.push_back({*because, "the type is said here"});
  const Kind from = types().kind(value->type);
  const Kind to = types().kind(type);
  if (from == Kind::kOptional && same(types()[value->type].first, type)) {
    diagnostic.help = "say what holds when it is absent: … ?? default";
  } else if (is_number(from) && is_number(to)) {
    diagnostic.help = "convert it: " + text(types().shape(type)) + "(…)";
  } else if (from == Kind::kString && to == Kind::kEnum) {
    diagnostic.help = "drop the quotes: enumerators are names";
  } else if (from == Kind::kString && (to == Kind::kIp || to == Kind::kCidr || to == Kind::kTimestamp)) {
    diagnostic.help = "make one from it: " + text(types().shape(type)) + "(…)";
  } else if (from == Kind::kInt && to == Kind::kDuration) {
    diagnostic.help = "a duration has a unit: 10s, 2h30m, 500ms";
  } else if (to == Kind::kString) {
    diagnostic.help = "convert it: string(…)";
  }
  return nullptr;
}

// ---- names and places ----------------------------------------------------------------------------

ExprPtr Checker::check_name(const ast::Expr& expression, const ast::NameRef& name, std::optional<TypeId> expected) {
  const Span span = expression.span;
  if (const LocalName* local = find_local(name.name)) {
    read_locals_.emplace(local->span.source, local->span.begin);
    return local->wrong ? nullptr : local_ref(local->id, span);
  }
  if (const Symbol* symbol = use_symbol(name.name)) return symbol_value(*symbol, name.name, span);
  if (expected && types().kind(*expected) == Kind::kEnum) {
    const TypeId shape = types().shape(*expected);
    const ir::EnumType& enumeration = types().enum_type(types()[shape].decl);
    if (const auto number = enumeration.enumerator(name.name)) {
      return constant(shape, ir::Value{ir::EnumValue{*number}}, span);
    }
    std::vector<std::string_view> candidates(enumeration.enumerators.begin(), enumeration.enumerators.end());
    for (std::string_view other : names_in_scope()) candidates.push_back(other);
    const auto guess = support::nearest(name.name, candidates);
    auto& diagnostic =
        error(Code::kUnknownName, span,
              "no name `" + name.name + "` here, and enum " + enumeration.name + " has no such enumerator");
    diagnostic.labels.push_back({enumeration.span, enumeration.name + " is declared here"});
    if (guess) {
      diagnostic.help = did_you_mean(guess);
      diagnostic.fix = support::Fix{span, std::string(*guess)};
    }
    return nullptr;
  }
  const auto candidates = names_in_scope();
  const auto guess = support::nearest(name.name, candidates);
  auto& diagnostic = error(Code::kUnknownName, span, "no name `" + name.name + "` here");
  if (const auto full = qualified_enumerator(name.name)) {
    diagnostic.help = "nothing here says which enum is meant: write " + *full;
    diagnostic.fix = support::Fix{span, *full};
  } else if (const auto ours = other_spelling(name.name)) {
    diagnostic.help = "write `" + std::string(*ours) + "`";
    diagnostic.fix = support::Fix{span, std::string(*ours)};
  } else if (guess) {
    diagnostic.help = did_you_mean(guess);
    diagnostic.fix = support::Fix{span, std::string(*guess)};
  }
  return nullptr;
}

/// `Size.large`, where some enum in reach has an enumerator `large`.
std::optional<std::string> Checker::qualified_enumerator(std::string_view name) const {
  for (const std::string_view candidate : names_in_scope()) {
    const Symbol* symbol = find_symbol(candidate);
    if (symbol == nullptr || !std::holds_alternative<EnumSymbol>(symbol->meaning)) continue;
    const ir::EnumType& enumeration = program_.types.enum_type(std::get<EnumSymbol>(symbol->meaning).id);
    if (enumeration.enumerator(name)) return std::string(candidate) + "." + std::string(name);
  }
  return std::nullopt;
}

ExprPtr Checker::symbol_value(const Symbol& symbol, std::string_view name, Span span) {
  return std::visit(support::Overloaded{
                        [&](KnobSymbol knob) -> ExprPtr {
                          if (context().place == Place::kConstant || context().place == Place::kElse) {
                            return wrong(Code::kNotConstant, span,
                                         "a configuration value is not a constant: `" + std::string(name) +
                                             "` may change with every document",
                                         "use a const, or read it in a function");
                          }
                          return make(program_.knobs[knob.id].type, span, ir::KnobRef{knob.id});
                        },
                        [&](ConstSymbol named) -> ExprPtr {
                          const auto id = const_value(named.index);
                          return id ? constant_ref(*id, span) : nullptr;
                        },
                        [&](FunctionSymbol) {
                          return wrong(Code::kFunctionAsValue, span,
                                       "`" + std::string(name) + "` is a function, and functions are not values",
                                       "call it: " + std::string(name) + "(…)");
                        },
                        [&](RecordSymbol record) {
                          return wrong(Code::kTypeAsValue, span,
                                       "`" + types().record_type(record.id).name + "` is a type, not a value",
                                       "make one: " + std::string(name) + "(field: value, …)");
                        },
                        [&](EnumSymbol enumeration) {
                          return wrong(Code::kTypeAsValue, span,
                                       "`" + types().enum_type(enumeration.id).name + "` is a type, not a value",
                                       "name an enumerator: " + std::string(name) + "." +
                                           types().enum_type(enumeration.id).enumerators.front());
                        },
                        [&](WrongSymbol) -> ExprPtr { return nullptr; },
                    },
                    symbol.meaning);
}

ExprPtr Checker::check_member(const ast::Expr& expression, const ast::Member& member) {
  const Span span = expression.span;
  // Role.admin, common.LIMIT
  if (const auto* name = std::get_if<ast::NameRef>(&member.object->node);
      name != nullptr && member.dot == ast::Dot::kPlain && find_local(name->name) == nullptr) {
    if (const Symbol* symbol = use_symbol(name->name);
        symbol != nullptr && std::holds_alternative<EnumSymbol>(symbol->meaning)) {
      const ir::EnumId id = std::get<EnumSymbol>(symbol->meaning).id;
      const ir::EnumType& enumeration = types().enum_type(id);
      if (const auto number = enumeration.enumerator(member.field.text)) {
        return constant(types().enumeration(id), ir::Value{ir::EnumValue{*number}}, span);
      }
      const std::vector<std::string_view> candidates(enumeration.enumerators.begin(), enumeration.enumerators.end());
      const auto guess = support::nearest(member.field.text, candidates);
      return wrong(Code::kUnknownEnumerator, member.field.span,
                   "enum " + enumeration.name + " has no enumerator `" + member.field.text + "`", did_you_mean(guess));
    }
    if (const Unit* unit = find_symbol(name->name) == nullptr ? use_library(name->name) : nullptr) {
      const Symbol* symbol = find_symbol(member.field.text, *unit);
      if (symbol != nullptr && !symbol->is_private) return symbol_value(*symbol, member.field.text, member.field.span);
      return wrong(Code::kUnknownName, member.field.span,
                   "library " + name->name + " has no `" + member.field.text + "`");
    }
  }
  ExprPtr object = check(*member.object);
  if (!object) return nullptr;
  const bool asks = member.dot == ast::Dot::kAsk || (member.dot == ast::Dot::kPlain && in_asking_chain(*member.object));
  if (is(object, Kind::kOptional) && (asks || member.dot == ast::Dot::kMaybe || in_optional_chain(*member.object))) {
    return map_optional(std::move(object), span, [&](ExprPtr inner) {
      return asks ? asked_field(std::move(inner), member.field, span)
                  : named_field(std::move(inner), member.field, span);
    });
  }
  if (member.dot == ast::Dot::kAsk) return asked_field(std::move(object), member.field, span);
  if (member.dot == ast::Dot::kMaybe) {
    return wrong(Code::kNotOptional, member.field.span,
                 "`?.` needs an optional on its left, and this is " + text(object->type), "write `.` here");
  }
  if (is(object, Kind::kOptional)) {
    return wrong(Code::kOptionalHere, member.field.span,
                 "this is " + text(object->type) + ": it may be absent and has no fields until that is settled",
                 "write `?." + member.field.text + "`");
  }
  return named_field(std::move(object), member.field, span);
}

bool Checker::has_names(const ExprPtr& object) {
  return is(object, Kind::kMap) && types().kind(types()[object->type].first) == Kind::kString;
}
ExprPtr Checker::key_of(const ast::Name& name) {
  return constant(types().plain(Kind::kString), ir::Value{name.text}, name.span);
}

/// The field of that name, of a value that may turn out to be no record; or a map's value by that key.
ExprPtr Checker::named_field(ExprPtr object, const ast::Name& name, Span span) {
  if (has_names(object)) {
    const TypeId value_type = types()[object->type].second;
    return read(make(value_type, span, ir::MapGet{std::move(object), key_of(name)}));
  }
  if (!is(object, Kind::kRecord)) {
    const auto ours = other_spelling(name.text);
    return wrong(Code::kNoFields, name.span, text(object->type) + " has no fields",
                 is(object, Kind::kMap) ? "take a value by its key: m[…]"
                 : ours                 ? "write `" + std::string(*ours) + "()`"
                                        : "");
  }
  const auto& record = types().record_type(types()[object->type].decl);
  if (const auto index = record.field(name.text)) return field(std::move(object), *index, span);
  std::vector<std::string_view> names;
  for (const ir::Field& f : record.fields) names.emplace_back(f.name);
  const auto guess = support::nearest(name.text, names);
  auto& diagnostic =
      error(Code::kUnknownField, name.span, "record " + record.name + " has no field `" + name.text + "`");
  if (record.span != Span{}) diagnostic.labels.push_back({record.span, record.name + " is declared here"});
  diagnostic.help = did_you_mean(guess);
  if (guess) diagnostic.fix = support::Fix{name.span, std::string(*guess)};
  return nullptr;
}

ExprPtr Checker::check_index(const ast::Expr& expression, const ast::Index& index) {
  ExprPtr object = check(*index.object);
  if (!object) return nullptr;
  const bool asks = index.optional || in_asking_chain(*index.object);
  if (is(object, Kind::kOptional) && (asks || in_optional_chain(*index.object))) {
    return map_optional(std::move(object), expression.span,
                        [&](ExprPtr inner) { return index_on(expression, index, std::move(inner), asks); });
  }
  return index_on(expression, index, std::move(object), index.optional);
}

/// `asks`: an element that is not there is absent, not a trap.
ExprPtr Checker::index_on(const ast::Expr& expression, const ast::Index& index, ExprPtr object, bool asks) {
  const Span span = expression.span;
  if (is(object, Kind::kMap)) {
    const TypeId key_type = types()[object->type].first;
    const TypeId value_type = types()[object->type].second;
    ExprPtr key = check_as(*index.key, types().shape(key_type), "the key of this map is");
    if (!key) return nullptr;
    if (!asks) {
      return read(make(value_type, span, ir::MapGet{std::move(object), std::move(key)}));
    }
    if (types().kind(value_type) == Kind::kOptional) {
      return wrong(Code::kNestedOptional, span, "a map of optionals has no `[?…]`: there is no T??");
    }
    return make(types().optional(value_type), span, ir::MapFind{std::move(object), std::move(key)});
  }
  if (is(object, Kind::kList)) {
    const TypeId element = types()[object->type].first;
    ExprPtr position = check_as(*index.key, types().plain(Kind::kInt), "an index is");
    if (!position) return nullptr;
    if (!asks) {
      return read(make(element, span, ir::ListGet{std::move(object), std::move(position)}));
    }
    if (types().kind(element) == Kind::kOptional) {
      return wrong(Code::kNestedOptional, span, "a list of optionals has no `[?…]`: there is no T??");
    }
    // 0 <= i && i < size ? some(list[i]) : absent
    Held list = hold(std::move(object), span);
    Held at = hold(std::move(position), span);
    const TypeId boolean_type = types().plain(Kind::kBool);
    ExprPtr inside = select(operate(Op::kIntGreaterEqual, boolean_type, span, at.get(), integer(0, span)),
                            operate(Op::kIntLess, boolean_type, span, at.get(),
                                    operate(Op::kListSize, types().plain(Kind::kInt), span, list.get())),
                            boolean(false, span), span);
    const TypeId result = types().optional(element);
    ExprPtr found = make(element, span, ir::ListGet{list.get(), at.get()});
    ExprPtr value =
        select(std::move(inside), make(result, span, ir::OptionalSome{std::move(found)}), none(result, span), span);
    ir::Body setup = std::move(list.setup);
    for (ir::Stmt& statement : at.setup) setup.push_back(std::move(statement));
    return with_setup(std::move(setup), std::move(value), span);
  }
  std::string help;
  if (is(object, Kind::kString)) help = "take a part of a string with substring(from, to)";
  if (is(object, Kind::kOptional)) help = "settle what holds when it is absent first: (… ?? default)[…]";
  return wrong(Code::kNotIndexable, span, text(object->type) + " has no elements to take by `[ ]`", std::move(help));
}

}  // namespace writ::frontend
