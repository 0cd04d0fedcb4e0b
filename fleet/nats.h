// A feed in NATS JetStream's key-value store: one key that is compared and set, and one a node for its status.
//
//   BUCKET        TENANT.CHANNEL        the latest release, and limits::kFleetHistory earlier ones
//   BUCKET_nodes  TENANT.CHANNEL.NODE   what each node says of itself
//
// The source listens to the key's subject: that is quick and may lose. It reads the key itself after each reconnect, and on the
// node's schedule. Connecting goes on in the background for ever, so a node starts without a broker. NATS's revisions order
// publishers' writes and nothing else: what counts is signed inside the payload. This file and nats.cpp alone know libnats.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "fleet/source.h"
#include "include/writ/nats_options.hpp"

namespace writ::fleet {

/// A connection that reconnects. Of one thread, but for what the library does behind it.
class NatsConnection;

class NatsSource final : public Source {
 public:
  /// The error is one sentence: of options that cannot work, not of a broker that is away.
  [[nodiscard]] static std::expected<std::unique_ptr<Source>, std::string> make(const NatsOptions& options, Feed feed);
  ~NatsSource() override;

  [[nodiscard]] int descriptor() const override;
  [[nodiscard]] Heard take() override;
  [[nodiscard]] Heard read_again() override;
  [[nodiscard]] std::expected<void, std::string> acknowledge(const std::string& node, std::string_view status) override;

 private:
  class Mailbox;
  NatsSource(std::unique_ptr<NatsConnection> connection, Feed feed);
  [[nodiscard]] std::optional<std::string> listen();

  std::unique_ptr<NatsConnection> connection_;
  Feed feed_;
  std::shared_ptr<Mailbox> mailbox_;
  std::optional<std::uint64_t> reconnects_;  // when the key was last read; nothing: never
};

class NatsPublisher final : public Publisher {
 public:
  /// Connects, and makes the buckets where they are not there.
  [[nodiscard]] static std::expected<std::unique_ptr<Publisher>, std::string> make(const NatsOptions& options,
                                                                                   Feed feed, TrustedKeys trusted);
  ~NatsPublisher() override;

  [[nodiscard]] std::expected<void, PublishError> publish(const SignedRelease& release) override;
  [[nodiscard]] std::expected<std::vector<SignedRelease>, std::string> history() override;
  [[nodiscard]] std::expected<std::vector<ShownStatus>, std::string> statuses() override;

 private:
  NatsPublisher(std::unique_ptr<NatsConnection> connection, Feed feed, TrustedKeys trusted);

  std::unique_ptr<NatsConnection> connection_;
  Feed feed_;
  TrustedKeys trusted_;
};

}  // namespace writ::fleet
