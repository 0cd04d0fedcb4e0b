#include "host/live_keep.h"

#include <cstring>
#include <map>
#include <tuple>

#include "support/check.h"

namespace writ::host {
namespace {

using ir::Kind;

class Copy {
 public:
  Copy(ir::Image& image, const ir::Types& types) : image_(image), types_(types) {}

  ir::Words words(ir::Words words, ir::TypeId id) {
    const ir::Type& type = types_[id];
    switch (type.kind) {
      case Kind::kString:
      case Kind::kBytes:
        words[0] = once({words[0], words[1], id}, [&] { return bytes(address(words[0]), words[1]); });
        return words;
      case Kind::kList:
        words[0] = once({words[0], words[1], id}, [&] {
          return elements(address(words[0]), words[1], types_.stride(type.first),
                          [&](std::byte* element) { follow(element, type.first); });
        });
        return words;
      case Kind::kRecord:
      case Kind::kSet:
      case Kind::kMap:
        return {once({words[0], 0, id}, [&] {
          std::byte* const copy = bytes(address(words[0]), types_.storage(id).size);
          follow(copy, id);
          return copy;
        })};
      case Kind::kOptional:
        return is_absent(words, type.first) ? words : optional(words, type.first);
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kIp:
      case Kind::kCidr:
      case Kind::kEnum:
        return words;
    }
    WRIT_UNREACHABLE();
  }

 private:
  // SAFETY: words that stand for addresses were made by the arena, a release's constants or the host, as abi.h says.
  static const std::byte* address(std::uint64_t word) { return reinterpret_cast<const std::byte*>(word); }
  static std::uint64_t word(const std::byte* address) { return reinterpret_cast<std::uintptr_t>(address); }

  /// What lies at an address: the word, a size or 0, its type.
  using Place = std::tuple<std::uint64_t, std::uint64_t, ir::TypeId>;

  /// The address of the one copy of what is there. A policy may put a value into many places at the price of a view each: `[a, a]`
  /// and then `[b, b]` and so on would be copied to more than any memory holds.
  template <typename Make>
  std::uint64_t once(const Place& place, const Make& make) {
    if (const auto found = copies_.find(place); found != copies_.end()) return word(found->second);
    std::byte* const copy = make();
    copies_.emplace(place, copy);
    return word(copy);
  }

  std::byte* bytes(const std::byte* from, std::size_t size) {
    std::byte* const copy = image_.allocate(size);
    if (size != 0) std::memcpy(copy, from, size);
    return copy;
  }

  template <typename Follow>
  std::byte* elements(const std::byte* from, std::size_t count, std::size_t stride, const Follow& follow_element) {
    std::byte* const copy = bytes(from, count * stride);
    for (std::size_t i = 0; i < count; ++i) follow_element(copy + i * stride);
    return copy;
  }

  [[nodiscard]] bool is_absent(const ir::Words& words, ir::TypeId inner) const {
    return words[ir::optional_is_address(types_.kind(inner)) ? 0 : types_.words(inner)] == 0;
  }

  ir::Words optional(const ir::Words& present, ir::TypeId inner) {
    ir::Words copy = words(present, inner);
    if (!ir::optional_is_address(types_.kind(inner))) copy[types_.words(inner)] = 1;
    return copy;
  }

  /// A value that was copied shallowly to `at`: what it points to is copied after it.
  void follow(std::byte* at, ir::TypeId id) {
    const ir::Type& type = types_[id];
    if (type.kind == Kind::kRecord) {
      for (const ir::Field& field : types_.record_type(type.decl).fields) follow(at + field.offset, field.type);
    } else if (type.kind == Kind::kSet || type.kind == Kind::kMap) {
      follow_table(at, type, types_.entry_layout(id));
    } else {
      ir::store(at, words(ir::load(at, id, types_), id), id, types_);
    }
  }

  void follow_table(std::byte* at, const ir::Type& type, ir::Types::EntryLayout layout) {
    runtime::Table table;
    std::memcpy(&table, at, sizeof table);
    table.entries = elements(table.entries, static_cast<std::size_t>(table.size), layout.stride, [&](std::byte* entry) {
      follow(entry, type.first);
      if (type.kind == Kind::kMap) follow(entry + layout.value_offset, type.second);
    });
    if (table.index != nullptr) {
      const auto slots = static_cast<std::size_t>(table.index_mask) + 1;
      // SAFETY: an index is an array of numbers, and image memory is aligned to 8.
      table.index = reinterpret_cast<const std::uint32_t*>(
          bytes(reinterpret_cast<const std::byte*>(table.index), slots * sizeof(std::uint32_t)));
    }
    std::memcpy(at, &table, sizeof table);
  }

  ir::Image& image_;
  const ir::Types& types_;
  std::map<Place, std::byte*> copies_;
};

}  // namespace

ir::Words keep(ir::Image& image, const ir::Words& words, ir::TypeId type, const ir::Types& types) {
  return Copy(image, types).words(words, type);
}

}  // namespace writ::host
