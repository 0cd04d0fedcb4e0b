#include "ir/interpret.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "ir/collection_builder.h"
#include "ir/cost.h"
#include "ir/image.h"
#include "ir/operate.h"
#include "ir/prepare.h"
#include "runtime/table.h"
#include "stdlib/builtin.h"
#include "support/check.h"
#include "support/utf8.h"

namespace writ::ir {
namespace {

using runtime::Frame;
using runtime::Result;
using runtime::Status;
using runtime::Trap;

/// A trap on its way to Interpreter::call, which ends the whole call. Leaves this file as a status only.
struct Trapped {
  Status status;
};

/// A program with its constants in memory.
struct Loaded {
  Loaded(const Program& the_program, const Config& the_config) : program(the_program), config(the_config) {
    extend();
    for (const Constant& constant : config.constants) lay_out(constant);
    for (const ConstantId id : config.values) knobs.push_back(constants.at(id));
  }

  void extend() {
    while (constants.size() < program.constants.size()) lay_out(program.constants[constants.size()]);
    prepare(prepared, program, config);
  }

  const Program& program;
  const Config& config;
  stdlib::Prepared prepared;
  Image image;
  std::vector<Words> constants;  // the program's, then the config's
  std::vector<Words> knobs;

 private:
  void lay_out(const Constant& constant) {
    // Sets and maps of constants ascend and have no index: no seed is involved.
    constants.push_back(write_value(image, constant.value, constant.type, program.types, true, 0));
  }
};

/// What a function gave: its result's words, and the status detail of a call that ended well (reason + 1, or 0).
struct Outcome {
  Words words{};
  std::uint32_t detail = 0;
};

Outcome enter(const Loaded& loaded, FunctionId id, std::span<const std::uint64_t> arguments, Frame& frame);

/// How a statement ended.
enum class Flow : std::uint8_t { kNext, kBreak, kContinue, kReturn };

const std::byte* address_of(std::uint64_t word) {
  // SAFETY: words that stand for addresses were made by image.cpp, the arena or the host, as abi.h says.
  return reinterpret_cast<const std::byte*>(word);
}
const runtime::Table& table_of(const Words& words) {
  // SAFETY: as above; a set's or map's word is the address of its runtime::Table.
  return *reinterpret_cast<const runtime::Table*>(address_of(words[0]));
}
std::string_view text_of(const Words& words) {
  // SAFETY: as above.
  return {reinterpret_cast<const char*>(address_of(words[0])), words[1]};
}

bool is_native_stack_used_up(const Frame& frame) {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < frame.native_stack_end;
}

bool is_text(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }

/// The bytes of a key that cost::lookup_fuel charges for.
std::int64_t key_bytes(const Words& key, Kind kind) { return is_text(kind) ? static_cast<std::int64_t>(key[1]) : 0; }

template <typename Number>
bool within(Number value, const Bound& bound, Number (*end)(std::int64_t)) {
  // Written so that NaN is within no bound.
  return (!bound.low || value >= end(*bound.low)) && (!bound.high || value <= end(*bound.high));
}
std::int64_t as_int(std::int64_t bits) { return bits; }
std::uint64_t as_uint(std::int64_t bits) { return static_cast<std::uint64_t>(bits); }
double as_double(std::int64_t bits) { return std::bit_cast<double>(bits); }

/// Whether a value keeps the outermost bound of its type. A T? keeps T's when it is present.
bool keeps_bound(const Words& words, TypeId id, const Types& types) {
  const Type& type = types[id];
  switch (type.kind) {
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return within(static_cast<std::int64_t>(words[0]), type.bound, as_int);
    case Kind::kUint:
      return within(words[0], type.bound, as_uint);
    case Kind::kDouble:
      return within(std::bit_cast<double>(words[0]), type.bound, as_double);
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
      return within(static_cast<std::int64_t>(words[1]), type.bound, as_int);
    case Kind::kSet:
    case Kind::kMap:
      return type.bound.empty() || within(table_of(words).size, type.bound, as_int);
    case Kind::kEnum:
      return words[0] < types.enum_type(type.decl).enumerators.size();
    case Kind::kOptional: {
      const std::uint32_t flag = optional_is_address(types.kind(type.first)) ? 0 : types.words(type.first);
      return words[flag] == 0 || keeps_bound(words, type.first, types);
    }
    case Kind::kBool:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kRecord:
      return true;
  }
  WRIT_UNREACHABLE();
}

/// Equality of two keys of a list, which has no table to be looked up in.
bool keys_equal(const Words& a, const Words& b, TypeId type, const Types& types) {
  const Kind kind = types.kind(type);
  if (is_text(kind)) return text_of(a) == text_of(b);
  if (kind == Kind::kDouble) {
    return std::bit_cast<double>(a[0]) == std::bit_cast<double>(b[0]);
  }
  return std::equal(a.begin(), a.begin() + types.words(type), b.begin());
}

/// A NaN has one bit pattern wherever others may see its bits: in memory, in a host's arguments, in a result.
Words canonical(Words words, TypeId id, const Types& types) {
  const Type& type = types[id];
  const Kind kind = type.kind == Kind::kOptional ? types.kind(type.first) : type.kind;
  if (kind == Kind::kDouble && std::isnan(std::bit_cast<double>(words[0]))) {
    words[0] = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  }
  return words;
}

/// One call of one function: its locals, and the meaning of every node.
///
/// ORDER, for all nodes: operands left to right, then the node's own charge, then its allocation, then its checks, then its
/// work. The first trap in that order is the trap, and its place is the node's own.
class Activation {
 public:
  Activation(const Loaded& loaded, const Function& function, Frame& frame)
      : loaded_(loaded),
        program_(loaded.program),
        types_(loaded.program.types),
        function_(function),
        frame_(frame),
        locals_(function.locals.size()) {}

  Outcome run(std::span<const std::uint64_t> arguments) {
    bind(arguments);
    const Flow flow = execute(function_.body);
    WRIT_CHECK(flow == Flow::kReturn || (flow == Flow::kNext && !function_.result));
    return outcome_;
  }

 private:
  // ---- traps and charges -----------------------------------------------------------------------

  [[noreturn]] void trap(Trap trap, PlaceId place) const { throw Trapped{runtime::trap_status(trap, place)}; }

  void charge(std::int64_t fuel, PlaceId place) {
    if (!runtime::charge_fuel(frame_, fuel)) trap(Trap::kOutOfFuel, place);
  }

  std::byte* allocate(std::int64_t bytes, PlaceId place) {
    std::byte* const memory = runtime::allocate(frame_, static_cast<std::uint64_t>(bytes));
    if (memory == nullptr) trap(Trap::kOutOfMemory, place);
    return memory;
  }

  void put(std::byte* address, const Words& words, TypeId type) const {
    store(address, canonical(words, type, types_), type, types_);
  }

  /// Deep expressions of a program use the C++ stack too.
  void check_native_stack() const {
    if (is_native_stack_used_up(frame_)) trap(Trap::kStackOverflow, function_.place);
  }

  // ---- statements ------------------------------------------------------------------------------

  Flow execute(const Body& body) {
    for (const Stmt& stmt : body) {
      const Flow flow = execute(stmt);
      if (flow != Flow::kNext) return flow;
    }
    return Flow::kNext;
  }

  Flow execute(const Stmt& stmt) {
    return std::visit([&](const auto& node) { return run_node(node, stmt); }, stmt.node);
  }

  Flow run_node(const Assign& node, const Stmt&) {
    locals_[node.local] = evaluate(*node.value);
    return Flow::kNext;
  }

  Flow run_node(const Evaluate& node, const Stmt&) {
    (void)evaluate(*node.value);
    return Flow::kNext;
  }

  Flow run_node(const Reserve& node, const Stmt& stmt) {
    const auto count = static_cast<std::int64_t>(evaluate(*node.count)[0]);
    ListBuilder list;
    if (!reserve(frame_, list, count, stride_of(node.list))) trap(Trap::kOutOfMemory, stmt.place);
    keep(list, node.list, node.room);
    return Flow::kNext;
  }

  Flow run_node(const Append& node, const Stmt& stmt) {
    const TypeId element = types_[function_.locals[node.list].type].first;
    const Words value = evaluate(*node.value);
    ListBuilder list{.data = const_cast<std::byte*>(address_of(locals_[node.list][0])),
                     .size = static_cast<std::int64_t>(locals_[node.list][1]),
                     .room = static_cast<std::int64_t>(locals_[node.room][0])};
    std::vector<std::byte> stored(types_.stride(element));
    put(stored.data(), value, element);
    if (!append(frame_, list, stored.data(), stride_of(node.list))) trap(Trap::kOutOfMemory, stmt.place);
    keep(list, node.list, node.room);
    return Flow::kNext;
  }

  std::int64_t stride_of(LocalId list) const { return types_.stride(types_[function_.locals[list].type].first); }

  void keep(const ListBuilder& list, LocalId local, LocalId room) {
    locals_[local] = {word(list.data), static_cast<std::uint64_t>(list.size)};
    locals_[room] = {static_cast<std::uint64_t>(list.room)};
  }

  Flow run_node(const If& node, const Stmt&) {
    return execute(evaluate(*node.condition)[0] != 0 ? node.then : node.otherwise);
  }

  Flow run_node(const Once& node, const Stmt&) {
    const Flow flow = execute(node.body);
    return flow == Flow::kBreak ? Flow::kNext : flow;
  }

  /// Runs a loop's body once. Whether the loop goes on; if not, `flow` is how the loop as a statement ends.
  bool turn(const Body& body, Flow& flow) {
    const Flow ended = execute(body);
    if (ended == Flow::kReturn) flow = Flow::kReturn;
    return ended == Flow::kNext || ended == Flow::kContinue;
  }

  Flow run_node(const While& node, const Stmt& stmt) {
    Flow flow = Flow::kNext;
    while (true) {
      // ORDER: the turn is charged before the condition is evaluated, the last time too.
      charge(node.turn_fuel, stmt.place);
      if (evaluate(*node.condition)[0] == 0 || !turn(node.body, flow)) return flow;
    }
  }

  Flow run_node(const ForList& node, const Stmt& stmt) {
    const Words list = evaluate(*node.list);
    const TypeId element = types_[node.list->type].first;
    const std::byte* const data = address_of(list[0]);
    const std::size_t stride = types_.stride(element);
    Flow flow = Flow::kNext;
    for (std::uint64_t i = 0; i < list[1]; ++i) {
      // ORDER: the turn is charged before its element is bound; the end of the list is not a turn.
      charge(node.turn_fuel, stmt.place);
      locals_[node.element] = load(data + i * stride, element, types_);
      if (node.index) locals_[*node.index] = {i};
      if (!turn(node.body, flow)) break;
    }
    return flow;
  }

  Flow run_node(const ForTable& node, const Stmt& stmt) {
    const runtime::Table& table = table_of(evaluate(*node.table));
    const Type& type = types_[node.table->type];
    const auto layout = types_.entry_layout(node.table->type);
    Flow flow = Flow::kNext;
    for (std::int64_t i = 0; i < table.size; ++i) {
      charge(node.turn_fuel, stmt.place);  // ORDER: as for lists
      const std::byte* const entry = table.entries + i * layout.stride;
      locals_[node.key] = load(entry, type.first, types_);
      if (node.value) {
        locals_[*node.value] = load(entry + layout.value_offset, type.second, types_);
      }
      if (!turn(node.body, flow)) break;
    }
    return flow;
  }

  Flow run_node(const ForRange& node, const Stmt& stmt) {
    const auto low = static_cast<std::int64_t>(evaluate(*node.low)[0]);
    const auto high = static_cast<std::int64_t>(evaluate(*node.high)[0]);
    Flow flow = Flow::kNext;
    for (std::int64_t i = low; i < high; ++i) {
      charge(node.turn_fuel, stmt.place);  // ORDER: as for lists
      locals_[node.element] = {static_cast<std::uint64_t>(i)};
      if (!turn(node.body, flow)) break;
    }
    return flow;
  }

  Flow run_node(const Explain& node, const Stmt&) {
    const std::string_view text = text_of(evaluate(*node.value));
    frame_.reason = {static_cast<std::int64_t>(text.size()), text.data()};
    return Flow::kNext;
  }

  Flow run_node(const Return& node, const Stmt&) {
    outcome_ = {};
    handed_on_ = node.value ? tail_call(*node.value) : nullptr;
    if (node.value) outcome_.words = evaluate(*node.value);
    if (node.reason) outcome_.detail = *node.reason + 1;
    return Flow::kReturn;
  }

  Flow run_node(const Break&, const Stmt&) { return Flow::kBreak; }
  Flow run_node(const Continue&, const Stmt&) { return Flow::kContinue; }

  // ---- expressions -----------------------------------------------------------------------------

  Words evaluate(const Expr& expr) {
    check_native_stack();
    return std::visit([&](const auto& node) { return value_of(node, expr); }, expr.node);
  }

  Words value_of(const ConstantRef& node, const Expr&) { return loaded_.constants[node.id]; }
  Words value_of(const KnobRef& node, const Expr&) { return loaded_.knobs[node.id]; }
  Words value_of(const LocalRef& node, const Expr&) { return locals_[node.id]; }

  Words value_of(const FieldGet& node, const Expr&) {
    const Words record = evaluate(*node.record);
    const Field& field = types_.record_type(types_[node.record->type].decl).fields[node.field];
    return load(address_of(record[0]) + field.offset, field.type, types_);
  }

  Words value_of(const CheckBound& node, const Expr& expr) {
    const Words value = evaluate(*node.value);
    if (!keeps_bound(value, node.bounded, types_)) trap(node.trap, expr.place);
    return value;
  }

  Words value_of(const OptionalNone&, const Expr&) { return {}; }
  Words value_of(const OptionalSome& node, const Expr&) { return some(evaluate(*node.value), node.value->type); }
  Words value_of(const OptionalIsPresent& node, const Expr&) {
    const Words value = evaluate(*node.value);
    return {static_cast<std::uint64_t>(value[presence_word(node.value->type)] != 0)};
  }
  Words value_of(const OptionalGet& node, const Expr& expr) {
    const Words value = evaluate(*node.value);
    // INVARIANT: stands under a test of presence (program.h).
    WRIT_CHECK(value[presence_word(node.value->type)] != 0);
    Words result{};
    std::copy_n(value.begin(), types_.words(expr.type), result.begin());
    return result;
  }

  Words value_of(const Operate& node, const Expr& expr) {
    const Words a = evaluate(*node.operands[0]);
    const Words b = node.operands.size() > 1 ? evaluate(*node.operands[1]) : Words{};
    const Operated operated = operate(node.op, a, b, frame_);
    if (operated.trap != Trap::kNone) trap(operated.trap, expr.place);
    return operated.words;
  }

  Words value_of(const Select& node, const Expr&) {
    return evaluate(evaluate(*node.condition)[0] != 0 ? *node.then : *node.otherwise);
  }

  Words value_of(const Do& node, const Expr&) {
    const Flow flow = execute(node.body);
    WRIT_CHECK(flow == Flow::kNext);
    return evaluate(*node.value);
  }

  Words value_of(const RecordMake& node, const Expr& expr) {
    const std::vector<Words> values = evaluate_all(node.fields);
    std::byte* const memory = allocate(types_.storage(expr.type).size, expr.place);
    const RecordType& record = types_.record_type(types_[expr.type].decl);
    for (std::size_t i = 0; i < values.size(); ++i) {
      put(memory + record.fields[i].offset, values[i], record.fields[i].type);
    }
    return {word(memory)};
  }

  Words value_of(const ListMake& node, const Expr& expr) {
    const std::vector<Words> values = evaluate_all(node.elements);
    const TypeId element = types_[expr.type].first;
    const std::size_t stride = types_.stride(element);
    std::byte* const memory = allocate(static_cast<std::int64_t>(values.size() * stride), expr.place);
    for (std::size_t i = 0; i < values.size(); ++i) {
      put(memory + i * stride, values[i], element);
    }
    return {word(memory), values.size()};
  }

  Words value_of(const SetMake& node, const Expr& expr) { return make_table(evaluate_all(node.elements), {}, expr); }

  Words value_of(const MapMake& node, const Expr& expr) {
    std::vector<Words> keys;
    std::vector<Words> values;
    for (const auto& [key, value] : node.entries) {
      keys.push_back(evaluate(*key));
      values.push_back(evaluate(*value));
    }
    return make_table(keys, values, expr);
  }

  /// ORDER: a charge for each key in turn, then the allocation for all that is written, then the check for double keys: a map
  /// traps, a set drops the later ones.
  Words make_table(const std::vector<Words>& keys, const std::vector<Words>& values, const Expr& expr) {
    const Type& type = types_[expr.type];
    const Kind key_kind = types_.kind(type.first);
    for (const Words& key : keys) {
      charge(cost::lookup_fuel(key_bytes(key, key_kind)), expr.place);
    }
    const auto layout = types_.entry_layout(expr.type);
    const auto count = static_cast<std::int64_t>(keys.size());
    std::byte* const memory = allocate(cost::table_bytes(count, layout.stride), expr.place);
    std::byte* entry = memory + cost::kTableBytes;
    for (std::size_t i = 0; i < keys.size(); ++i, entry += layout.stride) {
      put(entry, keys[i], type.first);
      if (type.kind == Kind::kMap) {
        put(entry + layout.value_offset, values[i], type.second);
      }
    }
    const bool is_map = type.kind == Kind::kMap;
    if (!runtime::table_build(memory, count, table_layout(expr.type), frame_.hash_seed, is_map)) {
      trap(Trap::kInvalidArgument, expr.place);
    }
    return {word(memory)};
  }

  Words value_of(const TableOf& node, const Expr& expr) {
    const Words keys = evaluate(*node.keys);
    const Words values = node.values ? evaluate(*node.values) : Words{};
    WRIT_CHECK(!node.values || keys[1] == values[1]);
    const Type& type = types_[expr.type];
    const TableSource source{.keys = address_of(keys[0]),
                             .values = node.values ? address_of(values[0]) : nullptr,
                             .count = static_cast<std::int64_t>(keys[1]),
                             .key_stride = types_.stride(type.first),
                             .value_stride = node.values ? types_.stride(type.second) : 0};
    const std::byte* table = nullptr;
    const Trap trapped = ir::make_table(frame_, source, table_layout(expr.type), table);
    if (trapped != Trap::kNone) trap(trapped, expr.place);
    return {word(table)};
  }

  Words value_of(const ListGet& node, const Expr& expr) {
    const Words list = evaluate(*node.list);
    const Words index = evaluate(*node.index);
    // As unsigned a negative index is past every end.
    if (index[0] >= list[1]) trap(Trap::kIndexOutOfRange, expr.place);
    const TypeId element = types_[node.list->type].first;
    return load(address_of(list[0]) + index[0] * types_.stride(element), element, types_);
  }

  Words value_of(const MapGet& node, const Expr& expr) {
    const std::byte* const value = find_value(*node.map, *node.key, expr.place);
    if (value == nullptr) trap(Trap::kNoSuchKey, expr.place);
    return load(value, types_[node.map->type].second, types_);
  }

  Words value_of(const MapFind& node, const Expr& expr) {
    const std::byte* const value = find_value(*node.map, *node.key, expr.place);
    if (value == nullptr) return {};
    const TypeId type = types_[node.map->type].second;
    return some(load(value, type, types_), type);
  }

  Words value_of(const TableHas& node, const Expr& expr) {
    return {static_cast<std::uint64_t>(find_entry(*node.table, *node.key, expr.place) != nullptr)};
  }

  Words value_of(const ConstantHas& node, const Expr& expr) {
    const Words key = evaluate(*node.key);
    const Words constant = evaluate(*node.constant);
    const Type& type = types_[node.constant->type];
    charge(cost::lookup_fuel(key_bytes(key, types_.kind(type.first))), expr.place);
    const bool found = type.kind == Kind::kList ? list_has(constant, key, type.first)
                                                : look_up(constant, key, node.constant->type) != nullptr;
    return {static_cast<std::uint64_t>(found)};
  }

  Words value_of(const InNetworks& node, const Expr&) {
    const Words address = evaluate(*node.address);
    const Words constant = evaluate(*node.constant);
    const auto networks = types_.kind(node.constant->type) == Kind::kList
                              ? cidrs(address_of(constant[0]), constant[1])
                              : cidrs(table_of(constant).entries, static_cast<std::size_t>(table_of(constant).size));
    const bool found = std::ranges::any_of(
        networks, [&](const runtime::Cidr& network) { return lies_inside({address[0], address[1]}, network); });
    return {static_cast<std::uint64_t>(found)};
  }

  Words value_of(const BuiltinCall& node, const Expr& expr) {
    const std::vector<std::uint64_t> arguments = words_of_call(node);
    Words results{};
    // ORDER: the thunk charges, allocates, checks and works, in that order (stdlib/builtin.h).
    const Trap trapped = stdlib::builtins()[node.id].thunk(frame_, arguments.data(), results.data());
    if (trapped != Trap::kNone) trap(trapped, expr.place);
    return results;
  }

  /// The arguments' words; for one that is prepared its number.
  std::vector<std::uint64_t> words_of_call(const BuiltinCall& node) {
    const stdlib::Builtin& row = stdlib::builtins()[node.id];
    std::vector<std::uint64_t> out;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      const bool prepared = stdlib::is_prepared(row.parameters[i].reading);
      const Words words = prepared ? Words{node.reading} : evaluate(*node.arguments[i]);
      out.insert(out.end(), words.begin(), words.begin() + types_.words(node.arguments[i]->type));
    }
    return out;
  }

  /// The reason of a call in tail position goes on to the caller's caller; any other call's is dropped.
  Words value_of(const FunctionCall& node, const Expr&) {
    const Outcome outcome = call_function(node);
    if (&node == handed_on_) outcome_.detail = outcome.detail;
    return outcome.words;
  }

  Words value_of(const HostCall& node, const Expr& expr) {
    const HostFunctionDecl& decl = program_.host_functions[node.id];
    const std::vector<std::uint64_t> arguments = evaluate_flat(node.arguments);
    charge(decl.cost, expr.place);
    const runtime::HostFunction& host = frame_.host[node.id];
    Words results{};
    const Trap trapped = host.thunk(&frame_, host.context, arguments.data(), results.data());
    if (trapped != Trap::kNone) trap(Trap::kHostError, expr.place);
    if (decl.result && !is_sound(results, *decl.result)) trap(Trap::kHostError, expr.place);
    return results;
  }

  // ---- parts of the above ----------------------------------------------------------------------

  static std::uint64_t word(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

  void bind(std::span<const std::uint64_t> arguments) {
    for (std::uint32_t i = 0; i < function_.parameter_count; ++i) {
      const std::size_t count = types_.words(function_.locals[i].type);
      WRIT_CHECK(arguments.size() >= count);
      std::ranges::copy(arguments.first(count), locals_[i].begin());
      arguments = arguments.subspan(count);
    }
    WRIT_CHECK(arguments.empty());
  }

  std::vector<Words> evaluate_all(const std::vector<ExprPtr>& exprs) {
    std::vector<Words> values;
    values.reserve(exprs.size());
    for (const ExprPtr& expr : exprs) values.push_back(evaluate(*expr));
    return values;
  }

  /// The words of all arguments, one argument after another.
  std::vector<std::uint64_t> evaluate_flat(const std::vector<ExprPtr>& exprs) {
    std::vector<std::uint64_t> words;
    for (const ExprPtr& expr : exprs) {
      const Words value = canonical(evaluate(*expr), expr->type, types_);
      words.insert(words.end(), value.begin(), value.begin() + types_.words(expr->type));
    }
    return words;
  }

  Outcome call_function(const FunctionCall& node) {
    return enter(loaded_, node.id, evaluate_flat(node.arguments), frame_);
  }

  /// Which word of a T? says whether it is there.
  std::size_t presence_word(TypeId optional) const {
    const TypeId inner = types_[optional].first;
    return optional_is_address(types_.kind(inner)) ? 0 : types_.words(inner);
  }

  /// A T as a T?.
  Words some(Words value, TypeId inner) const {
    if (!optional_is_address(types_.kind(inner))) value[types_.words(inner)] = 1;
    return value;
  }

  runtime::TableLayout table_layout(TypeId set_or_map) const {
    const auto layout = types_.entry_layout(set_or_map);
    return {types_.kind(types_[set_or_map].first), layout.value_offset, layout.stride};
  }

  const std::byte* look_up(const Words& table, const Words& key, TypeId set_or_map) const {
    return runtime::table_find(table_of(table), table_layout(set_or_map), key.data(), frame_.hash_seed);
  }

  /// ORDER: the collection, the key, then the charge by the key.
  const std::byte* find_entry(const Expr& collection, const Expr& key, PlaceId place) {
    const Words table = evaluate(collection);
    const Words wanted = evaluate(key);
    charge(cost::lookup_fuel(key_bytes(wanted, types_.kind(types_[collection.type].first))), place);
    return look_up(table, wanted, collection.type);
  }

  const std::byte* find_value(const Expr& map, const Expr& key, PlaceId place) {
    const std::byte* const entry = find_entry(map, key, place);
    return entry == nullptr ? nullptr : entry + types_.entry_layout(map.type).value_offset;
  }

  bool list_has(const Words& list, const Words& key, TypeId element) const {
    const std::size_t stride = types_.stride(element);
    for (std::uint64_t i = 0; i < list[1]; ++i) {
      const std::byte* const at = address_of(list[0]) + i * stride;
      if (keys_equal(load(at, element, types_), key, element, types_)) return true;
    }
    return false;
  }

  static std::span<const runtime::Cidr> cidrs(const std::byte* data, std::size_t count) {
    // SAFETY: both list<cidr> and set<cidr> keep their elements as runtime::Cidr, one behind another.
    return {reinterpret_cast<const runtime::Cidr*>(data), count};
  }

  /// Whether a host function's answer keeps its contract.
  bool is_sound(const Words& words, TypeId type) const {
    if (!keeps_bound(words, type, types_)) return false;
    const TypeId inner = types_.kind(type) == Kind::kOptional ? types_[type].first : type;
    return types_.kind(inner) != Kind::kString || !support::find_malformed_utf8(text_of(words));
  }

  const Loaded& loaded_;
  const Program& program_;
  const Types& types_;
  const Function& function_;
  Frame& frame_;
  std::vector<Words> locals_;
  const FunctionCall* handed_on_ = nullptr;  // the call that the Return being run hands on
  Outcome outcome_;
};

/// Metered stack that a call holds while it runs.
class StackHold {
 public:
  StackHold(Frame& frame, const Function& function) : frame_(frame), bytes_(function.stack_bytes) {
    if (frame.stack_left < bytes_ || is_native_stack_used_up(frame)) {
      throw Trapped{runtime::trap_status(Trap::kStackOverflow, function.place)};
    }
    frame.stack_left -= bytes_;
  }
  ~StackHold() { frame_.stack_left += bytes_; }
  StackHold(const StackHold&) = delete;
  StackHold& operator=(const StackHold&) = delete;

 private:
  Frame& frame_;
  std::int64_t bytes_;
};

/// ORDER: stack, then the entry's fuel, both at the function's place, before anything of the body.
Outcome enter(const Loaded& loaded, FunctionId id, std::span<const std::uint64_t> arguments, Frame& frame) {
  const Function& function = loaded.program.functions[id];
  const StackHold hold(frame, function);
  if (!runtime::charge_fuel(frame, function.entry_fuel)) {
    throw Trapped{runtime::trap_status(Trap::kOutOfFuel, function.place)};
  }
  return Activation(loaded, function, frame).run(arguments);
}

}  // namespace

struct Interpreter::State : Loaded {
  using Loaded::Loaded;
};

Interpreter::Interpreter(const Program& program, const Config& config)
    : state_(std::make_unique<State>(program, config)) {}

Interpreter::~Interpreter() = default;

void Interpreter::extend() { state_->extend(); }

Result Interpreter::call(FunctionId function, std::span<const std::uint64_t> arguments, Frame& frame) const {
  frame.prepared = &state_->prepared;
  try {
    const Outcome outcome = enter(*state_, function, arguments, frame);
    const std::optional<TypeId> type = state_->program.functions[function].result;
    const Words words = type ? canonical(outcome.words, *type, state_->program.types) : Words{};
    std::copy(words.begin() + 1, words.end(), frame.results + 1);
    return {.word = words[0], .status = static_cast<Status>(outcome.detail) << 8};
  } catch (const Trapped& trapped) {
    frame.fuel = 0;
    return {.word = 0, .status = trapped.status};
  }
}

}  // namespace writ::ir
