// Names of fields, types and enumerators of plain C++ types, without macros.
//
// In: an aggregate of up to 64 fields without bases, arrays and references, or an enum of one byte. Out: names as the source
// has them, and offsets. Names come from what the compiler writes into __PRETTY_FUNCTION__ (GCC from 12, Clang from 16); fields
// from structured bindings. What cannot be taken apart so is described by hand: specialise writ::Fields.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace writ {

/// One field, described by hand.
template <typename Record, typename T>
struct Field {
  std::string_view name;
  T Record::* member;
};

/// Specialise for a record that is no plain aggregate:
///   template <> struct writ::Fields<Legacy> {
///     static auto list() { return std::tuple{writ::Field{"path", &Legacy::path}, writ::Field{"status", &Legacy::status}}; }
///   };
template <typename Record>
struct Fields;

namespace detail {

template <typename T>
concept DescribedByHand = requires { Fields<T>::list(); };

/// The last name in `text`; empty where it does not end in one.
constexpr std::string_view last_name(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  const std::string_view name = text.substr(begin);
  return name.empty() || (name[0] >= '0' && name[0] <= '9') ? std::string_view() : name;
}

/// What stands behind `marker` in the name that a compiler gives to an instantiation, up to the end of that argument.
constexpr std::string_view argument(std::string_view pretty, std::string_view marker) {
  const std::size_t begin = pretty.find(marker) + marker.size();
  const std::size_t end = pretty.find_first_of(";]", begin);
  return pretty.substr(begin, end - begin);
}

template <typename T>
constexpr std::string_view type_name() {
  const std::string_view whole = argument(__PRETTY_FUNCTION__, "T = ");
  return last_name(whole.substr(0, whole.find('<')));
}

// ---- fields ------------------------------------------------------------------------------------

struct AnyField {
  template <typename T>
  operator T() const;
};

template <typename T, typename... Found>
constexpr std::size_t count_fields() {
  if constexpr (requires { T{Found{}..., AnyField{}}; }) {
    return count_fields<T, Found..., AnyField>();
  } else {
    return sizeof...(Found);
  }
}

template <typename T>
struct Holder {
  T value;
};
/// Never defined: only addresses inside it are taken, while compiling.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
template <typename T>
extern const Holder<T> kNowhere;

template <typename T>
struct Address {
  const T* at;
};
template <typename... T>
constexpr std::tuple<Address<T>...> addresses_of(const T&... fields) {
  return {Address<T>{&fields}...};
}

/// The addresses of all fields of `record`, as a tuple.
template <typename T>
constexpr auto field_addresses(const T& record) {
  constexpr std::size_t kCount = count_fields<T>();
  static_assert(kCount <= 64, "a record of more than 64 fields is described by hand: specialise writ::Fields");
  if constexpr (kCount == 0) {
    return std::tuple<>();
#define WRIT_BIND(count, ...)           \
  }                                     \
  else if constexpr (kCount == count) { \
    const auto& [__VA_ARGS__] = record; \
    return addresses_of(__VA_ARGS__);
#include "writ/bindings.inc"
#undef WRIT_BIND
  }
}

template <auto kAddress>
constexpr std::string_view address_name() {
  std::string_view text = argument(__PRETTY_FUNCTION__, "kAddress = ");
  text = text.substr(0, text.rfind('}'));
  while (text.ends_with(')')) text.remove_suffix(1);
  return last_name(text);
}

template <typename T, std::size_t kAt>
constexpr std::string_view field_name() {
  return address_name<std::get<kAt>(field_addresses(kNowhere<T>.value))>();
}
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

/// Calls `use(name, offset, type tag)` for each field in order.
template <typename T, typename Use>
void for_each_field(const Use& use) {
  // SAFETY: bytes that stand in for a record; addresses of its fields are taken and nothing is read.
  alignas(T) static const std::byte kSpace[sizeof(T)] = {};
  const T& record = *reinterpret_cast<const T*>(kSpace);
  const auto offset = [](const auto* at) {
    // NOLINTNEXTLINE(clang-analyzer-security.PointerSub): a field of the record that stands in kSpace
    return static_cast<std::uint32_t>(reinterpret_cast<const std::byte*>(at) - kSpace);
  };
  if constexpr (DescribedByHand<T>) {
    std::apply([&](auto... field) { (use(field.name, offset(&(record.*field.member)), &(record.*field.member)), ...); },
               Fields<T>::list());
  } else {
    const auto addresses = field_addresses(record);
    [&]<std::size_t... kAt>(std::index_sequence<kAt...>) {
      (use(field_name<T, kAt>(), offset(std::get<kAt>(addresses).at), std::get<kAt>(addresses).at), ...);
    }(std::make_index_sequence<std::tuple_size_v<decltype(addresses)>>());
  }
}

// ---- enumerators -------------------------------------------------------------------------------

template <auto kValue>
constexpr std::string_view value_name() {
  return last_name(argument(__PRETTY_FUNCTION__, "kValue = "));
}

/// How many enumerators there are, whose numbers count from 0. Asked in blocks, so that a small enum costs little.
template <typename E, std::size_t kFrom = 0>
constexpr std::size_t count_enumerators() {
  constexpr std::size_t kBlock = 8;
  constexpr std::size_t kHere = []<std::size_t... kAt>(std::index_sequence<kAt...>) {
    std::size_t count = 0;
    bool unbroken = true;
    ((unbroken = unbroken && !value_name<static_cast<E>(kFrom + kAt)>().empty(), count += unbroken ? 1 : 0), ...);
    return count;
  }(std::make_index_sequence<kBlock>());
  if constexpr (kHere == kBlock && kFrom + kBlock < 256) {
    return kBlock + count_enumerators<E, kFrom + kBlock>();
  } else {
    return kHere;
  }
}

template <typename E>
constexpr auto enumerator_names() {
  return []<std::size_t... kAt>(std::index_sequence<kAt...>) {
    return std::array<std::string_view, sizeof...(kAt)>{value_name<static_cast<E>(kAt)>()...};
  }(std::make_index_sequence<count_enumerators<E>()>());
}

}  // namespace detail
}  // namespace writ
