// Many words looked for in one pass over a text.
//
// In: words. Out: whether a text holds one of them, in time linear in the text, however many there are. Source: Aho and Corasick,
// "Efficient string matching", CACM 18 (1975).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace writ::stdlib {

class WordFinder {
 public:
  explicit WordFinder(std::vector<std::string_view> words);
  [[nodiscard]] bool is_any_in(std::string_view text) const;

 private:
  [[nodiscard]] std::uint32_t child(std::uint32_t node, unsigned char byte) const;

  // The trie of the words, a node each, numbered by depth: the children of a node are the nodes first_child[node] up to
  // first_child[node + 1], in order of their bytes. Node 0 is the root.
  std::vector<std::uint32_t> first_child_;
  std::vector<unsigned char> byte_;
  std::array<std::uint32_t, 256> children_of_root_{};  // by byte: most bytes of a text begin no word
  std::vector<std::uint32_t> fallback_;                // the longest other suffix that is a node
  std::vector<bool> ends_;                             // a word ends here, or in a fallback
};

}  // namespace writ::stdlib
