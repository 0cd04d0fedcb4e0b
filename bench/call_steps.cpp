#include "bench/call_steps.h"

#include <utility>

#include "jit/module.h"
#include "support/check.h"
#include "support/deep_stack.h"
#include "writ/types.hpp"

namespace writ::bench {
namespace {

constexpr jit::Module kModule = {.compile = &jit::compile, .create_session = &jit::Session::create, .call = &jit::call};

}  // namespace

Steps::Steps() {
  auto session = jit::Session::create();
  WRIT_CHECK(session.has_value());
  using Kind = host::ReleaseText::Kind;
  auto engine = host::LiveEngine::make({.module = &kModule, .session = *std::move(session)},
                                       {.kind = Kind::kSource, .name = "post.writ", .text = kPostSchema});
  WRIT_CHECK(engine.has_value());
  engine_ = *std::move(engine);
  host::ReleaseText policy{.kind = Kind::kSource, .name = "tariff.writ", .text = kPostPolicy};
  WRIT_CHECK(engine_->commit({{policy.name, policy}}, "").has_value());
  auto slot = engine_->slot("fee", *writ::detail::SignatureOf<std::int64_t(std::int64_t)>::get(), false);
  WRIT_CHECK(slot.has_value());
  slot_ = *slot;
  const host::ReadSection section;
  entry_ = engine_->running().slots()[slot_.id].call;
  frame_.native_stack_end = support::native_stack_end();
  frame_.stack_left = 16LL * 1024;
}

}  // namespace writ::bench
