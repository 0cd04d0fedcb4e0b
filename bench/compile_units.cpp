#include "bench/compile_units.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>
#include <writ/writ.hpp>

#include "bench/measure.h"
#include "bench/random.h"

namespace writ::bench {
namespace {

constexpr std::size_t kUnits = 10;
constexpr int kRules = 20;
constexpr int kRounds = 15;
constexpr std::size_t kReader = 3;  // the unit that reads the value
constexpr std::uint64_t kSampleOrders = 64;

struct Order {
  std::int64_t cents;
  std::string_view country;
  std::int64_t items;
  bool member;
};
constexpr std::array<std::string_view, 6> kCountries = {"de", "fr", "nl", "pl", "se", "us"};

std::string schema_text() {
  std::string text = R"(schema shop
record Order { cents: int(0..10_000_000), country: string(..2), items: int(0..1_000), member: bool }
tier standard { fuel 20_000  memory 32KiB  stack 16KiB }
)";
  for (std::size_t unit = 0; unit < kUnits; ++unit)
    text += fmt::format("slot fee{}(order: Order) -> int else 0\n", unit);
  return text;
}

std::string rule(Random& random) {
  switch (random.below(3)) {
    case 0:
      return fmt::format("order.cents in {}..{}", random.below(4'000), 4'000 + random.below(6'000));
    case 1:
      return fmt::format(R"(order.country in {{"{}", "x{}"}} && order.items > {})", kCountries[random.below(6)],
                         random.below(9), random.below(40));
    default:
      return fmt::format("order.member && order.cents * order.items > {}", random.below(200'000));
  }
}

std::string unit_text(std::size_t unit, std::uint64_t seed) {
  Random random(seed * kUnits + unit);
  std::string text = fmt::format("policy fees{} for shop\n", unit);
  if (unit == kReader) text += "config { least: int = 0 }\n";
  text += fmt::format("slot fee{}(order) = decide {{\n", unit);
  if (unit == kReader) text += "  -1 \"too small\" when order.cents < least\n";
  for (int number = 0; number < kRules; ++number) {
    fmt::format_to(std::back_inserter(text), "  {:4} \"rule {}\" when {}\n", random.below(1'000), number, rule(random));
  }
  return text + "  else 0\n}\n";
}

std::vector<Order> orders() {
  Random random(kSampleOrders);
  std::vector<Order> all;
  for (std::uint64_t i = 0; i < kSampleOrders; ++i) {
    all.push_back({.cents = static_cast<std::int64_t>(random.below(10'000)),
                   .country = kCountries[random.below(kCountries.size())],
                   .items = static_cast<std::int64_t>(random.below(50)),
                   .member = random.holds(50)});
  }
  return all;
}

class Shop {
 public:
  Shop() {
    for (std::size_t unit = 0; unit < kUnits; ++unit)
      slots_[unit] = std::make_unique<Slot>(engine_, fmt::format("fee{}", unit));
  }

  [[nodiscard]] writ::Stage stage() { return engine_.stage(); }

  /// Milliseconds until the stage's release answers; `wrong` takes why there is none.
  double commit(writ::Stage& stage, std::string& wrong) const {
    const std::int64_t start_ns = now_ns();
    const auto release = stage.commit();
    if (!release) {
      wrong = release.error().pretty();
      return 0;
    }
    (void)(*slots_[0])(Order{.cents = 1, .country = "de", .items = 1, .member = false});
    return static_cast<double>(now_ns() - start_ns) / 1e6;
  }

  /// Every unit's answers and reasons, as one text.
  [[nodiscard]] std::string answers(const std::vector<Order>& asked) const {
    std::string text;
    for (const auto& slot : slots_) {
      for (const Order& order : asked) {
        const auto answer = slot->try_call(order);
        text += answer ? fmt::format("{} {}\n", **answer, answer->reason()) : "a trap\n";
      }
    }
    return text;
  }

 private:
  using Slot = writ::Slot<std::int64_t(const Order&)>;
  writ::Engine engine_{writ::Schema::from_text(schema_text())};
  std::array<std::unique_ptr<Slot>, kUnits> slots_;
};

/// The texts that a release is made of, to compile them once more elsewhere.
struct Texts {
  std::array<std::string, kUnits> units;
  std::string document;

  void put(writ::Stage& stage, std::size_t unit) const { stage.source(fmt::format("fees{}.writ", unit), units[unit]); }
  void put_document(writ::Stage& stage) const { stage.config("values.toml", document); }
  void put_all(writ::Stage& stage) const {
    for (std::size_t unit = 0; unit < kUnits; ++unit) put(stage, unit);
    put_document(stage);
  }
};

struct Round {
  double full_ms;
  double one_unit_ms;
  double config_ms;
};

Round measure_round(Shop& shop, std::uint64_t seed, const std::vector<Order>& asked, std::string& wrong) {
  Round round{};
  Texts texts;
  const auto check = [&] {
    Shop whole;
    writ::Stage all = whole.stage();
    texts.put_all(all);
    (void)whole.commit(all, wrong);
    if (wrong.empty() && whole.answers(asked) != shop.answers(asked))
      wrong = "another compile of the same texts answers otherwise";
  };
  for (std::size_t unit = 0; unit < kUnits; ++unit) texts.units[unit] = unit_text(unit, seed);
  texts.document = fmt::format("[fees{}]\nleast = {}\n", kReader, 100 + seed);
  writ::Stage full = shop.stage();
  texts.put_all(full);
  round.full_ms = shop.commit(full, wrong);

  texts.units[0] = unit_text(0, seed + 1'000);
  writ::Stage one_unit = shop.stage();
  texts.put(one_unit, 0);
  round.one_unit_ms = shop.commit(one_unit, wrong);
  check();

  texts.document = fmt::format("[fees{}]\nleast = {}\n", kReader, 1'000 + seed);
  writ::Stage config = shop.stage();
  texts.put_document(config);
  round.config_ms = shop.commit(config, wrong);
  check();
  return round;
}

}  // namespace

UnitTimes measure_units(std::string& wrong) {
  Shop shop;
  const std::vector<Order> asked = orders();
  std::vector<double> full, one_unit, config, one_unit_ratio, config_ratio;
  // The first round warms the engine up: the parser's tables, the schema's else values.
  for (std::uint64_t seed = 0; seed <= kRounds && wrong.empty(); ++seed) {
    const Round round = measure_round(shop, seed, asked, wrong);
    if (seed == 0) continue;
    full.push_back(round.full_ms);
    one_unit.push_back(round.one_unit_ms);
    config.push_back(round.config_ms);
    one_unit_ratio.push_back(round.one_unit_ms / round.full_ms);
    config_ratio.push_back(round.config_ms / round.full_ms);
  }
  if (!wrong.empty()) return {};
  return {.full_ms = median(std::move(full)),
          .one_unit_ms = median(std::move(one_unit)),
          .config_ms = median(std::move(config)),
          .one_unit_over_full = median(std::move(one_unit_ratio)),
          .config_over_full = median(std::move(config_ratio))};
}

}  // namespace writ::bench
