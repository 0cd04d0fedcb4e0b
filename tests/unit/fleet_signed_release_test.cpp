// What it takes to be a SignedRelease: every way to tamper with a file, and the code that refuses it.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "fleet/byte_form.h"
#include "support/limits.h"
#include "tests/unit/fleet_fixture.h"

namespace writ::fleet {
namespace {

using support::Code;
namespace limits = support::limits;

/// What verify says; kInternal for a file that is taken.
Code verdict(std::string_view bytes, const TrustedKeys& trusted) {
  const auto release = SignedRelease::verify(bytes, trusted);
  return release ? Code::kInternal : release.error().code;
}

/// Signs statement and content as they are, whatever they hold.
std::string signed_as_it_is(const SecretKey& key, Statement statement, std::string content) {
  statement.content = hash_of(content);
  ReleaseFile file{.statement = encode(statement), .signatures = {}, .content = std::move(content)};
  file.signatures.push_back({key.public_key(), key.sign(signed_message(file.statement))});
  return write(file);
}

class Tampering : public testing::Test {
 protected:
  [[nodiscard]] ReleaseFile parts() const { return *read_release_file(file_); }

  SecretKey key_ = SecretKey::generate();
  SecretKey other_ = SecretKey::generate();
  TrustedKeys trusted_ = trusting({&key_, &other_});
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

// One signature would do, so a bit of the other one is as good as any: none may change.
TEST_F(Tampering, EveryBitFlippedIsRefused) {
  std::int64_t tried = 0;
  std::int64_t accepted = 0;
  for (std::size_t bit = 0; bit < file_.size() * 8; ++bit, ++tried) {
    std::string flipped = file_;
    flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    if (verdict(flipped, trusted_) == Code::kInternal) ++accepted;
  }
  fmt::print("figure fleet.bitflips_tried {}\nfigure fleet.bitflips_accepted {}\n", tried, accepted);
  EXPECT_GE(tried, 8'000);
  EXPECT_EQ(accepted, 0);
}

TEST_F(Tampering, EveryTruncationAndEveryByteBehindTheEndIsRefused) {
  for (std::size_t size = 0; size < file_.size(); ++size) {
    EXPECT_EQ(verdict(file_.substr(0, size), trusted_), Code::kReleaseMalformed) << size;
  }
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(verdict(file_ + static_cast<char>(byte), trusted_), Code::kReleaseMalformed) << byte;
  }
}

TEST_F(Tampering, StrippedOfItsSignatures) {
  ReleaseFile file = parts();
  file.signatures.clear();
  EXPECT_EQ(verdict(write(file), trusted_), Code::kReleaseUnsigned);
  EXPECT_EQ(verdict(write(file), {.keys = trusted_.keys, .threshold = 0}), Code::kReleaseUnsigned);
}

TEST_F(Tampering, SignedByAnUnknownKeyBesideTrustedOnes) {
  EXPECT_EQ(verdict(file_, trusting({&key_})), Code::kReleaseUnknownKey);
  EXPECT_EQ(verdict(file_, {}), Code::kReleaseUnknownKey);
}

TEST_F(Tampering, SignedForAnotherStatement) {
  ReleaseFile file = parts();
  Statement statement = some_statement();
  statement.note = "another";
  file.signatures[0] = read_release_file(signed_file({&key_, &other_}, statement))->signatures[0];
  EXPECT_EQ(verdict(write(file), trusted_), Code::kReleaseBadSignature);
}

TEST_F(Tampering, KOfN) {
  const SecretKey third = SecretKey::generate();
  TrustedKeys three = trusting({&key_, &other_, &third}, 2);
  EXPECT_EQ(verdict(file_, three), Code::kInternal);
  EXPECT_EQ(verdict(signed_file({&third}), three), Code::kReleaseTooFewSignatures);
  three.threshold = 3;
  EXPECT_EQ(verdict(file_, three), Code::kReleaseTooFewSignatures);
}

TEST_F(Tampering, OneKeyCountsOnce) {
  ReleaseFile file = *read_release_file(signed_file({&key_, &key_}));
  EXPECT_EQ(file.signatures.size(), 1U);
  file.signatures.push_back(file.signatures.front());
  EXPECT_EQ(verdict(write(file), trusted_), Code::kReleaseMalformed);
}

TEST_F(Tampering, SignaturesOutOfOrder) {
  ReleaseFile file = parts();
  std::ranges::reverse(file.signatures);
  EXPECT_EQ(verdict(write(file), trusted_), Code::kReleaseMalformed);
}

TEST_F(Tampering, SwappedContent) {
  ReleaseFile file = parts();
  Content content = some_content();
  content.sources[0].text += " ";
  file.content = encode(content);
  EXPECT_EQ(verdict(write(file), trusted_), Code::kReleaseSwapped);
  EXPECT_EQ(sign(file, key_).error().code, Code::kReleaseSwapped);  // nor does anybody sign it
}

TEST_F(Tampering, AFileOverTheLimit) {
  file_.resize(static_cast<std::size_t>(limits::kReleaseFileBytes) + 1);
  EXPECT_EQ(verdict(file_, trusted_), Code::kReleaseTooLarge);
  file_.pop_back();
  EXPECT_EQ(verdict(file_, trusted_), Code::kReleaseMalformed);
}

TEST_F(Tampering, LengthsThatPromiseMoreThanThereIs) {
  for (std::size_t at = 8; at + 4 <= file_.size(); ++at) {  // 8: behind the magic
    std::string lying = file_;
    lying.replace(at, 4, "\xff\xff\xff\xff");
    EXPECT_NE(verdict(lying, trusted_), Code::kInternal) << at;
  }
}

TEST_F(Tampering, AsManySignaturesAsThereMayBeAndNoMore) {
  ReleaseFile file = make_request(some_statement(), some_content());
  TrustedKeys trusted;
  for (std::int64_t i = 0; i < limits::kSignatures; ++i) {
    const SecretKey key = SecretKey::generate();
    trusted.keys.push_back(key.public_key());
    EXPECT_TRUE(sign(file, key));
  }
  trusted.threshold = static_cast<unsigned>(limits::kSignatures);
  EXPECT_EQ(verdict(write(file), trusted), Code::kInternal);
  EXPECT_EQ(sign(file, key_).error().code, Code::kReleaseMalformed);
  file.signatures.push_back({.key = key_.public_key(), .bytes = {}});
  std::ranges::sort(file.signatures, {}, &Signature::key);
  EXPECT_EQ(verdict(write(file), trusted), Code::kReleaseMalformed);
}

TEST_F(Tampering, SignedContentThatIsNoContent) {
  EXPECT_EQ(verdict(signed_as_it_is(key_, some_statement(), "no content"), trusted_), Code::kReleaseContent);
  EXPECT_EQ(verdict(signed_as_it_is(key_, some_statement(), ""), trusted_), Code::kReleaseContent);
  std::string content = encode(some_content());
  EXPECT_EQ(verdict(signed_as_it_is(key_, some_statement(), content), trusted_), Code::kInternal);
  EXPECT_EQ(verdict(signed_as_it_is(key_, some_statement(), content + '\0'), trusted_), Code::kReleaseContent);
}

TEST_F(Tampering, ASignedStatementThatIsNoStatement) {
  ReleaseFile file{.statement = "edge", .signatures = {}, .content = ""};
  file.signatures.push_back({key_.public_key(), key_.sign(signed_message(file.statement))});
  EXPECT_EQ(verdict(write(file), trusted_), Code::kReleaseMalformed);
}

}  // namespace
}  // namespace writ::fleet
