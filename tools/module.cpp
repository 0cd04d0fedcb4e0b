#include "tools/module.h"

#include <dlfcn.h>

namespace writ::tools {

std::expected<void*, std::string> load_entry(const char* file, const char* symbol) {
  // Found through the executable's own run path, never through LD_LIBRARY_PATH alone or the working directory.
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  void* const entry = library == nullptr ? nullptr : ::dlsym(library, symbol);
  if (entry == nullptr) return std::unexpected(std::string(::dlerror()));
  return entry;
}

}  // namespace writ::tools
