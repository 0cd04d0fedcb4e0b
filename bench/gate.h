// The host's side of the gate schema (rule/gate.writ): its record as a C++ struct, and prepared requests.
//
// Every side of the rule bench decides on these structs in place. Nothing in here knows a policy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi.h"

namespace writ::bench {

/// In the order of the schema's `enum Role`.
enum class Role : std::uint8_t { kGuest, kMember, kAdmin };

/// The layout of the schema's `record Request`; make_writ_side() compares each offset with what the compiler laid out.
struct Request {
  Role role;
  std::string_view department;
  std::int64_t clearance;
  runtime::Ip address;
  std::string_view path;
};

[[nodiscard]] constexpr runtime::Ip ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0xFFFF'0000'0000u | std::uint64_t{a} << 24 | std::uint64_t{b} << 16 | std::uint64_t{c} << 8 | d};
}

/// The addresses that rule/access.writ blocks.
inline constexpr std::array kBlocked = {
    ipv4(192, 0, 2, 10),     ipv4(192, 0, 2, 77),  ipv4(198, 51, 100, 3), ipv4(198, 51, 100, 99),
    ipv4(198, 51, 100, 140), ipv4(203, 0, 113, 8), ipv4(203, 0, 113, 64), ipv4(203, 0, 113, 201),
};

/// Requests and the texts that they view.
struct Requests {
  std::vector<Request> all;
  std::deque<std::string> texts;
};

/// The same requests for the same seed, on every machine; more than half may pass.
[[nodiscard]] Requests prepare_requests(std::size_t count, std::uint64_t seed);

}  // namespace writ::bench
