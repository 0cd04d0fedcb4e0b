#include <algorithm>
#include <array>

#include "frontend/checker.h"

namespace writ::frontend {

using ir::Kind;
using ir::Op;

namespace {

/// What a macro makes of the elements that its condition holds for.
enum class Yield : std::uint8_t { kAny, kEvery, kOne, kElements, kList, kMap, kEntries };

/// A call that binds names for the elements of a collection. Behind its names stand a condition (which may be left out where
/// `maps`) and, where `maps`, what is made of an element.
struct MacroRow {
  std::string_view name;
  Yield yield;
  std::size_t names_min;
  std::size_t names_max;
  bool maps;
  std::string_view takes;
  std::string_view example;
};
constexpr std::string_view kCondition = "a name for the element and a condition on it";
constexpr std::string_view kTransform =
    "names for the key and the value, perhaps a condition, and what is made of them";
constexpr std::array<MacroRow, 9> kMacros = {{
    {"exists", Yield::kAny, 1, 2, false, kCondition, "xs.exists(x, x > 0)"},
    {"all", Yield::kEvery, 1, 2, false, kCondition, "xs.all(x, x > 0)"},
    {"exists_one", Yield::kOne, 1, 2, false, kCondition, "xs.exists_one(x, x > 0)"},
    {"existsOne", Yield::kOne, 1, 2, false, kCondition, "xs.existsOne(x, x > 0)"},
    {"filter", Yield::kElements, 1, 2, false, kCondition, "xs.filter(x, x > 0)"},
    {"map", Yield::kList, 1, 1, true, "a name for the element, perhaps a condition, and what is made of it",
     "xs.map(x, x + 1), or with two names xs.transformList(i, x, x + i)"},
    {"transformList", Yield::kList, 2, 2, true, kTransform, "xs.transformList(i, x, x + i)"},
    {"transformMap", Yield::kMap, 2, 2, true, kTransform, "m.transformMap(k, v, v + 1)"},
    {"transformMapEntry", Yield::kEntries, 2, 2, true, kTransform, "m.transformMapEntry(k, v, {v: k})"},
}};

const MacroRow* find_macro(std::string_view name) {
  const auto* const row = std::ranges::find(kMacros, name, &MacroRow::name);
  return row == kMacros.end() ? nullptr : row;
}

bool is_collection(Kind kind) { return kind == Kind::kList || kind == Kind::kSet || kind == Kind::kMap; }
bool is_quantifier(const MacroRow& row) { return row.yield == Yield::kAny || row.yield == Yield::kEvery; }

}  // namespace

bool is_macro(std::string_view name) { return find_macro(name) != nullptr; }

std::vector<std::string_view> macro_names() {
  std::vector<std::string_view> names;
  for (const MacroRow& row : kMacros) names.push_back(row.name);
  return names;
}

bool takes_optional(std::string_view name, Kind inner) {
  const MacroRow* row = find_macro(name);
  return row != nullptr && is_quantifier(*row) && !is_collection(inner);
}

/// xs.exists(x, c), xs.filter(x, c), m.transformMap(k, v, e) and their like.
ExprPtr Checker::check_macro(const ast::Expr& expression, const ast::Call& call, const ast::Member& member,
                             ExprPtr receiver) {
  const MacroRow& row = *find_macro(member.field.text);
  const std::string name = "`" + member.field.text + "`";
  const std::size_t given = call.arguments.size();
  const std::size_t name_count = row.maps ? row.names_max : given - std::min<std::size_t>(given, 1);
  const std::size_t rest = given - std::min(given, name_count);
  const auto usage = [&] {
    return wrong(Code::kWrongArguments, member.field.span, name + " takes " + std::string(row.takes),
                 std::string(row.example));
  };
  if (call.fill || name_count < row.names_min || name_count > row.names_max || rest < 1 || rest > (row.maps ? 2 : 1)) {
    return usage();
  }
  // `xs.map(i, x, e)`: where a condition stands there is a name that nothing declares.
  const auto* second =
      given == 3 && row.names_max == 1 ? std::get_if<ast::NameRef>(&call.arguments[1].value->node) : nullptr;
  if (second != nullptr && find_local(second->name) == nullptr && find_symbol(second->name) == nullptr) {
    const auto* first = std::get_if<ast::NameRef>(&call.arguments[0].value->node);
    if (first != nullptr && first->name != second->name) {
      return wrong(Code::kWrongArguments, call.arguments[1].value->span,
                   name + " has one name, and a condition stands here",
                   "with the position too: xs.transformList(i, x, …)");
    }
  }
  std::vector<ast::Name> names;
  for (const ast::Argument& argument : call.arguments) {
    if (argument.name) return usage();
    if (names.size() == name_count) break;
    const auto* bound = std::get_if<ast::NameRef>(&argument.value->node);
    if (bound == nullptr) return usage();
    names.push_back({bound->name, argument.value->span});
  }
  const Kind kind = types().kind(receiver->type);
  const bool is_optional = kind == Kind::kOptional && is_quantifier(row);
  if (!is_optional && !is_collection(kind)) {
    return wrong(Code::kBadOperand, member.field.span,
                 name + " goes over a list, a set" + (is_quantifier(row) ? ", a map or an optional" : " or a map") +
                     ", and this is " + text(receiver->type),
                 kind == Kind::kOptional ? "settle what holds when it is absent first: (… ?? default)" : "");
  }
  if (names.size() == 2 && (kind == Kind::kSet || is_optional)) return usage();
  const NameScope scope(context());
  const ast::Expr* condition = rest == 2 || !row.maps ? call.arguments[name_count].value.get() : nullptr;
  const ast::Expr& made = *call.arguments.back().value;
  const std::string what = "the condition of " + name;
  switch (row.yield) {
    case Yield::kAny:
    case Yield::kEvery: {
      const bool any = row.yield == Yield::kAny;
      return is_optional ? quantify_optional(std::move(receiver), names[0], *condition, any, what, expression.span)
                         : quantify(std::move(receiver), names, *condition, any, what, expression.span);
    }
    case Yield::kOne:
      return exactly_one(std::move(receiver), names, *condition, what, expression.span);
    case Yield::kElements:
    case Yield::kList:
    case Yield::kMap:
    case Yield::kEntries:
      break;
  }
  Comprehension of{.receiver = std::move(receiver),
                   .names = std::move(names),
                   .condition = condition,
                   .what = what,
                   .made = row.maps ? &made : nullptr,
                   .span = expression.span};
  const bool entries = row.yield == Yield::kMap || row.yield == Yield::kEntries ||
                       (row.yield == Yield::kElements && kind == Kind::kMap && of.names.size() == 2);
  return entries ? make_map(std::move(of), row.yield == Yield::kEntries) : make_list(std::move(of));
}

ir::Body& Checker::Turns::body() {
  auto* list = std::get_if<ir::ForList>(&loop.node);
  return list != nullptr ? list->body : std::get<ir::ForTable>(loop.node).body;
}

/// The loop over `over` with its names declared. One name is a list's element or a map's key.
Checker::Turns Checker::turns(ExprPtr over, std::span<const ast::Name> names, Span span) {
  Turns out{.loop = {.place = place(span), .node = ir::Break{}}};
  const ir::Type type = types()[over->type];
  const auto bind = [&](const ast::Name& name, TypeId of) {
    const ir::LocalId local = new_local(name.text, of, name.span);
    declare_local(name, local, false);
    return local;
  };
  if (type.kind == Kind::kList) {
    ir::ForList list{std::move(over), 0, std::nullopt, {}, 0};
    if (names.size() == 2) list.index = bind(names[0], types().plain(Kind::kInt));
    list.element = bind(names.back(), type.first);
    out.key = list.index.value_or(list.element);
    out.value = list.element;
    out.loop.node = std::move(list);
  } else {
    ir::ForTable table{std::move(over), 0, std::nullopt, {}, 0};
    table.key = bind(names[0], type.first);
    if (names.size() == 2) table.value = bind(names[1], type.second);
    out.key = table.key;
    out.value = table.value;
    out.loop.node = std::move(table);
  }
  return out;
}

// ---- quantifiers ---------------------------------------------------------------------------------

/// The turn stops at the first element that decides.
ExprPtr Checker::quantify(ExprPtr over, std::span<const ast::Name> names, const ast::Expr& written, bool any,
                          std::string_view what, Span span) {
  const ir::LocalId found = new_local("", types().plain(Kind::kBool), span);
  Turns loop = turns(std::move(over), names, span);
  ExprPtr condition = check_condition(written, what);
  if (!condition) return nullptr;
  if (!any) condition = negate(std::move(condition), span);
  ir::Body decided;
  decided.push_back(assign(found, boolean(any, span), span));
  decided.push_back({place(span), ir::Break{}});
  loop.body().push_back({place(span), ir::If{std::move(condition), std::move(decided), {}}});
  ir::Body body;
  body.push_back(assign(found, boolean(!any, span), span));
  body.push_back(std::move(loop.loop));
  return with_setup(std::move(body), local_ref(found, span), span);
}

ExprPtr Checker::quantify_optional(ExprPtr optional, const ast::Name& name, const ast::Expr& written, bool any,
                                   std::string_view what, Span span) {
  const TypeId inner = types()[optional->type].first;
  Held held = hold(std::move(optional), span);
  const ir::LocalId local = new_local(name.text, types().with_bound(inner, {}), name.span);
  declare_local(name, local, false);
  ExprPtr condition = check_condition(written, what);
  if (!condition) return nullptr;
  ir::Body bind;
  bind.push_back(assign(local, read(make(inner, span, ir::OptionalGet{held.get()})), span));
  ExprPtr inside = with_setup(std::move(bind), std::move(condition), span);
  ExprPtr present = make(types().plain(Kind::kBool), span, ir::OptionalIsPresent{held.get()});
  ExprPtr value = select(std::move(present), std::move(inside), boolean(!any, span), span);
  return with_setup(std::move(held.setup), std::move(value), span);
}

/// As in CEL every element is looked at, so a trap in the last one is one also when two have been found before.
ExprPtr Checker::exactly_one(ExprPtr over, std::span<const ast::Name> names, const ast::Expr& written,
                             std::string_view what, Span span) {
  const TypeId int_type = types().plain(Kind::kInt);
  const ir::LocalId count = new_local("", int_type, span);
  Turns loop = turns(std::move(over), names, span);
  ExprPtr condition = check_condition(written, what);
  if (!condition) return nullptr;
  ir::Body counted;
  counted.push_back(
      assign(count, operate(Op::kIntAdd, int_type, span, local_ref(count, span), integer(1, span)), span));
  loop.body().push_back({place(span), ir::If{std::move(condition), std::move(counted), {}}});
  ir::Body body;
  body.push_back(assign(count, integer(0, span), span));
  body.push_back(std::move(loop.loop));
  ExprPtr one = operate(Op::kWordEqual, types().plain(Kind::kBool), span, local_ref(count, span), integer(1, span));
  return with_setup(std::move(body), std::move(one), span);
}

// ---- lists and maps of elements ------------------------------------------------------------------

/// A list that grows; `begin` says for how many elements it has memory at first.
Checker::Growing Checker::growing(TypeId element, Span span) {
  return {.list = new_local("", types().list(types().shape(element)), span),
          .room = new_local("", types().plain(Kind::kInt), span),
          .span = span};
}
ir::Stmt Checker::begin(const Growing& list, ExprPtr count) {
  return {place(list.span), ir::Reserve{list.list, list.room, std::move(count)}};
}
ir::Stmt Checker::append(const Growing& list, ExprPtr value) {
  return {place(list.span), ir::Append{list.list, list.room, std::move(value)}};
}

/// filter, map and transformList. Memory for as many elements as there are comes first, then the turns.
ExprPtr Checker::make_list(Comprehension of) {
  Held over = hold(std::move(of.receiver), of.span);
  Turns loop = turns(over.get(), of.names, of.span);
  ExprPtr condition = of.condition ? check_condition(*of.condition, of.what) : nullptr;
  if (of.condition && !condition) return nullptr;
  // A filter keeps what one name stands for; with two names that is the element, not its position.
  ExprPtr value = of.made ? check(*of.made) : local_ref(loop.value.value_or(loop.key), of.span);
  if (!value) return nullptr;
  const Growing list = growing(value->type, of.span);
  ir::Body kept;
  kept.push_back(append(list, std::move(value)));
  put_turn(loop, std::move(condition), std::move(kept));
  ir::Body body = std::move(over.setup);
  body.push_back(begin(list, size_of(over.get(), of.span)));
  body.push_back(std::move(loop.loop));
  return with_setup(std::move(body), local_ref(list.list, of.span), of.span);
}

/// transformMap, transformMapEntry, and a map's filter with two names.
ExprPtr Checker::make_map(Comprehension of, bool by_entries) {
  Held over = hold(std::move(of.receiver), of.span);
  Turns loop = turns(over.get(), of.names, of.span);
  ExprPtr condition = of.condition ? check_condition(*of.condition, of.what) : nullptr;
  if (of.condition && !condition) return nullptr;
  std::vector<std::pair<ExprPtr, ExprPtr>> entries;
  if (by_entries) {
    const auto* literal = std::get_if<ast::MapLiteral>(&of.made->node);
    if (literal == nullptr || literal->entries.empty()) {
      return wrong(Code::kWrongArguments, of.made->span, "`transformMapEntry` makes entries, written as a map literal",
                   "m.transformMapEntry(k, v, {v: k})");
    }
    if (std::ranges::any_of(literal->entries, &ast::MapEntry::optional)) {
      return wrong(Code::kWrongArguments, of.made->span, "an entry of `transformMapEntry` is always there",
                   "leave some out with a condition: m.transformMapEntry(k, v, v > 0, {v: k})");
    }
    auto checked = check_entries(*literal, std::nullopt, std::nullopt);
    if (!checked) return nullptr;
    entries = std::move(*checked);
  } else {
    ExprPtr value = of.made ? check(*of.made) : local_ref(*loop.value, of.span);
    if (!value) return nullptr;
    entries.emplace_back(local_ref(loop.key, of.span), std::move(value));
  }
  const TypeId key_type = types().shape(entries.front().first->type);
  if (!allowed_key(key_type, of.span, "a map's keys")) return nullptr;
  const Growing keys = growing(key_type, of.span);
  const Growing values = growing(entries.front().second->type, of.span);
  const TypeId type = types().map(key_type, types().shape(entries.front().second->type));
  ir::Body kept;
  for (auto& [key, value] : entries) {
    kept.push_back(append(keys, std::move(key)));
    kept.push_back(append(values, std::move(value)));
  }
  put_turn(loop, std::move(condition), std::move(kept));
  ir::Body body = std::move(over.setup);
  body.push_back(begin(keys, size_of(over.get(), of.span)));
  body.push_back(begin(values, size_of(over.get(), of.span)));
  body.push_back(std::move(loop.loop));
  ExprPtr map = make(type, of.span, ir::TableOf{local_ref(keys.list, of.span), local_ref(values.list, of.span)});
  return with_setup(std::move(body), std::move(map), of.span);
}

void Checker::put_turn(Turns& loop, ExprPtr condition, ir::Body kept) {
  ir::Body& turn = loop.body();
  if (condition) {
    turn.push_back({loop.loop.place, ir::If{std::move(condition), std::move(kept), {}}});
  } else {
    for (ir::Stmt& statement : kept) turn.push_back(std::move(statement));
  }
}

ExprPtr Checker::size_of(ExprPtr collection, Span span) {
  const Op size = is(collection, Kind::kList) ? Op::kListSize : Op::kTableSize;
  return operate(size, types().plain(Kind::kInt), span, std::move(collection));
}

}  // namespace writ::frontend
