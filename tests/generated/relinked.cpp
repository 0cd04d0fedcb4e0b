#include "tests/generated/relinked.h"

#include <utility>
#include <vector>

#include "host/native_release.h"
#include "host/slice_cache.h"
#include "ir/prepare.h"
#include "tests/engines.h"

namespace writ::tests {
namespace {

class Relinked final : public host::Engine {
 public:
  explicit Relinked(const ir::Program& program) : program_(program) {}

  std::expected<void, std::string> link(const std::vector<host::CompiledSlice>& slices, const ir::Config& config) {
    for (const auto& [slice, known] : slices) {
      jit::Object bytes_alone;
      bytes_alone.bytes = known->object.bytes;
      slices_.push_back({slice, std::make_shared<host::SliceObject>(
                                    host::SliceObject{.key = known->key,
                                                      .object = std::move(bytes_alone),
                                                      .prepared = ir::prepare(program_, config, slice),
                                                      .code = {}})});
    }
    auto code = host::NativeRelease::link(cache_, *native_compiler().session, program_, slices_);
    if (!code) return std::unexpected("the objects' bytes: " + code.error());
    code_ = *std::move(code);
    return {};
  }

  runtime::Result call(ir::FunctionId function, std::span<const std::uint64_t> arguments,
                       runtime::Frame& frame) const override {
    frame.prepared = code_->prepared(function);
    runtime::Result result = jit::call(code_->function(function), frame, arguments.data(), arguments.size());
    result.status = code_->slice(function).in_program(result.status);
    return result;
  }
  std::optional<runtime::Result> ask(ir::SlotId slot, std::span<const std::uint64_t> arguments,
                                     runtime::Frame& frame) const override {
    const ir::SlotEntry& entry = program_.entries[slot];
    if (!entry.policy && !entry.otherwise) return std::nullopt;
    return call(entry.policy ? *entry.policy : *entry.otherwise, arguments, frame);
  }

 private:
  const ir::Program& program_;
  host::SliceCache cache_;
  std::vector<host::CompiledSlice> slices_;
  std::optional<host::NativeRelease> code_;
};

}  // namespace

std::expected<std::unique_ptr<host::Engine>, std::string> make_relinked(const host::Engine& native,
                                                                        const ir::Program& program,
                                                                        const ir::Config& config) {
  auto relinked = std::make_unique<Relinked>(program);
  if (auto linked = relinked->link(dynamic_cast<const host::NativeEngine&>(native).slices(), config); !linked) {
    return std::unexpected(linked.error());
  }
  return relinked;
}

}  // namespace writ::tests
