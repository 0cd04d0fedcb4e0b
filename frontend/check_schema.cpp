#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "frontend/checker.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;

namespace {

struct KindName {
  std::string_view name;
  Kind kind;
};
constexpr std::array<KindName, 13> kKindNames = {{
    {"bool", Kind::kBool},
    {"int", Kind::kInt},
    {"uint", Kind::kUint},
    {"double", Kind::kDouble},
    {"string", Kind::kString},
    {"bytes", Kind::kBytes},
    {"timestamp", Kind::kTimestamp},
    {"duration", Kind::kDuration},
    {"ip", Kind::kIp},
    {"cidr", Kind::kCidr},
    {"list", Kind::kList},
    {"set", Kind::kSet},
    {"map", Kind::kMap},
}};

std::size_t type_arguments(Kind kind) {
  if (kind == Kind::kList || kind == Kind::kSet) return 1;
  return kind == Kind::kMap ? 2 : 0;
}

bool is_sized(Kind kind) {
  return kind == Kind::kString || kind == Kind::kBytes || kind == Kind::kList || kind == Kind::kSet ||
         kind == Kind::kMap;
}

/// Whether an else expression could end in a trap, which nothing would answer.
bool can_trap(const ir::Expr& expression);

bool can_trap(const ir::Body& body) {
  return std::ranges::any_of(body, [](const ir::Stmt& statement) {
    return std::visit(support::Overloaded{
                          [](const ir::Assign& assign) { return can_trap(*assign.value); },
                          [](const ir::If& branch) {
                            return can_trap(*branch.condition) || can_trap(branch.then) || can_trap(branch.otherwise);
                          },
                          [](const ir::Once& once) { return can_trap(once.body); },
                          [](const ir::Break&) { return false; },
                          [](const auto&) { return true; },
                      },
                      statement.node);
  });
}

bool any_can_trap(const std::vector<ExprPtr>& list) {
  return std::ranges::any_of(list, [](const ExprPtr& e) { return can_trap(*e); });
}

struct CanTrap {
  bool operator()(const ir::ConstantRef&) const { return false; }
  bool operator()(const ir::KnobRef&) const { return false; }
  bool operator()(const ir::LocalRef&) const { return false; }
  bool operator()(const ir::FieldGet& get) const { return can_trap(*get.record); }
  bool operator()(const ir::CheckBound&) const { return true; }
  bool operator()(const ir::OptionalNone&) const { return false; }
  bool operator()(const ir::OptionalSome& some) const { return can_trap(*some.value); }
  bool operator()(const ir::OptionalIsPresent& test) const { return can_trap(*test.value); }
  bool operator()(const ir::OptionalGet& get) const { return can_trap(*get.value); }
  bool operator()(const ir::Operate& operate) const {
    // Comparing strings charges fuel by their size; an else is asked with fuel for any input.
    const bool compares = operate.op >= ir::Op::kStringEqual && operate.op <= ir::Op::kStringGreaterEqual;
    return (ir::op_row(operate.op).can_trap && !compares) || any_can_trap(operate.operands);
  }
  bool operator()(const ir::Select& select) const {
    return can_trap(*select.condition) || can_trap(*select.then) || can_trap(*select.otherwise);
  }
  bool operator()(const ir::Do& body) const { return can_trap(*body.value) || can_trap(body.body); }
  bool operator()(const ir::MapFind& find) const { return can_trap(*find.map) || can_trap(*find.key); }
  bool operator()(const ir::TableHas& has) const { return can_trap(*has.table) || can_trap(*has.key); }
  bool operator()(const ir::ConstantHas& has) const { return can_trap(*has.key); }
  bool operator()(const ir::InNetworks& in) const { return can_trap(*in.address); }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

bool can_trap(const ir::Expr& expression) { return std::visit(CanTrap{}, expression.node); }

}  // namespace

void Checker::read_schema(const ast::File& schema) {
  Unit& unit = units_.emplace_back();
  unit.file = &schema;
  program_.schema_name = schema.name.text;
  if (schema.kind != ast::UnitKind::kSchema) {
    error(Code::kWrongUnit, schema.name.span,
          "a schema is needed here, and this is a " +
              std::string(schema.kind == ast::UnitKind::kPolicy ? "policy" : "library"));
    return;
  }
  check_edition(schema);
  Context top{.unit = &unit, .function = nullptr, .place = Place::kConstant};
  const ContextScope scope(context_, top);
  for (const ast::Decl& decl : schema.decls) {
    if (const auto* bounds = std::get_if<ast::DefaultBounds>(&decl.node)) read_default_bounds(*bounds);
  }
  declare_types(unit);
  fill_types(unit);
  lay_out_records();
  fill_field_defaults(unit);
  for (const ast::Decl& decl : schema.decls) {
    if (const auto* capability = std::get_if<ast::Capability>(&decl.node)) read_capability(*capability);
    if (const auto* slot = std::get_if<ast::SlotDecl>(&decl.node)) read_slot_decl(decl, *slot);
  }
  for (const ast::Decl& decl : schema.decls) {
    if (const auto* tier = std::get_if<ast::Tier>(&decl.node)) read_tier(decl, *tier);
    const bool foreign =
        std::holds_alternative<ast::Config>(decl.node) || std::holds_alternative<ast::Const>(decl.node) ||
        std::holds_alternative<ast::Function>(decl.node) || std::holds_alternative<ast::SlotImpl>(decl.node) ||
        std::holds_alternative<ast::Test>(decl.node) || std::holds_alternative<ast::Use>(decl.node);
    if (foreign) {
      error(Code::kNotInThisUnit, decl.span, "this does not stand in a schema").help =
          "a schema holds records, enums, capabilities, slots and tiers; put it in a policy or a library";
    }
  }
  if (std::ranges::any_of(program_.tiers, &ir::Tier::proven)) check_every_bound();
  program_.entries.resize(program_.slots.size());
  slot_impls_.resize(program_.slots.size());
  for (ir::SlotId slot = 0; slot < program_.slots.size(); ++slot) check_else(slot);
}

void Checker::check_edition(const ast::File& file) {
  constexpr std::uint64_t kEdition = 2026;
  if (file.edition && *file.edition != kEdition) {
    error(Code::kWrongUnit, file.edition_span, "edition " + std::to_string(*file.edition) + " is not known here").help =
        "this version reads edition " + std::to_string(kEdition);
  }
}

bool Checker::declare(Unit& unit, const ast::Name& name, Meaning meaning, bool is_private) {
  const auto known = std::ranges::find(kKindNames, name.text, &KindName::name);
  if (known != kKindNames.end()) {
    error(Code::kDuplicate, name.span, "`" + name.text + "` is the name of a type of the language");
    return false;
  }
  const Symbol* old = nullptr;
  if (const auto own = unit.symbols.find(name.text); own != unit.symbols.end()) old = &own->second;
  if (old == nullptr && &unit != &units_.front()) {
    const auto shared = units_.front().symbols.find(name.text);
    if (shared != units_.front().symbols.end()) old = &shared->second;
  }
  if (old != nullptr) {
    auto& diagnostic = error(Code::kDuplicate, name.span, "`" + name.text + "` is declared twice");
    diagnostic.labels.push_back({old->span, "first here"});
    return false;
  }
  unit.symbols.emplace(name.text, Symbol{meaning, name.span, is_private});
  return true;
}

void Checker::declare_types(Unit& unit) {
  for (const ast::Decl& decl : unit.file->decls) {
    if (const auto* record = std::get_if<ast::Record>(&decl.node)) {
      ir::RecordType type;
      type.name = record->name.text;
      type.unit = unit.file->name.text;
      type.doc = decl.doc;
      type.span = record->name.span;
      const ir::RecordId id = types().add_record(std::move(type));
      declare(unit, record->name, RecordSymbol{id}, decl.is_private);
    } else if (const auto* enumeration = std::get_if<ast::Enum>(&decl.node)) {
      ir::EnumType type;
      type.name = enumeration->name.text;
      type.unit = unit.file->name.text;
      type.ordered = enumeration->ordered;
      type.doc = decl.doc;
      type.span = enumeration->name.span;
      for (const ast::Enumerator& one : enumeration->enumerators) {
        if (type.enumerator(one.name.text)) {
          error(Code::kDuplicate, one.name.span, "enumerator `" + one.name.text + "` stands twice in this enum");
          continue;
        }
        type.enumerators.push_back(one.name.text);
      }
      if (type.enumerators.size() > static_cast<std::size_t>(support::limits::kEnumerators)) {
        error(Code::kTooMany, enumeration->name.span,
              "more than " + std::to_string(support::limits::kEnumerators) + " enumerators in one enum");
      }
      declare(unit, enumeration->name, EnumSymbol{types().add_enum(std::move(type))}, decl.is_private);
    }
  }
}

void Checker::fill_types(Unit& unit) {
  for (const ast::Decl& decl : unit.file->decls) {
    const auto* record = std::get_if<ast::Record>(&decl.node);
    if (record == nullptr) continue;
    const auto symbol = unit.symbols.find(record->name.text);
    if (symbol == unit.symbols.end() || symbol->second.span != record->name.span) continue;
    const ir::RecordId id = std::get<RecordSymbol>(symbol->second.meaning).id;
    if (record->fields.size() > static_cast<std::size_t>(support::limits::kFields)) {
      error(Code::kTooMany, record->name.span,
            "more than " + std::to_string(support::limits::kFields) + " fields in one record");
      continue;
    }
    for (const ast::Field& field : record->fields) {
      const auto type = resolve_type(field.type, unit);
      if (!type) {
        symbol->second.meaning = WrongSymbol{};
        continue;
      }
      if (types().record_type(id).field(field.name.text)) {
        error(Code::kDuplicate, field.name.span, "field `" + field.name.text + "` stands twice in this record");
        continue;
      }
      ir::Field out;
      out.name = field.name.text;
      out.type = *type;
      out.doc = field.doc;
      out.span = field.name.span;
      types().record_type(id).fields.push_back(std::move(out));
    }
    unlaid_.push_back(id);
  }
}

/// Lays out the records that wait, what they hold first; a record that holds itself, at any depth, is refused.
void Checker::lay_out_records() {
  enum class State : std::uint8_t { kNew, kActive, kDone };
  std::map<ir::RecordId, State> states;
  const std::function<void(TypeId)> visit_type = [&](TypeId id) {
    const ir::Type type = types()[id];
    if (type.kind == Kind::kRecord) {
      State& state = states[type.decl];
      if (state == State::kDone || std::ranges::find(unlaid_, type.decl) == unlaid_.end()) return;
      if (state == State::kActive) {
        const ir::RecordType& record = types().record_type(type.decl);
        error(Code::kRecursiveRecord, record.span, "record " + record.name + " holds itself");
        return;
      }
      state = State::kActive;
      const std::vector<ir::Field> fields = types().record_type(type.decl).fields;
      for (const ir::Field& field : fields) visit_type(field.type);
      states[type.decl] = State::kDone;
      types().lay_out(type.decl);
      const ir::RecordType& record = types().record_type(type.decl);
      const bool inside = std::ranges::any_of(record.fields, [&](const ir::Field& field) {
        return types().kind(field.type) == Kind::kRecord &&
               types().record_type(types()[field.type].decl).size > support::limits::kRecordBytes;
      });
      if (record.size > support::limits::kRecordBytes && !inside) {
        wrong(Code::kTooMany, record.span,
              "record " + record.name + " takes more than " + std::to_string(support::limits::kRecordBytes) + " bytes",
              "an optional record or a list takes a few bytes in the record around it");
      }
      return;
    }
    if (type.kind == Kind::kList || type.kind == Kind::kSet || type.kind == Kind::kOptional) visit_type(type.first);
    if (type.kind == Kind::kMap) {
      visit_type(type.first);
      visit_type(type.second);
    }
  };
  for (const ir::RecordId id : unlaid_) visit_type(types().record(id));
  unlaid_.clear();
}

void Checker::fill_field_defaults(Unit& unit) {
  for (const ast::Decl& decl : unit.file->decls) {
    const auto* record = std::get_if<ast::Record>(&decl.node);
    if (record == nullptr) continue;
    const auto symbol = unit.symbols.find(record->name.text);
    if (symbol == unit.symbols.end() || symbol->second.span != record->name.span) continue;
    if (!std::holds_alternative<RecordSymbol>(symbol->second.meaning)) continue;
    const ir::RecordId id = std::get<RecordSymbol>(symbol->second.meaning).id;
    for (const ast::Field& field : record->fields) {
      const auto index = types().record_type(id).field(field.name.text);
      if (!field.initial || !index) continue;
      const TypeId type = types().record_type(id).fields[*index].type;
      types().record_type(id).fields[*index].initial =
          fold(*field.initial, type, unit, "the default of `" + field.name.text + "` is");
    }
  }
}

std::optional<TypeId> Checker::resolve_type(const ast::TypeExpr& type, const Unit& unit) {
  const auto refuse = [&](Code code, Span span, std::string message, std::string help = {}) {
    wrong(code, span, std::move(message), std::move(help));
    return std::nullopt;
  };
  std::optional<TypeId> out;
  const auto known = std::ranges::find(kKindNames, type.name.text, &KindName::name);
  if (known == kKindNames.end()) {
    const Symbol* symbol = use_symbol(type.name.text, unit);
    if (symbol != nullptr && std::holds_alternative<RecordSymbol>(symbol->meaning)) {
      out = types().record(std::get<RecordSymbol>(symbol->meaning).id);
    } else if (symbol != nullptr && std::holds_alternative<EnumSymbol>(symbol->meaning)) {
      out = types().enumeration(std::get<EnumSymbol>(symbol->meaning).id);
    } else if (symbol != nullptr && std::holds_alternative<WrongSymbol>(symbol->meaning)) {
      return std::nullopt;
    } else {
      std::vector<std::string_view> names;
      for (const KindName& kind : kKindNames) names.push_back(kind.name);
      for (const Unit* from : {&unit, static_cast<const Unit*>(&units_.front())}) {
        for (const auto& [name, other] : from->symbols) {
          if (std::holds_alternative<RecordSymbol>(other.meaning) ||
              std::holds_alternative<EnumSymbol>(other.meaning)) {
            names.emplace_back(name);
          }
        }
      }
      const auto guess = support::nearest(type.name.text, names);
      return refuse(Code::kUnknownType, type.name.span, "no type `" + type.name.text + "` here",
                    did_you_mean(guess ? guess : other_spelling(type.name.text)));
    }
    if (!type.arguments.empty()) {
      return refuse(Code::kWrongArguments, type.span, "`" + type.name.text + "` takes no types in `< >`");
    }
  } else {
    const std::size_t wanted = type_arguments(known->kind);
    if (type.arguments.size() != wanted) {
      return refuse(Code::kWrongArguments, type.span,
                    wanted == 0 ? "`" + type.name.text + "` takes no types in `< >`"
                                : "`" + type.name.text + "` needs the types of its elements",
                    wanted == 1   ? type.name.text + "<string>"
                    : wanted == 2 ? "map<string, int>"
                                  : "");
    }
    std::vector<TypeId> arguments;
    for (const ast::TypeExpr& argument : type.arguments) {
      const auto resolved = resolve_type(argument, unit);
      if (!resolved) return std::nullopt;
      arguments.push_back(*resolved);
    }
    switch (known->kind) {
      case Kind::kList:
        out = types().list(arguments[0]);
        break;
      case Kind::kSet:
        out = types().set(arguments[0]);
        break;
      case Kind::kMap:
        out = types().map(arguments[0], arguments[1]);
        break;
      default:
        out = types().plain(known->kind);
    }
    if ((known->kind == Kind::kSet || known->kind == Kind::kMap) &&
        !allowed_key(types().shape(arguments[0]), type.arguments[0].span,
                     known->kind == Kind::kSet ? "a set's elements" : "a map's keys")) {
      return std::nullopt;
    }
  }
  const Kind kind = types().kind(*out);
  if (type.bounds) {
    const auto bound = resolve_bound(*type.bounds, kind);
    if (!bound) return std::nullopt;
    out = types().with_bound(*out, *bound);
  } else if (const auto common = default_bounds_.find(kind);
             common != default_bounds_.end() && &unit == &units_.front()) {
    out = types().with_bound(*out, common->second);
  }
  if (type.optional) out = types().optional(*out);
  return out;
}

std::optional<TypeId> Checker::resolve_parameter(const ast::Parameter& parameter, const Unit& unit) {
  if (parameter.type) return resolve_type(*parameter.type, unit);
  wrong(Code::kMissingType, parameter.name.span, "a parameter says its type: name: T");
  return std::nullopt;
}

std::optional<ir::Bound> Checker::resolve_bound(const ast::Bounds& bounds, Kind kind) {
  const bool numeric = kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble || kind == Kind::kDuration;
  if (!numeric && !is_sized(kind)) {
    wrong(Code::kBadBound, bounds.span, "this type has no bounds",
          "numbers, durations, strings, bytes and collections have");
    return std::nullopt;
  }
  ir::Bound out;
  const Kind unit = is_sized(kind) ? Kind::kInt : kind;
  for (const auto& [end, to] : {std::pair{&bounds.low, &out.low}, std::pair{&bounds.high, &out.high}}) {
    if (!*end) continue;
    const auto number = literal_number(**end, unit);
    if (!number) {
      wrong(Code::kBadBound, (*end)->span, "a bound of this type is a literal " + text(types().plain(unit)));
      return std::nullopt;
    }
    *to = number;
  }
  const auto less = [&](std::int64_t a, std::int64_t b) {
    if (kind == Kind::kDouble) return std::bit_cast<double>(a) < std::bit_cast<double>(b);
    if (kind == Kind::kUint) return static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
    return a < b;
  };
  if (out.low && out.high && less(*out.high, *out.low)) {
    wrong(Code::kBadBound, bounds.span, "no value lies within these bounds: the lower is above the upper");
    return std::nullopt;
  }
  if (is_sized(kind) && ((out.low && *out.low < 0) || (out.high && *out.high < 0))) {
    wrong(Code::kBadBound, bounds.span, "a size is never below zero");
    return std::nullopt;
  }
  return out;
}

/// A literal of a kind as ir::Bound keeps it: the number, a uint's bits, a double's bits.
std::optional<std::int64_t> Checker::literal_number(const ast::Expr& expression, Kind kind) {
  if (const auto* unary = std::get_if<ast::Unary>(&expression.node);
      unary != nullptr && unary->op == ast::UnaryOp::kNegate) {
    if (const auto* literal = std::get_if<ast::IntLiteral>(&unary->operand->node);
        literal != nullptr && literal->magnitude == std::uint64_t{1} << 63 && kind == Kind::kInt) {
      return std::numeric_limits<std::int64_t>::min();
    }
    const auto positive = literal_number(*unary->operand, kind);
    if (!positive || kind == Kind::kUint) return std::nullopt;
    if (kind == Kind::kDouble) return std::bit_cast<std::int64_t>(-std::bit_cast<double>(*positive));
    return -*positive;
  }
  if (const auto* literal = std::get_if<ast::IntLiteral>(&expression.node)) {
    if (kind == Kind::kDouble) return std::bit_cast<std::int64_t>(static_cast<double>(literal->magnitude));
    if (kind == Kind::kUint) return std::bit_cast<std::int64_t>(literal->magnitude);
    if (kind != Kind::kInt || literal->is_uint || literal->magnitude >> 63 != 0) return std::nullopt;
    return static_cast<std::int64_t>(literal->magnitude);
  }
  if (const auto* literal = std::get_if<ast::DoubleLiteral>(&expression.node);
      literal != nullptr && kind == Kind::kDouble) {
    return std::bit_cast<std::int64_t>(literal->value);
  }
  if (const auto* literal = std::get_if<ast::DurationLiteral>(&expression.node);
      literal != nullptr && kind == Kind::kDuration) {
    return literal->nanoseconds;
  }
  return std::nullopt;
}

void Checker::read_default_bounds(const ast::DefaultBounds& bounds) {
  for (const ast::TypeExpr& type : bounds.bounds) {
    const auto known = std::ranges::find(kKindNames, type.name.text, &KindName::name);
    if (known == kKindNames.end() || !is_sized(known->kind) || !type.bounds) {
      error(Code::kBadBound, type.span, "default bounds are for string, bytes, list, set and map").help =
          "default bounds { string ..1KiB, list ..64 }";
      continue;
    }
    if (const auto bound = resolve_bound(*type.bounds, known->kind)) default_bounds_[known->kind] = *bound;
  }
}

bool Checker::fits_a_call(Span name, const std::vector<TypeId>& parameters) {
  std::int64_t words = 0;
  for (const TypeId type : parameters) words += types().words(type);
  if (words <= support::limits::kCallWords) return true;
  error(Code::kTooMany, name,
        "the parameters take " + std::to_string(words) + " words, and a call carries " +
            std::to_string(support::limits::kCallWords))
      .help = "put them into a record, which takes one word";
  return false;
}

void Checker::read_capability(const ast::Capability& capability) {
  const auto taken =
      std::ranges::find(program_.host_functions, capability.name.text, &ir::HostFunctionDecl::capability);
  if (taken != program_.host_functions.end()) {
    error(Code::kDuplicate, capability.name.span, "capability `" + capability.name.text + "` is declared twice");
    return;
  }
  for (const ast::CapabilityFn& function : capability.functions) {
    ir::HostFunctionDecl out;
    out.capability = capability.name.text;
    out.name = function.name.text;
    out.span = function.span;
    out.effect = static_cast<ir::Effect>(function.effect);
    out.cost = static_cast<std::int64_t>(function.cost.value_or(0));
    if (!function.cost || *function.cost > static_cast<std::uint64_t>(support::limits::kFuelQuota)) {
      error(Code::kBadCapability, function.span, "a host function says what it costs").help = "end it with `cost 100`";
    }
    if (out.effect == ir::Effect::kEmits && function.result) {
      error(Code::kBadCapability, function.result->span, "an `emits` function gives nothing back");
    }
    if (out.effect != ir::Effect::kEmits && !function.result) {
      error(Code::kBadCapability, function.span, "this function needs a result").help = "fn name(…) -> T";
      continue;
    }
    if (std::ranges::any_of(program_.host_functions, [&](const auto& other) {
          return other.capability == out.capability && other.name == out.name;
        })) {
      error(Code::kDuplicate, function.name.span, "`" + out.full_name() + "` is declared twice");
      continue;
    }
    bool good = true;
    std::vector<std::string> names;
    for (const ast::Parameter& parameter : function.parameters) {
      const auto type = resolve_parameter(parameter, units_.front());
      good = good && type;
      if (type) out.parameters.push_back(*type);
      names.push_back(parameter.name.text);
    }
    if (function.result) {
      out.result = resolve_type(*function.result, units_.front());
      good = good && out.result;
    }
    if (!good || !fits_a_call(function.name.span, out.parameters)) continue;
    program_.host_functions.push_back(std::move(out));
    host_parameters_.push_back(std::move(names));
  }
}

void Checker::read_slot_decl(const ast::Decl& decl, const ast::SlotDecl& slot) {
  if (std::ranges::find(program_.slots, slot.name.text, &ir::SlotDecl::name) != program_.slots.end()) {
    error(Code::kDuplicate, slot.name.span, "slot `" + slot.name.text + "` is declared twice");
    return;
  }
  ir::SlotDecl out;
  out.name = slot.name.text;
  out.else_host = slot.else_host;
  out.doc = decl.doc;
  out.span = slot.name.span;
  bool good = true;
  if (slot.parameters.size() > static_cast<std::size_t>(support::limits::kParameters)) {
    error(Code::kTooMany, slot.name.span, "more than " + std::to_string(support::limits::kParameters) + " parameters");
    good = false;
  }
  for (const ast::Parameter& parameter : slot.parameters) {
    const auto type = resolve_parameter(parameter, units_.front());
    good = good && type;
    if (std::ranges::find(out.parameters, parameter.name.text, &ir::Local::name) != out.parameters.end()) {
      error(Code::kDuplicate, parameter.name.span, "parameter `" + parameter.name.text + "` stands twice");
    }
    out.parameters.push_back({parameter.name.text, type.value_or(0)});
  }
  const auto result = resolve_type(slot.result, units_.front());
  if (!good || !result) return;
  std::vector<TypeId> parameters;
  for (const ir::Local& parameter : out.parameters) parameters.push_back(parameter.type);
  if (!fits_a_call(slot.name.span, parameters)) return;
  out.result = *result;
  if (!slot.else_host && !slot.otherwise) {
    error(Code::kMissingElse, slot.name.span,
          "slot `" + out.name + "` needs an `else`: what answers without a policy, and after a trap?")
        .help = "else VALUE, or `else host` for the program's own function";
  }
  program_.slots.push_back(std::move(out));
  slot_asts_.push_back(&slot);
}

void Checker::read_tier(const ast::Decl& decl, const ast::Tier& tier) {
  (void)decl;
  if (std::ranges::find(program_.tiers, tier.name.text, &ir::Tier::name) != program_.tiers.end()) {
    error(Code::kDuplicate, tier.name.span, "tier `" + tier.name.text + "` is declared twice");
    return;
  }
  ir::Tier out;
  out.name = tier.name.text;
  out.proven = tier.proven;
  out.span = tier.name.span;
  for (const ast::Name& grant : tier.grants) {
    if (std::ranges::find(program_.host_functions, grant.text, &ir::HostFunctionDecl::capability) ==
        program_.host_functions.end()) {
      std::vector<std::string_view> names;
      for (const auto& function : program_.host_functions) names.emplace_back(function.capability);
      const auto guess = support::nearest(grant.text, names);
      wrong(Code::kUnknownName, grant.span, "no capability `" + grant.text + "` in this schema", did_you_mean(guess));
      continue;
    }
    out.grants.push_back(grant.text);
  }
  const auto quota = [&](const ast::ExprPtr& value, std::string_view what, std::int64_t most) -> std::int64_t {
    if (!value) {
      wrong(Code::kBadTier, tier.name.span, "tier `" + out.name + "` says no " + std::string(what),
            "tier " + out.name + " { fuel 1_000_000 memory 1MiB stack 64KiB }");
      return 0;
    }
    const auto number = literal_number(*value, Kind::kInt);
    if (!number || *number < 0 || *number > most) {
      wrong(Code::kBadTier, value->span, std::string(what) + " is a number from 0 to " + std::to_string(most));
      return 0;
    }
    return *number;
  };
  out.fuel = quota(tier.fuel, "fuel", support::limits::kFuelQuota);
  out.memory = quota(tier.memory, "memory", support::limits::kMemoryQuota);
  out.stack = quota(tier.stack, "stack", support::limits::kStackQuota);
  program_.tiers.push_back(std::move(out));
}

/// In a schema with a proven tier every string and collection has a bound.
void Checker::check_every_bound() {
  const std::function<void(TypeId, Span)> visit = [&](TypeId id, Span span) {
    const ir::Type type = types()[id];
    if (is_sized(type.kind) && !type.bound.high) {
      error(Code::kMissingBound, span,
            "a schema with a proven tier bounds every string and collection, and this " + text(types().shape(id)) +
                " has no bound")
          .help = "write one, such as " + text(types().shape(id)) +
                  "(..64), or give all one: default bounds { string ..1KiB, list ..64 }";
    }
    if (type.kind == Kind::kList || type.kind == Kind::kSet || type.kind == Kind::kOptional ||
        type.kind == Kind::kMap) {
      visit(type.first, span);
    }
    if (type.kind == Kind::kMap) visit(type.second, span);
  };
  for (ir::RecordId id = 0; id < types().record_count(); ++id) {
    const std::vector<ir::Field> fields = types().record_type(id).fields;
    for (const ir::Field& field : fields) visit(field.type, field.span);
  }
  for (const ir::SlotDecl& slot : program_.slots) {
    for (const ir::Local& parameter : slot.parameters) visit(parameter.type, slot.span);
    visit(slot.result, slot.span);
  }
  for (const ir::HostFunctionDecl& function : program_.host_functions) {
    for (const TypeId parameter : function.parameters) visit(parameter, function.span);
    if (function.result) visit(*function.result, function.span);
  }
}

void Checker::check_else(ir::SlotId slot) {
  const ast::SlotDecl& decl = *slot_asts_[slot];
  if (!decl.otherwise) return;
  ir::Function function;
  function.name = program_.slots[slot].name + " else";
  function.role = ir::Role::kElse;
  function.parameter_count = static_cast<std::uint32_t>(program_.slots[slot].parameters.size());
  function.locals = program_.slots[slot].parameters;
  function.result = types().with_bound(program_.slots[slot].result, {});
  function.place = place(decl.otherwise->span);
  Context inner{.unit = &units_.front(),
                .function = &function,
                .place = Place::kElse,
                .result = program_.slots[slot].result,
                .result_span = decl.result.span,
                .result_what = "`" + decl.name.text + "` answers with"};
  const ContextScope scope(context_, inner);
  const NameScope names(inner);
  for (ir::LocalId i = 0; i < function.parameter_count; ++i) {
    declare_local(decl.parameters[i].name, i, false);
  }
  ExprPtr value = check_as(*decl.otherwise, function.result.value(), inner.result_what, inner.result_span);
  if (!value) return;
  if (can_trap(*value)) {
    wrong(Code::kElseCanTrap, decl.otherwise->span, "this `else` could trap, and nothing would answer then",
          "use constants and the slot's parameters as they are");
    return;
  }
  const Span span = decl.otherwise->span;
  function.body.push_back({place(span), ir::Return{std::move(value), std::nullopt}});
  program_.entries[slot].otherwise = static_cast<ir::FunctionId>(program_.functions.size());
  program_.functions.push_back(std::move(function));
}

}  // namespace writ::frontend
