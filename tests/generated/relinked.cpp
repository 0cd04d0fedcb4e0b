#include "tests/generated/relinked.h"

#include <utility>

#include "tests/engines.h"

namespace writ::tests {
namespace {

class Relinked final : public host::Engine {
 public:
  explicit Relinked(std::unique_ptr<jit::Release> release) : release_(std::move(release)) {}

  runtime::Result call(ir::FunctionId function, std::span<const std::uint64_t> arguments,
                       runtime::Frame& frame) const override {
    return jit::call(release_->function(function), frame, arguments.data(), arguments.size());
  }
  std::optional<runtime::Result> ask(ir::SlotId slot, std::span<const std::uint64_t> arguments,
                                     runtime::Frame& frame) const override {
    const jit::Entry entry = release_->slots()[slot].call;
    if (entry == nullptr) return std::nullopt;
    return jit::call(entry, frame, arguments.data(), arguments.size());
  }

 private:
  std::unique_ptr<jit::Release> release_;
};

}  // namespace

std::expected<std::unique_ptr<host::Engine>, std::string> make_relinked(const host::Engine& native,
                                                                        const ir::Program& program) {
  const jit::Object& object = dynamic_cast<const host::NativeEngine&>(native).object();
  jit::Object copy;
  copy.bytes = object.bytes;
  copy.function_count = object.function_count;
  copy.function_total = object.function_total;
  auto release = native_compiler().session->link(copy, program);
  if (!release) return std::unexpected("the object's bytes: " + release.error());
  return std::make_unique<Relinked>(*std::move(release));
}

}  // namespace writ::tests
