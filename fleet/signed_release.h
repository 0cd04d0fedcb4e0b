// A release that trusted keys signed. Whoever takes a SignedRelease takes nothing else: verify() is the only way to one.
//
// In: a file's bytes and the keys that count. Out: the release, or why it is refused. Every signature in the file must be of a
// trusted key and hold; then the statement is read, its content hash compared, and only then the content is parsed. So no byte
// of a file can change without a refusal. Judges neither time nor place: judge.h does.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "fleet/content.h"
#include "fleet/hash.h"
#include "fleet/keys.h"
#include "fleet/statement.h"
#include "support/diagnostic.h"

namespace writ::fleet {

class SignedRelease {
 public:
  [[nodiscard]] static std::expected<SignedRelease, support::Diagnostic> verify(std::string_view bytes,
                                                                                const TrustedKeys& trusted);

  [[nodiscard]] const Statement& statement() const { return statement_; }
  [[nodiscard]] const Content& content() const { return content_; }
  /// The whole file.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  /// Its name: that of its statement, and so of its content; the same when another key signs it too.
  [[nodiscard]] const Hash& hash() const { return hash_; }

 private:
  SignedRelease(std::string bytes, Hash hash, Statement statement, Content content)
      : bytes_(std::move(bytes)), hash_(hash), statement_(std::move(statement)), content_(std::move(content)) {}

  std::string bytes_;
  Hash hash_;
  Statement statement_;
  Content content_;
};

}  // namespace writ::fleet
