#include "host/live_answer.h"

#include <cstddef>
#include <cstring>

#include "ir/image.h"
#include "runtime/abi.h"
#include "support/check.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::host {
namespace {

using ir::Kind;

class Inspection {
 public:
  explicit Inspection(const ir::Types& types) : types_(types) {}

  /// A value that is the answer itself: the engines judge its text.
  bool answer(const std::uint64_t* words, ir::TypeId id) {
    const ir::Type& type = types_[id];
    if (type.kind == Kind::kOptional && !ir::optional_is_address(types_.kind(type.first))) {
      const std::uint64_t present = words[types_.words(type.first)];
      return present == 0 || (present == 1 && answer(words, type.first));
    }
    if (type.kind == Kind::kString) return is_range(words[0], words[1], 1);
    return value(words, id);
  }

 private:
  bool value(const std::uint64_t* words, ir::TypeId id) {
    const ir::Type& type = types_[id];
    switch (type.kind) {
      case Kind::kBool:
        return words[0] <= 1;
      case Kind::kEnum:
        return words[0] < types_.enum_type(type.decl).enumerators.size();
      case Kind::kString:
        return is_range(words[0], words[1], 1) &&
               !support::find_malformed_utf8({reinterpret_cast<const char*>(address(words[0])), words[1]});
      case Kind::kBytes:
        return is_range(words[0], words[1], 1);
      case Kind::kList:
        return elements(words[0], words[1], types_.stride(type.first),
                        [&](const std::byte* at) { return stored(at, type.first); });
      case Kind::kRecord:
      case Kind::kSet:
      case Kind::kMap:
        return words[0] != 0 && stored(address(words[0]), id);
      case Kind::kOptional: {
        if (ir::optional_is_address(types_.kind(type.first))) return words[0] == 0 || value(words, type.first);
        const std::uint64_t present = words[types_.words(type.first)];
        return present == 0 || (present == 1 && value(words, type.first));
      }
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kIp:
      case Kind::kCidr:
        return true;
    }
    WRIT_UNREACHABLE();
  }

  // SAFETY: the word stands for an address of the host's, as the answer's type says.
  static const std::byte* address(std::uint64_t word) { return reinterpret_cast<const std::byte*>(word); }

  /// Whether `count` things of `stride` bytes may lie there. All that an answer spans is counted: no answer may be larger than
  /// the largest quota, and so none is walked without end.
  bool is_range(std::uint64_t start, std::uint64_t count, std::uint64_t stride) {
    if (count > left_ / stride) return false;
    left_ -= count * stride;
    return start != 0 || count == 0;
  }

  template <typename Check>
  bool elements(std::uint64_t start, std::uint64_t count, std::uint64_t stride, const Check& check) {
    if (!is_range(start, count, stride)) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!check(address(start) + i * stride)) return false;
    }
    return true;
  }

  bool stored(const std::byte* at, ir::TypeId id) {
    const ir::Type& type = types_[id];
    if (type.kind == Kind::kRecord) {
      for (const ir::Field& field : types_.record_type(type.decl).fields) {
        if (!stored(at + field.offset, field.type)) return false;
      }
      return true;
    }
    if (type.kind == Kind::kSet || type.kind == Kind::kMap) return table(at, id);
    return value(ir::load(at, id, types_).data(), id);
  }

  bool table(const std::byte* at, ir::TypeId id) {
    const ir::Type& type = types_[id];
    const ir::Types::EntryLayout layout = types_.entry_layout(id);
    runtime::Table table;
    std::memcpy(&table, at, sizeof table);
    return elements(reinterpret_cast<std::uintptr_t>(table.entries), static_cast<std::uint64_t>(table.size),
                    layout.stride, [&](const std::byte* entry) {
                      return stored(entry, type.first) &&
                             (type.kind == Kind::kSet || stored(entry + layout.value_offset, type.second));
                    });
  }

  const ir::Types& types_;
  std::uint64_t left_ = support::limits::kMemoryQuota;
};

}  // namespace

bool is_value(const std::uint64_t* words, ir::TypeId type, const ir::Types& types) noexcept {
  return Inspection(types).answer(words, type);
}

}  // namespace writ::host
