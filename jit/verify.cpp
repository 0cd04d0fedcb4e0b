#include "jit/verify.h"
namespace writ::jit {
std::optional<std::string> verify(llvm::Module&, const VerifyOptions&) { return std::nullopt; }
}
