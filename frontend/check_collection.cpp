#include <algorithm>

#include "frontend/checker.h"
#include "support/limits.h"

namespace writ::frontend {

using ir::Kind;

// ---- collections ------------------------------------------------------------------------

bool Checker::is_too_long(std::size_t elements, Span last) {
  if (elements <= static_cast<std::size_t>(support::limits::kLiteralElements)) return false;
  error(Code::kTooMany, last,
        "more than " + std::to_string(support::limits::kLiteralElements) + " elements in one literal");
  return true;
}

std::optional<std::vector<ExprPtr>> Checker::check_elements(std::span<const ast::Expr* const> elements,
                                                            std::optional<TypeId>& type, std::string_view what) {
  if (!elements.empty() && is_too_long(elements.size(), elements.back()->span)) return std::nullopt;
  std::vector<ExprPtr> out;
  out.reserve(elements.size());
  bool good = true;
  if (!type) {  // the first element whose type is its own says it for all
    for (const ast::Expr* element : elements) {
      const auto* name = std::get_if<ast::NameRef>(&element->node);
      if (needs_expected(*element) || (name != nullptr && !resolves(name->name))) continue;
      if (element != elements.front()) {
        const ExprPtr probe = check(*element);
        if (probe && (is_number(types().kind(probe->type)) || !is_int_literal(*elements.front()))) {
          type = types().shape(probe->type);
        }
      }
      break;
    }
  }
  for (const ast::Expr* element : elements) {
    ExprPtr value = type ? check_as(*element, *type, what) : check(*element);
    if (!value) {
      good = false;
      continue;
    }
    if (!type) type = types().shape(value->type);
    out.push_back(std::move(value));
  }
  if (!good) return std::nullopt;
  return out;
}

ExprPtr Checker::check_list(const ast::Expr& expression, const ast::ListLiteral& list, std::optional<TypeId> expected) {
  const Span span = expression.span;
  std::optional<TypeId> element;
  if (expected) {
    const Kind kind = types().kind(*expected);
    if (kind == Kind::kList) element = types().shape(types()[*expected].first);
  }
  if (expected && types().kind(*expected) == Kind::kSet) {
    return wrong(Code::kTypeMismatch, span,
                 "a " + text(types().shape(*expected)) + " is needed, and `[ ]` makes a list",
                 list.elements.empty() ? "the empty set is {}" : "a set stands in braces: {a, b}");
  }
  if (list.elements.empty()) {
    if (!element) {
      return wrong(Code::kTypeUnknown, span, "an empty list of what? Nothing here says",
                   "say the type: let xs: list<string> = []");
    }
    return constant(types().list(*element), ir::Value{ir::Sequence{}}, span);
  }
  if (std::ranges::any_of(list.elements, &ast::ListElement::optional)) {
    return check_optional_elements(list, element, span);
  }
  std::vector<const ast::Expr*> written;
  for (const ast::ListElement& each : list.elements) written.push_back(each.value.get());
  auto elements = check_elements(written, element, "every element of this list is");
  if (!elements) return nullptr;
  const TypeId type = types().list(*element);
  if (auto items = known_values(*elements)) return made_of_constants(type, ir::Value{std::move(*items)}, span);
  return make(type, span, ir::ListMake{std::move(*elements)});
}

ExprPtr Checker::check_set(const ast::Expr& expression, const ast::SetLiteral& set, std::optional<TypeId> expected) {
  const Span span = expression.span;
  std::optional<TypeId> element;
  if (expected) {
    const Kind kind = types().kind(*expected);
    if (kind == Kind::kList || kind == Kind::kSet) element = types().shape(types()[*expected].first);
  }
  std::vector<const ast::Expr*> written;
  for (const ast::ExprPtr& each : set.elements) written.push_back(each.get());
  auto elements = check_elements(written, element, "every element of this set is");
  if (!elements || !allowed_key(*element, span, "a set's elements")) return nullptr;
  const TypeId type = types().set(*element);
  if (auto known = known_values(*elements)) {
    auto& items = known->items;
    std::ranges::sort(items, [](const auto& a, const auto& b) { return ir::key_order(a, b) < 0; });
    const auto doubles =
        std::ranges::unique(items, [](const auto& a, const auto& b) { return ir::key_order(a, b) == 0; });
    items.erase(doubles.begin(), doubles.end());
    return made_of_constants(type, ir::Value{std::move(*known)}, span);
  }
  return make(type, span, ir::SetMake{std::move(*elements)});
}

ExprPtr Checker::check_map(const ast::Expr& expression, const ast::MapLiteral& map, std::optional<TypeId> expected) {
  const Span span = expression.span;
  const bool as_map = expected && types().kind(*expected) == Kind::kMap;
  if (map.entries.empty()) {
    if (expected && types().kind(*expected) == Kind::kSet) {
      return constant(types().shape(*expected), ir::Value{ir::Sequence{}}, span);
    }
    if (!as_map) {
      return wrong(Code::kTypeUnknown, span, "`{}` of what? Nothing here says whether it is a map or a set",
                   "say the type: let m: map<string, int> = {}");
    }
    return constant(types().shape(*expected), ir::Value{ir::Entries{}}, span);
  }
  std::optional<TypeId> key_type;
  std::optional<TypeId> value_type;
  if (as_map) {
    key_type = types().shape(types()[*expected].first);
    value_type = types().shape(types()[*expected].second);
  }
  if (std::ranges::any_of(map.entries, &ast::MapEntry::optional)) {
    return check_optional_entries(map, key_type, value_type, span);
  }
  auto checked = check_entries(map, key_type, value_type);
  if (!checked) return nullptr;
  std::vector<std::pair<ExprPtr, ExprPtr>> entries = std::move(*checked);
  key_type = types().shape(entries.front().first->type);
  if (!allowed_key(*key_type, span, "a map's keys")) return nullptr;
  const TypeId type = types().map(*key_type, value_type.value_or(types().shape(entries.front().second->type)));
  const bool all_constant = std::ranges::all_of(entries, [this](const auto& entry) {
    return constant_of(*entry.first) != nullptr && known_value(*entry.second).has_value();
  });
  if (!all_constant) return make(type, span, ir::MapMake{std::move(entries)});
  const auto order = [this](const auto& a, const auto& b) {
    return ir::key_order(*constant_of(*a.first), *constant_of(*b.first));
  };
  std::ranges::sort(entries, [&](const auto& a, const auto& b) {
    const auto by_key = order(a, b);
    return by_key == 0 ? a.first->place < b.first->place : by_key < 0;
  });
  const auto twice =
      std::ranges::adjacent_find(entries, [&](const auto& a, const auto& b) { return order(a, b) == 0; });
  if (twice != entries.end()) {
    const ir::Expr& second = *std::next(twice)->first;
    auto& diagnostic =
        error(Code::kDuplicate, program_.places[second.place],
              "key " + ir::literal_text(*constant_of(second), *key_type, types()) + " stands twice in this map");
    diagnostic.labels.push_back({program_.places[twice->first->place], "first here"});
    return nullptr;
  }
  ir::Entries items;
  for (const auto& [key, value] : entries) items.items.push_back({*constant_of(*key), *known_value(*value)});
  return made_of_constants(type, ir::Value{std::move(items)}, span);
}

std::optional<std::vector<std::pair<ExprPtr, ExprPtr>>> Checker::check_entries(const ast::MapLiteral& map,
                                                                               std::optional<TypeId> key_type,
                                                                               std::optional<TypeId> value_type) {
  std::vector<std::pair<ExprPtr, ExprPtr>> entries;
  bool good = true;
  for (const ast::MapEntry& entry : map.entries) {
    ExprPtr key = key_type ? check_as(*entry.key, *key_type, "every key of this map is") : check(*entry.key);
    if (key && !key_type) key_type = types().shape(key->type);
    ExprPtr value = entry.optional ? check_optional_value(*entry.value, value_type, "every value of this map is")
                    : value_type   ? check_as(*entry.value, *value_type, "every value of this map is")
                                   : check(*entry.value);
    if (value && !value_type) {
      value_type = types().shape(entry.optional ? types().inner(value->type) : value->type);
    }
    good = good && key && value;
    if (good) entries.emplace_back(std::move(key), std::move(value));
  }
  if (!good) return std::nullopt;
  return entries;
}

/// The value of `{?key: value}` or `[?value]`: an optional, of `type` where that is known.
ExprPtr Checker::check_optional_value(const ast::Expr& value, std::optional<TypeId> type, std::string_view what) {
  const auto expected = type ? std::optional(types().as_optional(*type)) : std::nullopt;
  ExprPtr out = check(value, expected);
  if (!out) return nullptr;
  if (!is(out, Kind::kOptional)) {
    return wrong(Code::kNotOptional, value.span,
                 "`?` in a literal needs an optional value, and this is " + text(types().shape(out->type)),
                 "drop the `?`: it is always there");
  }
  if (!expected) return out;
  return convert(std::move(out), *expected, value.span, what, std::nullopt);
}

/// [?a, b]: the elements are put into a list in order, without those that are absent.
ExprPtr Checker::check_optional_elements(const ast::ListLiteral& list, std::optional<TypeId> type, Span span) {
  constexpr std::string_view kWhat = "every element of this list is";
  if (is_too_long(list.elements.size(), list.elements.back().value->span)) return nullptr;
  const auto is_weak = [](const ast::ListElement& each) { return needs_expected(*each.value); };
  if (!type && is_weak(list.elements.front())) {  // the first element whose type is its own says it for all
    const auto own = std::ranges::find_if_not(list.elements, is_weak);
    if (own != list.elements.end()) {
      const ExprPtr probe = check(*own->value);
      if (!probe) return nullptr;
      type = types().shape(own->optional ? types().inner(probe->type) : probe->type);
    }
  }
  std::vector<ExprPtr> values;
  for (const ast::ListElement& each : list.elements) {
    ExprPtr value = each.optional ? check_optional_value(*each.value, type, kWhat)
                    : type        ? check_as(*each.value, *type, kWhat)
                                  : check(*each.value);
    if (!value) return nullptr;
    if (!type) type = types().shape(each.optional ? types().inner(value->type) : value->type);
    values.push_back(std::move(value));
  }
  const Growing out = growing(*type, span);
  ir::Body body;
  body.push_back(begin(out, integer(static_cast<std::int64_t>(values.size()), span)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ast::ListElement& each = list.elements[i];
    ExprPtr value = std::move(values[i]);
    if (!each.optional) {
      body.push_back(append(out, std::move(value)));
      continue;
    }
    Held held = hold(std::move(value), span);
    for (ir::Stmt& statement : held.setup) body.push_back(std::move(statement));
    ir::Body there;
    const TypeId inner = types()[held.get()->type].first;
    there.push_back(append(out, read(make(inner, span, ir::OptionalGet{held.get()}))));
    ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
    body.push_back({place(span), ir::If{std::move(present), std::move(there), {}}});
  }
  return with_setup(std::move(body), local_ref(out.list, span), span);
}

/// {?k: v, …}: keys and values are gathered in order, without those that are absent, and become a map.
ExprPtr Checker::check_optional_entries(const ast::MapLiteral& map, std::optional<TypeId> key_type,
                                        std::optional<TypeId> value_type, Span span) {
  auto entries = check_entries(map, key_type, value_type);
  if (!entries) return nullptr;
  const TypeId first = entries->front().second->type;
  const TypeId value_kept = types().shape(map.entries.front().optional ? types()[first].first : first);
  const TypeId key = types().shape(entries->front().first->type);
  if (!allowed_key(key, span, "a map's keys")) return nullptr;
  const Growing keys = growing(key, span);
  const Growing values = growing(value_kept, span);
  const auto count = static_cast<std::int64_t>(entries->size());
  ir::Body body;
  body.push_back(begin(keys, integer(count, span)));
  body.push_back(begin(values, integer(count, span)));
  for (std::size_t i = 0; i < entries->size(); ++i) {
    auto& [key_value, value] = (*entries)[i];
    if (!map.entries[i].optional) {
      body.push_back(append(keys, std::move(key_value)));
      body.push_back(append(values, std::move(value)));
      continue;
    }
    Held held_key = hold(std::move(key_value), span);
    Held held = hold(std::move(value), span);
    for (Held* part : {&held_key, &held}) {
      for (ir::Stmt& statement : part->setup) body.push_back(std::move(statement));
    }
    ir::Body there;
    there.push_back(append(keys, held_key.get()));
    const TypeId inner = types()[held.get()->type].first;
    there.push_back(append(values, read(make(inner, span, ir::OptionalGet{held.get()}))));
    ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
    body.push_back({place(span), ir::If{std::move(present), std::move(there), {}}});
  }
  ExprPtr made =
      make(types().map(key, value_kept), span, ir::TableOf{local_ref(keys.list, span), local_ref(values.list, span)});
  return with_setup(std::move(body), std::move(made), span);
}

bool Checker::is_key(TypeId type) {
  switch (types().kind(type)) {
    case Kind::kDouble:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
    case Kind::kRecord:
      return false;
    default:
      return true;
  }
}

bool Checker::allowed_key(TypeId type, Span span, std::string_view what) {
  if (is_key(type)) return true;
  error(Code::kBadKey, span, std::string(what) + " cannot be " + text(type)).help =
      "keys are bool, int, uint, string, bytes, timestamp, duration, ip, cidr or an enum";
  return false;
}

}  // namespace writ::frontend
