#include <fmt/format.h>

#include <lua.hpp>
#include <memory>

#include "bench/measure.h"
#include "bench/rule_side.h"

namespace writ::bench {
namespace {

constexpr const char* kFields[] = {"role", "department", "clearance", "address", "path"};
constexpr int kFieldCount = static_cast<int>(std::size(kFields));

struct CloseState {
  void operator()(lua_State* state) const { lua_close(state); }
};
using State = std::unique_ptr<lua_State, CloseState>;

void push_text(lua_State* state, std::string_view text) { lua_pushlstring(state, text.data(), text.size()); }

void push_address(lua_State* state, const runtime::Ip& address) {
  lua_pushlstring(state, reinterpret_cast<const char*>(&address), sizeof address);
}

// Leaves the request as a table on the stack. The field names lie at the stack's bottom: none is looked up again.
void push_request(lua_State* state, const Request& request) {
  lua_createtable(state, 0, kFieldCount);
  const auto set_field = [&](int number, auto push) {
    lua_pushvalue(state, number + 1);
    push();
    lua_rawset(state, -3);
  };
  set_field(0, [&] { lua_pushinteger(state, static_cast<lua_Integer>(request.role)); });
  set_field(1, [&] { push_text(state, request.department); });
  set_field(2, [&] { lua_pushinteger(state, request.clearance); });
  set_field(3, [&] { push_address(state, request.address); });
  set_field(4, [&] { push_text(state, request.path); });
}

// Calls the function on the stack's top with the argument above it; both are gone afterwards.
bool call_rule(lua_State* state) {
  if (lua_pcall(state, 1, 1, 0) != 0) {
    fmt::print(stderr, "LuaJIT: {}\n", lua_tostring(state, -1));
    std::abort();
  }
  const bool answer = lua_toboolean(state, -1) != 0;
  lua_pop(state, 1);
  return answer;
}

// The stack: the field names, the rule, then what the side keeps.
constexpr int kRule = kFieldCount + 1;
constexpr int kTables = kRule + 1;

class ReadySide final : public Side {
 public:
  ReadySide(State state, std::span<const Request> prepared) : state_(std::move(state)) {
    lua_State* const lua = state_.get();
    lua_createtable(lua, static_cast<int>(prepared.size()), 0);
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      push_request(lua, prepared[i]);
      lua_rawseti(lua, kTables, static_cast<int>(i) + 1);
    }
  }

  void decide(const Pass& pass, std::span<std::uint8_t> answers) override {
    lua_State* const lua = state_.get();
    for (std::size_t i = 0; i < pass.order.size(); ++i) {
      lua_pushvalue(lua, kRule);
      lua_rawgeti(lua, kTables, static_cast<int>(pass.order[i]) + 1);
      answers[i] = call_rule(lua) ? 1 : 0;
    }
  }

 private:
  State state_;
};

class BuiltSide final : public Side {
 public:
  explicit BuiltSide(State state) : state_(std::move(state)) {}

  void decide(const Pass& pass, std::span<std::uint8_t> answers) override {
    lua_State* const lua = state_.get();
    for (std::size_t i = 0; i < pass.arranged.size(); ++i) {
      lua_pushvalue(lua, kRule);
      push_request(lua, pass.arranged[i]);
      answers[i] = call_rule(lua) ? 1 : 0;
    }
  }

 private:
  State state_;
};

void push_blocked(lua_State* state) {
  lua_createtable(state, 0, static_cast<int>(kBlocked.size()));
  for (const runtime::Ip& address : kBlocked) {
    push_address(state, address);
    lua_pushboolean(state, 1);
    lua_rawset(state, -3);
  }
}

std::expected<State, std::string> load_rule() {
  State state(luaL_newstate());
  lua_State* const lua = state.get();
  luaL_openlibs(lua);
  for (const char* field : kFields) lua_pushstring(lua, field);
  const std::string text = read_source("bench/rule/access.lua");
  if (luaL_loadbuffer(lua, text.data(), text.size(), "access.lua") != 0) {
    return std::unexpected(lua_tostring(lua, -1));
  }
  push_blocked(lua);
  lua_pushinteger(lua, static_cast<lua_Integer>(Role::kAdmin));
  lua_pushinteger(lua, static_cast<lua_Integer>(Role::kMember));
  if (lua_pcall(lua, 3, 1, 0) != 0) return std::unexpected(lua_tostring(lua, -1));
  return state;
}

}  // namespace

MadeSide make_lua_side(LuaTables tables, std::span<const Request> prepared) {
  auto state = load_rule();
  if (!state) return std::unexpected(state.error());
  switch (tables) {
    case LuaTables::kReady:
      return std::make_unique<ReadySide>(std::move(*state), prepared);
    case LuaTables::kBuilt:
      return std::make_unique<BuiltSide>(std::move(*state));
  }
  return std::unexpected("no such kind of tables");
}

}  // namespace writ::bench
