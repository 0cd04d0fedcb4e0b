#include <algorithm>

#include "frontend/checker.h"
#include "stdlib/builtin.h"
#include "support/check.h"

namespace writ::frontend {

using ir::Kind;

namespace {

/// Whether `function` is called by this name and another: `math.abs(x)`.
bool is_of_module(std::string_view function, std::string_view name) {
  return function.size() > name.size() && function.starts_with(name) && function[name.size()] == '.';
}

}  // namespace

bool Checker::is_module(std::string_view name) {
  const auto is_inside = [&](std::string_view function) { return is_of_module(function, name); };
  return std::ranges::any_of(stdlib::builtins(), is_inside, &stdlib::Builtin::name) ||
         std::ranges::any_of(list_function_names(/*methods=*/false), is_inside);
}

ExprPtr Checker::check_call(const ast::Expr& expression, const ast::Call& call, std::optional<TypeId> expected,
                            bool statement) {
  if (const auto* member = std::get_if<ast::Member>(&call.callee->node)) {
    return check_method(expression, call, *member, expected, statement);
  }
  const auto* name = std::get_if<ast::NameRef>(&call.callee->node);
  if (name == nullptr) {
    return wrong(Code::kNotCallable, call.callee->span, "only functions can be called, and functions are not values");
  }
  const Span name_span = call.callee->span;
  if (find_local(name->name) != nullptr) {
    return wrong(Code::kNotCallable, name_span, "`" + name->name + "` is a value, and values cannot be called");
  }
  if (const Symbol* symbol = use_symbol(name->name)) {
    if (const auto* function = std::get_if<FunctionSymbol>(&symbol->meaning)) {
      return check_function_call(expression, call, signatures_[function->index], statement);
    }
    if (const auto* record = std::get_if<RecordSymbol>(&symbol->meaning)) {
      return check_record(expression, call, record->id);
    }
    if (std::holds_alternative<WrongSymbol>(symbol->meaning)) return nullptr;
    return wrong(Code::kNotCallable, name_span, "`" + name->name + "` is not a function");
  }
  const auto slot = std::ranges::find(program_.slots, name->name, &ir::SlotDecl::name);
  if (slot != program_.slots.end()) {
    if (context().place == Place::kTest) {
      return check_slot_call(expression, call, static_cast<ir::SlotId>(slot - program_.slots.begin()));
    }
    return wrong(Code::kSlotCall, name_span, "a slot is asked by the host and by tests only",
                 "share the code through a `fn`");
  }
  if (name->name == "has") return check_has(expression, call);
  return check_builtin(expression, call, {name->name, name_span}, nullptr);
}

ExprPtr Checker::check_method(const ast::Expr& expression, const ast::Call& call, const ast::Member& member,
                              std::optional<TypeId> expected, bool statement) {
  if (const auto* name = std::get_if<ast::NameRef>(&member.object->node);
      name != nullptr && member.dot == ast::Dot::kPlain && !resolves(name->name)) {
    const auto capability = std::ranges::find(program_.host_functions, name->name, &ir::HostFunctionDecl::capability);
    if (capability != program_.host_functions.end()) {
      return check_host_call(expression, call, {name->name, member.object->span}, member.field, statement);
    }
    if (const Unit* unit = use_library(name->name)) {
      const auto found = unit->symbols.find(member.field.text);
      if (found != unit->symbols.end() && !found->second.is_private) {
        if (const auto* function = std::get_if<FunctionSymbol>(&found->second.meaning)) {
          return check_function_call(expression, call, signatures_[function->index], statement);
        }
        if (const auto* record = std::get_if<RecordSymbol>(&found->second.meaning)) {
          return check_record(expression, call, record->id);
        }
      }
      return wrong(Code::kUnknownName, member.field.span,
                   "library " + name->name + " has no function `" + member.field.text + "`");
    }
    if (name->name == "optional") return check_optional_function(call, member.field, expected, expression.span);
    if (is_module(name->name)) {
      const ast::Name called{name->name + "." + member.field.text, join(member.object->span, member.field.span)};
      return check_builtin(expression, call, called, nullptr);
    }
    return unknown_receiver(*name, member.object->span);
  }
  if (const OptionalMethod* method = find_optional_method(member.field.text);
      method != nullptr && member.dot == ast::Dot::kPlain) {
    return check_optional_method(call, member, *method, expected, expression.span);
  }
  ExprPtr receiver =
      check(*member.object, needs_expected(*member.object) ? receiver_type(member.field.text) : std::nullopt);
  if (!receiver) return nullptr;
  if (member.dot != ast::Dot::kPlain) {
    if (!is(receiver, Kind::kOptional)) {
      return wrong(Code::kNotOptional, member.field.span,
                   "`?.` needs an optional on its left, and this is " + text(receiver->type), "write `.` here");
    }
    return map_optional(std::move(receiver), expression.span,
                        [&](ExprPtr inner) { return call_on(expression, call, member, std::move(inner)); });
  }
  if (is(receiver, Kind::kOptional) && in_optional_chain(*member.object) &&
      !takes_optional(member.field.text, types().kind(types()[receiver->type].first))) {
    return map_optional(std::move(receiver), expression.span,
                        [&](ExprPtr inner) { return call_on(expression, call, member, std::move(inner)); });
  }
  return call_on(expression, call, member, std::move(receiver));
}

/// `shell.run(…)`: nobody knows `shell`, and an enumerator has no methods.
ExprPtr Checker::unknown_receiver(const ast::NameRef& name, Span span) {
  std::vector<std::string_view> candidates = names_in_scope();
  std::vector<std::string_view> capabilities;
  for (const ir::HostFunctionDecl& function : program_.host_functions) {
    if (std::ranges::find(capabilities, function.capability) == capabilities.end()) {
      capabilities.emplace_back(function.capability);
    }
  }
  candidates.insert(candidates.end(), capabilities.begin(), capabilities.end());
  std::string known;
  for (const std::string_view capability : capabilities) known += (known.empty() ? "" : ", ") + std::string(capability);
  const auto guess = support::nearest(name.name, candidates);
  return wrong(Code::kUnknownName, span, "no name `" + name.name + "` here",
               guess            ? did_you_mean(guess)
               : !known.empty() ? "what a policy may ask of the host is a capability of its schema: " + known
                                : "");
}

ExprPtr Checker::call_on(const ast::Expr& expression, const ast::Call& call, const ast::Member& member,
                         ExprPtr receiver) {
  if (is_macro(member.field.text)) return check_macro(expression, call, member, std::move(receiver));
  if (member.field.text == "format" && is(receiver, Kind::kString)) {
    return check_format(call, member, *receiver, expression.span);
  }
  if (const Symbol* symbol = find_symbol(member.field.text);
      symbol != nullptr && std::holds_alternative<FunctionSymbol>(symbol->meaning) &&
      list_function_for(member.field.text, receiver) == nullptr) {
    return wrong(Code::kNotAMethod, member.field.span, "only built-ins have method form",
                 "write " + member.field.text + "(…)");
  }
  return check_builtin(expression, call, member.field, std::move(receiver));
}

std::optional<std::vector<ExprPtr>> Checker::check_arguments(const ast::Call& call, std::span<const TypeId> wanted,
                                                             std::span<const std::string> names,
                                                             std::string_view callee, Span span) {
  if (call.fill) {
    error(Code::kWrongArguments, span, "`..` fills records, not calls");
    return std::nullopt;
  }
  if (call.arguments.size() != wanted.size()) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
      list += (i == 0 ? "" : ", ") + names[i] + ": " + text(types().shape(wanted[i]));
    }
    error(Code::kWrongArguments, span,
          "`" + std::string(callee) + "` takes " + plural(wanted.size(), "argument") + ", and this call has " +
              std::to_string(call.arguments.size()))
        .help = std::string(callee) + "(" + list + ")";
    return std::nullopt;
  }
  std::vector<ExprPtr> out;
  bool good = true;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const ast::Argument& argument = call.arguments[i];
    if (argument.name && argument.name->text != names[i]) {
      error(Code::kWrongArguments, argument.name->span,
            "argument " + std::to_string(i + 1) + " of `" + std::string(callee) + "` is `" + names[i] + "`");
      good = false;
      continue;
    }
    ExprPtr value =
        check_as(*argument.value, types().shape(wanted[i]), "`" + names[i] + "` of `" + std::string(callee) + "` is");
    good = good && value;
    out.push_back(std::move(value));
  }
  if (!good) return std::nullopt;
  return out;
}

ExprPtr Checker::check_host_call(const ast::Expr& expression, const ast::Call& call, const ast::Name& capability,
                                 const ast::Name& function, bool statement) {
  const auto found = std::ranges::find_if(program_.host_functions, [&](const ir::HostFunctionDecl& decl) {
    return decl.capability == capability.text && decl.name == function.text;
  });
  if (found == program_.host_functions.end()) {
    std::vector<std::string_view> names;
    for (const auto& decl : program_.host_functions) {
      if (decl.capability == capability.text) names.emplace_back(decl.name);
    }
    const auto guess = support::nearest(function.text, names);
    return wrong(Code::kUnknownName, function.span,
                 "capability " + capability.text + " has no function `" + function.text + "`", did_you_mean(guess));
  }
  const ir::HostFunctionDecl& decl = *found;
  if (context().place == Place::kConstant || context().place == Place::kElse) {
    return wrong(Code::kNotConstant, expression.span,
                 "a capability cannot be asked here: its answer is not a constant");
  }
  if (tier_ != nullptr && std::ranges::find(tier_->grants, capability.text) == tier_->grants.end()) {
    auto& diagnostic = error(Code::kCapabilityNotGranted, capability.span,
                             "tier " + tier_->name + " does not grant capability `" + capability.text + "`");
    diagnostic.labels.push_back({tier_->span, "the tier is declared here"});
    diagnostic.help = "do without it, or load this policy under a tier that grants it";
    return nullptr;
  }
  if (decl.effect == ir::Effect::kEmits && !statement) {
    return wrong(Code::kNoValue, expression.span,
                 "`" + decl.full_name() + "` hands a value to the host and gives none back",
                 "write it as a statement of its own");
  }
  if (decl.effect != ir::Effect::kEmits && statement) {
    return wrong(Code::kUnusedValue, expression.span, "the answer of `" + decl.full_name() + "` is not used",
                 "let answer = " + decl.full_name() + "(…)");
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < decl.parameters.size(); ++i)
    names.push_back(host_parameters_[found - program_.host_functions.begin()][i]);
  auto arguments = check_arguments(call, decl.parameters, names, decl.full_name(), expression.span);
  if (!arguments) return nullptr;
  for (std::size_t i = 0; i < arguments->size(); ++i) {  // what crosses to the host keeps its bound
    const TypeId declared = decl.parameters[i];
    if (types()[declared].bound.empty()) continue;
    ExprPtr value = std::move((*arguments)[i]);
    const TypeId plain = value->type;
    (*arguments)[i] = make(plain, call.arguments[i].value->span,
                           ir::CheckBound{std::move(value), declared, runtime::Trap::kInvalidArgument});
  }
  const auto id = static_cast<ir::HostFunctionId>(found - program_.host_functions.begin());
  const TypeId type = decl.result ? types().with_bound(*decl.result, {}) : types().plain(Kind::kBool);
  return make(type, expression.span, ir::HostCall{id, std::move(*arguments)});
}

ExprPtr Checker::check_function_call(const ast::Expr& expression, const ast::Call& call, const Signature& signature,
                                     bool statement) {
  const std::string& name = signature.decl->name.text;
  if (context().place == Place::kConstant || context().place == Place::kElse) {
    return wrong(Code::kNotConstant, expression.span, "a function of a policy cannot be called here",
                 "literals, constants and built-ins can stand here");
  }
  if (signature.emits && !statement) {
    return wrong(Code::kNoValue, expression.span, "`" + name + "` gives no value",
                 "write it as a statement of its own");
  }
  if (!signature.emits && statement) standing_calls_.push_back({expression.span, name, signature.id});
  std::vector<std::string> names;
  for (const ast::Parameter& parameter : signature.decl->parameters) names.push_back(parameter.name.text);
  const std::vector<TypeId> wanted = signature.parameters;
  const auto id = signature.id;
  const TypeId type = types().with_bound(signature.result.value_or(types().plain(Kind::kBool)), {});
  auto arguments = check_arguments(call, wanted, names, name, expression.span);
  if (!arguments) return nullptr;
  return make(type, expression.span, ir::FunctionCall{id, std::move(*arguments)});
}

ExprPtr Checker::check_slot_call(const ast::Expr& expression, const ast::Call& call, ir::SlotId slot) {
  const ir::SlotDecl& decl = program_.slots[slot];
  std::vector<std::string> names;
  std::vector<TypeId> wanted;
  for (const ir::Local& parameter : decl.parameters) {
    names.push_back(parameter.name);
    wanted.push_back(parameter.type);
  }
  const TypeId result = types().with_bound(decl.result, {});
  const ir::SlotEntry entry = program_.entries[slot];
  const auto function = entry.policy ? entry.policy : entry.otherwise;
  if (!function) {
    if (slot_impls_[slot] != Span{}) return nullptr;  // there is one, and it was refused
    return wrong(Code::kSlotCall, expression.span,
                 "no policy here answers `" + decl.name + "`, and without one the host itself does");
  }
  auto arguments = check_arguments(call, wanted, names, decl.name, expression.span);
  if (!arguments) return nullptr;
  return make(result, expression.span, ir::FunctionCall{*function, std::move(*arguments)});
}

}  // namespace writ::frontend
