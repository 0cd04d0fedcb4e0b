// A translation unit of its own, so that neither its caller nor the requests are known when it is compiled.
#include "bench/rule_cpp.h"

#include <algorithm>
#include <string_view>

namespace writ::bench {
namespace {

using namespace std::string_view_literals;

bool is_blocked(runtime::Ip address) {
  return std::ranges::any_of(kBlocked, [&](runtime::Ip blocked) { return address == blocked; });
}

}  // namespace

bool permit(const Request& request) {
  return (request.role == Role::kAdmin || (request.role == Role::kMember && request.department == "engineering"sv)) &&
         request.clearance >= 3 && !is_blocked(request.address) && request.path.starts_with("/internal/"sv);
}

}  // namespace writ::bench
