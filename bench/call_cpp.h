// The work of the call bench by hand in C++: what its slots do, and nothing else.
#pragma once

#include <cstdint>

namespace writ::bench {

enum class Zone : std::uint8_t { near, far };  // NOLINT(readability-identifier-naming): the schema's words

/// The schema's `record Parcel`, read in place.
struct Parcel {
  std::int64_t grams;
  Zone zone;
  bool insured;
};

[[nodiscard]] std::int64_t fee(std::int64_t grams);
[[nodiscard]] std::int64_t parcel_fee(const Parcel& parcel);

}  // namespace writ::bench
