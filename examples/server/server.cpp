// A shop's HTTP server whose rules are Writ policies that change while it runs. README.md walks through it.
#include <poll.h>
#include <sys/signalfd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include "examples/server/folder.h"
#include "examples/server/routes.h"
#include "examples/server/shop.h"

namespace {

struct Options {
  std::string schema;
  std::string policies;
  int port = 0;
  std::size_t threads = 16;
};

/// Readable when SIGINT or SIGTERM has come. Before any thread is made: all inherit that these are blocked.
int open_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

/// Makes the folder, as it is, the running release. What is wrong goes to the log, and the former release stays.
bool publish(writ::Engine& engine, const shop::Folder& folder) {
  writ::Stage stage = engine.stage();
  // All out and in again, so that of two documents the later by name wins, whichever was there first.
  for (const auto& [name, text] : folder.files()) stage.remove(name);
  for (const auto& [name, text] : folder.files()) {
    if (!text) continue;
    if (name.ends_with(".toml")) {
      stage.config(name, *text);
    } else {
      stage.source(name, *text);
    }
  }
  const auto release = stage.commit();
  if (release) {
    std::clog << "release " << release->number << " runs" << std::endl;
  } else {
    std::clog << release.error().pretty() << "refused; release " << engine.pin().release().number << " stays"
              << std::endl;
  }
  return release.has_value();
}

/// Binds the server to its port and tells which; throws when the port is taken.
void bind(httplib::Server& server, const Options& options) {
  // Without its SO_REUSEPORT, by which a second server would silently take half of the requests.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_tcp_nodelay(true);  // head and body of an answer are two writes
  server.set_keep_alive_max_count(1'000'000);
  server.set_keep_alive_timeout(1);  // seconds; also how long the end waits for idle connections
  server.new_task_queue = [&options] { return new httplib::ThreadPool(options.threads); };
  int port = options.port;
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    port = -1;
  }
  if (port < 0) throw std::runtime_error("port " + std::to_string(options.port) + " is taken");
  std::clog << "listening on http://127.0.0.1:" << port << std::endl;
}

int run(const Options& options) {
  const int stop_signals = open_stop_signals();
  shop::Shop shop(options.schema);
  shop::Folder folder(options.policies);
  if (!publish(shop.engine, folder)) return 1;

  httplib::Server server;
  shop::add_routes(server, shop);
  bind(server, options);
  std::thread listener([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();  // until then it would not hear of the stop

  pollfd polled[] = {{.fd = stop_signals, .events = POLLIN, .revents = 0},
                     {.fd = folder.descriptor(), .events = POLLIN, .revents = 0}};
  while (poll(polled, 2, -1) < 0 || polled[0].revents == 0) {
    if (polled[1].revents == 0) continue;
    folder.read_changes();
    publish(shop.engine, folder);
  }
  server.stop();
  listener.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("A shop whose rules change while it serves. Ends on SIGINT and SIGTERM.", "example_server");
  app.add_option("--schema", options.schema, "what policies see and answer: examples/server/shop.writ")->required();
  app.add_option("--policies", options.policies, "folder of *.writ and *.toml that is watched")->required();
  app.add_option("--port", options.port, "on 127.0.0.1; 0 takes a free one, and the log tells which")
      ->check(CLI::Range(0, 65'535))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "connections that are served at once")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    return run(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "example_server: " << error.what() << "\n";
    return 1;
  }
}
