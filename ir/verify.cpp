#include "ir/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "ir/walk.h"

namespace writ::ir {
namespace {

bool same_shape(TypeId a, TypeId b, const Types& types) {
  if (a == b) return true;
  const Type& x = types[a];
  const Type& y = types[b];
  if (x.kind != y.kind || x.decl != y.decl) return false;
  switch (x.kind) {
    case Kind::kMap:
      return same_shape(x.first, y.first, types) && same_shape(x.second, y.second, types);
    case Kind::kList:
    case Kind::kSet:
    case Kind::kOptional:
      return same_shape(x.first, y.first, types);
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
    case Kind::kRecord:
      return true;
  }
  return false;
}

// ---- what operators take and give --------------------------------------------------------------

/// A class of kinds that op.def names by one word.
using KindTest = bool (*)(Kind);

bool is_bool(Kind kind) { return kind == Kind::kBool; }
bool is_int(Kind kind) { return kind == Kind::kInt || kind == Kind::kDuration || kind == Kind::kTimestamp; }
bool is_uint(Kind kind) { return kind == Kind::kUint; }
bool is_double(Kind kind) { return kind == Kind::kDouble; }
bool is_word(Kind kind) { return is_bool(kind) || is_int(kind) || is_uint(kind) || kind == Kind::kEnum; }
bool is_text(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }
bool is_ip(Kind kind) { return kind == Kind::kIp; }
bool is_cidr(Kind kind) { return kind == Kind::kCidr; }
bool is_list(Kind kind) { return kind == Kind::kList; }
bool is_table(Kind kind) { return kind == Kind::kSet || kind == Kind::kMap; }

struct Signature {
  KindTest a;
  KindTest b;
  KindTest result;
};

Signature signature(Op op) {
  switch (op) {
    case Op::kBoolNot:
      return {is_bool, nullptr, is_bool};
    case Op::kWordEqual:
      return {is_word, is_word, is_bool};
    case Op::kIntAdd:
    case Op::kIntSubtract:
    case Op::kIntMultiply:
    case Op::kIntDivide:
    case Op::kIntRemainder:
      return {is_int, is_int, is_int};
    case Op::kIntNegate:
      return {is_int, nullptr, is_int};
    case Op::kIntLess:
    case Op::kIntLessEqual:
    case Op::kIntGreater:
    case Op::kIntGreaterEqual:
      return {is_int, is_int, is_bool};
    case Op::kUintAdd:
    case Op::kUintSubtract:
    case Op::kUintMultiply:
    case Op::kUintDivide:
    case Op::kUintRemainder:
      return {is_uint, is_uint, is_uint};
    case Op::kUintLess:
    case Op::kUintLessEqual:
    case Op::kUintGreater:
    case Op::kUintGreaterEqual:
      // Enums that are ordered compare by their numbers.
      return {is_word, is_word, is_bool};
    case Op::kDoubleAdd:
    case Op::kDoubleSubtract:
    case Op::kDoubleMultiply:
    case Op::kDoubleDivide:
      return {is_double, is_double, is_double};
    case Op::kDoubleNegate:
      return {is_double, nullptr, is_double};
    case Op::kDoubleEqual:
    case Op::kDoubleLess:
    case Op::kDoubleLessEqual:
    case Op::kDoubleGreater:
    case Op::kDoubleGreaterEqual:
      return {is_double, is_double, is_bool};
    case Op::kOrderIntUint:
      return {is_int, is_uint, is_int};
    case Op::kOrderIntDouble:
      return {is_int, is_double, is_int};
    case Op::kOrderUintDouble:
      return {is_uint, is_double, is_int};
    case Op::kStringEqual:
    case Op::kStringLess:
    case Op::kStringLessEqual:
    case Op::kStringGreater:
    case Op::kStringGreaterEqual:
      return {is_text, is_text, is_bool};
    case Op::kStringBytes:
      return {is_text, nullptr, is_int};
    case Op::kIpEqual:
      return {is_ip, is_ip, is_bool};
    case Op::kCidrEqual:
      return {is_cidr, is_cidr, is_bool};
    case Op::kIpInCidr:
      return {is_ip, is_cidr, is_bool};
    case Op::kCidrInCidr:
      return {is_cidr, is_cidr, is_bool};
    case Op::kListSize:
      return {is_list, nullptr, is_int};
    case Op::kTableSize:
      return {is_table, nullptr, is_int};
  }
  return {};
}

// ---- where control goes ------------------------------------------------------------------------

bool falls_through(const Body& body, const Program& program);

/// Whether a Break in this body leaves what stands around the body.
bool breaks(const Body& body) {
  return std::ranges::any_of(body, [](const Stmt& stmt) {
    if (std::holds_alternative<Break>(stmt.node)) return true;
    const auto* branch = std::get_if<If>(&stmt.node);
    return branch != nullptr && (breaks(branch->then) || breaks(branch->otherwise));
  });
}

/// Whether the expression is the constant `truth`.
bool is_constant(const Expr& expr, bool truth, const Program& program) {
  const auto* constant = std::get_if<ConstantRef>(&expr.node);
  if (constant == nullptr || constant->id >= program.constants.size()) return false;
  const auto* value = std::get_if<bool>(&program.constants[constant->id].value.node);
  return value != nullptr && *value == truth;
}

/// Whether what stands behind this statement may run.
bool falls_through(const Stmt& stmt, const Program& program) {
  return std::visit(
      [&]<typename T>(const T& node) {
        if constexpr (kIsOneOf<T, Return, Break, Continue>) return false;
        if constexpr (kIsOneOf<T, If>) {
          return falls_through(node.then, program) || falls_through(node.otherwise, program);
        }
        if constexpr (kIsOneOf<T, Once>) {
          return falls_through(node.body, program) || breaks(node.body);
        }
        if constexpr (kIsOneOf<T, While>) {
          return !is_constant(*node.condition, true, program) || breaks(node.body);
        }
        return true;
      },
      stmt.node);
}

bool falls_through(const Body& body, const Program& program) {
  return std::ranges::all_of(body, [&](const Stmt& s) { return falls_through(s, program); });
}

/// The locals that hold a value when `condition` is `truth`.
std::vector<LocalId> present_when(const Expr& condition, bool truth, const Program& program) {
  if (const auto* test = std::get_if<OptionalIsPresent>(&condition.node)) {
    const auto* local = std::get_if<LocalRef>(&test->value->node);
    return local != nullptr && truth ? std::vector{local->id} : std::vector<LocalId>{};
  }
  if (const auto* operation = std::get_if<Operate>(&condition.node)) {
    if (operation->op != Op::kBoolNot) return {};
    return present_when(*operation->operands[0], !truth, program);
  }
  if (const auto* block = std::get_if<Do>(&condition.node)) {
    return present_when(*block->value, truth, program);
  }
  const auto* select = std::get_if<Select>(&condition.node);
  if (select == nullptr) return {};
  // `a && b` that is true says that both are; `a || b` that is false says that neither is.
  const bool then_rules_out = is_constant(*select->then, !truth, program);
  const bool otherwise_rules_out = is_constant(*select->otherwise, !truth, program);
  if (then_rules_out == otherwise_rules_out) return {};
  auto locals = present_when(*select->condition, otherwise_rules_out, program);
  const Expr& taken = otherwise_rules_out ? *select->then : *select->otherwise;
  const auto more = present_when(taken, truth, program);
  locals.insert(locals.end(), more.begin(), more.end());
  return locals;
}

// ---- one function ------------------------------------------------------------------------------

class FunctionVerifier {
 public:
  FunctionVerifier(const Function& function, const Program& program)
      : function_(function),
        program_(program),
        types_(program.types),
        written_(function.locals.size(), false),
        present_(function.locals.size(), 0) {}

  std::optional<std::string> run() {
    if (require(function_.parameter_count <= function_.locals.size(), "more parameters than locals")) {
      std::fill_n(written_.begin(), function_.parameter_count, true);
      check_place(function_.place);
      require(function_.entry_fuel > 0 && function_.stack_bytes > 0, "a function without its charge");
      check(function_.body);
      require(!function_.result || !falls_through(function_.body, program_),
              "a body with a result that may end without one");
      for (const auto& [list, room] : rooms_) {
        require(!assigned_.contains(list) && !assigned_.contains(room), "a growing list that is assigned");
      }
    }
    return std::move(error_);
  }

 private:
  /// Locals that a branch may rely on, for as long as this lives.
  class Facts {
   public:
    Facts(FunctionVerifier& verifier, std::vector<LocalId> locals) : verifier_(verifier), locals_(std::move(locals)) {
      std::erase_if(locals_, [&](LocalId id) { return id >= verifier_.present_.size(); });
      for (const LocalId id : locals_) ++verifier_.present_[id];
    }
    ~Facts() {
      for (const LocalId id : locals_) --verifier_.present_[id];
    }
    Facts(const Facts&) = delete;
    Facts& operator=(const Facts&) = delete;

   private:
    FunctionVerifier& verifier_;
    std::vector<LocalId> locals_;
  };

  /// Keeps the first failure. False: what was asked for does not hold, and is not to be relied on.
  bool require(bool holds, std::string_view what) {
    if (!holds && !error_) error_ = fmt::format("{}: {}", function_.name, what);
    return holds;
  }
  bool require_same(TypeId a, TypeId b, std::string_view what) { return require(same_shape(a, b, types_), what); }
  bool require_kind(const Expr& expr, Kind kind, std::string_view what) {
    return require(types_.kind(expr.type) == kind, what);
  }
  void check_place(PlaceId place) { require(place < program_.places.size(), "a place that is not in the table"); }

  // ---- statements ------------------------------------------------------------------------------

  void check(const Body& body) { check_from(body, 0); }

  void check_from(const Body& body, std::size_t first) {
    for (std::size_t i = first; i < body.size() && !error_; ++i) {
      check_place(body[i].place);
      std::visit([&](const auto& node) { check_node(node); }, body[i].node);
      // What stands behind `if !present { return … }` knows that it is there.
      const auto* branch = std::get_if<If>(&body[i].node);
      if (branch != nullptr && !falls_through(branch->then, program_)) {
        const Facts facts(*this, present_when(*branch->condition, false, program_));
        return check_from(body, i + 1);
      }
    }
  }

  void check_body_under(const Body& body, const Expr& condition, bool truth) {
    const Facts facts(*this, present_when(condition, truth, program_));
    check(body);
  }

  void check_condition(const Expr& condition) {
    check(condition);
    require_kind(condition, Kind::kBool, "a condition that is no bool");
  }

  /// A local takes a value of `type`.
  void write(LocalId id, TypeId type) {
    if (!require(id < function_.locals.size(), "a local that does not exist")) return;
    written_[id] = true;
    assigned_.insert(id);
    require_same(function_.locals[id].type, type, "a local that is given a value of another type");
  }

  void check_loop_body(const Body& body, std::int64_t turn_fuel) {
    require(turn_fuel > 0, "a loop without its charge");
    ++loops_;
    ++breakable_;
    check(body);
    --breakable_;
    --loops_;
  }

  void check_node(const Assign& node) {
    check(*node.value);
    write(node.local, node.value->type);
  }
  void check_node(const Evaluate& node) { check(*node.value); }
  void check_node(const Reserve& node) {
    check(*node.count);
    require_kind(*node.count, Kind::kInt, "a list with room for what is no number");
    check_builder(node.list, node.room);
    if (!error_) written_[node.list] = written_[node.room] = true;
  }
  void check_node(const Append& node) {
    check(*node.value);
    if (!check_builder(node.list, node.room)) return;
    require(written_[node.list], "a list that grows before it is begun");
    require_same(types_[function_.locals[node.list].type].first, node.value->type, "an element of another type");
  }
  /// A list that grows and its room belong together, and nothing else writes them.
  bool check_builder(LocalId list, LocalId room) {
    const auto& locals = function_.locals;
    if (!require(list < locals.size() && room < locals.size(), "a local that does not exist") ||
        !require(types_.kind(locals[list].type) == Kind::kList && types_.kind(locals[room].type) == Kind::kInt,
                 "a growing list of another type")) {
      return false;
    }
    const bool is_first = !rooms_.contains(list);
    if (is_first) {
      require(list >= function_.parameter_count && room >= function_.parameter_count, "a parameter that grows");
      require(std::ranges::none_of(rooms_, [&](const auto& pair) { return pair.second == room; }),
              "two lists with one room");
      rooms_.emplace(list, room);
    }
    return require(rooms_.at(list) == room, "a list with two rooms");
  }
  void check_node(const If& node) {
    check_condition(*node.condition);
    check_body_under(node.then, *node.condition, true);
    check_body_under(node.otherwise, *node.condition, false);
  }
  void check_node(const Once& node) {
    ++breakable_;
    check(node.body);
    --breakable_;
  }
  void check_node(const While& node) {
    check_condition(*node.condition);
    const Facts facts(*this, present_when(*node.condition, true, program_));
    check_loop_body(node.body, node.turn_fuel);
  }
  void check_node(const ForList& node) {
    check(*node.list);
    if (!require_kind(*node.list, Kind::kList, "a loop over what is no list")) return;
    write(node.element, types_[node.list->type].first);
    if (node.index) write(*node.index, types_.plain(Kind::kInt));
    check_loop_body(node.body, node.turn_fuel);
  }
  void check_node(const ForTable& node) {
    check(*node.table);
    const Type& table = types_[node.table->type];
    if (!require(is_table(table.kind), "a loop over what is no set or map")) return;
    write(node.key, table.first);
    if (node.value && require(table.kind == Kind::kMap, "a loop over a set that wants values")) {
      write(*node.value, table.second);
    }
    check_loop_body(node.body, node.turn_fuel);
  }
  void check_node(const ForRange& node) {
    check(*node.low);
    check(*node.high);
    require_kind(*node.low, Kind::kInt, "a range whose low end is no int");
    require_kind(*node.high, Kind::kInt, "a range whose high end is no int");
    write(node.element, types_.plain(Kind::kInt));
    check_loop_body(node.body, node.turn_fuel);
  }
  void check_node(const Explain& node) {
    check(*node.value);
    require_kind(*node.value, Kind::kString, "a reason that is no text");
  }
  void check_node(const Return& node) {
    require(inside_do_ == 0, "a return inside an expression");
    require(!node.reason || *node.reason < program_.reasons.size() || *node.reason == kRowReason,
            "a reason that does not exist");
    if (!require((node.value != nullptr) == function_.result.has_value(),
                 "a return that does not agree with its function about a result") ||
        !node.value) {
      return;
    }
    check(*node.value);
    require_same(node.value->type, *function_.result, "a return of another type");
  }
  void check_node(const Break&) { require(breakable_ > 0, "a break outside loops"); }
  void check_node(const Continue&) { require(loops_ > 0, "a continue outside loops"); }

  // ---- expressions -----------------------------------------------------------------------------

  void check(const Expr& expr) {
    if (error_) return;
    check_place(expr.place);
    if (!require(expr.type < types_.size(), "a type that does not exist")) return;
    std::visit([&](const auto& node) { check_node(node, expr); }, expr.node);
  }

  void check_all(const std::vector<ExprPtr>& exprs, TypeId type, std::string_view what) {
    for (const ExprPtr& expr : exprs) {
      check(*expr);
      require_same(expr->type, type, what);
    }
  }

  void check_node(const ConstantRef& node, const Expr& expr) {
    if (!require(node.id < program_.constants.size(), "a constant that does not exist")) return;
    require_same(program_.constants[node.id].type, expr.type, "a constant of another type");
  }
  void check_node(const KnobRef& node, const Expr& expr) {
    if (!require(node.id < program_.knobs.size(), "a knob that does not exist")) return;
    require_same(program_.knobs[node.id].type, expr.type, "a knob of another type");
  }
  void check_node(const LocalRef& node, const Expr& expr) {
    if (!require(node.id < function_.locals.size(), "a local that does not exist")) return;
    require(written_[node.id], "a local that is read before it is written");
    require_same(function_.locals[node.id].type, expr.type, "a local of another type");
  }
  void check_node(const FieldGet& node, const Expr& expr) {
    check(*node.record);
    if (!require_kind(*node.record, Kind::kRecord, "a field of what is no record")) return;
    const RecordType& record = types_.record_type(types_[node.record->type].decl);
    if (!require(node.field < record.fields.size(), "a field that does not exist")) return;
    require_same(record.fields[node.field].type, expr.type, "a field of another type");
  }
  void check_node(const CheckBound& node, const Expr& expr) {
    check(*node.value);
    require_same(node.value->type, node.bounded, "a bound of another type");
    require_same(node.value->type, expr.type, "a checked value of another type");
    require(node.trap != runtime::Trap::kNone, "a check without a trap");
  }
  void check_node(const OptionalNone&, const Expr& expr) {
    require_kind(expr, Kind::kOptional, "an absent value of a type that is not optional");
  }
  void check_node(const OptionalSome& node, const Expr& expr) {
    check(*node.value);
    if (!require_kind(expr, Kind::kOptional, "a present value that is not optional")) return;
    require_same(types_[expr.type].first, node.value->type, "an optional of another type");
  }
  void check_node(const OptionalIsPresent& node, const Expr& expr) {
    check(*node.value);
    require_kind(*node.value, Kind::kOptional, "a test of presence of what is always there");
    require_kind(expr, Kind::kBool, "a test of presence that is no bool");
  }
  void check_node(const OptionalGet& node, const Expr& expr) {
    check(*node.value);
    if (error_) return;
    if (!require_kind(*node.value, Kind::kOptional, "an unwrapped value that is not optional")) return;
    require_same(types_[node.value->type].first, expr.type, "an unwrapped value of another type");
    const auto* local = std::get_if<LocalRef>(&node.value->node);
    require(local != nullptr && present_[local->id] > 0, "an unwrapped value that is not tested");
  }
  void check_node(const Operate& node, const Expr& expr) {
    const OpRow& row = op_row(node.op);
    if (!require(node.operands.size() == row.operands, "a wrong number of operands")) return;
    for (const ExprPtr& operand : node.operands) check(*operand);
    const Signature wanted = signature(node.op);
    const Kind a = types_.kind(node.operands[0]->type);
    const bool fits = wanted.a(a) && (wanted.b == nullptr || wanted.b(types_.kind(node.operands[1]->type))) &&
                      wanted.result(types_.kind(expr.type));
    require(fits, fmt::format("{} on operands that it does not take", row.name));
  }
  void check_node(const Select& node, const Expr& expr) {
    check_condition(*node.condition);
    {
      const Facts facts(*this, present_when(*node.condition, true, program_));
      check(*node.then);
    }
    {
      const Facts facts(*this, present_when(*node.condition, false, program_));
      check(*node.otherwise);
    }
    require_same(node.then->type, expr.type, "a first arm of another type");
    require_same(node.otherwise->type, expr.type, "a second arm of another type");
  }
  void check_node(const Do& node, const Expr& expr) {
    ++inside_do_;
    // What a Break or Continue in here leaves must be in here too.
    const int loops = std::exchange(loops_, 0);
    const int breakable = std::exchange(breakable_, 0);
    check(node.body);
    loops_ = loops;
    breakable_ = breakable;
    --inside_do_;
    check(*node.value);
    require_same(node.value->type, expr.type, "a block of another type");
  }
  void check_node(const RecordMake& node, const Expr& expr) {
    if (!require_kind(expr, Kind::kRecord, "a record of a type that is none")) return;
    const RecordType& record = types_.record_type(types_[expr.type].decl);
    if (!require(node.fields.size() == record.fields.size(), "a wrong number of fields")) return;
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
      check(*node.fields[i]);
      require_same(node.fields[i]->type, record.fields[i].type, "a field of another type");
    }
  }
  void check_node(const ListMake& node, const Expr& expr) {
    if (!require_kind(expr, Kind::kList, "a list of a type that is none")) return;
    check_all(node.elements, types_[expr.type].first, "an element of another type");
  }
  void check_node(const SetMake& node, const Expr& expr) {
    if (!require_kind(expr, Kind::kSet, "a set of a type that is none")) return;
    check_all(node.elements, types_[expr.type].first, "an element of another type");
  }
  void check_node(const MapMake& node, const Expr& expr) {
    if (!require_kind(expr, Kind::kMap, "a map of a type that is none")) return;
    for (const auto& [key, value] : node.entries) {
      check(*key);
      check(*value);
      require_same(key->type, types_[expr.type].first, "a key of another type");
      require_same(value->type, types_[expr.type].second, "a value of another type");
    }
  }
  void check_node(const TableOf& node, const Expr& expr) {
    check(*node.keys);
    if (node.values) check(*node.values);
    const Type& type = types_[expr.type];
    if (!require(type.kind == (node.values ? Kind::kMap : Kind::kSet), "a table of a type that is none") ||
        !require_kind(*node.keys, Kind::kList, "keys that are no list")) {
      return;
    }
    require_same(types_[node.keys->type].first, type.first, "a key of another type");
    if (!node.values || !require_kind(*node.values, Kind::kList, "values that are no list")) return;
    require_same(types_[node.values->type].first, type.second, "a value of another type");
  }
  void check_node(const ListGet& node, const Expr& expr) {
    check(*node.list);
    check(*node.index);
    if (!require_kind(*node.list, Kind::kList, "an index into what is no list")) return;
    require_kind(*node.index, Kind::kInt, "an index that is no int");
    require_same(types_[node.list->type].first, expr.type, "an element of another type");
  }
  void check_node(const MapGet& node, const Expr& expr) {
    if (!check_look_up(*node.map, *node.key, Kind::kMap)) return;
    require_same(types_[node.map->type].second, expr.type, "a map's value of another type");
  }
  void check_node(const MapFind& node, const Expr& expr) {
    if (!check_look_up(*node.map, *node.key, Kind::kMap)) return;
    if (!require_kind(expr, Kind::kOptional, "a map's value that may be absent and is not optional")) return;
    require_same(types_[node.map->type].second, types_[expr.type].first, "a map's value of another type");
  }
  void check_node(const TableHas& node, const Expr& expr) {
    check_look_up(*node.table, *node.key, types_.kind(node.table->type));
    require(is_table(types_.kind(node.table->type)), "a look-up in what is no set or map");
    require_kind(expr, Kind::kBool, "a look-up that is no bool");
  }
  bool check_look_up(const Expr& table, const Expr& key, Kind kind) {
    check(table);
    check(key);
    return require_kind(table, kind, "a look-up in what is no map") &&
           require_same(types_[table.type].first, key.type, "a key of another type");
  }
  void check_node(const ConstantHas& node, const Expr& expr) {
    check(*node.key);
    check_constant(*node.constant);
    const Type& type = types_[node.constant->type];
    if (!require(is_table(type.kind) || is_list(type.kind), "a look-up in what is no collection")) return;
    require_same(type.first, node.key->type, "a key of another type");
    require_kind(expr, Kind::kBool, "a look-up that is no bool");
  }
  void check_node(const InNetworks& node, const Expr& expr) {
    check(*node.address);
    check_constant(*node.constant);
    const Type& type = types_[node.constant->type];
    require((type.kind == Kind::kList || type.kind == Kind::kSet) && is_cidr(types_.kind(type.first)),
            "networks that are none");
    require_kind(*node.address, Kind::kIp, "an address that is none");
    require_kind(expr, Kind::kBool, "a look-up that is no bool");
  }
  void check_constant(const Expr& expr) {
    check(expr);
    require(std::holds_alternative<ConstantRef>(expr.node) || std::holds_alternative<KnobRef>(expr.node),
            "a constant that is computed");
  }
  void check_node(const BuiltinCall& node, const Expr& expr) {
    if (!require(node.id < stdlib::builtins().size(), "a built-in that does not exist")) return;
    const stdlib::Builtin& row = stdlib::builtins()[node.id];
    if (!require(node.arguments.size() == row.parameter_count, "a wrong number of arguments")) return;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      check(*node.arguments[i]);
      require(agrees(node.arguments[i]->type, row.parameters[i]),
              fmt::format("an argument of {} of another type", row.name));
      if (stdlib::is_prepared(row.parameters[i].reading)) check_prepared(node, row.parameters[i].reading, i);
    }
    require(agrees(expr.type, row.result), fmt::format("a result of {} of another type", row.name));
  }
  /// What is made ready is what stands there.
  void check_prepared(const BuiltinCall& node, stdlib::Reading wanted, std::size_t argument) {
    check_constant(*node.arguments[argument]);
    if (!require(node.reading < program_.readings.size(), "a reading that does not exist")) return;
    const ConstantReading& reading = program_.readings[node.reading];
    require(reading.reading == wanted, "a reading of another kind");
    const auto same = [&]<typename Ref>(const Ref& ref) {
      const auto* const read = std::get_if<Ref>(&node.arguments[argument]->node);
      if (read == nullptr || read->id == ref.id) return read != nullptr;
      // Constants of one value share a reading.
      if constexpr (std::is_same_v<Ref, KnobRef>) return false;
      return equal(program_.constants[read->id].value, program_.constants[ref.id].value, node.arguments[argument]->type,
                   types_);
    };
    require(std::visit(same, reading.constant), "a reading of another constant");
  }
  bool agrees(TypeId id, const stdlib::Type& wanted) const {
    const Type& type = types_[id];
    if (type.kind != wanted.kind) return false;
    const bool has_element = type.kind == Kind::kList || type.kind == Kind::kSet || type.kind == Kind::kOptional;
    return !has_element || types_.kind(type.first) == wanted.element;
  }
  void check_node(const FunctionCall& node, const Expr& expr) {
    if (!require(node.id < program_.functions.size(), "a function that does not exist")) return;
    const Function& callee = program_.functions[node.id];
    std::vector<TypeId> parameters;
    parameters.reserve(callee.parameter_count);
    for (std::uint32_t i = 0; i < callee.parameter_count; ++i) parameters.push_back(callee.locals[i].type);
    check_call(node.arguments, parameters, callee.result, expr);
  }
  void check_node(const HostCall& node, const Expr& expr) {
    if (!require(node.id < program_.host_functions.size(), "a host function that does not exist")) return;
    const HostFunctionDecl& decl = program_.host_functions[node.id];
    check_call(node.arguments, decl.parameters, decl.result, expr);
  }
  void check_call(const std::vector<ExprPtr>& arguments, const std::vector<TypeId>& parameters,
                  std::optional<TypeId> result, const Expr& expr) {
    if (!require(arguments.size() == parameters.size(), "a wrong number of arguments")) return;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      check(*arguments[i]);
      require_same(arguments[i]->type, parameters[i], "an argument of another type");
    }
    if (result) require_same(*result, expr.type, "a call of another type");
  }

  const Function& function_;
  const Program& program_;
  const Types& types_;
  std::vector<bool> written_;
  std::map<LocalId, LocalId> rooms_;  // of lists that grow
  std::set<LocalId> assigned_;        // by anything but Reserve and Append
  std::vector<int> present_;          // how many tests around here say that the local is present
  int loops_ = 0;                     // around here, within the same Do
  int breakable_ = 0;                 // loops and Onces
  int inside_do_ = 0;
  std::optional<std::string> error_;
};

}  // namespace

std::optional<std::string> verify(const Program& program) {
  for (const Function& function : program.functions) {
    if (auto error = FunctionVerifier(function, program).run()) return error;
  }
  return std::nullopt;
}

}  // namespace writ::ir
