#include "tests/generated/campaign.h"

#include <fmt/format.h>

#include <memory>
#include <random>
#include <span>
#include <utility>

#include "tests/generated/uncounted.h"
#include "tests/generated/unit_writer.h"

namespace writ::tests {
namespace {

constexpr int kQuestions = 4;  // a program is asked
constexpr std::size_t kWorldBytes = 96;
constexpr std::size_t kUnitBytes[] = {100, 200, 400, 700};  // many are small: more of them are run
constexpr std::size_t kCallBytes = 600;

/// The ways of writing that are held against the plain one.
constexpr Style kStyles[] = {{.prefix = "other_", .reversed = true, .split = false},
                             {.prefix = "", .reversed = false, .split = true},
                             {.prefix = "x", .reversed = true, .split = true}};

/// What is the same wherever the text of a program stands.
bool same_but_for_places(Answer a, Answer b) {
  a.place.clear();
  b.place.clear();
  return a == b;
}

bool same_but_for_fuel(Answer a, Answer b) {
  a.fuel = b.fuel = 0;
  return a == b;
}

/// Whether a call that was metered kept to what the proof says of its slot, `stack` being its quota.
bool is_within(const ir::CallBound& bound, const Question& question, const Answer& answer, std::int64_t stack) {
  using runtime::Trap;
  if (answer.memory > bound.memory) return false;
  if (answer.trap == Trap::kNone) return answer.fuel <= bound.fuel;  // after a trap the fuel is the quota
  if (answer.trap == Trap::kOutOfFuel) return question.fuel < bound.fuel;
  if (answer.trap == Trap::kOutOfMemory) return question.memory < bound.memory;
  return answer.trap != Trap::kStackOverflow || stack < bound.stack;
}

/// Written units with what they are asked.
class Judgement {
 public:
  Judgement(const Bytes& world, std::span<const Bytes> units, std::span<const Bytes> calls)
      : world_bytes_(world), world_(ByteSource(world)), calls_(calls) {
    for (const Bytes& each : units) {
      ByteSource bytes(each);
      units_.push_back(write_unit(world_, bytes, fmt::format("ask{}", units_.size())));
    }
    plain_ = render(world_, units_, {});
  }

  [[nodiscard]] std::string text() const { return shown(plain_); }

  /// What is wrong first. `broken`: the units whose answers differ; all of them when there is no release.
  std::optional<std::string> run(std::span<const Style> styles, const Tamper& tamper, Coverage* coverage,
                                 std::vector<std::size_t>& broken) {
    const auto fail = [&](std::string what) {
      for (std::size_t i = 0; i < units_.size(); ++i) broken.push_back(i);
      return what;
    };
    const auto ways = FiveWays::make(plain_, ByteSource(world_bytes_));
    if (!ways) return fail("refused: " + ways.error());
    std::vector<std::unique_ptr<OneWay>> others;
    for (const Style& style : styles) {
      const Texts restyled = render(world_, units_, style);
      auto other = OneWay::make(restyled, ByteSource(world_bytes_));
      if (!other) return fail("refused: " + other.error() + "as\n" + shown(restyled));
      others.push_back(*std::move(other));
    }
    bounds_ = host::find_bounds((*ways)->program(), (*ways)->release().config);
    auto uncounted = Uncounted::make(world_, units_, (*ways)->program(), bounds_, ByteSource(world_bytes_));
    if (!uncounted) return fail("refused without counters: " + uncounted.error());
    if (coverage != nullptr) coverage->add((*ways)->program(), bounds_);
    std::optional<std::string> first;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      auto wrong = ask(**ways, *uncounted, others, static_cast<ir::SlotId>(i), tamper, coverage);
      if (!wrong) continue;
      broken.push_back(i);
      if (!first) first = std::move(wrong);
    }
    return first;
  }

 private:
  std::optional<std::string> ask(FiveWays& ways, Uncounted& uncounted, std::span<const std::unique_ptr<OneWay>> others,
                                 ir::SlotId slot, const Tamper& tamper, Coverage* coverage) {
    ByteSource bytes(calls_[slot]);
    for (int i = 0; i < kQuestions; ++i) {
      const Question question = make_question(ways.program(), slot, bytes);
      auto answers = ways.ask(question);
      if (tamper) {
        for (std::size_t way = 0; way < kWayCount; ++way) tamper(way, answers[way]);
      }
      if (coverage != nullptr) coverage->add(answers[0].trap);
      const auto said = [&](std::string_view who, const Answer& answer) {
        return fmt::format("{}\n  {}: {}\n  {}: {}", text_of(question, ways.program()), kWays[0], text_of(answers[0]),
                           who, text_of(answer));
      };
      for (std::size_t way = 1; way < kWayCount; ++way) {
        if (answers[way] != answers[0]) return said(kWays[way], answers[way]);
      }
      const ir::CallBound& bound = *bounds_[slot];
      if (!is_within(bound, question, answers[0], ways.release().budget.stack)) {
        return fmt::format("{}\n  {}: {}\n  proved: fuel {}, memory {}, stack {}", text_of(question, ways.program()),
                           kWays[0], text_of(answers[0]), bound.fuel, bound.memory, bound.stack);
      }
      if (answers[0].trap != runtime::Trap::kOutOfFuel) {
        const auto answer = uncounted.ask(question);
        if (answer && !same_but_for_fuel(*answer, answers[0])) return said("uncounted", *answer);
      }
      for (const auto& other : others) {
        const Answer restyled = other->ask(question);
        if (!same_but_for_places(restyled, answers[0])) return said("written otherwise", restyled);
      }
    }
    return std::nullopt;
  }

  const Bytes& world_bytes_;
  World world_;
  std::span<const Bytes> calls_;
  std::vector<WrittenUnit> units_;
  Texts plain_;
  host::SlotBounds bounds_;
};

}  // namespace

std::string text_of(const CaseBytes& bytes) {
  return Judgement(bytes.world, {&bytes.unit, 1}, {&bytes.calls, 1}).text();
}

std::optional<Finding> judge(const CaseBytes& bytes, const Tamper& tamper) {
  Judgement judgement(bytes.world, {&bytes.unit, 1}, {&bytes.calls, 1});
  std::vector<std::size_t> broken;
  auto wrong = judgement.run(kStyles, tamper, nullptr, broken);
  if (!wrong) return std::nullopt;
  return Finding{.bytes = bytes, .what = *std::move(wrong), .text = judgement.text()};
}

std::vector<Finding> run_batch(const Batch& batch, std::uint32_t style, Coverage& coverage) {
  std::vector<std::size_t> broken;
  std::optional<std::string> wrong;
  std::string text;
  {
    Judgement judgement(batch.world, batch.units, batch.calls);
    wrong = judgement.run({&kStyles[style % std::size(kStyles)], 1}, {}, &coverage, broken);
    if (wrong) text = judgement.text();
  }
  std::vector<Finding> findings;
  for (const std::size_t i : broken) {
    auto finding = judge({.world = batch.world, .unit = batch.units[i], .calls = batch.calls[i]});
    if (finding) findings.push_back(*std::move(finding));
  }
  // Only together is something wrong with them.
  if (wrong && findings.empty()) findings.push_back({.bytes = {}, .what = *wrong, .text = text});
  return findings;
}

Batch make_batch(std::uint64_t seed, std::uint64_t number, std::size_t programs) {
  std::mt19937_64 random(seed * 0x9E37'79B9'7F4A'7C15 + number);
  const auto drawn = [&](std::size_t count) {
    Bytes bytes(count);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
  };
  Batch batch{.world = drawn(kWorldBytes), .units = {}, .calls = {}};
  for (std::size_t i = 0; i < programs; ++i) {
    batch.units.push_back(drawn(kUnitBytes[i % std::size(kUnitBytes)]));
    batch.calls.push_back(drawn(kCallBytes));
  }
  return batch;
}

}  // namespace writ::tests
