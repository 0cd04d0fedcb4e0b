// How to reach NATS servers, for writ::fleet::nats and `writ publish`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace writ::fleet {

struct NatsOptions {
  std::vector<std::string> servers;  // "nats://host:4222" or "tls://host:4222"; of a cluster some or all
  std::string bucket = "writ";       // of releases; statuses of nodes are in BUCKET_nodes. Publishers make both
  std::uint32_t replicas = 1;        // of what a publisher makes: 1, or 3 in a cluster
  // Who we are: a file of credentials, or a user and a password, or neither.
  std::string credentials_file = {};
  std::string user = {};
  std::string password = {};
  // TLS: whom we trust, and where the server asks for it our own certificate. Empty: the system's, none.
  std::string ca_file = {};
  std::string certificate_file = {};
  std::string key_file = {};
};

}  // namespace writ::fleet
