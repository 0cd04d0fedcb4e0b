// The line reader at its boundaries: ends of lines, of chunks, of the file, and of what a line may hold.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "host/line_reader.h"
#include "support/limits.h"

namespace writ::host {
namespace {

/// A reader of a file with this text; the file has no name any more.
LineReader reader_of(const std::string& text) {
  std::string path = testing::TempDir() + "writ-lines-XXXXXX";
  const int fd = ::mkstemp(path.data());
  ::unlink(path.c_str());
  EXPECT_EQ(::pwrite(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return LineReader(Descriptor(fd));
}

std::vector<std::string> lines_of(const std::string& text) {
  LineReader reader = reader_of(text);
  std::vector<std::string> lines;
  while (const auto line = reader.next()) {
    EXPECT_EQ(line->number, static_cast<std::int64_t>(lines.size()) + 1);
    lines.push_back(line->too_long ? "too long" : std::string(line->text));
  }
  EXPECT_FALSE(reader.error().has_value());
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, ends_of_lines) {
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("a"), Lines{"a"});
  EXPECT_EQ(lines_of("a\n"), Lines{"a"});
  EXPECT_EQ(lines_of("\n\na"), (Lines{"", "", "a"}));
  EXPECT_EQ(lines_of("a\r\nb\r"), (Lines{"a", "b"}));
}

TEST(LineReader, lines_cross_chunks) {
  const std::string longer(100'000, 'x');
  EXPECT_EQ(lines_of("a\n" + longer + "\nb\n" + longer), (Lines{"a", longer, "b", longer}));
  std::string text;
  Lines expected;
  for (int i = 0; i < 50'000; ++i) {
    expected.push_back(std::to_string(i));
    text += expected.back() + "\n";
  }
  EXPECT_EQ(lines_of(text), expected);
}

TEST(LineReader, a_line_may_be_as_long_as_the_limit_and_no_longer) {
  const std::string longest(support::limits::kInputLineBytes, 'x');
  EXPECT_EQ(lines_of(longest + "\nb"), (Lines{longest, "b"}));
  EXPECT_EQ(lines_of(longest + "x\nb"), (Lines{"too long", "b"}));
  EXPECT_EQ(lines_of(longest + longest + longest + "\nb\n" + longest + "x"), (Lines{"too long", "b", "too long"}));
}

TEST(LineReader, a_file_that_cannot_be_read_is_told) {
  LineReader reader(Descriptor(::open(".", O_RDONLY | O_CLOEXEC)));
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_TRUE(reader.error().has_value());
}

}  // namespace
}  // namespace writ::host
