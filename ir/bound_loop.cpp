#include <fmt/format.h>

#include <algorithm>

#include "ir/bound_walk.h"

namespace writ::ir {
namespace {

/// Rounds in which a number may still grow by what a round before has shown; then it has no bound.
constexpr int kPatientRounds = 4;

template <typename Part>
void find_assigned(const Part& part, std::set<LocalId>& out) {
  if constexpr (std::is_same_v<Part, Body>) {
    for (const Stmt& stmt : part) find_assigned(stmt, out);
  } else {
    if constexpr (std::is_same_v<Part, Stmt>) {
      if (const auto* assign = std::get_if<Assign>(&part.node)) out.insert(assign->local);
      if (const auto* reserve = std::get_if<Reserve>(&part.node)) out.insert({reserve->list, reserve->room});
      if (const auto* append = std::get_if<Append>(&part.node)) out.insert({append->list, append->room});
    }
    for_each_part(part, [&](const auto& inner) { find_assigned(inner, out); });
  }
}

/// How many turns have come back when the last one begins.
Most turns_before_last(const Most& count) { return count + Most{.value = -1}; }

}  // namespace

/// Without the names that the loops in it bind: each turn binds them before it reads them.
std::vector<LocalId> BoundWalk::assigned_in(const Stmt& loop) {
  const auto known = assigned_.find(&loop);
  if (known != assigned_.end()) return known->second;
  std::set<LocalId> locals;
  for_each_part(loop, [&](const auto& part) { find_assigned(part, locals); });
  return assigned_[&loop] = {locals.begin(), locals.end()};
}

/// The state in which any turn can begin, as far as it is known; each number that is carried is an origin of its own.
BoundWalk::State BoundWalk::at_turn_start(const State& before, const std::vector<LocalId>& locals,
                                          std::vector<Carried>& carried, bool is_first) {
  State head{.locals = before.locals, .spent = {}};
  std::size_t next = 0;
  for (const LocalId local : locals) {
    if (head.locals[local] == nullptr) continue;
    head.locals[local] = changed(head.locals[local], [&](const Most& most) {
      if (is_first) carried.push_back({.before = most, .guess = most, .step = {}, .floor = {}, .local = local});
      Most now = carried[next++].guess;
      now.origin = next_origin_++;
      now.growth = 0;
      now.floor = -kNoBound;
      return now;
    });
  }
  return head;
}

/// Compares what a turn left with what it began with, and corrects the guesses. Whether they held.
///
/// Why that is enough: a number that a turn leaves at most max(start + step, floor) is, after k turns, at most
/// max(before, floor) + k × step. Steps and floors were found with every number at its guess, so if that sum is within the
/// guess when the last turn begins, no turn ever begins outside of what was looked at.
bool BoundWalk::is_stable(const State& head, const Flow& end, const std::vector<LocalId>& locals,
                          std::vector<Carried>& carried, std::uint32_t first_origin, const Most& count, bool give_up) {
  for (Carried& number : carried) {
    number.step = {};
    number.floor = {.value = -kNoBound};
  }
  if (!end) return true;
  for (const LocalId local : locals) {
    if (head.locals[local] == nullptr) continue;
    visit_pairs(head.locals[local], end->locals[local], [&](const Most& start, const Most& left) {
      Carried& number = carried[start.origin - first_origin];
      const bool follows = left.origin == start.origin;
      if (follows) number.step = larger(number.step, {.value = left.growth});
      const Most floor = follows ? Most{.value = left.floor} : Most{.value = left.value, .factor = left.factor};
      number.floor = larger(number.floor, floor);
    });
  }
  bool stable = true;
  for (Carried& number : carried) {
    const Most from = larger({.value = number.before.value, .factor = number.before.factor}, number.floor);
    const Most reached = from + times(turns_before_last(count), number.step);
    if (reached.value <= number.guess.value) continue;
    stable = false;
    if (reached.is_bounded() && !give_up) {
      number.guess = reached;
      continue;
    }
    const std::string& name = activation_->function->locals[number.local].name;
    number.guess = without_bound(
        reached.factor != nullptr ? reached.factor
                                  : factor({.what = fmt::format("`{}` grows in this loop by what has no bound", name),
                                            .help = "let it grow by something of bounded size a turn, not by its own",
                                            .declared = {}}));
  }
  return stable;
}

/// A number as it is when the loop is over, in words of what it was before.
Most BoundWalk::after_loop(const Most& most, std::uint32_t first_origin, const std::vector<Carried>& carried,
                           const Most& count) const {
  if (most.origin < first_origin || most.origin >= first_origin + carried.size()) return most;
  const Carried& number = carried[most.origin - first_origin];
  const Most start = larger(number.before, number.floor) + times(turns_before_last(count), number.step);
  Most out = larger(start + Most{.value = most.growth}, {.value = most.floor});
  if (most.value < out.value) {
    out.value = most.value;
    out.factor = nullptr;
  }
  return out;
}

/// Lists that begin anew in each turn: what they moved through belongs to the turn.
void BoundWalk::close_lists(const State& before, PlaceId place) {
  if (!state_) return;
  for (const Growing& growing : activation_->growing) {
    if (before.locals[growing.list] != nullptr) continue;
    pay_for_growth(growing, *state_, place);
    state_->locals[growing.list].reset();
  }
}

template <typename Turn>
void BoundWalk::repeat(const Most& count, const Stmt& stmt, const Body& body, const Turn& turn) {
  if (!state_ || count.value <= 0) return;
  const State before = *state_;
  const std::vector<LocalId> locals = assigned_in(stmt);
  const std::optional<Returned> returned_before = std::exchange(activation_->returned, std::nullopt);
  Exits* const outer_exits = exits_;
  std::vector<Carried> carried;
  Exits exits;
  std::uint32_t first_origin = 0;
  for (int round = 0;; ++round) {
    exits = {};
    activation_->returned.reset();
    first_origin = next_origin_;
    const State head = at_turn_start(before, locals, carried, round == 0);
    state_ = head;
    exits_ = &exits;
    turn();
    run(body);
    join_into(state_, exits.continued);
    close_lists(before, stmt.place);
    if (is_stable(head, state_, locals, carried, first_origin, count, round >= kPatientRounds)) break;
  }
  exits_ = outer_exits;

  // All turns that come back, and one that leaves.
  const auto spent_after = [&](const Spent& leaving) {
    Spent all = before.spent;
    const Most turns = turns_before_last(count);
    if (state_) {
      const Spent& turn_spent = state_->spent;
      add(all,
          {.fuel = times(turns, turn_spent.fuel), .memory = times(turns, turn_spent.memory), .first = turn_spent.first},
          stmt.place);
    }
    add(all, leaving, stmt.place);
    return all;
  };
  const auto as_before = [&](State& state) {
    for (std::size_t i = 0; i < state.locals.size(); ++i) {
      if (state.locals[i] == nullptr || state.locals[i] == before.locals[i]) continue;
      state.locals[i] =
          changed(state.locals[i], [&](const Most& most) { return after_loop(most, first_origin, carried, count); });
    }
  };
  if (activation_->returned) {
    Returned& returned = *activation_->returned;
    returned.spent = spent_after(returned.spent);
    if (returned.result != nullptr) {
      returned.result =
          changed(returned.result, [&](const Most& most) { return after_loop(most, first_origin, carried, count); });
    }
  }
  if (returned_before) {
    if (activation_->returned) {
      Returned& returned = *activation_->returned;
      returned.spent = larger_of(returned.spent, returned_before->spent);
      if (returned.result != nullptr) returned.result = join(returned.result, returned_before->result);
    } else {
      activation_->returned = returned_before;
    }
  }
  if (exits.broken) {
    exits.broken->spent = spent_after(exits.broken->spent);
    as_before(*exits.broken);
  }
  Flow after = before;
  if (state_) {
    after->spent = spent_after(state_->spent);
    as_before(*state_);
    for (const LocalId local : locals) {
      if (before.locals[local] != nullptr) after->locals[local] = join(before.locals[local], state_->locals[local]);
    }
  }
  state_ = std::move(after);
  join_into(state_, exits.broken);
}

// ---- the loops ---------------------------------------------------------------------------------

void BoundWalk::statement(const While& node, const Stmt& stmt) {
  const Most count = without_bound(
      factor({.what = "a `while` has no bound", .help = "`for` over something bounded has one", .declared = {}}));
  charge(count, stmt.place);
  repeat(count, stmt, node.body, [&] { evaluate(*node.condition); });
}

void BoundWalk::statement(const ForList& node, const Stmt& stmt) {
  const ExtentPtr list = evaluate(*node.list);
  if (!state_) return;
  const Most& count = list->range.up;
  repeat(count, stmt, node.body, [&] {
    charge(node.turn_fuel, stmt.place);
    state_->locals[node.element] = list->parts[0];
    if (node.index) {
      state_->locals[*node.index] = make_extent(Range::size(turns_before_last(count)));
    }
  });
}

void BoundWalk::statement(const ForTable& node, const Stmt& stmt) {
  const ExtentPtr table = evaluate(*node.table);
  if (!state_) return;
  repeat(table->range.up, stmt, node.body, [&] {
    charge(node.turn_fuel, stmt.place);
    state_->locals[node.key] = table->parts[0];
    if (node.value) state_->locals[*node.value] = table->parts[1];
  });
}

void BoundWalk::statement(const ForRange& node, const Stmt& stmt) {
  const ExtentPtr low = evaluate(*node.low);
  const ExtentPtr high = evaluate(*node.high);
  if (!state_) return;
  const Range& from = low->range;
  const Range& to = high->range;
  repeat(to.up + from.down, stmt, node.body, [&] {
    charge(node.turn_fuel, stmt.place);
    state_->locals[node.element] = make_extent({.up = to.up + Most{.value = -1}, .down = from.down});
  });
}

}  // namespace writ::ir
