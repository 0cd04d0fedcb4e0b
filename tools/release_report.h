// What a release file holds, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fleet/content.h"
#include "fleet/release_file.h"
#include "fleet/statement.h"

namespace writ::tools {

/// Lines `channel    edge`; each value is safe to print.
[[nodiscard]] std::string statement_text(const fleet::Statement& statement, const fleet::Hash& release);
[[nodiscard]] nlohmann::ordered_json statement_json(const fleet::Statement& statement, const fleet::Hash& release);

[[nodiscard]] std::string content_text(const fleet::Content& content);
[[nodiscard]] nlohmann::ordered_json content_json(const fleet::Content& content);

/// "signed by  5f3c…", a line each; whether they hold is not known here.
[[nodiscard]] std::string signers_text(const std::vector<fleet::Signature>& signatures);
[[nodiscard]] nlohmann::ordered_json signers_json(const std::vector<fleet::Signature>& signatures);

}  // namespace writ::tools
