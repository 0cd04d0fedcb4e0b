#include "tools/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "support/diagnostic.h"

namespace writ::tools {
namespace {

constexpr std::size_t kCountedAnswers = 1000;  // distinct; more are counted together
constexpr std::size_t kShownAnswers = 8;
constexpr std::size_t kShownAnswerBytes = 40;

/// The median of what two readings of the clock are apart.
std::int64_t clock_cost() {
  Spread spread;
  for (int i = 0; i < 101; ++i) {
    const auto start = std::chrono::steady_clock::now();
    spread.add(std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());
  }
  return spread.median();
}

std::string shortened(std::string text) {
  if (text.size() <= kShownAnswerBytes) return text;
  std::size_t end = kShownAnswerBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

/// The most frequent first, and by name among equals.
template <typename Counts>
std::vector<std::pair<std::string, std::int64_t>> by_count(const Counts& counts) {
  std::vector<std::pair<std::string, std::int64_t>> rows(counts.begin(), counts.end());
  std::ranges::sort(rows, {}, [](const auto& row) { return std::tuple(-row.second, std::string_view(row.first)); });
  return rows;
}

template <typename Counts>
std::string listed(const Counts& counts, std::int64_t others) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [name, count] : by_count(counts)) {
    if (shown++ < kShownAnswers) {
      text += fmt::format("{}{} {}", text.empty() ? "" : " · ", shortened(name), count);
    } else {
      others += count;
    }
  }
  if (others != 0) text += fmt::format(" · others {}", others);
  return text;
}

template <typename Counts>
std::string json_counts(const Counts& counts) {
  std::vector<std::string> members;
  for (const auto& [name, count] : counts) members.push_back(fmt::format("{}: {}", support::json_quote(name), count));
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

}  // namespace

Summary::Summary(const ir::Program& program, ir::SlotId slot, const host::Budget& budget, std::string engine)
    : program_(program),
      result_(program.slots[slot].result),
      budget_(budget),
      engine_(std::move(engine)),
      clock_nanoseconds_(clock_cost()) {}

void Summary::add(const host::Decision& decision) {
  ++decisions_;
  fuel_.add(decision.outcome.fuel);
  memory_.add(decision.outcome.memory);
  nanoseconds_.add(std::max<std::int64_t>(decision.outcome.nanoseconds - clock_nanoseconds_, 0));
  if (decision.trap != runtime::Trap::kNone) ++traps_[std::string(runtime::trap_spelling(decision.trap))];
  std::string answer = decision.answer ? ir::literal_text(*decision.answer, result_, program_.types) : "(the host's)";
  if (const auto known = answers_.find(answer); known != answers_.end()) {
    ++known->second;
  } else if (answers_.size() < kCountedAnswers) {
    answers_.emplace(std::move(answer), 1);
  } else {
    ++other_answers_;
  }
}

std::string Summary::text(Format format, std::int64_t skipped_fields) const {
  return format == Format::kJson ? json(skipped_fields) : pretty(skipped_fields);
}

std::string Summary::pretty(std::int64_t skipped_fields) const {
  std::string text = fmt::format("decisions   {} by {}\n", decisions_, engine_);
  if (decisions_ != 0) {
    text += fmt::format("answers     {}\n", listed(answers_, other_answers_));
    if (has_traps()) text += fmt::format("traps       {}\n", listed(traps_, 0));
    text += fmt::format("fuel        median {}, most {} of {}\n", fuel_.median(), fuel_.most(), budget_.fuel);
    text +=
        fmt::format("memory      median {}, most {} of {} bytes\n", memory_.median(), memory_.most(), budget_.memory);
    text += fmt::format("time        {} ns a decision (median)\n", nanoseconds_.median());
  }
  if (mismatched_ != 0) text += fmt::format("mismatched  {} lines do not fit the slot\n", mismatched_);
  if (skipped_fields != 0) text += fmt::format("skipped     {} fields that the schema lacks\n", skipped_fields);
  return text;
}

std::string Summary::json(std::int64_t skipped_fields) const {
  return fmt::format(
      "{{\"decisions\": {}, \"engine\": {}, \"answers\": {}, \"other_answers\": {}, \"traps\": {}, "
      "\"fuel\": {{\"median\": {}, \"most\": {}, \"quota\": {}}}, "
      "\"memory\": {{\"median\": {}, \"most\": {}, \"quota\": {}}}, "
      "\"ns\": {{\"median\": {}}}, \"mismatched\": {}, \"skipped_fields\": {}}}\n",
      decisions_, support::json_quote(engine_), json_counts(answers_), other_answers_, json_counts(traps_),
      fuel_.median(), fuel_.most(), budget_.fuel, memory_.median(), memory_.most(), budget_.memory,
      nanoseconds_.median(), mismatched_, skipped_fields);
}

}  // namespace writ::tools
