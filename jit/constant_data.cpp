#include <llvm/IR/Constants.h>
#include <llvm/IR/GlobalVariable.h>

#include <cstddef>
#include <cstring>

#include "ir/cost.h"
#include "jit/constant_index.h"
#include "jit/module_lowering.h"
#include "jit/runtime_calls.h"
#include "runtime/table.h"
#include "support/check.h"

namespace writ::jit {
namespace {

using runtime::Kind;

/// The items of a list or set constant, or the keys of a map's.
std::span<const ir::Value> items_of(const ir::Value& value) { return std::get<ir::Sequence>(value.node).items; }

}  // namespace

/// Bytes with addresses in them, put together for one global variable.
class StorageImage {
 public:
  StorageImage(ConstantData& data, std::size_t size) : data_(data), bytes_(size) {}

  /// Writes a value into its storage at `at`.
  void put(std::size_t at, const ir::Value& value, ir::TypeId id) {
    const ir::Types& types = data_.types_;
    const ir::Type& type = types[id];
    switch (type.kind) {
      case Kind::kRecord: {
        const ir::RecordType& record = types.record_type(type.decl);
        const auto& items = std::get<ir::Sequence>(value.node).items;
        for (std::size_t i = 0; i < items.size(); ++i) {
          put(at + record.fields[i].offset, items[i], record.fields[i].type);
        }
        return;
      }
      case Kind::kSet:
      case Kind::kMap:
        return put_table(at, value, id);
      case Kind::kOptional:
        return put_optional(at, value, type.first);
      case Kind::kString:
      case Kind::kBytes:
        put_words(at, data_.words(value, id),
                  {offsetof(runtime::StringStorage, data), offsetof(runtime::StringStorage, size)});
        return;
      case Kind::kList:
        put_words(at, data_.words(value, id),
                  {offsetof(runtime::ListStorage, data), offsetof(runtime::ListStorage, size)});
        return;
      case Kind::kBool:
      case Kind::kEnum:
        bytes_[at] = static_cast<char>(low_bits(data_.words(value, id)[0]));
        return;
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kIp:
      case Kind::kCidr:
        put_words(at, data_.words(value, id), {0, 8, 16});
        return;
    }
  }

  void put_address(std::size_t at, llvm::Constant* address) {
    if (!address->isNullValue()) addresses_.emplace(at, address);
  }
  void put_number(std::size_t at, std::uint64_t number, std::size_t size = 8) {
    std::memcpy(&bytes_[at], &number, size);
  }

  /// The finished image as a private constant.
  llvm::Constant* global(const char* name) {
    llvm::SmallVector<llvm::Constant*> pieces;
    std::size_t done = 0;
    const auto plain_until = [&](std::size_t end) {
      if (end == done) return;
      pieces.push_back(llvm::ConstantDataArray::getString(data_.module_.getContext(),
                                                          llvm::StringRef(&bytes_[done], end - done), false));
      done = end;
    };
    for (const auto& [at, address] : addresses_) {
      plain_until(at);
      pieces.push_back(address);
      done = at + sizeof(void*);
    }
    plain_until(bytes_.size());
    llvm::Constant* const content = llvm::ConstantStruct::getAnon(data_.module_.getContext(), pieces, true);
    auto* const global = new llvm::GlobalVariable(data_.module_, content->getType(), true,
                                                  llvm::GlobalValue::PrivateLinkage, content, name);
    global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    global->setAlignment(llvm::Align(8));
    return global;
  }

 private:
  static std::uint64_t low_bits(llvm::Value* number) { return llvm::cast<llvm::ConstantInt>(number)->getZExtValue(); }

  void put_words(std::size_t at, const Words& words, std::initializer_list<std::size_t> offsets) {
    const auto* offset = offsets.begin();
    for (llvm::Value* const word : words) {
      const std::size_t place = at + *offset++;
      if (auto* number = llvm::dyn_cast<llvm::ConstantInt>(word)) {
        put_number(place, number->getZExtValue());
      } else if (auto* real = llvm::dyn_cast<llvm::ConstantFP>(word)) {
        put_number(place, real->getValueAPF().bitcastToAPInt().getZExtValue());
      } else {
        put_address(place, llvm::cast<llvm::Constant>(word));
      }
    }
  }

  void put_optional(std::size_t at, const ir::Value& value, ir::TypeId inner) {
    if (std::holds_alternative<ir::AbsentValue>(value.node)) return;
    if (ir::optional_is_address(data_.types_.kind(inner))) {
      return put_address(at, data_.stored(value, inner));
    }
    put(at, value, inner);
    bytes_[at + data_.types_.storage(inner).size] = 1;
  }

  void put_table(std::size_t at, const ir::Value& value, ir::TypeId id) {
    const ir::Type& type = data_.types_[id];
    const auto layout = data_.types_.entry_layout(id);
    std::size_t count = 0;
    llvm::Constant* entries = nullptr;
    if (type.kind == Kind::kSet) {
      count = items_of(value).size();
      entries = data_.elements(items_of(value), type.first);
    } else {
      const auto& items = std::get<ir::Entries>(value.node).items;
      count = items.size();
      StorageImage image(data_, count * layout.stride);
      for (std::size_t i = 0; i < count; ++i) {
        image.put(i * layout.stride, items[i].key, type.first);
        image.put(i * layout.stride + layout.value_offset, items[i].value, type.second);
      }
      entries = image.global("entries");
    }
    put_address(at + offsetof(runtime::Table, entries), entries);
    put_number(at + offsetof(runtime::Table, size), count);
    // INVARIANT: constants ascend (ir/image.h), so bigger ones are searched by halves.
    const bool linear = static_cast<std::int64_t>(count) <= ir::cost::kLinearEntries;
    put_number(at + offsetof(runtime::Table, index_mask),
               linear ? 0 : static_cast<std::uint64_t>(runtime::kSortedTable));
  }

  ConstantData& data_;
  std::vector<char> bytes_;
  std::map<std::size_t, llvm::Constant*> addresses_;
};

llvm::Constant* ConstantData::number(std::uint64_t value) const { return llvm::ConstantInt::get(machine_.word, value); }

Words ConstantData::words(const ir::Constant& constant) {
  const auto [found, is_new] = words_.try_emplace(&constant);
  if (is_new) found->second = words(constant.value, constant.type);
  return found->second;
}

Words ConstantData::zeros(ir::TypeId type) const {
  Words words;
  for (llvm::Type* const word : word_types(type, types_, machine_)) {
    words.push_back(llvm::Constant::getNullValue(word));
  }
  return words;
}

Words ConstantData::words(const ir::Value& value, ir::TypeId id) {
  const ir::Type& type = types_[id];
  switch (type.kind) {
    case Kind::kBool:
      return {llvm::ConstantInt::get(machine_.bit, std::get<bool>(value.node) ? 1 : 0)};
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return {number(static_cast<std::uint64_t>(std::get<std::int64_t>(value.node)))};
    case Kind::kUint:
      return {number(std::get<ir::UintValue>(value.node).value)};
    case Kind::kDouble:
      return {llvm::ConstantFP::get(machine_.real, std::get<double>(value.node))};
    case Kind::kEnum:
      return {number(std::get<ir::EnumValue>(value.node).number)};
    case Kind::kString:
    case Kind::kBytes: {
      const auto& bytes = std::get<std::string>(value.node);
      return {text(bytes), number(bytes.size())};
    }
    case Kind::kIp: {
      const auto& ip = std::get<runtime::Ip>(value.node);
      return {number(ip.high), number(ip.low)};
    }
    case Kind::kCidr: {
      const auto& cidr = std::get<runtime::Cidr>(value.node);
      return {number(cidr.network.high), number(cidr.network.low), number(static_cast<std::uint64_t>(cidr.prefix))};
    }
    case Kind::kList:
      return {elements(items_of(value), type.first), number(items_of(value).size())};
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kMap:
      return {stored(value, id)};
    case Kind::kOptional: {
      // absent: zero words, as many and of the same types as those of a T?
      if (std::holds_alternative<ir::AbsentValue>(value.node)) return zeros(id);
      Words words = this->words(value, type.first);
      if (!ir::optional_is_address(types_.kind(type.first))) {
        words.push_back(llvm::ConstantInt::get(machine_.bit, 1));
      }
      return words;
    }
  }
  WRIT_UNREACHABLE();
}

llvm::Constant* ConstantData::stored(const ir::Value& value, ir::TypeId type) {
  StorageImage image(*this, types_.storage(type).size);
  image.put(0, value, type);
  return image.global("constant");
}

llvm::Constant* ConstantData::elements(std::span<const ir::Value> items, ir::TypeId type) {
  if (items.empty()) return llvm::ConstantPointerNull::get(machine_.address);
  const std::size_t stride = types_.stride(type);
  StorageImage image(*this, items.size() * stride);
  for (std::size_t i = 0; i < items.size(); ++i) image.put(i * stride, items[i], type);
  return image.global("elements");
}

llvm::Constant* ConstantData::text(std::string_view bytes) {
  const auto found = texts_.find(bytes);
  if (found != texts_.end()) return found->second;
  return texts_.emplace(bytes, this->bytes(bytes, "text")).first->second;
}

llvm::Constant* ConstantData::bytes(std::string_view bytes, const char* name) {
  llvm::Constant* const content =
      llvm::ConstantDataArray::getString(module_.getContext(), llvm::StringRef(bytes.data(), bytes.size()), false);
  auto* const global =
      new llvm::GlobalVariable(module_, content->getType(), true, llvm::GlobalValue::PrivateLinkage, content, name);
  global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  global->setAlignment(llvm::Align(8));
  return global;
}

llvm::Constant* ConstantData::index(std::span<const std::string> keys) {
  const std::optional<IndexTables> tables = make_index(keys);
  if (!tables) return nullptr;
  std::string blob;
  std::vector<ConstantIndex::Slot> slots(tables->slots.size(), {.entry = kFreeSlot, .offset = 0, .size = 0});
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::uint32_t key = tables->slots[i];
    if (key == kFreeSlot) continue;
    slots[i] = {.entry = key,
                .offset = static_cast<std::uint32_t>(blob.size()),
                .size = static_cast<std::uint32_t>(keys[key].size())};
    blob += keys[key];
  }
  const auto raw = [&](const auto& items, const char* name) {
    // SAFETY: numbers without padding, read back as the same type by find_constant.
    return bytes({reinterpret_cast<const char*>(items.data()), items.size() * sizeof(items[0])}, name);
  };
  StorageImage image(*this, sizeof(ConstantIndex));
  image.put_address(offsetof(ConstantIndex, displacements), raw(tables->displacements, "displacements"));
  image.put_address(offsetof(ConstantIndex, slots), raw(slots, "slots"));
  image.put_address(offsetof(ConstantIndex, keys), bytes(blob, "keys"));
  image.put_number(offsetof(ConstantIndex, seed), tables->seed);
  image.put_number(offsetof(ConstantIndex, bucket_mask), tables->displacements.size() - 1, 4);
  image.put_number(offsetof(ConstantIndex, slot_mask), tables->slots.size() - 1, 4);
  return image.global("index");
}

}  // namespace writ::jit
