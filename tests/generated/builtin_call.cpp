#include "tests/generated/builtin_call.h"

#include <array>
#include <string_view>

#include "support/check.h"

namespace writ::tests {

using ir::Kind;

namespace {

constexpr std::array<std::string_view, 5> kZones = {"UTC", "Europe/Berlin", "America/St_Johns", "-03:30", "14:00"};
constexpr std::array<std::string_view, 6> kGlobs = {"*", "", "a*", "**.js", "?[a-z]*", "/*/**"};
constexpr std::array<std::string_view, 6> kPatterns = {"a", "", "^a+b?", "[^/]*", "(a|b)*c", "(?i)x.{2,5}"};
constexpr std::array<std::string_view, 4> kExtractions = {"a", "(a+)", "x(.*)y", "^[0-9]+"};
constexpr std::array<std::string_view, 4> kWords = {"a", "", "ab", "b/ä"};

ir::Value text_value(std::string_view text) { return {std::string(text)}; }

}  // namespace

ir::TypeId type_of(const stdlib::Type& type, ir::Types& types) {
  if (type.kind == Kind::kList) return types.list(types.plain(type.element));
  if (type.kind == Kind::kSet) return types.set(types.plain(type.element));
  if (type.kind == Kind::kOptional) return types.optional(types.plain(type.element));
  return types.plain(type.kind);
}

std::string call_text(const stdlib::Builtin& row, std::span<const std::string> arguments) {
  if (row.name == "+") return "(" + arguments[0] + " + " + arguments[1] + ")";
  if (row.name.starts_with('%')) {
    // What else such a row takes is said by the clause itself.
    const bool has_precision = row.name == "%f" || row.name == "%e";
    return "\"%" + std::string(has_precision ? ".3" : "") + std::string(row.name.substr(1)) + "\".format([" +
           arguments[0] + "])";
  }
  std::string text = row.method ? arguments[0] + "." : "";
  text += std::string(row.name) + "(";
  const std::size_t first = row.method ? 1 : 0;
  for (std::size_t i = first; i < arguments.size(); ++i) text += (i == first ? "" : ", ") + arguments[i];
  return text + ")";
}

bool reads_text(const stdlib::Builtin& row) {
  const bool is_value = row.result.kind == Kind::kIp || row.result.kind == Kind::kCidr ||
                        row.result.kind == Kind::kTimestamp || row.result.kind == Kind::kDuration;
  return !row.method && is_value && row.parameter_count == 1 && row.parameters[0].kind == Kind::kString;
}

ir::Value readable_value(stdlib::Reading reading, ByteSource& bytes) {
  switch (reading) {
    case stdlib::Reading::kPlain:
      break;
    case stdlib::Reading::kZone:
      return text_value(bytes.pick(kZones));
    case stdlib::Reading::kGlob:
      return text_value(bytes.pick(kGlobs));
    case stdlib::Reading::kPattern:
      return text_value(bytes.pick(kPatterns));
    case stdlib::Reading::kExtraction:
      return text_value(bytes.pick(kExtractions));
    case stdlib::Reading::kWords: {
      ir::Sequence words{{text_value(bytes.pick(kWords))}};
      while (words.items.size() < 4 && bytes.chance(50)) words.items.push_back(text_value(bytes.pick(kWords)));
      return {std::move(words)};
    }
  }
  WRIT_UNREACHABLE();
}

}  // namespace writ::tests
