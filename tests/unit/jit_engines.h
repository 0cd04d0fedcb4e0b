// Runs one function of a hand-written program on the interpreter and as native code at both levels, and compares everything
// that a caller can see: value, trap, place, reason, fuel left, arena bytes taken.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ir/image.h"
#include "ir/interpret.h"
#include "ir/meter.h"
#include "ir/program.h"
#include "ir/slice.h"
#include "ir/value.h"
#include "jit/jit.h"
#include "tests/unit/ir_build.h"

namespace writ::jit {

/// The session that all tests of the process share.
inline Session& shared_session() {
  static const std::unique_ptr<Session> session = Session::create().value();
  return *session;
}

/// The one slice of a program that a test wrote by hand: all its places are in one text.
inline ir::Slice whole(const ir::Program& program) { return ir::cut(program, ir::default_config(program), true).at(0); }

struct Linked {
  ir::Slice slice;
  std::unique_ptr<Code> code;

  [[nodiscard]] Entry function(ir::FunctionId id) const {
    const auto found = std::ranges::find(slice.functions, id);
    return code->entry(static_cast<std::uint32_t>(found - slice.functions.begin()));
  }
};

inline std::unique_ptr<Linked> must_link(const ir::Program& program, const Options& options) {
  ir::Slice slice = whole(program);
  auto object = compile(program, ir::default_config(program), slice, options);
  if (!object) {
    ADD_FAILURE() << object.error().message;
    return nullptr;
  }
  auto code = shared_session().link(*object, program, slice);
  if (!code) {
    ADD_FAILURE() << code.error();
    return nullptr;
  }
  return std::make_unique<Linked>(std::move(slice), *std::move(code));
}

/// What a caller sees of one call.
struct Seen {
  runtime::Result result{};
  std::string value;  // as an author would write it
  std::int64_t fuel = 0;
  std::ptrdiff_t arena_bytes = 0;
};

class Engines {
 public:
  explicit Engines(ir::Program& program, Options options = {}) : program_(program) {
    ir::meter(program_);
    config_ = ir::default_config(program_);
    interpreter_ = std::make_unique<ir::Interpreter>(program_, config_);
    for (const int level : {0, 2}) {
      options.opt_level = level;
      linked_.push_back(must_link(program_, options));
    }
  }

  /// Calls with each engine; expects them to agree; gives what the interpreter saw.
  Seen call(ir::FunctionId function, const std::vector<std::uint64_t>& words,
            const ir::build::Budget& budget = ir::build::Budget()) {
    const Seen expected =
        see(function, budget, [&](runtime::Frame& frame) { return interpreter_->call(function, words, frame); });
    for (const auto& linked : linked_) {
      if (linked == nullptr) continue;
      const Entry entry = linked->function(function);
      const Seen seen = see(function, budget, [&](runtime::Frame& frame) {
        runtime::Result result = jit::call(entry, frame, words.data(), words.size());
        result.status = linked->slice.in_program(result.status);
        return result;
      });
      EXPECT_EQ(seen.result.status, expected.result.status);
      EXPECT_EQ(seen.fuel, expected.fuel);
      EXPECT_EQ(seen.value, expected.value);
      EXPECT_EQ(seen.arena_bytes, expected.arena_bytes);
    }
    return expected;
  }

  [[nodiscard]] const Linked& optimised() const { return *linked_.back(); }

 private:
  template <typename Call>
  Seen see(ir::FunctionId function, const ir::build::Budget& like, const Call& call) const {
    ir::build::Budget budget(like.frame.fuel, static_cast<std::size_t>(like.frame.arena_end - like.frame.arena_next),
                             like.frame.stack_left);
    budget.frame.host = like.frame.host;
    budget.frame.hash_seed = like.frame.hash_seed;
    budget.frame.native_stack_end = like.frame.native_stack_end;
    const std::byte* const start = budget.frame.arena_next;
    Seen seen;
    seen.result = call(budget.frame);
    const auto type = program_.functions[function].result;
    if (type && runtime::status_trap(seen.result.status) == runtime::Trap::kNone) {
      ir::Words words{seen.result.word};
      std::copy_n(budget.frame.results + 1, words.size() - 1, words.begin() + 1);
      seen.value = ir::literal_text(ir::read_value(words, *type, program_.types), *type, program_.types);
    }
    seen.fuel = budget.frame.fuel;
    seen.arena_bytes = budget.frame.arena_next - start;
    return seen;
  }

  ir::Program& program_;
  ir::Config config_;
  std::unique_ptr<ir::Interpreter> interpreter_;
  std::vector<std::unique_ptr<Linked>> linked_;
};

}  // namespace writ::jit
