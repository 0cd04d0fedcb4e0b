// A release of generated programs, run in all the ways there are: the interpreter, native code at both levels, an object's bytes
// linked again, and a live engine in which the release went and came back.
//
// In: texts. Out: what each way makes of a call, in words that must be equal. The live engine checks and compiles by itself.
// Needs a deep stack (support/deep_stack.h).
#pragma once

#include <array>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/live_engine.h"
#include "host/loader.h"
#include "tests/generated/host_types.h"
#include "tests/generated/own_frame.h"
#include "tests/generated/rendering.h"

namespace writ::tests {

inline constexpr std::string_view kWays[] = {"interp", "jit-O0", "jit-O2", "cached", "swapped"};
inline constexpr std::size_t kWayCount = std::size(kWays);

/// Checked texts, and the interpreter of them.
class OneWay {
 public:
  /// An error is what the front end says. `bytes` decides what the host answers.
  [[nodiscard]] static std::expected<std::unique_ptr<OneWay>, std::string> make(const Texts& texts, ByteSource bytes);

  [[nodiscard]] const host::Release& release() const { return *release_; }
  [[nodiscard]] const ir::Program& program() const { return release_->program; }
  [[nodiscard]] ScriptedHost& host() { return *host_; }
  [[nodiscard]] Answer ask(const Question& question) { return ask(question, *interpreter_, 0); }
  /// On another engine of the same release; the arena is filled with `garbage` before.
  [[nodiscard]] Answer ask(const Question& question, const host::Engine& engine, unsigned char garbage);
  /// The arguments' words; valid until the next call.
  [[nodiscard]] std::span<const std::uint64_t> lay_out(const Question& question) { return frame_->lay_out(question); }

 private:
  host::Sources sources_;
  std::optional<host::Release> release_;
  std::unique_ptr<ScriptedHost> host_;
  std::unique_ptr<host::Engine> interpreter_;
  std::unique_ptr<OwnFrame> frame_;
};

class FiveWays {
 public:
  /// An error is what the front end or an engine says.
  [[nodiscard]] static std::expected<std::unique_ptr<FiveWays>, std::string> make(const Texts& texts, ByteSource bytes);

  [[nodiscard]] const host::Release& release() const { return first_->release(); }
  [[nodiscard]] const ir::Program& program() const { return first_->program(); }
  [[nodiscard]] std::array<Answer, kWayCount> ask(const Question& question);

 private:
  FiveWays() = default;
  [[nodiscard]] std::optional<std::string> compile();
  [[nodiscard]] std::optional<std::string> start(const Texts& texts);
  [[nodiscard]] std::optional<std::string> publish(const Texts& texts);
  [[nodiscard]] Answer live(const Question& question, std::span<const std::uint64_t> words);

  // In this order: what stands first is used by what follows.
  std::unique_ptr<OneWay> first_;
  std::vector<std::unique_ptr<host::Engine>> native_;  // in the order of kWays
  std::unique_ptr<HostTypes> host_types_;
  std::unique_ptr<host::LiveEngine> live_;
  std::vector<host::LiveSlot> slots_;
};

}  // namespace writ::tests
