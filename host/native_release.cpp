#include "host/native_release.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace writ::host {

std::expected<NativeRelease, std::string> NativeRelease::link(SliceCache& cache, jit::Session& session,
                                                              const ir::Program& program,
                                                              std::span<const CompiledSlice> slices) {
  NativeRelease release;
  for (const CompiledSlice& compiled : slices) {
    auto code = cache.link(session, program, compiled);
    if (!code) return std::unexpected(std::move(code.error()));
    release.add(compiled, *std::move(code));
  }
  release.fill_slots(program);
  return release;
}

void NativeRelease::add(const CompiledSlice& compiled, std::shared_ptr<const jit::Code> code) {
  const ir::Slice& slice = compiled.slice;
  for (std::uint32_t number = 0; number < slice.entry_count; ++number) {
    functions_.emplace(slice.functions[number], Function{code->entry(number), &slice, &compiled.object->prepared});
  }
  code_.push_back(std::move(code));
}

void NativeRelease::fill_slots(const ir::Program& program) {
  const auto entry = [&](const std::optional<ir::FunctionId>& id) { return id ? function(*id) : nullptr; };
  const auto made_for = [&](const std::optional<ir::FunctionId>& id) { return id ? prepared(*id) : nullptr; };
  slots_.reserve(program.entries.size() + 1);  // so that there is an address to lead to even where there is no slot
  for (const ir::SlotEntry& slot : program.entries) {
    const jit::Entry otherwise = entry(slot.otherwise);
    slots_.push_back({.call = slot.policy ? entry(slot.policy) : otherwise,
                      .otherwise = otherwise,
                      .prepared = made_for(slot.policy)});
  }
}

jit::Entry NativeRelease::function(ir::FunctionId id) const {
  const auto found = functions_.find(id);
  return found == functions_.end() ? nullptr : found->second.entry;
}

std::string NativeRelease::disassembly() const {
  std::string text;
  for (const auto& code : code_) text += code->disassembly();
  return text;
}

std::size_t NativeRelease::native_stack_bytes() const {
  std::size_t most = 0;
  for (const auto& code : code_) most = std::max(most, code->native_stack_bytes());
  return most;
}

}  // namespace writ::host
