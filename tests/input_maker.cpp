#include "tests/input_maker.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "support/check.h"
#include "support/overloaded.h"

namespace writ::tests {
namespace {

using ir::Kind;

constexpr std::int64_t kUnboundedSize = 24;  // the most of what has no bound

void collect(const ir::Value& value, Vocabulary& out) {
  std::visit(support::Overloaded{[&](std::int64_t number) { out.numbers.push_back(number); },
                                 [&](const std::string& text) { out.words.push_back(text); },
                                 [&](const ir::Sequence& sequence) {
                                   for (const ir::Value& item : sequence.items) collect(item, out);
                                 },
                                 [&](const ir::Entries& entries) {
                                   for (const ir::Entry& entry : entries.items) {
                                     collect(entry.key, out);
                                     collect(entry.value, out);
                                   }
                                 },
                                 [](const auto& /*others*/) {}},
             value.node);
}

/// At most `bytes` of it, cut where a code point begins.
std::string cut(std::string text, std::int64_t bytes) {
  if (static_cast<std::int64_t>(text.size()) <= bytes) return text;
  auto end = static_cast<std::size_t>(bytes);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

}  // namespace

Vocabulary vocabulary_of(const ir::Program& program, const ir::Config& config) {
  Vocabulary out;
  for (const ir::Constant& constant : program.constants) collect(constant.value, out);
  for (const ir::Constant& constant : config.constants) collect(constant.value, out);
  return out;
}

InputMaker::InputMaker(const ir::Types& types, Vocabulary vocabulary, std::uint64_t seed)
    : types_(types), vocabulary_(std::move(vocabulary)), random_(seed) {
  if (vocabulary_.words.empty()) vocabulary_.words.emplace_back("word");
  if (vocabulary_.numbers.empty()) vocabulary_.numbers.push_back(1);
}

std::int64_t InputMaker::size_of(const ir::Type& type) {
  const std::int64_t low = type.bound.low.value_or(0);
  const std::int64_t high = type.bound.high.value_or(std::max(low, kUnboundedSize));
  if (manner_ == Manner::kMost) return high;
  if (manner_ == Manner::kLeast) return low;
  switch (below(4)) {
    case 0:
      return high;
    case 1:
      return low;
    default:
      return low +
             static_cast<std::int64_t>(below(static_cast<std::uint64_t>(std::min(high - low, kUnboundedSize)) + 1));
  }
}

std::int64_t InputMaker::number_of(const ir::Type& type) {
  // Far enough from the ends that sums of a few do not overflow, and still large.
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  const std::int64_t low = type.bound.low.value_or(type.kind == Kind::kUint ? 0 : -kFar);
  const std::int64_t high = std::max(low, type.bound.high.value_or(kFar));
  if (manner_ == Manner::kMost) return high;
  if (manner_ == Manner::kLeast) return low;
  const std::int64_t known = vocabulary_.numbers[below(vocabulary_.numbers.size())];
  const std::int64_t near = known >= kFar || known <= -kFar ? known : known + static_cast<std::int64_t>(below(3)) - 1;
  switch (below(4)) {
    case 0:
      return high;
    case 1:
      return low;
    case 2:
      return std::clamp(near, low, high);
    default:
      return low +
             static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1));
  }
}

/// A word of the program, then as many of one character as its size asks for.
std::string InputMaker::text_of(const ir::Type& type) {
  constexpr std::string_view kFillers[] = {"a", "/", ",", " ", ".", "-", "0", "B", "\"", "é", "\t"};
  const std::int64_t size = size_of(type);
  std::string text;
  if (below(2) == 0) text = vocabulary_.words[below(vocabulary_.words.size())];
  const std::int64_t high = type.bound.high.value_or(std::numeric_limits<std::int64_t>::max());
  if (below(4) == 0 && manner_ == Manner::kAny) return cut(text, high);
  const std::string& word = vocabulary_.words[below(vocabulary_.words.size())];
  const std::string_view filler =
      below(4) == 0 && !word.empty() ? std::string_view(word) : kFillers[below(std::size(kFillers))];
  while (static_cast<std::int64_t>(text.size() + filler.size()) <= size) text += filler;
  while (static_cast<std::int64_t>(text.size()) < size) text += "x";
  return cut(std::move(text), std::min(size, high));
}

ir::Value InputMaker::plain(const ir::Type& type) {
  switch (type.kind) {
    case Kind::kBool:
      return {below(2) == 0};
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return {number_of(type)};
    case Kind::kUint:
      return {ir::UintValue{static_cast<std::uint64_t>(number_of(type))}};
    case Kind::kDouble:
      return {type.bound.low ? std::bit_cast<double>(*type.bound.low) : static_cast<double>(below(1000)) / 8};
    case Kind::kString:
      return {text_of(type)};
    case Kind::kBytes:
      return {text_of(type)};
    case Kind::kIp:
      return {below(2) == 0 ? runtime::Ip{0, 0xFFFF'0000'0000 | below(1ULL << 32)} : runtime::Ip{random_(), random_()}};
    case Kind::kCidr:
      return {runtime::Cidr{{0, 0xFFFF'0A00'0000}, 104}};
    case Kind::kEnum:
      return {ir::EnumValue{static_cast<std::uint32_t>(below(types_.enum_type(type.decl).enumerators.size()))}};
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
      break;
  }
  WRIT_UNREACHABLE();
}

/// Up to `count` different ones.
std::vector<ir::Value> InputMaker::keys(ir::TypeId id, std::int64_t count) {
  std::vector<ir::Value> found;
  for (std::int64_t tries = 0; tries < 8 * count && std::ssize(found) < count; ++tries) {
    const Manner manner = std::exchange(manner_, tries < count ? manner_ : Manner::kAny);
    ir::Value key = make(id);
    manner_ = manner;
    const bool is_known =
        std::ranges::any_of(found, [&](const ir::Value& known) { return ir::equal(known, key, id, types_); });
    if (!is_known) found.push_back(std::move(key));
  }
  return found;
}

ir::Value InputMaker::make(ir::TypeId id) {
  const ir::Type& type = types_[id];
  switch (type.kind) {
    case Kind::kOptional: {
      const bool is_there = manner_ == Manner::kMost || (manner_ == Manner::kAny && below(3) != 0);
      if (!is_there) return {ir::AbsentValue{}};
      return make(type.first);
    }
    case Kind::kRecord: {
      ir::Sequence fields;
      for (const ir::Field& field : types_.record_type(type.decl).fields) fields.items.push_back(make(field.type));
      return {std::move(fields)};
    }
    case Kind::kList: {
      ir::Sequence items;
      const std::int64_t size = size_of(type);
      for (std::int64_t i = 0; i < size; ++i) items.items.push_back(make(type.first));
      return {std::move(items)};
    }
    case Kind::kSet:
      return {ir::Sequence{keys(type.first, size_of(type))}};
    case Kind::kMap: {
      ir::Entries entries;
      for (ir::Value& key : keys(type.first, size_of(type)))
        entries.items.push_back({std::move(key), make(type.second)});
      return {std::move(entries)};
    }
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
      return plain(type);
  }
  WRIT_UNREACHABLE();
}

std::vector<std::uint64_t> InputMaker::make_words(const std::vector<ir::Local>& parameters, ir::Image& image,
                                                  std::uint64_t seed) {
  image.reset();
  constexpr Manner kManners[] = {Manner::kMost, Manner::kLeast, Manner::kAny, Manner::kAny};
  manner_ = kManners[below(std::size(kManners))];
  std::vector<std::uint64_t> words;
  for (const ir::Local& parameter : parameters) {
    const ir::Words value = ir::write_value(image, make(parameter.type), parameter.type, types_, false, seed);
    words.insert(words.end(), value.begin(), value.begin() + types_.words(parameter.type));
  }
  manner_ = Manner::kAny;
  return words;
}

}  // namespace writ::tests
