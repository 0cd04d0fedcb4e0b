// The typed program of one release: every name resolved, every type known, every charge and allocation explicit.
//
// In: made by frontend/check. Out: interpreted (interpret.h), lowered to LLVM IR (jit/lower.h), printed (print.h).
// INVARIANT: checked by verify.h in tests: operands have the types that their node demands; OptionalGet stands only under a
// test of presence of the same local; every local is assigned before it is read.
// Configuration is not substituted here: a KnobRef reads the Config that is given beside the program, so one program serves
// every document. No engine decides what anything costs: entry_fuel, turn_fuel, HostFunctionDecl::cost and cost.h do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ir/type.h"
#include "ir/value.h"
#include "runtime/abi.h"
#include "stdlib/builtin.h"
#include "support/source.h"

namespace writ::ir {

using ConstantId = std::uint32_t;
using KnobId = std::uint32_t;
using LocalId = std::uint32_t;
using FunctionId = std::uint32_t;
using HostFunctionId = std::uint32_t;
using SlotId = std::uint32_t;
using ReasonId = std::uint32_t;
using PlaceId = std::uint32_t;

/// The reason is the text that Explain put into the frame.
inline constexpr ReasonId kRowReason = runtime::kReasonInFrame - 1;

enum class Op : std::uint8_t {
#define WRIT_OP(name, operands, can_trap, doc) k##name,
#include "ir/op.def"
#undef WRIT_OP
};
struct OpRow {
  const char* name;
  std::uint8_t operands;
  bool can_trap;
  const char* doc;
};
[[nodiscard]] const OpRow& op_row(Op op);

// ---- expressions -------------------------------------------------------------------------------

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using Body = std::vector<Stmt>;

struct ConstantRef {
  ConstantId id;
};
struct KnobRef {
  KnobId id;
};
struct LocalRef {
  LocalId id;
};
/// A field of a record; no check of its bound (CheckBound does that).
struct FieldGet {
  ExprPtr record;
  std::uint32_t field;
};
/// The value, after checking it against the outermost bound of `bounded` (ints by value, strings by bytes, collections by
/// elements); `trap` when it breaks it. An enum is checked against its enumerators.
struct CheckBound {
  ExprPtr value;
  TypeId bounded;
  runtime::Trap trap;
};
struct OptionalNone {};
struct OptionalSome {
  ExprPtr value;
};
struct OptionalIsPresent {
  ExprPtr value;
};
struct OptionalGet {
  ExprPtr value;
};
struct Operate {
  Op op;
  std::vector<ExprPtr> operands;
};
/// Lazy: only one arm is evaluated. `a && b` is Select(a, b, false).
struct Select {
  ExprPtr condition;
  ExprPtr then;
  ExprPtr otherwise;
};
/// Runs the body, then gives the value. Its body holds no Return.
struct Do {
  Body body;
  ExprPtr value;
};
/// Allocates the record (its storage size rounded up to 8) after its fields are evaluated in declaration order.
struct RecordMake {
  std::vector<ExprPtr> fields;
};
/// Evaluates the elements, then allocates elements × stride (rounded up to 8).
struct ListMake {
  std::vector<ExprPtr> elements;
};
/// Evaluates, charges lookup_fuel for each key in order, then allocates cost::table_bytes(n written, stride); a double key is
/// invalid_argument for a map and is dropped for a set.
struct SetMake {
  std::vector<ExprPtr> elements;
};
struct MapMake {
  std::vector<std::pair<ExprPtr, ExprPtr>> entries;
};
/// A set of a list's elements; a map of two lists of equal size. Charges and allocates as collection_builder.h says.
struct TableOf {
  ExprPtr keys;
  ExprPtr values; /* null: a set */
};
struct ListGet {
  ExprPtr list;
  ExprPtr index;
};  // index_out_of_range
struct MapGet {
  ExprPtr map;
  ExprPtr key;
};  // lookup_fuel, then no_such_key
struct MapFind {
  ExprPtr map;
  ExprPtr key;
};  // lookup_fuel; V?
struct TableHas {
  ExprPtr table;
  ExprPtr key;
};  // lookup_fuel; run-time set or map
/// key in C: `constant` is a ConstantRef or KnobRef of type list<K>, set<K> or map<K,…>. lookup_fuel by the key alone.
struct ConstantHas {
  ExprPtr key;
  ExprPtr constant;
};
/// An ip inside any network of a ConstantRef or KnobRef of type list<cidr> or set<cidr>. Costs nothing beside its node.
struct InNetworks {
  ExprPtr address;
  ExprPtr constant;
};
/// An argument whose reading is prepared (stdlib::is_prepared) is a ConstantRef or KnobRef, and `reading` its number in
/// Program::readings: that, and not its value, is what the built-in gets.
struct BuiltinCall {
  stdlib::BuiltinId id;
  std::vector<ExprPtr> arguments;
  std::uint32_t reading = 0;
};
struct FunctionCall {
  FunctionId id;
  std::vector<ExprPtr> arguments;
};
/// Charges the declared cost, then calls the host. Its answer is bound-checked (host_error), when it has one.
struct HostCall {
  HostFunctionId id;
  std::vector<ExprPtr> arguments;
};

struct Expr {
  TypeId type = 0;    // meaningless for a HostCall or FunctionCall without a result
  PlaceId place = 0;  // of the operator: what a trap reports
  std::variant<ConstantRef, KnobRef, LocalRef, FieldGet, CheckBound, OptionalNone, OptionalSome, OptionalIsPresent,
               OptionalGet, Operate, Select, Do, RecordMake, ListMake, SetMake, MapMake, TableOf, ListGet, MapGet,
               MapFind, TableHas, ConstantHas, InNetworks, BuiltinCall, FunctionCall, HostCall>
      node;
};

// ---- statements --------------------------------------------------------------------------------

struct Assign {
  LocalId local;
  ExprPtr value;
};
struct Evaluate {
  ExprPtr value;
};
/// Begins a list that grows: `list` is empty, with memory for `count` elements (count × stride). INVARIANT: `list` and `room`,
/// an int, are written by Reserve and Append alone, always the two together.
struct Reserve {
  LocalId list;
  LocalId room;
  ExprPtr count;
};
/// Puts the value behind the elements of a list that a Reserve began (collection_builder.h).
struct Append {
  LocalId list;
  LocalId room;
  ExprPtr value;
};
struct If {
  ExprPtr condition;
  Body then;
  Body otherwise;
};
/// Runs once; Break leaves it. A `decide` that is not in tail position.
struct Once {
  Body body;
};
/// The condition belongs to the turn: each evaluation of it, the last included, is charged turn_fuel before.
struct While {
  ExprPtr condition;
  Body body;
  std::int64_t turn_fuel = 0;
};
/// Turns charge turn_fuel before the element is bound. `index` counts from 0.
struct ForList {
  ExprPtr list;
  LocalId element;
  std::optional<LocalId> index;
  Body body;
  std::int64_t turn_fuel = 0;
};
struct ForTable {
  ExprPtr table;
  LocalId key;
  std::optional<LocalId> value;
  Body body;
  std::int64_t turn_fuel = 0;
};
/// low, low + 1, … up to but without high.
struct ForRange {
  ExprPtr low;
  ExprPtr high;
  LocalId element;
  Body body;
  std::int64_t turn_fuel = 0;
};
/// Puts a text into Frame::reason. A Return with kRowReason follows at once.
struct Explain {
  ExprPtr value;
};
/// Ends the function. The status carries `reason`; where none stands here, the reason of tail_call(value), if there is one.
struct Return {
  ExprPtr value; /* null: no result */
  std::optional<ReasonId> reason{};
};
struct Break {};     // the innermost loop or Once
struct Continue {};  // the innermost loop

struct Stmt {
  PlaceId place = 0;  // a loop's: where its turns trap
  std::variant<Assign, Evaluate, Reserve, Append, If, Once, While, ForList, ForTable, ForRange, Explain, Return, Break,
               Continue>
      node;
};

// ---- functions and the rest --------------------------------------------------------------------

struct Local {
  std::string name;
  TypeId type;
};

/// What a function stands for; it decides nothing at run time.
enum class Role : std::uint8_t { kFunction, kSlot, kElse, kWhere, kTest, kEquality, kText };

struct Function {
  std::string name;  // unit.name, for people
  Role role = Role::kFunction;
  std::uint32_t parameter_count = 0;
  std::vector<Local> locals;  // parameters first
  std::optional<TypeId> result;
  Body body;
  PlaceId place = 0;  // its name: where entry traps
  std::int64_t entry_fuel = 0;
  std::int64_t stack_bytes = 0;
  bool recursive = false;  // it can reach itself
};

struct Constant {
  TypeId type;
  Value value;
};

/// A constant or knob whose value a built-in reads in a grammar of its own.
struct ConstantReading {
  stdlib::Reading reading;
  std::variant<ConstantRef, KnobRef> constant;
  support::Span span;  // of the argument
};

struct Knob {
  std::string unit;
  std::string name;
  TypeId type;
  ConstantId initial;
  std::optional<FunctionId> where;  // of the knob's value, gives bool
  std::string doc;
  support::Span span;
};

enum class Effect : std::uint8_t { kPure, kReads, kEmits };
struct HostFunctionDecl {
  std::string capability;
  std::string name;
  Effect effect;
  std::vector<TypeId> parameters;
  std::optional<TypeId> result;
  std::int64_t cost = 0;
  support::Span span;
  [[nodiscard]] std::string full_name() const { return capability + "." + name; }
};

struct SlotDecl {
  std::string name;
  std::vector<Local> parameters;
  TypeId result;
  bool else_host = false;
  std::string doc;
  support::Span span;
};
struct Tier {
  std::string name;
  std::vector<std::string> grants;  // capability names
  std::int64_t fuel = 0;
  std::int64_t memory = 0;  // bytes
  std::int64_t stack = 0;   // bytes
  bool proven = false;
  support::Span span;
};

/// One slot of the release: the policy's function, and what answers without it. With `else host` otherwise is empty.
struct SlotEntry {
  std::optional<FunctionId> policy;
  std::optional<FunctionId> otherwise;
};

/// A test block: what to set up and what to expect. Every function here takes nothing.
struct Given {
  HostFunctionId function;
  std::vector<std::optional<FunctionId>> arguments;  // empty: any
  FunctionId answer;
};
struct Expectation {
  enum class Kind : std::uint8_t { kHolds, kEquals, kTraps, kEmitted } kind;
  FunctionId actual;                   // kHolds: a bool; kEquals, kTraps: the call
  std::optional<FunctionId> expected;  // kEquals
  std::optional<std::string> because;
  runtime::Trap trap = runtime::Trap::kNone;
  HostFunctionId emitted = 0;  // kEmitted
  std::vector<FunctionId> emitted_arguments;
  support::Span span;
};
/// `with config { knob: value }`
struct TestKnob {
  KnobId knob;
  ConstantId value;
  support::Span span = {};  // its name there
  bool operator==(const TestKnob&) const = default;
};

struct Test {
  std::string unit;
  std::string name;
  std::vector<TestKnob> knobs;
  std::vector<Given> givens;
  std::vector<Expectation> expectations;
  support::Span span;
};

struct Program {
  std::string schema_name;
  Types types;
  std::vector<Constant> constants;
  std::vector<Knob> knobs;
  std::vector<ConstantReading> readings;
  std::vector<HostFunctionDecl> host_functions;  // the schema's, all of them
  std::vector<SlotDecl> slots;                   // the schema's
  std::vector<SlotEntry> entries;                // one a slot
  std::vector<Tier> tiers;
  std::vector<Function> functions;
  std::vector<Test> tests;
  std::vector<std::string> reasons;
  std::vector<support::Span> places;
};

/// The values of a program's knobs: a constant each, in knob order. `constants` extends Program::constants: an id past the
/// program's own counts from program.constants.size().
struct Config {
  std::vector<ConstantId> values;
  std::vector<Constant> constants;
  [[nodiscard]] const Constant& constant(const Program& program, ConstantId id) const {
    return id < program.constants.size() ? program.constants[id] : constants[id - program.constants.size()];
  }
};

/// The call whose answer `value` hands on as it is: a FunctionCall, under no more than CheckBound and OptionalSome. Null: none.
[[nodiscard]] const FunctionCall* tail_call(const Expr& value);

/// Every knob at its default.
[[nodiscard]] Config default_config(const Program& program);

/// Whether the function cannot stay within `stack` metered bytes by its static call depth alone (or recurses).
[[nodiscard]] bool needs_stack_meter(const Program& program, FunctionId root, std::int64_t stack);

}  // namespace writ::ir
