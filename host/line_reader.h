// JSON lines from a file or a pipe, one at a time, in bounded memory.
//
// In: an open file. Out: lines without their ends, numbered from 1. A line over limits::kInputLineBytes is told and its text
// dropped. Judges nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/file.h"

namespace writ::host {

struct InputLine {
  std::int64_t number;
  std::string_view text;  // until the next line is asked for
  bool too_long = false;  // then the text is empty
};

class LineReader {
 public:
  explicit LineReader(Descriptor file);

  /// Nothing at the end of the file, or when it can no longer be read: then error() says why.
  [[nodiscard]] std::optional<InputLine> next();
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
  [[nodiscard]] std::int64_t bytes_read() const { return bytes_read_; }
  /// Bytes of the whole file, where that is known.
  [[nodiscard]] std::optional<std::int64_t> total_bytes() const;

 private:
  /// Reads more behind end_; false at the end of the file.
  bool fill();
  [[nodiscard]] InputLine take(std::size_t end, std::size_t next_begin);

  Descriptor file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of the line that comes next
  std::size_t end_ = 0;    // of what was read
  std::int64_t number_ = 0;
  std::int64_t bytes_read_ = 0;
  bool dropping_ = false;  // inside a line that is too long
  std::optional<std::string> error_;
};

}  // namespace writ::host
