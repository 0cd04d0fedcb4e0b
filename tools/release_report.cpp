#include "tools/release_report.h"

#include <fmt/format.h>

#include <string_view>

#include "fleet/hash.h"
#include "stdlib/time.h"
#include "support/utf8.h"

namespace writ::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string row(std::string_view word, std::string_view value) { return fmt::format("{:<10} {}\n", word, value); }

std::string time_text(std::int64_t seconds) { return stdlib::format_timestamp(seconds * 1'000'000'000); }

std::string names_text(const std::vector<fleet::NamedText>& texts) {
  std::vector<std::string> names;
  for (const fleet::NamedText& text : texts) names.push_back(fmt::format("{} ({} bytes)", text.name, text.text.size()));
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

Json names_json(const std::vector<fleet::NamedText>& texts) {
  Json out = Json::array();
  for (const fleet::NamedText& text : texts) out.push_back({{"name", text.name}, {"bytes", text.text.size()}});
  return out;
}

}  // namespace

std::string statement_text(const fleet::Statement& statement, const fleet::Hash& release) {
  const bool is_first = statement.sequence == 1;
  std::string text = row("release", fleet::hex(release)) + row("channel", statement.channel) +
                     row("tenant", statement.tenant) + row("sequence", std::to_string(statement.sequence)) +
                     row("after", is_first ? "none: it is the first" : fleet::hex(statement.previous)) +
                     row("expires", time_text(statement.expires)) + row("schema", fleet::hex(statement.schema)) +
                     row("content", fleet::hex(statement.content)) +
                     row("engine", statement.minimum_engine + " or later");
  if (!statement.note.empty()) text += row("note", statement.note);
  return text;
}

Json statement_json(const fleet::Statement& statement, const fleet::Hash& release) {
  return {{"release", fleet::hex(release)},
          {"channel", statement.channel},
          {"tenant", statement.tenant},
          {"sequence", statement.sequence},
          {"previous", statement.sequence == 1 ? Json() : Json(fleet::hex(statement.previous))},
          {"expires", time_text(statement.expires)},
          {"schema", fleet::hex(statement.schema)},
          {"content", fleet::hex(statement.content)},
          {"minimum_engine", statement.minimum_engine},
          {"note", statement.note}};
}

std::string content_text(const fleet::Content& content) {
  return row("tier", content.tier.empty() ? "the schema's first" : support::printable(content.tier)) +
         row("sources", names_text(content.sources)) + row("config", names_text(content.documents)) +
         row("tests", names_text(content.tests)) + row("golden", fmt::format("{} decisions", content.golden.size()));
}

Json content_json(const fleet::Content& content) {
  Json golden = Json::array();
  for (const fleet::GoldenDecision& decision : content.golden) {
    golden.push_back(
        {{"slot", decision.slot}, {"input", decision.input}, {"given", decision.given}, {"answer", decision.answer}});
  }
  return {{"tier", content.tier},
          {"sources", names_json(content.sources)},
          {"config", names_json(content.documents)},
          {"tests", names_json(content.tests)},
          {"golden", std::move(golden)}};
}

std::string signers_text(const std::vector<fleet::Signature>& signatures) {
  if (signatures.empty()) return row("signed by", "nobody");
  std::string text;
  for (const fleet::Signature& signature : signatures) text += row("signed by", fleet::hex(signature.key.bytes));
  return text;
}

Json signers_json(const std::vector<fleet::Signature>& signatures) {
  Json out = Json::array();
  for (const fleet::Signature& signature : signatures) out.push_back(fleet::hex(signature.key.bytes));
  return out;
}

}  // namespace writ::tools
