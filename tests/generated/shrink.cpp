// A finding's bytes made fewer and smaller as long as something stays wrong.
#include <algorithm>
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
      for (Bytes CaseBytes::* const part : {&CaseBytes::unit, &CaseBytes::calls, &CaseBytes::world}) {
        better |= cut_end(part);
        better |= by_chunks(part, &remove);
        better |= by_chunks(part, &zero);
        better |= lower(part);
      }
    }
    return std::move(best_);
  }

 private:
  using Change = bool (*)(Bytes&, std::size_t at, std::size_t size);

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

  bool cut_end(Bytes CaseBytes::* part) {
    bool better = false;
    while (!(best_.bytes.*part).empty()) {
      CaseBytes fewer = best_.bytes;
      (fewer.*part).resize((fewer.*part).size() / 2);
      if (!is_kept(std::move(fewer))) return better;
      better = true;
    }
    return better;
  }

  bool by_chunks(Bytes CaseBytes::* part, Change change) {
    bool better = false;
    for (std::size_t size = std::max<std::size_t>((best_.bytes.*part).size() / 2, 1); size > 0; size /= 2) {
      for (std::size_t at = 0; at < (best_.bytes.*part).size();) {
        CaseBytes changed = best_.bytes;
        const std::size_t before = (changed.*part).size();
        const bool kept = change(changed.*part, at, size) && is_kept(std::move(changed));
        better |= kept;
        if (!kept || (best_.bytes.*part).size() == before) at += size;
      }
    }
    return better;
  }

  bool lower(Bytes CaseBytes::* part) {
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
