#include "ir/call_graph.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "ir/walk.h"

namespace writ::ir {
namespace {

/// Tarjan's strongly connected components (SIAM J. Comput. 1, 1972), with a stack of its own: a release may hold a chain of
/// ten thousand calls.
class ComponentSearch {
 public:
  explicit ComponentSearch(const Program& program) : program_(program), nodes_(program.functions.size()) {}

  void visit(FunctionId root) {
    if (nodes_[root].number != kUnseen) return;
    open(root);
    while (!path_.empty()) {
      const FunctionId id = path_.back();
      if (const auto next = next_callee(id)) {
        follow(id, *next);
      } else {
        close(id);
      }
    }
  }

  std::vector<CallComponent> take() { return std::move(components_); }

 private:
  static constexpr std::uint32_t kUnseen = std::numeric_limits<std::uint32_t>::max();

  struct Node {
    std::uint32_t number = kUnseen;  // in order of discovery
    std::uint32_t low = 0;           // the least number that is known to be reachable and in progress
    bool in_progress = false;
    bool calls_itself = false;
    std::vector<FunctionId> callees;
    std::size_t next = 0;
  };

  void open(FunctionId id) {
    Node& node = nodes_[id];
    node.number = node.low = count_++;
    node.in_progress = true;
    node.callees = callees(program_.functions[id]);
    path_.push_back(id);
    in_progress_.push_back(id);
  }

  std::optional<FunctionId> next_callee(FunctionId id) {
    Node& node = nodes_[id];
    if (node.next == node.callees.size()) return std::nullopt;
    return node.callees[node.next++];
  }

  void follow(FunctionId id, FunctionId callee) {
    if (callee == id) nodes_[id].calls_itself = true;
    if (nodes_[callee].number == kUnseen) {
      open(callee);
    } else if (nodes_[callee].in_progress) {
      nodes_[id].low = std::min(nodes_[id].low, nodes_[callee].number);
    }
  }

  void close(FunctionId id) {
    path_.pop_back();
    const Node& node = nodes_[id];
    if (!path_.empty()) nodes_[path_.back()].low = std::min(nodes_[path_.back()].low, node.low);
    if (node.low == node.number) emit(id);
  }

  /// Everything opened since `first` is one component.
  void emit(FunctionId first) {
    // From the end, so that the search takes no longer than the component is large.
    const auto begin = std::find(in_progress_.rbegin(), in_progress_.rend(), first).base() - 1;
    CallComponent component{.functions = {begin, in_progress_.end()}, .recursive = nodes_[first].calls_itself};
    in_progress_.erase(begin, in_progress_.end());
    component.recursive |= component.functions.size() > 1;
    for (const FunctionId id : component.functions) nodes_[id].in_progress = false;
    components_.push_back(std::move(component));
  }

  const Program& program_;
  std::vector<Node> nodes_;
  std::vector<FunctionId> path_;         // from the root to the function being looked at
  std::vector<FunctionId> in_progress_;  // seen, component not known yet
  std::uint32_t count_ = 0;
  std::vector<CallComponent> components_;
};

}  // namespace

std::vector<FunctionId> callees(const Function& function) {
  std::vector<FunctionId> result;
  for_each_expr(function.body, [&](const Expr& expr) {
    if (const auto* call = std::get_if<FunctionCall>(&expr.node)) result.push_back(call->id);
  });
  std::ranges::sort(result);
  result.erase(std::ranges::unique(result).begin(), result.end());
  return result;
}

std::vector<CallComponent> call_components(const Program& program, std::span<const FunctionId> roots) {
  ComponentSearch search(program);
  for (const FunctionId root : roots) search.visit(root);
  return search.take();
}

}  // namespace writ::ir
