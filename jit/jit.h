// The native engine: a slice of a typed program to machine code in this process. The only header of jit/ that others include;
// it shows nothing of LLVM.
//
// slice ─lower─▶ LLVM IR ─verify─▶ optimise ─▶ Object (bytes) ─link─▶ Code (in its own dylib) ─▶ calls.
// Nothing is resolved from the process: only the built-ins, the table functions and what this folder names. It knows nothing
// of releases: host/native_release.h puts the code of several slices behind one slot table.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"
#include "ir/slice.h"
#include "runtime/abi.h"
#include "stdlib/prepared.h"
#include "support/diagnostic.h"
#include "support/limits.h"

namespace writ::jit {

/// What generated code can be instrumented for: what the process is built with itself.
enum class Sanitizer : std::uint8_t { kNone, kAddress, kThread };
#if defined(__SANITIZE_ADDRESS__)
#define WRIT_BUILT_WITH_ASAN
#elif defined(__SANITIZE_THREAD__)
#define WRIT_BUILT_WITH_TSAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WRIT_BUILT_WITH_ASAN
#elif __has_feature(thread_sanitizer)
#define WRIT_BUILT_WITH_TSAN
#endif
#endif
#if defined(WRIT_BUILT_WITH_ASAN)
inline constexpr Sanitizer kSanitizerOfThisBuild = Sanitizer::kAddress;
inline constexpr std::string_view kSanitizerName = "address";
#elif defined(WRIT_BUILT_WITH_TSAN)
inline constexpr Sanitizer kSanitizerOfThisBuild = Sanitizer::kThread;
inline constexpr std::string_view kSanitizerName = "thread";
#else
inline constexpr Sanitizer kSanitizerOfThisBuild = Sanitizer::kNone;
inline constexpr std::string_view kSanitizerName = "";
#endif

struct Options {
  int opt_level = 2;           // 0 or 2
  std::int64_t stack = 65536;  // the tier's metered stack: what static call depth is held against
  bool limits = true;          // false only in bench/: no fuel, stack or arena checks
  bool proven = false;         // the cost of every slot is proved (ir/bound.h): no fuel is counted
  Sanitizer sanitizer =
      Sanitizer::kNone;  // or kSanitizerOfThisBuild; after our verifier, which does not know such code
  // what to keep as text: each empty unless asked for
  bool keep_llvm = false;
  bool keep_llvm_opt = false;
};

/// Nanoseconds of each stage.
struct Timings {
  std::int64_t lower = 0, verify = 0, optimise = 0, codegen = 0, link = 0;
};

/// A compiled slice as bytes (a relocatable object file). Untrusted when it comes from outside this process.
struct Object {
  std::vector<char> bytes;
  std::vector<bool> compiled;  // by a function's number in the slice: whether its code is here
  Timings timings;
  std::string llvm;      // Options::keep_llvm
  std::string llvm_opt;  // Options::keep_llvm_opt
};

/// Compiles a slice of the program. The same bytes for slices of one form under the same options. An error is our limit on what
/// generated code may grow to (W6…), never a crash. Thread-safe.
[[nodiscard]] std::expected<Object, support::Diagnostic> compile(const ir::Program& program, const ir::Config& config,
                                                                 const ir::Slice& slice, const Options& options);

/// Every exported function takes the frame, then its arguments' words, each as one 64-bit integer (at most kMaxCallWords).
inline constexpr std::size_t kMaxCallWords = support::limits::kCallWords;
using Entry = const void*;

/// Calls an entry with any number of words.
[[nodiscard]] runtime::Result call(Entry entry, runtime::Frame& frame, const std::uint64_t* words, std::size_t count);

/// What a slot leads to in a release.
struct SlotCode {
  Entry call;       // the policy's function; without one the else function; null: the host's own function
  Entry otherwise;  // the else function, asked after a trap; null: the host's own function
  const stdlib::Prepared* prepared = nullptr;  // for the frame of `call`; else functions call no built-ins
};

/// A linked slice: code that lives as long as this object. Calls may run on any thread; what they return is in the slice's
/// numbers (ir::Slice::in_program).
class Code {
 public:
  virtual ~Code() = default;
  /// The entry of a function that a host asks for, by its number in the slice.
  [[nodiscard]] virtual Entry entry(std::uint32_t number) const = 0;
  /// The very bytes that run, disassembled, one function after another.
  [[nodiscard]] virtual std::string disassembly() const = 0;
  [[nodiscard]] virtual std::size_t code_bytes() const = 0;
  /// Native stack in bytes that a thread must have free for a call under Options::stack.
  [[nodiscard]] virtual std::size_t native_stack_bytes() const = 0;
};

/// One redirectable stub: the address to load the running release's slot table from.
class Program {
 public:
  virtual ~Program() = default;
  /// Loads the table that is current: the last one published, or the one that it was made with.
  [[nodiscard]] const SlotCode* current() const { return std::atomic_ref(*location_).load(std::memory_order_acquire); }
  /// Where it is loaded from, for callers that keep the address themselves. Valid as long as this lives.
  [[nodiscard]] const SlotCode** location() const { return location_; }
  /// One publisher at a time. What was published before is still read by calls that have begun.
  virtual void publish(const SlotCode* slots) = 0;

 protected:
  const SlotCode** location_ = nullptr;  // the stub's pointer, an aligned word of its own
};

/// Owns an ORC session. Thread-safe; outlives everything made by it.
class Session {
 public:
  virtual ~Session() = default;
  [[nodiscard]] static std::expected<std::unique_ptr<Session>, std::string> create();
  /// The object of this slice.
  [[nodiscard]] virtual std::expected<std::unique_ptr<Code>, std::string> link(const Object& object,
                                                                               const ir::Program& program,
                                                                               const ir::Slice& slice) = 0;
  /// A stub that leads to `initial` until something is published.
  [[nodiscard]] virtual std::expected<std::unique_ptr<Program>, std::string> make_program(const SlotCode* initial) = 0;
  [[nodiscard]] virtual std::string target() const = 0;  // "x86_64, skylake-avx512"
};

}  // namespace writ::jit
