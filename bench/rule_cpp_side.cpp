#include "bench/rule_cpp.h"
#include "bench/rule_side.h"

namespace writ::bench {
namespace {

class CppSide final : public Side {
 public:
  void decide(const Pass& pass, std::span<std::uint8_t> answers) override {
    for (std::size_t i = 0; i < pass.arranged.size(); ++i) {
      answers[i] = rule_(pass.arranged[i]) ? 1 : 0;
    }
  }

 private:
  // Volatile: loaded for each call, as a host does that may exchange the rule, and never seen through.
  bool (*volatile rule_)(const Request&) = permit;
};

}  // namespace

MadeSide make_cpp_side() { return std::make_unique<CppSide>(); }

}  // namespace writ::bench
