// The shop as its policies see it: the types of shop.writ in C++, what the host gives to policies, and the three slots.
//
// A policy reads an Order in place: the structs are plain, and their fields are matched with the schema by name when a slot
// is made. Everything here may be used from any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <writ/writ.hpp>

namespace shop {

enum class Plan : std::uint8_t { basic, trade };
enum class Verdict : std::uint8_t { allow, sign_in, deny };

struct Customer {
  std::string_view name;
  Plan plan;
};

struct Order {
  std::string_view item;
  std::int64_t quantity;
  std::int64_t list_price;
  writ::Ip from;
  const Customer* customer;  // null: nobody has signed in
};

/// A row of the warehouse. A real shop asks a database.
struct Item {
  std::string_view name;
  std::int64_t list_price;
  std::int64_t left;
};
inline constexpr std::array kItems = {Item{"tea", 450, 800}, Item{"coffee", 900, 120}, Item{"teapot", 3'900, 4}};
inline constexpr std::array kCustomers = {Customer{"ann", Plan::basic}, Customer{"ben", Plan::trade}};

/// The row of that name; null when there is none.
template <typename Row, std::size_t kSize>
const Row* find(const std::array<Row, kSize>& rows, std::string_view name) {
  for (const Row& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

struct Shop {
  /// Throws writ::SetupError when the schema cannot be read or differs from the types above.
  explicit Shop(const std::string& schema_path) : engine(writ::Schema::from_file(schema_path)) {
    engine.provide("stock.left", [](std::string_view name) -> std::int64_t {
      const Item* const item = find(kItems, name);
      return item == nullptr ? 0 : item->left;
    });
    // The slot's else value has answered in the policy's place; somebody should hear of it.
    engine.on_trap([](const writ::TrapInfo& trap) {
      std::clog << trap.file + ":" + std::to_string(trap.line) + ": " + std::string(writ::to_string(trap.kind)) +
                       " in slot " + trap.slot + "\n";
    });
  }

  writ::Engine engine;
  writ::Slot<Verdict(const Order&)> access{engine, "access"};
  writ::Slot<std::int64_t(const Order&)> limit{engine, "limit"};
  writ::Slot<std::int64_t(const Order&)> price{engine, "price",
                                               [](const Order& order) { return order.list_price * order.quantity; }};
};

}  // namespace shop
