// Policies of the gate schema with as many rules as one asks for.
#pragma once

#include <cstdint>
#include <string>

namespace writ::bench {

/// A policy unit of one `decide` with `rules` rules: prefixes, set membership, comparisons and networks in turn, alone
/// and in pairs. Another seed gives other constants, so that no two texts have anything to share.
[[nodiscard]] std::string policy_of_rules(int rules, std::uint64_t seed);

}  // namespace writ::bench
