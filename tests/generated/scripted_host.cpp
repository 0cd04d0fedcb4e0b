#include "tests/generated/scripted_host.h"

#include <algorithm>

#include "host/budget.h"
#include "host/live_answer.h"
#include "tests/generated/values.h"

namespace writ::tests {
namespace {

constexpr int kAnswers = 5;  // that a function has to choose from
constexpr std::uint8_t kFails = 250;

}  // namespace

ScriptedHost::ScriptedHost(const ir::Program& program, ByteSource& bytes) : program_(program) {
  for (const ir::HostFunctionDecl& each : program.host_functions) {
    Binding& binding = bindings_.emplace_back();
    binding.owner = this;
    binding.id = static_cast<ir::HostFunctionId>(bindings_.size() - 1);
    for (int i = 0; each.result && i < kAnswers; ++i) {
      const Fidelity fidelity = i == 0 ? Fidelity::kAnything : Fidelity::kInBounds;
      const ir::Value value = make_value(bytes, *each.result, program.types, fidelity);
      binding.answers.push_back(
          ir::write_value(image_, value, *each.result, program.types, /*sorted=*/false, host::hash_seed()));
    }
    table_.push_back({.thunk = &enter, .context = &binding});
  }
}

void ScriptedHost::begin(std::span<const std::uint8_t> script) {
  script_ = script;
  next_ = 0;
  asked_.clear();
  told_.clear();
}

std::string ScriptedHost::call_text(ir::HostFunctionId id, const std::uint64_t* arguments) const {
  const ir::HostFunctionDecl& function = program_.host_functions[id];
  std::string text = function.full_name() + "(";
  for (const ir::TypeId type : function.parameters) {
    ir::Words words{};
    const std::uint32_t count = program_.types.words(type);
    std::copy_n(arguments, count, words.begin());
    arguments += count;
    text += literal(ir::read_value(words, type, program_.types), type, program_.types).text + ", ";
  }
  return text + "); ";
}

bool ScriptedHost::answer(void* context, const std::uint64_t* arguments, std::uint64_t* results) {
  const Binding& binding = *static_cast<const Binding*>(context);
  ScriptedHost& host = *binding.owner;
  const std::string text = host.call_text(binding.id, arguments);
  if (binding.answers.empty()) {
    host.told_ += text;
    return true;
  }
  host.asked_ += text;
  const std::uint8_t choice = host.script_.empty() ? 1 : host.script_[host.next_++ % host.script_.size()];
  if (choice >= kFails) return false;
  const ir::Words& words = binding.answers[choice % binding.answers.size()];
  const ir::TypeId type = *host.program_.host_functions[binding.id].result;
  std::copy_n(words.begin(), host.program_.types.words(type), results);
  // An engine refuses what is no value at all before generated code judges the bound.
  return host::is_value(results, type, host.program_.types);
}

runtime::Trap ScriptedHost::enter(runtime::Frame* /*frame*/, void* context, const std::uint64_t* arguments,
                                  std::uint64_t* results) {
  return answer(context, arguments, results) ? runtime::Trap::kNone : runtime::Trap::kHostError;
}

}  // namespace writ::tests
