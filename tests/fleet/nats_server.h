// A NATS server of a test's own, on a port of its own, whose store outlives its being killed.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "fleet/nats.h"
#include "support/check.h"
#include "tests/fleet/temporary_folder.h"

namespace writ::fleet {

/// What others do in their own time. False when they do not.
inline bool soon(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class NatsServer {
 public:
  NatsServer() : port_(free_port()) {}
  ~NatsServer() { kill(); }
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  void start() {
    const std::string port = std::to_string(port_);
    std::vector<std::string> words = {
        "nats-server", "-a",     "127.0.0.1", "-p",     port,     "-js", "-sd",
        store_.path(), "--user", "writ",      "--pass", "secret", "-l",  store_.path() + "/log"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // Debian puts it where the path of some does not lead.
    const char* const program = ::access("/usr/sbin/nats-server", X_OK) == 0 ? "/usr/sbin/nats-server" : "nats-server";
    ASSERT_EQ(::posix_spawnp(&pid_, program, nullptr, nullptr, arguments.data(), environ), 0);
    ASSERT_TRUE(soon([&] { return listens(); }));
  }
  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  [[nodiscard]] NatsOptions options() const {
    return {.servers = {"nats://127.0.0.1:" + std::to_string(port_)}, .user = "writ", .password = "secret"};
  }

 private:
  static sockaddr_in address(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    WRIT_CHECK(socket >= 0);
    sockaddr_in here = address(0);
    socklen_t size = sizeof here;
    // SAFETY: a sockaddr_in is a sockaddr, to the system.
    EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&here), size), 0);
    EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&here), &size), 0);
    ::close(socket);
    return ntohs(here.sin_port);
  }
  [[nodiscard]] bool listens() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    WRIT_CHECK(socket >= 0);
    const sockaddr_in there = address(port_);
    // SAFETY: as above.
    const bool is_there = ::connect(socket, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    ::close(socket);
    return is_there;
  }

  TemporaryFolder store_;
  int port_;
  pid_t pid_ = 0;
};

}  // namespace writ::fleet
