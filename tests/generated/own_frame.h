// Calls of a slot in a frame of our own, and what they come to in words that can be compared.
//
// In: a checked release, a scripted host (both borrowed), and for each call the code that is to run. The quota is the
// question's. What nobody has written in the arena is different in each way to run a program, so that nothing may depend on it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "host/release.h"
#include "ir/image.h"
#include "support/source.h"
#include "tests/generated/scripted_host.h"

namespace writ::tests {

/// What a call of a slot came to.
struct Answer {
  std::string value;   // after a trap the slot's else value
  std::string ending;  // the rule's reason, or the trap
  std::string place;   // of the trap
  runtime::Trap trap = runtime::Trap::kNone;
  std::int64_t fuel = 0;
  std::int64_t memory = 0;
  std::string asked;  // of the host, in order
  std::string told;   // to the host, where the call was decided
  bool operator==(const Answer&) const = default;
};
[[nodiscard]] std::string text_of(const Answer& answer);

struct Question {
  ir::SlotId slot = 0;
  std::vector<ir::Value> arguments;
  std::int64_t fuel = 0;
  std::int64_t memory = 0;  // a multiple of 8
  std::vector<std::uint8_t> script;
};
[[nodiscard]] Question make_question(const ir::Program& program, ir::SlotId slot, ByteSource& bytes);
[[nodiscard]] std::string text_of(const Question& question, const ir::Program& program);

/// Fills in how a call ended.
void describe(Answer& answer, runtime::Status status, const runtime::StringStorage& reason, const ir::Program& program,
              const support::SourceMap& sources);
[[nodiscard]] std::string value_text(const ir::Words& words, ir::SlotId slot, const ir::Program& program);

class OwnFrame {
 public:
  OwnFrame(const host::Release& release, const support::SourceMap& sources, ScriptedHost& host);

  /// The arguments' words; valid until the next call of this.
  [[nodiscard]] std::span<const std::uint64_t> lay_out(const Question& question);
  /// Runs the slot's policy, or its else function.
  using Run = std::function<runtime::Result(bool otherwise, runtime::Frame& frame)>;
  [[nodiscard]] Answer ask(const Question& question, unsigned char garbage, const Run& run);

 private:
  const host::Release& release_;
  const support::SourceMap& sources_;
  ScriptedHost& host_;
  ir::Image image_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> arena_;
};

}  // namespace writ::tests
