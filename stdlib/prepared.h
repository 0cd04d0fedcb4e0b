// What the constants of a release are made into for its built-ins: patterns compiled, words joined into one automaton.
//
// In: the constants that built-ins read in a grammar of their own, in the order of ir::Program::readings. Out: by number, what a
// built-in needs. Owned by the release and reached through Frame::prepared, so that code names them by number and a cached
// object holds no address. Made before the first call, then only read; any number of threads may call at once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stdlib/regex.h"
#include "stdlib/words.h"

namespace writ::stdlib {

/// Nothing: of a constant that is only judged.
using PreparedValue = std::variant<std::monostate, Regex, WordFinder>;

class Prepared {
 public:
  void add(PreparedValue value) { values_.push_back(std::move(value)); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] const PreparedValue& at(std::uint64_t number) const { return values_.at(number); }
  /// What a rule of fuel takes for its bytes: of a pattern, the size of its program.
  [[nodiscard]] std::int64_t cost(std::uint64_t number) const {
    const auto* const regex = std::get_if<Regex>(&values_.at(number));
    return regex == nullptr ? 0 : regex->cost();
  }

 private:
  std::vector<PreparedValue> values_;
};

}  // namespace writ::stdlib
