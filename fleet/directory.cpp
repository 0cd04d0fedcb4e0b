#include "fleet/directory.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ranges>
#include <utility>

#include "support/limits.h"

namespace writ::fleet {
namespace {

constexpr std::uint32_t kFileEvents = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t kSelfEvents = IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kParentEvents = IN_CREATE | IN_MOVED_TO;

constexpr std::string_view kReleaseEnding = ".wrel";
constexpr std::string_view kStatusEnding = ".json";

std::string history_of(const Feed& feed) { return feed.stem() + ".history"; }
std::string nodes_of(const Feed& feed) { return feed.stem() + ".nodes"; }

/// Of one length, so that the order of names is that of sequences.
std::string history_name(std::uint64_t sequence) { return fmt::format("{:020}{}", sequence, kReleaseEnding); }

}  // namespace

// ---- reading -----------------------------------------------------------------------------------

DirectorySource::DirectorySource(std::string path, Feed feed, host::Descriptor inotify)
    : path_(std::move(path)),
      file_(feed.stem() + std::string(kReleaseEnding)),
      feed_(std::move(feed)),
      inotify_(std::move(inotify)) {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  parent_ = std::filesystem::path(path_).parent_path();
  if (parent_.empty()) parent_ = ".";
  settle();
}

std::expected<std::unique_ptr<Source>, std::string> DirectorySource::make(std::string path, Feed feed) {
  host::Descriptor inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (inotify.get() < 0) return std::unexpected(fmt::format("cannot watch {}: {}", path, std::strerror(errno)));
  return std::unique_ptr<Source>(new DirectorySource(std::move(path), std::move(feed), std::move(inotify)));
}

void DirectorySource::settle() {
  if (parent_watch_ < 0) parent_watch_ = ::inotify_add_watch(inotify_.get(), parent_.c_str(), kParentEvents);
  if (folder_ && folder_->is_at(path_)) return;
  if (watch_ >= 0) ::inotify_rm_watch(inotify_.get(), watch_);
  watch_ = -1;
  folder_.reset();
  auto folder = Folder::open(path_);
  if (!folder) {
    problem_ = std::move(folder.error());
    return;
  }
  // Watched before it is read: what is put there in between is seen twice, not never.
  watch_ = ::inotify_add_watch(inotify_.get(), path_.c_str(), kFileEvents | kSelfEvents | IN_ONLYDIR);
  folder_.emplace(*std::move(folder));
}

bool DirectorySource::take_events() {
  bool concerns_us = false;
  alignas(inotify_event) char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(inotify_.get(), buffer, sizeof buffer)) > 0) {
    for (const char* at = buffer; at < buffer + size;) {
      // SAFETY: the kernel writes whole events, aligned, each followed by its name.
      const auto& event = *reinterpret_cast<const inotify_event*>(at);
      const std::string_view name = event.len == 0 ? "" : at + sizeof(inotify_event);
      at += sizeof(inotify_event) + event.len;
      if (event.wd == parent_watch_ && (event.mask & IN_IGNORED) != 0) parent_watch_ = -1;
      concerns_us |= event.wd != watch_ || name.empty() || name == file_;
    }
  }
  return concerns_us;
}

Heard DirectorySource::take() {
  if (!take_events()) return {.candidates = {}, .answered = folder_.has_value(), .problem = {}};
  return read_again();
}

Heard DirectorySource::read_again() {
  settle();
  if (!folder_) return {.candidates = {}, .answered = false, .problem = problem_};
  auto bytes = folder_->read(file_, support::limits::kReleaseFileBytes);
  Heard heard{.candidates = {}, .answered = true, .problem = {}};
  if (!bytes) {
    heard.problem = std::move(bytes.error());
  } else if (*bytes) {
    heard.candidates.push_back(**std::move(bytes));
  }
  return heard;
}

std::expected<void, std::string> DirectorySource::acknowledge(const std::string& node, std::string_view status) {
  settle();
  if (!folder_) return std::unexpected(problem_);
  auto nodes = folder_->sub_folder(nodes_of(feed_));
  if (!nodes) return std::unexpected(std::move(nodes.error()));
  return nodes->replace(node + std::string(kStatusEnding), status, disk_);
}

// ---- publishing --------------------------------------------------------------------------------

DirectoryPublisher::DirectoryPublisher(Folder folder, Feed feed, TrustedKeys trusted)
    : folder_(std::move(folder)), feed_(std::move(feed)), trusted_(std::move(trusted)) {}

std::expected<std::unique_ptr<Publisher>, std::string> DirectoryPublisher::make(const std::string& path, Feed feed,
                                                                                TrustedKeys trusted) {
  auto folder = Folder::make(path);
  if (!folder) return std::unexpected(std::move(folder.error()));
  return std::unique_ptr<Publisher>(new DirectoryPublisher(*std::move(folder), std::move(feed), std::move(trusted)));
}

std::expected<void, PublishError> DirectoryPublisher::publish(const SignedRelease& release) {
  if (auto wrong = other_feed(release, feed_)) return std::unexpected(*std::move(wrong));
  const auto unreachable = [](std::string message) {
    return std::unexpected(PublishError{.fault = PublishFault::kUnreachable, .message = std::move(message)});
  };
  const auto lock = folder_.lock(feed_.stem() + ".lock", /*waits=*/true);
  if (!lock) return unreachable(fmt::format("cannot lock {}: {}", feed_.stem(), std::strerror(errno)));
  const auto latest = folder_.read(feed_.stem() + std::string(kReleaseEnding), support::limits::kReleaseFileBytes);
  // What cannot be read is no release; it is replaced.
  switch (place_after(release, latest ? *latest : std::nullopt, trusted_)) {
    case Place::kHeldByItself:
      return {};
    case Place::kTaken:
      return std::unexpected(taken(release));
    case Place::kFree:
      break;
  }
  if (auto done = put(release); !done) return unreachable(std::move(done.error()));
  return {};
}

std::expected<void, std::string> DirectoryPublisher::put(const SignedRelease& release) {
  auto history = folder_.sub_folder(history_of(feed_));
  if (!history) return std::unexpected(std::move(history.error()));
  if (auto done = history->replace(history_name(release.statement().sequence), release.bytes(), disk_); !done) {
    return done;
  }
  if (auto done = folder_.replace(feed_.stem() + std::string(kReleaseEnding), release.bytes(), disk_); !done) {
    return done;
  }
  const auto kept = history->names(kReleaseEnding, 2 * support::limits::kFleetHistory);
  for (std::size_t i = 0; i + support::limits::kFleetHistory < kept.size(); ++i) history->remove(kept[i]);
  return {};
}

std::expected<std::vector<SignedRelease>, std::string> DirectoryPublisher::history() {
  const auto folder = folder_.sub_folder(history_of(feed_));
  if (!folder) return std::unexpected(folder.error());
  std::vector<SignedRelease> releases;
  for (const std::string& name : folder->names(kReleaseEnding, support::limits::kFleetHistory) | std::views::reverse) {
    const auto bytes = folder->read(name, support::limits::kReleaseFileBytes);
    if (!bytes || !*bytes) continue;
    if (auto release = SignedRelease::verify(**bytes, trusted_)) releases.push_back(*std::move(release));
  }
  return releases;
}

std::expected<std::vector<ShownStatus>, std::string> DirectoryPublisher::statuses() {
  const auto folder = folder_.sub_folder(nodes_of(feed_));
  if (!folder) return std::unexpected(folder.error());
  std::vector<ShownStatus> statuses;
  for (const std::string& name : folder->names(kStatusEnding, support::limits::kFleetNodes)) {
    auto text = folder->read(name, support::limits::kNodeStatusBytes);
    if (!text || !*text) continue;
    statuses.push_back({.node = name.substr(0, name.size() - kStatusEnding.size()), .text = **std::move(text)});
  }
  return statuses;
}

}  // namespace writ::fleet
