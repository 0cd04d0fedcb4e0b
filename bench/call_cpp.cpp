// A translation unit of its own, so that neither its caller nor the inputs are known when it is compiled.
#include "bench/call_cpp.h"

namespace writ::bench {

std::int64_t fee(std::int64_t grams) { return grams * 3 + 250; }

std::int64_t parcel_fee(const Parcel& parcel) {
  return parcel.grams * (parcel.zone == Zone::far ? 5 : 3) + (parcel.insured ? 400 : 250);
}

}  // namespace writ::bench
