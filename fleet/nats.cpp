#include "fleet/nats.h"

#include <fmt/format.h>
#include <nats/nats.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

#include "host/file.h"
#include "support/limits.h"

namespace writ::fleet {
namespace {

constexpr std::int64_t kAnswerMs = 2'000;    // a request is waited for
constexpr std::int64_t kReconnectMs = 200;   // and as much again at random, so that a fleet does not come at once
constexpr std::int64_t kPingMs = 5'000;      // a connection that was cut without a word is found within two of them
constexpr std::size_t kWaitingMessages = 4;  // announcements; what is more is read on the schedule
constexpr int kTriesMax = 5;                 // of compare and set, when others win

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};
template <typename T, auto kFree>
using Handle = std::unique_ptr<T, Free<kFree>>;
using EntryHandle = Handle<kvEntry, &kvEntry_Destroy>;
using StoreHandle = Handle<kvStore, &kvStore_Destroy>;

std::string nodes_bucket(const NatsOptions& options) { return options.bucket + "_nodes"; }

std::string sentence(const char* what, natsStatus status) {
  return fmt::format("cannot {}: {}", what, natsStatus_GetText(status));
}

std::expected<std::string, std::string> bytes_of(kvEntry* entry, std::int64_t bytes_max) {
  const int size = kvEntry_ValueLen(entry);
  if (size > bytes_max) return std::unexpected(fmt::format("what is there is over the limit of {} bytes", bytes_max));
  return std::string(static_cast<const char*>(kvEntry_Value(entry)), static_cast<std::size_t>(std::max(size, 0)));
}

}  // namespace

// ---- the connection ----------------------------------------------------------------------------

class NatsConnection {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<NatsConnection>, std::string> make(const NatsOptions& options) {
    std::unique_ptr<NatsConnection> made(new NatsConnection(options));
    natsOptions* raw = nullptr;
    natsStatus status = natsOptions_Create(&raw);
    const Handle<natsOptions, &natsOptions_Destroy> given(raw);
    if (status == NATS_OK) status = made->fill(raw);
    natsConnection* connection = nullptr;
    if (status == NATS_OK) status = natsConnection_Connect(&connection, raw);
    made->connection_.reset(connection);
    if (status == NATS_OK || status == NATS_NOT_YET_CONNECTED) return made;
    return std::unexpected(sentence("use these NATS options", status));
  }

  [[nodiscard]] natsConnection* get() const { return connection_.get(); }
  /// Ended with this, after its last callback.
  void keep(natsSubscription* subscription) { subscription_.reset(subscription); }
  [[nodiscard]] const NatsOptions& options() const { return options_; }
  [[nodiscard]] bool is_up() const { return natsConnection_Status(get()) == NATS_CONN_STATUS_CONNECTED; }
  [[nodiscard]] std::uint64_t reconnects() const {
    natsStatistics* raw = nullptr;
    std::uint64_t count = 0;
    if (natsStatistics_Create(&raw) != NATS_OK) return 0;
    const Handle<natsStatistics, &natsStatistics_Destroy> statistics(raw);
    natsConnection_GetStats(get(), raw);
    natsStatistics_GetCounts(raw, nullptr, nullptr, nullptr, nullptr, &count);
    return count;
  }

  /// The bucket, where it is there.
  [[nodiscard]] natsStatus open(const std::string& bucket, StoreHandle& store) {
    kvStore* raw = nullptr;
    natsStatus status = stream();
    if (status == NATS_OK) status = js_KeyValue(&raw, stream_.get(), bucket.c_str());
    store.reset(raw);
    return status;
  }
  [[nodiscard]] natsStatus make_bucket(const std::string& bucket, std::uint8_t history) {
    natsStatus status = stream();
    if (status != NATS_OK) return status;
    kvConfig config;
    kvConfig_Init(&config);
    config.Bucket = bucket.c_str();
    config.History = history;
    config.Replicas = static_cast<int>(options_.replicas);
    config.StorageType = js_FileStorage;
    kvStore* raw = nullptr;
    status = js_CreateKeyValue(&raw, stream_.get(), &config);
    StoreHandle store(raw);
    // One that somebody else has made, with a history of its own, serves as well.
    return status == NATS_OK ? status : open(bucket, store);
  }

 private:
  explicit NatsConnection(NatsOptions options) : options_(std::move(options)) {}

  static void connected(natsConnection* /*connection*/, void* /*closure*/) {}

  [[nodiscard]] natsStatus fill(natsOptions* given) const {
    std::vector<const char*> servers;
    for (const std::string& server : options_.servers) servers.push_back(server.c_str());
    if (servers.empty()) return NATS_NO_SERVER;
    const natsStatus outcomes[] = {
        natsOptions_SetServers(given, servers.data(), static_cast<int>(servers.size())),
        natsOptions_SetName(given, "writ"),
        natsOptions_SetTimeout(given, kAnswerMs),
        natsOptions_SetPingInterval(given, kPingMs),
        natsOptions_SetAllowReconnect(given, true),
        natsOptions_SetMaxReconnect(given, -1),
        natsOptions_SetReconnectWait(given, kReconnectMs),
        natsOptions_SetReconnectJitter(given, kReconnectMs, kReconnectMs),
        natsOptions_SetFailRequestsOnDisconnect(given, true),
        // With a callback it is tried in the background.
        natsOptions_SetRetryOnFailedConnect(given, true, &connected, nullptr),
        fill_identity(given),
        fill_tls(given),
    };
    const auto* const wrong = std::ranges::find_if(outcomes, [](natsStatus status) { return status != NATS_OK; });
    return wrong == std::end(outcomes) ? NATS_OK : *wrong;
  }
  [[nodiscard]] natsStatus fill_identity(natsOptions* given) const {
    if (!options_.credentials_file.empty()) {
      return natsOptions_SetUserCredentialsFromFiles(given, options_.credentials_file.c_str(), nullptr);
    }
    if (options_.user.empty()) return NATS_OK;
    return natsOptions_SetUserInfo(given, options_.user.c_str(), options_.password.c_str());
  }
  [[nodiscard]] natsStatus fill_tls(natsOptions* given) const {
    natsStatus status = NATS_OK;
    if (!options_.ca_file.empty()) {
      status = natsOptions_LoadCATrustedCertificates(given, options_.ca_file.c_str());
      if (status == NATS_OK) status = natsOptions_SetSecure(given, true);
    }
    if (status == NATS_OK && !options_.certificate_file.empty()) {
      status = natsOptions_LoadCertificatesChain(given, options_.certificate_file.c_str(), options_.key_file.c_str());
    }
    return status;
  }

  [[nodiscard]] natsStatus stream() {
    if (stream_ != nullptr) return NATS_OK;
    jsOptions given;
    jsOptions_Init(&given);
    given.Wait = kAnswerMs;
    jsCtx* raw = nullptr;
    const natsStatus status = natsConnection_JetStream(&raw, get(), &given);
    stream_.reset(raw);
    return status;
  }

  NatsOptions options_;
  Handle<natsConnection, &natsConnection_Destroy> connection_;
  Handle<jsCtx, &jsCtx_Destroy> stream_;
  Handle<natsSubscription, &natsSubscription_Destroy> subscription_;
};

// ---- reading -----------------------------------------------------------------------------------

/// What was announced and not taken yet. The library's threads put; the node's takes.
class NatsSource::Mailbox {
 public:
  Mailbox() : ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  [[nodiscard]] int descriptor() const { return ready_.get(); }
  void put(std::string bytes) {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() == kWaitingMessages) waiting_.pop_front();
    waiting_.push_back(std::move(bytes));
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(ready_.get(), &one, sizeof one);
  }
  [[nodiscard]] std::vector<std::string> take() {
    // First: what is put from here on makes it readable again.
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t taken = ::read(ready_.get(), &count, sizeof count);
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> all(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
    waiting_.clear();
    return all;
  }

  // The library's callbacks. Each subscription has a share in the mailbox, given back when its last callback has ended.
  using Share = std::shared_ptr<Mailbox>;
  static void announced(natsConnection* /*connection*/, natsSubscription* /*subscription*/, natsMsg* raw, void* share) {
    const Handle<natsMsg, &natsMsg_Destroy> message(raw);
    const int size = natsMsg_GetDataLength(raw);
    if (size <= 0 || size > support::limits::kReleaseFileBytes) return;  // removed; too large: the schedule tells so
    (*static_cast<Share*>(share))->put(std::string(natsMsg_GetData(raw), static_cast<std::size_t>(size)));
  }
  static void ended(void* share) { delete static_cast<Share*>(share); }

 private:
  host::Descriptor ready_;
  std::mutex mutex_;
  std::deque<std::string> waiting_;
};

NatsSource::NatsSource(std::unique_ptr<NatsConnection> connection, Feed feed)
    : connection_(std::move(connection)), feed_(std::move(feed)), mailbox_(std::make_shared<Mailbox>()) {}

NatsSource::~NatsSource() = default;

std::expected<std::unique_ptr<Source>, std::string> NatsSource::make(const NatsOptions& options, Feed feed) {
  auto connection = NatsConnection::make(options);
  if (!connection) return std::unexpected(std::move(connection.error()));
  std::unique_ptr<NatsSource> source(new NatsSource(*std::move(connection), std::move(feed)));
  if (auto problem = source->listen()) return std::unexpected(*std::move(problem));
  return source;
}

std::optional<std::string> NatsSource::listen() {
  const std::string subject = fmt::format("$KV.{}.{}", connection_->options().bucket, feed_.stem());
  auto share = std::make_unique<Mailbox::Share>(mailbox_);
  natsSubscription* raw = nullptr;
  natsStatus status =
      natsConnection_Subscribe(&raw, connection_->get(), subject.c_str(), &Mailbox::announced, share.get());
  if (status != NATS_OK) return sentence("listen to NATS", status);
  connection_->keep(raw);
  natsSubscription_SetPendingLimits(raw, kWaitingMessages, -1);
  status = natsSubscription_SetOnCompleteCB(raw, &Mailbox::ended, share.get());
  if (status != NATS_OK) return sentence("listen to NATS", status);
  share.release();  // NOLINT(bugprone-unused-return-value): `ended` deletes it
  return std::nullopt;
}

int NatsSource::descriptor() const { return mailbox_->descriptor(); }

Heard NatsSource::take() {
  // What was announced while the connection was down is in the key, and nowhere else.
  const bool is_up = connection_->is_up();
  if (is_up && reconnects_ != connection_->reconnects()) return read_again();
  return {.candidates = mailbox_->take(), .answered = is_up, .problem = {}};
}

Heard NatsSource::read_again() {
  Heard heard{.candidates = mailbox_->take(), .answered = false, .problem = {}};
  if (!connection_->is_up()) {
    heard.problem = "no NATS server can be reached";
    return heard;
  }
  const std::uint64_t reconnects = connection_->reconnects();
  StoreHandle store;
  natsStatus status = connection_->open(connection_->options().bucket, store);
  kvEntry* raw = nullptr;
  if (status == NATS_OK) status = kvStore_Get(&raw, store.get(), feed_.stem().c_str());
  const EntryHandle entry(raw);
  if (status != NATS_OK && status != NATS_NOT_FOUND) {
    heard.problem = sentence("read from NATS", status);
    return heard;
  }
  reconnects_ = reconnects;
  heard.answered = true;
  if (status == NATS_NOT_FOUND) return heard;
  auto bytes = bytes_of(raw, support::limits::kReleaseFileBytes);
  if (bytes) {
    heard.candidates.push_back(*std::move(bytes));
  } else {
    heard.problem = std::move(bytes.error());
  }
  return heard;
}

std::expected<void, std::string> NatsSource::acknowledge(const std::string& node, std::string_view status) {
  if (!connection_->is_up()) return std::unexpected(std::string("no NATS server can be reached"));
  StoreHandle store;
  natsStatus done = connection_->open(nodes_bucket(connection_->options()), store);
  const std::string key = feed_.stem() + "." + node;
  if (done == NATS_OK) {
    done = kvStore_Put(nullptr, store.get(), key.c_str(), status.data(), static_cast<int>(status.size()));
  }
  if (done != NATS_OK) return std::unexpected(sentence("show a status in NATS", done));
  return {};
}

// ---- publishing --------------------------------------------------------------------------------

NatsPublisher::NatsPublisher(std::unique_ptr<NatsConnection> connection, Feed feed, TrustedKeys trusted)
    : connection_(std::move(connection)), feed_(std::move(feed)), trusted_(std::move(trusted)) {}

NatsPublisher::~NatsPublisher() = default;

std::expected<std::unique_ptr<Publisher>, std::string> NatsPublisher::make(const NatsOptions& options, Feed feed,
                                                                           TrustedKeys trusted) {
  auto connection = NatsConnection::make(options);
  if (!connection) return std::unexpected(std::move(connection.error()));
  natsStatus status = natsConnection_FlushTimeout((*connection)->get(), kAnswerMs);
  if (status == NATS_OK) status = (*connection)->make_bucket(options.bucket, support::limits::kFleetHistory);
  if (status == NATS_OK) status = (*connection)->make_bucket(nodes_bucket(options), 1);
  if (status != NATS_OK) return std::unexpected(sentence("publish to NATS", status));
  return std::unique_ptr<Publisher>(new NatsPublisher(*std::move(connection), std::move(feed), std::move(trusted)));
}

std::expected<void, PublishError> NatsPublisher::publish(const SignedRelease& release) {
  if (auto wrong = other_feed(release, feed_)) return std::unexpected(*std::move(wrong));
  const auto unreachable = [](std::string message) {
    return std::unexpected(PublishError{.fault = PublishFault::kUnreachable, .message = std::move(message)});
  };
  const std::string_view bytes = release.bytes();
  if (std::cmp_greater(bytes.size(), natsConnection_GetMaxPayload(connection_->get()))) {
    return unreachable(fmt::format("the release has {} bytes, and this NATS server takes {} (its max_payload)",
                                   bytes.size(), natsConnection_GetMaxPayload(connection_->get())));
  }
  StoreHandle store;
  const std::string key = feed_.stem();
  natsStatus status = connection_->open(connection_->options().bucket, store);
  // An update that failed may have been too late or may have landed: the next turn sees which.
  for (int tried = 0; tried < kTriesMax && (status == NATS_OK || tried != 0); ++tried) {
    kvEntry* raw = nullptr;
    status = kvStore_Get(&raw, store.get(), key.c_str());
    const EntryHandle entry(raw);
    if (status != NATS_OK && status != NATS_NOT_FOUND) continue;
    std::optional<std::string> latest;
    if (raw != nullptr) {
      if (auto there = bytes_of(raw, support::limits::kReleaseFileBytes)) latest = *std::move(there);
    }
    const Place place = place_after(release, latest, trusted_);
    if (place == Place::kHeldByItself) return {};
    if (place == Place::kTaken) return std::unexpected(taken(release));
    const std::uint64_t revision = raw == nullptr ? 0 : kvEntry_Revision(raw);
    const int size = static_cast<int>(bytes.size());
    status = revision == 0 ? kvStore_Create(nullptr, store.get(), key.c_str(), bytes.data(), size)
                           : kvStore_Update(nullptr, store.get(), key.c_str(), bytes.data(), size, revision);
    if (status == NATS_OK) return {};
  }
  return unreachable(sentence("publish to NATS", status));
}

std::expected<std::vector<SignedRelease>, std::string> NatsPublisher::history() {
  StoreHandle store;
  kvEntryList list{};
  natsStatus status = connection_->open(connection_->options().bucket, store);
  if (status == NATS_OK) status = kvStore_History(&list, store.get(), feed_.stem().c_str(), nullptr);
  if (status == NATS_NOT_FOUND) return std::vector<SignedRelease>{};
  if (status != NATS_OK) return std::unexpected(sentence("read from NATS", status));
  const Handle<kvEntryList, &kvEntryList_Destroy> entries(&list);
  std::vector<SignedRelease> releases;
  for (int i = list.Count; i-- > 0;) {
    const auto bytes = bytes_of(list.Entries[i], support::limits::kReleaseFileBytes);
    if (!bytes) continue;
    if (auto release = SignedRelease::verify(*bytes, trusted_)) releases.push_back(*std::move(release));
  }
  return releases;
}

std::expected<std::vector<ShownStatus>, std::string> NatsPublisher::statuses() {
  StoreHandle store;
  kvWatcher* raw_watcher = nullptr;
  natsStatus status = connection_->open(nodes_bucket(connection_->options()), store);
  const std::string keys = feed_.stem() + ".>";
  if (status == NATS_OK) status = kvStore_Watch(&raw_watcher, store.get(), keys.c_str(), nullptr);
  const Handle<kvWatcher, &kvWatcher_Destroy> watcher(raw_watcher);
  if (status != NATS_OK) return std::unexpected(sentence("read from NATS", status));
  std::vector<ShownStatus> statuses;
  while (std::cmp_less(statuses.size(), support::limits::kFleetNodes)) {
    kvEntry* raw = nullptr;
    status = kvWatcher_Next(&raw, raw_watcher, kAnswerMs);
    const EntryHandle entry(raw);
    if (status != NATS_OK) return std::unexpected(sentence("read from NATS", status));
    if (raw == nullptr) break;  // all that are there were shown
    auto text = bytes_of(raw, support::limits::kNodeStatusBytes);
    if (!text || kvEntry_Operation(raw) != kvOp_Put) continue;
    statuses.push_back(
        {.node = std::string(kvEntry_Key(raw)).substr(feed_.stem().size() + 1), .text = *std::move(text)});
  }
  return statuses;
}

}  // namespace writ::fleet
