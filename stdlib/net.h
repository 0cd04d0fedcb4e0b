// Addresses and networks as text: the one reader and writer of both for literals, documents, input and built-ins.
//
// In: text of any bytes. Out: runtime::Ip and runtime::Cidr as runtime/abi.h lays them out: an IPv4 address is ::ffff:a.b.c.d,
// and `::ffff:10.0.0.1` is the IPv4 address 10.0.0.1. Strict: no leading zeros, no zones, no host bits in a network.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/abi.h"

namespace writ::stdlib {

[[nodiscard]] std::optional<runtime::Ip> parse_ip(std::string_view text);

enum class HostBits : unsigned char { kRefuse, kClear };
/// `10.0.0.0/8`, `2001:db8::/32`. Bits behind the prefix make it invalid, or are cleared.
[[nodiscard]] std::optional<runtime::Cidr> parse_cidr(std::string_view text, HostBits = HostBits::kRefuse);

/// `10.0.0.1`, `2001:db8::1` (RFC 5952).
[[nodiscard]] std::string format_ip(const runtime::Ip& ip);
/// `10.0.0.0/8`.
[[nodiscard]] std::string format_cidr(const runtime::Cidr& cidr);

[[nodiscard]] constexpr bool is_v4(const runtime::Ip& ip) { return ip.high == 0 && ip.low >> 32 == 0xFFFF; }
/// The address with all but the first `prefix` (0..128) bits cleared.
[[nodiscard]] constexpr runtime::Ip mask(const runtime::Ip& ip, std::int64_t prefix) {
  const auto keep = [](std::uint64_t bits, std::int64_t count) {
    return count <= 0 ? 0 : count >= 64 ? bits : bits & ~(~std::uint64_t{0} >> count);
  };
  return {keep(ip.high, prefix), keep(ip.low, prefix - 64)};
}

}  // namespace writ::stdlib
