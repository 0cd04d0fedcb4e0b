#include "bench/gate.h"

#include <fmt/format.h>

#include <span>

#include "bench/random.h"

namespace writ::bench {
namespace {

// How many of 100 requests meet each condition of rule/access.writ: most people ask for what they may have.
constexpr std::uint64_t kGuestShare = 10;
constexpr std::uint64_t kMemberShare = 70;  // the others are administrators
constexpr std::uint64_t kEngineeringShare = 85;
constexpr std::uint64_t kClearedShare = 85;
constexpr std::uint64_t kBlockedShare = 6;
constexpr std::uint64_t kInternalShare = 85;

constexpr std::string_view kOtherDepartments[] = {"marketing", "finance", "operations", "engine room"};
constexpr std::string_view kOtherAreas[] = {"/public/", "/interns/", "/int/"};
constexpr std::string_view kDocuments[] = {"plans/2026/roadmap", "handbook",       "reports/q3.pdf", "minutes/board",
                                           "wiki/On-call",       "design/gate.md", "budget",         "people/contacts"};

Role random_role(Random& random) {
  const std::uint64_t percent = random.below(100);
  if (percent < kGuestShare) return Role::kGuest;
  return percent < kGuestShare + kMemberShare ? Role::kMember : Role::kAdmin;
}

std::string_view random_department(Random& random) {
  return random.holds(kEngineeringShare) ? "engineering" : random.one_of(kOtherDepartments);
}

std::int64_t random_clearance(Random& random) {
  return static_cast<std::int64_t>(random.holds(kClearedShare) ? 3 + random.below(7) : random.below(3));
}

runtime::Ip random_address(Random& random) {
  runtime::Ip address = kBlocked[random.below(kBlocked.size())];
  if (random.holds(kBlockedShare)) return address;
  if (random.holds(10)) return {0x2001'0DB8'0000'0000 | random.below(1 << 16), random.below(1 << 30)};
  // Most live in the networks that the blocked addresses come from.
  address.low = (address.low & ~std::uint64_t{0xFF}) | random.below(256);
  return address;
}

std::string random_path(Random& random) {
  const std::string_view area = random.holds(kInternalShare) ? "/internal/" : random.one_of(kOtherAreas);
  return fmt::format("{}{}", area, random.one_of(kDocuments));
}

}  // namespace

Requests prepare_requests(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Requests requests;
  requests.all.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& department = requests.texts.emplace_back(random_department(random));
    const std::string& path = requests.texts.emplace_back(random_path(random));
    requests.all.push_back({.role = random_role(random),
                            .department = department,
                            .clearance = random_clearance(random),
                            .address = random_address(random),
                            .path = path});
  }
  return requests;
}

}  // namespace writ::bench
