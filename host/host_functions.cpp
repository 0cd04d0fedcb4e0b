#include "host/host_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "host/budget.h"
#include "support/diagnostic.h"

namespace writ::host {

HostFunctions::HostFunctions(const ir::Program& program) : program_(program) {
  const auto count = static_cast<ir::HostFunctionId>(program.host_functions.size());
  bindings_.reserve(count);  // INVARIANT: never grows again: table_ holds addresses of its elements
  for (ir::HostFunctionId id = 0; id < count; ++id) {
    bindings_.push_back({this, id});
    table_.push_back({&HostFunctions::call, &bindings_.back()});
  }
}

void HostFunctions::answer(Answer answer) {
  const ir::HostFunctionDecl& decl = program_.host_functions[answer.function];
  const ir::Words words =
      ir::write_value(image_, answer.value, decl.result.value(), program_.types, /*sorted=*/false, hash_seed());
  answers_.push_back({std::move(answer), words});
}

std::vector<Emission> HostFunctions::take_emissions() { return std::exchange(emissions_, {}); }

std::optional<ir::HostFunctionId> HostFunctions::take_unanswered() { return std::exchange(unanswered_, {}); }

runtime::Trap HostFunctions::call(runtime::Frame*, void* context, const std::uint64_t* args, std::uint64_t* results) {
  // SAFETY: table_ pairs this thunk with addresses of its own bindings only.
  const Binding& binding = *static_cast<const Binding*>(context);
  HostFunctions& self = *binding.owner;
  std::vector<ir::Value> arguments = self.read_arguments(binding.id, args);
  if (self.program_.host_functions[binding.id].effect == ir::Effect::kEmits) {
    self.emissions_.push_back({binding.id, std::move(arguments)});
    return runtime::Trap::kNone;
  }
  const Prepared* const found = self.find_answer(binding.id, arguments);
  if (found == nullptr) {
    self.unanswered_ = binding.id;
    return runtime::Trap::kHostError;
  }
  const std::uint32_t words = self.program_.types.words(*self.program_.host_functions[binding.id].result);
  std::copy_n(found->words.begin(), words, results);
  return runtime::Trap::kNone;
}

std::vector<ir::Value> HostFunctions::read_arguments(ir::HostFunctionId id, const std::uint64_t* args) const {
  std::vector<ir::Value> values;
  for (const ir::TypeId type : program_.host_functions[id].parameters) {
    const std::uint32_t count = program_.types.words(type);
    ir::Words words{};
    std::copy_n(args, count, words.begin());
    args += count;
    values.push_back(ir::read_value(words, type, program_.types));
  }
  return values;
}

const HostFunctions::Prepared* HostFunctions::find_answer(ir::HostFunctionId id,
                                                          const std::vector<ir::Value>& arguments) const {
  const std::vector<ir::TypeId>& types = program_.host_functions[id].parameters;
  const auto fits = [&](const Prepared& prepared) {
    if (prepared.answer.function != id) return false;
    for (std::size_t i = 0; i < types.size(); ++i) {
      const std::optional<ir::Value>& wanted = prepared.answer.arguments[i];
      if (wanted && !ir::equal(*wanted, arguments[i], types[i], program_.types)) return false;
    }
    return true;
  };
  const auto found = std::find_if(answers_.rbegin(), answers_.rend(), fits);
  return found == answers_.rend() ? nullptr : &*found;
}

std::string emitted_json(const std::vector<Emission>& emitted, const ir::Program& program) {
  std::vector<std::string> items;
  for (const Emission& emission : emitted) {
    const ir::HostFunctionDecl& function = program.host_functions[emission.function];
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < emission.arguments.size(); ++i) {
      arguments.push_back(ir::json_text(emission.arguments[i], function.parameters[i], program.types));
    }
    items.push_back(fmt::format("{{{}: [{}]}}", support::json_quote(function.full_name()), fmt::join(arguments, ", ")));
  }
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace writ::host
