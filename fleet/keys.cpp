#include "fleet/keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>

#include "fleet/refusal.h"
#include "host/file.h"
#include "support/check.h"

namespace writ::fleet {
namespace {

using support::Code;
using support::Diagnostic;

static_assert(sizeof(PublicKey) == crypto_sign_PUBLICKEYBYTES && sizeof(SignatureBytes) == crypto_sign_BYTES);

constexpr std::string_view kPublicKind = "writ-public-key-1 ";
constexpr std::string_view kSecretKind = "writ-secret-key-1 ";
constexpr std::size_t kDigits = 64;

// SAFETY: std::byte, char and unsigned char are all bytes.
const unsigned char* input(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
const unsigned char* input(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* output(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

/// A key file's line, wiped when it is dropped: it may be a secret's.
class KeyLine {
 public:
  KeyLine() = default;
  KeyLine(const KeyLine&) = delete;
  KeyLine& operator=(const KeyLine&) = delete;
  ~KeyLine() { sodium_memzero(chars_.data(), chars_.size()); }

  void set(std::string_view kind, std::span<const std::byte> key) {
    WRIT_CHECK(kind.size() + kDigits + 1 <= chars_.size() && key.size() * 2 == kDigits);
    std::ranges::copy(kind, chars_.begin());
    sodium_bin2hex(chars_.data() + kind.size(), kDigits + 1, input(key), key.size());
    size_ = kind.size() + kDigits;
    chars_[size_++] = '\n';
  }
  /// False when the file has more bytes than a line.
  [[nodiscard]] bool read(int fd) {
    ssize_t got = 1;
    while (got != 0 && size_ < chars_.size()) {
      got = ::read(fd, chars_.data() + size_, chars_.size() - size_);
      if (got < 0 && errno != EINTR) return false;
      if (got > 0) size_ += static_cast<std::size_t>(got);
    }
    return size_ < chars_.size();
  }
  [[nodiscard]] bool write(int fd) const {
    for (std::size_t done = 0; done < size_;) {
      const ssize_t put = ::write(fd, chars_.data() + done, size_ - done);
      if (put < 0 && errno != EINTR) return false;
      if (put > 0) done += static_cast<std::size_t>(put);
    }
    return true;
  }
  /// The key of a line of that kind.
  [[nodiscard]] bool get(std::string_view kind, std::span<std::byte> key) const {
    std::string_view text(chars_.data(), size_);
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (!text.starts_with(kind) || text.size() != kind.size() + kDigits) return false;
    text.remove_prefix(kind.size());
    std::size_t bytes = 0;
    return sodium_hex2bin(output(key), key.size(), text.data(), text.size(), nullptr, &bytes, nullptr) == 0 &&
           bytes == key.size();
  }

 private:
  std::array<char, kPublicKind.size() + kDigits + 2> chars_{};  // a line, and room to see that there is more
  std::size_t size_ = 0;
};

std::unexpected<Diagnostic> cannot(Code code, std::string_view what, const std::string& path, std::string_view why,
                                   std::string help = {}) {
  return std::unexpected(refusal(code, fmt::format("cannot {} {}: {}", what, path, why), std::move(help)));
}

enum class Eyes : std::uint8_t { kAnybody, kOwner };

std::expected<void, Diagnostic> read_line(KeyLine& line, const std::string& path, Eyes eyes) {
  const host::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return cannot(Code::kUnreadableFile, "read", path, std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) return cannot(Code::kUnreadableFile, "read", path, "it is not a regular file");
  if (eyes == Eyes::kOwner && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return cannot(Code::kBadKeyFile, "take", path, "it is a secret, and others may read it",
                  fmt::format("chmod 600 {}", path));
  }
  if (!line.read(file.get())) return cannot(Code::kBadKeyFile, "take", path, "it is not a key file");
  return {};
}

/// A new file, whole on disk or not there.
std::expected<void, Diagnostic> write_line(const KeyLine& line, const std::string& path, Eyes eyes) {
  const mode_t mode = eyes == Eyes::kOwner ? S_IRUSR | S_IWUSR : S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
  const host::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (file.get() < 0) return cannot(Code::kUnwritableFile, "write", path, std::strerror(errno));
  if (!line.write(file.get()) || ::fsync(file.get()) != 0) {
    const int error = errno;
    ::unlink(path.c_str());
    return cannot(Code::kUnwritableFile, "write", path, std::strerror(error));
  }
  return {};
}

std::unexpected<Diagnostic> not_a_key(const std::string& path, std::string_view kind) {
  return cannot(Code::kBadKeyFile, "take", path, "it is no such key file",
                fmt::format("a file that `writ keygen` made: one line, `{}` and {} digits", kind, kDigits));
}

}  // namespace

void SecretKey::Wipe::operator()(Bytes* bytes) const {
  sodium_memzero(bytes->data(), bytes->size());
  delete bytes;
}

SecretKey SecretKey::generate() {
  WRIT_CHECK(sodium_init() >= 0);
  std::unique_ptr<Bytes, Wipe> bytes(new Bytes);
  PublicKey unused;
  crypto_sign_keypair(output(unused.bytes), output(*bytes));
  return SecretKey(std::move(bytes));
}

std::expected<SecretKey, Diagnostic> SecretKey::read_file(const std::string& path) {
  KeyLine line;
  if (auto read = read_line(line, path, Eyes::kOwner); !read) return std::unexpected(std::move(read.error()));
  std::unique_ptr<Bytes, Wipe> bytes(new Bytes);
  const std::unique_ptr<Bytes, Wipe> seed(new Bytes);  // of its own: the pair is written while it is read
  if (!line.get(kSecretKind, std::span(*seed).first<crypto_sign_SEEDBYTES>())) return not_a_key(path, kSecretKind);
  PublicKey unused;
  crypto_sign_seed_keypair(output(unused.bytes), output(*bytes), input(*seed));
  return SecretKey(std::move(bytes));
}

std::expected<void, Diagnostic> SecretKey::write_file(const std::string& path) const {
  KeyLine line;
  line.set(kSecretKind, std::span(*bytes_).first<crypto_sign_SEEDBYTES>());
  return write_line(line, path, Eyes::kOwner);
}

PublicKey SecretKey::public_key() const {
  PublicKey key;
  crypto_sign_ed25519_sk_to_pk(output(key.bytes), input(*bytes_));
  return key;
}

SignatureBytes SecretKey::sign(std::string_view message) const {
  SignatureBytes signature;
  crypto_sign_detached(output(signature), nullptr, input(message), message.size(), input(*bytes_));
  return signature;
}

bool is_signature_of(const SignatureBytes& signature, std::string_view message, const PublicKey& key) {
  return crypto_sign_verify_detached(input(signature), input(message), message.size(), input(key.bytes)) == 0;
}

std::expected<PublicKey, Diagnostic> read_public_key(const std::string& path) {
  KeyLine line;
  if (auto read = read_line(line, path, Eyes::kAnybody); !read) return std::unexpected(std::move(read.error()));
  PublicKey key;
  if (!line.get(kPublicKind, key.bytes)) return not_a_key(path, kPublicKind);
  return key;
}

std::expected<void, Diagnostic> write_public_key(const std::string& path, const PublicKey& key) {
  KeyLine line;
  line.set(kPublicKind, key.bytes);
  return write_line(line, path, Eyes::kAnybody);
}

}  // namespace writ::fleet
