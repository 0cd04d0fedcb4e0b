#include "ir/collection_builder.h"

#include <cstring>

#include "ir/cost.h"

namespace writ::ir {
namespace {

using runtime::Frame;
using runtime::Trap;

/// What cost::lookup_fuel charges for the keys together.
std::int64_t key_fuel(const TableSource& source, runtime::Kind kind) {
  if (kind != runtime::Kind::kString && kind != runtime::Kind::kBytes) return 0;
  std::int64_t fuel = 0;
  for (std::int64_t i = 0; i < source.count; ++i) {
    runtime::StringStorage key;
    std::memcpy(&key, source.keys + i * source.key_stride, sizeof key);
    fuel += cost::lookup_fuel(key.size);
  }
  return fuel;
}

}  // namespace

bool reserve(Frame& frame, ListBuilder& list, std::int64_t count, std::int64_t stride) {
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(count, stride, &bytes)) return false;
  list = {.data = runtime::allocate(frame, static_cast<std::uint64_t>(bytes)), .size = 0, .room = count};
  return list.data != nullptr || bytes == 0;
}

bool append(Frame& frame, ListBuilder& list, const std::byte* element, std::int64_t stride) {
  if (list.room == 0) {
    ListBuilder grown;
    if (!reserve(frame, grown, cost::grown(list.size), stride)) return false;
    if (list.size > 0) std::memcpy(grown.data, list.data, static_cast<std::size_t>(list.size * stride));
    grown.size = list.size;
    grown.room -= list.size;
    list = grown;
  }
  std::memcpy(list.data + list.size * stride, element, static_cast<std::size_t>(stride));
  ++list.size;
  --list.room;
  return true;
}

Trap make_table(Frame& frame, const TableSource& source, const runtime::TableLayout& layout, const std::byte*& table) {
  const std::int64_t fuel = cost::keys_fuel(source.count) + key_fuel(source, layout.key);
  if (!runtime::charge_fuel(frame, fuel)) return Trap::kOutOfFuel;
  const auto bytes = cost::table_bytes(source.count, layout.stride);
  std::byte* const memory = runtime::allocate(frame, static_cast<std::uint64_t>(bytes));
  if (memory == nullptr) return Trap::kOutOfMemory;
  std::byte* entry = memory + cost::kTableBytes;
  for (std::int64_t i = 0; i < source.count; ++i, entry += layout.stride) {
    std::memcpy(entry, source.keys + i * source.key_stride, source.key_stride);
    if (source.values == nullptr) continue;
    std::memcpy(entry + layout.value_offset, source.values + i * source.value_stride, source.value_stride);
  }
  table = memory;
  const bool is_map = source.values != nullptr;
  const bool built = runtime::table_build(memory, source.count, layout, frame.hash_seed, is_map);
  return built ? Trap::kNone : Trap::kInvalidArgument;
}

}  // namespace writ::ir
