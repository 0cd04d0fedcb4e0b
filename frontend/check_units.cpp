#include <algorithm>
#include <bit>

#include "frontend/checker.h"
#include "ir/call_graph.h"
#include "ir/image.h"
#include "ir/interpret.h"
#include "ir/meter.h"
#include "ir/verify.h"
#include "ir/walk.h"
#include "support/check.h"
#include "support/deep_stack.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;

namespace {

/// Whether a value keeps a bound: numbers by value, text by bytes, collections by elements.
bool keeps(const ir::Value& value, const ir::Bound& bound) {
  const auto within = [&](auto number, auto end) {
    return (!bound.low || number >= end(*bound.low)) && (!bound.high || number <= end(*bound.high));
  };
  const auto size_within = [&](std::size_t size) {
    return within(static_cast<std::int64_t>(size), [](std::int64_t bits) { return bits; });
  };
  return std::visit(
      support::Overloaded{
          [&](std::int64_t number) { return within(number, [](std::int64_t bits) { return bits; }); },
          [&](ir::UintValue number) {
            return within(number.value, [](std::int64_t bits) { return static_cast<std::uint64_t>(bits); });
          },
          [&](double number) { return within(number, [](std::int64_t bits) { return std::bit_cast<double>(bits); }); },
          [&](const std::string& text) { return size_within(text.size()); },
          [&](const ir::Sequence& items) { return size_within(items.items.size()); },
          [&](const ir::Entries& entries) { return size_within(entries.items.size()); },
          [](const auto&) { return true; },
      },
      value.node);
}

/// What a name stands for that a `use` could not find.
const Symbol kWrongSymbol{WrongSymbol{}, {}, false};

}  // namespace

// ---- the way through a release -------------------------------------------------------------------

void Checker::read_units(std::span<const ast::File* const> files) {
  Context top{.unit = &units_.front(), .function = nullptr, .place = Place::kConstant};
  const ContextScope scope(context_, top);
  if (!choose_tier()) return;
  if (files.size() > static_cast<std::size_t>(support::limits::kUnits)) {
    error(Code::kTooMany, files.back()->name.span,
          "more than " + std::to_string(support::limits::kUnits) + " units in one release");
    return;
  }
  const std::size_t first = units_.size();
  for (const ast::File* file : files) add_unit(*file);
  const auto each = [&](auto&& step) {
    for (std::size_t i = first; i < units_.size(); ++i) {
      top.unit = &units_[i];
      step(units_[i]);
    }
  };
  each([&](Unit& unit) { declare_types(unit); });
  each([&](Unit& unit) { declare_values(unit); });
  each([&](Unit& unit) { resolve_uses(unit); });
  refuse_use_cycles();
  if (options_.question != nullptr) show_all_to(options_.question->unit);
  each([&](Unit& unit) { fill_types(unit); });
  lay_out_records();
  each([&](Unit& unit) { fill_field_defaults(unit); });
  each([&](Unit& unit) { declare_functions(unit); });
  each([&](Unit& unit) { read_config(unit); });
  for (std::uint32_t i = 0; i < consts_.size(); ++i) const_value(i);
  each([&](Unit& unit) { check_slots(unit); });
  check_functions();
  refuse_idle_calls();
  each([&](Unit& unit) { check_knob_conditions(unit); });
  if (options_.tests) each([&](Unit& unit) { check_tests(unit); });
  if (options_.question != nullptr) check_question(*options_.question);
  if (!options_.unused || diagnostics_.has_errors()) return;
  each([&](Unit& unit) { warn_of_unused(unit); });
  warn_of_unread_locals();
}

std::optional<ir::Program> Checker::finish() {
  if (diagnostics_.has_errors()) return std::nullopt;
  ir::meter(program_);
  check_tier_rules();
  if (diagnostics_.has_errors()) return std::nullopt;
  if (!is_sound(program_, units_.front().file->name.span, diagnostics_)) return std::nullopt;
  return std::move(program_);
}

bool is_sound(const ir::Program& program, Span schema, support::Diagnostics& diagnostics) {
  const auto bug = ir::verify(program);
  if (bug) diagnostics.error(Code::kInternal, schema, "internal error: " + *bug);
  return !bug;
}

bool Checker::choose_tier() {
  if (options_.tier.empty()) {
    if (!program_.tiers.empty()) tier_ = &program_.tiers.front();
    return true;
  }
  const auto found = std::ranges::find(program_.tiers, options_.tier, &ir::Tier::name);
  if (found != program_.tiers.end()) {
    tier_ = &*found;
    return true;
  }
  std::vector<std::string_view> names;
  for (const ir::Tier& tier : program_.tiers) names.emplace_back(tier.name);
  const auto guess = support::nearest(options_.tier, names);
  wrong(Code::kUnknownTier, units_.front().file->name.span,
        "schema " + program_.schema_name + " has no tier `" + std::string(options_.tier) + "`", did_you_mean(guess));
  return false;
}

void Checker::add_unit(const ast::File& file) {
  check_edition(file);
  if (file.kind == ast::UnitKind::kSchema) {
    wrong(Code::kWrongUnit, file.name.span, "a release has one schema, and this is another");
    return;
  }
  if (!file.schema) {
    wrong(Code::kWrongUnit, file.name.span, "this unit does not say its schema",
          "end its first line with `for " + program_.schema_name + "`");
    return;
  }
  if (file.schema->text != program_.schema_name) {
    wrong(Code::kWrongUnit, file.schema->span,
          "this unit is for schema `" + file.schema->text + "`, and the schema here is `" + program_.schema_name + "`");
    return;
  }
  for (const Unit& other : units_) {
    if (&other != &units_.front() && other.file->name.text == file.name.text) {
      auto& diagnostic =
          error(Code::kDuplicate, file.name.span, "two units of this release are called `" + file.name.text + "`");
      diagnostic.labels.push_back({other.file->name.span, "the other"});
      return;
    }
  }
  units_.emplace_back().file = &file;
}

// ---- declarations --------------------------------------------------------------------------------

void Checker::declare_values(Unit& unit) {
  std::size_t functions = 0;
  for (const ast::Decl& decl : unit.file->decls) {
    if (const auto* named = std::get_if<ast::Const>(&decl.node)) {
      if (declare(unit, named->name, ConstSymbol{static_cast<std::uint32_t>(consts_.size())}, decl.is_private)) {
        consts_.push_back({named, &unit});
      }
    } else if (const auto* config = std::get_if<ast::Config>(&decl.node)) {
      for (const ast::Knob& knob : config->knobs) {
        if (!declare(unit, knob.name, KnobSymbol{static_cast<ir::KnobId>(program_.knobs.size())}, false)) continue;
        ir::Knob out;
        out.unit = unit.file->name.text;
        out.name = knob.name.text;
        out.doc = knob.doc;
        out.span = knob.name.span;
        program_.knobs.push_back(std::move(out));
      }
    } else if (const auto* function = std::get_if<ast::Function>(&decl.node)) {
      if (++functions == static_cast<std::size_t>(support::limits::kFunctions) + 1) {
        wrong(Code::kTooMany, function->name.span,
              "more than " + std::to_string(support::limits::kFunctions) + " functions in one unit");
      }
      if (!declare(unit, function->name, FunctionSymbol{static_cast<std::uint32_t>(signatures_.size())},
                   decl.is_private))
        continue;
      Signature signature;
      signature.decl = function;
      signature.unit = &unit;
      signature.id = static_cast<ir::FunctionId>(program_.functions.size());
      signatures_.push_back(std::move(signature));
      program_.functions.emplace_back();
    } else if (!std::holds_alternative<ast::Record>(decl.node) && !std::holds_alternative<ast::Enum>(decl.node) &&
               !std::holds_alternative<ast::SlotImpl>(decl.node) && !std::holds_alternative<ast::Test>(decl.node) &&
               !std::holds_alternative<ast::Use>(decl.node)) {
      wrong(Code::kNotInThisUnit, decl.span, "this stands in a schema only",
            "what a policy can reach is the schema's to say");
    }
  }
}

bool Checker::resolve_uses(Unit& unit) {
  bool good = true;
  for (const ast::Decl& decl : unit.file->decls) {
    const auto* use = std::get_if<ast::Use>(&decl.node);
    if (use == nullptr) continue;
    const auto other = std::ranges::find_if(units_, [&](const Unit& candidate) {
      return candidate.file->name.text == use->unit.text && candidate.file->kind == ast::UnitKind::kLibrary;
    });
    if (other == units_.end()) {
      std::vector<std::string_view> names;
      for (const Unit& candidate : units_) {
        if (candidate.file->kind == ast::UnitKind::kLibrary) names.emplace_back(candidate.file->name.text);
      }
      const auto guess = support::nearest(use->unit.text, names);
      wrong(Code::kUnknownUnit, use->unit.span, "no library `" + use->unit.text + "` in this release",
            guess ? did_you_mean(guess) : "name its file or folder too");
      if (use->names.empty()) unit.imported.emplace(use->unit.text, &kWrongSymbol);
      for (const ast::Name& name : use->names) unit.imported.emplace(name.text, &kWrongSymbol);
      good = false;
      continue;
    }
    if (use->names.empty()) unit.qualified.emplace(use->unit.text, &*other);
    for (const ast::Name& name : use->names) {
      const auto symbol = other->symbols.find(name.text);
      if (symbol == other->symbols.end() || symbol->second.is_private) {
        std::vector<std::string_view> names;
        for (const auto& [candidate, meaning] : other->symbols) {
          if (!meaning.is_private) names.emplace_back(candidate);
        }
        const auto guess = support::nearest(name.text, names);
        const bool hidden = symbol != other->symbols.end();
        wrong(Code::kUnknownName, name.span,
              "library " + use->unit.text +
                  (hidden ? " keeps `" + name.text + "` private" : " has no `" + name.text + "`"),
              hidden ? "" : did_you_mean(guess));
        unit.imported.emplace(name.text, &kWrongSymbol);
        good = false;
        continue;
      }
      if (unit.symbols.contains(name.text) || !unit.imported.emplace(name.text, &symbol->second).second) {
        wrong(Code::kDuplicate, name.span, "`" + name.text + "` is already a name of this unit");
        good = false;
      }
    }
  }
  return good;
}

/// Lets the unit of a prompt see every unit's names, where it has none of its own for them.
void Checker::show_all_to(const ast::File* file) {
  const auto prompt = std::ranges::find(units_, file, &Unit::file);
  if (prompt == units_.end()) return;  // refused
  for (auto unit = units_.begin() + 1; unit != units_.end(); ++unit) {
    if (unit == prompt) continue;
    for (const auto& [name, symbol] : unit->symbols) {
      if (!prompt->symbols.contains(name)) prompt->imported.emplace(name, &symbol);
    }
  }
}

/// Libraries use one another without cycles.
bool Checker::refuse_use_cycles() {
  enum class State : std::uint8_t { kNew, kActive, kDone };
  std::map<std::string, State, std::less<>> states;
  const std::function<bool(const Unit&)> visit = [&](const Unit& unit) {
    State& state = states[unit.file->name.text];
    if (state == State::kDone) return true;
    state = State::kActive;
    for (const ast::Decl& decl : unit.file->decls) {
      const auto* use = std::get_if<ast::Use>(&decl.node);
      if (use == nullptr) continue;
      for (const Unit& other : units_) {
        if (other.file->name.text != use->unit.text || other.file->kind != ast::UnitKind::kLibrary) continue;
        if (states[use->unit.text] == State::kActive) {
          wrong(Code::kUseCycle, use->unit.span, "this use closes a circle of libraries that use one another",
                "put what they share into a library of its own");
          return false;
        }
        if (!visit(other)) return false;
      }
    }
    states[unit.file->name.text] = State::kDone;
    return true;
  };
  for (std::size_t i = 1; i < units_.size(); ++i) {
    if (!visit(units_[i])) return false;
  }
  return true;
}

void Checker::declare_functions(Unit& unit) {
  for (Signature& signature : signatures_) {
    if (signature.unit != &unit) continue;
    const ast::Function& decl = *signature.decl;
    signature.emits = !decl.result;
    bool good = true;
    if (decl.parameters.size() > static_cast<std::size_t>(support::limits::kParameters)) {
      wrong(Code::kTooMany, decl.name.span,
            "more than " + std::to_string(support::limits::kParameters) + " parameters");
    }
    for (const ast::Parameter& parameter : decl.parameters) {
      const auto type = resolve_parameter(parameter, unit);
      good = good && type;
      if (type) signature.parameters.push_back(*type);
    }
    if (decl.result) {
      const auto type = resolve_type(*decl.result, unit);
      good = good && type;
      signature.result = type;
    }
    signature.wrong = !good;
    if (!good) unit.symbols.find(decl.name.text)->second.meaning = WrongSymbol{};
  }
}

// ---- constants and configuration -----------------------------------------------------------------

std::optional<ir::ConstantId> Checker::const_value(std::uint32_t index) {
  using State = NamedConst::State;
  NamedConst& named = consts_[index];
  switch (named.state) {
    case State::kDone:
      return named.id;
    case State::kWrong:
      return std::nullopt;
    case State::kActive:
      wrong(Code::kConstCycle, named.decl->name.span, "constant `" + named.decl->name.text + "` is made of itself");
      named.state = State::kWrong;
      return std::nullopt;
    case State::kNew:
      break;
  }
  named.state = State::kActive;
  const ast::Const& decl = *named.decl;
  const Unit& unit = *named.unit;
  std::optional<TypeId> type;
  bool good = true;
  if (decl.type) {
    type = resolve_type(*decl.type, unit);
    good = type.has_value();
  }
  const auto value = good ? fold(*decl.value, type, unit, "constant `" + decl.name.text + "` is") : std::nullopt;
  NamedConst& done = consts_[index];
  done.state = value ? State::kDone : State::kWrong;
  done.id = value.value_or(0);
  return value;
}

std::optional<ir::ConstantId> Checker::fold(const ast::Expr& expression, std::optional<TypeId> type, const Unit& unit,
                                            std::string_view what) {
  ir::Function function;
  function.name = "constant";
  function.role = ir::Role::kTest;
  function.place = place(expression.span);
  Context inner{.unit = &unit, .function = &function, .place = Place::kConstant};
  const ContextScope scope(context_, inner);
  const NameScope names(inner);
  ExprPtr value = type ? check_as(expression, types().shape(*type), what) : check(expression);
  if (!value) return std::nullopt;
  // absent and a T where T? is wanted are constants too, and a Value says both without a wrapper
  if (const auto* known = std::get_if<ir::ConstantRef>(&value->node)) {
    return in_bounds(known->id, type, expression.span) ? std::optional(known->id) : std::nullopt;
  }
  if (auto known = known_value(*value)) {
    program_.constants.push_back({value->type, std::move(*known)});
  } else if (!evaluate(std::move(value), function, expression.span)) {
    return std::nullopt;
  }
  const auto id = static_cast<ir::ConstantId>(program_.constants.size() - 1);
  return in_bounds(id, type, expression.span) ? std::optional(id) : std::nullopt;
}

/// Runs a constant expression under the quotas of constants and appends its value to the program's constants.
bool Checker::evaluate(ExprPtr value, ir::Function& function, Span span) {
  const TypeId type = value->type;
  function.result = type;
  function.body.push_back({function.place, ir::Return{std::move(value), std::nullopt}});
  const auto id = static_cast<ir::FunctionId>(program_.functions.size());
  program_.functions.push_back(std::move(function));
  if (!folder_) folder_ = std::make_unique<Folder>(program_);
  folder_->interpreter.extend();
  runtime::Frame frame{};
  frame.fuel = support::limits::kConstantFuel;
  frame.arena_next = folder_->arena.data();
  frame.arena_end = folder_->arena.data() + folder_->arena.size();
  frame.stack_left = support::limits::kStackQuota;
  const runtime::Result result = folder_->interpreter.call(id, {}, frame);
  program_.functions.pop_back();
  const runtime::Trap trap = runtime::status_trap(result.status);
  if (trap != runtime::Trap::kNone) {
    wrong(Code::kConstantTraps, span, "this constant cannot be made: " + std::string(runtime::trap_spelling(trap)));
    return false;
  }
  const ir::Words words{result.word, frame.results[1], frame.results[2], frame.results[3]};
  keep(type, ir::read_value(words, type, types()), span);
  return true;
}

/// Holds a constant against the bounds of the place it is for.
bool Checker::in_bounds(ir::ConstantId id, std::optional<TypeId> type, Span span) {
  if (!type) return true;
  const auto broken = broken_bound(program_.constants[id].value, *type);
  if (broken) wrong(Code::kOutOfBounds, span, "this value lies outside of " + text(*broken));
  return !broken;
}

/// The type whose bound a value breaks, by itself or by something that it holds.
std::optional<TypeId> Checker::broken_bound(const ir::Value& value, TypeId id) {
  const ir::Type type = types()[id];
  if (!keeps(value, type.bound)) return id;
  if (type.kind == Kind::kOptional) {
    return std::holds_alternative<ir::AbsentValue>(value.node) ? std::nullopt : broken_bound(value, type.first);
  }
  std::optional<TypeId> broken;
  if (const auto* entries = std::get_if<ir::Entries>(&value.node)) {
    for (const ir::Entry& entry : entries->items) {
      if (!broken) broken = broken_bound(entry.key, type.first);
      if (!broken) broken = broken_bound(entry.value, type.second);
    }
  } else if (const auto* items = std::get_if<ir::Sequence>(&value.node)) {
    for (std::size_t i = 0; i < items->items.size() && !broken; ++i) {
      const bool field = type.kind == Kind::kRecord;
      broken = broken_bound(items->items[i], field ? types().record_type(type.decl).fields[i].type : type.first);
    }
  }
  return broken;
}

void Checker::read_config(Unit& unit) {
  for (const ast::Decl& decl : unit.file->decls) {
    const auto* config = std::get_if<ast::Config>(&decl.node);
    if (config == nullptr) continue;
    for (const ast::Knob& knob : config->knobs) {
      const auto symbol = unit.symbols.find(knob.name.text);
      if (symbol == unit.symbols.end() || symbol->second.span != knob.name.span) continue;
      const ir::KnobId id = std::get<KnobSymbol>(symbol->second.meaning).id;
      const auto type = resolve_type(knob.type, unit);
      if (!type) {
        unit.symbols.find(knob.name.text)->second.meaning = WrongSymbol{};
        continue;
      }
      program_.knobs[id].type = *type;
      if (!knob.initial) {
        if (types().kind(*type) != Kind::kOptional) {
          wrong(Code::kMissingDefault, knob.name.span, "`" + knob.name.text + "` needs a default",
                "a policy runs without any document: " + knob.name.text + ": " + text(*type) + " = …");
          continue;
        }
        program_.constants.push_back({*type, ir::Value{ir::AbsentValue{}}});
        program_.knobs[id].initial = static_cast<ir::ConstantId>(program_.constants.size() - 1);
        continue;
      }
      const auto value = fold(*knob.initial, type, unit, "`" + knob.name.text + "` is");
      if (value) program_.knobs[id].initial = *value;
    }
  }
}

void Checker::check_knob_conditions(Unit& unit) {
  for (const ast::Decl& decl : unit.file->decls) {
    const auto* config = std::get_if<ast::Config>(&decl.node);
    if (config == nullptr) continue;
    for (const ast::Knob& knob : config->knobs) {
      if (knob.where) check_knob_condition(unit, knob);
    }
  }
}

void Checker::check_knob_condition(Unit& unit, const ast::Knob& knob) {
  const auto symbol = unit.symbols.find(knob.name.text);
  if (symbol == unit.symbols.end() || symbol->second.span != knob.name.span) return;
  if (!std::holds_alternative<KnobSymbol>(symbol->second.meaning)) return;
  ir::Knob& out = program_.knobs[std::get<KnobSymbol>(symbol->second.meaning).id];
  ir::Function function;
  function.name = unit.file->name.text + "." + knob.name.text + " where";
  function.role = ir::Role::kWhere;
  function.parameter_count = 1;
  function.locals = {{knob.name.text, types().shape(out.type)}};
  function.result = types().plain(Kind::kBool);
  function.place = place(knob.where->span);
  Context inner{.unit = &unit, .function = &function, .place = Place::kBody};
  const ContextScope scope(context_, inner);
  const NameScope names(inner);
  declare_local(knob.name, 0, false);
  ExprPtr condition = check_condition(*knob.where, "the condition after `where`");
  if (!condition) return;
  function.body.push_back({function.place, ir::Return{std::move(condition), std::nullopt}});
  out.where = static_cast<ir::FunctionId>(program_.functions.size());
  program_.functions.push_back(std::move(function));
}

// ---- bodies --------------------------------------------------------------------------------------

void Checker::check_functions() {
  for (std::size_t i = 0; i < signatures_.size(); ++i) {
    const Signature signature = signatures_[i];
    if (signature.wrong) continue;
    const ast::Function& decl = *signature.decl;
    ir::Function function;
    function.name = signature.unit->file->name.text + "." + decl.name.text;
    function.parameter_count = static_cast<std::uint32_t>(decl.parameters.size());
    if (signature.result) function.result = types().with_bound(*signature.result, {});
    function.place = place(decl.name.span);
    Context inner{.unit = signature.unit,
                  .function = &function,
                  .place = Place::kBody,
                  .result = signature.result,
                  .result_span = decl.result ? std::optional(decl.result->span) : std::nullopt,
                  .result_what = "`" + decl.name.text + "` gives"};
    const NameScope names(inner);
    {
      const ContextScope scope(context_, inner);
      for (std::size_t p = 0; p < decl.parameters.size(); ++p) {
        function.locals.push_back({decl.parameters[p].name.text, signature.parameters[p]});
        declare_local(decl.parameters[p].name, static_cast<ir::LocalId>(p), false);
      }
    }
    check_body(decl.body, inner, decl.name.span);
    program_.functions[signature.id] = std::move(function);
  }
}

void Checker::check_slots(Unit& unit) {
  for (const ast::Decl& decl : unit.file->decls) {
    const auto* slot = std::get_if<ast::SlotImpl>(&decl.node);
    if (slot == nullptr) continue;
    if (unit.file->kind != ast::UnitKind::kPolicy) {
      wrong(Code::kNotInThisUnit, slot->name.span, "slots are answered by policies, and this is a library");
      continue;
    }
    check_slot(unit, *slot);
  }
}

/// Whether what a policy says of a slot's parameters and result is what the schema says.
bool Checker::slot_agrees(const Unit& unit, const ast::SlotImpl& impl, const ir::SlotDecl& slot) {
  const auto refuse = [&](Code code, Span span, std::string message, std::string help = {}) {
    auto& diagnostic = error(code, span, std::move(message));
    diagnostic.labels.push_back({slot.span, "the slot is declared here"});
    diagnostic.help = std::move(help);
    return false;
  };
  if (impl.parameters.size() != slot.parameters.size()) {
    return refuse(Code::kWrongArguments, impl.name.span,
                  "`" + slot.name + "` has " + plural(slot.parameters.size(), "parameter") + " in the schema, and " +
                      std::to_string(impl.parameters.size()) + " here");
  }
  for (std::size_t p = 0; p < impl.parameters.size(); ++p) {
    const ast::Parameter& parameter = impl.parameters[p];
    if (!parameter.type) continue;
    const auto said = resolve_type(*parameter.type, unit);
    if (!said) return false;
    if (!same(*said, slot.parameters[p].type)) {
      return refuse(
          Code::kTypeMismatch, parameter.type->span,
          "`" + parameter.name.text + "` is " + text(types().shape(slot.parameters[p].type)) + " in the schema",
          "leave the type out: it comes from the schema");
    }
  }
  if (!impl.result) return true;
  const auto said = resolve_type(*impl.result, unit);
  if (!said || same(*said, slot.result)) return said.has_value();
  return refuse(Code::kTypeMismatch, impl.result->span,
                "`" + slot.name + "` answers with " + text(types().shape(slot.result)) + " in the schema",
                "leave the type out: it comes from the schema");
}

void Checker::check_slot(Unit& unit, const ast::SlotImpl& impl) {
  const auto found = std::ranges::find(program_.slots, impl.name.text, &ir::SlotDecl::name);
  if (found == program_.slots.end()) {
    std::vector<std::string_view> names;
    for (const ir::SlotDecl& slot : program_.slots) names.emplace_back(slot.name);
    const auto guess = support::nearest(impl.name.text, names);
    auto& diagnostic = error(Code::kUnknownSlot, impl.name.span,
                             "schema " + program_.schema_name + " has no slot `" + impl.name.text + "`");
    diagnostic.labels.push_back({units_.front().file->name.span, "the schema"});
    if (guess) {
      diagnostic.help = did_you_mean(guess);
      diagnostic.fix = support::Fix{impl.name.span, std::string(*guess)};
    } else {
      diagnostic.help = "share code inside a release through a `fn`";
    }
    return;
  }
  const auto id = static_cast<ir::SlotId>(found - program_.slots.begin());
  const ir::SlotDecl& slot = *found;
  if (slot_impls_[id] != Span{}) {
    auto& diagnostic =
        error(Code::kDuplicate, impl.name.span, "slot `" + slot.name + "` has two policies in this release");
    diagnostic.labels.push_back({slot_impls_[id], "the other"});
    return;
  }
  slot_impls_[id] = impl.name.span;
  if (!slot_agrees(unit, impl, slot)) return;
  ir::Function function;
  function.name = unit.file->name.text + "." + slot.name;
  function.role = ir::Role::kSlot;
  function.parameter_count = static_cast<std::uint32_t>(slot.parameters.size());
  function.result = types().with_bound(slot.result, {});
  function.place = place(impl.name.span);
  Context inner{.unit = &unit,
                .function = &function,
                .place = Place::kBody,
                .result = slot.result,
                .result_span = slot.span,
                .result_what = "`" + slot.name + "` answers with"};
  const NameScope names(inner);
  const ContextScope scope(context_, inner);
  for (std::size_t p = 0; p < impl.parameters.size(); ++p) {
    function.locals.push_back({impl.parameters[p].name.text, slot.parameters[p].type});
    declare_local(impl.parameters[p].name, static_cast<ir::LocalId>(p), false);
  }
  const auto function_id = static_cast<ir::FunctionId>(program_.functions.size());
  program_.functions.emplace_back();
  program_.entries[id].policy = function_id;
  check_body(impl.body, inner, impl.name.span);
  program_.functions[function_id] = std::move(function);
}

/// Refuses calls that stand alone though neither they nor what they call emits anything.
void Checker::refuse_idle_calls() {
  if (standing_calls_.empty() || diagnostics_.has_errors()) return;  // a body that was refused may lack its calls
  std::vector<ir::FunctionId> roots;
  for (const StandingCall& call : standing_calls_) roots.push_back(call.callee);
  std::vector<bool> emits(program_.functions.size());
  for (const ir::CallComponent& component : ir::call_components(program_, roots)) {
    bool any = false;
    for (const ir::FunctionId id : component.functions) {
      ir::for_each_expr(program_.functions[id].body, [&](const ir::Expr& expression) {
        if (const auto* host = std::get_if<ir::HostCall>(&expression.node)) {
          any = any || program_.host_functions[host->id].effect == ir::Effect::kEmits;
        } else if (const auto* call = std::get_if<ir::FunctionCall>(&expression.node)) {
          any = any || emits[call->id];
        }
      });
    }
    for (const ir::FunctionId id : component.functions) emits[id] = any;
  }
  for (const StandingCall& call : standing_calls_) {
    if (emits[call.callee]) continue;
    wrong(Code::kUnusedValue, call.span, "the value of `" + call.name + "` is not used",
          "let value = " + call.name + "(…)");
  }
}

/// What a proven tier refuses beside `while`.
void Checker::check_tier_rules() {
  if (tier_ == nullptr || !tier_->proven) return;
  for (const ir::Function& function : program_.functions) {
    if (!function.recursive) continue;
    auto& diagnostic = error(Code::kNotProvable, program_.places[function.place],
                             "tier " + tier_->name + " is proven: `" + function.name + "` calls itself");
    diagnostic.labels.push_back({tier_->span, "the tier is declared here"});
  }
}

// ---- check.h -------------------------------------------------------------------------------------

void Checker::read_expression(const ast::Expr& expression, std::span<const Variable> variables,
                              std::optional<ir::HostFunctionId> answers) {
  ir::Function function;
  function.name = "expression";
  function.role = ir::Role::kTest;
  function.parameter_count = static_cast<std::uint32_t>(variables.size());
  function.place = place(expression.span);
  Context inner{.unit = &units_.front(), .function = &function, .place = Place::kBody};
  const ContextScope scope(context_, inner);
  const NameScope names(inner);
  for (ir::LocalId i = 0; i < variables.size(); ++i) {
    const auto type = resolve_type(*variables[i].type, units_.front());
    if (!type) return;
    function.locals.push_back({variables[i].name, *type});
    declare_local({variables[i].name, expression.span}, i, false);
  }
  const ir::HostFunctionDecl* host = answers ? &program_.host_functions[*answers] : nullptr;
  ExprPtr value = host == nullptr ? check(expression)
                                  : check_as(expression, types().shape(host->result.value()),
                                             "`" + host->full_name() + "` answers with", host->span);
  if (!value) return;
  function.result = types().shape(value->type);
  function.body.push_back({function.place, ir::Return{std::move(value), std::nullopt}});
  program_.functions.push_back(std::move(function));
}

void Checker::start_without_schema(const ast::File& nothing) { units_.emplace_back().file = &nothing; }

std::optional<ir::Program> check_schema(const ast::File& schema, support::Diagnostics& diagnostics) {
  return check(schema, {}, {}, diagnostics);
}

std::optional<ir::Program> check(const ast::File& schema, std::span<const ast::File* const> units,
                                 const CheckOptions& options, support::Diagnostics& diagnostics) {
  std::optional<ir::Program> out;
  support::on_deep_stack([&] {
    Checker checker(diagnostics, options);
    checker.read_schema(schema);
    if (!diagnostics.has_errors()) checker.read_units(units);
    out = checker.finish();
  });
  return out;
}

std::optional<ir::Program> check_expression(const ast::File* schema, const ast::Expr& expression,
                                            std::span<const Variable> variables, support::Diagnostics& diagnostics,
                                            std::optional<ir::HostFunctionId> answers) {
  std::optional<ir::Program> out;
  support::on_deep_stack([&] {
    Checker checker(diagnostics, {});
    const ast::File nothing;
    if (schema != nullptr) {
      checker.read_schema(*schema);
    } else {
      checker.start_without_schema(nothing);
    }
    if (!diagnostics.has_errors()) checker.read_expression(expression, variables, answers);
    out = checker.finish();
  });
  return out;
}

}  // namespace writ::frontend
