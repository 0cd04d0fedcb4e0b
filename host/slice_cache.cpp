#include "host/slice_cache.h"

#include <functional>
#include <utility>

#include "ir/prepare.h"

namespace writ::host {
namespace {

/// What the code of a slice depends on beside its form.
std::string key_of(const jit::Options& options, const std::string& form) {
  return std::to_string(options.stack) + (options.proven ? " proven " : " ") + form;
}

std::size_t hash_of(const std::string& key) { return std::hash<std::string>{}(key); }

}  // namespace

std::shared_ptr<SliceObject> SliceCache::find(const std::string& key) const {
  const auto found = known_.find(hash_of(key));
  if (found == known_.end()) return nullptr;
  std::shared_ptr<SliceObject> object = found->second.lock();
  // Other code of the same hash would be wrong code: the whole key is compared.
  return object != nullptr && object->key == key ? object : nullptr;
}

std::expected<std::vector<CompiledSlice>, support::Diagnostic> SliceCache::compile(const jit::Module& module,
                                                                                   const ir::Program& program,
                                                                                   const ir::Config& config,
                                                                                   std::vector<ir::Slice> slices,
                                                                                   const jit::Options& options) {
  std::erase_if(known_, [](const auto& known) { return known.second.expired(); });
  std::vector<CompiledSlice> all;
  for (ir::Slice& slice : slices) {
    std::string key = key_of(options, std::exchange(slice.form, {}));
    std::shared_ptr<SliceObject> object = find(key);
    if (object == nullptr) {
      auto compiled = module.compile(program, config, slice, options);
      if (!compiled) return std::unexpected(std::move(compiled.error()));
      compiled_count_.fetch_add(1, std::memory_order_relaxed);
      object = std::make_shared<SliceObject>(SliceObject{.key = std::move(key),
                                                         .object = *std::move(compiled),
                                                         .prepared = ir::prepare(program, config, slice),
                                                         .code = {}});
      known_[hash_of(object->key)] = object;
    }
    all.push_back({std::move(slice), std::move(object)});
  }
  return all;
}

std::expected<std::shared_ptr<const jit::Code>, std::string> SliceCache::link(jit::Session& session,
                                                                              const ir::Program& program,
                                                                              const CompiledSlice& compiled) {
  SliceObject& object = *compiled.object;
  if (auto running = object.code.lock()) return running;
  auto linked = session.link(object.object, program, compiled.slice);
  if (!linked) return std::unexpected(std::move(linked.error()));
  code_bytes_.fetch_add((*linked)->code_bytes(), std::memory_order_relaxed);
  std::shared_ptr<const jit::Code> code(linked->release(), [this](const jit::Code* freed) {
    code_bytes_.fetch_sub(freed->code_bytes(), std::memory_order_relaxed);
    delete freed;
  });
  object.code = code;
  return code;
}

}  // namespace writ::host
