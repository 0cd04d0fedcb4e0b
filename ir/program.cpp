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

const FunctionCall* tail_call(const Expr& value) {
  if (const auto* call = std::get_if<FunctionCall>(&value.node)) return call;
  if (const auto* check = std::get_if<CheckBound>(&value.node)) return tail_call(*check->value);
  if (const auto* some = std::get_if<OptionalSome>(&value.node)) return tail_call(*some->value);
  return nullptr;
}

Config default_config(const Program& program) {
  Config config;
  for (const Knob& knob : program.knobs) config.values.push_back(knob.initial);
  return config;
}

}  // namespace writ::ir
