// Whole files into memory, within a cap, and out of it; and the units of a folder.
//
// In: a path as the user gave it ("-" is standard input). Out: the bytes, or one sentence that says why not. Only regular
// files are read, so a named device or pipe cannot hang or feed a compilation; nothing is read before its size is known to
// fit. A file is replaced whole or not at all, also by a crash. Knows nothing of what the bytes mean.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace writ::host {

struct FileError {
  bool too_large = false;
  std::string message;  // "cannot read access.writ: No such file or directory"
};

[[nodiscard]] std::expected<std::string, FileError> read_file(const std::string& path, std::int64_t bytes_max);

/// Writes beside it, syncs, renames over it, syncs the folder. The error is one sentence.
[[nodiscard]] std::expected<void, std::string> replace_file(const std::string& path, std::string_view bytes);

/// The path itself, or where it is a folder its *.writ files by name.
[[nodiscard]] std::expected<std::vector<std::string>, FileError> unit_files(const std::string& path);

/// An open file descriptor, closed at the end of its life.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  int fd_;
};

/// Open for reading; "-" is standard input. Any kind of file but a folder.
[[nodiscard]] std::expected<Descriptor, FileError> open_input(const std::string& path);

}  // namespace writ::host
