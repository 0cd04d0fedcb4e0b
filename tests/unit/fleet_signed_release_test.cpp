// What it takes to be a SignedRelease: every way to tamper with a file, and the code that refuses it.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "support/limits.h"
#include "tests/unit/fleet_fixture.h"

namespace writ::fleet {
namespace {

using support::Code;
namespace limits = support::limits;

/// `none` for a file that is taken.
std::string verdict(std::string_view bytes, const TrustedKeys& trusted) {
  const auto release = SignedRelease::verify(bytes, trusted);
  return release ? "none" : support::code_row(release.error().code).name;
}

class Tampering : public testing::Test {
 protected:
  SecretKey key_ = SecretKey::generate();
  SecretKey other_ = SecretKey::generate();
  TrustedKeys trusted_ = trusting({&key_, &other_}, 2);
  std::string file_ = signed_file({&key_, &other_});
};

TEST_F(Tampering, AnUntouchedFileIsTaken) {
  const auto release = SignedRelease::verify(file_, trusted_);
  ASSERT_TRUE(release) << release.error().message;
  Statement statement = some_statement();
  statement.content = hash_of(encode(some_content()));
  EXPECT_EQ(release->statement(), statement);
  EXPECT_EQ(release->content(), some_content());
  EXPECT_EQ(release->bytes(), file_);
  EXPECT_EQ(release->hash(), release_hash(encode(statement)));
}

TEST_F(Tampering, EveryBitFlippedIsRefused) {
  std::int64_t tried = 0;
  std::int64_t accepted = 0;
  for (std::size_t bit = 0; bit < file_.size() * 8; ++bit, ++tried) {
    std::string flipped = file_;
    flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    if (SignedRelease::verify(flipped, trusted_)) ++accepted;
  }
  EXPECT_GE(tried, 4'000);
  EXPECT_EQ(accepted, 0);
}

TEST_F(Tampering, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size < file_.size(); ++size) {
    EXPECT_NE(verdict(file_.substr(0, size), trusted_), "none") << size;
  }
}

}  // namespace
}  // namespace writ::fleet
