#include "host/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "support/limits.h"

namespace writ::host {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
constexpr mode_t kFileMode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

std::unexpected<FileError> cannot_read(const std::string& path, std::string_view why) {
  return std::unexpected(FileError{.message = fmt::format("cannot read {}: {}", path, why)});
}

std::unexpected<FileError> too_large(const std::string& path, std::int64_t bytes_max) {
  return std::unexpected(FileError{
      .too_large = true, .message = fmt::format("cannot read {}: it is over the limit of {} bytes", path, bytes_max)});
}

std::expected<std::string, FileError> read_all(int fd, const std::string& path, std::int64_t bytes_max) {
  std::string text;
  const auto cap = static_cast<std::size_t>(bytes_max);
  while (true) {
    const std::size_t old_size = text.size();
    text.resize(old_size + std::min(kChunkBytes, cap + 1 - old_size));
    const ssize_t got = ::read(fd, text.data() + old_size, text.size() - old_size);
    if (got < 0 && errno == EINTR) {
      text.resize(old_size);
      continue;
    }
    if (got < 0) return cannot_read(path, std::strerror(errno));
    text.resize(old_size + static_cast<std::size_t>(got));
    if (got == 0) return text;
    if (text.size() > cap) return too_large(path, bytes_max);
  }
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

std::expected<Descriptor, FileError> open_input(const std::string& path) {
  if (path == "-") return Descriptor(STDIN_FILENO);
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return cannot_read(path, std::strerror(errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return cannot_read(path, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return cannot_read(path, "it is a folder");
  return file;
}

std::expected<std::string, FileError> read_file(const std::string& path, std::int64_t bytes_max) {
  if (path == "-") return read_all(STDIN_FILENO, path, bytes_max);
  // O_NONBLOCK: opening a pipe must not wait for its other end before we can refuse it.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return cannot_read(path, std::strerror(errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return cannot_read(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return cannot_read(path, "it is not a regular file");
  if (status.st_size > bytes_max) return too_large(path, bytes_max);
  return read_all(file.get(), path, bytes_max);
}

std::expected<void, std::string> replace_file(const std::string& path, std::string_view bytes) {
  const auto failed = [&] { return std::unexpected(fmt::format("cannot write {}: {}", path, std::strerror(errno))); };
  std::string beside = path + ".XXXXXX";
  const Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
  if (file.get() < 0) return failed();
  if (!write_all(file.get(), bytes) || ::fchmod(file.get(), kFileMode) != 0 || ::fsync(file.get()) != 0 ||
      ::rename(beside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    errno = error;
    return failed();
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const Descriptor parent(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return failed();
  return {};
}

std::expected<std::vector<std::string>, FileError> unit_files(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector{path};
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".writ") continue;
    if (files.size() == support::limits::kUnits) {
      return std::unexpected(
          FileError{.too_large = true,
                    .message = fmt::format("cannot read {}: it holds over {} units", path, support::limits::kUnits)});
    }
    files.push_back(entry->path().string());
  }
  if (error) return cannot_read(path, error.message());
  if (files.empty()) return cannot_read(path, "the folder holds no *.writ file");
  std::ranges::sort(files);
  return files;
}

}  // namespace writ::host
