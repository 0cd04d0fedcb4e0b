#include "fleet/source.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::fleet {
namespace {

constexpr std::size_t kNodeNameBytes = 64;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

Place place_after(const SignedRelease& release, const std::optional<std::string>& latest, const TrustedKeys& trusted) {
  if (!latest) return Place::kFree;
  const auto there = SignedRelease::verify(*latest, trusted);
  if (!there) return Place::kFree;
  const Statement& before = there->statement();
  const Statement& after = release.statement();
  if (before.tenant != after.tenant || before.channel != after.channel) return Place::kFree;
  if (there->hash() == release.hash()) return Place::kHeldByItself;
  if (after.sequence <= before.sequence) return Place::kTaken;
  // Past a gap nothing is known: the service may have lost what stood there.
  if (after.sequence - before.sequence == 1 && after.previous != there->hash()) return Place::kTaken;
  return Place::kFree;
}

PublishError taken(const SignedRelease& release) {
  const Statement& statement = release.statement();
  return {.fault = PublishFault::kTaken,
          .message = fmt::format("{}/{} {} does not follow what is published: build it again on top of that",
                                 statement.tenant, statement.channel, statement.sequence)};
}

std::optional<PublishError> other_feed(const SignedRelease& release, const Feed& feed) {
  const Statement& statement = release.statement();
  if (feed == Feed{.tenant = statement.tenant, .channel = statement.channel}) return std::nullopt;
  return PublishError{.fault = PublishFault::kOtherFeed,
                      .message = fmt::format("it is for {}/{}, and this is {}/{}", statement.tenant, statement.channel,
                                             feed.tenant, feed.channel)};
}

bool is_node_name(std::string_view name) {
  if (name.empty() || name.size() > kNodeNameBytes || !is_letter_or_digit(name.front())) return false;
  if (name.ends_with('.') || name.find("..") != std::string_view::npos) return false;  // NATS knows no such key
  return std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace writ::fleet
