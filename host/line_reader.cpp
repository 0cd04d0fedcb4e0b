#include "host/line_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "support/limits.h"

namespace writ::host {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
constexpr auto kLineBytes = static_cast<std::size_t>(support::limits::kInputLineBytes);

}  // namespace

LineReader::LineReader(Descriptor file) : file_(std::move(file)), buffer_(kChunkBytes) {}

std::optional<InputLine> LineReader::next() {
  std::size_t searched = begin_;
  while (true) {
    const auto* const found = static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', end_ - searched));
    if (found != nullptr) {
      const auto end = static_cast<std::size_t>(found - buffer_.data());
      return take(end, end + 1);
    }
    if (end_ - begin_ > kLineBytes) {
      dropping_ = true;
      begin_ = end_;
    }
    const std::size_t kept = end_ - begin_;
    if (!fill()) break;
    searched = begin_ + kept;
  }
  if (error_ || (begin_ == end_ && !dropping_)) return std::nullopt;
  return take(end_, end_);
}

std::optional<std::int64_t> LineReader::total_bytes() const {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status.st_size;
}

bool LineReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() - end_ < kChunkBytes) buffer_.resize(buffer_.size() * 2);
  ssize_t got = 0;
  do {
    got = ::read(file_.get(), buffer_.data() + end_, buffer_.size() - end_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) error_ = std::strerror(errno);
  if (got <= 0) return false;
  end_ += static_cast<std::size_t>(got);
  bytes_read_ += got;
  return true;
}

InputLine LineReader::take(std::size_t end, std::size_t next_begin) {
  std::string_view text(buffer_.data() + begin_, end - begin_);
  if (text.ends_with('\r')) text.remove_suffix(1);
  begin_ = next_begin;
  const bool too_long = std::exchange(dropping_, false) || text.size() > kLineBytes;
  return {.number = ++number_, .text = too_long ? std::string_view{} : text, .too_long = too_long};
}

}  // namespace writ::host
