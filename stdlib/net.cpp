#include "stdlib/net.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <expected>
#include <iterator>

#include "stdlib/binding.h"
#include "stdlib/modules.h"

namespace writ::stdlib {

using runtime::Cidr;
using runtime::Ip;

// ---- text --------------------------------------------------------------------------------------

namespace {

constexpr std::int64_t kV4Bits = 32;
constexpr std::int64_t kAllBits = 128;
constexpr std::uint64_t kV4Mark = std::uint64_t{0xFFFF} << 32;

Ip from_v4(std::uint32_t address) { return {0, kV4Mark | address}; }

}  // namespace

std::optional<Ip> parse_ip(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};  // inet_pton wants a final NUL
  if (text.empty() || text.size() >= copy.size() || text.contains('\0')) return std::nullopt;
  std::memcpy(copy.data(), text.data(), text.size());
  if (in_addr v4{}; inet_pton(AF_INET, copy.data(), &v4) == 1) return from_v4(ntohl(v4.s_addr));
  in6_addr v6{};
  if (inet_pton(AF_INET6, copy.data(), &v6) != 1) return std::nullopt;
  Ip out{};
  std::memcpy(&out, &v6, sizeof(out));
  return Ip{__builtin_bswap64(out.high), __builtin_bswap64(out.low)};
}

std::optional<Cidr> parse_cidr(std::string_view text, HostBits host_bits) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  int prefix = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || prefix < 0) return std::nullopt;
  const std::string_view address = text.substr(0, slash);
  const auto ip = parse_ip(address);
  if (!ip) return std::nullopt;
  const bool counts_from_v4 = !address.contains(':');
  if (prefix > (counts_from_v4 ? kV4Bits : kAllBits)) return std::nullopt;
  const Cidr out{mask(*ip, prefix + (counts_from_v4 ? kAllBits - kV4Bits : 0)),
                 prefix + (counts_from_v4 ? kAllBits - kV4Bits : 0)};
  if (host_bits == HostBits::kRefuse && out.network != *ip) return std::nullopt;
  return out;
}

namespace {

using Groups = std::array<unsigned, 8>;

struct ZeroRun {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// The first longest run of two or more zero groups, which RFC 5952 writes as `::`.
ZeroRun longest_zero_run(const Groups& groups) {
  ZeroRun best;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > best.size && end - i >= 2) best = {i, end - i};
    if (end > i) i = end;
  }
  return best;
}

}  // namespace

std::string format_ip(const Ip& ip) {
  if (is_v4(ip)) {
    return fmt::format("{}.{}.{}.{}", ip.low >> 24 & 0xFF, ip.low >> 16 & 0xFF, ip.low >> 8 & 0xFF, ip.low & 0xFF);
  }
  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::uint64_t half = i < 4 ? ip.high : ip.low;
    groups[i] = static_cast<unsigned>(half >> (48 - 16 * (i % 4)) & 0xFFFF);
  }
  const ZeroRun zeros = longest_zero_run(groups);
  std::string out;
  for (std::size_t i = 0; i < groups.size();) {
    if (zeros.size != 0 && i == zeros.begin) {
      out += "::";
      i += zeros.size;
      continue;
    }
    if (!out.empty() && !out.ends_with(':')) out += ':';
    fmt::format_to(std::back_inserter(out), "{:x}", groups[i]);
    ++i;
  }
  return out;
}

std::string format_cidr(const Cidr& cidr) {
  const std::int64_t prefix = is_v4(cidr.network) ? cidr.prefix - (kAllBits - kV4Bits) : cidr.prefix;
  return fmt::format("{}/{}", format_ip(cidr.network), prefix);
}

// ---- built-ins: CEL's network extension --------------------------------------------------------

namespace {

using Basis = FuelRule::Basis;
constexpr FuelRule kParse{.basis = Basis::kFirst, .shift = 4, .weight = 48};
constexpr FuelRule kParseSecond{.basis = Basis::kSecond, .shift = 4, .weight = 48};
constexpr FuelRule kParseAndFormat{.basis = Basis::kFirst, .shift = 4, .weight = 144};
constexpr FuelRule kFormat{.basis = Basis::kNone, .shift = 0, .weight = 96};
constexpr FuelRule kTest{.basis = Basis::kNone, .shift = 0, .weight = 4};

template <typename T>
OrTrap<T> or_invalid(const std::optional<T>& value) {
  if (!value) return std::unexpected(Trap::kInvalidArgument);
  return *value;
}

OrTrap<Ip> ip(std::string_view text) { return or_invalid(parse_ip(text)); }
OrTrap<Cidr> cidr(std::string_view text) { return or_invalid(parse_cidr(text)); }
std::optional<Ip> to_ip(std::string_view text) { return parse_ip(text); }
std::optional<Cidr> to_cidr(std::string_view text) { return parse_cidr(text); }
bool is_ip(std::string_view text) { return parse_ip(text).has_value(); }
bool is_cidr(std::string_view text) { return parse_cidr(text).has_value(); }

OrTrap<std::string_view> ip_text(Call& call, Ip address) { return call.copy(format_ip(address)); }
OrTrap<std::string_view> cidr_text(Call& call, Cidr network) { return call.copy(format_cidr(network)); }

std::int64_t family(Ip address) { return is_v4(address) ? 4 : 6; }
bool is_unspecified(Ip address) { return address == Ip{0, 0} || address == from_v4(0); }

bool is_inside(Ip address, const Cidr& network) { return mask(address, network.prefix) == network.network; }
// Source: the blocks of RFC 1122, RFC 3927, RFC 4291.
constexpr std::int64_t kV4Prefix = kAllBits - kV4Bits;
bool is_loopback(Ip address) {
  return address == Ip{0, 1} || is_inside(address, {{0, kV4Mark | 0x7F00'0000}, kV4Prefix + 8});
}
bool is_link_local(Ip address) {
  return is_inside(address, {{0xFE80'0000'0000'0000, 0}, 10}) ||
         is_inside(address, {{0, kV4Mark | 0xA9FE'0000}, kV4Prefix + 16});
}
bool is_multicast(Ip address) {
  return is_inside(address, {{0xFF00'0000'0000'0000, 0}, 8}) ||
         is_inside(address, {{0, kV4Mark | 0xE000'0000}, kV4Prefix + 4});
}
bool is_global_unicast(Ip address) {
  return address != from_v4(0xFFFF'FFFF) && !is_unspecified(address) && !is_loopback(address) &&
         !is_link_local(address) && !is_multicast(address);
}

std::int64_t prefix_length(Cidr network) {
  return is_v4(network.network) ? network.prefix - kV4Prefix : network.prefix;
}
Ip network_ip(Cidr network) { return network.network; }
bool contains_ip(Cidr network, Ip address) { return is_inside(address, network); }
bool contains_cidr(Cidr network, Cidr inner) {
  return inner.prefix >= network.prefix && is_inside(inner.network, network);
}

// A network has no other bits: cidr() refuses them.
Cidr masked(Cidr network) { return network; }

OrTrap<bool> is_canonical(std::string_view text) {
  const auto address = parse_ip(text);
  if (!address) return std::unexpected(Trap::kInvalidArgument);
  return format_ip(*address) == text;
}
OrTrap<bool> contains_ip_text(Cidr network, std::string_view text) {
  const auto address = parse_ip(text);
  if (!address) return std::unexpected(Trap::kInvalidArgument);
  return contains_ip(network, *address);
}
OrTrap<bool> contains_cidr_text(Cidr network, std::string_view text) {
  const auto inner = parse_cidr(text);
  if (!inner) return std::unexpected(Trap::kInvalidArgument);
  return contains_cidr(network, *inner);
}

constexpr Builtin kRows[] = {
    row<ip, kParse>(Form::kFunction, "ip", "writ_ip", "The address that a text spells; traps on any other text.",
                    R"(ip("::ffff:10.0.0.1") == ip("10.0.0.1"))"),
    row<cidr, kParse>(Form::kFunction, "cidr", "writ_cidr",
                      "The network that a text spells; traps on any other text and on bits behind the prefix.",
                      R"(ip("10.1.2.3") in cidr("10.0.0.0/8"))"),
    row<to_ip, kParse>(Form::kMethod, "toIp", "writ_string_toIp", "The address that a text spells, if it does.",
                       R"("10.0.0.1".toIp() == ip("10.0.0.1"))"),
    row<to_cidr, kParse>(Form::kMethod, "toCidr", "writ_string_toCidr", "The network that a text spells, if it does.",
                         R"("10.0.0.0/8".toCidr() == cidr("10.0.0.0/8"))"),
    row<is_ip, kParse>(Form::kFunction, "isIP", "writ_isIP", "Whether a text spells an address.", R"(isIP("::1"))"),
    row<is_cidr, kParse>(Form::kFunction, "isCIDR", "writ_isCIDR", "Whether a text spells a network.",
                         R"(!isCIDR("10.0.0.1/8"))"),
    row<ip_text, kFormat, kTextOf<39>.made()>(Form::kFunction, "string", "writ_string_of_ip",
                                              "The address in its canonical spelling (RFC 5952).",
                                              R"(string(ip("2001:DB8:0:0::1")) == "2001:db8::1")"),
    row<cidr_text, kFormat, kTextOf<43>.made()>(Form::kFunction, "string", "writ_string_of_cidr",
                                                "The network in its canonical spelling.",
                                                R"(string(cidr("10.0.0.0/8")) == "10.0.0.0/8")"),
    row<family, kTest, (kNumberIn<4, 6>)>(Form::kMethod, "family", "writ_ip_family", "4 or 6.",
                                          R"(ip("::1").family() == 6)"),
    row<is_unspecified, kTest>(Form::kMethod, "isUnspecified", "writ_ip_isUnspecified", "Whether it is 0.0.0.0 or ::.",
                               R"(ip("0.0.0.0").isUnspecified())"),
    row<is_loopback, kTest>(Form::kMethod, "isLoopback", "writ_ip_isLoopback",
                            "Whether the address means this machine.", R"(ip("127.0.0.1").isLoopback())"),
    row<is_link_local, kTest>(Form::kMethod, "isLinkLocalUnicast", "writ_ip_isLinkLocalUnicast",
                              "Whether the address holds on one link only.", R"(ip("fe80::1").isLinkLocalUnicast())"),
    row<is_global_unicast, kTest>(Form::kMethod, "isGlobalUnicast", "writ_ip_isGlobalUnicast",
                                  "Whether it is none of the special kinds; private addresses count.",
                                  R"(ip("192.168.0.1").isGlobalUnicast())"),
    row<prefix_length, kTest, (kNumberIn<0, 128>)>(Form::kMethod, "prefixLength", "writ_cidr_prefixLength",
                                                   "The bits before the host's.",
                                                   R"(cidr("10.0.0.0/8").prefixLength() == 8)"),
    row<network_ip, kTest>(Form::kMethod, "ip", "writ_cidr_ip", "The network's first address.",
                           R"(cidr("10.0.0.0/8").ip() == ip("10.0.0.0"))"),
    row<contains_ip, kTest>(Form::kMethod, "containsIP", "writ_cidr_containsIP", "Whether the address lies inside.",
                            R"(cidr("10.0.0.0/8").containsIP(ip("10.1.2.3")))"),
    row<contains_cidr, kTest>(Form::kMethod, "containsCIDR", "writ_cidr_containsCIDR",
                              "Whether the whole other network lies inside.",
                              R"(cidr("10.0.0.0/8").containsCIDR(cidr("10.1.0.0/16")))"),
    row<contains_ip_text, kParseSecond>(Form::kMethod, "containsIP", "writ_cidr_containsIP_text",
                                        "Whether the address that a text spells lies inside; traps on any other text.",
                                        R"(cidr("10.0.0.0/8").containsIP("10.1.2.3"))"),
    row<contains_cidr_text, kParseSecond>(
        Form::kMethod, "containsCIDR", "writ_cidr_containsCIDR_text",
        "Whether the whole network that a text spells lies inside; traps on any other text.",
        R"(cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16"))"),
    row<masked, kTest>(Form::kMethod, "masked", "writ_cidr_masked",
                       "The same network: one with bits behind its prefix cannot be made.",
                       R"(cidr("10.0.0.0/8").masked() == cidr("10.0.0.0/8"))"),
    row<is_canonical, kParseAndFormat>(
        Form::kFunction, "ip.isCanonical", "writ_ip_isCanonical",
        "Whether an address is spelled as string(ip) spells it; traps on a text that is none.",
        R"(ip.isCanonical("2001:db8::1") && !ip.isCanonical("2001:DB8::1"))"),
};

}  // namespace

std::span<const Builtin> net_rows() { return kRows; }

}  // namespace writ::stdlib
