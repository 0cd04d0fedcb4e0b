// YAML to the neutral tree: the core schema of YAML 1.2 without tags, anchors and aliases, one document a text. The one file that
// sees yaml-cpp, whose exceptions end here.
//
// yaml-cpp hands over events. Its own tree would share aliased nodes (the billion laughs), keep no places of keys, and let a key
// stand twice. It stops at 500 levels, far below any stack.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>
#include <sstream>
#include <string>
#include <utility>

#include "frontend/document.h"
#include "support/limits.h"

namespace writ::frontend::document {
namespace {

using support::Code;
using support::Diagnostics;
using support::SourceFile;
using Value = decltype(Node::value);

// ---- scalars -----------------------------------------------------------------------------------

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_sign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

/// The base that a whole number of the core schema is written in, with its digits; 0: it is none.
std::pair<int, std::string_view> whole_digits(std::string_view text) {
  const auto all = [](std::string_view digits, std::string_view allowed) {
    return !digits.empty() && digits.find_first_not_of(allowed) == std::string_view::npos;
  };
  if (text.starts_with("0x") && all(text.substr(2), "0123456789abcdefABCDEF")) return {16, text.substr(2)};
  if (text.starts_with("0o") && all(text.substr(2), "01234567")) return {8, text.substr(2)};
  const std::string_view digits = without_sign(text);
  return {all(digits, "0123456789") ? 10 : 0, digits};
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
bool is_real(std::string_view text) {
  text = without_sign(text);
  const auto skip_digits = [&] {
    const std::size_t count = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    text.remove_prefix(count);
    return count;
  };
  const std::size_t before = skip_digits();
  std::size_t after = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    after = skip_digits();
  }
  if (before + after == 0) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text = without_sign(text.substr(1));
  return skip_digits() != 0 && text.empty();
}

/// What a plain scalar of the core schema stands for; nothing: a number that no type of Writ holds.
std::optional<Value> plain_value(std::string_view text) {
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  const bool negative = text.starts_with('-');
  if (const auto [base, digits] = whole_digits(text); base != 0) {
    Integer whole{negative, 0};
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), whole.magnitude, base);
    return read.ec == std::errc{} ? std::optional<Value>(whole) : std::nullopt;
  }
  const std::string_view magnitude = without_sign(text);
  if (is_real(text)) {
    double real = 0;
    const auto read = std::from_chars(magnitude.data(), magnitude.data() + magnitude.size(), real);
    return read.ec == std::errc{} ? std::optional<Value>(negative ? -real : real) : std::nullopt;
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (is_one_of(magnitude, {".inf", ".Inf", ".INF"})) return negative ? -kInfinity : kInfinity;
  if (is_one_of(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  return std::string(text);
}

// ---- the tree ----------------------------------------------------------------------------------

class YamlReader : public YAML::EventHandler {
 public:
  YamlReader(const SourceFile& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics), values_(source, diagnostics) {}

  std::optional<Node> read() {
    std::istringstream text{std::string(source_.text())};
    try {
      YAML::Parser parser(text);
      while (!failed_ && parser.HandleNextDocument(*this)) {
      }
    } catch (const YAML::ParserException& error) {
      // Deep nesting was told before yaml-cpp saw it.
      if (!failed_) wrong(span(error.mark), "the document is not YAML: " + error.msg);
    } catch (const std::exception& error) {
      wrong({source_.id(), 0, 0}, fmt::format("the document cannot be read: {}", error.what()));
    }
    if (failed_) return std::nullopt;
    if (!root_ || std::holds_alternative<Absent>(root_->value)) return Node{{source_.id(), 0, 0}, Table{}};
    if (std::holds_alternative<Table>(root_->value)) return std::move(root_);
    wrong(root_->span, "a document is a mapping with a key for each unit");
    return std::nullopt;
  }

  // ---- events ----------------------------------------------------------------------------------

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) wrong(span(mark), "a text holds one document, and here a second begins");
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override { refuse_anchor(mark, name); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark, {}); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (expects_key()) return wrong(span(mark), "a key is a text: put it in quotes");
    add({span(mark), Absent{}});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& text) override {
    const Span place = scalar_span(mark, text);
    if (!is_untagged(place, tag)) return;
    // yaml-cpp takes a quote that the text ends in for an empty text.
    if (is_one_of(source_.text(place), {"\"", "'"})) return wrong(place, "this text has no closing quote");
    if (expects_key()) {
      open_.back().key = Key{text, place};
      return;
    }
    if (tag != kPlain) return add({place, text});
    auto value = plain_value(text);
    if (!value) return wrong(place, "this is a number that no type of Writ holds");
    add({place, *std::move(value)});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Array{});
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, tag, Table{});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  static constexpr std::string_view kPlain = "?";   // the tag of what has none
  static constexpr std::string_view kQuoted = "!";  // and of a text in quotes

  struct Open {
    Node node;
    std::optional<Key> key;  // of a mapping: what waits for its value
  };

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && std::holds_alternative<Table>(open_.back().node.value) && !open_.back().key;
  }

  void open(const YAML::Mark& mark, const std::string& tag, Value container) {
    const Span place = span(mark);
    if (failed_ || !is_untagged(place, tag)) return;
    if (expects_key()) return wrong(place, "a key is a text, no list and no mapping");
    if (std::ssize(open_) > support::limits::kInputNesting) {
      failed_ = true;
      return report_too_deep(source_, place.begin, diagnostics_);
    }
    open_.push_back({{place, std::move(container)}, {}});
  }

  void close() {
    if (failed_) return;
    Node done = std::move(open_.back().node);
    open_.pop_back();
    if (const auto* table = std::get_if<Table>(&done.value)) failed_ |= !has_unique_keys(*table, diagnostics_);
    add(std::move(done));
  }

  void add(Node node) {
    if (failed_) return;
    failed_ = !values_.add(node.span.begin);
    if (failed_) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& holder = open_.back();
    if (auto* array = std::get_if<Array>(&holder.node.value)) {
      array->items.push_back(std::move(node));
      return;
    }
    std::get<Table>(holder.node.value)
        .members.push_back({std::move(holder.key->text), holder.key->span, std::move(node)});
    holder.key.reset();
  }

  // ---- places ----------------------------------------------------------------------------------

  [[nodiscard]] std::uint32_t offset(const YAML::Mark& mark) const {
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(mark.pos, 0, static_cast<std::int64_t>(source_.text().size())));
  }
  [[nodiscard]] Span span(const YAML::Mark& mark) const { return {source_.id(), offset(mark), offset(mark) + 1}; }

  /// A text in quotes to its closing one; a plain one to its end, unless it goes over several lines.
  [[nodiscard]] Span scalar_span(const YAML::Mark& mark, std::string_view value) const {
    Span place = span(mark);
    const std::string_view rest = source_.text().substr(place.begin);
    if (rest.starts_with(value) && !value.empty()) {
      place.end = place.begin + static_cast<std::uint32_t>(value.size());
    } else if (rest.starts_with('"') || rest.starts_with('\'')) {
      std::size_t at = 1;
      while (at < rest.size() && rest[at] != rest[0]) at += rest[0] == '"' && rest[at] == '\\' ? 2 : 1;
      place.end = place.begin + static_cast<std::uint32_t>(std::min(at + 1, rest.size()));
    }
    return place;
  }

  // ---- errors ----------------------------------------------------------------------------------

  // Only the first is told: yaml-cpp reads on after an event that we refuse.
  void wrong(Span place, std::string message) {
    if (!failed_) diagnostics_.error(Code::kConfigSyntax, place, std::move(message));
    failed_ = true;
  }

  void refuse_anchor(const YAML::Mark& mark, const std::string& name) {
    wrong(span(mark), name.empty() ? "an alias: documents have no anchors, so write the value out"
                                   : fmt::format("the anchor `{}`: documents have none, so write the value out", name));
  }

  bool is_untagged(Span place, std::string_view tag) {
    if (tag.empty() || tag == kPlain || tag == kQuoted) return true;
    wrong(place, "a tag: the config's types say what a value is");
    return false;
  }

  const SourceFile& source_;
  Diagnostics& diagnostics_;
  ValueCount values_;
  std::vector<Open> open_;
  std::optional<Node> root_;
  bool failed_ = false;
};

}  // namespace

std::optional<Node> read_yaml(const SourceFile& source, Diagnostics& diagnostics) {
  return YamlReader(source, diagnostics).read();
}

}  // namespace writ::frontend::document
