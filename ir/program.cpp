#include "ir/program.h"

#include <iterator>

namespace writ::ir {
namespace {

constexpr OpRow kOpRows[] = {
#define WRIT_OP(name, operands, can_trap, doc) {#name, operands, can_trap, doc},
#include "ir/op.def"
#undef WRIT_OP
};

}  // namespace

const OpRow& op_row(Op op) { return kOpRows[static_cast<std::size_t>(op)]; }

Config default_config(const Program& program) {
  Config config;
  for (const Knob& knob : program.knobs) config.values.push_back(knob.initial);
  return config;
}

}  // namespace writ::ir
