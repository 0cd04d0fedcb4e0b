// One server of a shop's fleet: what an order costs is said by the signed release that its channel shows. README.md walks
// through it.
//
//   GET /price?item=tea&quantity=12   what it costs, and by which rule
//   GET /release                      which release answers
//       ?not=3                        once another one than 3 does; waits up to 30 s
//       ?proved=3                     once 3 has proved itself; waits as long
#include <httplib.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <writ/fleet.hpp>

namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kLongestWait{30};

struct Options {
  std::string schema;
  std::string key;
  std::string from;
  std::string node;
  std::string state;
  int port = 0;
};

/// As shop.writ has it; read in place.
struct Order {
  std::string_view item;
  std::int64_t quantity;
  std::int64_t list_price;
};

struct Item {
  std::string_view name;
  std::int64_t list_price;
};
constexpr std::array kItems = {Item{"tea", 450}, Item{"coffee", 900}, Item{"teapot", 3'900}};

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Order> read_order(const std::string& item_name, const std::string& quantity_text) {
  const auto quantity = read_number(quantity_text);
  for (const Item& item : kItems) {
    if (item.name == item_name && quantity) {
      return Order{.item = item.name, .quantity = *quantity, .list_price = item.list_price};
    }
  }
  return std::nullopt;
}

class Server {
 public:
  explicit Server(const Options& options)
      : node_(options.node),
        engine_(writ::Schema::from_file(options.schema)),
        follower_(writ::fleet::follow(engine_, writ::fleet::nats({.servers = {options.from}}, {.files = {options.key}}),
                                      {.tenant = "acme",
                                       .channel = "edge",
                                       .node = options.node,
                                       .state = options.state,
                                       .trial = std::chrono::seconds(10),
                                       .on_notice = &tell})) {
    http_.Get("/price", [this](const httplib::Request& request, httplib::Response& response) {
      say(response, price(request.get_param_value("item"), request.get_param_value("quantity"), response.status));
    });
    http_.Get("/release", [this](const httplib::Request& request, httplib::Response& response) {
      say(response, release(request));
    });
  }

  void serve(int port) {
    http_.set_tcp_nodelay(true);  // head and body of an answer are two writes
    http_.set_keep_alive_max_count(1'000'000);
    if (!http_.bind_to_port("127.0.0.1", port)) throw std::runtime_error("port " + std::to_string(port) + " is taken");
    http_.listen_after_bind();
  }

 private:
  static void tell(const writ::fleet::FleetNotice& notice) {
    std::clog << notice.kind << " " << notice.sequence << ": " << notice.code << (notice.code.empty() ? "" : ": ")
              << notice.message << std::endl;
  }
  static void say(httplib::Response& response, const Json& json) {
    response.set_content(json.dump() + "\n", "application/json");
  }

  Json price(const std::string& item, const std::string& quantity, int& status) const {
    const auto order = read_order(item, quantity);
    if (!order) {
      status = 400;
      return {{"error", "no such item, or no such quantity"}};
    }
    const auto result = price_.try_call(*order);
    if (result) return {{"price", result->value()}, {"reason", result->reason()}};
    // What the slot itself would have answered.
    return {{"price", list_price(*order)}, {"trap", to_string(result.error().kind)}};
  }

  Json release(const httplib::Request& request) const {
    const auto other_than = read_number(request.get_param_value("not"));
    const auto proved = read_number(request.get_param_value("proved"));
    const auto deadline = std::chrono::steady_clock::now() + kLongestWait;
    writ::fleet::FleetStatus status = follower_.status();
    const auto is_asked_for = [&] {
      const bool is_other = !other_than || std::cmp_not_equal(status.running, *other_than);
      return is_other && (!proved || (std::cmp_equal(status.running, *proved) && !status.is_on_trial));
    };
    while (!is_asked_for() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      status = follower_.status();
    }
    return {{"node", node_}, {"release", status.running}};
  }

  static std::int64_t list_price(const Order& order) { return order.list_price * order.quantity; }

  std::string node_;
  writ::Engine engine_;
  writ::Slot<std::int64_t(const Order&)> price_{engine_, "price", &list_price};
  writ::fleet::Follower follower_;
  httplib::Server http_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("One server of a shop's fleet. May be killed at any moment.", "example_fleet_server");
  app.add_option("--schema", options.schema, "what policies see and answer: examples/fleet/shop.writ")->required();
  app.add_option("--key", options.key, "the public key of whoever signs releases")->required();
  app.add_option("--from", options.from, "the NATS server: nats://127.0.0.1:4222")->required();
  app.add_option("--node", options.node, "this server's name")->required();
  app.add_option("--state", options.state, "a folder of its own, for what it must remember")->required();
  app.add_option("--port", options.port, "on 127.0.0.1")->required()->check(CLI::Range(1, 65'535));
  try {
    app.parse(argc, argv);
    Server(options).serve(options.port);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "example_fleet_server: " << error.what() << "\n";
    return 1;
  }
}
