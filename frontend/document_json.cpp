// JSON to the neutral tree. The one file of this folder that sees simdjson.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "frontend/document.h"
#include "support/limits.h"

namespace writ::frontend::document {
namespace {

namespace json = simdjson::ondemand;
using support::Code;
using support::Diagnostics;
using support::SourceFile;

/// Where a string that begins behind its quote ends: at the closing quote.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

/// The opening quote of the string that takes the rest of the text.
std::size_t unclosed_string(std::string_view text) {
  std::size_t at = text.find('"');
  while (at < text.size()) {
    const std::size_t end = end_of_string(text, at + 1);
    if (end == text.size()) return at;
    at = text.find('"', end + 1);
  }
  return 0;
}

std::string reason_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return "it is empty";
    case simdjson::UNCLOSED_STRING:
      return "this string has no end";
    case simdjson::UNESCAPED_CHARS:
      return "a string holds a line end or a tab: write \\n or \\t";
    case simdjson::STRING_ERROR:
      return "this string holds an escape that JSON does not have";
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
      return "this is no number, or one that no type of Writ holds";
    case simdjson::TRAILING_CONTENT:
      return "something stands behind its end";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "it does not end in the brace that closes it";
    case simdjson::TAPE_ERROR:
      return "a comma, a colon, a key or a bracket is missing or too many here";
    default:
      return "here I expected a value";
  }
}

class JsonReader {
 public:
  JsonReader(const SourceFile& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics), padded_(source.text()), values_(source, diagnostics) {}

  std::optional<Node> read() {
    if (const auto error = parser_.iterate(padded_).get(document_)) return wrong_text(error);
    json::object root;
    if (const auto error = document_.get_object().get(root)) {
      if (error != simdjson::INCORRECT_TYPE) return wrong_here(error);
      diagnostics_.error(Code::kConfigSyntax, {source_.id(), 0, 1},
                         "a document is an object with a member for each unit");
      return std::nullopt;
    }
    auto units = object(root, 0);
    if (!units) return std::nullopt;
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) return wrong_here(simdjson::TRAILING_CONTENT);
    return Node{{source_.id(), 0, 1}, std::move(*units)};
  }

 private:
  using Result = std::optional<Node>;

  Result value(json::value value, std::int64_t depth) {
    const Span place = span(value.raw_json_token());
    if (!values_.add(place.begin)) return std::nullopt;
    json::json_type type{};
    if (const auto error = value.type().get(type)) return wrong(place, reason_of(error));
    switch (type) {
      case json::json_type::array: {
        json::array items;
        if (const auto error = value.get_array().get(items)) return wrong_here(error);
        return array(items, place, depth + 1);
      }
      case json::json_type::object: {
        json::object members;
        if (const auto error = value.get_object().get(members)) return wrong_here(error);
        auto table = object(members, depth + 1);
        return table ? Result(Node{place, std::move(*table)}) : std::nullopt;
      }
      case json::json_type::string: {
        std::string_view text;
        if (const auto error = value.get_string().get(text)) return wrong(place, reason_of(error));
        return Node{place, std::string(text)};
      }
      case json::json_type::number:
        return number(value, place);
      case json::json_type::boolean: {
        bool truth = false;
        if (value.get_bool().get(truth)) return wrong(place, reason_of(simdjson::N_ATOM_ERROR));
        return Node{place, truth};
      }
      case json::json_type::null: {
        bool null = false;
        if (value.is_null().get(null) || !null) return wrong(place, reason_of(simdjson::N_ATOM_ERROR));
        return Node{place, Absent{}};
      }
    }
    return std::nullopt;
  }

  // simdjson judges the grammar; what the number is we read ourselves, because it reads whole numbers that are out of range, and
  // ones of more than 19 digits, in ways of its own.
  Result number(json::value& value, Span place) {
    const std::string_view token = source_.text(place);
    double real = 0;
    if (const auto error = value.get_double().get(real)) return wrong(place, reason_of(error));
    if (token.find_first_of(".eE") != std::string_view::npos) {
      std::from_chars(token.data(), token.data() + token.size(), real);
      return Node{place, real};
    }
    Integer whole{token.starts_with('-'), 0};
    const char* const digits = token.data() + (whole.negative ? 1 : 0);
    const auto read = std::from_chars(digits, token.data() + token.size(), whole.magnitude);
    if (read.ec != std::errc{}) return wrong(place, reason_of(simdjson::NUMBER_OUT_OF_RANGE));
    return Node{place, whole};
  }

  Result array(json::array& items, Span place, std::int64_t depth) {
    if (!may_nest(place.begin, depth)) return std::nullopt;
    Array out;
    for (auto entry : items) {
      json::value item;
      if (const auto error = std::move(entry).get(item)) return wrong_here(error);
      auto node = value(item, depth);
      if (!node) return std::nullopt;
      out.items.push_back(std::move(*node));
    }
    return Node{place, std::move(out)};
  }

  std::optional<Table> object(json::object& members, std::int64_t depth) {
    Table out;
    for (auto entry : members) {
      json::field field;
      if (const auto error = std::move(entry).get(field)) {
        wrong_here(error);
        return std::nullopt;
      }
      const Span place = key_span(field.key().raw());
      if (!may_nest(place.begin, depth)) return std::nullopt;
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) {
        wrong(place, reason_of(error));
        return std::nullopt;
      }
      Member member{std::string(key), place, {}};
      auto node = value(field.value(), depth);
      if (!node) return std::nullopt;
      member.value = std::move(*node);
      out.members.push_back(std::move(member));
    }
    return has_unique_keys(out, diagnostics_) ? std::optional(std::move(out)) : std::nullopt;
  }

  bool may_nest(std::uint32_t begin, std::int64_t depth) {
    if (depth <= support::limits::kInputNesting) return true;
    report_too_deep(source_, begin, diagnostics_);
    return false;
  }

  // ---- places ----------------------------------------------------------------------------------

  [[nodiscard]] std::uint32_t offset(const char* at) const {
    const auto distance = static_cast<std::size_t>(at - padded_.data());
    return static_cast<std::uint32_t>(std::min(distance, source_.text().size()));
  }
  /// Of a token, which simdjson gives with the blanks behind it.
  [[nodiscard]] Span span(std::string_view token) const {
    const std::uint32_t begin = offset(token.begin());
    const std::uint32_t end = offset(token.begin() + token.find_last_not_of(" \t\r\n") + 1);
    return {source_.id(), begin, end};
  }
  [[nodiscard]] Span key_span(const char* behind_quote) const {
    const std::uint32_t begin = offset(behind_quote);
    return {source_.id(), begin - 1, static_cast<std::uint32_t>(end_of_string(source_.text(), begin) + 1)};
  }

  // ---- errors ----------------------------------------------------------------------------------

  Result wrong(Span place, const std::string& reason) {
    diagnostics_.error(Code::kConfigSyntax, place, "the document is not JSON: " + reason);
    return std::nullopt;
  }
  /// Where simdjson stands; at the end of the text where it misses the closing brace there.
  Result wrong_here(simdjson::error_code error) {
    const char* at = nullptr;
    const bool known = error != simdjson::INCOMPLETE_ARRAY_OR_OBJECT && !document_.current_location().get(at);
    const auto last = static_cast<std::uint32_t>(source_.text().find_last_not_of(" \t\r\n"));
    const std::uint32_t begin = known ? std::min(offset(at), last) : last;
    if (known && offset(at) > last) error = simdjson::INCOMPLETE_ARRAY_OR_OBJECT;
    return wrong({source_.id(), begin, begin + 1}, reason_of(error));
  }
  /// Before simdjson stands anywhere.
  Result wrong_text(simdjson::error_code error) {
    const std::size_t at = error == simdjson::UNCLOSED_STRING ? unclosed_string(source_.text()) : 0;
    const auto begin = static_cast<std::uint32_t>(at);
    return wrong({source_.id(), begin, begin + 1}, reason_of(error));
  }

  const SourceFile& source_;
  Diagnostics& diagnostics_;
  simdjson::padded_string padded_;
  json::parser parser_;
  json::document document_;
  ValueCount values_;
};

}  // namespace

std::optional<Node> read_json(const SourceFile& source, Diagnostics& diagnostics) {
  return JsonReader(source, diagnostics).read();
}

}  // namespace writ::frontend::document
