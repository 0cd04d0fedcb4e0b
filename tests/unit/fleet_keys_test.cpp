// Key files and signatures.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fleet/hash.h"
#include "fleet/keys.h"

namespace writ::fleet {
namespace {

using support::Code;

class Keys : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "writ-keys-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path(name)) << text;
    ::chmod(path(name).c_str(), mode);
    return path(name);
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_;
};

// RFC 8032, section 7.1, test 1.
constexpr const char* kSeed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr const char* kPublic = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
constexpr const char* kSignatureOfNothing =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465"
    "5141"
    "438e7a100b";

TEST_F(Keys, SignAsTheStandardDoes) {
  const auto key = SecretKey::read_file(write("a.key", std::string("writ-secret-key-1 ") + kSeed + "\n"));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(hex(key->public_key().bytes), kPublic);
  EXPECT_EQ(hex(key->sign("")), kSignatureOfNothing);
  EXPECT_TRUE(is_signature_of(key->sign(""), "", key->public_key()));
  EXPECT_FALSE(is_signature_of(key->sign(""), "x", key->public_key()));
}

TEST_F(Keys, ComeBackFromTheirFiles) {
  const SecretKey key = SecretKey::generate();
  ASSERT_TRUE(key.write_file(path("a.key")));
  ASSERT_TRUE(write_public_key(path("a.pub"), key.public_key()));
  EXPECT_EQ(SecretKey::read_file(path("a.key"))->public_key(), key.public_key());
  EXPECT_EQ(*read_public_key(path("a.pub")), key.public_key());
  EXPECT_EQ(read(path("a.pub")), "writ-public-key-1 " + hex(key.public_key().bytes) + "\n");
  EXPECT_NE(SecretKey::generate().public_key(), key.public_key());
}

TEST_F(Keys, AreForTheirOwnersEyes) {
  ASSERT_TRUE(SecretKey::generate().write_file(path("a.key")));
  struct stat status{};
  ASSERT_EQ(::stat(path("a.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ::chmod(path("a.key").c_str(), 0640);
  const auto refused = SecretKey::read_file(path("a.key"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kBadKeyFile);
  EXPECT_EQ(refused.error().help, "chmod 600 " + path("a.key"));
}

TEST_F(Keys, AreNeverWrittenOver) {
  write("a.key", "dear");
  write("a.pub", "dear");
  EXPECT_EQ(SecretKey::generate().write_file(path("a.key")).error().code, Code::kUnwritableFile);
  EXPECT_EQ(write_public_key(path("a.pub"), {}).error().code, Code::kUnwritableFile);
  EXPECT_EQ(read(path("a.key")) + read(path("a.pub")), "deardear");
  std::filesystem::create_symlink(path("nowhere"), path("link.key"));
  EXPECT_FALSE(SecretKey::generate().write_file(path("link.key")));
}

TEST_F(Keys, AreNotTakenFromOtherFiles) {
  const std::string line = std::string("writ-public-key-1 ") + kPublic;
  EXPECT_TRUE(read_public_key(write("whole.pub", line + "\n")));
  EXPECT_TRUE(read_public_key(write("cut.pub", line)));  // an editor's slip that changes nothing
  for (const std::string& text :
       {std::string(), std::string("writ-public-key-1 "), line.substr(1), line.substr(0, line.size() - 1), line + "0",
        line + "\n\n", line + "\n" + line + "\n", std::string("writ-secret-key-1 ") + kPublic + "\n",
        std::string("writ-public-key-1 ") + std::string(64, 'x'), std::string(100'000, 'a')}) {
    const auto refused = read_public_key(write("bad.pub", text));
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::kBadKeyFile);
  }
  EXPECT_EQ(SecretKey::read_file(write("b.key", line + "\n")).error().code, Code::kBadKeyFile);
  EXPECT_EQ(read_public_key(path("none")).error().code, Code::kUnreadableFile);
  EXPECT_EQ(read_public_key(folder_.string()).error().code, Code::kUnreadableFile);
}

}  // namespace
}  // namespace writ::fleet
