#include "tests/generated/own_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "host/call.h"
#include "support/deep_stack.h"
#include "tests/generated/values.h"
#include "tests/generated/world.h"

namespace writ::tests {

using runtime::Trap;

Question make_question(const ir::Program& program, ir::SlotId slot, ByteSource& bytes) {
  Question question{.slot = slot, .arguments = {}, .fuel = kTierFuel, .memory = kTierMemory, .script = {}};
  const Fidelity fidelity = bytes.chance(30) ? Fidelity::kAnything : Fidelity::kInBounds;
  for (const ir::Local& each : program.slots[slot].parameters) {
    question.arguments.push_back(make_value(bytes, each.type, program.types, fidelity));
  }
  if (bytes.chance(12)) question.fuel = bytes.below(60);
  if (bytes.chance(12)) question.memory = 8 * static_cast<std::int64_t>(bytes.below(40));
  for (int i = 0; i < 4; ++i) question.script.push_back(static_cast<std::uint8_t>(bytes.below(256)));
  return question;
}

std::string text_of(const Question& question, const ir::Program& program) {
  const ir::SlotDecl& slot = program.slots[question.slot];
  std::string text = slot.name + "(";
  for (std::size_t i = 0; i < question.arguments.size(); ++i) {
    const ir::TypeId type = slot.parameters[i].type;
    text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", slot.parameters[i].name,
                        literal(question.arguments[i], type, program.types).text);
  }
  return text + fmt::format(") with fuel {}, memory {}, script {}", question.fuel, question.memory,
                            fmt::join(question.script, " "));
}

std::string text_of(const Answer& answer) {
  return fmt::format("{} {}{}{}, fuel {}, memory {}, asked [{}], told [{}]", answer.value, answer.ending,
                     answer.place.empty() ? "" : " at ", answer.place, answer.fuel, answer.memory, answer.asked,
                     answer.told);
}

std::string value_text(const ir::Words& words, ir::SlotId slot, const ir::Program& program) {
  const ir::TypeId type = program.slots[slot].result;
  return literal(ir::read_value(words, type, program.types), type, program.types).text;
}

void describe(Answer& answer, runtime::Status status, const runtime::StringStorage& reason, const ir::Program& program,
              const support::SourceMap& sources) {
  answer.trap = runtime::status_trap(status);
  if (answer.trap == Trap::kNone) {
    answer.ending = host::reason_of(program, status, reason).value_or("");
    return;
  }
  answer.ending = runtime::trap_spelling(answer.trap);
  const support::Span span = host::place_of(program, status);
  const support::Place place = sources.place(span);
  answer.place = fmt::format("{}:{}:{}", sources.file(span.source).name(), place.line, place.column);
}

OwnFrame::OwnFrame(const host::Release& release, const support::SourceMap& sources, ScriptedHost& host)
    : release_(release), sources_(sources), host_(host), arena_(static_cast<std::size_t>(kTierMemory) / 8) {}

std::span<const std::uint64_t> OwnFrame::lay_out(const Question& question) {
  image_.reset();
  words_.clear();
  const ir::Types& types = release_.program.types;
  const std::vector<ir::Local>& parameters = release_.program.slots[question.slot].parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ir::Words written = ir::write_value(image_, question.arguments[i], parameters[i].type, types,
                                              /*sorted=*/false, host::hash_seed());
    words_.insert(words_.end(), written.begin(), written.begin() + types.words(parameters[i].type));
  }
  return words_;
}

Answer OwnFrame::ask(const Question& question, unsigned char garbage, const Run& run) {
  // SAFETY: the arena is read and written as bytes; its words are there for their alignment.
  auto* const begin = reinterpret_cast<std::byte*>(arena_.data());
  std::memset(begin, garbage, static_cast<std::size_t>(question.memory));
  runtime::Frame frame{.fuel = question.fuel,
                       .arena_next = begin,
                       .arena_end = begin + question.memory,
                       .stack_left = release_.budget.stack,
                       .native_stack_end = support::native_stack_end(),
                       .host = host_.table(),
                       .hash_seed = host::hash_seed(),
                       .results = {},
                       .prepared = nullptr,
                       .reason = {}};
  host_.begin(question.script);
  const auto call = [&](bool otherwise) {
    const runtime::Result result = run(otherwise, frame);
    ir::Words out{};
    out[0] = result.word;
    std::copy(std::begin(frame.results) + 1, std::end(frame.results), out.begin() + 1);
    return std::pair(out, result.status);
  };
  const auto [out, status] = call(false);
  Answer answer;
  answer.fuel = question.fuel - frame.fuel;
  answer.memory = frame.arena_next - begin;
  describe(answer, status, frame.reason, release_.program, sources_);
  answer.asked = host_.take_asked();
  if (answer.trap == Trap::kNone) {
    answer.told = host_.take_told();
    answer.value = value_text(out, question.slot, release_.program);
    return answer;
  }
  answer.value = "host";
  if (!release_.program.entries[question.slot].otherwise) return answer;
  frame.fuel = std::numeric_limits<std::int64_t>::max();
  frame.stack_left = release_.budget.stack;
  answer.value = value_text(call(true).first, question.slot, release_.program);
  return answer;
}

}  // namespace writ::tests
