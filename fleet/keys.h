// Ed25519 keys and signatures, and the files that keys are kept in.
//
// A key file is one line: `writ-public-key-1 ` or `writ-secret-key-1 `, then 64 hexadecimal digits. A secret's file is made for
// its owner's eyes alone and is refused when others may read it; no file is ever written over. A SecretKey wipes its memory at
// the end of its life and has no text form but that file. libsodium does the arithmetic; signatures are checked strictly, so
// that one key has one signature of one message.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostic.h"

namespace writ::fleet {

struct PublicKey {
  std::array<std::byte, 32> bytes{};
  auto operator<=>(const PublicKey&) const = default;
};

/// Whose signatures count, and how many of them a release needs: k of n distinct keys.
struct TrustedKeys {
  std::vector<PublicKey> keys;
  unsigned threshold = 1;  // 0 counts as 1
};

using SignatureBytes = std::array<std::byte, 64>;

class SecretKey {
 public:
  [[nodiscard]] static SecretKey generate();
  [[nodiscard]] static std::expected<SecretKey, support::Diagnostic> read_file(const std::string& path);
  /// Mode 0600, synced to disk; an error when the file is there already.
  [[nodiscard]] std::expected<void, support::Diagnostic> write_file(const std::string& path) const;

  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] SignatureBytes sign(std::string_view message) const;

 private:
  using Bytes = std::array<std::byte, 64>;  // seed and public key, as libsodium keeps them
  struct Wipe {
    void operator()(Bytes* bytes) const;
  };
  explicit SecretKey(std::unique_ptr<Bytes, Wipe> bytes) : bytes_(std::move(bytes)) {}
  std::unique_ptr<Bytes, Wipe> bytes_;
};

[[nodiscard]] bool is_signature_of(const SignatureBytes& signature, std::string_view message, const PublicKey& key);

[[nodiscard]] std::expected<PublicKey, support::Diagnostic> read_public_key(const std::string& path);
/// An error when the file is there already.
[[nodiscard]] std::expected<void, support::Diagnostic> write_public_key(const std::string& path, const PublicKey& key);

}  // namespace writ::fleet
