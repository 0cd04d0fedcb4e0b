#include "tools/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace writ::tools {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

/// 0, or the errno of the write that failed.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::string render(const support::Diagnostic& diagnostic, const support::SourceMap& sources, Format format,
                   support::Colour colour) {
  switch (format) {
    case Format::kPretty:
      return support::render_pretty(diagnostic, sources, colour) + "\n";
    case Format::kShort:
      return support::render_short(diagnostic, sources) + "\n";
    case Format::kJson:
      return support::render_json(diagnostic, sources) + "\n";
  }
  return {};
}

// Codes from 8000 on are about trust, those from 9000 on about files.
constexpr int kFirstTrustCode = 8000;
constexpr int kFirstFileCode = 9000;

}  // namespace

void Console::print(std::string_view text) {
  if (!is_open()) return;
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void Console::flush() {
  if (is_open()) error_ = write_all(STDOUT_FILENO, buffer_);
  buffer_.clear();
}

void Console::say(std::string_view line) { say_raw(fmt::format("{}\n", line)); }

void Console::say_raw(std::string_view text) {
  flush();
  // Nobody is left to be told that standard error cannot be written.
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void Console::put(Stream stream, std::string_view text) {
  if (stream == Stream::kAnswer) {
    print(text);
  } else {
    say_raw(text);
  }
}

void Console::report(const support::Diagnostics& diagnostics, const support::SourceMap& sources, Stream stream) {
  for (const support::Diagnostic& diagnostic : diagnostics.sorted()) report(diagnostic, sources, stream);
  if (diagnostics.suppressed() != 0 && format_ != Format::kJson) {
    put(stream, fmt::format("… and {} more errors\n", diagnostics.suppressed()));
  }
}

void Console::report(const support::Diagnostic& diagnostic, const support::SourceMap& sources, Stream stream) {
  put(stream, render(diagnostic, sources, format_, colour_));
}

ExitStatus Console::finish(ExitStatus status) {
  flush();
  if (error_ == 0 || error_ == EPIPE) return status;
  say(fmt::format("writ: cannot write to standard output: {}", std::strerror(error_)));
  return ExitStatus::kCouldNot;
}

ExitStatus status_of(support::Code code) {
  const int number = static_cast<int>(code);
  if (number >= kFirstFileCode) return ExitStatus::kCouldNot;
  return number >= kFirstTrustCode ? ExitStatus::kRefused : ExitStatus::kNo;
}

ExitStatus status_of(const support::Diagnostics& diagnostics) {
  if (!diagnostics.has_errors()) return ExitStatus::kYes;
  ExitStatus most = ExitStatus::kNo;
  for (const support::Diagnostic& diagnostic : diagnostics.sorted()) most = std::max(most, status_of(diagnostic.code));
  return most;
}

}  // namespace writ::tools
