#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <map>
#include <set>

#include "ir/cost.h"
#include "jit/function_lowering.h"
#include "jit/program_shape.h"
#include "jit/runtime_calls.h"
#include "runtime/abi.h"
#include "support/check.h"

namespace writ::jit {
namespace {

using runtime::Cidr;
using runtime::Ip;
using runtime::Kind;
using runtime::Trap;
using Keys = std::vector<const ir::Value*>;

/// Up to this many texts, and this many keys of other kinds, are compared by code; more are found by a perfect hash.
constexpr std::size_t kTextsInCode = 8;
constexpr std::size_t kWordsInCode = 64;
constexpr std::size_t kOthersInCode = 8;
/// Up to this many networks are compared by code; more are searched as sorted ranges.
constexpr std::size_t kNetworksInCode = 16;

bool is_text(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }

Keys keys_of(const ir::Constant& constant) {
  Keys keys;
  if (const auto* items = std::get_if<ir::Sequence>(&constant.value.node)) {
    for (const ir::Value& item : items->items) keys.push_back(&item);
  } else {
    for (const ir::Entry& entry : std::get<ir::Entries>(constant.value.node).items) {
      keys.push_back(&entry.key);
    }
  }
  return keys;
}

/// A one-word key's bits.
std::uint64_t word_of(const ir::Value& key) {
  if (const auto* number = std::get_if<std::int64_t>(&key.node)) {
    return static_cast<std::uint64_t>(*number);
  }
  if (const auto* number = std::get_if<ir::UintValue>(&key.node)) return number->value;
  if (const auto* number = std::get_if<ir::EnumValue>(&key.node)) return number->number;
  return std::get<bool>(key.node) ? 1 : 0;
}

/// A key as find_constant sees it: its text, or its words in memory. -0.0 is 0.0; nothing for NaN, which equals no key.
std::optional<std::string> key_bytes(const ir::Value& key) {
  const auto words = [](std::initializer_list<std::uint64_t> list) {
    std::string bytes(list.size() * sizeof(std::uint64_t), '\0');
    std::memcpy(bytes.data(), list.begin(), bytes.size());
    return bytes;
  };
  if (const auto* text = std::get_if<std::string>(&key.node)) return *text;
  if (const auto* ip = std::get_if<Ip>(&key.node)) return words({ip->high, ip->low});
  if (const auto* cidr = std::get_if<Cidr>(&key.node)) {
    return words({cidr->network.high, cidr->network.low, static_cast<std::uint64_t>(cidr->prefix)});
  }
  if (const auto* real = std::get_if<double>(&key.node)) {
    if (std::isnan(*real)) return std::nullopt;
    return words({std::bit_cast<std::uint64_t>(*real + 0.0)});
  }
  return words({word_of(key)});
}

std::uint64_t mask_word(std::int64_t prefix) {
  return prefix <= 0 ? 0 : prefix >= 64 ? ~std::uint64_t{0} : ~(~std::uint64_t{0} >> prefix);
}
Ip mask_of(const Cidr& network) { return {mask_word(network.prefix), mask_word(network.prefix - 64)}; }

bool is_v4(const Cidr& network) {
  return network.network.high == 0 && network.network.low >> 32 == 0xFFFF && network.prefix >= 96;
}

/// The networks as ranges that ascend and do not touch.
std::vector<AddressRange> ranges_of(const std::vector<Cidr>& networks) {
  std::vector<AddressRange> ranges;
  for (const Cidr& network : networks) {
    const Ip mask = mask_of(network);
    ranges.push_back({network.network, {network.network.high | ~mask.high, network.network.low | ~mask.low}});
  }
  std::ranges::sort(ranges, {}, &AddressRange::first);
  std::vector<AddressRange> merged;
  for (const AddressRange& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().last) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::vector<Cidr> networks_of(const ir::Constant& constant) {
  std::vector<Cidr> networks;
  for (const ir::Value* item : keys_of(constant)) networks.push_back(std::get<Cidr>(item->node));
  return networks;
}

/// Addresses as the networks of just one address.
std::vector<Cidr> as_networks(const Keys& keys) {
  std::vector<Cidr> networks;
  for (const ir::Value* key : keys) networks.push_back({std::get<Ip>(key->node), 128});
  return networks;
}

}  // namespace

void FunctionLowering::charge_lookup(ir::TypeId type, const ir::Expr* key, const Words& words, ir::PlaceId place) {
  if (!is_text(m_.program.types.kind(type))) return;
  if (key != nullptr) {
    const auto bytes = most_bytes(*key, m_.program, m_.config);
    if (bytes && ir::cost::lookup_fuel(*bytes) == 0) return;
  }
  charge(b_.CreateAShr(words[1], ir::cost::kLookupShift), place);
}

// ---- a key in a constant collection ------------------------------------------------------------

Words FunctionLowering::expression(const ir::Expr& expr, const ir::ConstantHas& node) {
  const Words key = evaluate(*node.key);
  const ir::TypeId type = m_.program.types[node.constant->type].first;
  charge_lookup(type, node.key.get(), key, expr.place);
  const ir::Constant* const constant = constant_of(*node.constant, m_.program, m_.config);
  WRIT_CHECK(constant != nullptr);
  return {constant_has(keys_of(*constant), key, type)};
}

llvm::Value* FunctionLowering::constant_has(const Keys& keys, const Words& key, ir::TypeId type) {
  if (keys.empty()) return b_.getFalse();
  const Kind kind = m_.program.types.kind(type);
  if (is_text(kind)) {
    if (keys.size() <= kTextsInCode) return has_text(keys, key);
  } else if (key.size() == 1 && kind != Kind::kDouble && kind != Kind::kBool) {
    if (keys.size() <= kWordsInCode) return has_word(keys, key[0]);
  } else if (kind == Kind::kIp && keys.size() <= kNetworksInCode) {
    return in_networks(as_networks(keys), key);
  } else if (keys.size() <= kOthersInCode) {
    return has_one_by_one(keys, key, type);
  }
  return b_.CreateICmpSGE(index_find(keys, key, type), number(0));
}

llvm::Value* FunctionLowering::has_word(const Keys& keys, llvm::Value* word) {
  std::set<std::uint64_t> words;
  for (const ir::Value* key : keys) words.insert(word_of(*key));
  return choose([&](Block* yes, Block* no) {
    llvm::SwitchInst* const choice = b_.CreateSwitch(word, no, static_cast<unsigned>(words.size()));
    for (const std::uint64_t each : words) choice->addCase(number(each), yes);
  });
}

llvm::Value* FunctionLowering::has_text(const Keys& keys, const Words& key) {
  std::map<std::size_t, std::set<std::string_view>> by_size;
  for (const ir::Value* each : keys) {
    const auto& text = std::get<std::string>(each->node);
    by_size[text.size()].insert(text);
  }
  return choose([&](Block* yes, Block* no) {
    llvm::SwitchInst* const choice = b_.CreateSwitch(key[1], no, static_cast<unsigned>(by_size.size()));
    for (const auto& [size, texts] : by_size) {
      Block* const same_size = block("");
      choice->addCase(number(size), same_size);
      b_.SetInsertPoint(same_size);
      for (const std::string_view text : texts) {
        Block* const next = block("");
        llvm::Value* const equal =
            size == 0 ? b_.getTrue() : bytes_equal(key[0], m_.constants().text(text), number(size));
        b_.CreateCondBr(equal, yes, next);
        b_.SetInsertPoint(next);
      }
      jump(no);
    }
  });
}

llvm::Value* FunctionLowering::has_one_by_one(const Keys& keys, const Words& key, ir::TypeId type) {
  llvm::Value* found = b_.getFalse();
  for (const ir::Value* each : keys) {
    const Words constant = m_.constants().words(*each, type);
    llvm::Value* const equal = m_.program.types.kind(type) == Kind::kDouble ? b_.CreateFCmpOEQ(key[0], constant[0])
                                                                            : words_equal(key, constant);
    found = b_.CreateOr(found, equal);
  }
  return found;
}

llvm::Value* FunctionLowering::index_find(const Keys& keys, const Words& key, ir::TypeId type) {
  std::vector<std::string> distinct;
  std::set<std::string> seen;
  for (const ir::Value* each : keys) {
    if (auto bytes = key_bytes(*each); bytes && seen.insert(*bytes).second) {
      distinct.push_back(std::move(*bytes));
    }
  }
  llvm::Constant* const index = m_.constants().index(distinct);
  if (index == nullptr) {
    m_.refuse("the keys of a constant collection cannot be told apart by any of our hashes");
    return number(~std::uint64_t{0});
  }
  const auto find = m_.runtime_call(RuntimeCall::kConstantFind);
  if (is_text(m_.program.types.kind(type))) return b_.CreateCall(find, {index, key[0], key[1]});
  Words words = key;
  if (words[0]->getType() == m_.machine.real) {
    words[0] = b_.CreateFAdd(words[0], llvm::ConstantFP::get(m_.machine.real, 0.0));  // -0.0 is 0.0
  }
  return b_.CreateCall(find, {index, put_arguments({words}), number(8 * words.size())});
}

// ---- entries of sets and maps ------------------------------------------------------------------

llvm::Value* FunctionLowering::table_layout(ir::TypeId table) {
  const auto layout = m_.program.types.entry_layout(table);
  const runtime::TableLayout bytes{.key = m_.program.types.kind(m_.program.types[table].first),
                                   .value_offset = layout.value_offset,
                                   .stride = layout.stride};
  std::string image(sizeof bytes, '\0');
  image[offsetof(runtime::TableLayout, key)] = static_cast<char>(bytes.key);
  std::memcpy(&image[offsetof(runtime::TableLayout, value_offset)], &bytes.value_offset, 4);
  std::memcpy(&image[offsetof(runtime::TableLayout, stride)], &bytes.stride, 4);
  return m_.constants().text(image);
}

llvm::Value* FunctionLowering::find_entry(const ir::Expr& table, const Words& words, const Words& key) {
  const ir::Constant* const constant = constant_of(table, m_.program, m_.config);
  if (constant != nullptr) return find_constant_entry(*constant, words, key);
  llvm::Value* const seed = load_word(frame_field(offsetof(runtime::Frame, hash_seed)));
  return b_.CreateCall(m_.runtime_call(RuntimeCall::kTableFind),
                       {words[0], table_layout(table.type), put_arguments({key}), seed});
}

llvm::Value* FunctionLowering::find_constant_entry(const ir::Constant& constant, const Words& words, const Words& key) {
  const Keys keys = keys_of(constant);
  if (keys.empty()) return zero(m_.machine.address);
  llvm::Value* const entry = index_find(keys, key, m_.program.types[constant.type].first);
  Block* const from = b_.GetInsertBlock();
  Block* const found = block("found");
  Block* const next = block("");
  b_.CreateCondBr(b_.CreateICmpULT(entry, number(keys.size())), found, next);  // none is -1
  b_.SetInsertPoint(found);
  llvm::Value* const entries = load_address(offset(words[0], offsetof(runtime::Table, entries)));
  const Words address{element(entries, entry, m_.program.types.entry_layout(constant.type).stride)};
  jump(next);
  b_.SetInsertPoint(next);
  return merge({zero(m_.machine.address)}, from, address, found)[0];
}

llvm::Value* FunctionLowering::find_entry(const ir::Expr& table, const ir::Expr& key, ir::PlaceId place) {
  const Words words = evaluate(table);
  const Words wanted = evaluate(key);
  charge_lookup(m_.program.types[table.type].first, &key, wanted, place);
  return find_entry(table, words, wanted);
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::MapGet& node) {
  llvm::Value* const entry = find_entry(*node.map, *node.key, expr.place);
  trap_if(b_.CreateIsNull(entry), Trap::kNoSuchKey, expr.place);
  const auto layout = m_.program.types.entry_layout(node.map->type);
  return load(offset(entry, layout.value_offset), m_.program.types[node.map->type].second);
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::MapFind& node) {
  llvm::Value* const entry = find_entry(*node.map, *node.key, expr.place);
  const ir::TypeId type = m_.program.types[node.map->type].second;
  Block* const from = b_.GetInsertBlock();
  Block* const found = block("found");
  Block* const next = block("");
  b_.CreateCondBr(b_.CreateIsNotNull(entry), found, next);
  b_.SetInsertPoint(found);
  Words words = load(offset(entry, m_.program.types.entry_layout(node.map->type).value_offset), type);
  if (!ir::optional_is_address(m_.program.types.kind(type))) words.push_back(b_.getTrue());
  jump(next);
  b_.SetInsertPoint(next);
  return merge(zero_words(expr.type), from, words, found);
}

Words FunctionLowering::expression(const ir::Expr& expr, const ir::TableHas& node) {
  return {b_.CreateIsNotNull(find_entry(*node.table, *node.key, expr.place))};
}

// ---- networks ----------------------------------------------------------------------------------

Words FunctionLowering::expression(const ir::Expr&, const ir::InNetworks& node) {
  const Words address = evaluate(*node.address);
  const ir::Constant* const constant = constant_of(*node.constant, m_.program, m_.config);
  WRIT_CHECK(constant != nullptr);
  const std::vector<Cidr> networks = networks_of(*constant);
  if (networks.size() > kNetworksInCode) return {in_ranges(networks, address)};
  return {in_networks(networks, address)};
}

llvm::Value* FunctionLowering::in_networks(const std::vector<Cidr>& networks, const Words& address) {
  if (std::ranges::all_of(networks, is_v4)) return in_v4_networks(networks, address);
  llvm::Value* found = b_.getFalse();
  for (const Cidr& network : networks) {
    const Ip mask = mask_of(network);
    const auto same = [&](llvm::Value* word, std::uint64_t bits, std::uint64_t wanted) {
      return b_.CreateICmpEQ(b_.CreateAnd(word, number(bits)), number(wanted));
    };
    found = b_.CreateOr(found, b_.CreateAnd(same(address[0], mask.high, network.network.high),
                                            same(address[1], mask.low, network.network.low)));
  }
  return found;
}

llvm::Value* FunctionLowering::in_v4_networks(const std::vector<Cidr>& networks, const Words& address) {
  constexpr std::uint64_t kV4 = 0xFFFF;
  llvm::Value* const is_v4 =
      b_.CreateAnd(b_.CreateICmpEQ(address[0], number(0)), b_.CreateICmpEQ(b_.CreateLShr(address[1], 32), number(kV4)));
  llvm::Value* const v4 = b_.CreateTrunc(address[1], m_.machine.half);
  llvm::Value* found = b_.getFalse();
  for (const Cidr& network : networks) {
    const auto mask = static_cast<std::uint32_t>(mask_of(network).low);
    const auto wanted = static_cast<std::uint32_t>(network.network.low);
    found = b_.CreateOr(found, b_.CreateICmpEQ(b_.CreateAnd(v4, b_.getInt32(mask)), b_.getInt32(wanted)));
  }
  return b_.CreateAnd(is_v4, found);
}

llvm::Value* FunctionLowering::in_ranges(const std::vector<Cidr>& networks, const Words& address) {
  const std::vector<AddressRange> ranges = ranges_of(networks);
  // SAFETY: four words a range without padding, read back as the same type by in_ranges.
  const std::string_view bytes(reinterpret_cast<const char*>(ranges.data()), ranges.size() * sizeof(AddressRange));
  llvm::Value* const inside =
      b_.CreateCall(m_.runtime_call(RuntimeCall::kInRanges),
                    {m_.constants().bytes(bytes, "ranges"), number(ranges.size()), address[0], address[1]});
  return b_.CreateICmpNE(inside, zero(m_.machine.byte));
}

}  // namespace writ::jit
