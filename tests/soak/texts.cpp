#include "tests/soak/texts.h"

#include <fmt/format.h>

#include <iterator>

namespace writ::soak {
namespace {

constexpr std::uint64_t kNamesOfABlock = 10;

/// A library of functions that `left` calls, each with names of every kind.
std::string library(std::uint64_t stamp, std::uint64_t blocks) {
  std::string text = fmt::format("library names_{} for soak\n", stamp);
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "config {{\n");
  for (std::uint64_t i = 0; i < blocks; ++i) fmt::format_to(out, "  key_{}_{}: int = {}\n", stamp, i, i);
  fmt::format_to(out, "}}\n");
  for (std::uint64_t i = 0; i < blocks; ++i) {
    fmt::format_to(out,
                   "enum Kind_{0}_{1} {{ red_{0}_{1}, green_{0}_{1}, blue_{0}_{1} }}\n"
                   "fn function_{0}_{1}(parameter_{0}_{1}: int) -> int {{\n"
                   "  let first_{0}_{1} = parameter_{0}_{1} % 16\n"
                   "  let second_{0}_{1} = first_{0}_{1} + key_{0}_{1}\n"
                   "  let third_{0}_{1} = second_{0}_{1} > 3 ? Kind_{0}_{1}.red_{0}_{1} : Kind_{0}_{1}.blue_{0}_{1}\n"
                   "  return third_{0}_{1} == Kind_{0}_{1}.green_{0}_{1} ? -1 : second_{0}_{1}\n"
                   "}}\n",
                   stamp, i);
  }
  return text;
}

std::string left(std::uint64_t stamp, std::uint64_t blocks) {
  std::string text = fmt::format("policy left_{} for soak\n", stamp);
  const auto out = std::back_inserter(text);
  if (blocks != 0) fmt::format_to(out, "use names_{}\n", stamp);
  fmt::format_to(out, "const STAMP = {}\nslot left(n) = decide {{\n", stamp);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    fmt::format_to(out, "  0 \"reason {0} {1}\" when names_{0}.function_{0}_{1}(n) < 0\n", stamp, i);
  }
  fmt::format_to(out,
                 "  else STAMP * 16 + n % 16 \"release {}\"\n}}\n"
                 "slot slow(n) {{\n  let waited = hosted.wait_for_swaps()\n  return STAMP + waited\n}}\n",
                 stamp);
  return text;
}

std::string right(std::uint64_t stamp) {
  return fmt::format("policy right_{0} for soak\nconst STAMP = {0}\nslot right(n) = STAMP * 16 + n % 16\n", stamp);
}

}  // namespace

std::vector<Text> texts_of(std::uint64_t stamp, std::uint64_t names) {
  const std::uint64_t blocks = (names + kNamesOfABlock - 1) / kNamesOfABlock;
  std::vector<Text> texts = {{fmt::format("left_{}.writ", stamp), left(stamp, blocks)},
                             {fmt::format("right_{}.writ", stamp), right(stamp)}};
  if (blocks != 0) texts.push_back({fmt::format("names_{}.writ", stamp), library(stamp, blocks)});
  return texts;
}

}  // namespace writ::soak
