// What generated code, the interpreter, the built-ins and the host agree on: the call frame, the layout of values in
// memory, the status word. C layout: a change here is a change of ABI.
//
// Every value is one to four 64-bit words while it is computed with:
//   bool 0/1 · int, uint, duration, timestamp: the 64 bits · double: its bits · enum: the enumerator's number
//   string, bytes: {data, size} · list: {data, size} · ip: {high, low} · cidr: {high, low, prefix}
//   record, set, map: the address of its storage
//   T?: for a record, set or map its address or 0; else the words of T (0 when absent), then present 0/1
// In memory a value has a storage layout (size and alignment below, records by ir::RecordLayout).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace writ::stdlib {
class Prepared;
}

namespace writ::runtime {

static_assert(std::endian::native == std::endian::little && sizeof(void*) == 8);

/// The kinds of type of the language.
enum class Kind : std::uint8_t {
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kIp,
  kCidr,
  kEnum,
  kRecord,
  kList,
  kSet,
  kMap,
  kOptional,
};

/// Most words of one value (cidr?).
inline constexpr std::size_t kMaxWords = 4;

// ---- storage -----------------------------------------------------------------------------------

/// string and bytes in memory: the layout of libstdc++'s std::string_view (size first; a test asserts it).
struct StringStorage {
  std::int64_t size;
  const char* data;
};

/// list<T> in memory: the layout of std::span<const T>; elements contiguous, each `stride` bytes.
struct ListStorage {
  const std::byte* data;
  std::int64_t size;
};

/// ip: the 128-bit address, IPv4 as ::ffff:a.b.c.d; `high` holds the first 8 bytes in host order.
struct Ip {
  std::uint64_t high;
  std::uint64_t low;
  auto operator<=>(const Ip&) const = default;
};

/// cidr: host bits are zero; prefix counts within the 128 bits (10.0.0.0/8 has prefix 104).
struct Cidr {
  Ip network;
  std::int64_t prefix;
  bool operator==(const Cidr&) const = default;
};

/// set<T> and map<K,V> in memory. Entries lie in iteration order: a key, and for maps the value behind it at the key's size
/// rounded up to the value's alignment. `index` is null (search linearly) or an open-addressing table of `index_mask + 1`
/// entry numbers + 1 (0 is free), probed linearly from hash(key) & index_mask.
struct Table {
  const std::byte* entries;
  std::int64_t size;
  const std::uint32_t* index;
  std::int64_t index_mask;
};

// ---- traps and status --------------------------------------------------------------------------

enum class Trap : std::uint8_t {
  kNone = 0,
#define WRIT_TRAP(name, number, spelling, doc) k##name = number,
#include "runtime/traps.def"
#undef WRIT_TRAP
};

struct TrapRow {
  Trap trap;
  std::string_view spelling;
  std::string_view doc;
};
inline constexpr TrapRow kTrapRows[] = {
#define WRIT_TRAP(name, number, spelling, doc) {Trap::k##name, spelling, doc},
#include "runtime/traps.def"
#undef WRIT_TRAP
};
[[nodiscard]] constexpr std::string_view trap_spelling(Trap trap) {
  for (const TrapRow& row : kTrapRows) {
    if (row.trap == trap) return row.spelling;
  }
  return "none";
}

/// How a call ended: the low byte is the trap (0: none); the rest is the place's number for a trap, else the number of the
/// deciding rule's reason plus one (0: no reason).
using Status = std::uint64_t;
[[nodiscard]] constexpr Status trap_status(Trap trap, std::uint32_t place) {
  return static_cast<Status>(place) << 8 | static_cast<Status>(trap);
}
[[nodiscard]] constexpr Status reason_status(std::uint32_t reason) { return (static_cast<Status>(reason) + 1) << 8; }
[[nodiscard]] constexpr Trap status_trap(Status status) { return static_cast<Trap>(status & 0xFF); }
/// Instead of a reason's number plus one: the reason is the text in Frame::reason.
inline constexpr std::uint32_t kReasonInFrame = ~std::uint32_t{0};
/// The place's number of a trap, or the reason's number plus one.
[[nodiscard]] constexpr std::uint32_t status_detail(Status status) { return static_cast<std::uint32_t>(status >> 8); }

// ---- the call frame ----------------------------------------------------------------------------

struct Frame;

/// A host function: args are its arguments' words one after another, results take the words of its answer.
/// Returns Trap::kNone or kHostError; `context` is HostFunction::context.
using HostThunk = Trap (*)(Frame* frame, void* context, const std::uint64_t* args, std::uint64_t* results);
struct HostFunction {
  HostThunk thunk;
  void* context;
};

/// One call's budget. The host fills it before the call; generated code and built-ins draw on it. Lives on one thread.
struct Frame {
  std::int64_t fuel;                 // left; 0 after a trap
  std::byte* arena_next;             // next free byte, 8-aligned
  std::byte* arena_end;              // the quota's end
  std::int64_t stack_left;           // metered bytes left
  std::uintptr_t native_stack_end;   // generated code that recurses traps below this address
  const HostFunction* host;          // by capability function number
  std::uint64_t hash_seed;           // of the process: keys of hash indexes cannot be made to collide
  std::uint64_t results[kMaxWords];  // words 1.. of a result (word 0 is returned), at their own index
  const stdlib::Prepared* prepared;  // of the release: what built-ins had made of its constants
  StringStorage reason;              // of the last Return whose reason is a text; says kReasonInFrame
};

/// What a generated function returns, in two registers: the result's first word, and how the call ended.
struct Result {
  std::uint64_t word;
  Status status;
};

/// Takes `fuel` units; false (and nothing left) when there are not enough.
[[nodiscard]] inline bool charge_fuel(Frame& frame, std::int64_t fuel) {
  if (frame.fuel < fuel) {
    frame.fuel = 0;
    return false;
  }
  frame.fuel -= fuel;
  return true;
}

/// `bytes` rounded up to 8, from the arena; null when the quota does not hold it. Zero bytes take nothing.
[[nodiscard]] inline std::byte* allocate(Frame& frame, std::uint64_t bytes) {
  const std::uint64_t rounded = (bytes + 7) & ~std::uint64_t{7};
  if (rounded < bytes || rounded > static_cast<std::uint64_t>(frame.arena_end - frame.arena_next)) {
    return nullptr;
  }
  std::byte* const start = frame.arena_next;
  frame.arena_next += rounded;
  return start;
}

}  // namespace writ::runtime
