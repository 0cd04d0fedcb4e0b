#include "fleet/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>

#include "fleet/byte_form.h"
#include "support/check.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::fleet {
namespace {

namespace limits = support::limits;

std::size_t bytes_of(const GoldenDecision& decision) {
  std::size_t bytes = decision.slot.size() + decision.input.size() + decision.answer.size();
  for (const std::string& given : decision.given) bytes += given.size();
  return bytes;
}

/// Names stand in messages and on terminals.
bool is_text_name(std::string_view name) {
  return !name.empty() && name.size() <= static_cast<std::size_t>(limits::kTextNameBytes) &&
         support::printable(name) == name;
}

/// Adds up what all texts of a release share: their number, their bytes, their names.
class TextCount {
 public:
  [[nodiscard]] std::string add(const std::vector<NamedText>& texts) {
    for (const NamedText& text : texts) {
      if (!is_text_name(text.name))
        return fmt::format("`{}` cannot be the name of a text", support::printable(text.name));
      if (!names_.insert(text.name).second) return fmt::format("two texts are named {}", text.name);
      bytes_ += text.text.size();
    }
    if (names_.size() > static_cast<std::size_t>(limits::kUnits)) {
      return fmt::format("it holds more than {} texts", limits::kUnits);
    }
    if (bytes_ > static_cast<std::size_t>(limits::kReleaseBytes)) {
      return fmt::format("its texts are over the limit of {} bytes", limits::kReleaseBytes);
    }
    return "";
  }

 private:
  std::set<std::string_view> names_;
  std::size_t bytes_ = 0;
};

std::string fault_of(const std::vector<GoldenDecision>& golden) {
  if (golden.size() > static_cast<std::size_t>(limits::kGoldenDecisions)) {
    return fmt::format("it holds more than {} golden decisions", limits::kGoldenDecisions);
  }
  for (const GoldenDecision& decision : golden) {
    if (decision.answer.empty()) return "a golden decision has no answer";
    if (bytes_of(decision) > static_cast<std::size_t>(limits::kGoldenBytes)) {
      return fmt::format("a golden decision is over the limit of {} bytes", limits::kGoldenBytes);
    }
  }
  return "";
}

void write(ByteWriter& out, const std::vector<NamedText>& texts) {
  out.u32(texts.size());
  for (const NamedText& text : texts) {
    out.text(text.name);
    out.text(text.text);
  }
}

std::vector<NamedText> read_texts(ByteReader& in) {
  std::vector<NamedText> texts;
  for (std::uint32_t left = in.u32(); left > 0 && in.is_good(); --left) {
    NamedText text;
    text.name = in.text();
    text.text = in.text();
    texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::string> read_list(ByteReader& in) {
  std::vector<std::string> items;
  for (std::uint32_t left = in.u32(); left > 0 && in.is_good(); --left) items.emplace_back(in.text());
  return items;
}

std::vector<GoldenDecision> read_golden(ByteReader& in) {
  std::vector<GoldenDecision> golden;
  for (std::uint32_t left = in.u32(); left > 0 && in.is_good(); --left) {
    GoldenDecision decision;
    decision.slot = in.text();
    decision.input = in.text();
    decision.given = read_list(in);
    decision.answer = in.text();
    golden.push_back(std::move(decision));
  }
  return golden;
}

}  // namespace

std::string fault_of(const Content& content) {
  if (content.tier.size() > static_cast<std::size_t>(limits::kNameBytes)) return "the name of its tier is too long";
  TextCount count;
  for (const auto* texts : {&content.sources, &content.documents, &content.tests}) {
    std::string fault = count.add(*texts);
    if (!fault.empty()) return fault;
  }
  return fault_of(content.golden);
}

std::string encode(Content content) {
  WRIT_CHECK(fault_of(content).empty());
  std::ranges::sort(content.sources, {}, &NamedText::name);
  std::ranges::sort(content.tests, {}, &NamedText::name);
  ByteWriter out;
  out.text(content.tier);
  write(out, content.sources);
  write(out, content.documents);
  write(out, content.tests);
  out.u32(content.golden.size());
  for (const GoldenDecision& decision : content.golden) {
    out.text(decision.slot);
    out.text(decision.input);
    out.u32(decision.given.size());
    for (const std::string& given : decision.given) out.text(given);
    out.text(decision.answer);
  }
  return std::move(out).take();
}

std::expected<Content, std::string> decode_content(std::string_view bytes) {
  ByteReader in(bytes);
  Content content;
  content.tier = in.text();
  content.sources = read_texts(in);
  content.documents = read_texts(in);
  content.tests = read_texts(in);
  content.golden = read_golden(in);
  if (!in.is_at_end()) return std::unexpected("its lengths do not add up");
  std::string fault = fault_of(content);
  if (!fault.empty()) return std::unexpected(std::move(fault));
  for (const auto* texts : {&content.sources, &content.tests}) {
    if (!std::ranges::is_sorted(*texts, {}, &NamedText::name)) return std::unexpected("its texts are out of order");
  }
  return content;
}

}  // namespace writ::fleet
