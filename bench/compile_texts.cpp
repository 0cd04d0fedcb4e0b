#include "bench/compile_texts.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "bench/random.h"

namespace writ::bench {
namespace {

std::string prefix(Random& random) {
  return fmt::format(R"(req.path.startsWith("/area{}/team{}/"))", random.below(500), random.below(90));
}

std::string membership(Random& random) {
  return fmt::format(R"(req.department in {{"office {}", "plant {}", "lab {}"}})", random.below(900), random.below(900),
                     random.below(900));
}

std::string comparison(Random& random) {
  static constexpr std::string_view kRoles[] = {"guest", "member", "admin"};
  if (random.holds(50)) return fmt::format("req.clearance >= {}", 1 + random.below(9));
  return fmt::format("req.role == {}", random.one_of(kRoles));
}

std::string network(Random& random) {
  return fmt::format(R"(req.address in cidr("10.{}.{}.0/24"))", random.below(256), random.below(256));
}

constexpr std::string (*kConditions[])(Random&) = {prefix, membership, comparison, network};

std::string condition(int number, Random& random) {
  const auto one = static_cast<std::size_t>(number);
  std::string text = kConditions[one % std::size(kConditions)](random);
  if (random.holds(50)) return text;
  // A condition of another kind beside it.
  const std::size_t other = one + 1 + random.below(std::size(kConditions) - 1);
  return fmt::format("{} && {}", text, kConditions[other % std::size(kConditions)](random));
}

}  // namespace

std::string policy_of_rules(int rules, std::uint64_t seed) {
  Random random(seed);
  std::string text = "policy generated for gate\n\nslot permit(req) = decide {\n";
  for (int number = 0; number < rules; ++number) {
    fmt::format_to(std::back_inserter(text), "  {:5} \"rule {}\" when {}\n", random.holds(50), number + 1,
                   condition(number, random));
  }
  text += "  else false \"no rule matched\"\n}\n";
  return text;
}

}  // namespace writ::bench
