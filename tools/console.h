// What a command says: the answer on standard output, talk on standard error, findings in the format asked for.
//
// Standard output is buffered here and every failure to write is kept, so that a full disk or a closed pipe is noticed and
// told once, at the end. A reader that has seen enough (`| head`) is no error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/diagnostic.h"
#include "support/source.h"
#include "tools/exit_status.h"

namespace writ::tools {

enum class Format : std::uint8_t { kPretty, kShort, kJson };

class Console {
 public:
  Console(Format format, support::Colour colour) : format_(format), colour_(colour) {}

  [[nodiscard]] Format format() const { return format_; }
  [[nodiscard]] support::Colour colour() const { return colour_; }

  void print(std::string_view text);
  /// One line on standard error.
  void say(std::string_view line);
  /// Text that ends with its own line end, on standard error.
  void say_raw(std::string_view text);

  /// All of `diagnostics`, sorted; on standard output where they are the answer.
  enum class Stream : std::uint8_t { kAnswer, kTalk };
  void report(const support::Diagnostics& diagnostics, const support::SourceMap& sources, Stream stream);
  void report(const support::Diagnostic& diagnostic, const support::SourceMap& sources, Stream stream);

  /// Whether writing still makes sense.
  [[nodiscard]] bool is_open() const { return error_ == 0; }
  /// Writes what is buffered and turns a failure of standard output into its status.
  [[nodiscard]] ExitStatus finish(ExitStatus status);

  /// Writes what is buffered.
  void flush();

 private:
  void put(Stream stream, std::string_view text);

  Format format_;
  support::Colour colour_;
  std::string buffer_;
  int error_ = 0;  // errno of the first failed write
};

/// What an error means for the exit status.
[[nodiscard]] ExitStatus status_of(support::Code code);
/// What diagnostics of a compilation mean for the exit status.
[[nodiscard]] ExitStatus status_of(const support::Diagnostics& diagnostics);

}  // namespace writ::tools
