#include "fleet/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fleet/engine_version.h"
#include "fleet/refusal.h"
#include "stdlib/time.h"
#include "support/check.h"
#include "support/limits.h"

namespace writ::fleet {
namespace {

using support::Code;
using support::Diagnostic;
namespace limits = support::limits;

using Fault = std::optional<Diagnostic>;

Fault fault_of_address(const Statement& statement, const Expectation& here) {
  if (statement.tenant != here.tenant) {
    return refusal(Code::kReleaseOtherTenant,
                   fmt::format("it is for tenant {}, and this node serves {}", statement.tenant, here.tenant));
  }
  if (statement.channel != here.channel) {
    return refusal(Code::kReleaseOtherChannel,
                   fmt::format("it is for channel {}, and this node follows {}", statement.channel, here.channel));
  }
  return std::nullopt;
}

Fault fault_of_needs(const Statement& statement, const Expectation& here) {
  if (statement.schema != here.schema) {
    return refusal(Code::kReleaseOtherSchema, fmt::format("it was built for schema {:.12}, and this node has {:.12}",
                                                          hex(statement.schema), hex(here.schema)));
  }
  const auto engine = parse_version(here.engine_version);
  WRIT_CHECK(engine.has_value());
  if (*engine < *parse_version(statement.minimum_engine)) {
    return refusal(Code::kReleaseEngineTooOld, fmt::format("it needs engine {}, and this node has {}",
                                                           statement.minimum_engine, here.engine_version));
  }
  return std::nullopt;
}

/// Of a release that is not the one with the highest sequence.
Fault fault_of_place(const Statement& statement, const Hash& hash, const Expectation& here) {
  const auto sequence_max = static_cast<std::uint64_t>(limits::kReleaseSequence);
  if (statement.sequence > sequence_max) {
    return refusal(Code::kReleaseSequence,
                   fmt::format("its sequence {} is over the limit of {}: nothing could follow it", statement.sequence,
                               sequence_max));
  }
  if (statement.sequence == here.sequence) {
    return refusal(
        Code::kReleaseEquivocation,
        fmt::format("there are two releases with sequence {}, {:.12} and {:.12}: a key signs what it should not",
                    statement.sequence, hex(here.hash), hex(hash)));
  }
  if (statement.sequence < here.sequence) {
    if (std::ranges::find(here.earlier, hash) != here.earlier.end()) {
      return refusal(Code::kReleaseReplayed, fmt::format("it ran here before: sequence {}, and this node is at {}",
                                                         statement.sequence, here.sequence));
    }
    return refusal(Code::kReleaseOlder,
                   fmt::format("its sequence is {}, and this node is at {}", statement.sequence, here.sequence));
  }
  // Of releases further ahead this node missed the one before.
  if (here.sequence != 0 && statement.sequence == here.sequence + 1 && statement.previous != here.hash) {
    return refusal(Code::kReleaseNotNext, fmt::format("it follows release {:.12}, and this node's release {} is {:.12}",
                                                      hex(statement.previous), here.sequence, hex(here.hash)));
  }
  return std::nullopt;
}

std::string time_text(std::int64_t seconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kMost = INT64_MAX / kSecond;
  return stdlib::format_timestamp(std::clamp(seconds, -kMost, kMost) * kSecond);
}

Fault fault_of_time(const Statement& statement, const Expectation& here) {
  const std::int64_t passed = std::max<std::int64_t>(here.passed, 0);
  if (here.now < passed) {
    return refusal(Code::kClockOff,
                   fmt::format("this node's clock says {}, but {} has passed", time_text(here.now), time_text(passed)));
  }
  if (statement.expires <= here.now) {
    return refusal(Code::kReleaseExpired, fmt::format("it expired {}, and this node's clock says {}",
                                                      time_text(statement.expires), time_text(here.now)));
  }
  if (statement.expires - here.now > limits::kReleaseLifetime) {
    return refusal(Code::kClockOff,
                   fmt::format("it expires {}, later than any release made by {}, which this node's clock says",
                               time_text(statement.expires), time_text(here.now)));
  }
  return std::nullopt;
}

}  // namespace

std::expected<Judgement, Diagnostic> judge(const SignedRelease& release, const Expectation& here) {
  const Statement& statement = release.statement();
  if (Fault found = fault_of_address(statement, here)) return std::unexpected(*std::move(found));
  if (release.hash() == here.hash) return Judgement::kAlreadyRunning;
  if (Fault found = fault_of_needs(statement, here)) return std::unexpected(*std::move(found));
  if (Fault found = fault_of_place(statement, release.hash(), here)) return std::unexpected(*std::move(found));
  if (Fault found = fault_of_time(statement, here)) return std::unexpected(*std::move(found));
  return Judgement::kAccept;
}

}  // namespace writ::fleet
