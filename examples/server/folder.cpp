#include "examples/server/folder.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace shop {
namespace {

constexpr std::uint32_t kWatched = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

constexpr int kPauseMs = 20;
/// Some editors move the old file away before they write the new one: what is gone gets time to come back.
constexpr int kPauseAfterGoneMs = 300;
/// Somebody who never pauses is not waited for.
constexpr std::chrono::milliseconds kLongestWait{500};

bool is_ours(const std::string& name) { return name.ends_with(".writ") || name.ends_with(".toml"); }

bool is_readable_within(int descriptor, int milliseconds) {
  pollfd polled{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&polled, 1, milliseconds) > 0;
}

}  // namespace

Folder::Folder(std::string path, int inotify) : path_(std::move(path)), inotify_(inotify) {}

Folder::Folder(std::string path) : Folder(std::move(path), inotify_init1(IN_CLOEXEC)) {
  // Watched first, read second: a save in between is seen twice, not never.
  if (inotify_add_watch(inotify_, path_.c_str(), kWatched) < 0) {
    throw std::system_error(errno, std::generic_category(), path_);
  }
  read_all();
}

Folder::~Folder() { close(inotify_); }

void Folder::read_changes() {
  const auto start = std::chrono::steady_clock::now();
  std::map<std::string, Change> changes;
  int pause_ms = kPauseMs;
  do {
    take_events(changes);
    const bool is_one_gone = std::ranges::any_of(changes, [](const auto& row) { return row.second == Change::kGone; });
    pause_ms = is_one_gone ? kPauseAfterGoneMs : kPauseMs;
  } while (std::chrono::steady_clock::now() - start < kLongestWait && is_readable_within(inotify_, pause_ms));

  for (const auto& [name, change] : changes) {
    if (change == Change::kGone) files_[name].reset();
    if (change == Change::kWritten) read_file(name);
  }
}

void Folder::take_events(std::map<std::string, Change>& changes) {
  alignas(inotify_event) char buffer[4096];
  const ssize_t size = read(inotify_, buffer, sizeof buffer);
  for (const char* at = buffer; at < buffer + size;) {
    // SAFETY: the kernel writes whole events, aligned, each followed by its name.
    const auto& event = *reinterpret_cast<const inotify_event*>(at);
    const std::string name = event.len == 0 ? "" : at + sizeof(inotify_event);
    at += sizeof(inotify_event) + event.len;
    if ((event.mask & IN_Q_OVERFLOW) != 0) read_all();
    if (!is_ours(name)) continue;
    if ((event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0) {
      changes[name] = Change::kWritten;
    } else {
      changes[name] = (event.mask & IN_MODIFY) != 0 ? Change::kBeingWritten : Change::kGone;
    }
  }
}

void Folder::read_all() {
  for (auto& [name, text] : files_) text.reset();
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    if (is_ours(entry.path().filename())) read_file(entry.path().filename());
  }
}

void Folder::read_file(const std::string& name) {
  std::ifstream file(path_ + "/" + name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // One that vanished meanwhile announces that by an event of its own.
  if (file) files_[name] = std::move(text);
}

}  // namespace shop
