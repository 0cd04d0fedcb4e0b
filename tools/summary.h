// What a run of many decisions comes to: how many, which answers, which traps, what they used and took.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "host/call.h"
#include "ir/program.h"
#include "tools/console.h"
#include "tools/spread.h"

namespace writ::tools {

class Summary {
 public:
  Summary(const ir::Program& program, ir::SlotId slot, const host::Budget& budget, std::string engine);

  void add(const host::Decision& decision);
  void add_mismatch() { ++mismatched_; }

  [[nodiscard]] bool has_traps() const { return !traps_.empty(); }
  [[nodiscard]] bool has_mismatches() const { return mismatched_ != 0; }

  /// A few lines for people, or one JSON object.
  [[nodiscard]] std::string text(Format format, std::int64_t skipped_fields) const;

 private:
  using Counts = std::map<std::string, std::int64_t, std::less<>>;

  [[nodiscard]] std::string pretty(std::int64_t skipped_fields) const;
  [[nodiscard]] std::string json(std::int64_t skipped_fields) const;

  const ir::Program& program_;
  ir::TypeId result_;
  host::Budget budget_;
  std::string engine_;
  std::int64_t clock_nanoseconds_;  // what reading the clock adds to each figure
  std::int64_t decisions_ = 0;
  std::int64_t mismatched_ = 0;
  Counts answers_;
  std::int64_t other_answers_ = 0;  // beyond the distinct ones that are counted
  Counts traps_;
  Spread fuel_;
  Spread memory_;
  Spread nanoseconds_;
};

}  // namespace writ::tools
