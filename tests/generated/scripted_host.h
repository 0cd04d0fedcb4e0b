// The host's side of a generated schema: answers by a script, and a record of what it was asked and told.
//
// One record serves all ways to run a program: rows of Frame::host for frames of our own, and bodies for a live engine. A live
// engine hands emitted values over after the decision, a frame of our own at once: the record keeps them apart from questions.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ir/image.h"
#include "ir/program.h"
#include "runtime/abi.h"
#include "tests/generated/byte_source.h"

namespace writ::tests {

class ScriptedHost {
 public:
  /// Borrows the program. `bytes` decides what there is to answer; some of it breaks its bounds.
  ScriptedHost(const ir::Program& program, ByteSource& bytes);
  ScriptedHost(const ScriptedHost&) = delete;
  ScriptedHost& operator=(const ScriptedHost&) = delete;

  /// One call's script: its n-th question is answered by byte n, from the beginning again when they are used up.
  void begin(std::span<const std::uint8_t> script);
  [[nodiscard]] std::string take_asked() { return std::exchange(asked_, {}); }
  [[nodiscard]] std::string take_told() { return std::exchange(told_, {}); }

  /// For runtime::Frame::host.
  [[nodiscard]] const runtime::HostFunction* table() const { return table_.data(); }
  /// The context of a live engine's function.
  [[nodiscard]] void* context(ir::HostFunctionId id) { return &bindings_[id]; }

  /// Both kinds of host function end here; false where the host fails.
  static bool answer(void* context, const std::uint64_t* arguments, std::uint64_t* results);

 private:
  struct Binding {
    ScriptedHost* owner;
    ir::HostFunctionId id;
    std::vector<ir::Words> answers;
  };
  static runtime::Trap enter(runtime::Frame* frame, void* context, const std::uint64_t* arguments,
                             std::uint64_t* results);
  [[nodiscard]] std::string call_text(ir::HostFunctionId id, const std::uint64_t* arguments) const;

  const ir::Program& program_;
  ir::Image image_;
  std::deque<Binding> bindings_;
  std::vector<runtime::HostFunction> table_;
  std::span<const std::uint8_t> script_;
  std::size_t next_ = 0;
  std::string asked_;
  std::string told_;
};

}  // namespace writ::tests
