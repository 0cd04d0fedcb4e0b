// How C++ types stand for the types of a schema: their description, and their words.
//
// Binding<T> says for a C++ type which kind it is, how it is stored, how many words it takes, and how those are written and
// read. A type without a Binding cannot cross: the compiler says which. Records are read in place and hold only what lies in
// place: std::string_view and std::span, not std::string and std::vector.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "writ/reflect.hpp"
#include "writ/values.hpp"
#include "writ/writ.h"

namespace writ {

/// A moment as the language has it.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

namespace detail {

constexpr writ_text text_of(std::string_view text) { return {text.data(), text.size()}; }
constexpr std::string_view view_of(writ_text text) { return {text.data, text.size}; }

// SAFETY: words that stand for addresses are made by word_of, the library or generated code.
inline std::uint64_t word_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }
template <typename T>
const T* address_of(std::uint64_t word) {
  return reinterpret_cast<const T*>(static_cast<std::uintptr_t>(word));
}

/// What Binding has for every type that is bound: kWords; kHasAddress: its words hold an address; kOwns: a value points to
/// nothing that it does not own; kIsStored: its one word is the address of its storage; kInPlace: it lies in memory as a policy
/// reads it.
template <typename T>
struct Binding {
  static_assert(
      sizeof(T) == 0,
      "no type of a schema has this C++ type: use bool, (u)int64_t, double, string_view, span<const T>, writ::Set, "
      "writ::Map, writ::Ip, writ::Cidr, writ::Bytes, chrono::nanoseconds, writ::Timestamp, an enum, a struct, "
      "const T* (an optional struct, Set or Map) or optional<T>");
};

/// The type of a parameter or a result.
template <typename T>
const writ_type* type_of() {
  return Binding<T>::type();
}

/// The type of what lies in a record, list, set, map or optional.
template <typename T>
const writ_type* part_type_of() {
  static_assert(Binding<T>::kInPlace, "this is read in place: hold a std::string_view instead of a std::string");
  return Binding<T>::type();
}

template <typename T>
constexpr writ_type plain_type(writ_kind kind) {
  return {.kind = kind,
          .size = sizeof(T),
          .is_address = 0,
          .name = {},
          .first = nullptr,
          .second = nullptr,
          .fields = nullptr,
          .field_count = 0,
          .enumerators = nullptr,
          .enumerator_count = 0};
}

/// A type of one word that holds no address.
template <typename T, writ_kind kKind>
struct WordBinding {
  static constexpr bool kOwns = true;
  static constexpr bool kHasAddress = false;
  static constexpr bool kIsStored = false;
  static constexpr bool kInPlace = true;
  static constexpr std::size_t kWords = 1;
  static const writ_type* type() {
    static constexpr writ_type kType = plain_type<T>(kKind);
    return &kType;
  }
  static void put(const T& value, std::uint64_t* words) { words[0] = static_cast<std::uint64_t>(value); }
  static T get(const std::uint64_t* words) { return static_cast<T>(words[0]); }
};

template <>
struct Binding<bool> : WordBinding<bool, WRIT_BOOL> {};
template <typename T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
struct Binding<T> : WordBinding<T, std::is_signed_v<T> ? WRIT_INT : WRIT_UINT> {};

template <>
struct Binding<double> : WordBinding<double, WRIT_DOUBLE> {
  static void put(double value, std::uint64_t* words) { words[0] = std::bit_cast<std::uint64_t>(value); }
  static double get(const std::uint64_t* words) { return std::bit_cast<double>(words[0]); }
};

template <>
struct Binding<std::chrono::nanoseconds> : WordBinding<std::chrono::nanoseconds, WRIT_DURATION> {
  static void put(std::chrono::nanoseconds value, std::uint64_t* words) {
    words[0] = static_cast<std::uint64_t>(value.count());
  }
  static std::chrono::nanoseconds get(const std::uint64_t* words) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(words[0]));
  }
};

template <>
struct Binding<Timestamp> : WordBinding<Timestamp, WRIT_TIMESTAMP> {
  static void put(Timestamp value, std::uint64_t* words) {
    words[0] = static_cast<std::uint64_t>(value.time_since_epoch().count());
  }
  static Timestamp get(const std::uint64_t* words) {
    return Timestamp(std::chrono::nanoseconds(static_cast<std::int64_t>(words[0])));
  }
};

template <typename T>
  requires std::is_enum_v<T>
struct Binding<T> : WordBinding<T, WRIT_ENUM> {
  static_assert(sizeof(T) == 1, "an enum of a schema is one byte: `enum class E : std::uint8_t`");
  static const writ_type* type() {
    static constexpr auto kViews = enumerator_names<T>();
    static constexpr auto kNames = [] {
      std::array<writ_text, kViews.size()> names{};
      for (std::size_t i = 0; i < names.size(); ++i) names[i] = text_of(kViews[i]);
      return names;
    }();
    static constexpr writ_type kType = [] {
      writ_type type = plain_type<T>(WRIT_ENUM);
      type.name = text_of(type_name<T>());
      type.enumerators = kNames.data();
      type.enumerator_count = kNames.size();
      return type;
    }();
    return &kType;
  }
};

template <>
struct Binding<Ip> : WordBinding<Ip, WRIT_IP> {
  static constexpr std::size_t kWords = 2;
  static void put(const Ip& value, std::uint64_t* words) {
    words[0] = value.high;
    words[1] = value.low;
  }
  static Ip get(const std::uint64_t* words) { return {words[0], words[1]}; }
};

template <>
struct Binding<Cidr> : WordBinding<Cidr, WRIT_CIDR> {
  static constexpr std::size_t kWords = 3;
  static void put(const Cidr& value, std::uint64_t* words) {
    Binding<Ip>::put(value.network, words);
    words[2] = static_cast<std::uint64_t>(value.prefix);
  }
  static Cidr get(const std::uint64_t* words) { return {{words[0], words[1]}, static_cast<std::int64_t>(words[2])}; }
};

/// A type whose words hold an address: a view.
template <typename T, writ_kind kKind, std::size_t kWordCount>
struct ViewBinding : WordBinding<T, kKind> {
  static constexpr bool kOwns = false;
  static constexpr bool kHasAddress = true;
  static constexpr std::size_t kWords = kWordCount;
};

template <>
struct Binding<std::string_view> : ViewBinding<std::string_view, WRIT_STRING, 2> {
  static void put(std::string_view value, std::uint64_t* words) {
    words[0] = word_of(value.data());
    words[1] = value.size();
  }
  static std::string_view get(const std::uint64_t* words) { return {address_of<char>(words[0]), words[1]}; }
};

/// As a parameter, or as a result: a copy. It does not lie in place, so nothing that is read in place may hold it.
template <>
struct Binding<std::string> : ViewBinding<std::string, WRIT_STRING, 2> {
  static constexpr bool kOwns = true;
  static constexpr bool kInPlace = false;
  static const writ_type* type() { return Binding<std::string_view>::type(); }
  static void put(const std::string& value, std::uint64_t* words) { Binding<std::string_view>::put(value, words); }
  static std::string get(const std::uint64_t* words) { return std::string(Binding<std::string_view>::get(words)); }
};

template <>
struct Binding<Bytes> : ViewBinding<Bytes, WRIT_BYTES, 2> {
  static void put(const Bytes& value, std::uint64_t* words) {
    words[0] = word_of(value.span().data());
    words[1] = value.span().size();
  }
  static Bytes get(const std::uint64_t* words) {
    return std::span<const std::byte>(address_of<std::byte>(words[0]), words[1]);
  }
};

template <typename T>
struct Binding<std::span<const T>> : ViewBinding<std::span<const T>, WRIT_LIST, 2> {
  static const writ_type* type() {
    static const writ_type kType = [] {
      writ_type type = plain_type<std::span<const T>>(WRIT_LIST);
      type.first = part_type_of<T>();
      return type;
    }();
    return &kType;
  }
  static void put(std::span<const T> value, std::uint64_t* words) {
    words[0] = word_of(value.data());
    words[1] = value.size();
  }
  static std::span<const T> get(const std::uint64_t* words) { return {address_of<T>(words[0]), words[1]}; }
};

/// What lies in memory under one address: its word is that address, so put() borrows its argument.
template <typename T, writ_kind kKind>
struct StoredBinding : ViewBinding<T, kKind, 1> {
  static constexpr bool kIsStored = true;
  static void put(const T& value, std::uint64_t* words) { words[0] = word_of(&value); }
  static const T& get(const std::uint64_t* words) { return *address_of<T>(words[0]); }
};

template <typename T>
struct Binding<Set<T>> : StoredBinding<Set<T>, WRIT_SET> {
  static const writ_type* type() {
    static const writ_type kType = [] {
      writ_type type = plain_type<Set<T>>(WRIT_SET);
      type.first = part_type_of<T>();
      return type;
    }();
    return &kType;
  }
};

template <typename K, typename V>
struct Binding<Map<K, V>> : StoredBinding<Map<K, V>, WRIT_MAP> {
  static const writ_type* type() {
    static const writ_type kType = [] {
      writ_type type = plain_type<Map<K, V>>(WRIT_MAP);
      type.first = part_type_of<K>();
      type.second = part_type_of<V>();
      return type;
    }();
    return &kType;
  }
};

template <typename T>
constexpr bool kIsTable = false;
template <typename T>
constexpr bool kIsTable<Set<T>> = true;
template <typename K, typename V>
constexpr bool kIsTable<Map<K, V>> = true;

template <typename T>
concept RecordType = DescribedByHand<T> || (std::is_class_v<T> && std::is_aggregate_v<T>);
template <typename T>
concept StoredType = RecordType<T> || kIsTable<T>;

/// The fields of a record, described once.
template <typename T>
struct RecordFields {
  std::vector<writ_field> fields;
  RecordFields() {
    for_each_field<T>([&]<typename F>(std::string_view name, std::uint32_t offset, const F*) {
      fields.push_back({text_of(name), part_type_of<F>(), offset});
    });
  }
};

template <typename T>
constexpr bool fields_own() {
  if constexpr (DescribedByHand<T>) {
    return false;
  } else {
    using Addresses = decltype(field_addresses(std::declval<const T&>()));
    return []<typename... F>(std::type_identity<std::tuple<Address<F>...>>) {
      return (Binding<F>::kOwns && ...);
    }(std::type_identity<Addresses>());
  }
}

template <typename T>
  requires RecordType<T>
struct Binding<T> : StoredBinding<T, WRIT_RECORD> {
  static constexpr bool kOwns = fields_own<T>();
  static const writ_type* type() {
    static const RecordFields<T> kFields;
    static const writ_type kType = [] {
      writ_type type = plain_type<T>(WRIT_RECORD);
      type.name = text_of(type_name<T>());
      type.fields = kFields.fields.data();
      type.field_count = kFields.fields.size();
      return type;
    }();
    return &kType;
  }
};

/// An optional record, set or map.
template <typename T>
  requires StoredType<T>
struct Binding<const T*> : ViewBinding<const T*, WRIT_OPTIONAL, 1> {
  static const writ_type* type() {
    static const writ_type kType = [] {
      writ_type type = plain_type<const T*>(WRIT_OPTIONAL);
      type.is_address = 1;
      type.first = part_type_of<T>();
      return type;
    }();
    return &kType;
  }
  static void put(const T* value, std::uint64_t* words) { words[0] = word_of(value); }
  static const T* get(const std::uint64_t* words) { return address_of<T>(words[0]); }
};

/// Any other optional.
template <typename T>
struct Binding<std::optional<T>> : ViewBinding<std::optional<T>, WRIT_OPTIONAL, Binding<T>::kWords + 1> {
  static_assert(!StoredType<T>, "an optional record, set or map is a pointer: `const T*`");
  static constexpr bool kOwns = Binding<T>::kOwns;
  static constexpr bool kHasAddress = Binding<T>::kHasAddress;
  static constexpr bool kInPlace = Binding<T>::kInPlace;
  static const writ_type* type() {
    using Stored = std::conditional_t<std::is_same_v<T, std::string>, std::string_view, T>;
    static const writ_type kType = [] {
      writ_type type = plain_type<std::optional<Stored>>(WRIT_OPTIONAL);
      type.first = part_type_of<Stored>();
      return type;
    }();
    return &kType;
  }
  static void put(const std::optional<T>& value, std::uint64_t* words) {
    for (std::size_t i = 0; i <= Binding<T>::kWords; ++i) words[i] = 0;
    if (!value) return;
    Binding<T>::put(*value, words);
    words[Binding<T>::kWords] = 1;
  }
  static std::optional<T> get(const std::uint64_t* words) {
    if (words[Binding<T>::kWords] == 0) return std::nullopt;
    return Binding<T>::get(words);
  }
};

// ---- signatures --------------------------------------------------------------------------------

template <typename A>
using BareArgument = std::remove_cvref_t<A>;

template <typename... A>
constexpr std::size_t kWordsOf = (std::size_t{0} + ... + Binding<BareArgument<A>>::kWords);

/// The words of arguments, one after another.
template <typename... A>
struct Words {
  std::uint64_t at[kWordsOf<A...> == 0 ? 1 : kWordsOf<A...>];
  explicit Words(const BareArgument<A>&... arguments) {
    if constexpr (kWordsOf<A...> == 0) at[0] = 0;  // g++ warns where nothing was written and something is passed on
    [[maybe_unused]] std::uint64_t* next = at;
    ((Binding<BareArgument<A>>::put(arguments, next), next += Binding<BareArgument<A>>::kWords), ...);
  }
};

/// Calls `use` with the values whose words lie one after another.
template <typename... A, typename Use>
decltype(auto) with_values(const std::uint64_t* words, const Use& use) {
  return [&]<std::size_t... kAt>(std::index_sequence<kAt...>) -> decltype(auto) {
    [[maybe_unused]] static constexpr auto kFirst = [] {
      std::array<std::size_t, sizeof...(A) + 1> first{};
      [[maybe_unused]] std::size_t at = 0;
      ((first[kAt] = at, at += Binding<BareArgument<A>>::kWords), ...);
      return first;
    }();
    return use(Binding<BareArgument<A>>::get(words + kFirst[kAt])...);
  }(std::index_sequence_for<A...>());
}

template <typename Signature>
struct SignatureOf;
template <typename R, typename... A>
struct SignatureOf<R(A...)> {
  static const writ_signature* get() {
    static const writ_type* const kParameters[] = {type_of<BareArgument<A>>()..., nullptr};
    static const writ_signature kSignature = {kParameters, sizeof...(A), [] {
                                                if constexpr (std::is_void_v<R>) {
                                                  return static_cast<const writ_type*>(nullptr);
                                                } else {
                                                  return type_of<BareArgument<R>>();
                                                }
                                              }()};
    return &kSignature;
  }
};

}  // namespace detail
}  // namespace writ
