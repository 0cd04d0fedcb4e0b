#include "examples/server/routes.h"

#include <charconv>
#include <chrono>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>

namespace shop {

using Json = nlohmann::ordered_json;
NLOHMANN_JSON_SERIALIZE_ENUM(Verdict,
                             {{Verdict::allow, "allow"}, {Verdict::sign_in, "sign_in"}, {Verdict::deny, "deny"}})

namespace {

constexpr std::chrono::seconds kLongestWait{5};

/// The request's parameter, in place.
std::string_view parameter(const httplib::Request& request, const std::string& name, std::string_view otherwise) {
  const auto found = request.params.find(name);
  return found == request.params.end() ? otherwise : found->second;
}

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A real server knows who asks from its session, and from where from the connection.
std::expected<Order, const char*> read_order(const httplib::Request& request) {
  const Item* const item = find(kItems, parameter(request, "item", ""));
  if (item == nullptr) return std::unexpected("no such item");
  const auto quantity = read_number(parameter(request, "quantity", "1"));
  if (!quantity) return std::unexpected("quantity is no number");
  const auto from = writ::Ip::parse(parameter(request, "from", request.remote_addr));
  if (!from) return std::unexpected("from is no address");
  return Order{.item = item->name,
               .quantity = *quantity,
               .list_price = item->list_price,
               .from = *from,
               .customer = find(kCustomers, parameter(request, "customer", ""))};
}

void say(httplib::Response& response, const Json& json) {
  response.set_content(json.dump() + "\n", "application/json");
}

template <typename R>
Json explain(const writ::Slot<R(const Order&)>& slot, const writ::Pin& pin, const Order& order) {
  const auto result = slot.try_call(pin, order);
  if (result) return {{"answer", result->value()}, {"reason", result->reason()}};
  const writ::TrapInfo& trap = result.error();
  return {{"trap", to_string(trap.kind)}, {"at", trap.file + ":" + std::to_string(trap.line)}};
}

/// How a server uses slots: they always have an answer.
Json quote(const Shop& shop, const writ::Pin& pin, const Order& order, httplib::Response& response) {
  const Verdict verdict = shop.access(pin, order);
  if (verdict != Verdict::allow) {
    response.status = verdict == Verdict::sign_in ? 401 : 403;
    return {{"verdict", verdict}};
  }
  const std::int64_t limit = shop.limit(pin, order);
  if (order.quantity > limit) {
    response.status = 422;
    return {{"verdict", verdict}, {"limit", limit}};
  }
  return {{"verdict", verdict}, {"limit", limit}, {"price", shop.price(pin, order)}};
}

/// Answers GET `path` about the order in its parameters. The pin makes one release answer all that is asked meanwhile.
template <typename Answer>
void on_order(httplib::Server& server, const Shop& shop, const char* path, Answer answer) {
  server.Get(path, [&shop, answer](const httplib::Request& request, httplib::Response& response) {
    const auto order = read_order(request);
    if (!order) {
      response.status = 400;
      return say(response, {{"error", order.error()}});
    }
    const writ::Pin pin = shop.engine.pin();
    Json json = answer(pin, *order, response);
    json["release"] = pin.release().number;
    say(response, json);
  });
}

std::uint64_t wait_for_release_after(const Shop& shop, std::int64_t earlier) {
  const auto deadline = std::chrono::steady_clock::now() + kLongestWait;
  std::uint64_t running = shop.engine.pin().release().number;
  while (std::cmp_less_equal(running, earlier) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    running = shop.engine.pin().release().number;
  }
  return running;
}

}  // namespace

void add_routes(httplib::Server& server, Shop& shop) {
  on_order(server, shop, "/quote", [&shop](const auto& pin, const Order& order, httplib::Response& response) {
    return quote(shop, pin, order, response);
  });
  on_order(server, shop, "/access",
           [&shop](const auto& pin, const Order& order, auto&) { return explain(shop.access, pin, order); });
  on_order(server, shop, "/limit",
           [&shop](const auto& pin, const Order& order, auto&) { return explain(shop.limit, pin, order); });
  on_order(server, shop, "/price",
           [&shop](const auto& pin, const Order& order, auto&) { return explain(shop.price, pin, order); });
  server.Get("/release", [&shop](const httplib::Request& request, httplib::Response& response) {
    const std::int64_t after = read_number(parameter(request, "after", "")).value_or(-1);
    say(response, {{"release", wait_for_release_after(shop, after)}});
  });
  server.Post("/rollback", [&shop](const httplib::Request&, httplib::Response& response) {
    const auto release = shop.engine.rollback();
    if (!release) response.status = 409;
    say(response, {{"release", release.value_or(shop.engine.pin().release()).number}});
  });
  server.Get("/metrics", [&shop](const httplib::Request&, httplib::Response& response) {
    response.set_content(shop.engine.stats().prometheus(), "text/plain; version=0.0.4");
  });
}

}  // namespace shop
