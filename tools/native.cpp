#include "tools/native.h"

#include <dlfcn.h>

#include <utility>

namespace writ::tools {
namespace {

// Found through the executable's own run path, never through LD_LIBRARY_PATH alone or the working directory.
constexpr const char* kModuleFile = "libwrit_jit.so";
constexpr const char* kModuleSymbol = "writ_jit_module";

}  // namespace

std::expected<host::NativeCompiler, std::string> load_native_compiler() {
  void* const library = ::dlopen(kModuleFile, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::unexpected(std::string("native code is not to be had: ") + ::dlerror());
  // SAFETY: the module is built with us and exports this one function (jit/module.h).
  const auto entry = reinterpret_cast<decltype(&writ_jit_module)>(::dlsym(library, kModuleSymbol));
  if (entry == nullptr) return std::unexpected(std::string("native code is not to be had: ") + ::dlerror());
  const jit::Module* const module = entry();
  auto session = module->create_session();
  if (!session) return std::unexpected("native code is not to be had: " + session.error());
  return host::NativeCompiler{module, *std::move(session)};
}

}  // namespace writ::tools
