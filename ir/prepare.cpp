#include "ir/prepare.h"

#include <utility>

#include "support/check.h"

namespace writ::ir {
namespace {

const Value* value_of(const ConstantReading& reading, const Program& program, const Config& config) {
  if (const auto* constant = std::get_if<ConstantRef>(&reading.constant)) {
    return &config.constant(program, constant->id).value;
  }
  const KnobId knob = std::get<KnobRef>(reading.constant).id;
  return config.values.empty() ? nullptr : &config.constant(program, config.values[knob]).value;
}

stdlib::PreparedValue made_of(stdlib::Reading reading, const Value& value) {
  switch (reading) {
    case stdlib::Reading::kPlain:
    case stdlib::Reading::kZone:
    case stdlib::Reading::kGlob:
      return {};
    case stdlib::Reading::kPattern:
    case stdlib::Reading::kExtraction: {
      auto regex = stdlib::Regex::make(std::get<std::string>(value.node));
      WRIT_CHECK(regex.has_value());
      return *std::move(regex);
    }
    case stdlib::Reading::kWords: {
      std::vector<std::string_view> words;
      for (const Value& item : std::get<Sequence>(value.node).items) words.push_back(std::get<std::string>(item.node));
      return stdlib::WordFinder(std::move(words));
    }
  }
  WRIT_UNREACHABLE();
}

stdlib::PreparedValue made_of(const ConstantReading& reading, const Program& program, const Config& config) {
  const Value* const value = value_of(reading, program, config);
  return value == nullptr ? stdlib::PreparedValue{} : made_of(reading.reading, *value);
}

}  // namespace

void prepare(stdlib::Prepared& prepared, const Program& program, const Config& config) {
  while (prepared.size() < program.readings.size()) {
    prepared.add(made_of(program.readings[prepared.size()], program, config));
  }
}

stdlib::Prepared prepare(const Program& program, const Config& config, const Slice& slice) {
  stdlib::Prepared prepared;
  for (const std::uint32_t number : slice.readings) {
    prepared.add(made_of(program.readings[number], program, config));
  }
  return prepared;
}

}  // namespace writ::ir
