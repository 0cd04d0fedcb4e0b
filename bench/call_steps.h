// What a plain call of a slot consists of, one step more each: below the public interface, for the table of the call bench.
#pragma once

#include <cstdint>
#include <memory>

#include "host/live_engine.h"
#include "jit/call.h"

namespace writ::bench {

inline constexpr const char* kPostSchema = R"(schema post
enum Zone { near, far }
record Parcel { grams: int(0..30_000), zone: Zone, insured: bool }
slot fee(grams: int(0..30_000)) -> int else 0
slot parcel_fee(parcel: Parcel) -> int else 0
tier standard { fuel 20_000  memory 32KiB  stack 16KiB }
)";

inline constexpr const char* kPostPolicy = R"(policy tariff for post
slot fee(grams) = grams * 3 + 250
slot parcel_fee(parcel) = parcel.grams * (parcel.zone == far ? 5 : 3) + (parcel.insured ? 400 : 250)
)";

/// The slot `fee` in an engine of its own. One thread's.
class Steps {
 public:
  Steps();

  /// Generated code alone, with its metering; nothing but fuel is prepared.
  std::int64_t in_native_code(std::int64_t grams) { return call(entry_, grams); }
  /// The same, found in the release that is published: a section around it.
  std::int64_t in_section(std::int64_t grams) {
    const host::ReadSection section;
    return call(slot_.site->running_release().slots()[slot_.id].call, grams);
  }
  /// Everything, without the public interface around it.
  std::int64_t by_engine(std::int64_t grams) {
    const auto argument = static_cast<std::uint64_t>(grams);
    ir::Words words;
    (void)host::ask_once(slot_, nullptr, &argument, words.data());
    return static_cast<std::int64_t>(words[0]);
  }

 private:
  std::int64_t call(jit::Entry entry, std::int64_t grams) {
    frame_.fuel = 20'000;
    const auto argument = static_cast<std::uint64_t>(grams);
    return static_cast<std::int64_t>(slot_.caller(entry, frame_, &argument).word);
  }

  std::unique_ptr<host::LiveEngine> engine_;
  host::LiveSlot slot_;
  jit::Entry entry_ = nullptr;
  runtime::Frame frame_{};
};

}  // namespace writ::bench
