// Values for the parameters of slots, by their types: inside the declared bounds, and often right at them.
//
// In: types, a seed, words and numbers that matter to the program. Out: values that any policy may be asked with. The same seed
// gives the same values. Sizes without bound stay small.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "ir/image.h"
#include "ir/program.h"

namespace writ::tests {

/// What a program compares with, looks up and searches for.
struct Vocabulary {
  std::vector<std::string> words;
  std::vector<std::int64_t> numbers;
};

/// The texts and ints in a program's constants and in the values of its knobs.
[[nodiscard]] Vocabulary vocabulary_of(const ir::Program& program, const ir::Config& config);

class InputMaker {
 public:
  InputMaker(const ir::Types& types, Vocabulary vocabulary, std::uint64_t seed);

  [[nodiscard]] ir::Value make(ir::TypeId type);
  /// The words of a value for each parameter, in `image`, which is reset. `seed` is the frame's hash_seed.
  [[nodiscard]] std::vector<std::uint64_t> make_words(const std::vector<ir::Local>& parameters, ir::Image& image,
                                                      std::uint64_t seed);

 private:
  /// How the sizes and numbers of one input are chosen.
  enum class Manner : std::uint8_t { kMost, kLeast, kAny };

  [[nodiscard]] std::uint64_t below(std::uint64_t end) { return random_() % end; }
  [[nodiscard]] std::int64_t size_of(const ir::Type& type);
  [[nodiscard]] std::int64_t number_of(const ir::Type& type);
  [[nodiscard]] std::string text_of(const ir::Type& type);
  [[nodiscard]] ir::Value plain(const ir::Type& type);
  [[nodiscard]] std::vector<ir::Value> keys(ir::TypeId type, std::int64_t count);

  const ir::Types& types_;
  Vocabulary vocabulary_;
  std::mt19937_64 random_;
  Manner manner_ = Manner::kAny;
};

}  // namespace writ::tests
