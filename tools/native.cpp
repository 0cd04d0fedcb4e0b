#include "tools/native.h"

#include <utility>

#include "tools/module.h"

namespace writ::tools {
namespace {

constexpr const char* kModuleFile = "libwrit_jit.so";
constexpr const char* kModuleSymbol = "writ_jit_module";

}  // namespace

std::expected<host::NativeCompiler, std::string> load_native_compiler() {
  const auto found = load_entry(kModuleFile, kModuleSymbol);
  if (!found) return std::unexpected("native code is not to be had: " + found.error());
  // SAFETY: the module is built with us and exports this one function (jit/module.h).
  const auto entry = reinterpret_cast<decltype(&writ_jit_module)>(*found);
  const jit::Module* const module = entry();
  auto session = module->create_session();
  if (!session) return std::unexpected("native code is not to be had: " + session.error());
  return host::NativeCompiler{module, *std::move(session)};
}

}  // namespace writ::tools
