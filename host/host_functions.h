// The host's side of a schema's capabilities when no real host is there: answers given beforehand, emitted values kept.
//
// `reads` and `pure` functions answer what answer() was told, else fail (host_error). `emits` functions keep deep copies of
// their arguments; whoever asked takes them after the call, or drops them when the call trapped. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/image.h"
#include "ir/program.h"
#include "runtime/abi.h"

namespace writ::host {

/// What a `reads` or `pure` function answers. An argument without a value fits anything.
struct Answer {
  ir::HostFunctionId function;
  std::vector<std::optional<ir::Value>> arguments;
  ir::Value value;
};

struct Emission {
  ir::HostFunctionId function;
  std::vector<ir::Value> arguments;
};
/// `[{"audit.note": ["short ttl"]}]`
[[nodiscard]] std::string emitted_json(const std::vector<Emission>& emitted, const ir::Program& program);

class HostFunctions {
 public:
  /// Borrows the program.
  explicit HostFunctions(const ir::Program& program);
  HostFunctions(const HostFunctions&) = delete;
  HostFunctions& operator=(const HostFunctions&) = delete;

  /// Of all answers that fit a call, the last one given counts.
  void answer(Answer answer);

  /// For runtime::Frame::host; stays valid while this lives.
  [[nodiscard]] const runtime::HostFunction* table() const { return table_.data(); }

  /// What was emitted since the last call of this.
  [[nodiscard]] std::vector<Emission> take_emissions();
  /// The function that was called last without an answer that fits, since the last call of this.
  [[nodiscard]] std::optional<ir::HostFunctionId> take_unanswered();

 private:
  struct Binding {
    HostFunctions* owner;
    ir::HostFunctionId id;
  };
  struct Prepared {
    Answer answer;
    ir::Words words;  // of the answer's value, in image_
  };

  static runtime::Trap call(runtime::Frame* frame, void* context, const std::uint64_t* args, std::uint64_t* results);
  [[nodiscard]] std::vector<ir::Value> read_arguments(ir::HostFunctionId id, const std::uint64_t* args) const;
  [[nodiscard]] const Prepared* find_answer(ir::HostFunctionId id, const std::vector<ir::Value>& arguments) const;

  const ir::Program& program_;
  std::vector<Binding> bindings_;
  std::vector<runtime::HostFunction> table_;
  std::vector<Prepared> answers_;
  ir::Image image_;
  std::vector<Emission> emissions_;
  std::optional<ir::HostFunctionId> unanswered_;
};

}  // namespace writ::host
