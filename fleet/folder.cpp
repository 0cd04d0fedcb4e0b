#include "fleet/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace writ::fleet {
namespace {

constexpr mode_t kOwnFolderMode = 0700;
constexpr mode_t kSharedFolderMode = 0777;  // less what the umask takes
constexpr mode_t kFileMode = 0644;

/// Below the folder, whatever links stand there. O_NONBLOCK: a pipe in a file's place must not make us wait.
host::Descriptor open_beneath(int folder, const char* name) {
  open_how how{.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .mode = 0, .resolve = RESOLVE_BENEATH};
  const long fd = ::syscall(SYS_openat2, folder, name, &how, sizeof how);
  if (fd >= 0 || errno != ENOSYS) return host::Descriptor(static_cast<int>(fd));
  return host::Descriptor(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
}

/// The file's bytes, at most one more than `cap`. False: errno says why.
bool read_to_end(int fd, std::size_t cap, std::string& bytes) {
  while (bytes.size() <= cap) {
    const std::size_t old_size = bytes.size();
    bytes.resize(old_size + std::min<std::size_t>(cap + 1 - old_size, 65'536));
    const ssize_t got = ::read(fd, bytes.data() + old_size, bytes.size() - old_size);
    bytes.resize(old_size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return true;
    if (got < 0 && errno != EINTR) return false;
  }
  return true;
}

bool write_all(Disk& disk, int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::ptrdiff_t put = disk.write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

int Disk::create(int folder, const char* name) {
  return ::openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode);
}
std::ptrdiff_t Disk::write(int file, const char* bytes, std::size_t size) { return ::write(file, bytes, size); }
int Disk::sync(int file) { return ::fsync(file); }
int Disk::rename(int folder, const char* from, const char* to) { return ::renameat(folder, from, folder, to); }

std::expected<Folder, std::string> Folder::open(const std::string& path) {
  host::Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (fd.get() < 0) return std::unexpected(fmt::format("cannot open the folder {}: {}", path, std::strerror(errno)));
  return Folder(std::move(fd), path);
}

std::expected<Folder, std::string> Folder::make(const std::string& path) {
  if (::mkdir(path.c_str(), kOwnFolderMode) != 0 && errno != EEXIST) {
    return std::unexpected(fmt::format("cannot make the folder {}: {}", path, std::strerror(errno)));
  }
  return open(path);
}

std::string Folder::sentence(const char* what, const std::string& name) const {
  return fmt::format("cannot {} {}/{}: {}", what, path_, name, std::strerror(errno));
}

std::expected<std::optional<std::string>, std::string> Folder::read(const std::string& name,
                                                                    std::int64_t bytes_max) const {
  const host::Descriptor file = open_beneath(fd_.get(), name.c_str());
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return std::unexpected(sentence("read", name));
  if (!S_ISREG(status.st_mode)) {
    return std::unexpected(fmt::format("cannot read {}/{}: it is not a regular file", path_, name));
  }
  std::string bytes;
  const auto cap = static_cast<std::size_t>(bytes_max);
  if (status.st_size <= bytes_max && !read_to_end(file.get(), cap, bytes)) {
    return std::unexpected(sentence("read", name));
  }
  if (status.st_size > bytes_max || bytes.size() > cap) {
    return std::unexpected(fmt::format("cannot read {}/{}: it is over the limit of {} bytes", path_, name, bytes_max));
  }
  return bytes;
}

std::expected<void, std::string> Folder::replace(const std::string& name, std::string_view bytes, Disk& disk) const {
  const std::string other_name = "." + name + ".tmp";
  const int fd = disk.create(fd_.get(), other_name.c_str());
  if (fd < 0) return std::unexpected(sentence("write", other_name));
  const host::Descriptor file(fd);
  if (!write_all(disk, fd, bytes) || disk.sync(fd) != 0 ||
      disk.rename(fd_.get(), other_name.c_str(), name.c_str()) != 0 || disk.sync(fd_.get()) != 0) {
    return std::unexpected(sentence("write", name));
  }
  return {};
}

bool Folder::has(const std::string& name) const {
  return ::faccessat(fd_.get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void Folder::remove(const std::string& name) const { ::unlinkat(fd_.get(), name.c_str(), 0); }

std::vector<std::string> Folder::names(std::string_view ending, std::size_t count_max) const {
  struct Close {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };
  std::vector<std::string> found;
  // A descriptor of its own: reading moves a position that duplicates share.
  const int fd = ::openat(fd_.get(), ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  const std::unique_ptr<DIR, Close> directory(fd < 0 ? nullptr : ::fdopendir(fd));
  if (directory == nullptr) {
    if (fd >= 0) ::close(fd);
    return found;
  }
  while (const dirent* const entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name.starts_with('.') || !name.ends_with(ending)) continue;
    if (found.size() == count_max) break;
    found.emplace_back(name);
  }
  std::ranges::sort(found);
  return found;
}

std::expected<Folder, std::string> Folder::sub_folder(const std::string& name) const {
  if (::mkdirat(fd_.get(), name.c_str(), kSharedFolderMode) != 0 && errno != EEXIST) {
    return std::unexpected(sentence("make", name));
  }
  host::Descriptor fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW));
  if (fd.get() < 0) return std::unexpected(sentence("open", name));
  return Folder(std::move(fd), path_ + "/" + name);
}

std::optional<host::Descriptor> Folder::lock(const std::string& name, bool waits) const {
  host::Descriptor file(::openat(fd_.get(), name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (file.get() < 0) return std::nullopt;
  while (::flock(file.get(), waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return std::nullopt;
  }
  return file;
}

bool Folder::is_at(const std::string& path) const {
  struct stat here{};
  struct stat there{};
  return ::fstat(fd_.get(), &here) == 0 && ::stat(path.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
         here.st_ino == there.st_ino;
}

}  // namespace writ::fleet
