// Native code against the interpreter on programs written by hand: what golden files cannot aim at.

#include <gtest/gtest.h>

#include "tests/unit/jit_engines.h"

namespace writ::jit {
namespace {

using namespace ir::build;  // NOLINT(google-build-using-namespace)
using ir::Op;
using runtime::Trap;

ir::FunctionId exported(Sketch& sketch, ir::FunctionId id) {
  sketch.program.functions[id].role = ir::Role::kSlot;
  return id;
}

std::uint64_t word(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

/// record Rec { n: int }
ir::TypeId counting_record(Sketch& sketch) {
  const auto id = sketch.program.types.add_record(
      {.name = "Rec", .unit = "u", .fields = {{.name = "n", .type = sketch.integer}}});
  sketch.program.types.lay_out(id);
  return sketch.program.types.record(id);
}

TEST(JitCompile, FieldPlusOne) {
  Sketch s;
  const ir::TypeId record = counting_record(s);
  const auto f = exported(
      s, s.function("u.f", {{"x", record}}, {}, s.integer,
                    body(ir::Return{s.add(make(s.integer, ir::FieldGet{s.local(0, record), 0}),
                                          s.number(1), 3)})));
  Engines engines(s.program);
  std::int64_t n = 41;
  EXPECT_EQ(engines.call(f, {word(&n)}).value, "42");
  n = INT64_MAX;
  EXPECT_EQ(engines.call(f, {word(&n)}).result.status, runtime::trap_status(Trap::kOverflow, 3));
  EXPECT_EQ(engines.call(f, {word(&n)}, Budget(0)).result.status,
            runtime::trap_status(Trap::kOutOfFuel, 0));
  
}

}  // namespace
}  // namespace writ::jit
