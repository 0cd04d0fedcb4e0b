#include "ir/bound.h"

#include <fmt/format.h>

#include <algorithm>

#include "ir/bound_walk.h"
#include "ir/call_graph.h"
#include "ir/cost.h"
#include "ir/prepare.h"
#include "support/deep_stack.h"
#include "support/limits.h"

namespace writ::ir {
namespace {

/// Calls of one function that are remembered.
constexpr std::size_t kKnownCalls = 32;

/// What the arena takes for `bytes`.
std::int64_t whole_words(std::int64_t bytes) { return bytes > kNoBound - 7 ? kNoBound : (bytes + 7) / 8 * 8; }

/// Elements that a list moves through on its way to `size`, beginning without room: all that append allocates.
std::int64_t growth_bytes(std::int64_t size, std::int64_t stride) {
  std::int64_t bytes = 0;
  for (std::int64_t room = 0; room < size;) {
    room = cost::grown(room);
    bytes = stdlib::plus(bytes, whole_words(stdlib::times(room, stride)));
    if (room > kNoBound / 4) return kNoBound;
  }
  return bytes;
}

/// Appends to a list in a body, those in inner loops apart.
struct Appends {
  std::int64_t direct = 0;
  std::int64_t in_loops = 0;
};

template <typename Part>
void count_appends(const Part& part, LocalId list, bool in_loop, Appends& out) {
  if constexpr (std::is_same_v<Part, Body>) {
    for (const Stmt& stmt : part) count_appends(stmt, list, in_loop, out);
  } else {
    bool inner_loop = in_loop;
    if constexpr (std::is_same_v<Part, Stmt>) {
      const auto* append = std::get_if<Append>(&part.node);
      if (append != nullptr && append->list == list) ++(in_loop ? out.in_loops : out.direct);
      inner_loop = in_loop || std::holds_alternative<While>(part.node) || std::holds_alternative<ForList>(part.node) ||
                   std::holds_alternative<ForTable>(part.node) || std::holds_alternative<ForRange>(part.node);
    }
    for_each_part(part, [&](const auto& inner) { count_appends(inner, list, inner_loop, out); });
  }
}

std::optional<LocalId> as_local(const Expr& expr) {
  const auto* local = std::get_if<LocalRef>(&expr.node);
  return local != nullptr ? std::optional(local->id) : std::nullopt;
}

const Operate* as_size(const Expr& expr) {
  const auto* size = std::get_if<Operate>(&expr.node);
  return size != nullptr && (size->op == Op::kListSize || size->op == Op::kTableSize) ? size : nullptr;
}

/// Whether both are the same local, or the size of the same.
bool is_same_number(const Expr& a, const Expr& b) {
  const Operate* const size = as_size(a);
  if (size == nullptr) return as_local(a) && as_local(a) == as_local(b);
  const Operate* const other = as_size(b);
  return other != nullptr && is_same_number(*size->operands[0], *other->operands[0]);
}

/// Whether `count` is high - low, or high where low is 0.
bool is_length_of(const Expr& count, const ForRange& range, const auto& is_zero) {
  const auto* difference = std::get_if<Operate>(&count.node);
  if (difference != nullptr && difference->op == Op::kIntSubtract) {
    return is_same_number(*difference->operands[0], *range.high) &&
           is_same_number(*difference->operands[1], *range.low);
  }
  return is_same_number(count, *range.high) && is_zero(*range.low);
}

/// The body of a loop that takes at most `count` turns, as far as that is seen.
const Body* body_of_loop(const Stmt& stmt, const Expr& count, const auto& is_zero) {
  const auto body_over = [&](const auto& loop, const Expr& collection) {
    const Operate* const size = as_size(count);
    return size != nullptr && is_same_number(*size->operands[0], collection) ? &loop.body : nullptr;
  };
  if (const auto* list = std::get_if<ForList>(&stmt.node)) return body_over(*list, *list->list);
  if (const auto* table = std::get_if<ForTable>(&stmt.node)) return body_over(*table, *table->table);
  const auto* range = std::get_if<ForRange>(&stmt.node);
  return range != nullptr && is_length_of(count, *range, is_zero) ? &range->body : nullptr;
}

/// Whether what is reserved is enough: room for each turn of the loop behind it, and all that is ever appended is at most one for
/// each turn. So checking writes `filter`, `map`, `reverse` and their like.
bool is_roomy(const Reserve& reserve, std::span<const Stmt> behind, const Body& function, const auto& is_zero) {
  const auto is_reserve = [](const Stmt& stmt) { return std::holds_alternative<Reserve>(stmt.node); };
  const auto loop = std::ranges::find_if_not(behind, is_reserve);
  const Body* const body = loop == behind.end() ? nullptr : body_of_loop(*loop, *reserve.count, is_zero);
  if (body == nullptr) return false;
  Appends here;
  count_appends(*body, reserve.list, false, here);
  Appends all;
  count_appends(function, reserve.list, false, all);
  return here.direct == 1 && here.in_loops == 0 && all.direct + all.in_loops == 1;
}

}  // namespace

BoundWalk::BoundWalk(const Program& program, const Config& config, const stdlib::Prepared& prepared)
    : program_(program),
      types_(program.types),
      config_(config),
      prepared_(prepared),
      stack_end_(support::native_stack_end()) {}

CallBound BoundWalk::call_bound(FunctionId root) {
  const Function& function = program_.functions[root];
  std::vector<ExtentPtr> arguments;
  for (std::uint32_t i = 0; i < function.parameter_count; ++i) {
    const Local& parameter = function.locals[i];
    arguments.push_back(unknown(parameter.type, fmt::format("`{}`", parameter.name), std::nullopt));
  }
  state_ = State{};
  call(root, std::move(arguments), function.place);
  const Spent spent = state_->spent;
  CallBound bound{.fuel = spent.fuel.value, .memory = spent.memory.value, .stack = static_stack(root), .unbounded = {}};
  if (spent.first != nullptr) bound.unbounded = *spent.first;
  return bound;
}

std::int64_t BoundWalk::static_stack(FunctionId root) {
  std::map<FunctionId, std::int64_t> depth;  // callees included
  for (const CallComponent& component : call_components(program_, {&root, 1})) {
    if (component.recursive) return kNoBound;
    const FunctionId id = component.functions.front();
    std::int64_t inner = 0;
    for (const FunctionId callee : callees(program_.functions[id])) inner = std::max(inner, depth[callee]);
    depth[id] = inner + program_.functions[id].stack_bytes;
  }
  return depth[root];
}

// ---- charges -----------------------------------------------------------------------------------

void BoundWalk::add(Most& to, const Most& more, Spent& spent, PlaceId place) {
  to = to + more;
  if (to.is_bounded() || spent.first != nullptr) return;
  static const Factor kNumber{.what = "a number here has no bound", .help = {}, .declared = {}};
  const Factor* const reason = to.factor != nullptr ? to.factor : &kNumber;
  spent.first = &unbounded_.emplace_back(Unbounded{.factor = *reason, .place = place});
}

void BoundWalk::charge(const Most& fuel, PlaceId place) {
  if (state_) add(state_->spent.fuel, fuel, state_->spent, place);
}

void BoundWalk::take(const Most& bytes, PlaceId place) {
  const Most* const operands[] = {&bytes};
  if (state_) add(state_->spent.memory, most_of(whole_words(bytes.value), operands), state_->spent, place);
}

void BoundWalk::add(Spent& to, const Spent& more, PlaceId place) {
  if (to.first == nullptr) to.first = more.first;
  add(to.fuel, more.fuel, to, place);
  add(to.memory, more.memory, to, place);
}

Spent BoundWalk::larger_of(const Spent& a, const Spent& b) {
  return {.fuel = larger(a.fuel, b.fuel),
          .memory = larger(a.memory, b.memory),
          .first = a.first != nullptr ? a.first : b.first};
}

void BoundWalk::join_into(Flow& to, const Flow& from) {
  if (!from) return;
  if (!to) {
    to = from;
    return;
  }
  to->spent = larger_of(to->spent, from->spent);
  for (std::size_t i = 0; i < to->locals.size(); ++i) {
    ExtentPtr& local = to->locals[i];
    const ExtentPtr& other = from->locals[i];
    // Not assigned on one of the paths: nobody reads it behind their meeting (program.h).
    if (local == nullptr || other == nullptr) {
      local = local == nullptr ? other : local;
    } else {
      local = join(local, other);
    }
  }
}

// ---- functions ---------------------------------------------------------------------------------

ExtentPtr BoundWalk::call(FunctionId id, std::vector<ExtentPtr> arguments, PlaceId place) {
  if (!state_) return nullptr;
  std::vector<KnownCall>& known = known_calls_[id];
  auto found = std::ranges::find(known, arguments, &KnownCall::arguments);
  if (found == known.end()) {
    std::optional<Returned> returned = run_function(id, arguments, place);
    if (known.size() == kKnownCalls) known.erase(known.begin());
    known.push_back({.arguments = std::move(arguments), .returned = std::move(returned)});
    found = known.end() - 1;
  }
  if (!found->returned) {  // it never ends
    state_.reset();
    return nullptr;
  }
  add(state_->spent, found->returned->spent, place);
  return found->returned->result;
}

std::optional<BoundWalk::Returned> BoundWalk::run_function(FunctionId id, const std::vector<ExtentPtr>& arguments,
                                                           PlaceId place) {
  const Function& function = program_.functions[id];
  if (function.recursive) {
    Spent spent;
    const Factor* const itself = factor({.what = fmt::format("`{}` calls itself", function.name),
                                         .help = "a loop over something bounded has a bound: for x in list",
                                         .declared = program_.places[function.place]});
    add(spent, {.fuel = without_bound(itself), .memory = without_bound(itself), .first = nullptr}, place);
    const std::string answer = fmt::format("the answer of `{}`", function.name);
    return Returned{.result = function.result ? unknown(*function.result, answer, std::nullopt) : nullptr,
                    .spent = spent};
  }
  if (++depth_ > support::limits::kProofDepth) throw TooLarge{};
  Activation activation{.function = &function, .returned = {}, .growing = {}};
  Activation* const outer_activation = std::exchange(activation_, &activation);
  Exits* const outer_exits = std::exchange(exits_, nullptr);
  Flow outer = std::move(state_);
  state_ = State{.locals = arguments, .spent = {}};
  state_->locals.resize(function.locals.size());
  charge(function.entry_fuel, function.place);
  run(function.body);
  if (state_) leave(nullptr);
  state_ = std::move(outer);
  exits_ = outer_exits;
  activation_ = outer_activation;
  --depth_;
  return std::move(activation.returned);
}

void BoundWalk::leave(ExtentPtr result) {
  if (!state_) return;
  for (const Growing& growing : activation_->growing) pay_for_growth(growing, *state_, activation_->function->place);
  std::optional<Returned>& returned = activation_->returned;
  if (!returned) {
    returned = Returned{.result = std::move(result), .spent = state_->spent};
  } else {
    returned->spent = larger_of(returned->spent, state_->spent);
    if (result != nullptr) returned->result = returned->result ? join(returned->result, result) : std::move(result);
  }
  state_.reset();
}

// ---- statements --------------------------------------------------------------------------------

void BoundWalk::run(const Body& body) {
  for (const Stmt& stmt : body) {
    if (!state_) return;
    if (const auto* reserve = std::get_if<Reserve>(&stmt.node)) {
      const std::span<const Stmt> behind(&stmt + 1, body.data() + body.size());
      const bool is_known =
          std::ranges::find(activation_->growing, reserve->list, &Growing::list) != activation_->growing.end();
      const auto is_zero = [&](const Expr& expr) {
        const auto* number = std::get_if<ConstantRef>(&expr.node);
        return number != nullptr && constant(number->id)->range == Range::exactly(0);
      };
      if (!is_known && !is_roomy(*reserve, behind, activation_->function->body, is_zero)) {
        activation_->growing.push_back(
            {.list = reserve->list, .stride = stride_of(reserve->list), .from_nothing = is_zero(*reserve->count)});
      }
    }
    std::visit([&](const auto& node) { statement(node, stmt); }, stmt.node);
  }
}

void BoundWalk::statement(const Assign& node, const Stmt& /*stmt*/) {
  ExtentPtr value = evaluate(*node.value);
  if (state_) state_->locals[node.local] = std::move(value);
}

void BoundWalk::statement(const Evaluate& node, const Stmt& /*stmt*/) { evaluate(*node.value); }

std::int64_t BoundWalk::stride_of(LocalId list) const {
  return types_.stride(types_[activation_->function->locals[list].type].first);
}

void BoundWalk::pay_for_growth(const Growing& growing, State& state, PlaceId place) {
  const ExtentPtr& list = state.locals[growing.list];
  if (list == nullptr) return;
  const Most& size = list->range.up;
  const Most* const operands[] = {&size};
  // Whatever room there was at first: a list that moves does so for at most four times what is appended.
  const std::int64_t bytes = growing.from_nothing ? growth_bytes(size.value, growing.stride)
                                                  : stdlib::times(size.value, whole_words(4 * growing.stride));
  add(state.spent.memory, most_of(bytes, operands), state.spent, place);
}

void BoundWalk::statement(const Reserve& node, const Stmt& stmt) {
  const ExtentPtr count = evaluate(*node.count);
  if (!state_) return;
  const auto growing = std::ranges::find(activation_->growing, node.list, &Growing::list);
  if (growing != activation_->growing.end()) pay_for_growth(*growing, *state_, stmt.place);
  take(times(count->range.up, {.value = stride_of(node.list)}), stmt.place);
  const TypeId type = activation_->function->locals[node.list].type;
  state_->locals[node.list] = nothing(type);
  state_->locals[node.room] = nothing(types_.plain(Kind::kInt));
}

void BoundWalk::statement(const Append& node, const Stmt& /*stmt*/) {
  const ExtentPtr value = evaluate(*node.value);
  if (!state_) return;
  ExtentPtr& list = state_->locals[node.list];
  list = make_extent(Range::size(list->range.up + Most{.value = 1}), {join(list->parts[0], value)});
}

void BoundWalk::statement(const If& node, const Stmt& /*stmt*/) {
  evaluate(*node.condition);
  Flow otherwise = state_;
  run(node.then);
  std::swap(state_, otherwise);
  run(node.otherwise);
  join_into(state_, otherwise);
}

void BoundWalk::statement(const Once& node, const Stmt& /*stmt*/) {
  Exits exits;
  // A Continue in it is the loop's around it.
  Exits* const outer = std::exchange(exits_, &exits);
  run(node.body);
  exits_ = outer;
  if (outer != nullptr) join_into(outer->continued, exits.continued);
  join_into(state_, exits.broken);
}

void BoundWalk::statement(const Explain& node, const Stmt& /*stmt*/) { evaluate(*node.value); }

void BoundWalk::statement(const Return& node, const Stmt& /*stmt*/) {
  leave(node.value != nullptr ? evaluate(*node.value) : nullptr);
}

void BoundWalk::statement(const Break& /*node*/, const Stmt& /*stmt*/) {
  join_into(exits_->broken, state_);
  state_.reset();
}

void BoundWalk::statement(const Continue& /*node*/, const Stmt& /*stmt*/) {
  join_into(exits_->continued, state_);
  state_.reset();
}

// ---- bound.h -----------------------------------------------------------------------------------

std::vector<std::optional<CallBound>> bound_slots(const Program& program, const Config& config) {
  stdlib::Prepared prepared;
  prepare(prepared, program, config);
  std::vector<std::optional<CallBound>> bounds;
  for (const SlotEntry& entry : program.entries) {
    const std::optional<FunctionId> function = entry.policy ? entry.policy : entry.otherwise;
    if (!function) {
      bounds.emplace_back();
      continue;
    }
    try {
      bounds.emplace_back(BoundWalk(program, config, prepared).call_bound(*function));
    } catch (const BoundWalk::TooLarge&) {
      const Factor factor{.what = "the proof of its cost takes too many steps",
                          .help = "fewer loops and calls inside one another are followed faster",
                          .declared = {}};
      bounds.emplace_back(CallBound{.fuel = kNoBound,
                                    .memory = kNoBound,
                                    .stack = kNoBound,
                                    .unbounded = Unbounded{factor, program.functions[*function].place}});
    }
  }
  return bounds;
}

}  // namespace writ::ir
