#include "tools/golden_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "host/file.h"
#include "support/limits.h"

namespace writ::tools {
namespace {

using Json = nlohmann::json;
using support::Code;

/// One line at a time; what is wrong is reported at it.
class GoldenReader {
 public:
  GoldenReader(const support::SourceFile& file, support::Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  std::vector<GoldenLine> read() {
    std::vector<GoldenLine> lines;
    const std::string_view text = file_.text();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      span_ = {
          .source = file_.id(), .begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(end)};
      if (auto line = read_line(text.substr(begin, end - begin))) lines.push_back(*std::move(line));
      begin = end + 1;
    }
    return lines;
  }

 private:
  void refuse(Code code, std::string message) { diagnostics_.error(code, span_, std::move(message)); }

  std::optional<GoldenLine> read_line(std::string_view text) {
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) return std::nullopt;
    int depth_most = 0;
    const Json json = Json::parse(
        text,
        [&](int depth, Json::parse_event_t, Json&) {
          depth_most = std::max(depth_most, depth);
          return depth <= support::limits::kInputNesting;  // printing what is deeper would recurse
        },
        /*allow_exceptions=*/false);
    if (!json.is_object() || depth_most > support::limits::kInputNesting) {
      refuse(Code::kInputSyntax, "a golden decision is one JSON object, on a line of its own");
      return std::nullopt;
    }
    GoldenLine line{.decision = {}, .expected = Json::object(), .span = span_};
    for (const auto& [key, value] : json.items()) {
      if (!take(line, key, value)) return std::nullopt;
    }
    if (!line.decision.slot.empty() && !line.decision.input.empty()) return line;
    refuse(Code::kInputMismatch, "a golden decision has a `slot` and an `input`");
    return std::nullopt;
  }

  bool take(GoldenLine& line, const std::string& key, const Json& value) {
    if (key == "slot" && value.is_string()) {
      line.decision.slot = value.get<std::string>();
    } else if (key == "input" && value.is_object()) {
      line.decision.input = value.dump();
    } else if (key == "expect" && value.is_object()) {
      line.expected = value;
    } else if (key == "given" && value.is_array() && std::ranges::all_of(value, &Json::is_string)) {
      line.decision.given = value.get<std::vector<std::string>>();
    } else {
      refuse(Code::kInputMismatch,
             fmt::format("`{}` is not what a golden decision may have: \"slot\" (text), \"input\" "
                         "and \"expect\" (objects), \"given\" (list of texts)",
                         key));
      return false;
    }
    return true;
  }

  const support::SourceFile& file_;
  support::Diagnostics& diagnostics_;
  support::Span span_;  // of the line that is read
};

}  // namespace

std::optional<std::vector<GoldenLine>> read_golden(const std::string& path, support::SourceMap& sources,
                                                   support::Diagnostics& diagnostics) {
  auto text = host::read_file(path, support::limits::kDocumentBytes);
  if (!text) {
    const Code code = text.error().too_large ? Code::kFileTooLarge : Code::kUnreadableFile;
    diagnostics.error(code, {.source = sources.add(path, "").id()}, std::move(text.error().message));
    return std::nullopt;
  }
  const support::SourceFile& file = sources.add(path, *std::move(text));
  std::vector<GoldenLine> lines = GoldenReader(file, diagnostics).read();
  if (diagnostics.has_errors()) return std::nullopt;
  return lines;
}

void compare(const GoldenLine& line, const std::string& answer, support::Diagnostics& diagnostics) {
  const Json came = Json::parse(answer);
  for (const auto& [member, wanted] : line.expected.items()) {
    if (came.contains(member) && came[member] == wanted) continue;
    diagnostics.error(support::Code::kGoldenChanged, line.span,
                      fmt::format("slot `{}` gives {}, and \"{}\": {} is expected", line.decision.slot, answer, member,
                                  wanted.dump()));
    return;
  }
}

}  // namespace writ::tools
