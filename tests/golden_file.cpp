#include "tests/golden_file.h"

#include <algorithm>
#include <array>

namespace writ::tests {
namespace {

constexpr std::string_view kSectionMark = "//--- ";
constexpr std::string_view kDirectiveMark = "//! ";
constexpr std::array<std::string_view, 2> kClaimMarks = {"//~", "#~"};  // the second in TOML
constexpr std::array<std::string_view, 11> kDirectives = {"run", "schema", "input", "slot",    "limits", "config",
                                                          "set", "tier",   "given", "reaches", "warns"};
constexpr std::array<std::string_view, 2> kFindings = {"error", "warning"};
constexpr std::array<std::string_view, 2> kCode = {"has", "lacks"};

bool is_one_of(std::string_view word, const auto& words) { return std::ranges::count(words, word) != 0; }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

/// The first claim mark at or behind `from`; its length in `mark_size`.
std::size_t find_mark(std::string_view line, std::size_t from, std::size_t& mark_size) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view mark : kClaimMarks) {
    const std::size_t at = line.find(mark, from);
    if (at < first) {
      first = at;
      mark_size = mark.size();
    }
  }
  return first;
}

/// Whether a text holds nothing but line comments.
bool is_comment(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty() && !line.starts_with("//")) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

class Parser {
 public:
  explicit Parser(GoldenFile& file) : file_(file) {}

  void parse() {
    file_.sections.push_back({file_.name.substr(file_.name.rfind('/') + 1), {}});
    while (begin_ < file_.text.size()) {
      const std::size_t end = std::min(file_.text.find('\n', begin_), file_.text.size());
      ++line_;
      read_line(std::string_view(file_.text).substr(begin_, end - begin_), end < file_.text.size());
      begin_ = end + 1;
    }
    if (file_.calls.empty()) file_.calls.push_back({"{}", 0, {}});
    std::vector<Claim>& first = file_.calls.front().claims;
    first.insert(first.begin(), early_claims_.begin(), early_claims_.end());
    if (file_.sections.size() > 1 && is_comment(file_.sections.front().text)) {
      file_.sections.erase(file_.sections.begin());
    }
  }

 private:
  void read_line(std::string_view line, bool ended) {
    if (line.starts_with(kSectionMark)) {
      file_.sections.push_back(
          {std::string(trimmed(line.substr(kSectionMark.size()))), std::string(line_, '\n'), line_ + 1});
      return;
    }
    if (line.starts_with(kDirectiveMark)) read_directives(line);
    read_claims(line);
    // Directives and claims are comments to Writ, and a section of TOML holds none of the first.
    file_.sections.back().text += line;
    if (ended) file_.sections.back().text += '\n';
  }

  void read_directives(std::string_view line) {
    std::size_t unused = 0;
    line = line.substr(0, find_mark(line, kDirectiveMark.size(), unused));
    line.remove_prefix(kDirectiveMark.size());
    while (!line.empty()) {
      const std::size_t colon = line.find(':');
      const std::string key(trimmed(line.substr(0, colon)));
      line.remove_prefix(std::min(colon, line.size()));
      if (line.empty()) break;
      line.remove_prefix(1);
      const std::size_t end = next_directive(line);
      add_directive(key, std::string(trimmed(line.substr(0, end))));
      line.remove_prefix(end);
    }
  }

  /// Where the next `key:` begins: two blanks before it, and a key that we know.
  static std::size_t next_directive(std::string_view text) {
    for (std::size_t at = text.find("  "); at != std::string_view::npos; at = text.find("  ", at + 1)) {
      const std::string_view rest = trimmed(text.substr(at));
      if (is_one_of(rest.substr(0, rest.find(':')), kDirectives)) return at;
    }
    return text.size();
  }

  void add_directive(const std::string& key, std::string value) {
    if (key == "input") {
      file_.calls.push_back({std::move(value), line_, {}});
    } else {
      file_.directives.emplace(key, std::move(value));
    }
  }

  void read_claims(std::string_view line) {
    std::size_t mark_size = 0;
    std::size_t at = find_mark(line, 0, mark_size);
    while (at != std::string_view::npos) {
      std::size_t next_size = 0;
      const std::size_t next = find_mark(line, at + mark_size, next_size);
      add_claim(line, at, mark_size, std::min(next, line.size()));
      at = next;
      mark_size = next_size;
    }
  }

  void add_claim(std::string_view line, std::size_t at, std::size_t mark_size, std::size_t end) {
    std::string_view body = line.substr(at + mark_size, end - at - mark_size);
    std::uint32_t about = line_;
    while (body.starts_with('^')) {
      --about;
      body.remove_prefix(1);
    }
    body = trimmed(body);
    const std::size_t blank = std::min(body.find(' '), body.size());
    // The blanks before a claim are its own; those behind it are the next one's.
    const std::size_t before = line.substr(0, at).find_last_not_of(" \t");
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t last = line.substr(0, end).find_last_not_of(" \t\r") + 1;
    place({.key = std::string(body.substr(0, blank)),
           .rest = std::string(trimmed(body.substr(blank))),
           .line = about,
           .written = line_,
           .begin = begin_ + begin,
           .end = begin_ + last});
  }

  void place(Claim claim) {
    if (is_one_of(claim.key, kFindings)) {
      file_.findings.push_back(std::move(claim));
    } else if (is_one_of(claim.key, kCode)) {
      file_.code.push_back(std::move(claim));
    } else if (file_.calls.empty()) {
      early_claims_.push_back(std::move(claim));
    } else {
      file_.calls.back().claims.push_back(std::move(claim));
    }
  }

  GoldenFile& file_;
  std::vector<Claim> early_claims_;  // before any input: of the first call
  std::uint32_t line_ = 0;
  std::size_t begin_ = 0;  // of the current line in the text
};

}  // namespace

std::optional<std::string> GoldenFile::directive(std::string_view key) const {
  const auto found = directives.find(key);
  return found == directives.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> GoldenFile::directives_of(std::string_view key) const {
  std::vector<std::string> values;
  for (auto [at, end] = directives.equal_range(key); at != end; ++at) values.push_back(at->second);
  return values;
}

GoldenFile parse_golden(std::string name, std::string text) {
  GoldenFile file;
  file.name = std::move(name);
  file.text = std::move(text);
  Parser(file).parse();
  return file;
}

std::string edited(const GoldenFile& file, const std::vector<Edit>& edits) {
  std::multimap<std::size_t, const Edit*> in_order;  // those that begin at one place stay in theirs
  for (const Edit& edit : edits) in_order.emplace(edit.begin, &edit);
  std::string text;
  std::size_t at = 0;
  for (const auto& [begin, edit] : in_order) {
    text += file.text.substr(at, begin - at);
    text += edit->text;
    at = edit->end;
  }
  return text + file.text.substr(at);
}

Edit add_to_line(const GoldenFile& file, std::uint32_t line, std::string_view claim) {
  if (line == 0) {
    const bool ended = file.text.empty() || file.text.ends_with('\n');
    return {file.text.size(), file.text.size(), (ended ? "//~ " : "\n//~ ") + std::string(claim) + "\n"};
  }
  std::size_t begin = 0;
  for (std::uint32_t i = 1; i < line; ++i) begin = std::min(file.text.find('\n', begin), file.text.size() - 1) + 1;
  const std::size_t end = std::min(file.text.find('\n', begin), file.text.size());
  const auto holds_line = [&](const Section& section) { return section.first_line <= line; };
  const auto section = std::find_if(file.sections.rbegin(), file.sections.rend(), holds_line);
  const bool in_document = section != file.sections.rend() && section->is_document();
  return {end, end, (begin == end ? "" : "  ") + std::string(in_document ? "#~ " : "//~ ") + std::string(claim)};
}

}  // namespace writ::tests
