#include "jit/module.h"

extern "C" __attribute__((visibility("default"))) const writ::jit::Module* writ_jit_module() {
  static constexpr writ::jit::Module kModule{
      .compile = &writ::jit::compile, .create_session = &writ::jit::Session::create, .call = &writ::jit::call};
  return &kModule;
}
