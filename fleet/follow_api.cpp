// The interface of include/writ/fleet.hpp over a RunningNode. Built into writ::follow, not into fleet/: it alone knows the handle of a
// program's engine.
#include <fmt/format.h>

#include <utility>

#include "fleet/directory.h"
#include "fleet/engine_version.h"
#include "fleet/nats.h"
#include "fleet/running_node.h"
#include "fleet/schema_hash.h"
#include "host/live_api.h"
#include "include/writ/fleet.hpp"

namespace writ::fleet {

struct Origin::Parts {
  Keys keys;
  std::function<std::expected<std::unique_ptr<Source>, std::string>(const Feed&)> make;
};

struct Follower::Parts {
  std::string state;
  Disk disk;
  std::unique_ptr<RunningNode> node;
};

namespace {

template <typename T>
T or_throw(std::expected<T, std::string> made) {
  if (!made) throw SetupError(made.error());
  return *std::move(made);
}

TrustedKeys read_keys(const Keys& keys) {
  TrustedKeys trusted{.keys = {}, .threshold = keys.threshold};
  for (const std::string& file : keys.files) {
    auto key = read_public_key(file);
    if (!key) throw SetupError(key.error().message);
    trusted.keys.push_back(*key);
  }
  if (keys.threshold == 0 || keys.threshold > trusted.keys.size()) {
    throw SetupError(fmt::format("{} of {} keys cannot sign", keys.threshold, trusted.keys.size()));
  }
  return trusted;
}

Hash hash_of_schema(const host::LiveEngine& engine) {
  const auto hash = schema_hash(engine.schema_text().text);
  if (!hash) throw SetupError("the engine's schema cannot be read");
  return *hash;
}

NodeRules rules_of(const FollowOptions& options, const Keys& keys, const host::LiveEngine& engine) {
  const Statement probe{.channel = options.channel,
                        .tenant = options.tenant,
                        .minimum_engine = std::string(engine_version()),
                        .note = {}};
  if (const std::string fault = fault_of(probe); !fault.empty()) throw SetupError(fault);
  if (!is_node_name(options.node)) throw SetupError(fmt::format("`{}` is no name of a node", options.node));
  return {.feed = {.tenant = options.tenant, .channel = options.channel},
          .node = options.node,
          .trusted = read_keys(keys),
          .schema = hash_of_schema(engine),
          .engine_version = std::string(engine_version()),
          .capabilities = options.capabilities,
          .traps = {.calls_min = options.trap_calls_min, .rate_max = options.trap_rate_max},
          .trial = options.trial,
          .silence_max = options.silence_max};
}

std::function<void(const Notice&)> teller(std::function<void(const FleetNotice&)> told) {
  if (!told) return {};
  // noexcept: what a callback throws must not end up in the node's loop.
  return [told = std::move(told)](const Notice& notice) noexcept {
    told({.kind = std::string(spelling(notice.kind)),
          .sequence = notice.sequence,
          .release = notice.release == Hash{} ? "" : hex(notice.release),
          .code = notice.code ? support::code_text(*notice.code) : "",
          .message = notice.message});
  };
}

std::optional<Hash> read_hash(std::string_view digits) {
  Hash hash;
  if (digits.size() != 2 * hash.size()) return std::nullopt;
  const auto value = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const int high = value(digits[2 * i]);
    const int low = value(digits[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<std::byte>(high * 16 + low);
  }
  return hash;
}

}  // namespace

Origin::Origin(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Origin::Origin(Origin&&) noexcept = default;
Origin& Origin::operator=(Origin&&) noexcept = default;
Origin::~Origin() = default;

Origin directory(std::string path, Keys keys) {
  return Origin(std::make_unique<Origin::Parts>(
      Origin::Parts{.keys = std::move(keys),
                    .make = [path = std::move(path)](const Feed& feed) { return DirectorySource::make(path, feed); }}));
}

Origin nats(NatsOptions options, Keys keys) {
  return Origin(std::make_unique<Origin::Parts>(Origin::Parts{
      .keys = std::move(keys),
      .make = [options = std::move(options)](const Feed& feed) { return NatsSource::make(options, feed); }}));
}

Follower::Follower(Engine& engine, Origin origin, FollowOptions options) : parts_(std::make_unique<Parts>()) {
  host::LiveEngine& live = *engine.handle_->engine;
  NodeRules rules = rules_of(options, origin.parts_->keys, live);
  parts_->state = options.state;
  NodeStore store = or_throw(NodeStore::open(options.state, parts_->disk));
  NodeMemory memory = or_throw(store.load());
  const Pacing pacing{.reread = options.reread, .report = options.report};
  auto source = or_throw(origin.parts_->make(rules.feed));
  parts_->node = std::make_unique<RunningNode>(live, std::move(source), std::move(store), std::move(rules),
                                               std::move(memory), pacing, teller(std::move(options.on_notice)));
}

Follower::Follower(Follower&&) noexcept = default;
Follower& Follower::operator=(Follower&&) noexcept = default;
Follower::~Follower() = default;

FleetStatus Follower::status() const {
  const NodeStatus status = parts_->node->status();
  const std::optional<Hash> held = parts_->node->held();
  return {.running = status.running,
          .release = status.release,
          .is_on_trial = status.is_on_trial,
          .highest = status.highest,
          .fate = status.fate,
          .calls = status.calls,
          .traps = status.traps,
          .silence = std::chrono::seconds(status.heard_s),
          .held = held ? std::optional(hex(*held)) : std::nullopt};
}

bool Follower::approve(std::string_view release) {
  const std::optional<Hash> hash = read_hash(release);
  return hash && fleet::approve(parts_->state, *hash);
}

Follower follow(Engine& engine, Origin origin, FollowOptions options) {
  return {engine, std::move(origin), std::move(options)};
}

}  // namespace writ::fleet
