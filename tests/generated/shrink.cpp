// A finding's bytes made fewer and smaller as long as something stays wrong.
#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "tests/generated/campaign.h"

namespace writ::tests {
namespace {

class Shrinker {
 public:
  Shrinker(Finding finding, int trials, const Tamper& tamper)
      : best_(std::move(finding)), trials_(trials), tamper_(tamper), refused_(is_refusal(best_)) {}

  Finding run() {
    bool better = true;
    while (better && trials_ > 0) {
      better = false;
      // Large pieces of every part before small ones of any: most of what is not needed goes in the first trials.
      for (std::size_t pieces = 1; pieces <= longest_part(); pieces *= 2) {
        for (const Part part : kParts) {
          better |= by_pieces(part, pieces, &zero);
          better |= by_pieces(part, pieces, &remove);
        }
      }
      for (const Part part : kParts) better |= lower(part);
    }
    return std::move(best_);
  }

 private:
  using Part = Bytes CaseBytes::*;
  using Change = bool (*)(Bytes&, std::size_t at, std::size_t size);
  static constexpr std::array<Part, 3> kParts = {&CaseBytes::unit, &CaseBytes::calls, &CaseBytes::world};

  [[nodiscard]] std::size_t longest_part() const {
    return std::ranges::max(kParts | std::views::transform([&](Part part) { return (best_.bytes.*part).size(); }));
  }

  static bool is_refusal(const Finding& finding) { return finding.what.starts_with("refused"); }

  static bool remove(Bytes& bytes, std::size_t at, std::size_t size) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, bytes.size() - at)));
    return true;
  }
  static bool zero(Bytes& bytes, std::size_t at, std::size_t size) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(size, bytes.size() - at));
    if (std::all_of(begin, end, [](std::uint8_t byte) { return byte == 0; })) return false;
    std::fill(begin, end, std::uint8_t{0});
    return true;
  }

  // A refusal that became a disagreement is another finding; fewer bytes may say more.
  bool is_kept(CaseBytes bytes) {
    if (trials_ <= 0) return false;
    --trials_;
    auto finding = judge(bytes, tamper_);
    if (!finding || is_refusal(*finding) != refused_ || finding->text.size() > best_.text.size()) return false;
    best_ = *std::move(finding);
    return true;
  }

  // From the end: what stands before a piece is read as it was, with or without it.
  bool by_pieces(Part part, std::size_t pieces, Change change) {
    bool better = false;
    const std::size_t size = (best_.bytes.*part).size() / pieces;
    if (size == 0) return false;
    for (std::size_t at = pieces * size; at >= size; at -= size) {
      CaseBytes changed = best_.bytes;
      better |= change(changed.*part, at - size, size) && is_kept(std::move(changed));
    }
    return better;
  }

  bool lower(Part part) {
    bool better = false;
    for (std::size_t at = 0; at < (best_.bytes.*part).size(); ++at) {
      const std::uint8_t old = (best_.bytes.*part)[at];
      for (const int smaller : {0, old / 2, old - 1}) {
        if (smaller < 0 || smaller >= old) continue;
        CaseBytes changed = best_.bytes;
        (changed.*part)[at] = static_cast<std::uint8_t>(smaller);
        if (!is_kept(std::move(changed))) continue;
        better = true;
        break;
      }
    }
    return better;
  }

  Finding best_;
  int trials_;
  const Tamper& tamper_;
  bool refused_;
};

}  // namespace

Finding shrink(Finding finding, int trials, const Tamper& tamper) {
  return Shrinker(std::move(finding), trials, tamper).run();
}

}  // namespace writ::tests
