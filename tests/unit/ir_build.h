// Typed programs written by hand, for the unit tests of ir/: short names for nodes, one place, all types plain.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ir/interpret.h"
#include "ir/meter.h"
#include "ir/program.h"
#include "runtime/abi.h"

namespace writ::ir::build {

template <typename Node>
ExprPtr make(TypeId type, Node node, PlaceId place = 0) {
  return std::make_unique<Expr>(Expr{.type = type, .place = place, .node = std::move(node)});
}

template <typename... Exprs>
std::vector<ExprPtr> all(Exprs... exprs) {
  std::vector<ExprPtr> result;
  (result.push_back(std::move(exprs)), ...);
  return result;
}

template <typename... Nodes>
Body body(Nodes... nodes) {
  Body result;
  (result.push_back({.place = 0, .node = std::move(nodes)}), ...);
  return result;
}

/// A program with the places 0 to 9.
struct Sketch {
  Program program;
  TypeId boolean = program.types.plain(Kind::kBool);
  TypeId integer = program.types.plain(Kind::kInt);
  TypeId string = program.types.plain(Kind::kString);

  Sketch() { program.places.resize(10); }

  ExprPtr constant(Value value, TypeId type) {
    program.constants.push_back({.type = type, .value = std::move(value)});
    return make(type, ConstantRef{static_cast<ConstantId>(program.constants.size() - 1)});
  }
  ExprPtr number(std::int64_t value) { return constant({value}, integer); }
  ExprPtr truth(bool value) { return constant({value}, boolean); }
  ExprPtr text(std::string value) { return constant({std::move(value)}, string); }
  ExprPtr local(LocalId id, TypeId type) { return make(type, LocalRef{id}); }
  ExprPtr operate(Op op, TypeId type, ExprPtr a, ExprPtr b, PlaceId place = 0) {
    return make(type, Operate{op, all(std::move(a), std::move(b))}, place);
  }
  ExprPtr add(ExprPtr a, ExprPtr b, PlaceId place = 0) {
    return operate(Op::kIntAdd, integer, std::move(a), std::move(b), place);
  }
  ExprPtr less(ExprPtr a, ExprPtr b) { return operate(Op::kIntLess, boolean, std::move(a), std::move(b)); }

  FunctionId function(std::string name, std::vector<Local> parameters, std::vector<Local> locals,
                      std::optional<TypeId> result, Body body, PlaceId place = 0) {
    Function function;
    function.name = std::move(name);
    function.parameter_count = static_cast<std::uint32_t>(parameters.size());
    function.locals = std::move(parameters);
    function.locals.insert(function.locals.end(), locals.begin(), locals.end());
    function.result = result;
    function.body = std::move(body);
    function.place = place;
    program.functions.push_back(std::move(function));
    return static_cast<FunctionId>(program.functions.size() - 1);
  }
};

/// A call's budget with an arena behind it.
struct Budget {
  explicit Budget(std::int64_t fuel = 1000, std::size_t arena_bytes = 4096, std::int64_t stack = 65536)
      : arena((arena_bytes + 7) / 8) {
    auto* const start = reinterpret_cast<std::byte*>(arena.data());
    frame.fuel = fuel;
    frame.arena_next = start;
    frame.arena_end = start + arena_bytes;
    frame.stack_left = stack;
  }
  std::vector<std::uint64_t> arena;
  runtime::Frame frame{};
};

/// Meters the program and calls a function of it.
inline runtime::Result call(Program& program, FunctionId id, std::vector<std::uint64_t> arguments, Budget& budget) {
  meter(program);
  const Config config = default_config(program);
  return Interpreter(program, config).call(id, arguments, budget.frame);
}

}  // namespace writ::ir::build
