// The cost proof at work: a program run on sizes instead of values, all branches at once. Seen by bound*.cpp only.
//
// Where the interpreter has a value there is an Extent, where it draws on a frame an amount is added to Spent, where it
// branches both branches are followed and joined. A loop's body is followed until what it says of one turn holds for all.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ir/bound.h"
#include "ir/extent.h"
#include "ir/program.h"
#include "ir/walk.h"
#include "stdlib/prepared.h"

namespace writ::ir {

/// What a path has been charged.
struct Spent {
  Most fuel;
  Most memory;
  const Unbounded* first = nullptr;  // the first charge that had no bound
};

class BoundWalk {
 public:
  /// The steps or the calls inside one another are more than the limits allow.
  struct TooLarge {};

  BoundWalk(const Program& program, const Config& config, const stdlib::Prepared& prepared);

  /// Throws TooLarge; then this is of no more use.
  [[nodiscard]] CallBound call_bound(FunctionId root);

 private:
  struct State {
    std::vector<ExtentPtr> locals;  // null: not assigned yet
    Spent spent;
  };
  using Flow = std::optional<State>;  // nothing: no path leads here
  /// Where Break and Continue of the innermost loop or Once lead.
  struct Exits {
    Flow broken;
    Flow continued;
  };
  struct Returned {
    ExtentPtr result;  // null: the function has none
    Spent spent;
  };
  /// A list that grows beyond what was reserved; its memory is counted where the function returns.
  struct Growing {
    LocalId list;
    std::int64_t stride;
    bool from_nothing;  // it began without room, so what it moves through is known
  };
  struct Activation {
    const Function* function;
    std::optional<Returned> returned;
    std::vector<Growing> growing;
  };
  struct KnownCall {
    std::vector<ExtentPtr> arguments;
    std::optional<Returned> returned;
  };
  /// A number that a loop carries from turn to turn.
  struct Carried {
    Most before;  // the loop
    Most guess;   // at the start of every turn
    Most step;    // by which it grows in a turn
    Most floor;   // or what it is set to
    LocalId local;
  };

  // ---- functions and statements (bound.cpp)
  ExtentPtr call(FunctionId id, std::vector<ExtentPtr> arguments, PlaceId place);
  std::optional<Returned> run_function(FunctionId id, const std::vector<ExtentPtr>& arguments, PlaceId place);
  void run(const Body& body);
  void statement(const Assign& node, const Stmt& stmt);
  void statement(const Evaluate& node, const Stmt& stmt);
  void statement(const Reserve& node, const Stmt& stmt);
  void statement(const Append& node, const Stmt& stmt);
  void statement(const If& node, const Stmt& stmt);
  void statement(const Once& node, const Stmt& stmt);
  void statement(const While& node, const Stmt& stmt);
  void statement(const ForList& node, const Stmt& stmt);
  void statement(const ForTable& node, const Stmt& stmt);
  void statement(const ForRange& node, const Stmt& stmt);
  void statement(const Explain& node, const Stmt& stmt);
  void statement(const Return& node, const Stmt& stmt);
  void statement(const Break& node, const Stmt& stmt);
  void statement(const Continue& node, const Stmt& stmt);
  void leave(ExtentPtr result);
  void pay_for_growth(const Growing& growing, State& state, PlaceId place);
  [[nodiscard]] std::int64_t stride_of(LocalId list) const;
  [[nodiscard]] std::int64_t static_stack(FunctionId root);

  // ---- loops (bound_loop.cpp)
  template <typename Turn>
  void repeat(const Most& count, const Stmt& stmt, const Body& body, const Turn& turn);
  [[nodiscard]] State at_turn_start(const State& before, const std::vector<LocalId>& locals,
                                    std::vector<Carried>& carried, bool is_first);
  [[nodiscard]] bool is_stable(const State& head, const Flow& end, const std::vector<LocalId>& locals,
                               std::vector<Carried>& carried, std::uint32_t first_origin, const Most& count,
                               bool give_up);
  void close_lists(const State& before, PlaceId place);
  [[nodiscard]] Most after_loop(const Most& most, std::uint32_t first_origin, const std::vector<Carried>& carried,
                                const Most& count) const;
  [[nodiscard]] std::vector<LocalId> assigned_in(const Stmt& loop);

  // ---- expressions (bound_expr.cpp)
  ExtentPtr evaluate(const Expr& expr);
  std::vector<ExtentPtr> evaluate_all(const std::vector<ExprPtr>& exprs);
  ExtentPtr value_of(const ConstantRef& node, const Expr& expr);
  ExtentPtr value_of(const KnobRef& node, const Expr& expr);
  ExtentPtr value_of(const LocalRef& node, const Expr& expr);
  ExtentPtr value_of(const FieldGet& node, const Expr& expr);
  ExtentPtr value_of(const CheckBound& node, const Expr& expr);
  ExtentPtr value_of(const OptionalNone& node, const Expr& expr);
  ExtentPtr value_of(const OptionalSome& node, const Expr& expr);
  ExtentPtr value_of(const OptionalIsPresent& node, const Expr& expr);
  ExtentPtr value_of(const OptionalGet& node, const Expr& expr);
  ExtentPtr value_of(const Operate& node, const Expr& expr);
  ExtentPtr value_of(const Select& node, const Expr& expr);
  ExtentPtr value_of(const Do& node, const Expr& expr);
  ExtentPtr value_of(const RecordMake& node, const Expr& expr);
  ExtentPtr value_of(const ListMake& node, const Expr& expr);
  ExtentPtr value_of(const SetMake& node, const Expr& expr);
  ExtentPtr value_of(const MapMake& node, const Expr& expr);
  ExtentPtr value_of(const TableOf& node, const Expr& expr);
  ExtentPtr value_of(const ListGet& node, const Expr& expr);
  ExtentPtr value_of(const MapGet& node, const Expr& expr);
  ExtentPtr value_of(const MapFind& node, const Expr& expr);
  ExtentPtr value_of(const TableHas& node, const Expr& expr);
  ExtentPtr value_of(const ConstantHas& node, const Expr& expr);
  ExtentPtr value_of(const InNetworks& node, const Expr& expr);
  ExtentPtr value_of(const BuiltinCall& node, const Expr& expr);
  ExtentPtr value_of(const FunctionCall& node, const Expr& expr);
  ExtentPtr value_of(const HostCall& node, const Expr& expr);
  ExtentPtr joined(const std::vector<ExtentPtr>& values, TypeId type);
  void charge_lookup(const ExtentPtr& key, TypeId type, PlaceId place);
  ExtentPtr made_value(const stdlib::Builtin& row, std::span<const stdlib::ArgumentSize> sizes, const Most& most,
                       TypeId id);
  ExtentPtr look_up(const Expr& table, const Expr& key, PlaceId place);

  // ---- values (bound_value.cpp)
  [[nodiscard]] ExtentPtr constant(ConstantId id);
  [[nodiscard]] ExtentPtr of_value(const Value& value, TypeId type);
  /// What the host hands in: of any size until a CheckBound has looked.
  [[nodiscard]] ExtentPtr unknown(TypeId type, const std::string& name, std::optional<support::Span> declared);
  [[nodiscard]] ExtentPtr unknown_record(RecordId id);
  /// Empty, zero, absent: what joins with anything.
  [[nodiscard]] ExtentPtr nothing(TypeId type);

  // ---- charges
  void charge(const Most& fuel, PlaceId place);
  void charge(std::int64_t fuel, PlaceId place) { charge(Most{.value = fuel}, place); }
  void take(const Most& bytes, PlaceId place);
  void add(Spent& to, const Spent& more, PlaceId place);
  void add(Most& to, const Most& more, Spent& spent, PlaceId place);
  [[nodiscard]] const Factor* factor(Factor factor) { return &factors_.emplace_back(std::move(factor)); }
  static void join_into(Flow& to, const Flow& from);
  static Spent larger_of(const Spent& a, const Spent& b);

  const Program& program_;
  const Types& types_;
  const Config& config_;
  const stdlib::Prepared& prepared_;  // by the numbers of Program::readings
  Flow state_;
  Exits* exits_ = nullptr;
  Activation* activation_ = nullptr;
  std::int64_t steps_ = 0;
  std::uintptr_t stack_end_;
  std::int64_t depth_ = 0;  // calls inside one another
  std::uint32_t next_origin_ = 1;
  std::deque<Factor> factors_;  // addresses stay
  std::deque<Unbounded> unbounded_;
  std::map<FunctionId, std::vector<KnownCall>> known_calls_;
  std::map<ConstantId, ExtentPtr> constants_;
  std::map<RecordId, ExtentPtr> records_;
  std::map<TypeId, ExtentPtr> nothings_;
  std::map<const Stmt*, std::vector<LocalId>> assigned_;
};

}  // namespace writ::ir
