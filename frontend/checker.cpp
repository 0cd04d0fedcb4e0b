#include "frontend/checker.h"

#include <algorithm>
#include <array>

#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

bool is_int_literal(const ast::Expr& expression) {
  if (const auto* unary = std::get_if<ast::Unary>(&expression.node)) {
    return unary->op == ast::UnaryOp::kNegate && is_int_literal(*unary->operand);
  }
  const auto* literal = std::get_if<ast::IntLiteral>(&expression.node);
  return literal != nullptr && !literal->is_uint;
}

bool int_literal_fits(const ast::Expr& literal, Kind kind) {
  const auto* unary = std::get_if<ast::Unary>(&literal.node);
  const ast::Expr& digits = unary != nullptr ? *unary->operand : literal;
  const auto* number = std::get_if<ast::IntLiteral>(&digits.node);
  if (number == nullptr) return kind != Kind::kUint;  // - - 1
  if (kind == Kind::kUint) return unary == nullptr || number->magnitude == 0;
  return kind != Kind::kDouble || number->magnitude <= std::uint64_t{1} << 53;
}

bool needs_expected(const ast::Expr& expression) {
  if (is_absent(expression)) return true;
  if (const auto* list = std::get_if<ast::ListLiteral>(&expression.node)) return list->elements.empty();
  if (const auto* map = std::get_if<ast::MapLiteral>(&expression.node)) return map->entries.empty();
  if (const auto* call = std::get_if<ast::Call>(&expression.node)) {  // a.or(b)
    const auto* member = std::get_if<ast::Member>(&call->callee->node);
    return member != nullptr && member->field.text == "or" && call->arguments.size() == 1 &&
           needs_expected(*member->object) && needs_expected(*call->arguments[0].value);
  }
  return is_int_literal(expression);
}

const ast::Member* optional_function(const ast::Expr& expression) {
  const auto* call = std::get_if<ast::Call>(&expression.node);
  const auto* member = call != nullptr ? std::get_if<ast::Member>(&call->callee->node) : nullptr;
  const auto* module = member != nullptr ? std::get_if<ast::NameRef>(&member->object->node) : nullptr;
  return module != nullptr && module->name == "optional" ? member : nullptr;
}

bool is_absent(const ast::Expr& expression) {
  if (std::holds_alternative<ast::AbsentLiteral>(expression.node)) return true;
  const ast::Member* member = optional_function(expression);
  return member != nullptr && member->field.text == "none" && std::get<ast::Call>(expression.node).arguments.empty();
}

bool in_optional_chain(const ast::Expr& expression) {
  const ast::Expr* link = &expression;
  while (true) {
    if (const auto* member = std::get_if<ast::Member>(&link->node)) {
      if (member->dot != ast::Dot::kPlain) return true;
      link = member->object.get();
    } else if (const auto* index = std::get_if<ast::Index>(&link->node)) {
      link = index->object.get();
    } else if (const auto* call = std::get_if<ast::Call>(&link->node)) {
      link = call->callee.get();
    } else {
      return false;
    }
  }
}

bool in_asking_chain(const ast::Expr& expression) {
  const ast::Expr* link = &expression;
  while (true) {
    if (optional_function(*link) != nullptr) return true;
    if (const auto* member = std::get_if<ast::Member>(&link->node)) {
      if (member->dot == ast::Dot::kAsk) return true;
      link = member->object.get();
    } else if (const auto* index = std::get_if<ast::Index>(&link->node)) {
      if (index->optional) return true;
      link = index->object.get();
    } else if (const auto* call = std::get_if<ast::Call>(&link->node)) {
      link = call->callee.get();
    } else {
      return false;
    }
  }
}

bool is_number(Kind kind) { return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble; }

std::optional<std::string_view> other_spelling(std::string_view word) {
  struct Spelling {
    std::string_view theirs;
    std::string_view ours;
  };
  static constexpr std::array<Spelling, 26> kSpellings = {{
      {"integer", "int"},      {"long", "int"},
      {"unsigned", "uint"},    {"float", "double"},
      {"number", "double"},    {"str", "string"},
      {"text", "string"},      {"boolean", "bool"},
      {"array", "list"},       {"dict", "map"},
      {"time", "timestamp"},   {"length", "size"},
      {"len", "size"},         {"toLowerCase", "lowerAscii"},
      {"lower", "lowerAscii"}, {"toUpperCase", "upperAscii"},
      {"upper", "upperAscii"}, {"includes", "contains"},
      {"any", "exists"},       {"null", "absent"},
      {"nil", "absent"},       {"None", "absent"},
      {"none", "absent"},      {"undefined", "absent"},
      {"True", "true"},        {"False", "false"},
  }};
  const auto found = std::ranges::find(kSpellings, word, &Spelling::theirs);
  return found == kSpellings.end() ? std::nullopt : std::optional(found->ours);
}

std::string did_you_mean(std::optional<std::string_view> name) {
  return name ? "did you mean `" + std::string(*name) + "`?" : "";
}

std::string plural(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// ---- small things --------------------------------------------------------------------------------

ir::PlaceId Checker::place(Span span) {
  auto& places = program_.places;
  if (places.empty() || places.back() != span) places.push_back(span);
  return static_cast<ir::PlaceId>(places.size() - 1);
}

ExprPtr Checker::make(TypeId type, Span span, decltype(ir::Expr::node) node) {
  auto out = std::make_unique<ir::Expr>();
  out->type = type;
  out->place = place(span);
  out->node = std::move(node);
  return out;
}

ExprPtr Checker::constant(TypeId type, ir::Value value, Span span) {
  return constant_ref(keep(type, std::move(value), span), span);
}

ExprPtr Checker::made_of_constants(TypeId type, ir::Value value, Span span) {
  const ir::ConstantId id = keep(type, std::move(value), span);
  return constant_bytes_ > support::limits::kConstantBytes ? nullptr : constant_ref(id, span);
}

ir::ConstantId Checker::keep(TypeId type, ir::Value value, Span span) {
  const bool was_within = constant_bytes_ <= support::limits::kConstantBytes;
  constant_bytes_ += ir::value_bytes(value);
  if (was_within && constant_bytes_ > support::limits::kConstantBytes) {
    error(Code::kTooMany, span,
          "the constants of this release take more than " + std::to_string(support::limits::kConstantBytes) + " bytes");
  }
  program_.constants.push_back({type, std::move(value)});
  return static_cast<ir::ConstantId>(program_.constants.size() - 1);
}

ExprPtr Checker::constant_ref(ir::ConstantId id, Span span) {
  return make(program_.constants[id].type, span, ir::ConstantRef{id});
}

ExprPtr Checker::operate(Op op, TypeId type, Span span, ExprPtr a, ExprPtr b) {
  std::vector<ExprPtr> operands;
  operands.push_back(std::move(a));
  if (b) operands.push_back(std::move(b));
  return make(type, span, ir::Operate{op, std::move(operands)});
}

ExprPtr Checker::negate(ExprPtr value, Span span) {
  return operate(Op::kBoolNot, types().plain(Kind::kBool), span, std::move(value));
}

ExprPtr Checker::select(ExprPtr condition, ExprPtr then, ExprPtr otherwise, Span span) {
  const TypeId type = then->type;
  return make(type, span, ir::Select{std::move(condition), std::move(then), std::move(otherwise)});
}

ExprPtr Checker::local_ref(ir::LocalId id, Span span) {
  return read(make(context().function->locals[id].type, span, ir::LocalRef{id}));
}

bool Checker::is_from_host(const ir::Expr& value) {
  if (std::holds_alternative<ir::FieldGet>(value.node)) return true;
  const auto* const local = std::get_if<ir::LocalRef>(&value.node);
  const ir::Function* const function = context().function;
  return local != nullptr && function->role == ir::Role::kSlot && local->id < function->parameter_count;
}

ExprPtr Checker::read(ExprPtr value) {
  const TypeId declared = value->type;
  const ir::Bound bound = types()[declared].bound;
  const bool from_host = types().kind(declared) == Kind::kEnum && is_from_host(*value);
  if (bound.empty() && !from_host) return value;
  const TypeId plain = types().with_bound(declared, {});
  if (context().place == Place::kElse) {  // an else cannot trap; it hands the value on or compares it
    value->type = plain;
    return value;
  }
  auto out = std::make_unique<ir::Expr>();
  out->type = plain;
  out->place = value->place;
  out->node = ir::CheckBound{std::move(value), declared, runtime::Trap::kOutOfBoundsInput};
  return out;
}

ExprPtr Checker::some(ExprPtr value, Span span) {
  const TypeId type = types().optional(types().with_bound(value->type, {}));
  return make(type, span, ir::OptionalSome{std::move(value)});
}

ExprPtr Checker::none(TypeId optional, Span span) { return make(optional, span, ir::OptionalNone{}); }

ExprPtr Checker::field(ExprPtr record, std::uint32_t index, Span span) {
  const TypeId type = types().record_type(types()[record->type].decl).fields[index].type;
  return read(make(type, span, ir::FieldGet{std::move(record), index}));
}

ir::LocalId Checker::new_local(std::string name, TypeId type, Span span) {
  auto& locals = context().function->locals;
  if (locals.size() == static_cast<std::size_t>(support::limits::kFunctionLocals)) {
    error(Code::kTooMany, span,
          "this function needs more than " + std::to_string(support::limits::kFunctionLocals) + " locals")
        .help = "split it into functions";
  }
  locals.push_back({std::move(name), type});
  return static_cast<ir::LocalId>(locals.size() - 1);
}

ir::Stmt Checker::assign(ir::LocalId local, ExprPtr value, Span span) {
  return {place(span), ir::Assign{local, std::move(value)}};
}

Checker::Held Checker::hold(ExprPtr value, Span span) {
  const TypeId type = value->type;
  // An optional is taken apart only under a test of the same local (program.h), so it gets one in any case.
  const bool as_it_is = !is(value, ir::Kind::kOptional);
  if (const auto* known = std::get_if<ir::ConstantRef>(&value->node); known != nullptr && as_it_is) {
    return {{}, [this, id = known->id, span] { return constant_ref(id, span); }};
  }
  if (const auto* knob = std::get_if<ir::KnobRef>(&value->node); knob != nullptr && as_it_is) {
    return {{}, [this, id = knob->id, type, span] { return make(type, span, ir::KnobRef{id}); }};
  }
  const ir::LocalId local = new_local("", type, span);
  Held out;
  out.setup.push_back(assign(local, std::move(value), span));
  out.get = [this, local, type, span] { return make(type, span, ir::LocalRef{local}); };
  return out;
}

ir::FunctionId Checker::generate(ir::Function function, const std::function<ir::Body()>& body) {
  const auto id = static_cast<ir::FunctionId>(program_.functions.size());
  program_.functions.emplace_back();
  Context inner{.unit = context_ ? context().unit : &units_.front(), .function = &function, .place = Place::kBody};
  inner.scopes.emplace_back();
  const ContextScope scope(context_, inner);
  function.body = body();
  program_.functions[id] = std::move(function);
  return id;
}

ExprPtr Checker::with_setup(ir::Body setup, ExprPtr value, Span span) {
  if (setup.empty()) return value;
  const TypeId type = value->type;
  return make(type, span, ir::Do{std::move(setup), std::move(value)});
}

ExprPtr Checker::map_optional(ExprPtr optional, Span span, const std::function<ExprPtr(ExprPtr)>& then) {
  const TypeId inner = types()[optional->type].first;
  Held held = hold(std::move(optional), span);
  ExprPtr value = then(read(make(inner, span, ir::OptionalGet{held.get()})));
  if (!value) return nullptr;
  if (!is(value, Kind::kOptional)) value = some(std::move(value), span);
  const TypeId type = value->type;
  ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
  ExprPtr whole = select(std::move(present), std::move(value), none(type, span), span);
  return with_setup(std::move(held.setup), std::move(whole), span);
}

const ir::Value* Checker::constant_of(const ir::Expr& expression) const {
  const auto* known = std::get_if<ir::ConstantRef>(&expression.node);
  return known == nullptr ? nullptr : &program_.constants[known->id].value;
}

std::optional<ir::Value> Checker::known_value(const ir::Expr& expression) const {
  if (std::holds_alternative<ir::OptionalNone>(expression.node)) return ir::Value{ir::AbsentValue{}};
  const auto* some = std::get_if<ir::OptionalSome>(&expression.node);
  const ir::Value* known = constant_of(some == nullptr ? expression : *some->value);
  return known == nullptr ? std::nullopt : std::optional(*known);
}

std::optional<ir::Sequence> Checker::known_values(std::span<const ExprPtr> expressions) const {
  ir::Sequence values;
  for (const ExprPtr& expression : expressions) {
    auto value = known_value(*expression);
    if (!value) return std::nullopt;
    values.items.push_back(std::move(*value));
  }
  return values;
}

bool Checker::is_constant_collection(const ir::Expr& expression) {
  return std::holds_alternative<ir::ConstantRef>(expression.node) ||
         std::holds_alternative<ir::KnobRef>(expression.node);
}

bool Checker::declare_local(const ast::Name& name, ir::LocalId id, bool is_var) {
  auto& scope = context().scopes.back();
  if (const auto old = scope.find(name.text); old != scope.end()) {
    auto& diagnostic = error(Code::kDuplicate, name.span, "`" + name.text + "` is declared twice in this block");
    diagnostic.labels.push_back({old->second.span, "first here"});
    return false;
  }
  scope.emplace(name.text, LocalName{id, is_var, name.span});
  return true;
}

const LocalName* Checker::find_local(std::string_view name) const {
  if (context_ == nullptr) return nullptr;
  for (auto scope = context_->scopes.rbegin(); scope != context_->scopes.rend(); ++scope) {
    if (const auto found = scope->find(name); found != scope->end()) return &found->second;
  }
  return nullptr;
}

const Symbol* Checker::find_symbol(std::string_view name) const { return find_symbol(name, *context_->unit); }

const Symbol* Checker::find_symbol(std::string_view name, const Unit& unit) const {
  if (const auto own = unit.symbols.find(name); own != unit.symbols.end()) return &own->second;
  if (const auto taken = unit.imported.find(name); taken != unit.imported.end()) return taken->second;
  const Unit& schema = units_.front();  // a schema's types are everywhere
  if (const auto shared = schema.symbols.find(name); shared != schema.symbols.end()) return &shared->second;
  return nullptr;
}

bool Checker::resolves(std::string_view name) const {
  return find_local(name) != nullptr || find_symbol(name) != nullptr;
}

std::vector<std::string_view> Checker::names_in_scope() const {
  std::vector<std::string_view> out;
  for (const auto& scope : context_->scopes) {
    for (const auto& [name, local] : scope) out.emplace_back(name);
  }
  const Unit& unit = *context_->unit;
  for (const auto& [name, symbol] : unit.symbols) out.emplace_back(name);
  for (const auto& [name, symbol] : unit.imported) out.emplace_back(name);
  for (const auto& [name, symbol] : units_.front().symbols) out.emplace_back(name);
  return out;
}

ExprPtr Checker::wrong(Code code, Span span, std::string message, std::string help) {
  error(code, span, std::move(message)).help = std::move(help);
  return nullptr;
}

bool Checker::step(Span span) {
  if (++steps_ <= support::limits::kCheckerSteps) return true;
  if (steps_ == support::limits::kCheckerSteps + 1) {
    error(
        Code::kTooMany, span,
        "this release takes too long to check: more than " + std::to_string(support::limits::kCheckerSteps) + " steps");
  }
  return false;
}

}  // namespace writ::frontend
