#include "ir/slice.h"

#include <bit>
#include <map>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "ir/walk.h"
#include "stdlib/builtin.h"
#include "support/check.h"

namespace writ::ir {
namespace {

/// Numbers for things in the order in which they are met.
template <typename Id>
class Numbers {
 public:
  /// Its number, and whether it is met for the first time.
  std::pair<std::uint32_t, bool> of(Id id) {
    const auto [found, is_new] = numbers_.try_emplace(id, static_cast<std::uint32_t>(numbers_.size()));
    return {found->second, is_new};
  }

 private:
  std::unordered_map<Id, std::uint32_t> numbers_;
};

/// Writes a slice's form, and finds what belongs to the slice on the way.
class FormWriter {
 public:
  FormWriter(const Program& program, const Config& config, Slice& slice)
      : program_(program), config_(config), slice_(slice) {}

  void write(const std::vector<FunctionId>& entries) {
    for (const FunctionId id : entries) (void)number_of(id);
    slice_.entry_count = static_cast<std::uint32_t>(entries.size());
    put(slice_.entry_count);
    // The list grows by what each function calls.
    for (std::size_t i = 0; i < slice_.functions.size(); ++i) write(program_.functions[slice_.functions[i]]);
  }

 private:
  // ---- bytes: each piece says by itself where it ends

  /// LEB128.
  void put(std::uint64_t number) {
    while (number >= 0x80) {
      slice_.form += static_cast<char>(number | 0x80);
      number >>= 7;
    }
    slice_.form += static_cast<char>(number);
  }
  void put_signed(std::int64_t number) { put(static_cast<std::uint64_t>(number)); }
  void put(std::string_view text) {
    put(text.size());
    slice_.form += text;
  }
  template <typename T, typename Put>
  void put_optional(const std::optional<T>& value, const Put& put_value) {
    put(value.has_value() ? 1 : 0);
    if (value) put_value(*value);
  }

  // ---- what is numbered anew

  std::uint32_t number_of(FunctionId id) {
    const auto [number, is_new] = functions_.of(id);
    if (is_new) slice_.functions.push_back(id);
    return number;
  }

  void put_place(PlaceId id) {
    const auto [number, is_new] = places_.of(id);
    if (is_new) slice_.places.push_back(id);
    put(number);
  }

  void put_reason(ReasonId id) {
    if (id == kRowReason) return put(kRowReason);
    const auto [number, is_new] = reasons_.of(id);
    if (is_new) slice_.reasons.push_back(id);
    put(number);
  }

  /// The number of the constant that is made ready for a built-in; the constant itself is one of its parts.
  void put_reading(const BuiltinCall& call) {
    if (!stdlib::takes_prepared(stdlib::builtins()[call.id])) return;
    const auto [number, is_new] = readings_.of(call.reading);
    if (is_new) slice_.readings.push_back(call.reading);
    put(number);
  }

  void put_type(TypeId id) {
    const auto [number, is_new] = types_.of(id);
    put(number);
    if (!is_new) return;
    const Type& type = program_.types[id];
    put(static_cast<std::uint64_t>(type.kind));
    put_optional(type.bound.low, [&](std::int64_t low) { put_signed(low); });
    put_optional(type.bound.high, [&](std::int64_t high) { put_signed(high); });
    switch (type.kind) {
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
        return;
      case Kind::kEnum:
        return put(program_.types.enum_type(type.decl).enumerators.size());
      case Kind::kRecord:
        return put_record(program_.types.record_type(type.decl));
      case Kind::kList:
      case Kind::kSet:
      case Kind::kOptional:
        return put_type(type.first);
      case Kind::kMap:
        put_type(type.first);
        return put_type(type.second);
    }
  }

  void put_record(const RecordType& record) {
    put(record.size);
    put(record.align);
    put(record.fields.size());
    for (const Field& field : record.fields) {
      put(field.offset);
      put_type(field.type);
    }
  }

  /// Knobs are constants to generated code.
  void put_constant(ConstantId id) {
    const auto [number, is_new] = constants_.of(id);
    put(number);
    if (!is_new) return;
    const Constant& constant = config_.constant(program_, id);
    put_type(constant.type);
    put_value(constant.value);
  }

  void put_value(const Value& value) {
    put(value.node.index());
    std::visit(
        [&]<typename T>(const T& node) {
          if constexpr (std::is_same_v<T, bool>) {
            put(node ? 1 : 0);
          } else if constexpr (std::is_same_v<T, std::int64_t>) {
            put_signed(node);
          } else if constexpr (std::is_same_v<T, UintValue>) {
            put(node.value);
          } else if constexpr (std::is_same_v<T, double>) {
            put(std::bit_cast<std::uint64_t>(node));
          } else if constexpr (std::is_same_v<T, std::string>) {
            put(node);
          } else if constexpr (std::is_same_v<T, runtime::Ip>) {
            put_ip(node);
          } else if constexpr (std::is_same_v<T, runtime::Cidr>) {
            put_ip(node.network);
            put_signed(node.prefix);
          } else if constexpr (std::is_same_v<T, EnumValue>) {
            put(node.number);
          } else if constexpr (std::is_same_v<T, Sequence>) {
            put(node.items.size());
            for (const Value& item : node.items) put_value(item);
          } else if constexpr (std::is_same_v<T, Entries>) {
            put(node.items.size());
            for (const Entry& entry : node.items) {
              put_value(entry.key);
              put_value(entry.value);
            }
          } else {
            static_assert(std::is_same_v<T, AbsentValue>, "a new kind of value needs its case");
          }
        },
        value.node);
  }

  void put_ip(const runtime::Ip& ip) {
    put(ip.high);
    put(ip.low);
  }

  // ---- functions and nodes

  void write(const Function& function) {
    put(function.name);  // its symbol
    put(function.parameter_count);
    put(function.locals.size());
    for (const Local& local : function.locals) put_type(local.type);
    put_optional(function.result, [&](TypeId type) { put_type(type); });
    put_place(function.place);
    put_signed(function.entry_fuel);
    put_signed(function.stack_bytes);
    put(function.recursive ? 1 : 0);
    write(function.body);
  }

  void write(const Body& body) {
    put(body.size());
    for (const Stmt& stmt : body) {
      put_place(stmt.place);
      write_node(stmt);
    }
  }

  void write(const Expr& expr) {
    put_type(expr.type);
    put_place(expr.place);
    write_node(expr);
  }

  /// The kind, what the node says by itself, how many parts it has, and these.
  template <typename Node>
  void write_node(const Node& node) {
    put(node.node.index());
    std::visit([&](const auto& kind) { put_own(kind); }, node.node);
    std::size_t parts = 0;
    for_each_part(node, [&](const auto&) { ++parts; });
    put(parts);
    for_each_part(node, [&](const auto& part) { write(part); });
  }

  /// What a node says beside its kind and its parts.
  template <typename T>
  void put_own(const T& node) {
    if constexpr (kIsOneOf<T, ConstantRef>) {
      put_constant(node.id);
    } else if constexpr (kIsOneOf<T, KnobRef>) {
      put_constant(config_.values[node.id]);
    } else if constexpr (kIsOneOf<T, LocalRef>) {
      put(node.id);
    } else if constexpr (kIsOneOf<T, FieldGet>) {
      put(node.field);
    } else if constexpr (kIsOneOf<T, CheckBound>) {
      put_type(node.bounded);
      put(static_cast<std::uint64_t>(node.trap));
    } else if constexpr (kIsOneOf<T, Operate>) {
      put(static_cast<std::uint64_t>(node.op));
    } else if constexpr (kIsOneOf<T, BuiltinCall>) {
      put(static_cast<std::uint64_t>(node.id));
      put_reading(node);
    } else if constexpr (kIsOneOf<T, FunctionCall>) {
      put(number_of(node.id));
    } else if constexpr (kIsOneOf<T, HostCall>) {
      put(node.id);
      put_host_function(program_.host_functions[node.id]);
    } else if constexpr (kIsOneOf<T, Assign>) {
      put(node.local);
    } else if constexpr (kIsOneOf<T, Reserve, Append>) {
      put(node.list);
      put(node.room);
    } else if constexpr (kIsOneOf<T, While>) {
      put_signed(node.turn_fuel);
    } else if constexpr (kIsOneOf<T, ForList>) {
      put(node.element);
      put_optional(node.index, [&](LocalId local) { put(local); });
      put_signed(node.turn_fuel);
    } else if constexpr (kIsOneOf<T, ForTable>) {
      put(node.key);
      put_optional(node.value, [&](LocalId local) { put(local); });
      put_signed(node.turn_fuel);
    } else if constexpr (kIsOneOf<T, ForRange>) {
      put(node.element);
      put_signed(node.turn_fuel);
    } else if constexpr (kIsOneOf<T, Return>) {
      put_optional(node.reason, [&](ReasonId reason) { put_reason(reason); });
    } else {
      static_assert(kIsOneOf<T, OptionalNone, OptionalSome, OptionalIsPresent, OptionalGet, Select, Do, RecordMake,
                             ListMake, SetMake, MapMake, TableOf, ListGet, MapGet, MapFind, TableHas, ConstantHas,
                             InNetworks, Evaluate, If, Once, Explain, Break, Continue>,
                    "a new kind of node needs its case");
    }
  }

  void put_host_function(const HostFunctionDecl& function) {
    put(static_cast<std::uint64_t>(function.effect));
    put_signed(function.cost);
    put(function.parameters.size());
    for (const TypeId type : function.parameters) put_type(type);
    put_optional(function.result, [&](TypeId type) { put_type(type); });
  }

  const Program& program_;
  const Config& config_;
  Slice& slice_;
  Numbers<FunctionId> functions_;
  Numbers<PlaceId> places_;
  Numbers<ReasonId> reasons_;
  Numbers<std::uint32_t> readings_;
  Numbers<TypeId> types_;
  Numbers<ConstantId> constants_;
};

}  // namespace

runtime::Status Slice::in_program(runtime::Status status) const {
  const std::uint32_t detail = runtime::status_detail(status);
  const runtime::Trap trap = runtime::status_trap(status);
  if (trap != runtime::Trap::kNone) return runtime::trap_status(trap, places[detail]);
  if (detail == 0 || detail == runtime::kReasonInFrame) return status;
  return runtime::reason_status(reasons[detail - 1]);
}

bool is_entry(const Function& function, bool tests) {
  switch (function.role) {
    case Role::kSlot:
    case Role::kElse:
      return true;
    case Role::kTest:
      return tests;
    case Role::kFunction:
    case Role::kWhere:
    case Role::kEquality:
    case Role::kText:
      return false;
  }
  WRIT_UNREACHABLE();
}

std::vector<Slice> cut(const Program& program, const Config& config, bool tests) {
  std::vector<std::vector<FunctionId>> texts;  // the entries of each
  std::map<support::SourceId, std::size_t> numbers;
  for (FunctionId id = 0; id < program.functions.size(); ++id) {
    const Function& function = program.functions[id];
    if (!is_entry(function, tests)) continue;
    const auto [found, is_new] = numbers.try_emplace(program.places[function.place].source, texts.size());
    if (is_new) texts.emplace_back();
    texts[found->second].push_back(id);
  }
  std::vector<Slice> slices(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) FormWriter(program, config, slices[i]).write(texts[i]);
  return slices;
}

}  // namespace writ::ir
