#include "stdlib/words.h"

#include <algorithm>

namespace writ::stdlib {
namespace {

/// The words that begin with a node's bytes: a range of the sorted words.
struct Range {
  std::size_t begin;
  std::size_t end;
  std::size_t depth;
};

}  // namespace

WordFinder::WordFinder(std::vector<std::string_view> words) {
  std::ranges::sort(words);
  std::vector<Range> nodes{{0, words.size(), 0}};
  byte_.push_back(0);
  fallback_.push_back(0);
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    auto [begin, end, depth] = nodes[node];
    bool ends = ends_.size() > fallback_[node] && ends_[fallback_[node]];
    for (; begin < end && words[begin].size() == depth; ++begin) ends = true;
    ends_.push_back(ends);
    first_child_.push_back(static_cast<std::uint32_t>(nodes.size()));
    while (begin < end) {
      const char byte = words[begin][depth];
      std::size_t next = begin;
      while (next < end && words[next][depth] == byte) ++next;
      nodes.push_back({begin, next, depth + 1});
      byte_.push_back(static_cast<unsigned char>(byte));
      begin = next;
    }
    for (std::uint32_t made = first_child_[0]; node == 0 && made < nodes.size(); ++made) {
      children_of_root_[byte_[made]] = made;
    }
    // A fallback is less deep, so its children are known by now.
    for (std::uint32_t made = first_child_[node]; made < nodes.size(); ++made) {
      std::uint32_t suffix = fallback_[node];
      std::uint32_t found = node == 0 ? 0 : child(suffix, byte_[made]);
      while (found == 0 && suffix != 0) {
        suffix = fallback_[suffix];
        found = child(suffix, byte_[made]);
      }
      fallback_.push_back(found);
    }
  }
  first_child_.push_back(static_cast<std::uint32_t>(nodes.size()));
}

std::uint32_t WordFinder::child(std::uint32_t node, unsigned char byte) const {
  if (node == 0) return children_of_root_[byte];
  const auto begin = byte_.begin() + first_child_[node];
  const auto end = byte_.begin() + first_child_[node + 1];
  const auto found = std::lower_bound(begin, end, byte);
  return found == end || *found != byte ? 0 : static_cast<std::uint32_t>(found - byte_.begin());
}

bool WordFinder::is_any_in(std::string_view text) const {
  std::uint32_t node = 0;
  if (ends_[node]) return true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    std::uint32_t next = child(node, byte);
    while (next == 0 && node != 0) {
      node = fallback_[node];
      next = child(node, byte);
    }
    node = next;
    if (ends_[node]) return true;
  }
  return false;
}

}  // namespace writ::stdlib
