#include "host/call.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "support/check.h"
#include "support/deep_stack.h"

namespace writ::host {

using runtime::Trap;

// calloc: a quota may be a gigabyte, and the system hands out zeroed pages only as they are touched.
Caller::Arena::Arena(std::int64_t bytes)
    : memory(static_cast<std::byte*>(std::calloc(static_cast<std::size_t>(std::max<std::int64_t>(bytes, 8)), 1))),
      bytes(bytes / 8 * 8) {
  WRIT_CHECK(memory != nullptr);
}

void Caller::Arena::Free::operator()(std::byte* memory) const { std::free(memory); }

Caller::Caller(const ir::Program& program, const Engine& engine, const Budget& budget, HostFunctions& host,
               std::span<const std::int64_t> proven_fuel)
    : program_(program),
      engine_(engine),
      budget_(budget),
      host_(host),
      proven_fuel_(proven_fuel),
      arena_(budget.memory),
      else_arena_(else_budget_.memory),
      native_stack_end_(support::native_stack_end()) {}

runtime::Frame Caller::make_frame(const Budget& budget, const Arena& arena) const {
  return {.fuel = budget.fuel,
          .arena_next = arena.memory.get(),
          .arena_end = arena.memory.get() + arena.bytes,
          .stack_left = budget.stack,
          .native_stack_end = native_stack_end_,
          .host = host_.table(),
          .hash_seed = hash_seed(),
          .results = {},
          .prepared = nullptr,
          .reason = {}};
}

template <typename Run>
Outcome Caller::measure(const Budget& budget, const Arena& arena, const Run& run) {
  runtime::Frame frame = make_frame(budget, arena);
  const auto start = std::chrono::steady_clock::now();
  const runtime::Result result = run(frame);
  const auto end = std::chrono::steady_clock::now();
  Outcome outcome;
  outcome.words[0] = result.word;
  std::copy(std::begin(frame.results) + 1, std::end(frame.results), outcome.words.begin() + 1);
  outcome.status = result.status;
  if (runtime::status_detail(result.status) == runtime::kReasonInFrame) outcome.reason = frame.reason;
  outcome.fuel = budget.fuel - frame.fuel;
  outcome.memory = frame.arena_next - arena.memory.get();
  outcome.nanoseconds = std::chrono::nanoseconds(end - start).count();
  return outcome;
}

Outcome Caller::call(ir::FunctionId function, std::span<const std::uint64_t> arguments) {
  return measure(budget_, arena_, [&](runtime::Frame& frame) { return engine_.call(function, arguments, frame); });
}

Decision Caller::decide(ir::SlotId slot, std::span<const std::uint64_t> arguments) {
  Decision decision;
  bool answered = false;
  const bool is_proven = !proven_fuel_.empty();
  Budget budget = budget_;
  if (is_proven) budget.fuel = kUncountedFuel;
  decision.outcome = measure(budget, arena_, [&](runtime::Frame& frame) {
    const std::optional<runtime::Result> result = engine_.ask(slot, arguments, frame);
    answered = result.has_value();
    return result.value_or(runtime::Result{});
  });
  if (is_proven) decision.outcome.fuel = proven_fuel_[slot];
  std::vector<Emission> emitted = host_.take_emissions();
  if (!answered) return decision;
  const Outcome& outcome = decision.outcome;
  decision.trap = outcome.trap();
  if (decision.trap != Trap::kNone) {
    decision.place = place_of(program_, outcome.status);
    decision.answer = else_value(slot, arguments);
    return decision;
  }
  decision.answer = ir::read_value(outcome.words, program_.slots[slot].result, program_.types);
  decision.reason = reason_of(program_, outcome.status, outcome.reason);
  decision.emitted = std::move(emitted);
  return decision;
}

std::optional<ir::Value> Caller::else_value(ir::SlotId slot, std::span<const std::uint64_t> arguments) {
  const std::optional<ir::FunctionId> function = program_.entries[slot].otherwise;
  if (!function) return std::nullopt;
  const Outcome outcome = measure(else_budget_, else_arena_,
                                  [&](runtime::Frame& frame) { return engine_.call(*function, arguments, frame); });
  // An argument that breaks its declared bound traps here too: then the host is on its own.
  if (outcome.trap() != Trap::kNone) return std::nullopt;
  return ir::read_value(outcome.words, program_.slots[slot].result, program_.types);
}

std::optional<std::string_view> reason_of(const ir::Program& program, runtime::Status status,
                                          const runtime::StringStorage& text) {
  const std::uint32_t detail = runtime::status_detail(status);
  if (runtime::status_trap(status) != Trap::kNone || detail == 0) return std::nullopt;
  if (detail == runtime::kReasonInFrame) return std::string_view(text.data, static_cast<std::size_t>(text.size));
  return program.reasons[detail - 1];
}

support::Span place_of(const ir::Program& program, runtime::Status status) {
  return program.places[runtime::status_detail(status)];
}

}  // namespace writ::host
