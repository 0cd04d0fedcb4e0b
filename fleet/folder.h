// One folder of the file system: its files read within a cap, and replaced so that a reader or a crash sees the old or the new.
//
// In: a path, then names of files. Out: bytes, or one sentence. Links are followed inside of the folder only; devices, pipes and
// whatever else is no regular file are refused. A file is written under another name, synced, renamed, and the folder synced.
// Sub-folders are Folders of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/file.h"

namespace writ::fleet {

/// The system calls by which a file is replaced, so that a test can make each of them fail. They return as the system's do.
class Disk {
 public:
  Disk() = default;
  virtual ~Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual int create(int folder, const char* name);
  virtual std::ptrdiff_t write(int file, const char* bytes, std::size_t size);
  virtual int sync(int file);
  virtual int rename(int folder, const char* from, const char* to);
};

class Folder {
 public:
  [[nodiscard]] static std::expected<Folder, std::string> open(const std::string& path);
  /// Makes it, for its owner alone, where it is not there; its parent is.
  [[nodiscard]] static std::expected<Folder, std::string> make(const std::string& path);

  /// Nothing when there is no such file.
  [[nodiscard]] std::expected<std::optional<std::string>, std::string> read(const std::string& name,
                                                                            std::int64_t bytes_max) const;
  [[nodiscard]] std::expected<void, std::string> replace(const std::string& name, std::string_view bytes,
                                                         Disk& disk) const;
  [[nodiscard]] bool has(const std::string& name) const;
  void remove(const std::string& name) const;
  /// Names of files with this ending, sorted: at most `count_max`, the first of the folder's own order.
  [[nodiscard]] std::vector<std::string> names(std::string_view ending, std::size_t count_max) const;
  [[nodiscard]] std::expected<Folder, std::string> sub_folder(const std::string& name) const;

  /// Held until the descriptor is closed, be it by a crash. Nothing when somebody else holds it and `waits` is false.
  [[nodiscard]] std::optional<host::Descriptor> lock(const std::string& name, bool waits) const;

  [[nodiscard]] int descriptor() const { return fd_.get(); }
  /// Whether the path leads here.
  [[nodiscard]] bool is_at(const std::string& path) const;

 private:
  Folder(host::Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  [[nodiscard]] std::string sentence(const char* what, const std::string& name) const;

  host::Descriptor fd_;
  std::string path_;  // for messages
};

}  // namespace writ::fleet
