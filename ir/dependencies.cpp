#include "ir/dependencies.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "ir/call_graph.h"
#include "ir/walk.h"

namespace writ::ir {
namespace {

/// Paths that one value may be read from.
using Paths = std::set<std::string>;

/// Carries paths from the slot's parameters through locals and calls until nothing changes. Sets only grow and the number of
/// paths is limited, so it ends.
class PathSearch {
 public:
  PathSearch(const Program& program, const std::vector<FunctionId>& functions) : program_(program) {
    states_.resize(program.functions.size());
    for (const FunctionId id : functions) states_[id].locals.resize(program.functions[id].locals.size());
  }

  void enter(FunctionId root, const std::vector<Local>& parameters) {
    roots_.insert(root);
    for (std::size_t i = 0; i < parameters.size(); ++i) states_[root].locals[i].insert(parameters[i].name);
  }

  std::set<std::string> run(const std::vector<FunctionId>& functions) {
    do {
      changed_ = false;
      for (const FunctionId id : functions) {
        function_ = id;
        walk(program_.functions[id].body);
      }
    } while (changed_);
    return std::move(read_);
  }

 private:
  struct State {
    std::vector<Paths> locals;
    Paths result;
  };

  void merge(Paths& into, const Paths& from) {
    for (const std::string& path : from) changed_ |= into.insert(path).second;
  }
  void read(const Paths& paths) { merge(read_, paths); }
  Paths& local(LocalId id) { return states_[function_].locals[id]; }

  /// The paths one step further.
  Paths extended(const Paths& paths, const std::string& step) {
    Paths out;
    for (const std::string& path : paths) {
      std::string longer = path + step;
      if (known_.size() < kDependencyPathsMax || known_.contains(longer)) {
        known_.insert(longer);
        out.insert(std::move(longer));
      } else {
        merge(read_, {path});
        out.insert(path);
      }
    }
    return out;
  }

  std::string key_step(const Expr& key) {
    const auto* constant = std::get_if<ConstantRef>(&key.node);
    return constant == nullptr
               ? "[]"
               : "[" + literal_text(program_.constants[constant->id].value, key.type, program_.types) + "]";
  }

  void use(const Expr& expr) { read(paths_of(expr)); }
  void use(const Body& body) { walk(body); }

  /// The paths that an expression's value may come from; reads what is looked at on the way.
  Paths paths_of(const Expr& expr) {
    return std::visit(
        [&]<typename T>(const T& node) -> Paths {
          if constexpr (std::is_same_v<T, LocalRef>) {
            return local(node.id);
          } else if constexpr (std::is_same_v<T, FieldGet>) {
            const RecordType& record = program_.types.record_type(program_.types[node.record->type].decl);
            return extended(paths_of(*node.record), "." + record.fields[node.field].name);
          } else if constexpr (kIsOneOf<T, CheckBound, OptionalSome, OptionalGet>) {
            return paths_of(*node.value);
          } else if constexpr (std::is_same_v<T, Select>) {
            use(*node.condition);
            Paths out = paths_of(*node.then);
            out.merge(paths_of(*node.otherwise));
            return out;
          } else if constexpr (std::is_same_v<T, Do>) {
            walk(node.body);
            return paths_of(*node.value);
          } else if constexpr (std::is_same_v<T, ListGet>) {
            use(*node.index);
            return extended(paths_of(*node.list), "[]");
          } else if constexpr (kIsOneOf<T, MapGet, MapFind>) {
            use(*node.key);
            return extended(paths_of(*node.map), key_step(*node.key));
          } else if constexpr (std::is_same_v<T, FunctionCall>) {
            State& callee = states_[node.id];
            for (std::size_t i = 0; i < node.arguments.size(); ++i) {
              merge(callee.locals[i], paths_of(*node.arguments[i]));
            }
            return callee.result;
          } else {
            for_each_part(expr, [&](const auto& part) { use(part); });
            return {};
          }
        },
        expr.node);
  }

  void walk(const Body& body) {
    for (const Stmt& stmt : body) walk(stmt);
  }

  void walk(const Stmt& stmt) {
    std::visit(
        [&]<typename T>(const T& node) {
          if constexpr (std::is_same_v<T, Assign>) {
            merge(local(node.local), paths_of(*node.value));
          } else if constexpr (std::is_same_v<T, ForList>) {
            const Paths list = paths_of(*node.list);
            read(list);
            merge(local(node.element), extended(list, "[]"));
            walk(node.body);
          } else if constexpr (std::is_same_v<T, ForTable>) {
            const Paths table = paths_of(*node.table);
            read(table);
            if (node.value) merge(local(*node.value), extended(table, "[]"));
            walk(node.body);
          } else if constexpr (std::is_same_v<T, Return>) {
            if (!node.value) return;
            const Paths paths = paths_of(*node.value);
            if (roots_.contains(function_)) read(paths);
            merge(states_[function_].result, paths);
          } else {
            for_each_part(stmt, [&](const auto& part) { use(part); });
          }
        },
        stmt.node);
  }

  const Program& program_;
  std::vector<State> states_;  // by FunctionId
  std::set<FunctionId> roots_;
  std::set<std::string> known_;
  std::set<std::string> read_;
  FunctionId function_ = 0;
  bool changed_ = false;
};

void note_references(const Function& function, Dependencies& out) {
  for_each_expr(function.body, [&](const Expr& expr) {
    if (const auto* call = std::get_if<HostCall>(&expr.node)) out.host_functions.insert(call->id);
    if (const auto* knob = std::get_if<KnobRef>(&expr.node)) out.knobs.insert(knob->id);
  });
}

}  // namespace

Dependencies dependencies(const Program& program, SlotId slot) {
  std::vector<FunctionId> roots;
  for (const std::optional<FunctionId>& root : {program.entries[slot].policy, program.entries[slot].otherwise}) {
    if (root) roots.push_back(*root);
  }
  Dependencies out;
  for (const CallComponent& component : call_components(program, roots)) {
    out.functions.insert(out.functions.end(), component.functions.begin(), component.functions.end());
  }
  PathSearch search(program, out.functions);
  for (const FunctionId root : roots) search.enter(root, program.slots[slot].parameters);
  out.paths = search.run(out.functions);
  for (const FunctionId id : out.functions) note_references(program.functions[id], out);
  std::ranges::sort(out.functions);
  return out;
}

}  // namespace writ::ir
