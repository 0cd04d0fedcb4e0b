// Derives a row of the built-in table from a C++ function: parameter and result types, and the thunk both engines call.
//
// A built-in is a free function of views: `std::int64_t size(std::string_view)`. Where it makes something it takes `Call&`
// first; where it can fail it returns `std::expected<T, runtime::Trap>`. Arguments hold any bytes: a function must be safe on
// text that is not UTF-8. What it does not do: look up names or overloads (frontend/check does).
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "runtime/abi.h"
#include "stdlib/builtin.h"
#include "stdlib/prepared.h"

namespace writ::stdlib {

using runtime::Kind;
using runtime::Trap;
template <typename T>
using OrTrap = std::expected<T, Trap>;

/// Types that C++ would not tell from std::int64_t.
struct Uint {
  std::uint64_t value;
};
struct Duration {
  std::int64_t nanoseconds;
};
struct Timestamp {
  std::int64_t nanoseconds;  // since 1970-01-01T00:00:00Z
};

/// A list<T> in the arena.
template <typename T>
using List = std::span<const T>;

/// What a function may draw on while it runs: the arena of the call.
class Call {
 public:
  explicit Call(runtime::Frame& frame) : frame_(frame) {}

  /// Room for `count` of T, charged before it is written; null when the quota does not hold it. `count` is positive.
  template <typename T>
  [[nodiscard]] T* allocate(std::uint64_t count) {
    static_assert(alignof(T) <= 8 && std::is_trivially_destructible_v<T>);
    // SAFETY: the arena is 8-aligned and holds the bytes; T is an implicit-lifetime type.
    return reinterpret_cast<T*>(runtime::allocate(frame_, count * sizeof(T)));
  }

  /// Pays for `bytes` that are about to be written, beside what the row's rule took for what is read.
  [[nodiscard]] bool charge_output(std::uint64_t bytes) {
    return runtime::charge_fuel(frame_, static_cast<std::int64_t>(bytes >> kOutputShift));
  }

  /// Pays for work that the row's rule could not know of; how much at most, FuelRule::more says.
  [[nodiscard]] bool charge(std::int64_t fuel) { return runtime::charge_fuel(frame_, fuel); }

  /// A copy of `text` in the arena.
  [[nodiscard]] OrTrap<std::string_view> copy(std::string_view text) {
    if (text.empty()) return std::string_view{};
    char* const out = allocate<char>(text.size());
    if (out == nullptr) return std::unexpected(Trap::kOutOfMemory);
    std::memcpy(out, text.data(), text.size());
    return std::string_view(out, text.size());
  }

 private:
  runtime::Frame& frame_;
};

// ---- words -------------------------------------------------------------------------------------

/// How a C++ type travels as words (runtime/abi.h).
template <typename T>
struct Wire;

template <typename T, Kind kKind>
struct OneWord {
  static constexpr Type kType{kKind};
  static constexpr std::size_t kWords = 1;
  static T load(const std::uint64_t* words) { return std::bit_cast<T>(words[0]); }
  static void store(T value, std::uint64_t* words) { words[0] = std::bit_cast<std::uint64_t>(value); }
};
template <>
struct Wire<std::int64_t> : OneWord<std::int64_t, Kind::kInt> {};
template <>
struct Wire<Uint> : OneWord<Uint, Kind::kUint> {};
template <>
struct Wire<double> : OneWord<double, Kind::kDouble> {};
template <>
struct Wire<Duration> : OneWord<Duration, Kind::kDuration> {};
template <>
struct Wire<Timestamp> : OneWord<Timestamp, Kind::kTimestamp> {};

template <>
struct Wire<bool> {
  static constexpr Type kType{Kind::kBool};
  static constexpr std::size_t kWords = 1;
  static bool load(const std::uint64_t* words) { return words[0] != 0; }
  static void store(bool value, std::uint64_t* words) { words[0] = value ? 1 : 0; }
};

template <>
struct Wire<std::string_view> {
  static constexpr Type kType{Kind::kString};
  static constexpr std::size_t kWords = 2;
  static std::string_view load(const std::uint64_t* words) {
    // SAFETY: the engine hands the address and size of a string that outlives the call.
    return {reinterpret_cast<const char*>(words[0]), words[1]};
  }
  static void store(std::string_view value, std::uint64_t* words) {
    words[0] = reinterpret_cast<std::uint64_t>(value.data());
    words[1] = value.size();
  }
};

/// A text that names a time zone.
struct ZoneText {
  std::string_view text;
};
template <>
struct Wire<ZoneText> {
  static constexpr Type kType{.kind = Kind::kString, .reading = Reading::kZone};
  static constexpr std::size_t kWords = 2;
  static ZoneText load(const std::uint64_t* words) { return {Wire<std::string_view>::load(words)}; }
};

/// A text that is a glob pattern.
struct GlobText {
  std::string_view text;
};
template <>
struct Wire<GlobText> {
  static constexpr Type kType{.kind = Kind::kString, .reading = Reading::kGlob};
  static constexpr std::size_t kWords = 2;
  static GlobText load(const std::uint64_t* words) { return {Wire<std::string_view>::load(words)}; }
};

/// A constant that the release made ready: its words are its number and 0.
template <typename T, Kind kKind, Reading kReading, Kind kElement = Kind::kBool>
struct PreparedWire {
  static constexpr Type kType{.kind = kKind, .element = kElement, .reading = kReading};
  static constexpr std::size_t kWords = 2;
  static T load(const runtime::Frame& frame, const std::uint64_t* words) { return T{frame.prepared->at(words[0])}; }
};
struct Pattern {
  const Regex& regex;
  explicit Pattern(const PreparedValue& value) : regex(std::get<Regex>(value)) {}
};
struct Extraction : Pattern {
  using Pattern::Pattern;
};
struct Words {
  const WordFinder& finder;
  explicit Words(const PreparedValue& value) : finder(std::get<WordFinder>(value)) {}
};
template <>
struct Wire<Pattern> : PreparedWire<Pattern, Kind::kString, Reading::kPattern> {};
template <>
struct Wire<Extraction> : PreparedWire<Extraction, Kind::kString, Reading::kExtraction> {};
template <>
struct Wire<Words> : PreparedWire<Words, Kind::kList, Reading::kWords, Kind::kString> {};

struct Bytes {
  std::string_view data;
};
template <>
struct Wire<Bytes> {
  static constexpr Type kType{Kind::kBytes};
  static constexpr std::size_t kWords = 2;
  static Bytes load(const std::uint64_t* words) { return {Wire<std::string_view>::load(words)}; }
  static void store(Bytes value, std::uint64_t* words) { Wire<std::string_view>::store(value.data, words); }
};

template <>
struct Wire<runtime::Ip> {
  static constexpr Type kType{Kind::kIp};
  static constexpr std::size_t kWords = 2;
  static runtime::Ip load(const std::uint64_t* words) { return {words[0], words[1]}; }
  static void store(runtime::Ip value, std::uint64_t* words) {
    words[0] = value.high;
    words[1] = value.low;
  }
};

template <>
struct Wire<runtime::Cidr> {
  static constexpr Type kType{Kind::kCidr};
  static constexpr std::size_t kWords = 3;
  static runtime::Cidr load(const std::uint64_t* words) {
    return {{words[0], words[1]}, static_cast<std::int64_t>(words[2])};
  }
  static void store(const runtime::Cidr& value, std::uint64_t* words) {
    Wire<runtime::Ip>::store(value.network, words);
    words[2] = static_cast<std::uint64_t>(value.prefix);
  }
};

template <typename T>
struct Wire<List<T>> {
  static constexpr Type kType{Kind::kList, Wire<T>::kType.kind};
  static constexpr std::size_t kWords = 2;
  static List<T> load(const std::uint64_t* words) {
    // SAFETY: the engine hands the address and size of a list that outlives the call; T lies in it as in C++.
    return {reinterpret_cast<const T*>(words[0]), words[1]};
  }
  static void store(List<T> value, std::uint64_t* words) {
    words[0] = reinterpret_cast<std::uint64_t>(value.data());
    words[1] = value.size();
  }
};

template <typename T>
struct Wire<std::optional<T>> {  // results only
  static constexpr Type kType{Kind::kOptional, Wire<T>::kType.kind};
  static constexpr std::size_t kWords = Wire<T>::kWords + 1;
  static void store(const std::optional<T>& value, std::uint64_t* words) {
    for (std::size_t i = 0; i < kWords; ++i) words[i] = 0;
    if (!value) return;
    Wire<T>::store(*value, words);
    words[Wire<T>::kWords] = 1;
  }
};

// ---- fuel --------------------------------------------------------------------------------------

/// Words of one argument of this kind.
[[nodiscard]] constexpr std::size_t argument_words(Kind kind) {
  if (kind == Kind::kCidr) return 3;
  return kind == Kind::kString || kind == Kind::kBytes || kind == Kind::kIp || kind == Kind::kList ? 2 : 1;
}

/// Bytes of argument `index`, 16 for each element of a list; the cost of what is prepared; 0 for what has one size.
[[nodiscard]] inline std::int64_t argument_bytes(const runtime::Frame& frame, std::span<const Type> parameters,
                                                 std::size_t index, const std::uint64_t* args) {
  std::size_t word = 0;
  for (std::size_t i = 0; i < index; ++i) word += argument_words(parameters[i].kind);
  if (is_prepared(parameters[index].reading)) return frame.prepared->cost(args[word]);
  const Kind kind = parameters[index].kind;
  if (kind == Kind::kList) return static_cast<std::int64_t>(args[word + 1]) * 16;
  return kind == Kind::kString || kind == Kind::kBytes ? static_cast<std::int64_t>(args[word + 1]) : 0;
}

/// a × b; what does not fit is more than any quota.
[[nodiscard]] constexpr std::int64_t capped_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

/// What sorting argument 0 reads in all rounds of a merge sort; what does not fit is more than any quota.
[[nodiscard]] inline std::int64_t sorting_bytes(const runtime::Frame& frame, std::span<const Type> parameters,
                                                const std::uint64_t* args) {
  std::int64_t bytes = argument_bytes(frame, parameters, 0, args);
  const Kind element = parameters[0].element;
  if (element == Kind::kString || element == Kind::kBytes) {
    for (const std::string_view text : Wire<List<std::string_view>>::load(args)) {
      bytes += static_cast<std::int64_t>(text.size());
    }
  }
  return capped_product(bytes, static_cast<std::int64_t>(std::bit_width(args[1])));
}

[[nodiscard]] inline std::int64_t rule_fuel(const FuelRule& rule, const runtime::Frame& frame,
                                            std::span<const Type> parameters, const std::uint64_t* args) {
  const auto bytes = [&](std::size_t index) { return argument_bytes(frame, parameters, index, args); };
  using enum FuelRule::Basis;
  switch (rule.basis) {
    case kNone:
      return 0;
    case kFirst:
      return bytes(0) >> rule.shift;
    case kSecond:
      return bytes(1) >> rule.shift;
    case kSmaller:
      return std::min(bytes(0), bytes(1)) >> rule.shift;
    case kSum:
      return (bytes(0) + bytes(1)) >> rule.shift;
    case kProduct:
      return capped_product(bytes(0) + 1, bytes(1)) >> rule.shift;
    case kSorting:
      return sorting_bytes(frame, parameters, args) >> rule.shift;
  }
  std::unreachable();
}

// ---- rows --------------------------------------------------------------------------------------

template <typename T>
struct ResultOf {
  using Value = T;
};
template <typename T>
struct ResultOf<OrTrap<T>> {
  using Value = T;
};

/// A function without its `Call&`.
template <typename Function>
struct Signature;
template <typename R, typename... Args>
struct Signature<R (*)(Args...)> {
  using Result = typename ResultOf<R>::Value;
  using Arguments = std::tuple<Args...>;
  static constexpr bool kTakesCall = false;
};
template <typename R, typename... Args>
struct Signature<R (*)(Call&, Args...)> : Signature<R (*)(Args...)> {
  static constexpr bool kTakesCall = true;
};

template <auto kFunction, FuelRule kFuel>
struct Binding {
  using Shape = Signature<decltype(kFunction)>;
  using Arguments = typename Shape::Arguments;
  static constexpr std::size_t kCount = std::tuple_size_v<Arguments>;
  static_assert(kCount <= kMaxParameters);
  using Indices = std::make_index_sequence<kCount>;

  template <std::size_t kIndex>
  using ArgumentWire = Wire<std::tuple_element_t<kIndex, Arguments>>;

  struct Parameters {
    Type types[kMaxParameters]{};
    std::size_t offsets[kMaxParameters]{};  // first word of each
  };
  template <std::size_t... kIs>
  static constexpr Parameters parameters(std::index_sequence<kIs...>) {
    Parameters out;
    std::size_t word = 0;
    ((out.types[kIs] = ArgumentWire<kIs>::kType, out.offsets[kIs] = word, word += ArgumentWire<kIs>::kWords), ...);
    return out;
  }
  static constexpr Parameters kParameters = parameters(Indices{});

  template <std::size_t kIndex>
  static auto load(const runtime::Frame& frame, const std::uint64_t* args) {
    const std::uint64_t* const words = args + kParameters.offsets[kIndex];
    if constexpr (is_prepared(ArgumentWire<kIndex>::kType.reading)) {
      return ArgumentWire<kIndex>::load(frame, words);
    } else {
      return ArgumentWire<kIndex>::load(words);
    }
  }

  template <std::size_t... kIs>
  static auto invoke(runtime::Frame& frame, const std::uint64_t* args, std::index_sequence<kIs...>) {
    if constexpr (Shape::kTakesCall) {
      Call call(frame);
      return kFunction(call, load<kIs>(frame, args)...);
    } else {
      return kFunction(load<kIs>(frame, args)...);
    }
  }

  /// `results` may be `args`: everything is read before anything is written.
  static Trap thunk(runtime::Frame& frame, const std::uint64_t* args, std::uint64_t* results) {
    if (!charge_fuel(frame, rule_fuel(kFuel, frame, kParameters.types, args))) return Trap::kOutOfFuel;
    using Result = typename Shape::Result;
    const auto result = invoke(frame, args, Indices{});
    if constexpr (std::same_as<decltype(result), const OrTrap<Result>>) {
      if (!result) return result.error();
      Wire<Result>::store(*result, results);
    } else {
      Wire<Result>::store(result, results);
    }
    return Trap::kNone;
  }
};

enum class Form : std::uint8_t { kFunction, kMethod };

/// Whether values of this type differ in size.
[[nodiscard]] constexpr bool has_size(const Type& type) {
  const Kind kind = type.kind == Kind::kOptional ? type.element : type.kind;
  return kind == Kind::kString || kind == Kind::kBytes || kind == Kind::kList;
}

/// The row of a C++ function. Where the result has a size, `kMakes` says how large it can be.
template <auto kFunction, FuelRule kFuel = FuelRule{}, ResultRule kMakes = ResultRule{}>
[[nodiscard]] constexpr Builtin row(Form form, std::string_view name, std::string_view symbol, std::string_view doc,
                                    std::string_view example) {
  using B = Binding<kFunction, kFuel>;
  constexpr Type kResult = Wire<typename B::Shape::Result>::kType;
  static_assert(!has_size(kResult) || kMakes.most != nullptr, "a result that has a size needs its rule");
  static_assert((kResult.kind == Kind::kList) == (kMakes.each != nullptr));
  Builtin out{.name = name,
              .symbol = symbol,
              .method = form == Form::kMethod,
              .parameter_count = B::kCount,
              .result = kResult,
              .fuel = kFuel,
              .makes = kMakes,
              .doc = doc,
              .example = example,
              .thunk = &B::thunk};
  for (std::size_t i = 0; i < B::kCount; ++i) out.parameters[i] = B::kParameters.types[i];
  return out;
}

}  // namespace writ::stdlib
